"""What a map says of its own error, beside the error that it has."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from oceanbench.challenge import Challenge
from oceanbench.data import read_truth_of
from oceanbench.interpolation import interpolate_to_grid

__all__ = ["ErrorMaps", "error_maps"]


@dataclass(frozen=True)
class ErrorMaps:
    """Root mean squares over the scored days, at each node.

    Attributes
    ----------
    formal : xr.DataArray, dims (lat, lon), metres
        Of the error that the method expects, ``ssh_error``.
    real : xr.DataArray, dims (lat, lon), metres
        Of map minus truth.
    """

    formal: xr.DataArray
    real: xr.DataArray


def error_maps(challenge: Challenge, path: Path, *, data: Path | None = None) -> ErrorMaps | None:
    """Compare the formal error of a map with its real one, on the nodes and at the instants of the map.

    Parameters
    ----------
    challenge : Challenge
        With a gridded truth; that of the track where it has a box or days of its own.
    path : pathlib.Path
        A map with ``ssh_error(time, lat, lon)`` in metres.
    data : pathlib.Path, optional
        Folder in which the truth is looked for first.

    Returns
    -------
    ErrorMaps or None
        None where the map has no ``ssh_error``, or the challenge no gridded truth.
    """
    if challenge.kind != "map-osse":
        return None
    with xr.open_dataset(path) as maps:
        if "ssh_error" not in maps:
            return None
        heights = maps[["ssh", "ssh_error"]].transpose("time", "lat", "lon").load()
    truth = read_truth_of(challenge, given=data)
    period = challenge.periods.evaluation
    known = truth.time.values
    first, last = max(known[0], period.first_instant), min(known[-1], period.past_end)
    heights = heights.sel(time=slice(first, last))
    wanted = interpolate_to_grid(truth, heights.lon.values, heights.lat.values, heights.time.values)
    difference = heights["ssh"].astype(np.float64) - wanted
    return ErrorMaps(_rms(heights["ssh_error"].astype(np.float64)), _rms(difference))


def _rms(field: xr.DataArray) -> xr.DataArray:
    return (field**2).mean("time") ** 0.5
