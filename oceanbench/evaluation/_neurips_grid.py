"""A map and its truth on one regular grid, as OceanBench (NeurIPS 2023) brings them there."""

import numpy as np
import numpy.typing as npt
import xarray as xr

from oceanbench.challenge import Box, GriddedProtocol
from oceanbench.evaluation._pair import GridScope, Pair
from oceanbench.interpolation import daily_mean, regrid_bilinear

__all__ = ["neurips_pair"]

Floats = npt.NDArray[np.float64]


def neurips_pair(ssh: xr.DataArray, truth: xr.DataArray, scope: GridScope, protocol: GriddedProtocol) -> Pair:
    """Daily means of both, cut to the box, brought to its regular grid and filled at the edges.

    The grid begins at the south-western corner of the box and ends a step before its other edges. Both
    fields are treated alike: cut to the nodes inside the closed box, interpolated bilinearly in degrees, and
    relaxed to a solution of Laplace's equation wherever they have no value.

    The published code interpolates by xESMF, whose cells have great circles as edges: nodes of its grid lie
    up to a few metres elsewhere in a cell, and those on the southern edge of a coarse map, on the parallel of
    its first row, can count as outside and be filled. Neither is followed here.

    Parameters
    ----------
    ssh, truth : xr.DataArray, dims (time, lat, lon), metres
    scope : GridScope
        Without a box the grid of the truth is kept.
    protocol : GriddedProtocol
        Its step of the grid.

    Raises
    ------
    ValueError
        If the map has no field on a day of the truth.
    """
    reference, estimate = (_daily(field, scope) for field in (truth, ssh))
    days = reference.time.values
    absent = np.flatnonzero(~np.isin(days, estimate.time.values))
    if absent.size:
        raise ValueError(
            f"the map has no field on {str(days[absent[0]])[:10]} and {absent.size - 1} more days of the "
            "truth; give one for each"
        )
    lon, lat = _nodes(reference, scope.box, protocol.grid_step_degrees)
    estimate = estimate.sel(time=days)
    return Pair(regrid_bilinear(estimate, lon, lat), regrid_bilinear(reference, lon, lat))


def _daily(field: xr.DataArray, scope: GridScope) -> xr.DataArray:
    box, period = scope.box, scope.period
    if box is not None:
        field = field.sel(lon=slice(*box.lon), lat=slice(*box.lat))
    if period is not None:
        field = field.sel(time=slice(period.first_instant, period.official_last_instant))
    return daily_mean(field)


def _nodes(reference: xr.DataArray, box: Box | None, step: float) -> tuple[Floats, Floats]:
    if box is None:
        return reference.lon.values, reference.lat.values
    return np.arange(box.west, box.east, step), np.arange(box.south, box.north, step)
