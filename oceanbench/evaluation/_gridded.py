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
from oceanbench.score import UNDEFINED, Coverage, MapDetails

__all__ = ["OFFICIAL_UNITS", "ROBUST_UNITS", "MapScores", "score_against_grid"]

type Times = npt.NDArray[np.datetime64]

DAY = np.timedelta64(1, "D")
ROBUST = GriddedProtocol()  # constant detrending, periodic window
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
    plain = (protocol.detrend, protocol.window) == (ROBUST.detrend, ROBUST.window)
    same = missing == 0 and plain and _identical(official_pair, filled)
    robust = official if same else _statistics(filled, ROBUST)
    coverage = Coverage(
        points=coverage_points,
        covered=coverage_points - missing,
        days_official=official_pair.reference.sizes["time"],
        days_robust=fair.reference.sizes["time"],
        holes=holes,
    )
    scores = robust.robust()
    if missing:
        scores |= {name: UNDEFINED for name in scores if name.startswith("lambda")}
    return MapScores(official.official(), scores, coverage, _details(official_pair, official, robust))


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
    """Both at the same instants, on the grid of the truth; several instants of a day are averaged alike.

    A truth with daily steps is compared at its own times, a finer one at those of the map.
    """
    window = slice(None) if period is None else _whole(period)
    if _step(truth) >= DAY:
        reference = truth.sel(time=window).load()
        return _Pair(_on_grid(ssh, reference), reference)
    instants = _within(ssh.sel(time=window).time.values, truth.time.values)
    reference, estimate = _at_times(truth, instants), ssh
    if _step(ssh) < DAY:
        reference, estimate = _mean_of_days(reference), _mean_of_days(ssh.sel(time=instants))
    reference = reference.load()
    return _Pair(_on_grid(estimate, reference), reference)


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
        rmse=official.daily_rmse,
        plane=official.official_plane,
        contour=tuple(official.contours),
        robust_plane=robust.robust_plane,
        robust_boundary=robust.boundary,
    )
