"""What a method is given, checked and cut to its box: steps that all our mapping methods begin with."""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

__all__ = [
    "Floats",
    "check_finite",
    "check_observations",
    "columns",
    "days_since",
    "inside",
    "of_mission",
    "require",
    "rows_inside",
]

type Floats = NDArray[np.float64]

_DAY_NS = 86_400_000_000_000


def require(method: object, name: str, holds: bool, allowed: str) -> None:
    """Raise ValueError, with what is allowed, where a parameter of ``method`` does not hold what it must."""
    if not holds:
        raise ValueError(
            f"{name} of {type(method).__name__} is {getattr(method, name)!r}; it takes {allowed}"
        )


def check_observations(observations: xr.Dataset) -> None:
    """Refuse observations that are not in the canonical form, or lack a place or a time."""
    if "pixels" not in observations.attrs:
        raise ValueError(
            "observations lack attrs['pixels']: pixels across the track of each mission, 1 for nadir"
        )
    for name in ("lon", "lat"):
        check_finite(observations[name].values, name)
    if np.isnat(observations["time"].values).any():
        raise ValueError("observations without a time (NaT) cannot be mapped; drop them first")


def check_finite(values: Floats, name: str) -> None:
    """Refuse NaN and infinity, with the cure."""
    missing = int(np.count_nonzero(~np.isfinite(values)))
    if missing:
        raise ValueError(
            f"{missing} of {values.size} observations have no finite {name!r}; "
            f"drop them first: observations.isel(obs=np.isfinite(observations[{name!r}]))"
        )


def of_mission(observations: xr.Dataset, code: int) -> xr.Dataset:
    """Observations of one mission, in the canonical form of that mission alone."""
    rows = np.flatnonzero(observations["mission"].values == code)
    one = observations.isel(obs=rows).assign(mission=("obs", np.zeros(rows.size, dtype=np.int8)))
    one.attrs |= {name: [observations.attrs[name][code]] for name in ("missions", "lines", "pixels")}
    return one


def days_since(first: NDArray[Any] | np.datetime64, times: NDArray[Any]) -> Floats:
    """Days from the instant ``first`` to ``times``; the difference is taken in whole nanoseconds."""
    return np.asarray((_nanoseconds(times) - _nanoseconds(first)) / _DAY_NS, dtype=np.float64)


def _nanoseconds(times: NDArray[Any] | np.datetime64) -> NDArray[np.int64]:
    return np.asarray(times).astype("datetime64[ns]").astype(np.int64)


def columns(observations: xr.Dataset) -> dict[str, NDArray[Any]]:
    """Time, place and height as arrays, floats in double precision."""
    floats = {name: observations[name].values.astype(np.float64) for name in ("lon", "lat", "ssh")}
    return {"time": observations["time"].values, **floats}


def rows_inside(
    lon: Floats, lat: Floats, grid: xr.Dataset, margin_lon: float, margin_lat: float
) -> tuple[NDArray[np.intp], Floats]:
    """Rows in the box of the grid and its margins (degrees), bounds included, and their longitudes there.

    Longitude is a circle: what the box reaches beyond ±180° comes in with its longitude moved by 360°, and on
    a grid that goes round the globe a row near the seam comes twice, once on each side of it.
    """
    west, east = float(grid["lon"].min()) - margin_lon, float(grid["lon"].max()) + margin_lon
    south, north = float(grid["lat"].min()) - margin_lat, float(grid["lat"].max()) + margin_lat
    in_lat = (lat >= south) & (lat <= north)
    turned = [lon + turn for turn in (-360.0, 0.0, 360.0)]
    rows = [np.flatnonzero(in_lat & (each >= west) & (each <= east)) for each in turned]
    return np.concatenate(rows), np.concatenate([each[kept] for each, kept in zip(turned, rows, strict=True)])


def inside(
    samples: dict[str, NDArray[Any]], grid: xr.Dataset, margin_lon: float, margin_lat: float
) -> dict[str, NDArray[Any]]:
    """Keep the samples that `rows_inside` finds, with their longitudes there."""
    rows, lon = rows_inside(samples["lon"], samples["lat"], grid, margin_lon, margin_lat)
    return {name: values[rows] for name, values in samples.items()} | {"lon": lon}
