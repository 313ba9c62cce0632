"""The files that hold fields of the nature run on the map (layout of the real 2020a archive)."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.twin.osse2020 import design

HEIGHT_ATTRS = {"long_name": "sea surface height", "units": "m"}


def height_array(
    ssh: NDArray[np.float64], lat: NDArray[np.float64], lon: NDArray[np.float64], time: NDArray[np.datetime64]
) -> xr.DataArray:
    """Label heights (time, lat, lon) as the variable ``sossheig`` of the archive."""
    coords = {
        "time": ("time", time.astype("datetime64[ns]"), {"long_name": "moment of the snapshot"}),
        "lat": ("lat", lat, {"long_name": "latitude", "units": "degrees_north"}),
        "lon": ("lon", lon, {"long_name": "longitude", "units": "degrees_east"}),
    }
    return xr.DataArray(ssh, coords, ("time", "lat", "lon"), name="sossheig", attrs=HEIGHT_ATTRS)


def write_heights(heights: xr.DataArray, path: Path, *, unit: float = design.HEIGHT_UNIT) -> None:
    """Write heights as 16-bit counts of ``unit`` metres, compressed.

    Raises
    ------
    ValueError
        If a height is not finite or does not fit in 16 bits.
    """
    largest = float(np.abs(heights.to_numpy()).max())
    if not largest < 32767 * unit:
        raise ValueError(
            f"largest height is {largest} m; heights must be finite and below {32767 * unit:.2f} m"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    chunks = (min(4, heights.sizes["time"]), *heights.shape[1:]) if "time" in heights.dims else heights.shape
    packed = {
        "dtype": "int16",
        "scale_factor": unit,
        "_FillValue": np.int16(-32768),
        "zlib": True,
        "complevel": 9,
        "shuffle": True,
        "chunksizes": chunks,
    }
    encoding: dict[Hashable, dict[str, Any]] = {name: {"_FillValue": None} for name in ("lat", "lon")}
    encoding[str(heights.name)] = packed
    if "time" in heights.dims:
        encoding["time"] = {"units": "hours since 2011-01-01 00:00:00", "dtype": "int32", "_FillValue": None}
    heights.to_netcdf(path, engine="netcdf4", encoding=encoding)


def read_truth(folder: Path) -> xr.DataArray:
    """All the truth's heights (time, lat, lon) in metres, box and margin, in order of time.

    Raises
    ------
    FileNotFoundError
        If a day of the truth is missing from ``folder/dc_ref``.
    """
    parts = []
    for day in design.days(design.TRUTH):
        path = folder / design.TRUTH_FOLDER / design.truth_file(day)
        if not path.is_file():
            raise FileNotFoundError(f"no truth of {day} at {path}; build the twin or restore its data folder")
        with xr.open_dataset(path, engine="netcdf4") as dataset:
            parts.append(dataset["sossheig"].load())
    return xr.concat(parts, "time")
