"""Velocities of surface drifters, the independent truth of currents (2023a)."""

import os
from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.longitudes import wrap_longitudes
from oceanbench.observations._layouts import Layout
from oceanbench.observations._samples import PathLike, Samples, open_samples
from oceanbench.observations._window import Box, Period, Window, window_of

_LAYOUT = Layout("drifters-2023a", "drifter velocities of 2023a, one file per day")
_TERMS = {"EWCT": 1.0, "NSCT": 1.0, "sensor_id": 1.0}
_METRES_PER_SECOND = {"m s-1": 1.0, "m/s": 1.0, "m.s-1": 1.0, "m s^-1": 1.0, "1": 1.0}

_KINDS = {"time": "M8[ns]", "lon": "f8", "lat": "f8", "u": "f8", "v": "f8", "sensor": "i8"}
_ATTRIBUTES = {
    "time": {},
    "lon": {"units": "degrees_east"},
    "lat": {"units": "degrees_north"},
    "u": {"units": "m s-1", "long_name": "eastward velocity"},
    "v": {"units": "m s-1", "long_name": "northward velocity"},
    "sensor": {"long_name": "number of the drifter"},
}

type Columns = dict[str, NDArray[np.generic]]


def read_drifters(
    paths: PathLike | Sequence[PathLike], *, box: Box | None = None, period: Period | None = None
) -> xr.Dataset:
    """Read drifter velocities in the layout of challenge 2023a (``uv_drifters_*.nc``, one file per day).

    Parameters
    ----------
    paths : path or sequence of paths
        NetCDF files or Zarr folders with ``time``, ``latitude``, ``longitude``, ``EWCT``, ``NSCT`` (m/s) and
        ``sensor_id`` along one dimension.
    box : west, east, south, north, optional
        Degrees, bounds included, longitudes on any turn.
    period : first and last instant, optional
        Bounds included.

    Returns
    -------
    xr.Dataset, dim (obs,), ordered by time
        ``time`` (datetime64[ns]), ``lon`` (-180..180), ``lat``, ``u`` and ``v`` (m/s, eastward and northward,
        the total current at the depth of the drogue), ``sensor`` (int64). Rows without a time, a position, a
        velocity or a sensor are left out.

    Raises
    ------
    FileNotFoundError, ValueError
        Where a file is missing or has another layout, or none of the rows can be used.

    References
    ----------
    Copernicus Marine INSITU_GLO_PHY_UV_DISCRETE_MY_013_044, doi:10.17882/86236.
    """
    files = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not files:
        raise ValueError("no file of drifters; give at least one")
    limits = window_of(box, period)
    columns = _joined([part for path in files for part in _read(path, limits)])
    if limits.is_open and not columns["time"].size:
        raise ValueError(f"no row of {os.fspath(files[0])!r} has a time, a position, a velocity and a sensor")
    order = np.argsort(columns["time"], kind="stable")
    return xr.Dataset({name: ("obs", columns[name][order], attrs) for name, attrs in _ATTRIBUTES.items()})


def _joined(parts: list[Columns]) -> Columns:
    return {
        name: np.concatenate([np.empty(0, dtype=kind), *(part[name] for part in parts)])
        for name, kind in _KINDS.items()
    }


def _read(path: PathLike, limits: Window) -> Iterator[Columns]:
    with open_samples(path, _LAYOUT, _TERMS, unit_factor=_speed_factor) as samples:
        for lines in samples.blocks():
            yield _columns(samples, lines, limits)


def _speed_factor(unit: str) -> float:
    if unit not in _METRES_PER_SECOND:
        raise ValueError(f"unit {unit!r} of a velocity is not metres per second; convert it")
    return _METRES_PER_SECOND[unit]


def _columns(samples: Samples, lines: slice, limits: Window) -> Columns:
    when = samples.times(lines)
    lon, lat = samples.places(lines)
    east = wrap_longitudes(lon)
    u, v, sensor = samples.values(lines)
    keep = limits.holds_time(when) & limits.holds_place(east, lat) & ~np.isnat(when)
    keep &= np.isfinite(east) & np.isfinite(u) & np.isfinite(v) & np.isfinite(sensor)
    if np.any(sensor[keep] != np.round(sensor[keep])):
        raise ValueError(f"sensor_id in {samples.path!r} are not whole numbers; check the variable")
    return {
        "time": when[keep],
        "lon": east[keep],
        "lat": lat[keep],
        "u": u[keep],
        "v": v[keep],
        "sensor": sensor[keep].astype(np.int64),
    }
