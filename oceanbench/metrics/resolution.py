"""Effective resolution: the smallest scale a map resolves, read from a spectral score.

A spectral score is s = 1 - PSD(error) / PSD(reference); a scale is resolved where s >= 0.5, that is where the
error holds less than half of the variance. Two readings stand side by side: the one of the challenges' own
code, and one that a small change of the map moves only a little.
"""

from typing import cast

import numpy as np
import numpy.typing as npt

__all__ = [
    "contour_polylines",
    "extrapolated_crossing",
    "first_contour_minima",
    "first_crossing",
    "resolved_boundary",
    "resolved_limits",
    "sorted_crossing",
    "spectral_score",
]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

LEVEL = 0.5


def spectral_score(error: FloatArray, reference: FloatArray) -> FloatArray:
    """Score 1 - error / reference; NaN where both powers vanish, -inf where only the reference does."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1.0 - error / reference


def contour_polylines(score: FloatArray, freq_lon: FloatArray, freq_time: FloatArray) -> list[FloatArray]:
    """Pieces of the 0.5 level in the plane (wavelength, period), in the order the official plot gives them.

    Marching squares, linear in wavelength and period (not in frequency), by the algorithm that matplotlib's
    ``contour`` used in the official evaluation.

    Parameters
    ----------
    score : ndarray, shape (n_time, n_lon)
    freq_lon : ndarray, shape (n_lon,), cycles per degree, > 0
    freq_time : ndarray, shape (n_time,), cycles per day, > 0

    Returns
    -------
    list of ndarray, shape (n, 2)
        Columns: wavelength in degrees of longitude, period in days. Empty where the level is never crossed or
        the plane has fewer than two bins along an axis.
    """
    from contourpy import LineType, contour_generator

    if min(score.shape) < 2:
        return []
    generator = contour_generator(
        1.0 / freq_lon,
        1.0 / freq_time,
        np.ma.masked_invalid(score),
        name="mpl2014",
        corner_mask=True,
        line_type=LineType.SeparateCode,
    )
    return [np.asarray(line, dtype=np.float64) for line in generator.lines(LEVEL)[0]]


def first_contour_minima(polylines: list[FloatArray]) -> tuple[float, float]:
    """Official (wavelength, period): the smallest of each over the vertices of the first polyline.

    They belong to two different points of the curve, and another polyline may reach smaller scales. NaN
    without any polyline, where the official code stops with an IndexError.
    """
    if not polylines:
        return np.nan, np.nan
    wavelength, period = polylines[0].min(axis=0)
    return float(wavelength), float(period)


def resolved_limits(
    error: FloatArray, reference: FloatArray, freq_lon: FloatArray, freq_time: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Highest resolved wavenumber and frequency of each plane, NaN where nothing is resolved.

    Of the regions of 4-connected bins with score >= 0.5, the one that holds the most reference power counts:
    the energetic large scales are what a map must get right first, and a lucky speck of small scales holds
    next to no power. Its limit along an axis is the farthest point at which an edge of the grid leaves it,
    the score being linear in wavenumber and in frequency between bins; a region that reaches the last bin
    ends at that bin.

    Parameters
    ----------
    error, reference : ndarray, shape (r, n_time, n_lon)
        Power of r planes.
    freq_lon, freq_time : ndarray, ascending

    Returns
    -------
    (ndarray, ndarray), each of shape (r,), units of ``freq_lon`` and of ``freq_time``
    """
    if 0 in reference.shape[1:]:
        nothing = np.full(len(reference), np.nan)
        return nothing, nothing.copy()
    score = _score_or_unresolved(error, reference)
    region = _main_region(score >= LEVEL, reference)
    along_time = _farthest(score.swapaxes(1, 2), region.swapaxes(1, 2), freq_time)
    return _farthest(score, region, freq_lon), along_time


def resolved_boundary(
    error: FloatArray, reference: FloatArray, freq_lon: FloatArray, freq_time: FloatArray
) -> FloatArray:
    """Points where the grid's edges leave the resolved region of one plane, shape (n, 2).

    Columns: wavenumber (unit of ``freq_lon``), frequency (unit of ``freq_time``); the region is that of
    `resolved_limits`.
    """
    if 0 in reference.shape:
        return np.empty((0, 2))
    score = _score_or_unresolved(error, reference)
    region = _main_region((score >= LEVEL)[None], reference[None])[0]
    row, wavenumber = _exits(score, region, freq_lon)
    column, frequency = _exits(score.T, region.T, freq_time)
    along_lon = np.column_stack([wavenumber, freq_time[row]])
    return np.concatenate([along_lon, np.column_stack([freq_lon[column], frequency])])


def sorted_crossing(score: npt.ArrayLike, wavenumber: npt.ArrayLike) -> float:
    """Official along-track resolution: wavelength at score 0.5, interpolated after sorting by score.

    Meaningful only where the score falls steadily with wavenumber. NaN where 0.5 lies outside the scores (the
    official code stops with a ValueError) or a score is NaN; inf where wavenumber 0 is one of the two
    neighbours.

    Parameters
    ----------
    score, wavenumber : array_like, shape (n,)
        Wavenumber in cycles per km, starting at 0.

    Returns
    -------
    float, km, not truncated
    """
    scores, wavenumbers = np.asarray(score, dtype=np.float64), np.asarray(wavenumber, dtype=np.float64)
    if scores.size < 2 or np.isnan(scores).any() or not scores.min() <= LEVEL <= scores.max():
        return float("nan")
    with np.errstate(divide="ignore"):
        wavelength = 1.0 / wavenumbers
    order = np.argsort(scores, kind="stable")
    scores, wavelength = scores[order], wavelength[order]
    upper = int(np.clip(np.searchsorted(scores, LEVEL), 1, scores.size - 1))
    lower = upper - 1
    if np.isinf(wavelength[lower : upper + 1]).any():
        return float("inf")
    fraction = (LEVEL - scores[lower]) / (scores[upper] - scores[lower])
    return float(wavelength[lower] + fraction * (wavelength[upper] - wavelength[lower]))


def extrapolated_crossing(score: npt.ArrayLike, wavelength: npt.ArrayLike) -> float:
    """Wavelength at score 0.5 as OceanBench (NeurIPS 2023) reads it: sorted by score, and extrapolated.

    The straight line through the two scores around 0.5 is read, or through the two nearest to it where all
    lie on one side: then the number may have no meaning, or even be negative. NaN where two scores are equal
    or one is missing, since the official code stops there.

    Parameters
    ----------
    score, wavelength : array_like, shape (n,)

    Returns
    -------
    float, unit of ``wavelength``
    """
    scores, wavelengths = np.asarray(score, dtype=np.float64), np.asarray(wavelength, dtype=np.float64)
    order = np.argsort(scores, kind="stable")
    scores, wavelengths = scores[order], wavelengths[order]
    if scores.size < 2 or not (np.diff(scores) > 0).all():
        return float("nan")
    upper = int(np.clip(np.searchsorted(scores, LEVEL), 1, scores.size - 1))
    low, high = scores[upper - 1], scores[upper]
    fraction = (LEVEL - low) / (high - low)
    return float((1.0 - fraction) * wavelengths[upper - 1] + fraction * wavelengths[upper])


def first_crossing(score: FloatArray, wavenumber: FloatArray) -> FloatArray:
    """Wavenumber at which each score first falls below 0.5, linear in wavenumber, shape (r,).

    Wavenumber 0 is left aside, since the mean of each segment is removed. A score that never falls below 0.5
    is resolved to the last bin; one that starts below 0.5 and never rises is not resolved: NaN.

    Parameters
    ----------
    score : ndarray, shape (r, n)
    wavenumber : ndarray, shape (n,), ascending from 0
    """
    scores, bins = score[:, 1:], wavenumber[1:]
    if not bins.size:
        return np.full(len(score), np.nan)
    resolved = scores >= LEVEL
    falls = resolved[:, :-1] & ~resolved[:, 1:]
    first = falls.argmax(axis=1) if falls.shape[1] else np.zeros(len(score), dtype=np.int64)
    rows = np.arange(len(score))
    last = np.where(resolved[:, -1], bins[-1], np.nan)
    if not falls.shape[1]:
        return last
    crossing = _crossing(scores[rows, first], scores[rows, first + 1], bins[first], bins[first + 1])
    return np.where(falls.any(axis=1), crossing, last)


def _score_or_unresolved(error: FloatArray, reference: FloatArray) -> FloatArray:
    """Score, with -inf instead of NaN: a bin without power or data is not resolved."""
    score = spectral_score(error, reference)
    return np.where(np.isnan(score), -np.inf, score)


def _main_region(resolved: BoolArray, power: FloatArray) -> BoolArray:
    """The connected part of each plane that holds the most power; shape (r, n_time, n_lon)."""
    from scipy import ndimage

    within_plane = np.zeros((3, 3, 3), dtype=bool)
    within_plane[1] = ndimage.generate_binary_structure(2, 1)
    labels, count = ndimage.label(resolved, within_plane)
    held = np.bincount(labels.ravel(), weights=power.ravel(), minlength=count + 1)
    best = np.where(resolved, held[labels], -1.0).max(axis=(1, 2), keepdims=True)
    return cast(BoolArray, resolved & (held[labels] == best))


def _farthest(score: FloatArray, region: BoolArray, freq: FloatArray) -> FloatArray:
    """Largest coordinate of each region along the last axis, crossings included; NaN for an empty region."""
    reach = np.where(region, freq, -np.inf)
    leaves = region[..., :-1] & ~region[..., 1:]
    crossing = _crossing(score[..., :-1], score[..., 1:], freq[:-1], freq[1:])
    reach[..., :-1] = np.where(leaves, crossing, reach[..., :-1])
    farthest = reach.max(axis=(1, 2))
    return np.where(np.isneginf(farthest), np.nan, farthest)


def _exits(
    score: FloatArray, region: BoolArray, freq: FloatArray
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Row and coordinate of every edge along the last axis that leaves the region, in either direction."""
    row_up, up = np.nonzero(region[:, :-1] & ~region[:, 1:])
    row_down, down = np.nonzero(region[:, 1:] & ~region[:, :-1])
    upward = _crossing(score[row_up, up], score[row_up, up + 1], freq[up], freq[up + 1])
    downward = _crossing(score[row_down, down + 1], score[row_down, down], freq[down + 1], freq[down])
    return np.concatenate([row_up, row_down]), np.concatenate([upward, downward])


def _crossing(inside: FloatArray, outside: FloatArray, start: FloatArray, stop: FloatArray) -> FloatArray:
    """Point between ``start`` (score ``inside`` >= 0.5) and ``stop`` (``outside`` < 0.5) at score 0.5."""
    with np.errstate(divide="ignore", invalid="ignore"):
        fraction = (inside - LEVEL) / (inside - outside)
    return np.asarray(start + np.nan_to_num(fraction, nan=0.0, posinf=0.0, neginf=0.0) * (stop - start))
