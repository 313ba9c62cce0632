"""Two fields on one grid, checked and read together, some latitude rows at a time."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

__all__ = ["DIMS", "aligned_pair", "even_step", "read_bands"]

DIMS = ("time", "lat", "lon")
_SAME_NODE = 1e-9  # degrees
_EVEN = 1e-3  # largest relative deviation of a step from the first one


def aligned_pair(estimate: xr.DataArray, reference: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Both fields with dims (time, lat, lon), on the coordinates of the reference; lazy fields stay lazy.

    Raises
    ------
    ValueError
        When dims are not time, lat, lon, or a coordinate differs in size or by more than 1e-9 degree.
    """
    for name, field in (("estimate", estimate), ("reference", reference)):
        if set(field.dims) != set(DIMS):
            raise ValueError(f"the {name} has dims {tuple(field.dims)}; expected time, lat, lon")
        absent = [dim for dim in DIMS if dim not in field.coords]
        if absent:
            raise ValueError(f"the {name} has no coordinate {', '.join(absent)}; expected time, lat, lon")
    for dim in DIMS:
        _check_same(dim, estimate[dim].values, reference[dim].values)
    return estimate.transpose(*DIMS), reference.transpose(*DIMS)


def even_step(nodes: npt.NDArray[np.float64], name: str) -> float:
    """First step of an evenly spaced axis, as the official code takes it; NaN for a single node.

    Raises
    ------
    ValueError
        When another step differs from the first one by more than a thousandth of it: a spectrum needs even
        steps.
    """
    if nodes.size < 2:
        return float("nan")
    steps = np.diff(nodes)
    worst = int(np.abs(steps - steps[0]).argmax())
    if abs(steps[worst] - steps[0]) > _EVEN * abs(steps[0]):
        raise ValueError(
            f"{name} is not evenly spaced: the first step is {steps[0]:g}, step {worst} is {steps[worst]:g}; "
            "spectra need even steps, so fill or cut the axis first"
        )
    return float(steps[0])


def read_bands(
    estimate: xr.DataArray, reference: xr.DataArray
) -> Iterator[tuple[int, npt.NDArray[Any], npt.NDArray[Any]]]:
    """First row, estimate and reference of bands of latitude rows, all times and longitudes each.

    A field in memory is one band, without a copy. Dask fields are cut where chunks of both end, so that every
    chunk is computed once; what the two share is computed once too.
    """
    edges = _common_edges(estimate, reference)
    for start, stop in pairwise(edges):
        rows = slice(start, stop)
        heights, truth = _values(estimate.isel(lat=rows), reference.isel(lat=rows))
        yield start, heights, truth


def _common_edges(*fields: xr.DataArray) -> list[int]:
    size = fields[0].sizes["lat"]
    edges = set(range(size + 1))
    for field in fields:
        chunks = field.chunksizes.get("lat", (size,))
        edges &= {0, *np.cumsum(chunks).tolist()}
    return sorted(edges)


def _values(*fields: xr.DataArray) -> list[npt.NDArray[Any]]:
    if not any(field.chunks for field in fields):
        return [np.asarray(field.data) for field in fields]
    import dask.base

    compute: Any = dask.base.compute  # without types
    return [np.asarray(part) for part in compute(*(field.data for field in fields))]


def _check_same(dim: str, given: npt.NDArray[Any], expected: npt.NDArray[Any]) -> None:
    same = given.size == expected.size
    if same:
        equal = given == expected if dim == "time" else np.abs(given - expected) <= _SAME_NODE
        same = bool(np.all(equal))
    if not same:
        raise ValueError(
            f"{dim} of the estimate ({_extent(given)}) differs from the reference ({_extent(expected)}); "
            "interpolate the estimate to the grid of the reference first"
        )


def _extent(nodes: npt.NDArray[Any]) -> str:
    return f"{nodes.size} nodes, {nodes[0]}..{nodes[-1]}" if nodes.size else "no node"
