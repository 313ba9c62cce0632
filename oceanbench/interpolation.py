"""Sampling of gridded fields in space and time, as the challenges' own code samples them.

Heights are interpolated bilinearly in (lon, lat), in degrees, then linearly in time. A missing value in any
of the eight corners makes the result missing, even where its weight is zero; so does a point outside the
axes.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

FloatArray = npt.NDArray[np.float64]
TimeArray = npt.NDArray[np.datetime64]

_SAME_NODE = 1e-5  # degrees, a metre: grids closer than this are the same grid
_ROUNDING = 1e-9  # degrees: what the sums of steps in two grids may differ by
_FILL_STOP = 1e-4  # metres: largest update at which the relaxation stops


def interpolate_to_grid(
    source: xr.DataArray, lon: npt.ArrayLike, lat: npt.ArrayLike, time: npt.ArrayLike
) -> xr.DataArray:
    """Field on the grid (time, lat, lon), trilinear; NaN outside the source.

    Only two source times are held as float64 at once, so the memory needed does not grow with the record.

    Parameters
    ----------
    source : xr.DataArray, dims time, lat, lon in any order
        Axes strictly ascending; longitudes in the convention of ``lon``. A longitude axis that goes round the
        globe is closed.
    lon, lat : array_like, shape (n_lon,), (n_lat,)
        Nodes, degrees.
    time : array_like of datetime64, shape (n_time,)

    Returns
    -------
    xr.DataArray, dims (time, lat, lon), float64, unit of ``source``

    Raises
    ------
    ValueError
        When dimensions are missing, an axis is not ascending, or an axis has fewer than two nodes.
    """
    nodes_lon, nodes_lat, instants = _floats(lon), _floats(lat), _instants(time)
    shape = (instants.size, nodes_lat.size, nodes_lon.size)
    flat_lon = np.tile(nodes_lon, nodes_lat.size)
    flat_lat = np.repeat(nodes_lat, nodes_lon.size)
    field = np.empty(shape)
    slabs = _TimeSlabs(source)
    for index, instant in enumerate(instants):
        field[index] = slabs.sample(flat_lon, flat_lat, np.full(flat_lon.size, instant)).reshape(shape[1:])
    coords = {"time": instants, "lat": nodes_lat, "lon": nodes_lon}
    return xr.DataArray(field, coords, ("time", "lat", "lon"), name=source.name, attrs=source.attrs)


def interpolate_along_track(
    source: xr.DataArray, lon: npt.ArrayLike, lat: npt.ArrayLike, time: npt.ArrayLike
) -> FloatArray:
    """Field at the points (lon, lat, time), trilinear; NaN outside the source.

    Parameters
    ----------
    source : xr.DataArray, dims time, lat, lon in any order
        Axes strictly ascending; longitudes in the convention of ``lon``.
    lon, lat : array_like, shape (n,)
        Degrees.
    time : array_like of datetime64, shape (n,)
        In any order.

    Returns
    -------
    ndarray, shape (n,), unit of ``source``

    Raises
    ------
    ValueError
        As for `interpolate_to_grid`, or when the three arrays differ in length.
    """
    points_lon, points_lat, instants = _floats(lon), _floats(lat), _instants(time)
    if not points_lon.shape == points_lat.shape == instants.shape:
        raise ValueError(
            f"lon, lat and time have shapes {points_lon.shape}, {points_lat.shape}, {instants.shape}; "
            "give three 1-D arrays of one length"
        )
    slabs = _TimeSlabs(source)
    cells = slabs.cells(instants)
    values = np.full(instants.size, np.nan)
    for cell in np.unique(cells):
        here = np.flatnonzero(cells == cell)
        values[here] = slabs.sample(points_lon[here], points_lat[here], instants[here])
    return values


def fill_gauss_seidel(field: xr.DataArray) -> xr.DataArray:
    """Field whose missing values solve Laplace's equation, map by map, other values untouched.

    The solution of ∇²h = 0 is approached by red-black successive over-relaxation from the mean of each
    latitude row, and stops when no value moves by more than 1e-4 (the unit of the field): it is the answer of
    the challenge code, not a converged one. A slice without any value becomes zero, as there.

    Parameters
    ----------
    field : xr.DataArray, dims lat, lon, with or without time, in any order

    Returns
    -------
    xr.DataArray, dims (time, lat, lon) or (lat, lon), float64 without NaN
    """
    import pyinterp.fill

    ordered = field.transpose(..., "lat", "lon")
    n_lat, n_lon = ordered.shape[-2:]
    filled = np.array(ordered.values, dtype=np.float64).reshape(-1, n_lat, n_lon)
    relaxation = _relaxation(n_lon, n_lat)

    def relax(index: int) -> None:
        plane = np.asfortranarray(filled[index].T)
        pyinterp.fill.gauss_seidel(
            plane,
            max_iterations=n_lon * n_lat,
            epsilon=_FILL_STOP,
            relaxation=relaxation,
            first_guess="zonal_average",
            is_periodic=False,
            num_threads=1,
        )
        filled[index] = plane.T

    # maps do not depend on each other; inside one map threads would change the order of the updates
    with ThreadPoolExecutor() as pool:
        list(pool.map(relax, np.flatnonzero(np.isnan(filled).any((1, 2))).tolist()))
    return ordered.copy(data=filled.reshape(ordered.shape))


def regrid_official(source: xr.DataArray, target: xr.DataArray | xr.Dataset) -> xr.DataArray:
    """Field on the grid and times of ``target``, filled where ``source`` ends, as in challenge 2020a.

    Trilinear interpolation, then `fill_gauss_seidel` when any value is missing. A source already on the
    target grid (nodes within 1e-5 degree, equal times) keeps its values to the bit.

    Parameters
    ----------
    source : xr.DataArray, dims time, lat, lon in any order
    target : xr.DataArray or xr.Dataset with coordinates time, lat, lon

    Returns
    -------
    xr.DataArray, dims (time, lat, lon), float64 without NaN, on the coordinates of ``target``
    """
    grid = {name: target[name].values for name in ("time", "lat", "lon")}
    if is_on_grid(source, target):
        field = source.transpose("time", "lat", "lon").assign_coords(grid)
    else:
        field = interpolate_to_grid(source, grid["lon"], grid["lat"], grid["time"])
    return fill_gauss_seidel(field) if bool(field.isnull().any()) else field.astype(np.float64)


def regrid_bilinear(source: xr.DataArray, lon: npt.ArrayLike, lat: npt.ArrayLike) -> xr.DataArray:
    """Field at its own times on other nodes, filled where ``source`` ends, as in OceanBench (NeurIPS 2023).

    Bilinear interpolation in degrees, then `fill_gauss_seidel` when any value is missing. A source on these
    nodes (within 1e-5 degree) keeps its values to the bit; a node a rounding error beyond the source is on
    its edge.

    Parameters
    ----------
    source : xr.DataArray, dims time, lat, lon in any order
    lon, lat : array_like, degrees, ascending

    Returns
    -------
    xr.DataArray, dims (time, lat, lon), float64 without NaN
    """
    grid = {"time": source["time"].values, "lat": _floats(lat), "lon": _floats(lon)}
    if all(_same_nodes(source[name].values, grid[name]) for name in ("lat", "lon")):
        field = source.transpose("time", "lat", "lon").assign_coords(grid)
    else:
        at = {name: _snapped(grid[name], source[name].values) for name in ("lat", "lon")}
        field = interpolate_to_grid(source, at["lon"], at["lat"], grid["time"]).assign_coords(grid)
    return fill_gauss_seidel(field) if bool(field.isnull().any()) else field.astype(np.float64)


def regrid_cubic(source: xr.DataArray, target: xr.DataArray | xr.Dataset) -> xr.DataArray:
    """Field on the nodes of ``target``, by cubic splines along latitude and longitude, as in challenge 2023.

    The splines (not-a-knot) run through the nodes of the source from the last one before the target to the
    first one after it: the published maps were cut to the box, and a spline depends a little on how far it
    reaches. They are solved for directly; since scipy 1.13 the interpolator behind the published numbers
    iterates to about 1e-6 of the heights instead, which can move λ by 1e-4 of itself. A source on the nodes
    of the target (within 1e-5 degree) keeps its values to the bit.

    Parameters
    ----------
    source : xr.DataArray, dims time, lat, lon in any order
        Axes strictly ascending, times those of the target.
    target : xr.DataArray or xr.Dataset with coordinates time, lat, lon

    Returns
    -------
    xr.DataArray, dims (time, lat, lon), float64, on the coordinates of ``target``
        NaN outside the source, and everywhere at a time with a missing value: a spline feels all its nodes.

    Raises
    ------
    ValueError
        If the times differ, or the source has fewer than four nodes along an axis.
    """
    grid = {name: target[name].values for name in ("time", "lat", "lon")}
    field = source.transpose("time", "lat", "lon")
    if not np.array_equal(field["time"].values, grid["time"]):
        raise ValueError("source and target have different times; cubic splines are for space only")
    if all(_same_nodes(field[name].values, grid[name]) for name in ("lat", "lon")):
        return field.assign_coords(grid).astype(np.float64)
    for name in ("lat", "lon"):
        field = field.isel({name: _around(_ascending(field, name), grid[name])})
        if field.sizes[name] < 4:
            raise ValueError(
                f"{name} has {field.sizes[name]} nodes around the target; cubic splines need four"
            )
    heights = _through_nodes(_floats(field.values), field["lat"].values, grid["lat"], axis=1)
    heights = _through_nodes(heights, field["lon"].values, grid["lon"], axis=2)
    return xr.DataArray(heights, grid, ("time", "lat", "lon"), name=source.name, attrs=source.attrs)


def _through_nodes(heights: FloatArray, nodes: FloatArray, wanted: FloatArray, axis: int) -> FloatArray:
    """Values at ``wanted`` of the cubic splines along an axis of fields with dims (time, lat, lon)."""
    from scipy.interpolate import make_interp_spline

    whole = np.isfinite(heights).all(axis=(1, 2))
    shape = (*heights.shape[:axis], wanted.size, *heights.shape[axis + 1 :])
    result = np.full(shape, np.nan)
    at = _snapped(wanted, nodes)
    result[whole] = make_interp_spline(nodes, heights[whole], k=3, axis=axis)(at, extrapolate=False)
    return result


def _snapped(wanted: FloatArray, nodes: FloatArray) -> FloatArray:
    """Move what lies a rounding error beyond the nodes onto the last one; leave the rest outside."""
    clipped = np.clip(wanted, nodes[0], nodes[-1])
    return np.where(np.abs(clipped - wanted) <= _ROUNDING, clipped, wanted)


def _around(nodes: FloatArray, wanted: FloatArray) -> slice:
    """The nodes from the last one at or before ``wanted`` to the first one at or after it."""
    first = max(int(np.searchsorted(nodes, wanted[0] + _ROUNDING, side="right")) - 1, 0)
    return slice(first, int(np.searchsorted(nodes, wanted[-1] - _ROUNDING, side="left")) + 1)


def daily_mean(field: xr.DataArray) -> xr.DataArray:
    """Mean of each UTC day, labelled 00:00; missing values are left out, a day without any is NaN.

    Lazy for dask arrays. Days without samples between the first and the last day appear as NaN.
    """
    days = field["time"].values.astype("datetime64[D]")
    at_midnight = np.array_equal(days.astype("datetime64[ns]"), field["time"].values)
    if at_midnight and np.unique(days).size == days.size:
        return field
    return field.resample(time="1D").mean(keep_attrs=True)


class _TimeSlabs:
    """A field read two times at a time, each pair once in a row."""

    def __init__(self, source: xr.DataArray) -> None:
        if set(source.dims) != {"time", "lat", "lon"}:
            raise ValueError(f"the source has dims {tuple(source.dims)}; expected time, lat, lon")
        self.source = source.transpose("lon", "lat", "time")
        self.lon = _ascending(source, "lon")
        self.lat = _ascending(source, "lat")
        self.time = _instants(source["time"].values)
        _check_ascending("time", self.time.astype(np.int64))
        self._cell = -1
        self._grid: Any = None

    def cells(self, instants: TimeArray) -> npt.NDArray[np.int64]:
        """First of the two source times around each instant; instants outside get the end cells."""
        first = np.searchsorted(self.time, instants, side="right") - 1
        return np.clip(first, 0, self.time.size - 2)

    def sample(self, lon: FloatArray, lat: FloatArray, instants: TimeArray) -> FloatArray:
        """Values at points that share one time cell."""
        import pyinterp

        if not instants.size:
            return np.empty(0)
        grid = self._grid_of(int(self.cells(instants[:1])[0]))
        values = pyinterp.trivariate(grid, lon, lat, instants, "bilinear", bounds_error=False)
        return np.asarray(values, dtype=np.float64)

    def _grid_of(self, cell: int) -> Any:
        import pyinterp

        if cell != self._cell:
            pair = slice(cell, cell + 2)
            heights = np.array(self.source.isel(time=pair).values, dtype=np.float64, order="C")
            times = pyinterp.TemporalAxis(self.time[pair])
            self._grid = pyinterp.Grid(_longitude_axis(self.lon), pyinterp.Axis(self.lat), times, heights)
            self._cell = cell
        return self._grid


def _longitude_axis(lon: FloatArray) -> Any:
    """Axis of the nodes, closed when one more step would come back to the first node."""
    import pyinterp

    step = (lon[-1] - lon[0]) / (lon.size - 1)
    round_the_globe = abs(step * lon.size - 360.0) < 0.01 * step
    return pyinterp.Axis(lon, period=360.0) if round_the_globe else pyinterp.Axis(lon)


def _relaxation(n_lon: int, n_lat: int) -> float:
    """Over-relaxation factor 2 / (1 + π / n) of an n x n box, or of the box equivalent to a rectangle."""
    size = float(n_lon) if n_lon == n_lat else n_lon * n_lat * np.sqrt(2.0 / (n_lon**2 + n_lat**2))
    return float(2.0 / (1.0 + np.pi / size))


def is_on_grid(source: xr.DataArray, target: xr.DataArray | xr.Dataset) -> bool:
    """Whether ``source`` has the nodes (within 1e-5 degree) and the times of ``target``."""
    near = all(_same_nodes(source[name].values, target[name].values) for name in ("lat", "lon"))
    return near and np.array_equal(source["time"].values, target["time"].values)


def _same_nodes(nodes: FloatArray, others: FloatArray) -> bool:
    return nodes.size == others.size and bool(np.all(np.abs(nodes - others) <= _SAME_NODE))


def _ascending(source: xr.DataArray, name: str) -> FloatArray:
    values = _floats(source[name].values)
    _check_ascending(name, values)
    return values


def _check_ascending(name: str, values: npt.NDArray[Any]) -> None:
    if values.size < 2:
        raise ValueError(f"{name} has {values.size} node(s); interpolation needs two or more")
    if not np.all(np.diff(values) > 0):
        raise ValueError(
            f"{name} runs {values[0]}..{values[-1]} and is not strictly ascending; call sortby({name!r})"
        )


def _floats(values: npt.ArrayLike) -> FloatArray:
    return np.atleast_1d(np.asarray(values, dtype=np.float64))


def _instants(values: npt.ArrayLike) -> TimeArray:
    return np.atleast_1d(np.asarray(values, dtype="datetime64[ns]"))
