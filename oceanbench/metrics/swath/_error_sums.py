"""Sums of squared errors by regime and column of pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oceanbench.metrics.swath._derivatives import SwathDerivatives

FloatArray = npt.NDArray[np.float64]

_TRUE, _NOISY, _FILTERED = range(3)
_SCORED = (_FILTERED, _NOISY)


@dataclass(frozen=True, eq=False)
class RegimeSums:
    """Sums of squared errors of one pass.

    Attributes
    ----------
    squares, counts : ndarray, shape (2, n_quantities, 3, n_pixels)
        Σ error² and how many pixels entered: of filtered, then of noisy heights; by quantity (ssh, speed,
        vorticity, and the modulus of the velocity error where there is a fourth); by regime (coastal,
        offshore low, offshore high); by column of pixels.
    """

    squares: FloatArray
    counts: FloatArray


def squared_errors(heights: FloatArray, derived: SwathDerivatives) -> list[list[FloatArray]]:
    """Squared errors of (filtered, noisy) in ssh, speed, vorticity and velocity; NaN where one is missing."""
    return [[*_scalar_errors(heights, derived, field), _velocity_error(derived, field)] for field in _SCORED]


def regime_sums(errors: Sequence[Sequence[FloatArray]], regimes: FloatArray) -> RegimeSums:
    """Sum squared errors over the lines of a pass.

    Parameters
    ----------
    errors : for filtered and noisy, the arrays (n_lines, n_pixels) of each quantity
    regimes : ndarray, shape (3, n_lines, n_pixels)
        1 in the pixels of each regime, else 0.
    """
    pairs = [[_by_regime(error, regimes) for error in of_field] for of_field in errors]
    squares, counts = np.moveaxis(np.array(pairs), 2, 0)
    return RegimeSums(squares, counts)


def _scalar_errors(heights: FloatArray, derived: SwathDerivatives, field: int) -> list[FloatArray]:
    fields: tuple[FloatArray, ...] = (heights, derived.speed, derived.vorticity)
    return [np.square(values[field] - values[_TRUE]) for values in fields]


def _velocity_error(derived: SwathDerivatives, field: int) -> FloatArray:
    """Squared modulus of the difference of two velocities."""
    squares = [np.square(part[field] - part[_TRUE]) for part in (derived.u, derived.v)]
    return np.asarray(squares[0] + squares[1])


def _by_regime(error: FloatArray, regimes: FloatArray) -> FloatArray:
    """Σ and count of one array over lines, shape (2, 3, n_pixels)."""
    seen = np.isfinite(error)
    return np.stack(
        [_over_lines(regimes, np.where(seen, error, 0.0)), _over_lines(regimes, seen.astype(float))]
    )


def _over_lines(regimes: FloatArray, values: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("rlp,lp->rp", regimes, values))
