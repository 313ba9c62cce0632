"""Whole fields taken as observations, as in the full-field set-up of challenge 2022b."""

import numpy as np
import xarray as xr

from oceanbench.observations._canonical import assemble

_LINES_APART = (
    2520  # a multiple of every block up to 10 lines, and of 12, 14, 15, 18, 20: none joins two fields
)


def from_grid(field: xr.DataArray, *, mission: str) -> xr.Dataset:
    """Give every finite point of a gridded field as an observation.

    A row of the grid is a line and a column a pixel, so that thinning averages neighbours of one field.

    Parameters
    ----------
    field : xr.DataArray, dims (time, lat, lon), metres
    mission : str
        Name for the observations.

    Returns
    -------
    xr.Dataset, dim (obs,)
        Canonical observations.
    """
    heights = np.asarray(field.transpose("time", "lat", "lon").values, dtype=np.float64)
    day, row, column = np.nonzero(np.isfinite(heights))
    count = -(-heights.shape[1] // _LINES_APART) * _LINES_APART
    return assemble(
        field["time"].values[day],
        field["lon"].values[column],
        field["lat"].values[row],
        heights[day, row, column],
        missions=[mission],
        lines=[heights.shape[0] * count],
        pixels=[heights.shape[2]],
        line=day * count + row,
        pixel=column,
    )
