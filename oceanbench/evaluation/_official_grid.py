"""A map brought to its truth the way the official code of a challenge does it, quirks included."""

import numpy as np
import xarray as xr

from oceanbench.challenge import Box, GriddedProtocol, Period
from oceanbench.evaluation._holes import refuse_gaps
from oceanbench.evaluation._pair import GridScope, Pair
from oceanbench.interpolation import daily_mean, is_on_grid, regrid_cubic, regrid_official

__all__ = ["official_pair"]


def official_pair(
    ssh: xr.DataArray, truth: xr.DataArray, scope: GridScope, protocol: GriddedProtocol
) -> Pair:
    """Both on the grid and at the times of the truth that the official code of 2020a and its kin scores.

    Nodes of the truth are chosen first, by index, then by box. Then both become daily means labelled 00:00,
    unless the protocol compares fields at their own times. A map that already lies on the grid keeps its
    holes, which the scores skip; another one is interpolated linearly and filled at its edges, or by cubic
    splines.

    Parameters
    ----------
    ssh, truth : xr.DataArray, dims (time, lat, lon), metres
    scope : GridScope
    protocol : GriddedProtocol

    Raises
    ------
    SubmissionError
        If a cubic spline would have to pass through missing values.
    ValueError
        If the choice leaves too few nodes, or the map has no field around a time of the truth.
    """
    truth = _within_period(_scored_nodes(truth, scope.crop, protocol), scope.period)
    ssh = _within_period(ssh, scope.period)
    reference, estimate = (daily_mean(truth), daily_mean(ssh)) if protocol.daily else (truth, ssh)
    reference = reference.load()
    if is_on_grid(estimate, reference):
        nodes = {name: reference[name].values for name in ("time", "lat", "lon")}
        return Pair(estimate.assign_coords(nodes), reference)
    if not protocol.daily:
        _refuse_times_beyond(estimate, reference)
    if protocol.interpolation == "cubic":
        return Pair(_through_splines(estimate, reference), reference)
    return Pair(regrid_official(estimate, reference), reference)


def _scored_nodes(truth: xr.DataArray, crop: Box | None, protocol: GriddedProtocol) -> xr.DataArray:
    every = slice(protocol.truth_offset, None, protocol.truth_stride)
    chosen = truth.isel(lat=every, lon=every)
    if crop is not None:
        chosen = chosen.sel(lon=slice(*crop.lon), lat=slice(*crop.lat))
    few = [name for name in ("lat", "lon") if chosen.sizes[name] < 2]
    if few:
        raise ValueError(
            f"of the {truth.sizes[few[0]]} {few[0]} nodes of the truth, {chosen.sizes[few[0]]} remain after "
            f"truth_offset {protocol.truth_offset}, truth_stride {protocol.truth_stride} and the box; "
            "scores need two or more: choose a smaller stride or a larger box"
        )
    return chosen


def _within_period(field: xr.DataArray, period: Period | None) -> xr.DataArray:
    if period is None:
        return field
    return field.sel(time=slice(period.first_instant, period.official_last_instant))


def _refuse_times_beyond(estimate: xr.DataArray, reference: xr.DataArray) -> None:
    """Refuse what would be filled with zeros: fields of the truth before or after those of the map."""
    wanted, known = reference.time.values, estimate.time.values
    if known.size and known[0] <= wanted[0] and wanted[-1] <= known[-1]:
        return
    given = f"from {known[0]} to {known[-1]}" if known.size else "at no time"
    raise ValueError(
        f"the map has fields {given} in the scored period, the truth from {wanted[0]} to {wanted[-1]}; "
        "fields compared at their own times must lie between two of the map: extend it, or score daily means"
    )


def _through_splines(estimate: xr.DataArray, reference: xr.DataArray) -> xr.DataArray:
    missing = np.flatnonzero(~np.isin(reference.time.values, estimate.time.values))
    if missing.size:
        raise ValueError(
            f"the map has no field for {str(reference.time.values[missing[0]])[:10]} and {missing.size - 1} "
            "more days of the truth; cubic interpolation is in space only: give a field for each day"
        )
    result = regrid_cubic(estimate.sel(time=reference.time.values), reference)
    gaps = int((result.isnull() & reference.notnull()).sum())
    if gaps:
        refuse_gaps(gaps, result.size)
    return result
