"""A map against a gridded truth: what is compared, as the official code does it and as it should be."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from oceanbench.challenge import GriddedProtocol, Period
from oceanbench.evaluation._holes import refuse_holes
from oceanbench.evaluation._reach import times_within_reach, within_reach
from oceanbench.interpolation import daily_mean, interpolate_to_grid, is_on_grid, regrid_official
from oceanbench.metrics import MapStatistics, map_statistics
from oceanbench.metrics.bootstrap import Interval
from oceanbench.score import Coverage, MapDetails

__all__ = ["OFFICIAL_UNITS", "ROBUST_UNITS", "MapScores", "score_against_grid"]

DAY = np.timedelta64(1, "D")
OFFICIAL_UNITS = {"mu": "1", "sigma": "1", "lambda_x": "degrees of longitude", "lambda_t": "days"}
ROBUST_UNITS = {
    "mu": "1",
    "sigma": "1",
    "explained_variance": "1",
    "lambda_x": "degrees of longitude",
    "lambda_x_km": "km",
    "lambda_t": "days",
}


@dataclass(frozen=True)
class MapScores:
    """Numbers of a map against a gridded truth, and what a report draws."""

    official: dict[str, float]
    robust: dict[str, Interval]
    coverage: Coverage
    details: MapDetails


@dataclass(frozen=True)
class _Pair:
    """An estimate and a reference on one grid."""

    estimate: xr.DataArray
    reference: xr.DataArray


def score_against_grid(
    ssh: xr.DataArray, truth: xr.DataArray, period: Period | None, protocol: GriddedProtocol, holes: str
) -> MapScores:
    """Score a map against a gridded truth.

    Parameters
    ----------
    ssh : xr.DataArray, dims (time, lat, lon), metres
        The map, canonical.
    truth : xr.DataArray, dims (time, lat, lon), metres
        The truth on the grid that decides, with at least a time step before and after the period
        where its steps are shorter than a day.
    period : Period, optional
        Days to score; None scores all times of the truth.
    protocol : GriddedProtocol
        Settings of the spectra.
    holes : str
        ``refuse``, ``zero`` or ``official``.

    Raises
    ------
    SubmissionError
        If the map has no value somewhere and ``holes`` is ``refuse``.
    """
    fair = _like_with_like(ssh, truth, period)
    coverage_points, missing = _count_holes(fair, holes)
    official_pair = _official_pair(ssh.fillna(0.0) if holes == "zero" else ssh, truth, period)
    official = _statistics(official_pair, protocol)
    filled = _Pair(fair.estimate.fillna(0.0), fair.reference) if missing else fair
    same = missing == 0 and _identical(official_pair, filled)
    robust = official if same else _statistics(filled, GriddedProtocol())
    coverage = Coverage(
        points=coverage_points,
        covered=coverage_points - missing,
        days_official=official_pair.reference.sizes["time"],
        days_robust=fair.reference.sizes["time"],
        holes=holes,
    )
    return MapScores(
        official.official(), robust.robust(), coverage, _details(official_pair, official, robust)
    )


def _statistics(pair: _Pair, protocol: GriddedProtocol) -> MapStatistics:
    return map_statistics(pair.estimate, pair.reference, detrend=protocol.detrend, window=protocol.window)


# --- the official way


def _official_pair(ssh: xr.DataArray, truth: xr.DataArray, period: Period | None) -> _Pair:
    """Daily means labelled 00:00, the map brought to the grid of the truth and filled at its edges.

    A map that already lies on the grid keeps its holes, which the scores skip.
    """
    if period is not None:
        window = slice(period.first_instant, period.official_last_instant)
        ssh, truth = ssh.sel(time=window), truth.sel(time=window)
    reference, estimate = daily_mean(truth).load(), daily_mean(ssh)
    if is_on_grid(estimate, reference):
        nodes = {name: reference[name].values for name in ("time", "lat", "lon")}
        return _Pair(estimate.assign_coords(nodes), reference)
    return _Pair(regrid_official(estimate, reference), reference)


# --- like with like


def _like_with_like(ssh: xr.DataArray, truth: xr.DataArray, period: Period | None) -> _Pair:
    """Both at the same instants, or both as means of the same days, on the grid of the truth."""
    if _step(truth) >= DAY:
        reference = truth if period is None else truth.sel(time=_whole(period))
        times = reference.time.values
        estimate = ssh
    elif _step(ssh) >= DAY:
        instants = ssh if period is None else ssh.sel(time=_whole(period))
        times = instants.time.values
        reference = _at_times(truth, times)
        estimate = ssh
    else:
        window = _whole(period) if period is not None else slice(None)
        reference, estimate = daily_mean(truth.sel(time=window)), daily_mean(ssh.sel(time=window))
        times = reference.time.values
    reference = reference.load()
    return _Pair(_on_grid(estimate, reference, times), reference)


def _whole(period: Period) -> slice:
    return slice(period.first_instant, period.past_end - np.timedelta64(1, "ns"))


def _step(field: xr.DataArray) -> np.timedelta64:
    """Give the median step in time; a single field counts as daily."""
    times = field.time.values
    return np.median(np.diff(times).astype("int64")).astype("timedelta64[ns]") if times.size > 1 else DAY


def _at_times(truth: xr.DataArray, times: npt.NDArray[np.datetime64]) -> xr.DataArray:
    """Interpolate the truth linearly between the two fields around each instant."""
    known = truth.time.values
    after = np.clip(np.searchsorted(known, times), 1, known.size - 1)
    before = after - 1
    weight = ((times - known[before]) / (known[after] - known[before])).astype(np.float64)
    if (weight < 0).any() or (weight > 1).any():
        raise ValueError(
            f"the truth runs {known[0]}..{known[-1]} and cannot be given at {times[0]}..{times[-1]}; "
            "give a truth with a time step more on each side"
        )
    share = xr.DataArray(weight, dims="time")
    fields = (
        truth.drop_vars("time").isel(time=before) * (1 - share)
        + truth.drop_vars("time").isel(time=after) * share
    )
    return fields.assign_coords(time=times)


def _on_grid(ssh: xr.DataArray, reference: xr.DataArray, times: npt.NDArray[np.datetime64]) -> xr.DataArray:
    """Interpolate the map to the reference; within one cell of its edge the edge value is taken."""
    target = reference.assign_coords(time=times)
    if is_on_grid(ssh, target):
        return ssh.assign_coords(lat=reference.lat.values, lon=reference.lon.values)
    lon, lat = (
        within_reach(reference.lon.values, ssh.lon.values),
        within_reach(reference.lat.values, ssh.lat.values),
    )
    time = times_within_reach(times, ssh.time.values)
    placed = interpolate_to_grid(ssh, lon, lat, time)
    return placed.assign_coords(
        time=reference.time.values, lat=reference.lat.values, lon=reference.lon.values
    )


# --- holes


def _count_holes(pair: _Pair, holes: str) -> tuple[int, int]:
    wanted = np.isfinite(pair.reference.values)
    missing = wanted & ~np.isfinite(pair.estimate.values)
    count = int(missing.sum())
    if count and holes == "refuse":
        step, row, column = (int(index) for index in np.argwhere(missing)[0])
        refuse_holes(
            count,
            int(wanted.sum()),
            f"{str(pair.reference.time.values[step])[:10]}, {pair.reference.lat.values[row]:.3f} N, "
            f"{pair.reference.lon.values[column]:.3f} E",
        )
    return int(wanted.sum()), count


def _identical(official: _Pair, fair: _Pair) -> bool:
    return (
        np.array_equal(official.reference.time.values, fair.reference.time.values)
        and np.array_equal(official.estimate.values, fair.estimate.values, equal_nan=True)
        and np.array_equal(official.reference.values, fair.reference.values, equal_nan=True)
    )


def _details(pair: _Pair, official: MapStatistics, robust: MapStatistics) -> MapDetails:
    middle = pair.reference.sizes["time"] // 2
    return MapDetails(
        date=pair.reference.time.values[middle],
        truth=pair.reference.isel(time=middle),
        estimate=pair.estimate.isel(time=middle),
        daily=official.daily_scores,
        plane=official.official_plane,
        contour=tuple(official.contours),
        robust_plane=robust.robust_plane,
        robust_boundary=robust.boundary,
    )
