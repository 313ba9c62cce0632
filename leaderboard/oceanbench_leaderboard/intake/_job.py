"""What the process that reads a file is told, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from oceanbench_leaderboard.intake._confine import Bounds

__all__ = ["MODULE", "UPLOAD", "Answer", "Job"]

MODULE = "oceanbench_leaderboard.intake._child"
UPLOAD = "upload.nc"  # a name of ours: what the client called the file is no path


@dataclass(frozen=True)
class Job:
    """One file to read.

    Attributes
    ----------
    bounds : Bounds
    most_values : int
        Values that the largest variable of the file may have.
    track : str
    challenge : mapping or None
        The definition; without one nothing is read.
    values : int
        Number of the open file that takes the values.
    """

    bounds: Bounds
    most_values: int = 0
    track: str = ""
    challenge: Mapping[str, Any] | None = None
    values: int = -1


class Answer(TypedDict, total=False):
    """What was found: the reasons to refuse the file, or the header of its canonical form."""

    problems: list[dict[str, str]]
    header: dict[str, Any]
    no_room: str
