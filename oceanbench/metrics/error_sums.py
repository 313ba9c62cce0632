"""Sums of squares of the error of a map and of its reference, additive over days and over latitude rows."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from oceanbench.metrics.comparison import Blocks
from oceanbench.metrics.slabs import SlabErrors

__all__ = ["ErrorSums", "mean_of", "one_minus_root"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ErrorSums:
    """Sums of squares of error and reference; ``+`` joins other days or other latitude rows.

    Attributes
    ----------
    time, lat : ndarray, shape (n_time,), (n_lat,)
    error, reference : ndarray, shape (n_time, n_lat), m²
        Σ over longitude of (estimate - reference)² where both exist, and of reference² where it exists.
    error_count, reference_count : ndarray, shape (n_time, n_lat)
        How many points entered.
    pixel_error, pixel_count : ndarray, shape (n_lat, n_lon)
        Σ over time of the squared error, and how many times entered.
    """

    time: npt.NDArray[np.datetime64]
    lat: FloatArray
    error: FloatArray
    error_count: FloatArray
    reference: FloatArray
    reference_count: FloatArray
    pixel_error: FloatArray
    pixel_count: FloatArray

    @classmethod
    def zeros(cls, time: npt.NDArray[np.datetime64], lat: FloatArray, n_lon: int) -> Self:
        """Sums of nothing, to be filled."""
        daily, pixels = (time.size, lat.size), (lat.size, n_lon)
        return cls(time, lat, *(np.zeros(shape) for shape in (daily,) * 4 + (pixels,) * 2))

    def enter(self, rows: slice, part: SlabErrors) -> None:
        """Put the sums of some rows in their place."""
        for name in ("error", "error_count", "reference", "reference_count"):
            getattr(self, name)[:, rows] = getattr(part, name)
        for name in ("pixel_error", "pixel_count"):
            getattr(self, name)[rows] = getattr(part, name)

    def __add__(self, other: Self) -> Self:
        if np.array_equal(self.lat, other.lat) and not np.isin(self.time, other.time).any():
            return self._join_days(other)
        if np.array_equal(self.time, other.time) and not np.isin(self.lat, other.lat).any():
            return self._join_rows(other)
        raise ValueError(
            "sums can be added when they hold the same rows of other days, or the same days of other rows; "
            f"given {self.time.size} and {other.time.size} days, {self.lat.size} and {other.lat.size} rows"
        )

    def _join_days(self, other: Self) -> Self:
        order = np.argsort(np.concatenate([self.time, other.time]))
        joined: dict[str, Any] = {"lat": self.lat}
        for name in ("time", "error", "error_count", "reference", "reference_count"):
            joined[name] = np.concatenate([getattr(self, name), getattr(other, name)])[order]
        for name in ("pixel_error", "pixel_count"):
            joined[name] = getattr(self, name) + getattr(other, name)
        return type(self)(**joined)

    def _join_rows(self, other: Self) -> Self:
        order = np.argsort(np.concatenate([self.lat, other.lat]))
        joined: dict[str, Any] = {"time": self.time}
        for name in ("lat", "pixel_error", "pixel_count"):
            joined[name] = np.concatenate([getattr(self, name), getattr(other, name)])[order]
        for name in ("error", "error_count", "reference", "reference_count"):
            joined[name] = np.concatenate([getattr(self, name), getattr(other, name)], axis=1)[:, order]
        return type(self)(**joined)

    @property
    def missing(self) -> int:
        """Number of points where the reference exists and the estimate does not."""
        return int(self.reference_count.sum() - self.error_count.sum())

    def score(self) -> float:
        """Official µ = 1 - RMS(error) / RMS(reference), one ratio over all points."""
        error = mean_of(self.error.sum(), self.error_count.sum())
        return float(one_minus_root(error, mean_of(self.reference.sum(), self.reference_count.sum())))

    def blocks(self) -> Blocks:
        """The sums behind `score`, by day, for the comparison of two maps."""
        names = ("error", "error_count", "reference", "reference_count")
        table = np.column_stack([getattr(self, name).sum(axis=1) for name in names])
        labels = tuple(np.datetime_as_string(self.time, unit="auto").tolist())
        return Blocks("one_minus_root_ratio", "higher", labels, table)

    def daily_scores(self) -> FloatArray:
        """The same for each day, shape (n_time,); NaN for a day without points."""
        error = mean_of(self.error.sum(axis=1), self.error_count.sum(axis=1))
        return one_minus_root(error, mean_of(self.reference.sum(axis=1), self.reference_count.sum(axis=1)))

    def daily_rmse(self) -> FloatArray:
        """RMS of the error of each day, m, shape (n_time,); NaN for a day without points."""
        return np.sqrt(mean_of(self.error.sum(axis=1), self.error_count.sum(axis=1)))

    def pixel_rmse(self) -> FloatArray:
        """RMS over time of the error, m, shape (n_lat, n_lon); NaN where there is no point."""
        return np.sqrt(mean_of(self.pixel_error, self.pixel_count))


def mean_of(sums: npt.ArrayLike, counts: npt.ArrayLike) -> FloatArray:
    """Mean of each sum, NaN where nothing was counted."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.true_divide(sums, counts), dtype=np.float64)


def one_minus_root(error: npt.ArrayLike, reference: npt.ArrayLike) -> FloatArray:
    """Score 1 - √error / √reference of two mean squares; NaN where both vanish or are missing."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(1.0 - np.sqrt(error) / np.sqrt(reference), dtype=np.float64)
