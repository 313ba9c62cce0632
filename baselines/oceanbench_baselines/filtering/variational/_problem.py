"""The least-squares problem of one stretch of a pass, and its exact solution."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import cho_solve_banded, cholesky_banded

from oceanbench_baselines.filtering._pass_filter import Floats
from oceanbench_baselines.filtering.variational._differences import Penalties, band_matrix

REFERENCE_STD: Final = 0.0118  # metres: noise that weighs 1, the mean of KaRIn's over its swath
_RIDGE: Final = 1e-9  # of a height where no height is measured and no polynomial is held


@dataclass(frozen=True)
class Problem:
    """Heights of a stretch and what they weigh.

    Attributes
    ----------
    heights : array (lines, pixels), metres
        About zero; 0 where nothing is measured.
    weights : array (lines, pixels)
        ``(REFERENCE_STD / noise)**2``; 0 where nothing is measured.
    """

    heights: Floats
    weights: Floats

    def solution(self, penalties: Penalties) -> "Solution":
        """Factorise the matrix for penalties; any number of right sides may follow."""
        largest = max(float(one.max()) for one in penalties.values())
        ridge = _RIDGE * max(1.0, largest / 100)
        band = band_matrix(self.weights + ridge, penalties)
        factor = cholesky_banded(band, overwrite_ab=True, lower=True, check_finite=False)
        return Solution(self, penalties, factor)


@dataclass(frozen=True)
class Solution:
    """The factorised matrix of a problem."""

    problem: Problem
    penalties: Penalties
    factor: Floats

    def solve(self, right: Floats) -> Floats:
        """Apply the inverse of the matrix to ``right``, shape (lines, pixels) or (lines, pixels, several)."""
        lines, pixels = self.problem.heights.shape
        found = cho_solve_banded((self.factor, True), right.reshape(lines * pixels, -1), check_finite=False)
        return np.asarray(found.reshape(right.shape))

    def smooth(self, heights: Floats) -> Floats:
        """Filter heights of this problem's weights, shape as in ``solve``."""
        weights = self.problem.weights
        return self.solve(heights * weights.reshape(weights.shape + (1,) * (heights.ndim - 2)))

    @property
    def filtered(self) -> Floats:
        """The filtered heights of the problem, shape (lines, pixels)."""
        return self.smooth(self.problem.heights)
