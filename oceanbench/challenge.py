"""A challenge as data: what ``challenge.toml`` may say, as frozen models that refuse everything else."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from oceanbench.registry import near_matches

__all__ = [
    "Box",
    "Challenge",
    "ChallengeError",
    "DataFile",
    "GriddedProtocol",
    "Period",
    "Periods",
    "SubmissionSchema",
    "Track",
    "TrackProtocol",
    "read_challenge",
]

Role = Literal["reference", "observations", "training", "mean"]
Layout = Literal["grid", "nadir-2020a", "swath-2020a", "l3"]


class ChallengeError(ValueError):
    """A ``challenge.toml`` that cannot be used; the message says file, key, value and cure."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Box(_Model):
    """A box in longitude and latitude; its edges belong to it.

    Attributes
    ----------
    lon : tuple of float
        West and east edge, degrees east in -180..180.
    lat : tuple of float
        South and north edge, degrees north.
    """

    lon: tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-180, le=180)]]
    lat: tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-90, le=90)]]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for name, (low, high) in (("lon", self.lon), ("lat", self.lat)):
            if low >= high:
                raise ValueError(f"{name} runs {low}..{high}; write the smaller bound first")
        return self

    @property
    def west(self) -> float:
        """Western edge, degrees east."""
        return self.lon[0]

    @property
    def east(self) -> float:
        """Eastern edge, degrees east."""
        return self.lon[1]

    @property
    def south(self) -> float:
        """Southern edge, degrees north."""
        return self.lat[0]

    @property
    def north(self) -> float:
        """Northern edge, degrees north."""
        return self.lat[1]


class Period(_Model):
    """Days from ``start`` to ``end``; both days belong to the period, from 00:00 to 24:00 UTC.

    Attributes
    ----------
    start, end : datetime.date
        First and last day, both included.
    official_end : datetime.datetime, optional
        Last instant (included) that the challenge's own code lets through, where this differs from
        the end of the last day. An upper bound given as midnight drops the hourly fields of that day.
    note : str
        What else holds, in one sentence.
    """

    start: date
    end: date
    official_end: datetime | None = None
    note: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"end {self.end} lies before start {self.start}")
        return self

    @property
    def first_instant(self) -> np.datetime64:
        """00:00 UTC of the first day."""
        return np.datetime64(self.start, "ns")

    @property
    def last_day(self) -> np.datetime64:
        """00:00 UTC of the last day."""
        return np.datetime64(self.end, "ns")

    @property
    def past_end(self) -> np.datetime64:
        """00:00 UTC of the day after the last: the first instant that no longer belongs."""
        return np.datetime64(self.end + timedelta(days=1), "ns")

    @property
    def official_last_instant(self) -> np.datetime64:
        """Last instant that the challenge's own code scores."""
        if self.official_end is not None:
            return np.datetime64(self.official_end.replace(tzinfo=None), "ns")
        return self.past_end - np.timedelta64(1, "ns")

    @property
    def days(self) -> int:
        """Number of days, both ends counted."""
        return (self.end - self.start).days + 1


class Periods(_Model):
    """What each stretch of time may be used for."""

    evaluation: Period
    spin_up: Period | None = None
    spin_down: Period | None = None
    training: tuple[Period, ...] = ()
    forbidden: tuple[Period, ...] = ()

    def named(self) -> Iterator[tuple[str, Period]]:
        """Give each period with its name, in words."""
        yield "scored", self.evaluation
        for name, period in (("spin-up", self.spin_up), ("spin-down", self.spin_down)):
            if period is not None:
                yield name, period
        yield from (("for learning", period) for period in self.training)
        yield from (("forbidden", period) for period in self.forbidden)

    @property
    def observations(self) -> Period:
        """Days whose observations a method may see: spin-up, evaluation, and spin-down where there is one."""
        first, last = self.spin_up or self.evaluation, self.spin_down or self.evaluation
        return Period(start=first.start, end=last.end)


class DataFile(_Model):
    """One file (or one pattern of files) of a challenge.

    Attributes
    ----------
    id : str
        Name by which tracks point to the file.
    role : str
        ``reference`` (the independent truth), ``observations``, ``training`` or ``mean``.
    path : str
        Where it lies below the challenge's data folder; ``*`` and ``?`` match several files.
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
    urls : tuple of str
        Candidate sources, tried in order. With ``archive_member`` they hold an archive.
    archive_member : str
        Path inside the archive.
    size, md5, sha256 :
        Of what the URLs hold, where known.
    derived : bool
        The program makes the file itself from shipped data.
    offset : float
        Metres to add to the heights, where the file's level differs from that of the others.
    """

    id: Annotated[str, Field(min_length=1)]
    role: Role
    path: Annotated[str, Field(min_length=1)]
    layout: Layout
    height: dict[str, float]
    noisy_height: dict[str, float] = {}
    mission: str = ""
    spacing_km: Annotated[float, Field(gt=0)] | None = None
    urls: tuple[str, ...] = ()
    archive_member: str = ""
    size: Annotated[int, Field(gt=0)] | None = None
    md5: Annotated[str, Field(pattern="^[0-9a-f]{32}$")] | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    derived: bool = False
    offset: float = 0.0

    @model_validator(mode="after")
    def _stays_inside(self) -> Self:
        if Path(self.path).is_absolute() or ".." in Path(self.path).parts:
            raise ValueError(f"path {self.path!r} leaves the data folder; write it relative, without '..'")
        if not self.height:
            raise ValueError("height is empty; name at least one variable, for instance { ssh = 1.0 }")
        return self


class Track(_Model):
    """Which observations a method may use, and which file it is scored against.

    The ``id`` is the name of the track in the published tables. ``reference_height`` is the height
    of the reference where it differs from the height that methods observe.
    """

    id: Annotated[str, Field(min_length=1)]
    observations: Annotated[tuple[str, ...], Field(min_length=1)]
    reference: str
    reference_height: dict[str, float] = {}
    published: bool = True
    note: str = ""


class SubmissionSchema(_Model):
    """What a submitted map looks like.

    Attributes
    ----------
    variables : tuple of str
        Accepted names, the preferred one first.
    quantity : str
        What the heights are, in words: absolute height or anomaly, about which surface.
    max_step_hours : float
        Longest step between two maps.
    step_degrees : float
        Step of the grid that our own methods map on.
    """

    variables: Annotated[tuple[str, ...], Field(min_length=1)]
    dims: tuple[str, str, str] = ("time", "lat", "lon")
    units: Literal["m"] = "m"
    quantity: str
    max_step_hours: Annotated[float, Field(gt=0)] = 24.0
    step_degrees: Annotated[float, Field(gt=0)] = 0.2
    holes: Literal["refuse", "zero"] = "refuse"


class GriddedProtocol(_Model):
    """Settings of the scores of a map against a gridded truth."""

    detrend: Literal["constant", "linear"] = "constant"
    window: Literal["periodic", "symmetric"] = "periodic"
    digits: int = 2


class TrackProtocol(_Model):
    """Settings of the scores of a map against an independent altimeter.

    Attributes
    ----------
    spacing_km : float
        Distance between two samples of the reference, unless its file says otherwise.
    segment_km : float
        Length of a segment of the spectra.
    max_gap_seconds : float
        A longer time step breaks a segment.
    stride_fraction : float
        Step from one segment to the next, as a fraction of its length.
    inset_degrees : float
        Width of the rim of the box that is mapped but not scored.
    min_daily_samples : int
        Days with fewer samples are not scored.
    """

    spacing_km: Annotated[float, Field(gt=0)]
    segment_km: Annotated[float, Field(gt=0)] = 1000.0
    max_gap_seconds: Annotated[float, Field(gt=0)] = 4.0
    stride_fraction: Annotated[float, Field(gt=0, le=1)] = 0.25
    inset_degrees: Annotated[float, Field(ge=0)] = 0.25
    min_daily_samples: Annotated[int, Field(ge=1)] = 10
    digits: int = 2


class Challenge(_Model):
    """One challenge, as its ``challenge.toml`` defines it.

    A changed rule is a new ``version``; scores of different versions are never compared. Where
    ``observed`` is ``sla``, methods map anomalies and the file of role ``mean`` is added to their maps.
    """

    id: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+$")]
    kind: Literal["map-osse", "map-ose"]
    title: str
    summary: str
    citation: str
    dois: tuple[str, ...] = ()
    licence: str
    twin_of: str = ""
    observed: Literal["ssh", "sla"] = "ssh"
    ranking: Literal["mu", "lambda_x"] = "mu"
    notes: tuple[str, ...] = ()
    domain: Box
    periods: Periods
    tracks: Annotated[tuple[Track, ...], Field(min_length=1)]
    files: Annotated[tuple[DataFile, ...], Field(min_length=1)]
    submission: SubmissionSchema
    gridded: GriddedProtocol | None = None
    along_track: TrackProtocol | None = None
    folder: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        wanted = {"map-osse": self.gridded, "map-ose": self.along_track}[self.kind]
        if wanted is None:
            table = "gridded" if self.kind == "map-osse" else "along_track"
            raise ValueError(f"kind {self.kind!r} needs a table [{table}]; add it")
        files = {file.id for file in self.files}
        if len(files) < len(self.files):
            raise ValueError("two files have the same id; give each its own")
        if self.observed == "sla" and not self.files_of("mean"):
            raise ValueError("observed = 'sla' needs a file of role 'mean' to add; define it")
        for track in self.tracks:
            for name in (*track.observations, track.reference):
                if name not in files:
                    raise ValueError(f"track {track.id!r} names file {name!r}; files are {sorted(files)}")
        return self

    @property
    def is_twin(self) -> bool:
        """Whether the ocean of this challenge is synthetic and stands for another challenge's."""
        return bool(self.twin_of)

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Names of the official scores, in the order of the published tables."""
        along = ("mu", "sigma", "lambda_x")
        return (*along, "lambda_t") if self.kind == "map-osse" else along

    def file(self, file_id: str) -> DataFile:
        """Give the file called ``file_id``.

        Raises
        ------
        LookupError
            If the challenge has no such file.
        """
        for file in self.files:
            if file.id == file_id:
                return file
        raise LookupError(f"{self.id} has no file {file_id!r}; it has {[f.id for f in self.files]}")

    def files_of(self, role: Role) -> tuple[DataFile, ...]:
        """Give the files with one role, in the order of the definition."""
        return tuple(file for file in self.files if file.role == role)

    def track(self, name: str | None = None) -> Track:
        """Give the track called ``name``; case and punctuation do not matter, None gives the first.

        Raises
        ------
        LookupError
            If the challenge has no such track.

        Examples
        --------
        >>> from oceanbench.catalog import load_challenge
        >>> load_challenge("2020a").track("4-Nadirs").id
        '4 nadirs'
        """
        if name is None:
            return self.tracks[0]
        by_key = {_key(track.id): track for track in self.tracks}
        if _key(name) not in by_key:
            names = [track.id for track in self.tracks]
            raise LookupError(
                f"{self.id} has no track {name!r}; {near_matches(name, names)}tracks: {'; '.join(names)}"
            )
        return by_key[_key(name)]


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def read_challenge(path: Path) -> Challenge:
    """Read one ``challenge.toml``.

    Raises
    ------
    ChallengeError
        If the file is not TOML, has an unknown or missing key, or a value that is not allowed.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ChallengeError(f"{path}: no such file; a challenge is a folder with a challenge.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ChallengeError(f"{path}: not TOML: {error}; see the shipped definitions") from error
    try:
        return Challenge.model_validate({**content, "folder": path.parent})
    except ValidationError as error:
        raise ChallengeError(_explain(path, error)) from error


def _explain(path: Path, error: ValidationError) -> str:
    lines = [_explain_one(problem["loc"], problem["type"], problem) for problem in error.errors()]
    return "\n".join(f"{path}: {line}" for line in lines)


def _explain_one(location: Sequence[str | int], kind: str, problem: Any) -> str:
    key = ".".join(str(part) for part in location) or "(the whole file)"
    if kind == "extra_forbidden":
        allowed = _fields_at(location[:-1])
        name = str(location[-1])
        cure = f"{near_matches(name, allowed)}allowed: {', '.join(allowed)}"
        return f"{key} = {_short(problem['input'])}: unknown key; {cure}"
    if kind == "missing":
        return f"{key}: missing; add it"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{key} = {_short(problem['input'])}: {message}; correct it"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


_TABLES: dict[str, type[_Model]] = {
    "domain": Box,
    "periods": Periods,
    "evaluation": Period,
    "spin_up": Period,
    "spin_down": Period,
    "training": Period,
    "forbidden": Period,
    "tracks": Track,
    "files": DataFile,
    "submission": SubmissionSchema,
    "gridded": GriddedProtocol,
    "along_track": TrackProtocol,
}


def _fields_at(location: Sequence[str | int]) -> list[str]:
    names = [part for part in location if isinstance(part, str)]
    model = _TABLES[names[-1]] if names else Challenge
    return [name for name in model.model_fields if name != "folder"]
