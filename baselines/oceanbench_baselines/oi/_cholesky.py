"""Cholesky factors of covariances that overlap: what they share is factored once, and each adds its border.

With the shared points first, the covariance of one set and its factor are::

    [ A   C ]     [ L    0 ] [ Lᵀ  Z ]         Z = L⁻¹ C
    [ Cᵀ  D ]  =  [ Zᵀ   E ] [ 0   Eᵀ]         E Eᵀ = D - Zᵀ Z

L, Z and D - ZᵀZ are computed once for the border of all sets together; a set takes its columns of Z and its
block of D - ZᵀZ, and factors only that.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Factor", "SharedFactor", "share"]

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Factor:
    """Lower Cholesky factor [[core, 0], [crossᵀ, edge]] of one covariance."""

    core: Floats
    cross: Floats
    edge: Floats

    def whiten(self, columns: Floats) -> Floats:
        """Give factor⁻¹ ``columns``."""
        split = len(self.core)
        top = _solve(self.core, columns[:split])
        return np.concatenate([top, _solve(self.edge, columns[split:] - self.cross.T @ top)])

    def solve(self, column: Floats) -> Floats:
        """Give covariance⁻¹ ``column``."""
        white, split = self.whiten(column), len(self.core)
        bottom = _solve(self.edge, white[split:], transposed=True)
        top = _solve(self.core, white[:split] - self.cross @ bottom, transposed=True)
        return np.concatenate([top, bottom])


@dataclass(frozen=True)
class SharedFactor:
    """What the factors of several covariances have in common; ``rest`` is the Schur complement D - ZᵀZ."""

    core: Floats
    cross: Floats
    rest: Floats

    def with_border(self, border: slice) -> Factor:
        """Give the factor of the shared points and those border points; LinAlgError if it is not definite."""
        return Factor(self.core, self.cross[:, border], _cholesky(self.rest[border, border].copy(order="F")))


def share(core: Floats, cross: Floats, rest: Floats) -> SharedFactor:
    """Factor ``core``, (n, n); reduce ``cross``, (n, m), and ``rest``, (m, m). All overwritten.

    Raises
    ------
    scipy.linalg.LinAlgError
        ``core`` is not positive definite, or only by rounding.
    """
    factor = _cholesky(core)
    whitened = _solve(factor, cross)
    rest -= whitened.T @ whitened
    return SharedFactor(factor, whitened, rest)


def _cholesky(matrix: Floats) -> Floats:
    """Lower factor; what is above the diagonal is undefined. Fortran order is factored in place."""
    from scipy.linalg import LinAlgError, cho_factor

    factor: Floats = cho_factor(matrix, lower=True, overwrite_a=True, check_finite=False)[0]
    pivots = np.diagonal(factor) ** 2
    if pivots.size and pivots.min() < pivots.size * np.finfo(np.float64).eps:
        raise LinAlgError("a pivot is zero but for rounding")  # LAPACK sees only those that are not positive
    return factor


def _solve(factor: Floats, columns: Floats, *, transposed: bool = False) -> Floats:
    from scipy.linalg import solve_triangular

    trans: Literal["T", "N"] = "T" if transposed else "N"
    solved: Floats = solve_triangular(
        factor, columns, trans=trans, lower=True, overwrite_b=True, check_finite=False
    )
    return solved
