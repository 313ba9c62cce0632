"""What is kept of the error of a map: sums over blocks of days, from which score and its error follow."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oceanbench.metrics.bootstrap import sum_by_block
from oceanbench.metrics.resolution import first_crossing, spectral_score
from oceanbench.metrics.spectra import taper

__all__ = [
    "Errors",
    "ZonalPower",
    "blocks_of_days",
    "join",
    "resampled",
    "root_mean",
    "sums_by_block",
    "zonal_power",
]

type Floats = NDArray[np.float64]

DAYS_PER_BLOCK = 6  # as long as the blocks of the scores' own intervals
REPLICATES = 1000
_FEWEST_BLOCKS = 4
_FEWEST_COLUMNS = 8
_SEED = 20110102


@dataclass(frozen=True, eq=False)
class ZonalPower:
    """Power of error and truth at zonal wavenumbers, summed over rows and days.

    Attributes
    ----------
    wavenumber : ndarray, shape (n,), cycles per degree of longitude, from 0
    error, truth : ndarray, shape (n,)
    """

    wavenumber: Floats
    error: Floats
    truth: Floats

    @property
    def resolution(self) -> float:
        """Wavelength in degrees of longitude at which the error first holds half of the power; NaN if none.

        From zonal spectra alone: not λx of the challenges, which is read in the plane of wavenumber and
        frequency and needs a map each day.
        """
        score = spectral_score(self.error, self.truth)
        crossing = first_crossing(np.nan_to_num(score, nan=-np.inf)[None], self.wavenumber)
        return float(1.0 / crossing[0])


@dataclass(frozen=True, eq=False)
class Errors:
    """Sums over the scored points of each block of days.

    Attributes
    ----------
    points : ndarray, shape (blocks,)
        How many points are scored.
    squared, reference : ndarray, shape (blocks,), m²
        Σ (map - reference)² and Σ reference².
    power : ZonalPower, optional
    """

    points: Floats
    squared: Floats
    reference: Floats
    power: ZonalPower | None = None


def blocks_of_days(times: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Label of the block of about six days that each time lies in, 0, 1, 2, …; shape of ``times``."""
    days = times.astype("datetime64[D]").astype(np.int64)
    first = int(days.min()) if days.size else 0
    _, labels = np.unique((days - first) // DAYS_PER_BLOCK, return_inverse=True)
    return np.asarray(labels, dtype=np.int64)


def sums_by_block(
    error: Floats, reference: Floats, labels: NDArray[np.int64], power: ZonalPower | None = None
) -> Errors:
    """Sums of errors and references (n,) in metres over blocks; points without a reference are left out.

    Raises
    ------
    ValueError
        Where a point with a reference has no error: the map is missing there.
    """
    scored = np.isfinite(reference)
    missing = int(np.count_nonzero(scored & ~np.isfinite(error)))
    if missing:
        raise ValueError(f"the map is missing at {missing} of {np.count_nonzero(scored)} scored points")
    values = np.column_stack(
        [scored, np.where(scored, error, 0.0) ** 2, np.where(scored, reference, 0.0) ** 2]
    )
    points, squared, squared_reference = sum_by_block(values, labels).T
    return Errors(points, squared, squared_reference, power)


def zonal_power(error: Floats, truth: Floats, lon: Floats) -> ZonalPower | None:
    """Powers of the rows without a gap between the scored columns; mean removed, Hann window.

    Parameters
    ----------
    error, truth : ndarray, shape (time, lat, lon), metres
        The truth is NaN where nothing is scored.
    lon : ndarray, shape (lon,), degrees, evenly spaced

    Returns
    -------
    ZonalPower or None
        None where there are less than eight columns, or no such row.
    """
    columns = np.flatnonzero(np.isfinite(truth).any(axis=(0, 1)))
    if columns.size < _FEWEST_COLUMNS:
        return None
    part = slice(int(columns[0]), int(columns[-1]) + 1)
    count = part.stop - part.start
    errors, truths = (field[..., part].reshape(-1, count) for field in (error, truth))
    whole = np.isfinite(truths).all(axis=1) & np.isfinite(errors).all(axis=1)
    if not whole.any():
        return None
    wavenumber = np.fft.rfftfreq(count, float(lon[1] - lon[0]))
    return ZonalPower(wavenumber, _power(errors[whole]), _power(truths[whole]))


def _power(rows: Floats) -> Floats:
    window = taper(rows.shape[1], "periodic")
    spectra = np.fft.rfft((rows - rows.mean(axis=1, keepdims=True)) * window, axis=1)
    return np.asarray((np.abs(spectra) ** 2).sum(axis=0))


def join(parts: Sequence[Errors]) -> Errors:
    """Give the sums of several maps, block after block; their powers are added."""
    columns = zip(*((part.points, part.squared, part.reference) for part in parts), strict=True)
    points, squared, reference = (np.concatenate(column) for column in columns)
    powers = [part.power for part in parts if part.power is not None]
    return Errors(points, squared, reference, _added(powers) if len(powers) == len(parts) else None)


def _added(powers: Sequence[ZonalPower]) -> ZonalPower:
    error = np.sum([power.error for power in powers], axis=0)
    return ZonalPower(powers[0].wavenumber, error, np.sum([power.truth for power in powers], axis=0))


def root_mean(squared: Floats, points: Floats) -> float:
    """Root of the mean square over all points of all blocks, metres."""
    return math.sqrt(float(np.sum(squared)) / float(np.sum(points)))


def resampled(squared: Floats, points: Floats) -> Floats:
    """Root mean squares of blocks drawn with replacement, shape (1000,); the same draws at every call.

    Their standard deviation is the standard error of the root mean square (block bootstrap). Since the draws
    are the same, the standard deviation of a difference of two results is that of the paired difference.

    Parameters
    ----------
    squared, points : ndarray, shape (blocks,)

    Returns
    -------
    ndarray, shape (1000,); NaN with fewer than four blocks

    References
    ----------
    Künsch (1989), The jackknife and the bootstrap for general stationary observations,
    doi:10.1214/aos/1176347265.
    """
    count = points.size
    if count < _FEWEST_BLOCKS:
        return np.full(REPLICATES, np.nan)
    drawn = np.random.default_rng(_SEED).multinomial(count, np.full(count, 1.0 / count), size=REPLICATES)
    return np.asarray(np.sqrt((drawn @ squared) / (drawn @ points)))
