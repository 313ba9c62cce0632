"""Scores of a map series against a gridded truth: the 2020a family, to the digit, and robust ones.

Two fields are read once, some latitude rows at a time. What is kept is small and additive: sums per day and
row, sums per pixel, power spectra per block of rows. All scores and their intervals come from these sums.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self, cast

import numpy as np
import numpy.typing as npt
import xarray as xr

from oceanbench.metrics.bootstrap import (
    REPLICATES,
    SEED,
    Interval,
    bootstrap_intervals,
    consecutive_blocks,
    sum_by_block,
)
from oceanbench.metrics.error_sums import ErrorSums, one_minus_root
from oceanbench.metrics.grid_pairs import DIMS, aligned_pair, even_step, read_bands
from oceanbench.metrics.resolution import (
    contour_polylines,
    first_contour_minima,
    resolved_boundary,
    resolved_limits,
    spectral_score,
)
from oceanbench.metrics.slabs import SlabErrors, slab_statistics
from oceanbench.metrics.spectra import (
    Detrend,
    PlanePower,
    RowTransform,
    SlabPower,
    Window,
    positive_frequencies,
)

__all__ = ["MapStatistics", "error_sums", "map_statistics"]

FloatArray = npt.NDArray[np.float64]

DAYS_PER_BLOCK = 6.0
KM_PER_DEGREE = 6371.0 * np.pi / 180.0
_SLAB_POINTS = 250_000  # points handled at once: small enough for the processor's cache
_THREADS = 2


@dataclass(frozen=True, eq=False)
class MapStatistics:
    """All that the scores of a map need; ``+`` joins statistics of other latitude rows of the same days.

    Attributes
    ----------
    sums : ErrorSums
    anomaly : ndarray, shape (n_time, n_lat), m²
        Σ over longitude of (reference - its time mean)².
    power : PlanePower
    lon : ndarray, shape (n_lon,)
    freq_lon, freq_time : ndarray
        Strictly positive frequencies, cycles per degree of longitude and per day.
    """

    sums: ErrorSums
    anomaly: FloatArray
    power: PlanePower
    lon: FloatArray
    freq_lon: FloatArray
    freq_time: FloatArray

    def __add__(self, other: Self) -> Self:
        if not np.array_equal(self.lon, other.lon) or not np.array_equal(self.sums.time, other.sums.time):
            raise ValueError("statistics of different days or longitudes cannot be added, only of other rows")
        order = np.argsort(np.concatenate([self.sums.lat, other.sums.lat]))
        anomaly = np.concatenate([self.anomaly, other.anomaly], axis=1)[:, order]
        sums, power = self.sums + other.sums, self.power + other.power
        return type(self)(sums, anomaly, power, self.lon, self.freq_lon, self.freq_time)

    def official(self) -> dict[str, float]:
        """Scores of the challenge's own code, unrounded.

        Returns
        -------
        dict
            ``mu``: 1 - RMS(error) / RMS(reference) over all points, means skipping NaN; ``sigma``: standard
            deviation of the daily scores (ddof 0); ``lambda_x`` in degrees of longitude and ``lambda_t`` in
            days: smallest abscissa and ordinate of the first piece of the 0.5 level of the westward score,
            NaN where the code stops because there is none.
        """
        lambda_x, lambda_t = first_contour_minima(self.contours)
        sigma = _deviation(self.sums.daily_scores())
        return {"mu": self.sums.score(), "sigma": sigma, "lambda_x": lambda_x, "lambda_t": lambda_t}

    def robust(self, *, replicates: int = REPLICATES, seed: int = SEED) -> dict[str, Interval]:
        """Scores with area weights, both directions of propagation and a 95 % interval.

        ``mu``, ``sigma`` and ``explained_variance`` = 1 - Σ w e² / Σ w (reference - its time mean)², with
        w = cos(lat), are resampled over blocks of about six consecutive days. ``lambda_x`` (degrees),
        ``lambda_x_km`` (the same times the km per degree of longitude, 111.19 cos(lat), averaged over rows)
        and ``lambda_t`` (days) are resampled over blocks of about one degree of adjacent rows. Resolution is
        the farthest reach of the resolved region that holds the most reference power
        (`oceanbench.metrics.resolution.resolved_limits`).

        Parameters
        ----------
        replicates : int
            Number of resampled data sets.
        seed : int
            Same seed, same intervals.

        Raises
        ------
        ValueError
            When the estimate is missing where the reference exists: fill or refuse such a map first, since
            leaving points out would flatter it.
        """
        if self.sums.missing:
            points = int(self.sums.reference_count.sum())
            raise ValueError(
                f"the estimate is missing at {self.sums.missing} of the {points} points where the reference "
                "exists; fill them or refuse the map before scoring"
            )
        daily = bootstrap_intervals(self._day_blocks(), _ratios, replicates=replicates, seed=seed)
        scales = bootstrap_intervals(self._row_blocks(), self._scales, replicates=replicates, seed=seed)
        names = ("mu", "sigma", "explained_variance", "lambda_x", "lambda_x_km", "lambda_t")
        return dict(zip(names, daily + scales, strict=True))

    @property
    def daily_scores(self) -> xr.DataArray:
        """Official score of each day, dims (time,)."""
        return xr.DataArray(self.sums.daily_scores(), {"time": self.sums.time}, ("time",), name="score")

    @property
    def daily_rmse(self) -> xr.DataArray:
        """RMS of the error of each day, metres, dims (time,)."""
        return xr.DataArray(self.sums.daily_rmse(), {"time": self.sums.time}, ("time",), name="rmse")

    @property
    def rmse_map(self) -> xr.DataArray:
        """RMS over time of the error, metres, dims (lat, lon)."""
        coords = {"lat": self.sums.lat, "lon": self.lon}
        return xr.DataArray(self.sums.pixel_rmse(), coords, ("lat", "lon"), name="rmse")

    @property
    def official_plane(self) -> xr.DataArray:
        """Score 1 - PSD(error) / PSD(reference) of the westward quadrant, dims (freq_time, freq_lon)."""
        return self._plane(*self.power.westward_mean())

    @property
    def robust_plane(self) -> xr.DataArray:
        """The same with both directions of propagation, over rows without land."""
        error, reference = self.power.both.sum(axis=0)
        return self._plane(error, reference)

    @cached_property
    def contours(self) -> list[FloatArray]:
        """Pieces of the 0.5 level of the official plane; columns: wavelength (degrees), period (days)."""
        return contour_polylines(self.official_plane.values, self.freq_lon, self.freq_time)

    @property
    def boundary(self) -> FloatArray:
        """Edge of the robust resolved region, shape (n, 2): cycles per degree, cycles per day."""
        error, reference = self.power.both.sum(axis=0)
        return resolved_boundary(error, reference, self.freq_lon, self.freq_time)

    def _plane(self, error: FloatArray, reference: FloatArray) -> xr.DataArray:
        coords = {"freq_time": self.freq_time, "freq_lon": self.freq_lon}
        score = spectral_score(error, reference)
        return xr.DataArray(score, coords, ("freq_time", "freq_lon"), name="score")

    def _day_blocks(self) -> FloatArray:
        """Σ w e², Σ w reference², Σ w anomaly², days, Σ daily score, Σ its square, of blocks of days."""
        weight = np.cos(np.radians(self.sums.lat))
        sums = (self.sums.error, self.sums.reference, self.anomaly)
        error, reference, anomaly = (values @ weight for values in sums)
        daily = one_minus_root(error, reference)
        seen = np.isfinite(daily)
        daily = np.where(seen, daily, 0.0)
        days = np.column_stack([error, reference, anomaly, seen, daily, daily**2])
        return sum_by_block(days, consecutive_blocks(self.sums.time.size, DAYS_PER_BLOCK))

    def _row_blocks(self) -> FloatArray:
        """Both powers of each block of rows, flat, then its rows and Σ cos(latitude)."""
        power = self.power
        flat = power.both.reshape(len(power.rows), -1)
        return np.column_stack([flat, power.rows, power.cosine])

    def _scales(self, blocks: FloatArray) -> FloatArray:
        """λx in degrees and in km, λt in days, shape (r, 3), of summed row blocks."""
        planes = blocks[:, :-2].reshape(len(blocks), *self.power.both.shape[1:])
        limits = resolved_limits(planes[:, 0], planes[:, 1], self.freq_lon, self.freq_time)
        lambda_x, lambda_t = (1.0 / limit for limit in limits)
        return np.column_stack([lambda_x, lambda_x * KM_PER_DEGREE * blocks[:, -1] / blocks[:, -2], lambda_t])


def map_statistics(
    estimate: xr.DataArray,
    reference: xr.DataArray,
    *,
    detrend: Detrend = "constant",
    window: Window = "periodic",
) -> MapStatistics:
    """Statistics of the error of ``estimate``, from which all scores follow.

    Fields in memory are read in place. Dask fields are computed a band of latitude rows at a time, every
    chunk once: chunk them along latitude, not along time, to keep the bands small. A point without a
    reference is not scored; a point without an estimate is left out by the official numbers and refused by
    the robust ones.

    Parameters
    ----------
    estimate, reference : xr.DataArray, dims time, lat, lon in any order, metres
        On the same grid (nodes within 1e-9 degree, equal times), evenly spaced in time and longitude.
    detrend : {"constant", "linear"}
        What is removed from each (time, lon) plane before the spectra. Until September 2021 the challenge
        removed the least-squares plane, and its published optimal interpolation rows still rest on that.
    window : {"periodic", "symmetric", "tukey"}
        Hann window, of which xrft before 0.3 used the symmetric one; or a Tukey window.

    Raises
    ------
    ValueError
        When dimensions or grids differ, a step varies, or a value is infinite.
    """
    estimate, reference = aligned_pair(estimate, reference)
    time, lat, lon = (reference[name].values for name in DIMS)
    step_time = even_step((time - time[:1]) / np.timedelta64(1, "D"), "time")
    transform = RowTransform(time.size, lon.size, detrend, window)
    blocks = consecutive_blocks(lat.size, _rows_per_degree(lat))
    sums = ErrorSums.zeros(time, lat.astype(np.float64), lon.size)
    anomaly = np.zeros((time.size, lat.size))
    power = PlanePower.zeros(lat, blocks, transform.shape)
    for rows, errors, powers in _slabs(estimate, reference, blocks, transform):
        sums.enter(rows, errors)
        anomaly[:, rows] = errors.anomaly
        power.enter(int(blocks[rows.start]), cast(SlabPower, powers))
    freq_lon = positive_frequencies(lon.size, even_step(lon.astype(np.float64), "lon"))
    freq_time = positive_frequencies(time.size, step_time)
    return MapStatistics(sums, anomaly, power, lon.astype(np.float64), freq_lon, freq_time)


def error_sums(estimate: xr.DataArray, reference: xr.DataArray) -> ErrorSums:
    """Sums of squares alone, of any days and rows: the pieces of a long record add up.

    Parameters and errors as for `map_statistics`, but for the steps, which may vary.
    """
    estimate, reference = aligned_pair(estimate, reference)
    time, lat, lon = (reference[name].values for name in DIMS)
    sums = ErrorSums.zeros(time, lat.astype(np.float64), lon.size)
    for rows, errors, _ in _slabs(estimate, reference, np.zeros(lat.size, dtype=np.int64), None):
        sums.enter(rows, errors)
    return sums


def _slabs(
    estimate: xr.DataArray,
    reference: xr.DataArray,
    blocks: npt.NDArray[np.int64],
    transform: RowTransform | None,
) -> Iterator[tuple[slice, SlabErrors, SlabPower | None]]:
    """Statistics of slabs of rows, south to north; no slab crosses the edge of a block."""
    points = max(1, reference.sizes["time"] * reference.sizes["lon"])
    height = max(1, _SLAB_POINTS // points)

    def statistics(rows: slice, first: int, heights: Any, truth: Any) -> tuple[Any, ...]:
        here = slice(rows.start - first, rows.stop - first)
        return rows, *slab_statistics(heights[:, here], truth[:, here], transform)

    with ThreadPoolExecutor(_THREADS) as pool:
        for first, heights, truth in read_bands(estimate, reference):
            cuts = _cut(blocks[first : first + heights.shape[1]], first, height)
            yield from pool.map(lambda rows: statistics(rows, first, heights, truth), cuts)  # noqa: B023


def _cut(blocks: npt.NDArray[np.int64], first: int, height: int) -> list[slice]:
    """Runs of rows of one block, at most ``height`` rows each; ``first`` is the number of the first row."""
    starts = np.flatnonzero(np.diff(blocks, prepend=-1)).tolist()
    stops = [*starts[1:], blocks.size]
    cuts = []
    for start, stop in zip(starts, stops, strict=True):
        cuts += [slice(first + at, first + min(at + height, stop)) for at in range(start, stop, height)]
    return cuts


def _rows_per_degree(lat: FloatArray) -> float:
    return (lat.size - 1) / abs(float(lat[-1] - lat[0])) if lat.size > 1 else 1.0


def _ratios(blocks: FloatArray) -> FloatArray:
    """µ, σ and explained variance, shape (r, 3), of summed day blocks."""
    error, reference, anomaly, days, daily, squares = blocks.T
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = squares / days - (daily / days) ** 2
        explained = 1.0 - error / anomaly
    return np.column_stack([one_minus_root(error, reference), np.sqrt(np.maximum(variance, 0.0)), explained])


def _deviation(values: FloatArray) -> float:
    """Standard deviation (ddof 0) of the values that exist."""
    seen = values[np.isfinite(values)]
    return float(seen.std()) if seen.size else float("nan")
