"""Maps are written: CF NetCDF, complete or not there at all."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import xarray as xr

from oceanbench.methods._describing import plain
from oceanbench.methods._mapping import DIMS
from oceanbench.netcdf import refuse_absent_folder, write_whole

__all__ = ["attribute", "write_map"]

_VARIABLES: dict[str, dict[str, Any]] = {
    "ssh": {
        "standard_name": "sea_surface_height_above_geoid",
        "long_name": "sea surface height",
        "units": "m",
    },
    "ssh_error": {
        "standard_name": "sea_surface_height_above_geoid standard_error",
        "long_name": "formal error of the sea surface height",
        "units": "m",
    },
    "ugos": {
        "standard_name": "surface_geostrophic_eastward_sea_water_velocity",
        "long_name": "eastward geostrophic current",
        "units": "m s-1",
    },
    "vgos": {
        "standard_name": "surface_geostrophic_northward_sea_water_velocity",
        "long_name": "northward geostrophic current",
        "units": "m s-1",
    },
}
_AXES = {
    "time": {"standard_name": "time", "long_name": "time", "axis": "T"},
    "lat": {"standard_name": "latitude", "long_name": "latitude", "units": "degrees_north", "axis": "Y"},
    "lon": {"standard_name": "longitude", "long_name": "longitude", "units": "degrees_east", "axis": "X"},
}
_TIME_ENCODING = {"units": "days since 1950-01-01 00:00:00", "calendar": "standard", "dtype": "float64"}


def write_map(dataset: xr.Dataset, path: str | Path, *, attributes: Mapping[str, Any]) -> Path:
    """CF-1.11 NetCDF-4 file of a map, complete or not there at all.

    The file is written under another name in the same folder, then renamed: a run that is stopped leaves no
    half file behind, and a reader never sees one.

    Parameters
    ----------
    dataset : xr.Dataset
        ``ssh(time, lat, lon)`` in metres, and ``ssh_error`` if there is one.
    path : path of the file; one that exists is replaced.
    attributes : mapping
        Global attributes (title, method, inputs...). What NetCDF has no type for (mappings, truths, None) is
        written as JSON text.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        There is no ``ssh(time, lat, lon)``.
    FileNotFoundError
        The folder does not exist.
    OSError
        The file cannot be written.
    """
    target = Path(path)
    if "ssh" not in dataset or dataset["ssh"].dims != DIMS:
        raise ValueError(
            "a map is written from a Dataset with ssh(time, lat, lon); pass the result of run_method"
        )
    refuse_absent_folder(target)
    written = _with_cf_attributes(dataset, attributes)
    return write_whole(written, target, _encoding(written))


def _with_cf_attributes(dataset: xr.Dataset, attributes: Mapping[str, Any]) -> xr.Dataset:
    described = dataset.copy().drop_encoding()
    for name, attrs in (_VARIABLES | _AXES).items():
        if name in described.variables:
            kept = {key: attribute(value) for key, value in described[name].attrs.items()}
            described[name].attrs = kept | attrs
    merged = {**dataset.attrs, **attributes, "Conventions": "CF-1.11"}
    described.attrs = {key: attribute(value) for key, value in merged.items()}
    return described


def attribute(value: Any) -> str | int | float | list[Any]:
    """Give a value that an attribute of NetCDF can hold; what it has no type for as JSON text."""
    found = plain(value)
    simple = isinstance(found, str | int | float) and not isinstance(found, bool)
    if simple or (isinstance(found, list) and found and all(type(item) in (int, float) for item in found)):
        return cast("str | int | float | list[Any]", found)
    return json.dumps(found, ensure_ascii=False)


def _encoding(dataset: xr.Dataset) -> dict[str, dict[str, Any]]:
    axes: dict[str, dict[str, Any]] = {name: {"_FillValue": None} for name in DIMS}
    axes["time"] |= _TIME_ENCODING
    fields = {
        str(name): {"zlib": True, "complevel": 4, "shuffle": True, "_FillValue": np.nan}
        for name, field in dataset.data_vars.items()
        if field.dtype.kind == "f"
    }
    return axes | fields
