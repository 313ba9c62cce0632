"""The canonical form of a map: a header in JSON beside plain little-endian numbers.

``values.f8`` holds the heights, float64, little-endian, dims (time, lat, lon), metres, NaN where there is
none, and nothing else; ``header.json`` says what they are. No library of NetCDF is needed to read it, and
nothing in it can do more than be a wrong number.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from oceanbench_leaderboard.intake._job import HEADER, VALUES

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Header", "read_canonical", "read_header"]

_MOST_HEADER_BYTES = 16 << 20
_BYTES = 8

type _Degrees = list[Annotated[float, Field(ge=-181.0, le=181.0, allow_inf_nan=False)]]
type _Word = Annotated[str, Field(max_length=200)]
type _Sentence = Annotated[str, Field(max_length=2000)]


class Header(BaseModel):
    """What the numbers beside it are.

    Attributes
    ----------
    kind : {"map"}
    shape : tuple of int
        Lengths of time, lat, lon.
    lon, lat : list of float
        Degrees, ascending; longitudes in -180..180.
    time_ns : list of int
        Nanoseconds since 1970-01-01, ascending.
    variable : str
        What the heights were called in the file.
    notes : list of str
        What was changed on the way in, one sentence each.
    attributes : dict of str to str
        What the file said of itself.
    canonical_sha256 : str
        Digest by which two maps are known as the same: see :func:`oceanbench.submission.canonical_sha256`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["map"] = "map"
    shape: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]]
    lon: Annotated[_Degrees, Field(max_length=1 << 17)]
    lat: Annotated[_Degrees, Field(max_length=1 << 17)]
    time_ns: Annotated[list[Annotated[int, Field(ge=-(1 << 63), lt=1 << 63)]], Field(max_length=1 << 18)]
    variable: _Word
    notes: Annotated[list[_Sentence], Field(max_length=50)]
    attributes: Annotated[dict[_Word, _Sentence], Field(max_length=100)]
    canonical_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]

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


def read_header(folder: Path) -> Header:
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
    if size > _MOST_HEADER_BYTES:
        raise ValueError(f"{path} has {size} bytes; at most {_MOST_HEADER_BYTES} are a header; read it again")
    try:
        header = Header.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ValueError(f"{path} is no header: {error.errors()[0]['msg']}; read the file again") from error
    stored = values.stat().st_size
    if stored != header.stored_bytes:
        raise ValueError(
            f"{values} has {stored} bytes; expected {header.stored_bytes} for {header.shape}; read it again"
        )
    return header


def read_canonical(folder: Path) -> "xr.Dataset":
    """Read the canonical form of a map.

    Parameters
    ----------
    folder : pathlib.Path
        As :func:`~oceanbench_leaderboard.intake.run_intake` left it.

    Returns
    -------
    xr.Dataset
        ``ssh`` in metres, float64, dims (time, lat, lon), mapped from the file and not writable; the
        attributes are those that the submitted file had.

    Raises
    ------
    FileNotFoundError
        If the folder holds no canonical form.
    ValueError
        If header and values do not belong together.
    """
    import numpy as np
    import xarray as xr

    header = read_header(folder)
    values = np.memmap(folder / VALUES, dtype="<f8", mode="r", shape=header.shape, order="C")
    times = np.array(header.time_ns, dtype="<i8").astype("datetime64[ns]")
    coords = {"time": times, "lat": np.array(header.lat), "lon": np.array(header.lon)}
    ssh = xr.DataArray(np.asarray(values), coords, ("time", "lat", "lon"), attrs={"units": "m"})
    return xr.Dataset({"ssh": ssh}, attrs=dict(header.attributes))
