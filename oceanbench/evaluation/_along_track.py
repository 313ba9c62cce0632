"""A map against an independent altimeter: which samples are scored, officially and as they should be."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from oceanbench.challenge import Box, TrackProtocol
from oceanbench.evaluation._holes import refuse_holes
from oceanbench.evaluation._reach import times_within_reach, within_reach
from oceanbench.interpolation import interpolate_along_track
from oceanbench.metrics.along_track import TrackStatistics, select_official, track_statistics
from oceanbench.metrics.bootstrap import Interval
from oceanbench.metrics.comparison import Blocks
from oceanbench.score import UNDEFINED, Coverage, TrackDetails

__all__ = ["AlongTrackScores", "TrackScope", "score_along_track"]

OFFICIAL_UNITS = {"mu": "1", "sigma": "1", "lambda_x": "km"}
NEURIPS_UNITS = {"nrmse": "1", "lambda_x_alongtrack": "km"}
ROBUST_UNITS = {"mu": "1", "mu_daily": "1", "sigma": "1", "explained_variance": "1", "lambda_x": "km"}


@dataclass(frozen=True)
class TrackScope:
    """Where and when samples are scored.

    Attributes
    ----------
    box : Box
        The closed box; its rim of ``protocol.inset_degrees`` is not scored.
    start, end : numpy.datetime64
        First and last day, both included.
    official_last : numpy.datetime64
        Last instant that the official code scores.
    """

    box: Box
    start: np.datetime64
    end: np.datetime64
    official_last: np.datetime64


@dataclass(frozen=True)
class AlongTrackScores:
    """Numbers of a map along a track, their units, sums to compare by, and what a report draws."""

    official: Mapping[str, float]
    robust: Mapping[str, Interval]
    official_units: Mapping[str, str]
    robust_units: Mapping[str, str]
    coverage: Coverage
    details: TrackDetails
    comparisons: Mapping[str, Blocks]


def score_along_track(
    ssh: xr.DataArray, samples: xr.Dataset, scope: TrackScope, protocol: TrackProtocol, holes: str
) -> AlongTrackScores:
    """Score a map against the samples of one altimeter.

    Parameters
    ----------
    ssh : xr.DataArray, dims (time, lat, lon), metres
        The map, canonical.
    samples : xr.Dataset, dim obs
        ``time``, ``lon`` (-180..180), ``lat``, ``ssh`` (metres) of the reference.
    scope : TrackScope
        Box and days.
    protocol : TrackProtocol
        Spacing, segments and daily minimum.
    holes : str
        ``refuse``, ``zero`` or ``official``.

    Raises
    ------
    SubmissionError
        If the map has no value at a sample and ``holes`` is ``refuse``.
    ValueError
        If no sample lies in the box and the period.
    """
    samples = samples.sortby("time")
    fair = _all_samples(ssh, samples, scope, protocol.inset_degrees)
    missing = int(np.isnan(fair["estimate"].values).sum())
    if missing and holes == "refuse":
        refuse_holes(missing, fair.sizes["obs"], _first_hole(fair))
    given = ssh.fillna(0.0) if holes == "zero" else ssh
    select = _every_sample_it_reaches if protocol.profile == "neurips" else _official_samples
    official_samples = select(given, samples, scope, protocol)
    official = _statistics(official_samples, protocol)
    robust = _statistics(fair.assign(estimate=fair["estimate"].fillna(0.0)), protocol)
    coverage = Coverage(
        points=fair.sizes["obs"],
        covered=fair.sizes["obs"] - missing,
        days_official=int(np.isfinite(official.daily["score"].values).sum()),
        days_robust=int(np.isfinite(robust.daily["score"].values).sum()),
        holes=holes,
    )
    details = _details(official_samples, official)
    scores = robust.robust()
    if missing:
        scores["lambda_x"] = UNDEFINED
    days = (scope.start, scope.end)
    if protocol.profile == "neurips":
        numbers, units = official.neurips(), NEURIPS_UNITS
        comparisons = {"nrmse": official.ratio_blocks(*days)}
    else:
        numbers, units = official.official(), OFFICIAL_UNITS
        comparisons = {"mu": official.daily_blocks(*days)}
    return AlongTrackScores(numbers, scores, units, ROBUST_UNITS, coverage, details, comparisons)


def _statistics(chosen: xr.Dataset, protocol: TrackProtocol) -> TrackStatistics:
    return track_statistics(
        *(chosen[name].values for name in ("estimate", "ssh", "time", "lon", "lat")),
        spacing_km=protocol.spacing_km,
        segment_km=protocol.segment_km,
        max_gap=np.timedelta64(round(protocol.max_gap_seconds * 1e9), "ns"),
        stride_fraction=protocol.stride_fraction,
        min_daily_samples=protocol.min_daily_samples,
    )


def _official_samples(
    ssh: xr.DataArray, samples: xr.Dataset, scope: TrackScope, protocol: TrackProtocol
) -> xr.Dataset:
    box = scope.box
    return select_official(
        ssh,
        samples.isel(obs=samples.time.values <= scope.official_last),
        west=box.west,
        east=box.east,
        south=box.south,
        north=box.north,
        start=scope.start,
        end=scope.end,
        margin=protocol.inset_degrees,
    )


def _every_sample_it_reaches(
    ssh: xr.DataArray, samples: xr.Dataset, scope: TrackScope, protocol: TrackProtocol
) -> xr.Dataset:
    """Take the samples in the closed box at which the whole map has a value, as OceanBench 2023 does."""
    box = scope.box
    inside = (samples.time.values >= scope.start) & (samples.time.values <= scope.official_last)
    for name, (low, high) in (("lon", box.lon), ("lat", box.lat)):
        nodes = samples[name].values
        inside &= (nodes >= low + protocol.inset_degrees) & (nodes <= high - protocol.inset_degrees)
    kept = samples.isel(obs=inside & np.isfinite(samples.ssh.values))
    heights = interpolate_along_track(ssh, kept.lon.values, kept.lat.values, kept.time.values)
    return kept.assign(estimate=("obs", heights)).isel(obs=np.isfinite(heights))


def _all_samples(ssh: xr.DataArray, samples: xr.Dataset, scope: TrackScope, inset: float) -> xr.Dataset:
    """Take every sample of the box and of the whole days, with the map where it has a value."""
    box, days = scope.box, samples.time.values.astype("datetime64[D]")
    lon, lat = samples.lon.values, samples.lat.values
    inside = (lon >= box.west + inset) & (lon <= box.east - inset)
    inside &= (lat >= box.south + inset) & (lat <= box.north - inset)
    inside &= (days >= scope.start.astype("datetime64[D]")) & (days <= scope.end.astype("datetime64[D]"))
    chosen = samples.isel(obs=inside & np.isfinite(samples.ssh.values))
    if not chosen.sizes["obs"]:
        raise ValueError(
            f"no sample of the reference lies in {box.west}..{box.east} E, {box.south}..{box.north} N from "
            f"{scope.start} to {scope.end}; it holds {samples.sizes['obs']} elsewhere; give another file"
        )
    heights = interpolate_along_track(
        ssh,
        within_reach(chosen.lon.values, ssh.lon.values),
        within_reach(chosen.lat.values, ssh.lat.values),
        times_within_reach(chosen.time.values, ssh.time.values),
    )
    return chosen.assign(estimate=("obs", heights))


def _first_hole(fair: xr.Dataset) -> str:
    first = fair.isel(obs=int(np.flatnonzero(np.isnan(fair["estimate"].values))[0]))
    return f"{str(first.time.values)[:19]}, {float(first.lat):.3f} N, {float(first.lon):.3f} E"


def _floats(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def _details(chosen: xr.Dataset, statistics: TrackStatistics) -> TrackDetails:
    spectra = statistics.official_spectra
    return TrackDetails(
        time=chosen.time.values,
        lon=_floats(chosen.lon),
        lat=_floats(chosen.lat),
        reference=_floats(chosen.ssh),
        estimate=_floats(chosen.estimate),
        daily=statistics.daily["score"],
        rmse=statistics.daily["rmse"],
        wavenumber=_floats(statistics.wavenumber),
        psd_reference=_floats(spectra.reference),
        psd_estimate=_floats(spectra.estimate),
        psd_error=_floats(spectra.error),
        segments=int(spectra.attrs["segments"]),
    )
