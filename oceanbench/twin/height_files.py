"""The files that hold fields of a nature run on the map (layout of the real 2020a archive)."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

HEIGHT_UNIT: Final = 1e-3  # metres per count
HEIGHT_ATTRS: Final = {"long_name": "sea surface height", "units": "m"}


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


def write_heights(
    heights: xr.DataArray, path: Path, *, unit: float = HEIGHT_UNIT, since: str = "2011-01-01"
) -> None:
    """Write heights as 16-bit counts of ``unit`` metres, compressed; times in hours since a day.

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
        encoding["time"] = {"units": f"hours since {since} 00:00:00", "dtype": "int32", "_FillValue": None}
    heights.to_netcdf(path, engine="netcdf4", encoding=encoding)
