"""A map and its truth at the same instants, on the grid of the truth: what the robust numbers compare."""

import numpy as np
import numpy.typing as npt
import xarray as xr

from oceanbench.challenge import Box, Period
from oceanbench.evaluation._pair import Pair
from oceanbench.evaluation._reach import times_within_reach, within_reach
from oceanbench.interpolation import interpolate_to_grid, is_on_grid

__all__ = ["like_with_like"]

type Times = npt.NDArray[np.datetime64]

DAY = np.timedelta64(1, "D")
_ON_EDGE = 1e-6  # degrees: a node this near to the edge of the box lies on it


def like_with_like(ssh: xr.DataArray, truth: xr.DataArray, box: Box | None, period: Period | None) -> Pair:
    """Both at the same instants, on the grid of the truth; several instants of a day are averaged alike.

    A truth with daily steps is compared at its own times, a finer one at those of the map.

    Parameters
    ----------
    ssh, truth : xr.DataArray, dims (time, lat, lon), metres
        The truth with at least a time step before and after the period where its steps are shorter than a
        day.
    box : Box or None
        Nodes of the truth that are scored; None takes all.
    period : Period or None
        Days to score; None takes all times of the truth.
    """
    truth = _inside(truth, box)
    window = slice(None) if period is None else _whole(period)
    if _step(truth) >= DAY:
        reference = truth.sel(time=window).load()
        return Pair(_on_grid(ssh, reference), reference)
    instants = _within(ssh.sel(time=window).time.values, truth.time.values)
    reference, estimate = _at_times(truth, instants), ssh
    if _step(ssh) < DAY:
        reference, estimate = _mean_of_days(reference), _mean_of_days(ssh.sel(time=instants))
    reference = reference.load()
    return Pair(_on_grid(estimate, reference), reference)


def _inside(truth: xr.DataArray, box: Box | None) -> xr.DataArray:
    if box is None:
        return truth
    return truth.sel(
        lon=slice(box.west - _ON_EDGE, box.east + _ON_EDGE),
        lat=slice(box.south - _ON_EDGE, box.north + _ON_EDGE),
    )


def _within(instants: Times, known: Times) -> Times:
    """Keep the instants between the first and the last field of the truth."""
    kept: Times = instants[(instants >= known[0]) & (instants <= known[-1])]
    if not kept.size:
        given = f"{instants[0]}..{instants[-1]}" if instants.size else "at no time of the period"
        raise ValueError(
            f"the map has fields {given} and the truth {known[0]}..{known[-1]}: no instant in common; "
            "give a truth of the same days"
        )
    return kept


def _mean_of_days(field: xr.DataArray) -> xr.DataArray:
    """Mean of the instants of each day, labelled 00:00; a value missing at one of them is missing."""
    days = np.unique(field.time.values.astype("datetime64[D]")).astype("datetime64[ns]")
    return field.resample(time="1D").mean(skipna=False).sel(time=days)


def _whole(period: Period) -> slice:
    return slice(period.first_instant, period.past_end - np.timedelta64(1, "ns"))


def _step(field: xr.DataArray) -> np.timedelta64:
    """Give the median step in time; a single field counts as daily."""
    times = field.time.values
    return np.median(np.diff(times).astype("int64")).astype("timedelta64[ns]") if times.size > 1 else DAY


def _at_times(truth: xr.DataArray, times: Times) -> xr.DataArray:
    """Interpolate the truth linearly between the two fields around each instant."""
    known = truth.time.values
    after = np.clip(np.searchsorted(known, times), 1, known.size - 1)
    before = after - 1
    weight = ((times - known[before]) / (known[after] - known[before])).astype(np.float64)
    share = xr.DataArray(weight, dims="time")
    fields = (
        truth.drop_vars("time").isel(time=before) * (1 - share)
        + truth.drop_vars("time").isel(time=after) * share
    )
    return fields.assign_coords(time=times)


def _on_grid(ssh: xr.DataArray, reference: xr.DataArray) -> xr.DataArray:
    """Interpolate the map to the reference; within one cell of its edge the edge value is taken."""
    if is_on_grid(ssh, reference):
        return ssh.assign_coords(lat=reference.lat.values, lon=reference.lon.values)
    lon, lat = (
        within_reach(reference.lon.values, ssh.lon.values),
        within_reach(reference.lat.values, ssh.lat.values),
    )
    time = times_within_reach(reference.time.values, ssh.time.values)
    placed = interpolate_to_grid(ssh, lon, lat, time)
    return placed.assign_coords(
        time=reference.time.values, lat=reference.lat.values, lon=reference.lon.values
    )
