"""The contract of mapping methods, and the checks of what they give."""

import inspect
from typing import Protocol, runtime_checkable

import numpy as np
import xarray as xr

__all__ = ["DAILY_MEAN", "DIMS", "HEIGHT_LIMIT_M", "Method", "check_grid", "run_method", "takes_mean"]

DAILY_MEAN = "mean of the day from its time"
DIMS = ("time", "lat", "lon")
HEIGHT_LIMIT_M = 20.0
_FIELDS = ("ssh", "ssh_error", "ugos", "vgos")


@runtime_checkable
class Method(Protocol):
    """Anything that turns observations and a target grid into a map (contract: ``oceanbench.methods``)."""

    def __call__(self, observations: xr.Dataset, grid: xr.Dataset) -> xr.Dataset:
        """Map ``observations`` on ``grid``."""
        ...


def takes_mean(method: Method) -> bool:
    """Whether a method asks for the mean height: it has a keyword ``mean``."""
    return "mean" in inspect.signature(method).parameters


def run_method(
    method: Method, observations: xr.Dataset, grid: xr.Dataset, *, mean: xr.DataArray | None = None
) -> xr.Dataset:
    """Map that ``method`` gives, loaded into memory and checked against the contract.

    Parameters
    ----------
    method : Method
    observations : xr.Dataset, dim obs
        ``time``, ``lon``, ``lat``, ``ssh`` (metres) and the rest of the canonical observations.
    grid : xr.Dataset
        Coordinates ``time``, ``lat``, ``lon`` of the map that is wanted.
    mean : xr.DataArray, dims (lat, lon), in metres, optional
        Mean height, for a method that asks for it.

    Returns
    -------
    xr.Dataset
        ``ssh(time, lat, lon)`` in metres, as given; ``ssh.attrs["missing_count"]`` counts its NaN.

    Raises
    ------
    ValueError
        The grid lacks a coordinate; or the method returned something else than floating-point heights on
        exactly that grid, an infinite one, none at all, or one of 20 m or more.
    """
    check_grid(grid)
    asked = {"mean": mean} if takes_mean(method) else {}
    given = method(observations, grid, **asked)
    _check_kind(given)
    for name in _FIELDS:
        if name in given:
            _check_place(given[name], grid)
    result = given.load().copy()
    result["ssh"].attrs["missing_count"] = _check_heights(result["ssh"])
    return result


def check_grid(grid: xr.Dataset) -> None:
    """Refuse a target grid that lacks an axis, or has one that is not ascending."""
    for name in DIMS:
        if name not in grid.coords or grid[name].dims != (name,) or grid[name].size == 0:
            raise ValueError(
                f"the target grid has no axis {name!r}; it needs 1-D coordinates time, lat and lon"
            )
        if not (grid[name].values[1:] > grid[name].values[:-1]).all():
            raise ValueError(
                f"{name} of the target grid is not ascending ({_span(grid[name])}); use sortby({name!r}), "
                "and longitudes beyond 180 where a box crosses the date line"
            )


def _check_kind(given: object) -> None:
    if not isinstance(given, xr.Dataset):
        cure = "; call .to_dataset(name='ssh') on it" if isinstance(given, xr.DataArray) else ""
        raise ValueError(
            f"the method returned {type(given).__name__}; expected an xarray.Dataset with 'ssh'{cure}"
        )
    if "ssh" not in given.data_vars:
        names = ", ".join(map(str, given.data_vars)) or "no variable"
        raise ValueError(
            f"the method returned {names}; expected 'ssh'; call rename({{'...': 'ssh'}}) on the Dataset"
        )
    if given["ssh"].dtype.kind != "f":
        raise ValueError(
            f"'ssh' was returned as {given['ssh'].dtype}; expected floats in metres; use astype('float64')"
        )


def _check_place(field: xr.DataArray, grid: xr.Dataset) -> None:
    if field.dims != DIMS:
        raise ValueError(
            f"{field.name!r} was returned with dims ({', '.join(map(str, field.dims))}); "
            "expected (time, lat, lon); use transpose('time', 'lat', 'lon')"
        )
    for name in DIMS:
        if name not in field.coords:
            raise ValueError(
                f"{field.name!r} was returned without the coordinate {name!r}; use coords=grid.coords"
            )
        if not np.array_equal(field[name].values, grid[name].values):
            raise ValueError(
                f"{field.name!r} was returned on another grid: {name} is {_span(field[name])}, "
                f"expected {_span(grid[name])}; map on the grid that was given and use coords=grid.coords"
            )


def _span(axis: xr.DataArray) -> str:
    return f"{axis.values[0]}..{axis.values[-1]} ({axis.size} values)" if axis.size else "empty"


def _check_heights(ssh: xr.DataArray) -> int:
    """Number of NaN, once infinite and impossible heights are refused."""
    values = ssh.values
    missing = int(np.isnan(values).sum())
    if missing == values.size:
        raise ValueError(f"all {values.size} values of 'ssh' are NaN; expected heights in metres")
    wrong = ~np.isnan(values) & ~(np.abs(values) < HEIGHT_LIMIT_M)
    if wrong.any():
        first = tuple(int(index) for index in np.argwhere(wrong)[0])
        raise ValueError(
            f"'ssh' holds {int(wrong.sum())} values that are infinite or beyond {HEIGHT_LIMIT_M:g} m, "
            f"the first {values[first]:g} at (time, lat, lon) index {first}; "
            "expected metres: divide centimetres by 100"
        )
    return missing
