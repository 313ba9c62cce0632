"""Full fields in the layout of 2022b: ``ssh(time, y, x)`` with 1-D and 2-D longitudes and latitudes."""

from pathlib import Path
from typing import Any, Final

import netCDF4
import numpy as np
import xarray as xr
from numpy.typing import NDArray

HEIGHT_COUNT: Final = 1e-3  # metres
_LARGEST: Final = 32767


def write_fields(path: Path, heights: xr.DataArray) -> None:
    """Write heights (time, lat, lon) in metres, rounded to 1 mm.

    Raises
    ------
    ValueError
        If a height is not finite or exceeds 32.767 m.
    """
    counts = np.rint(heights.to_numpy() / HEIGHT_COUNT)
    if not np.all(np.abs(counts) <= _LARGEST):
        raise ValueError(f"{path.name}: a height is not finite or exceeds 32.767 m; shorten the time step")
    lat, lon = heights["lat"].to_numpy(), heights["lon"].to_numpy()
    path.parent.mkdir(parents=True, exist_ok=True)
    with netCDF4.Dataset(path, "w") as dataset:
        for name, size in (("time", heights.sizes["time"]), ("y", lat.size), ("x", lon.size)):
            dataset.createDimension(name, size)
        time = dataset.createVariable("time", "f8", ("time",))
        time.units = "days since 2011-01-01 00:00:00"
        time[:] = (heights["time"].to_numpy() - np.datetime64("2011-01-01", "ns")) / np.timedelta64(1, "D")
        _write_axes(dataset, lat, lon)
        ssh = _create(dataset, "ssh", "i2", ("time", "y", "x"))
        ssh.setncatts({"scale_factor": HEIGHT_COUNT, "units": "m", "long_name": "sea surface height"})
        ssh.set_auto_maskandscale(False)
        ssh[:] = counts.astype(np.int16)


def _write_axes(dataset: netCDF4.Dataset, lat: NDArray[np.float64], lon: NDArray[np.float64]) -> None:
    longitudes, latitudes = np.meshgrid(lon, lat)
    for name, values, dims in (
        ("lat", lat, ("y",)),
        ("lon", lon, ("x",)),
        ("nav_lat", latitudes, ("y", "x")),
        ("nav_lon", longitudes, ("y", "x")),
    ):
        variable = _create(dataset, name, "f8", dims)
        variable.units = "degrees_north" if name.endswith("lat") else "degrees_east"
        variable[:] = values


def _create(dataset: netCDF4.Dataset, name: str, kind: str, dims: tuple[str, ...]) -> Any:
    return dataset.createVariable(name, kind, dims, compression="zlib", complevel=9, shuffle=True)


def read_fields(paths: list[Path]) -> xr.DataArray:
    """Read the heights (time, lat, lon) in metres of files in the order given.

    Raises
    ------
    FileNotFoundError
        If one is missing.
    """
    parts = []
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f"no field at {path}; build the twin or restore its data folder")
        with xr.open_dataset(path, engine="netcdf4") as dataset:
            parts.append(dataset[["ssh", "lat", "lon"]].set_coords(["lat", "lon"])["ssh"].load())
    return xr.concat(parts, "time", coords="minimal", compat="equals").swap_dims(y="lat", x="lon")
