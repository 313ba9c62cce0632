"""Single variables of a swath, in the terms of this project."""

import xarray as xr

from oceanbench.netcdf import default_fill
from oceanbench.units import metres_per

LINES, PIXELS = DIMS = ("num_lines", "num_pixels")

_LENGTHS = ("mm", "cm", "dm", "km")


def filled(variable: xr.DataArray) -> xr.DataArray:
    """Give the variable, missing where a file without a declared fill value holds the library's default."""
    fill = default_fill(variable.variable)
    return variable if fill is None else variable.where(abs(variable - fill) > 1e-6 * abs(fill))


def in_metres(variable: xr.DataArray) -> xr.DataArray:
    """Give the variable in metres where it is written in another unit of length, else as it is."""
    unit = str(variable.attrs.get("units", ""))
    return (metres_per(unit) * variable).assign_attrs(units="m") if unit in _LENGTHS else variable
