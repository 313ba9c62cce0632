"""Scores of a map along an altimeter's track: the 2021a numbers, to the digit, and robust ones."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import xarray as xr

from oceanbench.interpolation import interpolate_along_track
from oceanbench.metrics.bootstrap import (
    REPLICATES,
    SEED,
    Interval,
    bootstrap_intervals,
    consecutive_blocks,
    sum_by_block,
)
from oceanbench.metrics.comparison import Blocks, Statistic
from oceanbench.metrics.error_sums import one_minus_root
from oceanbench.metrics.resolution import (
    extrapolated_crossing,
    first_crossing,
    sorted_crossing,
    spectral_score,
)
from oceanbench.metrics.segments import PieceSpectra, Segmentation, piece_spectra

__all__ = ["DailySums", "TrackStatistics", "select_official", "track_statistics"]

FloatArray = npt.NDArray[np.float64]
TimeArray = npt.NDArray[np.datetime64]

DAYS_PER_BLOCK = 6.0
_MOST_BLOCKS = 200  # pieces are joined to this many blocks before they are resampled
_NEARLY_ZERO = 1e-15  # cycles per km: what OceanBench adds to a wavenumber before it divides by it
_ONE_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, eq=False)
class DailySums:
    """Sums over the samples of each UTC day that has any; ``+`` joins days and adds equal ones.

    Attributes
    ----------
    day : ndarray of datetime64[D], shape (n_days,), ascending
    sums : ndarray, shape (n_days, 5)
        Number of samples, Σ e, Σ e², Σ reference, Σ reference², with e = estimate - reference in metres.
    """

    day: TimeArray
    sums: FloatArray

    def __add__(self, other: Self) -> Self:
        day, place = np.unique(np.concatenate([self.day, other.day]), return_inverse=True)
        return type(self)(day, sum_by_block(np.concatenate([self.sums, other.sums]), place))

    def every_day(self) -> Self:
        """The same with days without samples, from the first day to the last."""
        if not self.day.size:
            return self
        day = np.arange(self.day[0], self.day[-1] + _ONE_DAY, _ONE_DAY)
        return self + type(self)(day, np.zeros((day.size, self.sums.shape[1])))


@dataclass(frozen=True, eq=False)
class TrackStatistics:
    """All that the scores along a track need; ``+`` joins the statistics of another track or another period.

    Attributes
    ----------
    daily_sums : DailySums
    official_pieces, robust_pieces : PieceSpectra
        Spectra of the segments cut as the challenge code cuts them, and as it meant to.
    segmentation : Segmentation
    min_daily_samples : int
        Days with fewer samples have no daily score.
    """

    daily_sums: DailySums
    official_pieces: PieceSpectra
    robust_pieces: PieceSpectra
    segmentation: Segmentation
    min_daily_samples: int

    def __add__(self, other: Self) -> Self:
        mine = (self.segmentation, self.min_daily_samples)
        if mine != (other.segmentation, other.min_daily_samples):
            raise ValueError("statistics with different segments or daily minima cannot be added")
        return type(self)(
            self.daily_sums + other.daily_sums,
            self.official_pieces + other.official_pieces,
            self.robust_pieces + other.robust_pieces,
            *mine,
        )

    def official(self) -> dict[str, float]:
        """Scores of the challenge's own code, unrounded and not truncated.

        Returns
        -------
        dict
            ``mu`` and ``sigma``: mean and standard deviation (ddof 0) of the daily scores
            1 - RMS(error) / RMS(reference); ``lambda_x``: wavelength in km at spectral score 0.5 after
            sorting by score, NaN where the code stops (no gap in the track, no segment, no crossing).
        """
        daily = self.daily["score"].values
        daily = daily[np.isfinite(daily)]
        reference, _, error = self.official_pieces.mean()
        lambda_x = sorted_crossing(spectral_score(error, reference), self.wavenumber)
        if not daily.size:
            return {"mu": np.nan, "sigma": np.nan, "lambda_x": lambda_x}
        return {"mu": float(daily.mean()), "sigma": float(daily.std()), "lambda_x": lambda_x}

    def neurips(self) -> dict[str, float]:
        """Scores of the code of OceanBench (NeurIPS 2023), unrounded.

        Returns
        -------
        dict
            ``nrmse``: 1 - RMS(error) / RMS(reference), one ratio over all samples; ``lambda_x_alongtrack``:
            wavelength in km at spectral score 0.5 after sorting by score, wavelength being 1 / (k + 1e-15)
            and extrapolated beyond the scores; NaN where the code stops (no gap in the track, no segment).
        """
        _, _, error2, _, reference2 = self.daily_sums.sums.sum(axis=0)
        reference, _, error = self.official_pieces.mean()
        wavelength = 1.0 / (self.wavenumber + _NEARLY_ZERO)
        return {
            "nrmse": float(one_minus_root(error2, reference2)),
            "lambda_x_alongtrack": extrapolated_crossing(spectral_score(error, reference), wavelength),
        }

    def robust(self, *, replicates: int = REPLICATES, seed: int = SEED) -> dict[str, Interval]:
        """Scores with a 95 % interval.

        ``mu`` = 1 - RMS(error) / RMS(reference) over all samples; ``mu_daily`` and ``sigma``, mean and
        standard deviation of the daily scores; ``explained_variance`` = 1 - var(error) / var(reference):
        resampled over blocks of about six consecutive days. ``lambda_x`` (km): where the spectral score first
        falls below 0.5, linear in wavenumber, resampled over pieces of track (passes), at most 200 blocks of
        them.

        Parameters
        ----------
        replicates : int
            Number of resampled data sets.
        seed : int
            Same seed, same intervals.
        """
        days = bootstrap_intervals(self._day_blocks(), _ratios, replicates=replicates, seed=seed)
        scale = bootstrap_intervals(self._piece_blocks(), self._scale, replicates=replicates, seed=seed)
        return dict(
            zip(("mu", "mu_daily", "sigma", "explained_variance", "lambda_x"), days + scale, strict=True)
        )

    @property
    def daily(self) -> xr.Dataset:
        """Scores of each UTC day from the first to the last, dims (time,).

        ``score``: NaN with fewer than ``min_daily_samples`` samples; ``rmse`` and ``rms`` (of the reference),
        in metres; ``count``.
        """
        every = self.daily_sums.every_day()
        count, _, error, _, reference = every.sums.T
        with np.errstate(invalid="ignore"):
            rmse, rms = np.sqrt(error / count), np.sqrt(reference / count)
        score = np.where(count >= self.min_daily_samples, one_minus_root(error, reference), np.nan)
        columns = {"score": score, "rmse": rmse, "rms": rms, "count": count.astype(np.int64)}
        coords = {"time": every.day.astype("datetime64[ns]")}
        return xr.Dataset({name: (("time",), values) for name, values in columns.items()}, coords)

    def daily_blocks(self, first: np.datetime64, last: np.datetime64) -> Blocks:
        """Daily scores behind the official ``mu``, for the comparison of two maps.

        Parameters
        ----------
        first, last : numpy.datetime64
            First and last day of the evaluation: every day has its block, with samples or without.
        """
        score = self.daily["score"].values
        seen = np.isfinite(score)
        table = np.column_stack([np.where(seen, score, 0.0), seen])
        days = self.daily_sums.every_day().day
        return _by_day("mean_of_days", days, table, first, last)

    def ratio_blocks(self, first: np.datetime64, last: np.datetime64) -> Blocks:
        """Sums behind ``nrmse`` of `neurips`, by day; parameters as for `daily_blocks`."""
        count, _, error, _, reference = self.daily_sums.sums.T
        table = np.column_stack([error, count, reference, count])
        return _by_day("one_minus_root_ratio", self.daily_sums.day, table, first, last)

    @property
    def wavenumber(self) -> FloatArray:
        """Cycles per km, from 0."""
        return self.segmentation.wavenumber

    @property
    def spectra(self) -> xr.Dataset:
        """Mean densities of the robust pieces, dims (wavenumber,); `official_spectra` has those of the code.

        ``reference``, ``estimate``, ``error`` in m²/(cycle/km), ``score`` = 1 - error / reference. Attribute
        ``segments``: how many were averaged. All NaN without a segment.
        """
        return self._spectra(self.robust_pieces)

    @property
    def official_spectra(self) -> xr.Dataset:
        """The same for the pieces as the challenge code cuts them."""
        return self._spectra(self.official_pieces)

    def _spectra(self, pieces: PieceSpectra) -> xr.Dataset:
        reference, estimate, error = pieces.mean()
        columns = {"reference": reference, "estimate": estimate, "error": error}
        columns["score"] = spectral_score(error, reference)
        densities = {name: (("wavenumber",), values) for name, values in columns.items()}
        attrs = {"segments": int(pieces.segments.sum())}
        return xr.Dataset(densities, {"wavenumber": self.wavenumber}, attrs)

    def _day_blocks(self) -> FloatArray:
        """Daily sums, days with a score, Σ score, Σ score², summed over blocks of consecutive days."""
        every = self.daily_sums.every_day()
        score = self.daily["score"].values
        seen = np.isfinite(score)
        score = np.where(seen, score, 0.0)
        days = np.column_stack([every.sums, seen, score, score**2])
        return sum_by_block(days, consecutive_blocks(every.day.size, DAYS_PER_BLOCK))

    def _piece_blocks(self) -> FloatArray:
        """Densities of reference and error, summed over blocks of pieces."""
        sums = self.robust_pieces.sums[:, [0, 2]]
        return sum_by_block(sums, consecutive_blocks(len(sums), max(1.0, len(sums) / _MOST_BLOCKS)))

    def _scale(self, blocks: FloatArray) -> FloatArray:
        crossing = first_crossing(spectral_score(blocks[:, 1], blocks[:, 0]), self.wavenumber)
        return np.asarray(1.0 / crossing[:, None])


def track_statistics(
    estimate: npt.ArrayLike,
    reference: npt.ArrayLike,
    time: npt.ArrayLike,
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    *,
    spacing_km: float,
    segment_km: float,
    max_gap: np.timedelta64,
    stride_fraction: float = 0.25,
    min_daily_samples: int = 10,
) -> TrackStatistics:
    """Statistics of the error of a map along one track, from which all scores follow.

    Parameters
    ----------
    estimate, reference : array_like, shape (n,), metres, finite
        The map at the samples, and what the altimeter measured there.
    time : array_like of datetime64, shape (n,), not descending
    lon, lat : array_like, shape (n,), degrees
    spacing_km, segment_km, max_gap, stride_fraction
        How the track is cut: see `oceanbench.metrics.segments.Segmentation`.
    min_daily_samples : int
        Days with fewer samples have no daily score.

    Raises
    ------
    ValueError
        When lengths differ, a value is not finite, or time runs backwards.
    """
    heights, truth, east, north = (np.asarray(a, dtype=np.float64) for a in (estimate, reference, lon, lat))
    instants = np.asarray(time, dtype="datetime64[ns]")
    _check_samples(instants, estimate=heights, reference=truth, lon=east, lat=north)
    segmentation = Segmentation(spacing_km, segment_km, max_gap, stride_fraction)
    official, robust = (
        piece_spectra(heights, truth, east, north, segmentation.starts(instants, reading), segmentation)
        for reading in ("official", "robust")
    )
    return TrackStatistics(
        _daily_sums(heights - truth, truth, instants), official, robust, segmentation, min_daily_samples
    )


def select_official(
    estimate: xr.DataArray,
    reference: xr.Dataset,
    *,
    west: float,
    east: float,
    south: float,
    north: float,
    start: npt.ArrayLike | None = None,
    end: npt.ArrayLike | None = None,
    margin: float = 0.25,
) -> xr.Dataset:
    """Samples that the 2021a code scores, with the map interpolated to them.

    The map is cropped to the closed box (and to the days ``start`` to ``end``, both included) *before* it is
    interpolated, so that a map whose nodes stop short of the edge loses the edge; samples where the map or
    the reference is missing are dropped, and so are those within ``margin`` of the edge.

    Parameters
    ----------
    estimate : xr.DataArray, dims time, lat, lon, metres
    reference : xr.Dataset with time, lon, lat, ssh on one dimension
        Longitudes in the convention of the map and of the box.
    west, east, south, north : float
        Box, degrees.
    start, end : datetime64 or ISO date, optional
        First and last day of the evaluation.
    margin : float
        Degrees left out along the edges.

    Returns
    -------
    xr.Dataset
        The rows of ``reference`` that are scored, with ``estimate``, metres.

    Raises
    ------
    ValueError
        When fewer than two nodes of the map lie in the box or in the period along some axis.
    """
    box = {"lon": (west, east), "lat": (south, north)}
    nodes = {name: _between(estimate[name].values, *box[name]) for name in box}
    cropped = estimate.isel(nodes | {"time": _in_period(estimate["time"].values, start, end)})
    inside = _in_period(reference["time"].values, start, end) & np.isfinite(reference["ssh"].values)
    for name, (low, high) in box.items():
        inside &= _between(reference[name].values, low + margin, high - margin)
    obs = reference["ssh"].dims[0]
    kept = reference.isel({obs: inside})
    heights = interpolate_along_track(cropped, kept["lon"].values, kept["lat"].values, kept["time"].values)
    return kept.assign(estimate=(obs, heights)).isel({obs: np.isfinite(heights)})


def _between(values: FloatArray, low: float, high: float) -> npt.NDArray[np.bool_]:
    return np.asarray((values >= low) & (values <= high))


def _in_period(
    time: TimeArray, start: npt.ArrayLike | None, end: npt.ArrayLike | None
) -> npt.NDArray[np.bool_]:
    """Which instants lie in the days from ``start`` to ``end``, both included; None is no bound."""
    days = time.astype("datetime64[D]")
    inside = np.ones(days.shape, dtype=bool)
    if start is not None:
        inside &= days >= np.asarray(start, dtype="datetime64[D]")
    if end is not None:
        inside &= days <= np.asarray(end, dtype="datetime64[D]")
    return inside


def _by_day(
    statistic: Statistic, days: TimeArray, table: FloatArray, first: np.datetime64, last: np.datetime64
) -> Blocks:
    start, end = (np.datetime64(day, "D") for day in (first, last))
    every = np.arange(start, end + _ONE_DAY)
    sums = np.zeros((every.size, table.shape[1]))
    sums[np.searchsorted(every, days)] = table
    return Blocks(statistic, "higher", tuple(every.astype(str).tolist()), sums)


def _daily_sums(error: FloatArray, reference: FloatArray, time: TimeArray) -> DailySums:
    day, place = np.unique(time.astype("datetime64[D]"), return_inverse=True)
    columns = np.column_stack([np.ones(error.size), error, error**2, reference, reference**2])
    sums = np.stack([np.bincount(place, weights=column, minlength=day.size) for column in columns.T], axis=1)
    return DailySums(day, sums)


def _check_samples(time: TimeArray, **columns: FloatArray) -> None:
    for name, values in columns.items():
        if values.shape != time.shape or time.ndim != 1:
            raise ValueError(
                f"{name} has shape {values.shape}, time {time.shape}; give 1-D arrays of one length"
            )
        if not np.isfinite(values).all():
            count = int((~np.isfinite(values)).sum())
            raise ValueError(
                f"{name} is not finite at {count} of {values.size} samples; drop or fill them first"
            )
    if (time[1:] < time[:-1]).any():
        raise ValueError("time runs backwards; sort the samples by time")


def _ratios(blocks: FloatArray) -> FloatArray:
    """µ, mean and deviation of daily scores, explained variance, shape (r, 4), of summed day blocks."""
    count, error, error2, reference, reference2, days, daily, daily2 = blocks.T
    with np.errstate(invalid="ignore", divide="ignore"):
        deviation = np.sqrt(np.maximum(daily2 / days - (daily / days) ** 2, 0.0))
        explained = 1.0 - _variance(count, error, error2) / _variance(count, reference, reference2)
        mean = daily / days
    return np.column_stack([one_minus_root(error2, reference2), mean, deviation, explained])


def _variance(count: FloatArray, total: FloatArray, squares: FloatArray) -> FloatArray:
    return np.asarray(squares / count - (total / count) ** 2)
