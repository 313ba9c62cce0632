"""Observations around an analysis time as functions of the field at that time."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from oceanbench_baselines.dymost._sine_prior import SinePrior
from oceanbench_baselines.dymost._trajectories import Path, Trajectories
from oceanbench_baselines.mapping._observed import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Window"]


@dataclass
class Window:
    """Operator (see `_gauss_newton.Operator`) from prior coefficients to observed anomalies.

    Parameters
    ----------
    trajectories : Trajectories
    prior : SinePrior
        Of the field about the background in the middle of the window.
    background : array, shape (times, rows, columns), metres
        Heights, mean included; the middle one of an odd number of times is that of the analysis.
    mean : array, shape (rows, columns), metres
    sampling : csr_array, shape (n, times * rows * columns)
        Takes heights to the observations.
    """

    trajectories: Trajectories
    prior: SinePrior
    background: Floats
    mean: Floats
    sampling: "csr_array"
    _path: Path = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Stand at the background."""
        self._stand_at(self._middle)

    @property
    def heights(self) -> Floats:
        """Heights (times, rows, columns), mean included, where the operator was last evaluated."""
        return self._path.heights

    def run(self, coefficients: Floats) -> Floats:
        """Anomalies (n,) that the observations would see."""
        self._stand_at(self._middle + self.prior.field(coefficients))
        return np.asarray(self.sampling @ (self.heights - self.mean).ravel())

    def tangent(self, change: Floats) -> Floats:
        """Change (n,) of these for a small change of the coefficients."""
        return np.asarray(self.sampling @ self._path.tangent(self.prior.field(change)).ravel())

    def adjoint(self, weights: Floats) -> Floats:
        """Transpose of `tangent`."""
        spread = (self.sampling.T @ weights).reshape(self.background.shape)
        return self.prior.adjoint(self._path.adjoint(spread))

    @property
    def _middle(self) -> Floats:
        return np.asarray(self.background[len(self.background) // 2])

    def _stand_at(self, height: Floats) -> None:
        self._path = self.trajectories.around(height, self.background)
