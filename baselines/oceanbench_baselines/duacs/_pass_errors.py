r"""Errors that the observations of one pass share, beside the white error of each.

.. math:: R = S + E D E^\mathsf{T}

S is diagonal; a column of E is one shape on one pass, and D has its variance. On a nadir track the shape is
1: what is left of the errors of orbit and environment is nearly constant across a box (Le Traon et al.
1998, doi:10.1175/1520-0426(1998)015<0522:AIMMOM>2.0.CO;2, found it correlated over thousands of kilometres
along the track). A swath has five: 1 on the left and on the right half (timing), the distance from nadir on
the left and on the right (roll and phase), and its square (baseline dilation), with the distance in units of
60 km (shapes of the SWOT simulator: Gaultier, Ubelmann & Fu 2016, doi:10.1175/JTECH-D-15-0160.1).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oceanbench_baselines.mapping._observed import Floats

__all__ = ["PassErrors", "pass_coefficients", "solve_with_pass_errors"]

EDGE_KM: Final = 60.0
"""Distance from nadir at which the errors of a swath that grow across it have their standard deviation."""


@dataclass(frozen=True)
class PassErrors:
    """Errors of the passes in a set of n observations.

    Attributes
    ----------
    shapes : array, shape (n, k)
        Value of each shape at each observation.
    variances : array, shape (k,)
        Variance of the coefficient of each shape.
    passes : array of int, shape (n,)
        Pass of each observation: its coefficients are its own.
    """

    shapes: Floats
    variances: Floats
    passes: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        across_km: Floats,
        swath: NDArray[np.bool_],
        passes: NDArray[np.int64],
        *,
        common: float,
        tilt: float,
    ) -> "PassErrors":
        """Give the shapes of nadir tracks and swaths.

        Parameters
        ----------
        across_km : array, shape (n,)
            Signed distance from nadir.
        swath : array of bool, shape (n,)
        passes : array of int, shape (n,)
        common : float
            Standard deviation of what does not vary across the track, m.
        tilt : float
            Standard deviation of what grows across a swath, at 60 km from nadir, m.
        """
        side = across_km / EDGE_KM
        left, right = swath & (side < 0), swath & (side >= 0)
        shapes = [~swath, left, right, side * left, side * right, side**2 * swath]
        variances = np.array([common**2] * 3 + [tilt**2] * 2 + [common**2])
        return cls(np.column_stack([np.asarray(each, np.float64) for each in shapes]), variances, passes)

    def scaled(self, factor: Floats) -> "PassErrors":
        """Give the errors of observations that are multiplied by ``factor`` (n,)."""
        return PassErrors(self.shapes * factor[:, None], self.variances, self.passes)

    def part(self, rows: NDArray[np.intp]) -> "PassErrors":
        """Give those of some observations."""
        return PassErrors(self.shapes[rows], self.variances, self.passes[rows])

    def add_to(self, matrix: Floats) -> None:
        """Add E D Eᵀ to a covariance (n, n)."""
        if not self.variances.any():
            return
        for rows in self._each_pass():
            shapes = self.shapes[rows]
            matrix[np.ix_(rows, rows)] += (shapes * self.variances) @ shapes.T

    def columns(self) -> tuple[Floats, Floats]:
        """Give E, (n, c), and the diagonal of D, (c,), without columns that are zero."""
        columns, variances = [], []
        for rows in self._each_pass():
            block = np.zeros((self.passes.size, self.variances.size))
            block[rows] = self.shapes[rows]
            seen = block.any(axis=0) & (self.variances > 0)
            columns.append(block[:, seen])
            variances.append(self.variances[seen])
        return np.concatenate(columns, axis=1), np.concatenate(variances)

    def _each_pass(self) -> Iterator[NDArray[np.intp]]:
        order = np.argsort(self.passes, kind="stable")
        starts = np.flatnonzero(np.diff(self.passes[order], prepend=-1))
        yield from np.split(order, starts[1:])


type _Solve = Callable[[Floats], Floats]


def pass_coefficients(solve: _Solve, columns: Floats, variances: Floats, values: Floats) -> Floats:
    """Most probable coefficients of the passes' errors, (c,).

    They are :math:`(D^{-1} + E^T A_0^{-1} E)^{-1} E^T A_0^{-1} y`, where A0 is the covariance of the
    observations without the errors of passes.

    Parameters
    ----------
    solve : callable
        A0⁻¹ times a matrix of n rows.
    columns, variances : array, shapes (n, c) and (c,)
        Of `PassErrors.columns`.
    values : array, shape (n,)
        Observations.
    """
    among = np.diag(1.0 / variances) + columns.T @ solve(columns)
    return np.asarray(np.linalg.solve(among, columns.T @ solve(values[:, None])[:, 0]))


def solve_with_pass_errors(solve: _Solve, columns: Floats, variances: Floats, values: Floats) -> Floats:
    """(A0 + E D Eᵀ)⁻¹ y from A0⁻¹, by the Woodbury identity: the errors can change without a new factor."""
    coefficients = pass_coefficients(solve, columns, variances, values)
    return solve((values - columns @ coefficients)[:, None])[:, 0]
