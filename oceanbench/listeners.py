"""Who wants to know of each score: functions that packages register under ``oceanbench.score_listeners``.

A listener takes an :class:`~oceanbench.score.Evaluation` and returns the path of what it kept, or None.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from oceanbench.registry import Registry

if TYPE_CHECKING:
    from oceanbench.score import Evaluation

__all__ = ["tell_listeners"]

_LISTENERS = Registry("oceanbench.score_listeners", "listener")


def tell_listeners(evaluation: "Evaluation") -> Iterator[str]:
    """Tell every listener of a score, and give a sentence for each that kept or could not keep it.

    What goes wrong in a listener never loses the score: it becomes a sentence.
    """
    for name in _LISTENERS.names():
        try:
            listener = cast("Callable[[Evaluation], Path | None]", _LISTENERS.load(name))
            kept = listener(evaluation)
        except Exception as error:  # a stranger's code; the score is worth more than its failure
            yield f"warning: {name} could not keep this score: {error}"
        else:
            if kept is not None:
                yield f"score kept; compare with: oceanbench leaderboard {evaluation.challenge.id}"
