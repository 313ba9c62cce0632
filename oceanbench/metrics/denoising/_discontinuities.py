"""Pixels at which a field of heights is rough: officially, and by thresholds in physical units."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["RoughPixels", "official_discontinuities", "rough_pixels"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Official thresholds, in metres per pixel squared and cubed, and the same at the posting of 2 km.
CURVATURE = 0.010
EDGE = 0.0025
CURVATURE_M_PER_KM2 = CURVATURE / 2.0**2
EDGE_M_PER_KM3 = EDGE / 2.0**3


@dataclass(frozen=True, eq=False)
class RoughPixels:
    """Where heights are rough.

    Attributes
    ----------
    rough : ndarray of bool, shape (lines, pixels)
    judged : ndarray of bool, shape (lines, pixels)
        Where curvature and edge are both defined; no other pixel is called rough.
    """

    rough: BoolArray
    judged: BoolArray


def official_discontinuities(heights: FloatArray) -> BoolArray:
    """Flag the pixels that challenge 2024b calls discontinuities, shape (lines, pixels).

    Derivatives are differences between neighbours in the array, per pixel; a field of several passes is
    taken as one. A pixel is flagged where the curvature is 0.010 or more, or the Roberts operator of the
    curvature 0.0025 or more. A pixel without a height is never flagged, yet the official rate counts it:
    the rate is the mean of the flags.

    Parameters
    ----------
    heights : ndarray, shape (lines, pixels), metres
        NaN where missing.

    Raises
    ------
    ValueError
        If there are fewer than two lines or pixels.

    References
    ----------
    Roberts (1963), Machine perception of three-dimensional solids, MIT. Thresholds: code of challenge 2024b.
    """
    curvature = _curvature(heights, 1.0)
    with np.errstate(invalid="ignore"):
        return np.asarray((_roberts(curvature) >= EDGE) | (curvature >= CURVATURE))


def rough_pixels(heights: FloatArray, posting_km: float) -> RoughPixels:
    """Find the rough pixels of one pass, with thresholds that do not depend on the posting.

    The official thresholds at 2 km: a curvature of 0.0025 m/km2, or a change of the curvature of
    0.0003125 m/km3. The rate is the share of the pixels that can be judged, so that land and editing leave
    it alone.

    Parameters
    ----------
    heights : ndarray, shape (lines, pixels), metres
        One pass; NaN where missing.
    posting_km : float
        Distance between two pixels, along and across the track.
    """
    curvature = _curvature(heights, posting_km)
    edge = _roberts(curvature) / posting_km
    judged = np.isfinite(curvature) & np.isfinite(edge)
    with np.errstate(invalid="ignore"):
        rough = (edge >= EDGE_M_PER_KM3) | (curvature >= CURVATURE_M_PER_KM2)
    return RoughPixels(rough & judged, judged)


def _curvature(heights: FloatArray, step: float) -> FloatArray:
    """Root of the sum of squares of both second derivatives, each two centred differences in a row."""
    if min(heights.shape) < 2:
        raise ValueError(f"{heights.shape[0]} lines of {heights.shape[1]} pixels; give at least 2 x 2")
    along, across = (np.gradient(np.gradient(heights, step, axis=axis), step, axis=axis) for axis in (0, 1))
    return np.hypot(along, across)


def _roberts(field: FloatArray) -> FloatArray:
    """Modulus of the gradient from the two diagonals of each square of pixels, per pixel."""
    ahead = np.pad(field, [(0, 1), (0, 1)], mode="edge")
    down = ahead[1:, 1:] - ahead[:-1, :-1]
    up = ahead[1:, :-1] - ahead[:-1, 1:]
    return np.asarray(np.hypot(down, up) / np.sqrt(2.0), dtype=np.float64)
