"""Whole fields taken as observations: full fields of 2022b, gridded tracks with holes of the registries."""

from collections.abc import Iterator

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.observations._canonical import assemble_parts
from oceanbench.observations._samples import BLOCK_SAMPLES
from oceanbench.observations._window import Box, Period, window_of

_LINES_APART = (
    2520  # a multiple of every block up to 10 lines, and of 12, 14, 15, 18, 20: none joins two fields
)

type Indices = NDArray[np.intp]


def from_grid(
    field: xr.DataArray, *, mission: str, box: Box | None = None, period: Period | None = None
) -> xr.Dataset:
    """Give every finite point of a gridded field as an observation.

    A row of the grid is a line and a column a pixel, so that thinning averages neighbours of one field. A
    lazy field is read some time steps at once.

    Parameters
    ----------
    field : xr.DataArray, dims (time, lat, lon), metres
    mission : str
        Name for the observations.
    box : west, east, south, north, optional
        Degrees, bounds included, longitudes on any turn: only what lies inside is read, as :func:`select`
        would keep it.
    period : first and last instant, optional
        Bounds included.

    Returns
    -------
    xr.Dataset, dim (obs,)
        Canonical observations.

    Raises
    ------
    ValueError
        Where the field lacks one of its dims.
    """
    if set(field.dims) != {"time", "lat", "lon"}:
        raise ValueError(f"the field {field.name!r} has dims {field.dims}; expected time, lat and lon")
    limits = window_of(box, period)
    lon, lat = np.meshgrid(field["lon"].values, field["lat"].values)
    places = limits.holds_place(lon, lat)
    days = np.flatnonzero(limits.holds_time(field["time"].values))
    rows, columns = np.flatnonzero(places.any(axis=1)), np.flatnonzero(places.any(axis=0))
    apart = -(-field.sizes["lat"] // _LINES_APART) * _LINES_APART
    inside = field.transpose("time", "lat", "lon").isel(lat=rows, lon=columns)
    parts = [_columns(inside, some, rows, columns, apart) for some in _blocks(days, rows.size * columns.size)]
    return assemble_parts(
        parts, mission=mission, lines=field.sizes["time"] * apart, pixels=field.sizes["lon"]
    )


def _blocks(days: Indices, points: int) -> Iterator[Indices]:
    step = max(BLOCK_SAMPLES // max(points, 1), 1)
    return (days[first : first + step] for first in range(0, days.size, step))


def _columns(
    inside: xr.DataArray, days: Indices, rows: Indices, columns: Indices, apart: int
) -> dict[str, NDArray[np.generic]]:
    heights = np.asarray(inside.isel(time=days).values, dtype=np.float64)
    day, row, column = np.nonzero(np.isfinite(heights))
    return {
        "time": inside["time"].values[days[day]].astype("datetime64[ns]"),
        "lon": inside["lon"].values[column].astype(np.float64),
        "lat": inside["lat"].values[row].astype(np.float64),
        "ssh": heights[day, row, column],
        "line": (days[day] * apart + rows[row]).astype(np.int32),
        "pixel": columns[column].astype(np.int16),
    }
