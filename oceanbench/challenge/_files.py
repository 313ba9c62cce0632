"""The files of a challenge: what they hold, how they are read, where they come from."""

import re
from datetime import date, timedelta
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from oceanbench.challenge._base import Part

Role = Literal["reference", "observations", "training", "mean", "map", "auxiliary"]
Layout = Literal[
    "grid",
    "nadir-2020a",
    "nadir-gsfc",
    "swath-2020a",
    "swath-2022a",
    "swath-l3",
    "l2-nadir",
    "l3",
    "alongtrack-2023",
    "drifters",
    "auxiliary",
]

_WITHOUT_HEIGHT = ("drifters", "auxiliary")
_DATE = re.compile(r"%[Ymd]")


class Origin(Part):
    """Where bytes come from, and what is known of them before they are here.

    Attributes
    ----------
    urls : tuple of str
        Candidates, tried in order: a whole URL, or ``name:path`` below a source of ``sources.toml``.
    size : int, optional
        Exact number of bytes: checked.
    size_about : int, optional
        Number of bytes as its provider's page says: told, not checked.
    md5, sha256 : str, optional
        Lower-case hexadecimal digests: checked.
    note : str
        What is doubtful of it, or known of its whereabouts, in one sentence.
    """

    urls: tuple[str, ...] = ()
    size: Annotated[int, Field(gt=0)] | None = None
    size_about: Annotated[int, Field(gt=0)] | None = None
    md5: Annotated[str, Field(pattern="^[0-9a-f]{32}$")] | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    note: str = ""


class Archive(Origin):
    """A tar file that holds several files of a challenge; it is fetched whole and unpacked.

    A file is found in it by its own name, whatever the folders inside the archive are called.

    Attributes
    ----------
    id : str
        Name by which files point to it.
    name : str
        Name of the archive's file.
    """

    id: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(pattern=r"^[^/\\]+$")]


class Days(Part):
    """Every day from ``first`` to ``last``, both included: one file each."""

    first: date
    last: date

    def dates(self) -> tuple[date, ...]:
        """Give the days in order."""
        count = (self.last - self.first).days + 1
        return tuple(self.first + timedelta(days=n) for n in range(count))


class DataFile(Origin):
    """One file (or one pattern of files) of a challenge.

    Attributes
    ----------
    id : str
        Name by which tracks point to the file.
    role : str
        ``reference`` (the independent truth), ``observations``, ``training``, ``mean``, ``map`` (made by
        somebody else with a method of the published tables) or ``auxiliary``.
    path : str
        Where it lies below the challenge's data folder; ``*`` and ``?`` match several files, ``%Y``, ``%m``
        and ``%d`` stand for the date of each of ``days``.
    layout : str
        How it is read.
    height : dict of str to float
        The height in metres as a sum of variables times coefficients, for instance
        ``{sla_unfiltered = 1, mdt = 1, lwe = -1}``.
    noisy_height : dict of str to float
        The same with measurement error, where the file has both.
    mission : str
        Satellite, for observations.
    spacing_km : float, optional
        Distance between two samples, for spectra along the track.
    archive : str
        The archive that holds it. Where there are ``urls`` too, they hold the plain file and are tried after.
    days : Days, optional
        One file for each; its name replaces that of ``path`` in the URLs, which then end with ``/``.
    names : tuple of str
        What the ``*`` of the path stands for, where that is known: one file for each, under the same rule.
    derived : bool
        The program makes the file itself from shipped data.
    offset : float
        Metres to add to the heights, where the file's level differs from that of the others.
    """

    id: Annotated[str, Field(min_length=1)]
    role: Role
    path: Annotated[str, Field(min_length=1)]
    layout: Layout
    height: dict[str, float] = Field(default_factory=dict)
    noisy_height: dict[str, float] = Field(default_factory=dict)
    mission: str = ""
    spacing_km: Annotated[float, Field(gt=0)] | None = None
    archive: str = ""
    days: Days | None = None
    names: tuple[str, ...] = ()
    derived: bool = False
    offset: float = 0.0

    @model_validator(mode="after")
    def _stays_inside(self) -> Self:
        if PurePosixPath(self.path).is_absolute() or ".." in Path(self.path).parts:
            raise ValueError(f"path {self.path!r} leaves the data folder; write it relative, without '..'")
        if not self.height and self.layout not in _WITHOUT_HEIGHT:
            raise ValueError("height is empty; name at least one variable, for instance { ssh = 1.0 }")
        if bool(self.days) != bool(_DATE.search(self.path)):
            raise ValueError(
                f"path {self.path!r} and days belong together: %Y%m%d in the one, dates in the other"
            )
        if self.names and self.path.count("*") != 1:
            raise ValueError(f"path {self.path!r} needs one * for its {len(self.names)} names to stand in")
        return self

    @property
    def pattern(self) -> str:
        """The path with a ``*`` for what varies."""
        return re.sub(r"\*+", "*", _DATE.sub("*", self.path))

    @property
    def is_several(self) -> bool:
        """Whether the path stands for more than one file."""
        return self.days is not None or any(sign in self.path for sign in "*?[")

    def paths(self) -> tuple[str, ...]:
        """Give the paths known beforehand: the path, or one for each day or name; none for a pattern."""
        if self.days is not None:
            return tuple(day.strftime(self.path) for day in self.days.dates())
        if self.names:
            return tuple(self.path.replace("*", name) for name in self.names)
        return () if self.is_several else (self.path,)
