"""Notes that many passes give, told shortly."""

from collections.abc import Sequence

__all__ = ["few"]

_MOST_NOTES = 5


def few(notes: Sequence[str]) -> tuple[str, ...]:
    """Give the first few of the notes on passes, and how many others there are."""
    rest = len(notes) - _MOST_NOTES
    return (*notes[:_MOST_NOTES], *([f"and {rest} more notes of this kind"] if rest > 0 else []))
