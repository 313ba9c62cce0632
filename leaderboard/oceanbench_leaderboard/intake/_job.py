"""What the process that reads a file is told, and what it answers: files in one folder, made by the service.

The folder of a job holds ``job.json`` and takes the first of ``answer`` and ``trace``; its folder ``inside``,
in which the process works, holds the uploaded file and nothing else. The heights go to ``values.f8`` beside
the folder.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, TypedDict

__all__ = [
    "ANSWER",
    "HEADER",
    "INSIDE",
    "MOST_ANSWER",
    "MOST_TRACE",
    "TIMES",
    "TOLD",
    "TRACE",
    "UPLOAD",
    "VALUES",
    "Answer",
    "Bounds",
    "GivenPass",
    "Job",
    "Key",
]

type Key = int | tuple[int, int]

HEADER, VALUES = "header.json", "values.f8"
INSIDE, TOLD, TIMES, ANSWER, TRACE = "inside", "job.json", "times.i8", "answer", "trace"
MOST_ANSWER, MOST_TRACE = 32 << 20, 1 << 16
UPLOAD = "upload.nc"  # a name of ours: what the client called the file is no path


@dataclass(frozen=True)
class Bounds:
    """What a process may use.

    Attributes
    ----------
    seconds : int
        Of the processor.
    memory : int
        Bytes of address space.
    file_bytes : int
        Largest file that it may write.
    """

    seconds: int
    memory: int
    file_bytes: int


@dataclass(frozen=True)
class GivenPass:
    """Numbers and size of a pass; ``cycle`` is None where the pass number alone says which it is."""

    cycle: int | None
    number: int
    lines: int
    pixels: int

    @property
    def key(self) -> Key:
        """What it is known by among the others."""
        return self.number if self.cycle is None else (self.cycle, self.number)


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
    passes : tuple of GivenPass
        Those that were given to filter, where the file holds filtered ones; the times of their lines lie in
        the folder too.
    """

    bounds: Bounds
    most_values: int = 0
    track: str = ""
    challenge: Mapping[str, Any] | None = None
    passes: tuple[GivenPass, ...] = ()

    def write(self, folder: Path) -> None:
        """Write what is told into the folder of the job."""
        (folder / TOLD).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read it there."""
        told = json.loads((folder / TOLD).read_text(encoding="utf-8"))
        passes = tuple(GivenPass(**one) for one in told["passes"])
        return cls(**told | {"bounds": Bounds(**told["bounds"]), "passes": passes})


class Answer(TypedDict, total=False):
    """What was found: the reasons to refuse the file, or the header of its canonical form."""

    problems: list[dict[str, str]]
    header: dict[str, Any]
    no_room: str
