"""Lines of two cycles of one pass that lie at the same place."""

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

__all__ = ["matching_lines"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_RADIUS_KM = 6371.0


def matching_lines(
    first: tuple[FloatArray, FloatArray], second: tuple[FloatArray, FloatArray], reach_km: float
) -> tuple[IntArray, IntArray]:
    """Find for each line of the first cycle the nearest line of the second.

    Cycles begin at different lines of a box, and lines may be lost: the tenth line of one is not the tenth
    of the other.

    Parameters
    ----------
    first, second : pairs of ndarray, shape (lines, pixels), degrees
        Longitudes and latitudes. The middle pixel tells where a line lies.
    reach_km : float
        Lines farther apart have no partner.

    Returns
    -------
    tuple of two ndarrays, shape (n,)
        Positions of the partners among the lines of the first and of the second cycle.
    """
    here, there = _middle(*first), _middle(*second)
    known = np.flatnonzero(np.isfinite(here).all(axis=1))
    candidates = np.flatnonzero(np.isfinite(there).all(axis=1))
    if not known.size or not candidates.size:
        return known[:0], candidates[:0]
    distance, nearest = cKDTree(there[candidates]).query(here[known])
    near = np.asarray(distance) <= reach_km
    return known[near], candidates[np.asarray(nearest)[near]]


def _middle(lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Place of the middle pixel of each line, km from the centre of the Earth, shape (lines, 3)."""
    pixel = lon.shape[1] // 2
    x, y = np.radians(lon[:, pixel]), np.radians(lat[:, pixel])
    return _RADIUS_KM * np.stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)], axis=1)
