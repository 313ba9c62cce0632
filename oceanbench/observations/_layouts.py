"""Readers: one function per layout of file, all to the canonical observations.

In all layouts the time is one-dimensional and its dimension counts the lines. The positions of a
nadir altimeter have that dimension only, those of a swath a second one, across the track.
"""

import os
from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.longitudes import wrap_longitudes
from oceanbench.netcdf import open_netcdf
from oceanbench.observations._canonical import assemble
from oceanbench.units import metres_per

LAYOUTS = ("nadir-2020a", "swath-2020a", "l3")
_LON_NAMES = ("lon", "longitude")
_LAT_NAMES = ("lat", "latitude")
_DEFAULT_FILL = {
    "i1": -127,
    "i2": -32767,
    "i4": -2147483647,
    "f4": 9.969209968386869e36,
    "f8": 9.969209968386869e36,
}

type PathLike = str | os.PathLike[str]


def read_observations(
    path: PathLike, *, layout: str, mission: str, height: Mapping[str, float], keep_missing: bool = False
) -> xr.Dataset:
    r"""Read one file of observations into the canonical form.

    .. math:: h = \sum_v c_v\, v

    Parameters
    ----------
    path : path of a NetCDF file
    layout : {"nadir-2020a", "swath-2020a", "l3"}
        ``nadir-2020a``: positions along one dimension (a dimension ``cycle`` of size 1 is dropped).
        ``swath-2020a``: positions ``lines x pixels``, one time per line.
        ``l3``: along-track product of level 3, positions along one dimension.
    mission : str
        Name of the satellite.
    height : mapping of variable to coefficient
        What the height is the sum of, such as ``{"sla_unfiltered": 1, "mdt": 1, "lwe": -1}``. Terms
        with a unit are converted to metres. Whether ``lwe`` is subtracted is the challenge's business:
        some products are consistent without.
    keep_missing : bool
        Keep samples whose height is missing (NaN), as long as they have a time and a position. The official
        thinning averages their coordinates too.

    Returns
    -------
    xr.Dataset, dim (obs,), in the order of the file
        ``line`` and ``pixel`` are indices in the full file. Infinite heights count as missing.

    Raises
    ------
    FileNotFoundError, ValueError
        Where the file is missing or unreadable, lacks a variable, or has another layout.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"layout {layout!r} is not one of observations; allowed: {', '.join(LAYOUTS)}")
    if not height:
        raise ValueError("height names no variable; give for instance {'ssh_model': 1.0}")
    with open_netcdf(path) as dataset:
        return _flatten(
            dataset.squeeze(_single_cycle(dataset)), str(path), layout, mission, height, keep_missing
        )


def read_nadir(path: PathLike, *, mission: str, variable: str = "ssh_model") -> xr.Dataset:
    """Read a nadir file of the 2020a challenge; see :func:`read_observations`."""
    return read_observations(path, layout="nadir-2020a", mission=mission, height={variable: 1.0})


def read_swath(path: PathLike, *, mission: str, variable: str = "ssh_model") -> xr.Dataset:
    """Read a file of KaRIn swaths, lines x pixels (2020a, 2022a); see :func:`read_observations`."""
    return read_observations(path, layout="swath-2020a", mission=mission, height={variable: 1.0})


def read_l3(path: PathLike, *, mission: str, height: Mapping[str, float] | None = None) -> xr.Dataset:
    """Read an along-track file of level 3, by default SLA + MDT; see :func:`read_observations`."""
    terms = {"sla_unfiltered": 1.0, "mdt": 1.0} if height is None else height
    return read_observations(path, layout="l3", mission=mission, height=terms)


def _single_cycle(dataset: xr.Dataset) -> list[str]:
    return ["cycle"] if dataset.sizes.get("cycle") == 1 else []


def _flatten(
    dataset: xr.Dataset, path: str, layout: str, mission: str, height: Mapping[str, float], keep_missing: bool
) -> xr.Dataset:
    time = _times(dataset, path)
    lon = _variable(dataset, path, _LON_NAMES)
    dims = _sample_dims(lon, time, path, layout)
    shape = tuple(dataset.sizes[dim] for dim in dims)
    lon_deg = _on_samples(lon, dims, path)
    lat_deg = _on_samples(_variable(dataset, path, _LAT_NAMES), dims, path)
    ssh = _height(dataset, path, dims, height)
    when = np.broadcast_to(time.values[:, None] if len(shape) == 2 else time.values, shape)
    keep = ~np.isnat(when) & np.isfinite(lon_deg) & np.isfinite(lat_deg)
    if not keep_missing:
        keep &= np.isfinite(ssh)
    where = np.nonzero(keep)
    return assemble(
        when[where],
        wrap_longitudes(lon_deg[where]),
        lat_deg[where],
        ssh[where],
        missions=[mission],
        lines=[shape[0]],
        pixels=[shape[1] if len(shape) == 2 else 1],
        line=where[0],
        pixel=where[1] if len(shape) == 2 else 0,
    )


def _times(dataset: xr.Dataset, path: str) -> xr.DataArray:
    time = _variable(dataset, path, ("time",))
    if time.ndim != 1:
        raise ValueError(f"time has dims {time.dims} in {path!r}; expected one dimension, the lines")
    if time.dtype.kind != "M":
        raise ValueError(
            f"time in {path!r} is {time.dtype}, not dates; give it units such as 'days since 2012-10-01'"
        )
    return time.astype("datetime64[ns]")


def _variable(dataset: xr.Dataset, path: str, names: tuple[str, ...]) -> xr.DataArray:
    for name in names:
        if name in dataset.variables:
            return dataset[name]
    held = ", ".join(sorted(map(str, dataset.variables)))
    raise ValueError(f"{path!r} has no variable {' or '.join(names)}; it holds {held}")


def _sample_dims(lon: xr.DataArray, time: xr.DataArray, path: str, layout: str) -> tuple[str, ...]:
    line = str(time.dims[0])
    others = [str(dim) for dim in lon.dims if dim != line]
    wanted = 1 if layout == "swath-2020a" else 0
    if line not in lon.dims or len(others) != wanted:
        expected = f"({line}, pixels)" if wanted else f"({line},)"
        raise ValueError(
            f"{lon.name} has dims {lon.dims} in {path!r}; layout {layout!r} expects {expected}; "
            f"name another of {', '.join(LAYOUTS)}"
        )
    return (line, *others)


def _on_samples(variable: xr.DataArray, dims: tuple[str, ...], path: str) -> NDArray[np.float64]:
    if set(variable.dims) != set(dims):
        raise ValueError(f"{variable.name} has dims {variable.dims} in {path!r}; expected {dims}")
    return np.asarray(variable.transpose(*dims).values, dtype=np.float64)


def _height(
    dataset: xr.Dataset, path: str, dims: tuple[str, ...], height: Mapping[str, float]
) -> NDArray[np.float64]:
    total = np.zeros(tuple(dataset.sizes[dim] for dim in dims))
    for name, coefficient in height.items():
        term = _variable(dataset, path, (name,))
        total += (
            coefficient * metres_per(str(term.attrs.get("units") or "m")) * _without_fill(term, dims, path)
        )
    return np.where(np.isfinite(total), total, np.nan)


def _without_fill(term: xr.DataArray, dims: tuple[str, ...], path: str) -> NDArray[np.float64]:
    """Give the values, NaN where a file without a declared fill value holds the library's default."""
    values = _on_samples(term, dims, path)
    stored = np.dtype(term.encoding.get("dtype", term.dtype)).str[1:]
    if "_FillValue" in term.encoding or stored not in _DEFAULT_FILL:
        return values
    fill = _DEFAULT_FILL[stored] * term.encoding.get("scale_factor", 1.0) + term.encoding.get(
        "add_offset", 0.0
    )
    return np.where(np.isclose(values, fill, rtol=1e-6, atol=0.0), np.nan, values)
