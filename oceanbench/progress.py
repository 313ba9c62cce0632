"""How long work tells where it stands."""

from collections.abc import Callable

__all__ = ["Progress", "silent"]

Progress = Callable[[str, float], None]
"""Called with the name of a stage and how much of it is done, 0..1."""


def silent(stage: str, done: float) -> None:
    """Tell nobody."""
