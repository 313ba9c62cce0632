"""Gridded heights, read lazily: maps, truths, mean heights, training fields, model grids."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.challenge import Box, Period
from oceanbench.longitudes import wrap_longitudes
from oceanbench.netcdf import default_fill, open_data
from oceanbench.submission import normalise_grid
from oceanbench.units import metres_per

__all__ = ["crop", "read_curvilinear", "read_grid", "read_training"]

_ON_EDGE_DEGREES = 1e-6  # a node this near to the edge of a box lies on it
_CHUNK_BYTES = 1 << 26
_POSITIONS = (("nav_lon", "nav_lat"), ("lon", "lat"), ("longitude", "latitude"))

type Range = tuple[float, float]


def read_grid(
    paths: Sequence[Path], height: Mapping[str, float], *, valid_range: Range | None = None
) -> xr.DataArray:
    """Read gridded heights lazily, several files one after the other in time.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        NetCDF files or Zarr folders with the same grid. Positions may be two-dimensional where the grid is
        one of parallels and meridians.
    height : mapping of str to float
        The height as a sum of variables times coefficients.
    valid_range : lowest and highest height, optional
        Metres; heights outside are missing. Some simulators store land as -2.1e5 m and declare no fill value.

    Returns
    -------
    xr.DataArray, dims (time, lat, lon) or (lat, lon), in metres
        Dask, in the chunks of the file, else in chunks of some time steps (64 MB). Longitudes in -180..180,
        all coordinates ascending.

    Raises
    ------
    FileNotFoundError, ValueError
        Where a file is missing or unreadable, lacks a variable or an axis, or has another grid than the
        first.
    """
    field = _joined(paths, height, valid_range)
    # the name stands for the source in what is said about its axes
    return normalise_grid(field.rename(str(paths[0]))).rename("ssh").assign_attrs(units="m")


def read_curvilinear(
    paths: Sequence[Path], height: Mapping[str, float], *, valid_range: Range | None = None
) -> xr.DataArray:
    """Read heights on the curvilinear grid of an ocean model lazily, such as those of NEMO.

    Parameters
    ----------
    paths, height, valid_range :
        As in :func:`read_grid`.

    Returns
    -------
    xr.DataArray, dims (time, y, x) or (y, x), in metres
        Coordinates ``lon`` (-180..180) and ``lat``, dims (y, x), and ``time`` where the file has one.

    Raises
    ------
    FileNotFoundError, ValueError
        As :func:`read_grid`; also where the positions do not have two dimensions.
    """
    field = _joined(paths, height, valid_range)
    lon, lat = _curved_positions(field, paths[0])
    rows, columns = lon.dims
    further = [dim for dim in field.dims if dim not in lon.dims]
    if len(further) > 1:
        raise ValueError(f"{str(paths[0])!r}: the height has dims {field.dims}; expected time and {lon.dims}")
    names = {rows: "y", columns: "x", **{dim: "time" for dim in further}}
    places = {
        "lon": (("y", "x"), wrap_longitudes(lon.values)),
        "lat": (("y", "x"), np.asarray(lat.transpose(rows, columns).values, dtype=np.float64)),
    }
    plain = field.drop_vars([name for name in field.coords if name not in further])
    return plain.transpose(*further, rows, columns).rename(names).assign_coords(places).rename("ssh")


def read_training(
    paths: Sequence[Path],
    height: Mapping[str, float],
    *,
    periods: Sequence[Period],
    forbidden: Sequence[Period] = (),
    box: Box | None = None,
    valid_range: Range | None = None,
) -> xr.DataArray:
    """Read the fields that a method may learn from, lazily.

    Parameters
    ----------
    paths, height, valid_range :
        As in :func:`read_grid`. The files may hold more than may be used.
    periods : sequence of Period
        Days to learn from; all days of each.
    forbidden : sequence of Period
        Days that may not be used: those that are scored, and those too near to them.
    box : Box, optional
        Where to learn; everywhere unless given.

    Returns
    -------
    xr.DataArray, dims (time, lat, lon), in metres
        Dask; only times in ``periods``.

    Raises
    ------
    ValueError
        Where a period meets a forbidden one, or the files hold no field of the periods or of the box.
    """
    _refuse_forbidden(periods, forbidden)
    field = read_grid(paths, height, valid_range=valid_range)
    if "time" not in field.dims:
        raise ValueError(f"{str(paths[0])!r} has no times; fields to learn from must be dated")
    times = field["time"].values
    chosen = field.isel(time=np.flatnonzero(_within(times, periods)))
    if not chosen.sizes["time"]:
        wanted = ", ".join(f"{period.start}..{period.end}" for period in periods) or "none"
        covered = f"{times.min()} to {times.max()}" if times.size else "no time"
        raise ValueError(f"no field of the training periods ({wanted}); the files cover {covered}")
    return chosen if box is None else crop(chosen, box)


def crop(field: xr.DataArray, box: Box, *, edge_degrees: float = _ON_EDGE_DEGREES) -> xr.DataArray:
    """Cut a field to a box, edges included.

    Parameters
    ----------
    field : xr.DataArray with coordinates lon and lat, ascending
    box : Box
    edge_degrees : float
        A node this far outside still lies on the edge. With 0 the coordinates are taken to the bit, as the
        official code of 2023 takes them: its node -64 is stored just west of -64, and is cut off.

    Raises
    ------
    ValueError
        Where no node lies inside.
    """
    inside = field.sel(
        lon=slice(box.west - edge_degrees, box.east + edge_degrees),
        lat=slice(box.south - edge_degrees, box.north + edge_degrees),
    )
    if not (inside.sizes["lon"] and inside.sizes["lat"]):
        lon, lat = field["lon"].values, field["lat"].values
        raise ValueError(
            f"no node lies in {box.west}..{box.east} E, {box.south}..{box.north} N; the field covers "
            f"{lon[0]:.5g}..{lon[-1]:.5g} E, {lat[0]:.5g}..{lat[-1]:.5g} N"
        )
    return inside


def _joined(paths: Sequence[Path], height: Mapping[str, float], valid_range: Range | None) -> xr.DataArray:
    """Give the height in metres, in the dims of the files, which follow one another in time."""
    if not paths:
        raise ValueError("no file of a grid; give at least one")
    if not height:
        raise ValueError("height names no variable; give for instance {'ssh': 1.0}")
    chunks = _chunks(paths[0], height)
    fields = [_height(path, height, chunks) for path in paths]
    field = fields[0] if len(fields) == 1 else _in_time(fields, paths)
    if valid_range is not None:
        field = _within_range(field, valid_range)
    # the range of valid values belongs to the numbers as they were stored, where it is not plainly wrong
    field.attrs = {key: value for key, value in field.attrs.items() if not key.startswith("valid_")}
    return field.assign_attrs(units="m")


def _within_range(field: xr.DataArray, valid_range: Range) -> xr.DataArray:
    low, high = valid_range
    if not low < high:
        raise ValueError(f"valid_range is {valid_range}; give the lowest height first, then the highest")
    return field.where((field >= low) & (field <= high))


def _in_time(fields: Sequence[xr.DataArray], paths: Sequence[Path]) -> xr.DataArray:
    dim = _time_dim(fields[0], paths[0])
    dated = [
        field if dim in field.dims else field.expand_dims(_time_dim(field, path))
        for field, path in zip(fields, paths, strict=True)
    ]
    for field, path in zip(dated[1:], paths[1:], strict=True):
        if not _have_same_places(dated[0], field):
            raise ValueError(_other_grid(path, paths[0]))
    try:
        return xr.concat(
            dated, dim, join="exact", coords="minimal", compat="override", combine_attrs="override"
        )
    except ValueError as error:
        raise ValueError(f"{_other_grid(paths[1], paths[0])}; {error}") from error


def _time_dim(field: xr.DataArray, path: Path) -> str:
    """Give the name of the time, a dimension or a label of the whole file."""
    names = [str(name) for name, time in field.coords.items() if time.dtype.kind in "MO" and time.ndim <= 1]
    if not names:
        raise ValueError(f"{str(path)!r} has no times; several files of a grid must be dated")
    return min(names, key=lambda name: name not in field.dims)


def _have_same_places(one: xr.DataArray, other: xr.DataArray) -> bool:
    """Compare positions that are no indexes; indexes are compared where fields are joined."""
    names = [name for pair in _POSITIONS for name in pair if name in one.coords and name not in one.dims]
    return all(
        name in other.coords and np.array_equal(one[name].values, other[name].values, equal_nan=True)
        for name in names
    )


def _other_grid(path: Path, first: Path) -> str:
    return (
        f"{str(path)!r} or a later file has another grid than {str(first)!r}; read files of one grid at once"
    )


def _chunks(path: Path, height: Mapping[str, float]) -> dict[str, int]:
    """Give the lengths of chunks: as stored, or some whole fields of a file that is stored in one piece."""
    with open_data(path, indexes=False) as dataset:
        largest = max(_terms(dataset, path, height), key=lambda term: term.ndim)
        time = next((str(dim) for dim in largest.dims if _is_time(dataset, str(dim))), None)
        if time is None or "preferred_chunks" in largest.encoding:
            return {}
        field_bytes = 8 * largest.size // max(largest.sizes[time], 1)
        steps = max(_CHUNK_BYTES // max(field_bytes, 1), 1)
        return {time: steps} if steps < largest.sizes[time] else {}


def _is_time(dataset: xr.Dataset, dim: str) -> bool:
    return dim in dataset.variables and dataset.variables[dim].dtype.kind in "MO"


def _terms(dataset: xr.Dataset, path: Path, height: Mapping[str, float]) -> list[xr.DataArray]:
    missing = [name for name in height if name not in dataset]
    if missing:
        raise ValueError(f"{path}: no variable {missing}; it holds {sorted(map(str, dataset.data_vars))}")
    return [dataset[name] for name in height]


def _height(path: Path, height: Mapping[str, float], chunks: Mapping[str, int]) -> xr.DataArray:
    dataset = open_data(path, chunks=chunks)
    times = {dim for dim in map(str, dataset.dims) if _is_time(dataset, dim)}
    positions = [
        name
        for name, variable in dataset.data_vars.items()
        if name not in height and variable.ndim <= 2 and not times & set(map(str, variable.dims))
    ]
    terms = _terms(dataset.set_coords(positions), path, height)
    return reduce(add, map(_in_metres, terms, height.values()))


def _in_metres(field: xr.DataArray, coefficient: float) -> xr.DataArray:
    factor = coefficient * metres_per(str(field.attrs.get("units") or "m"))
    fill = default_fill(field.variable)
    if fill is not None:
        field = field.where(abs(field - fill) > 1e-6 * abs(fill))
    return field if factor == 1.0 else factor * field


def _curved_positions(field: xr.DataArray, path: Path) -> tuple[xr.DataArray, xr.DataArray]:
    for lon, lat in _POSITIONS:
        if lon in field.coords and lat in field.coords and field[lon].ndim == 2:
            return field[lon], field[lat]
    held = ", ".join(f"{name} {field[name].dims}" for name in field.coords) or "none"
    raise ValueError(
        f"{str(path)!r} has no two-dimensional longitudes and latitudes (coordinates: {held}); "
        "read a grid of parallels and meridians with read_grid"
    )


def _refuse_forbidden(periods: Sequence[Period], forbidden: Sequence[Period]) -> None:
    for period in periods:
        for other in forbidden:
            if period.start <= other.end and other.start <= period.end:
                raise ValueError(
                    f"the days {period.start} to {period.end} to learn from meet {other.start} to "
                    f"{other.end}, which may not be used; choose others"
                )


def _within(times: NDArray[np.datetime64], periods: Sequence[Period]) -> NDArray[np.bool_]:
    inside = np.zeros(times.shape, dtype=bool)
    for period in periods:
        inside |= (times >= period.first_instant) & (times < period.past_end)
    return inside
