"""A map against a gridded truth: what is compared, as the official code does it and as it should be."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from oceanbench.challenge import GriddedProtocol
from oceanbench.evaluation._holes import refuse_holes
from oceanbench.evaluation._like_with_like import like_with_like
from oceanbench.evaluation._neurips_grid import neurips_pair
from oceanbench.evaluation._official_grid import official_pair
from oceanbench.evaluation._pair import GridScope, Pair
from oceanbench.metrics import MapStatistics, map_statistics
from oceanbench.metrics.bootstrap import Interval
from oceanbench.metrics.comparison import Blocks
from oceanbench.metrics.distances import grid_steps_m
from oceanbench.metrics.isotropic import RingPower, ring_power
from oceanbench.metrics.neurips import neurips_statistics
from oceanbench.score import UNDEFINED, Coverage, MapDetails

__all__ = ["GridScope", "MapScores", "score_against_grid"]

ROBUST = GriddedProtocol()  # constant detrending, periodic window
OFFICIAL_UNITS = {"mu": "1", "sigma": "1", "lambda_x": "degrees of longitude", "lambda_t": "days"}
NEURIPS_UNITS = {
    "nrmse": "1",
    "lambda_x_isotrop": "km",
    "lambda_x_spacetime": "km",
    "lambda_t_spacetime": "days",
}
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
    """Numbers of a map against a gridded truth, their units, sums to compare by, and what a report draws."""

    official: Mapping[str, float]
    robust: Mapping[str, Interval]
    official_units: Mapping[str, str]
    robust_units: Mapping[str, str]
    coverage: Coverage
    details: MapDetails
    comparisons: Mapping[str, Blocks]


def score_against_grid(
    ssh: xr.DataArray, truth: xr.DataArray, scope: GridScope, protocol: GriddedProtocol, holes: str
) -> MapScores:
    """Score a map against a gridded truth.

    Parameters
    ----------
    ssh : xr.DataArray, dims (time, lat, lon), metres
        The map, canonical.
    truth : xr.DataArray, dims (time, lat, lon), metres
        The truth on the grid that decides, with at least a time step before and after the period
        where its steps are shorter than a day.
    scope : GridScope
        Where and when.
    protocol : GriddedProtocol
        Settings of the official numbers.
    holes : str
        ``refuse``, ``zero`` or ``official``.

    Raises
    ------
    SubmissionError
        If the map has no value somewhere and ``holes`` is ``refuse``.
    """
    fair = like_with_like(ssh, truth, scope.box, scope.period)
    points, missing = _count_holes(fair, holes)
    given = ssh.fillna(0.0) if holes == "zero" else ssh
    score = _by_neurips if protocol.profile == "neurips" else _by_challenge
    official = score(given, truth, scope, protocol)
    filled = Pair(fair.estimate.fillna(0.0), fair.reference) if missing else fair
    reusable = official.is_plain and not missing and _identical(official.pair, filled)
    robust = official.maps if reusable else map_statistics(filled.estimate, filled.reference)
    scores, units, rings = robust.robust(), dict(ROBUST_UNITS), None
    if official.rings is not None:
        rings = _true_rings(filled)
        scores["lambda_x_isotrop"] = rings.robust() if rings else UNDEFINED
        units["lambda_x_isotrop"] = "km"
    if missing:
        scores |= {name: UNDEFINED for name in scores if name.startswith("lambda")}
    coverage = _coverage(points, missing, official.pair, fair, holes)
    details = _details(official, robust, rings)
    comparisons = {official.ratio: official.maps.sums.blocks()}
    return MapScores(official.numbers, scores, official.units, units, coverage, details, comparisons)


# --- the official numbers


@dataclass(frozen=True)
class _Official:
    """What the code of a challenge computes, and from what.

    ``is_plain`` tells that the spectra were made the way the robust ones are, ``ratio`` names the number that
    is 1 - RMS(error) / RMS(truth).
    """

    numbers: Mapping[str, float]
    units: Mapping[str, str]
    pair: Pair
    maps: MapStatistics
    is_plain: bool
    ratio: str
    rings: RingPower | None = None


def _by_challenge(
    ssh: xr.DataArray, truth: xr.DataArray, scope: GridScope, protocol: GriddedProtocol
) -> _Official:
    pair = official_pair(ssh, truth, scope, protocol)
    maps = map_statistics(pair.estimate, pair.reference, detrend=protocol.detrend, window=protocol.window)
    plain = (protocol.detrend, protocol.window) == (ROBUST.detrend, ROBUST.window)
    return _Official(maps.official(), OFFICIAL_UNITS, pair, maps, plain, "mu")


def _by_neurips(
    ssh: xr.DataArray, truth: xr.DataArray, scope: GridScope, protocol: GriddedProtocol
) -> _Official:
    pair = neurips_pair(ssh, truth, scope, protocol)
    statistics = neurips_statistics(pair.estimate, pair.reference)
    numbers, maps = statistics.official(), statistics.maps
    return _Official(numbers, NEURIPS_UNITS, pair, maps, False, "nrmse", statistics.rings)


def _true_rings(pair: Pair) -> RingPower | None:
    """Rings of true distances; None where the truth meets land, which would put power into all of them."""
    reference = pair.reference.transpose("time", "lat", "lon")
    if bool(reference.isnull().any()):
        return None
    steps = grid_steps_m(reference.lon.values, reference.lat.values)
    fields = (pair.estimate.transpose("time", "lat", "lon"), reference)
    heights, truth = (np.asarray(field.values, dtype=np.float64) for field in fields)
    return ring_power(heights, truth, *steps)


def _coverage(points: int, missing: int, official: Pair, fair: Pair, holes: str) -> Coverage:
    return Coverage(
        points=points,
        covered=points - missing,
        days_official=_days(official.reference),
        days_robust=_days(fair.reference),
        holes=holes,
    )


def _days(field: xr.DataArray) -> int:
    return int(np.unique(field.time.values.astype("datetime64[D]")).size)


def _count_holes(pair: Pair, holes: str) -> tuple[int, int]:
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


def _identical(official: Pair, fair: Pair) -> bool:
    return (
        np.array_equal(official.reference.time.values, fair.reference.time.values)
        and np.array_equal(official.estimate.values, fair.estimate.values, equal_nan=True)
        and np.array_equal(official.reference.values, fair.reference.values, equal_nan=True)
    )


def _details(official: _Official, robust: MapStatistics, rings: RingPower | None) -> MapDetails:
    pair, maps = official.pair, official.maps
    middle = pair.reference.sizes["time"] // 2
    return MapDetails(
        date=pair.reference.time.values[middle],
        truth=pair.reference.isel(time=middle),
        estimate=pair.estimate.isel(time=middle),
        daily=maps.daily_scores,
        rmse=maps.daily_rmse,
        plane=maps.official_plane,
        contour=tuple(maps.contours),
        robust_plane=robust.robust_plane,
        robust_boundary=robust.boundary,
        isotropic=_by_wavenumber(official.rings),
        robust_isotropic=_by_wavenumber(rings),
    )


def _by_wavenumber(rings: RingPower | None) -> xr.DataArray | None:
    if rings is None:
        return None
    return xr.DataArray(rings.score, {"freq_r": rings.wavenumber}, ("freq_r",), name="score")
