"""First derivatives along one axis of a swath, of as high an order as its gaps allow."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

__all__ = ["differentiate"]

FloatArray = npt.NDArray[np.float64]

# Weights of the neighbours ahead, nearest first; those behind have the opposite sign, the pixel itself none.
_CENTRED = (
    (4 / 5, -1 / 5, 4 / 105, -1 / 280),
    (3 / 4, -3 / 20, 1 / 60),
    (2 / 3, -1 / 12),
    (1 / 2,),
)
_BACKWARD = MappingProxyType({-1: -1.0, 0: 1.0})
_FORWARD = MappingProxyType({0: -1.0, 1: 1.0})
_REACH = len(_CENTRED[0])


def differentiate(values: FloatArray, steps: FloatArray, axis: int) -> FloatArray:
    """First derivative by the widest stencil whose pixels are all there.

    Centred stencils of 9, 7, 5 and 3 pixels are tried in this order, then the difference to the pixel
    behind, then that to the pixel ahead; the first that meets no gap is taken. On evenly spaced pixels they
    are exact for polynomials of degree 8, 6, 4, 2, 1 and 1.

    Parameters
    ----------
    values : ndarray, shape (lines, pixels)
        NaN where missing.
    steps : ndarray, shape (lines, pixels)
        Distance from each pixel to the next one along ``axis``, in the unit of length of the result.
    axis : int
        0 along the lines, 1 along the pixels.

    Returns
    -------
    ndarray, shape (lines, pixels)
        NaN where the pixel is missing, has no neighbour, or lies where the next pixel does.

    References
    ----------
    Fornberg (1988), Generation of finite difference formulas on arbitrarily spaced grids,
    doi:10.1090/S0025-5718-1988-0935077-0, Table 1.
    """
    lines = np.moveaxis(np.asarray(values, dtype=np.float64), axis, 0)
    padded = np.pad(lines, [(_REACH, _REACH), (0, 0)], constant_values=np.nan)
    result = np.full(lines.shape, np.nan)
    present = np.isfinite(lines)
    for weights in (*map(_both_sides, _CENTRED), _BACKWARD, _FORWARD):
        open_ = present & np.isnan(result)
        if not open_.any():
            break
        result = np.where(open_, _weighted(padded, weights, len(lines)), result)
    return np.moveaxis(result, 0, axis) / np.where(steps > 0.0, steps, np.nan)


def _both_sides(ahead: tuple[float, ...]) -> Mapping[int, float]:
    """Give offset -> weight of an odd stencil."""
    pairs = {offset: weight for offset, weight in enumerate(ahead, start=1)}
    return pairs | {-offset: -weight for offset, weight in pairs.items()}


def _weighted(padded: FloatArray, weights: Mapping[int, float], size: int) -> FloatArray:
    parts = (weight * padded[_REACH + k : _REACH + k + size] for k, weight in weights.items())
    return np.asarray(sum(parts), dtype=np.float64)
