"""Training of filters that learn: from swaths of a challenge whose truth may be used, to a file of weights.

A trainer is a callable ``trainer(lessons, limits, progress=...)`` that yields a `Look` now and then, the last
one when it is over; it is registered under the entry-point group ``oceanbench.trainers``. `train` gives it
the passes, and writes weights, record and picture at every look, so that a run that is stopped is not lost.
"""

from oceanbench.training._lessons import Lessons, lessons_of
from oceanbench.training._training import TRAINERS, Limits, Look, Trainer, train

__all__ = ["TRAINERS", "Lessons", "Limits", "Look", "Trainer", "lessons_of", "train"]
