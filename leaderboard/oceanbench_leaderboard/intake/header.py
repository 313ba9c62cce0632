"""What the numbers of a canonical form are: the header beside them, believed only within bounds."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from oceanbench_leaderboard.intake._job import HEADER, VALUES

__all__ = ["Header", "MapHeader", "PassHeader", "SwathHeader", "header_of", "read_header"]

_MOST_BYTES = 16 << 20
_BYTES = 8

type _Positive = Annotated[int, Field(gt=0)]
type _Degrees = list[Annotated[float, Field(ge=-181.0, le=181.0, allow_inf_nan=False)]]
type _Word = Annotated[str, Field(max_length=200)]
type _Sentence = Annotated[str, Field(max_length=2000)]


class Header(BaseModel, ABC):
    """What every header says.

    Attributes
    ----------
    variable : str
        What the heights were called in the file.
    notes : list of str
        What was changed on the way in, one sentence each.
    attributes : dict of str to str
        What the file said of itself.
    canonical_sha256 : str
        Digest by which two submissions are known as the same: of maps that of
        :func:`oceanbench.submission.canonical_sha256`; of swaths, of the numbers and heights of all passes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    variable: _Word
    notes: Annotated[list[_Sentence], Field(max_length=50)]
    attributes: Annotated[dict[_Word, _Sentence], Field(max_length=100)]
    canonical_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]

    @property
    @abstractmethod
    def stored_bytes(self) -> int:
        """How many bytes the values take."""


class MapHeader(Header):
    """Header of a map.

    Attributes
    ----------
    shape : tuple of int
        Lengths of time, lat, lon.
    lon, lat : list of float
        Degrees, ascending; longitudes in -180..180.
    time_ns : list of int
        Nanoseconds since 1970-01-01, ascending.
    """

    kind: Literal["map"] = "map"
    shape: tuple[_Positive, _Positive, _Positive]
    lon: Annotated[_Degrees, Field(max_length=1 << 17)]
    lat: Annotated[_Degrees, Field(max_length=1 << 17)]
    time_ns: Annotated[list[Annotated[int, Field(gt=-(1 << 63), lt=1 << 63)]], Field(max_length=1 << 18)]

    @model_validator(mode="after")
    def _axes_fit(self) -> Self:
        axes: tuple[Sequence[float], ...] = (self.time_ns, self.lat, self.lon)
        for name, size, axis in zip(("time", "lat", "lon"), self.shape, axes, strict=True):
            if len(axis) != size:
                raise ValueError(f"{name} has {len(axis)} values, and the map {size}")
            if any(after <= before for before, after in pairwise(axis)):
                raise ValueError(f"{name} does not ascend")
        return self

    @property
    def stored_bytes(self) -> int:
        """How many bytes the values take."""
        return _BYTES * prod(self.shape)


class PassHeader(BaseModel):
    """Where the values of a pass lie: heights, times of lines, longitudes, latitudes, one after the other.

    Attributes
    ----------
    cycle : int or None
    number : int
        Of the pass; ``pass`` in JSON.
    lines, pixels : int
    offset : int
        Bytes before the first height.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    cycle: Annotated[int, Field(ge=0, lt=1_000_000)] | None
    number: Annotated[int, Field(ge=0, lt=1_000_000, alias="pass")]
    lines: Annotated[int, Field(gt=0, le=10_000_000)]
    pixels: Annotated[int, Field(gt=0, le=10_000)]
    offset: Annotated[int, Field(ge=0)]

    @property
    def stored_bytes(self) -> int:
        """How many bytes its values take."""
        return _BYTES * (3 * self.lines * self.pixels + self.lines)


class SwathHeader(Header):
    """Header of filtered swaths.

    Attributes
    ----------
    passes : list of PassHeader
        In the order of their values.
    """

    kind: Literal["swaths"]
    passes: Annotated[list[PassHeader], Field(min_length=1, max_length=50_000)]

    @model_validator(mode="after")
    def _follow_each_other(self) -> Self:
        begin = 0
        for one in self.passes:
            if one.offset != begin:
                raise ValueError(f"pass {one.number} begins at byte {one.offset}, expected {begin}")
            begin += one.stored_bytes
        keys = {(one.cycle, one.number) for one in self.passes}
        if len(keys) < len(self.passes):
            raise ValueError("a pass comes twice")
        return self

    @property
    def stored_bytes(self) -> int:
        """How many bytes the values take."""
        return sum(one.stored_bytes for one in self.passes)


_ANY: TypeAdapter[MapHeader | SwathHeader] = TypeAdapter(
    Annotated[MapHeader | SwathHeader, Field(discriminator="kind")]
)


def header_of(told: object) -> MapHeader | SwathHeader:
    """Make a header of what was told.

    Raises
    ------
    pydantic.ValidationError
        If it makes no sense.
    """
    return _ANY.validate_python(told)


def read_header(folder: Path) -> MapHeader | SwathHeader:
    """Read the header of a canonical form, and check that the values have its size.

    Raises
    ------
    FileNotFoundError
        If the folder holds no canonical form.
    ValueError
        If header and values do not belong together.
    """
    path, values = folder / HEADER, folder / VALUES
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise ValueError(f"{path} has {size} bytes; at most {_MOST_BYTES} are a header; read the file again")
    try:
        header = _ANY.validate_json(path.read_bytes())
    except ValidationError as error:
        raise ValueError(f"{path} is no header: {error.errors()[0]['msg']}; read the file again") from error
    stored = values.stat().st_size
    if stored != header.stored_bytes:
        raise ValueError(f"{values} has {stored} bytes; expected {header.stored_bytes}; read the file again")
    return header
