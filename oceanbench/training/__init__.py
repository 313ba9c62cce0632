"""Training of filters that learn: from swaths of a challenge whose truth may be used, to a file of weights.

A trainer is a callable ``trainer(lessons, limits, progress=...)`` that yields a `Look` now and then, the last
one when it is over; it is registered under the entry-point group ``oceanbench.trainers``. `train` gives it
the passes, and writes weights, record and picture at every look, so that a run that is stopped is not lost.
The names below are loaded when they are first used.
"""

from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench.training._lessons import Lessons as Lessons
    from oceanbench.training._lessons import lessons_of as lessons_of
    from oceanbench.training._training import TRAINERS as TRAINERS
    from oceanbench.training._training import Limits as Limits
    from oceanbench.training._training import Look as Look
    from oceanbench.training._training import Trainer as Trainer
    from oceanbench.training._training import train as train

_HOMES = {
    "TRAINERS": "_training",
    "Lessons": "_lessons",
    "Limits": "_training",
    "Look": "_training",
    "Trainer": "_training",
    "lessons_of": "_lessons",
    "train": "_training",
}

__all__ = ["TRAINERS", "Lessons", "Limits", "Look", "Trainer", "lessons_of", "train"]


__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
