"""Opening of one file of a swath."""

import os
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from oceanbench.longitudes import wrap_longitudes
from oceanbench.netcdf import open_data
from oceanbench.observations import LAYOUTS, Layout
from oceanbench.swaths._distances import cross_track_km
from oceanbench.swaths._fields import DIMS, LINES, PIXELS, filled, in_metres
from oceanbench.swaths._sources import PathLike

NUMBERS = ("cycle_number", "pass_number")

_CHUNK_SAMPLES = 1 << 23
_JOINED_LINES = 4096
_LON_NAMES = ("lon", "longitude")
_LAT_NAMES = ("lat", "latitude")
_PLACES = ("time", "lon", "lat", "cross_track_km")
_NUMBERS_IN_NAME = re.compile(r"_(\d{3})_(\d{3})(?=[_.])")
_MASKS = {"mask_coastline_200km": "offshore", "mask_ssh_var_over200cm2": "low_variability"}


def open_swath(
    path: PathLike,
    *,
    layout: str = "swath-2022a",
    variables: Collection[str] | None = None,
    to_metres: bool = True,
) -> xr.Dataset:
    """Open one file of a swath; values are read when they are used.

    Parameters
    ----------
    path : path of a NetCDF file or a Zarr folder
    layout : str
        A key of ``oceanbench.observations.LAYOUTS`` that is a swath: ``swath-2022a``, ``swath-l3`` (2024,
        2024b), ``swath-2020a``.
    variables : names, optional
        What to keep; all that has lines and pixels unless given. The masks of 2022a are asked for as
        ``offshore`` (farther than 200 km from the coast) and ``low_variability`` (variance of the height
        below 200 cm²): in the file, 1 means this and missing means the opposite.
    to_metres : bool
        Whether lengths come in metres; else they stay in the unit that is written.

    Returns
    -------
    xr.Dataset, dims (num_lines, num_pixels), of dask arrays
        Coordinates ``time(num_lines)``, ``lon`` (-180..180) and ``lat`` with both dims, and, where it can be
        known, ``cross_track_km(num_pixels)``, 0 under the satellite. Attributes ``cycle_number`` and
        ``pass_number``, from the attributes of the file or from its name; in a file that joins several
        passes they are variables along ``num_lines`` (see :func:`split_passes`).

    Raises
    ------
    FileNotFoundError, ValueError
        Where the file is missing or unreadable, lacks a variable, has another layout, or numbers of cycle and
        pass that are not those of its name.
    """
    form = _swath_layout(layout)
    dataset = _opened(path, form)
    found = xr.Dataset(
        dict(_chosen(dataset, os.fspath(path), variables, to_metres)),
        coords=_coordinates(dataset, form),
        attrs=dataset.attrs,
    )
    return _with_numbers(found, dataset, Path(path))


def _swath_layout(name: str) -> Layout:
    swaths = [layout.name for layout in LAYOUTS.values() if layout.swath]
    if name not in swaths:
        raise ValueError(f"layout {name!r} is not one of swaths; allowed: {', '.join(swaths)}")
    return LAYOUTS[name]


def _opened(path: PathLike, form: Layout) -> xr.Dataset:
    """Open a file with the dims and names of this project, in chunks that fit in memory."""
    dataset = open_data(path, indexes=False, chunks={})
    line, pixel = _dims(dataset, path, form)
    lines = _lines_at_once(dataset, line, pixel)
    if dataset.sizes[line] > lines:
        dataset.close()
        dataset = open_data(path, indexes=False, chunks={line: lines})
    names = {name: "lon" for name in _LON_NAMES} | {name: "lat" for name in _LAT_NAMES}
    dataset = dataset.rename({name: new for name, new in names.items() if name in dataset and name != new})
    dims = {old: new for old, new in zip((line, pixel), DIMS, strict=True) if old != new}
    dataset = dataset.reset_coords().rename_dims(dims)
    return dataset.assign(time=_first_of_line(dataset["time"])) if dataset["time"].ndim == 2 else dataset


def _first_of_line(time: xr.DataArray) -> xr.DataArray:
    """Give the earliest time of each line, NaT only where all are missing."""
    first: xr.DataArray = xr.apply_ufunc(
        np.fmin.reduce,
        time,
        input_core_dims=[[PIXELS]],
        kwargs={"axis": -1},
        dask="parallelized",
        dask_gufunc_kwargs={"allow_rechunk": True},
        output_dtypes=[time.dtype],
        keep_attrs=True,
    )
    return first


def _lines_at_once(dataset: xr.Dataset, line: str, pixel: str) -> int:
    """Give the number of lines of a chunk: about a pass where several are joined, to read one by one."""
    if "pass_number" not in dataset or dataset["pass_number"].dims != (line,):
        return max(_CHUNK_SAMPLES // max(dataset.sizes[pixel], 1), 1)
    places = dataset[next(name for name in _LON_NAMES if name in dataset)]
    stored = places.encoding.get("chunksizes") or places.shape
    along = stored[places.dims.index(line)]
    return int(along) if _JOINED_LINES < along < dataset.sizes[line] else _JOINED_LINES


def _dims(dataset: xr.Dataset, path: PathLike, form: Layout) -> tuple[str, str]:
    lon = _first(dataset, path, _LON_NAMES)
    lat, time = _first(dataset, path, _LAT_NAMES), _first(dataset, path, ("time",))
    if form.dims and time.dims == lon.dims == lat.dims == form.dims:
        time = time[:, 0]  # a time for each pixel: those of a line are one
    if time.ndim != 1 or lon.ndim != 2 or time.dims[0] not in lon.dims or set(lat.dims) != set(lon.dims):
        raise ValueError(
            f"time has dims {time.dims}, lon {lon.dims} and lat {lat.dims} in {os.fspath(path)!r}; layout "
            f"{form.name!r} expects one time for each line, and positions of lines x pixels"
        )
    line = str(time.dims[0])
    pixel = next(str(dim) for dim in lon.dims if dim != line)
    if form.dims and (line, pixel) != form.dims:
        raise ValueError(
            f"lines run along {line!r} and pixels along {pixel!r} in {os.fspath(path)!r}; layout "
            f"{form.name!r} expects {' and '.join(form.dims)}; is the file transposed?"
        )
    if time.dtype.kind != "M":
        raise ValueError(
            f"time in {os.fspath(path)!r} is {time.dtype}, not dates of the real calendar; "
            "give it units such as 'seconds since 2000-01-01'"
        )
    return line, pixel


def _first(dataset: xr.Dataset, path: PathLike, names: Sequence[str]) -> xr.Variable:
    for name in names:
        if name in dataset.variables:
            return dataset.variables[name]
    held = ", ".join(sorted(map(str, dataset.variables)))
    raise ValueError(f"{os.fspath(path)!r} has no variable {' or '.join(names)}; it holds {held}")


def _coordinates(dataset: xr.Dataset, form: Layout) -> dict[str, xr.DataArray]:
    lon = filled(dataset["lon"]).transpose(*DIMS)
    wrapped = xr.apply_ufunc(wrap_longitudes, lon, dask="parallelized", output_dtypes=[np.float64])
    coordinates = {
        "time": dataset["time"].astype("datetime64[ns]"),
        "lon": wrapped.assign_attrs(units="degrees_east"),
        "lat": filled(dataset["lat"]).transpose(*DIMS).assign_attrs(units="degrees_north"),
    }
    distance = cross_track_km(dataset, form)
    if distance is not None:
        coordinates["cross_track_km"] = xr.DataArray(distance, dims=PIXELS, attrs={"units": "km"})
    return coordinates


def _chosen(
    dataset: xr.Dataset, path: str, variables: Collection[str] | None, to_metres: bool
) -> Iterator[tuple[str, xr.DataArray]]:
    stored = {_MASKS.get(str(name), str(name)): name for name in dataset.data_vars if name not in _PLACES}
    whole = [name for name, old in stored.items() if set(dataset[old].dims) == set(DIMS)]
    for name in whole if variables is None else variables:
        if name not in stored:
            raise ValueError(f"{path!r} has no variable {name}; it holds {', '.join(sorted(stored))}")
        values = _in_our_order(dataset[stored[name]])
        if name in _MASKS.values():
            values = (values > 0.5).drop_attrs()
        yield name, in_metres(values) if to_metres else values


def _in_our_order(variable: xr.DataArray) -> xr.DataArray:
    values = filled(variable) if variable.dtype.kind == "f" else variable
    return values.transpose(*(dim for dim in DIMS if dim in values.dims))


def _with_numbers(found: xr.Dataset, dataset: xr.Dataset, path: Path) -> xr.Dataset:
    """Add the numbers of cycle and pass: attributes of one pass, variables of several."""
    by_line = {name: dataset[name] for name in NUMBERS if name in dataset and dataset[name].dims == (LINES,)}
    if by_line:
        # the attributes of such a file are those of its first pass
        others = {name: value for name, value in found.attrs.items() if name not in by_line}
        return found.drop_attrs(deep=False).assign_attrs(others).assign(by_line)
    in_name = _NUMBERS_IN_NAME.search(path.name)
    named = dict(zip(NUMBERS, map(int, in_name.groups()), strict=True)) if in_name else {}
    written = {name: _whole(found.attrs[name], name, path) for name in NUMBERS if name in found.attrs}
    for name in set(named) & set(written):
        if named[name] != written[name]:
            raise ValueError(
                f"{name} is {written[name]} in the attributes of {str(path)!r} but {named[name]} in its "
                "name; correct one of them"
            )
    return found.assign_attrs(named | written)


def _whole(value: Any, name: str, path: Path) -> int:
    try:
        number = float(np.asarray(value, dtype=np.float64).reshape(()))
    except (TypeError, ValueError):
        number = np.nan
    if not number.is_integer():
        raise ValueError(f"{name} is {value!r} in the attributes of {str(path)!r}; expected a whole number")
    return int(number)
