"""Optimal interpolation of one tile: the covariance of its observations is factored once, for all its maps.

With the prior covariance C, the error covariance R, the observations y and the covariance K of grid and
observations::

    map = K (C + R)⁻¹ y          error variance = C(grid) - diag(K (C + R)⁻¹ Kᵀ)
"""

from dataclasses import dataclass

import numpy as np

from oceanbench_baselines.duacs._arhan import Places, Sum
from oceanbench_baselines.duacs._pass_errors import PassErrors
from oceanbench_baselines.mapping._observed import Floats

__all__ = ["Solution", "solve"]

_COLUMNS = 512  # grid points whose error is solved for at once


@dataclass(frozen=True)
class Solution:
    """What the observations of a tile tell.

    Attributes
    ----------
    prior : Sum
    data : Places
    factor : array, shape (n, n)
        Upper triangular factor U of C + R = Uᵀ U; what is below its diagonal is undefined.
    weights : array, shape (n,)
        (C + R)⁻¹ y.
    """

    prior: Sum
    data: Places
    factor: Floats
    weights: Floats

    def maps(self, grid: Places, days: Floats) -> Floats:
        """Give the maps of all days, (days, grid)."""
        return self.prior.maps(grid, days, self.data, self.weights)

    def gradients(self, grid: Places, days: Floats) -> tuple[Floats, Floats]:
        """Give their exact derivatives eastward and northward, each (days, grid), per km."""
        return self.prior.gradients(grid, days, self.data, self.weights)

    def error_variance(self, grid: Places, days: Floats) -> Floats:
        """Give the formal error variance, (days, grid)."""
        return np.stack([self._error_of_day(grid.at(day)) for day in days])

    def _error_of_day(self, grid: Places) -> Floats:
        from scipy.linalg import solve_triangular

        explained = np.zeros(grid.x.size)
        for start in range(0, grid.x.size, _COLUMNS):
            some = slice(start, start + _COLUMNS)
            cross = self.prior.covariance(grid.part(some), self.data).T
            white = solve_triangular(self.factor, cross, trans="T", overwrite_b=True, check_finite=False)
            explained[some] = np.einsum("ng,ng->g", white, white)
        return np.maximum(self.prior.variance - explained, 0.0)  # exact data: rounding may pass below 0


def solve(prior: Sum, data: Places, values: Floats, variance: Floats, errors: PassErrors) -> Solution:
    """Factor the covariance of the observations and solve it for ``values``.

    Parameters
    ----------
    prior : Sum
    data : Places
        Of the n observations.
    values, variance : array, shape (n,)
        Anomalies, and the variance of the white error of each.
    errors : PassErrors
        Errors that passes share.

    Raises
    ------
    ValueError
        If the covariance is not positive definite.
    """
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    covariance = prior.lower(data)
    errors.add_to(covariance)
    covariance[np.diag_indices(values.size)] += variance
    try:
        # Transposed: LAPACK works in place on Fortran order, and our lower triangle is its upper one.
        factor = cho_factor(covariance.T, lower=False, overwrite_a=True, check_finite=False)[0]
        _refuse_rounding(factor)
    except LinAlgError as error:
        raise ValueError(
            f"the covariance of the {values.size} observations of a tile is not positive definite: some are "
            "at one place and time or nearly, and without error; raise representativity or thin_lines"
        ) from error
    weights = cho_solve((factor, False), values, check_finite=False)
    return Solution(prior, data, factor, np.asarray(weights))


def _refuse_rounding(factor: Floats) -> None:
    from scipy.linalg import LinAlgError

    pivots = np.diagonal(factor) ** 2
    if pivots.size and pivots.min() < pivots.size * np.finfo(np.float64).eps * pivots.max():
        raise LinAlgError("a pivot is zero but for rounding")  # LAPACK sees only those that are not positive
