"""Observations around an analysis time as functions of the field at that time."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from oceanbench_baselines.dymost._drift import Drift
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
    drift : Drift
        What the trajectories get wrong. Its coefficients follow those of the prior.
    background : array, shape (times, rows, columns), metres
        Heights, mean included; the middle one of an odd number of times is that of the analysis.
    mean : array, shape (rows, columns), metres
    sampling : csr_array, shape (n, times * rows * columns)
        Takes heights to the observations.
    """

    trajectories: Trajectories
    prior: SinePrior
    drift: Drift
    background: Floats
    mean: Floats
    sampling: "csr_array"
    _path: Path = field(init=False, repr=False)
    _drifted: Floats = field(init=False, repr=False)

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return self.prior.size + self.drift.size

    @property
    def heights(self) -> Floats:
        """Heights (times, rows, columns), mean included, where the operator was last evaluated."""
        return np.asarray(self._path.heights + self._drifted)

    def run(self, coefficients: Floats) -> Floats:
        """Anomalies (n,) that the observations would see."""
        field, drift = np.split(coefficients, [self.prior.size])
        start = self._middle + self.prior.field(field)
        self._path = self.trajectories.around(start, self.background)
        self._drifted = self.drift.heights(drift)
        return np.asarray(self.sampling @ (self.heights - self.mean).ravel())

    def tangent(self, change: Floats) -> Floats:
        """Change (n,) of these for a small change of the coefficients."""
        field, drift = np.split(change, [self.prior.size])
        heights = self._path.tangent(self.prior.field(field)) + self.drift.heights(drift)
        return np.asarray(self.sampling @ heights.ravel())

    def adjoint(self, weights: Floats) -> Floats:
        """Transpose of `tangent`."""
        spread = (self.sampling.T @ weights).reshape(self.background.shape)
        field = self.prior.adjoint(self._path.adjoint(spread))
        return np.concatenate([field, self.drift.adjoint(spread)])

    @property
    def _middle(self) -> Floats:
        return np.asarray(self.background[len(self.background) // 2])
