r"""The variational filter of the challenge 2022a, as its code descends: stopped before it has converged.

With the measured heights y, m = 1 where there is one, else 0, the Laplacian Δ of unit steps, the weights
divided by the largest one a where a > 1, and the weight s = min(1, 1/a) of the data, each step is

.. math::

    x_{k+1} &= h_k + \tau\,\bigl(s\,m\,(y - h_k) + \lambda_1 \Delta h_k - \lambda_2 \Delta^2 h_k
               + \lambda_3 \Delta^3 h_k\bigr), \qquad
    \tau^{-1} = s + 8\lambda_1 + 64\lambda_2 + 512\lambda_3 \\
    h_{k+1} &= x_{k+1} + \frac{t_k - 1}{t_{k+1}}\,(x_{k+1} - x_k), \qquad
    t_{k+1} = \tfrac12\bigl(1 + \sqrt{1 + 4 t_k^2}\bigr), \quad t_0 = 1

The challenge fills the gap under the satellite before (Gauss-Seidel). What is filled there is weighted by
m = 0, at the start and in every step: it changes nothing, and is left out here.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from scipy.ndimage import gaussian_filter

from oceanbench_baselines.filtering._descent import Descent
from oceanbench_baselines.filtering._pass_filter import Floats, Heights, PassFilter
from oceanbench_baselines.mapping._observed import require

__all__ = ["Gomez"]

_START_PIXELS: Final = 10.0  # standard deviation of the Gaussian mean that the descent starts from
_LEAST_SEEN: Final = 1e-8


@dataclass(frozen=True)
class Gomez(PassFilter):
    """Smoothest heights near the measured ones, by a descent that stops early: GOMEZ of the challenge 2022a.

    It descends from a Gaussian mean, on ½|m (h - y)|² + ½ λ1 |∇h|² + ½ λ2 |Δh|² + ½ λ3 |∇Δh|², with the edges
    of the swath level (no slope across them).

    Parameters
    ----------
    lambda_1, lambda_2, lambda_3 : float
        Weights of first, second and third derivatives, in steps of one pixel, >= 0. At a posting of 2 km and
        converged, λ2 = 10 would halve waves of 22 km.
    tolerance : float
        Largest change of a height in metres at which the descent stops, >= 0.
    iterations : int
        Steps at most, >= 1.

    Raises
    ------
    ValueError
        A parameter out of its range.

    Notes
    -----
    With the defaults no pass of the challenge's size is converged after 1000 steps: the answer is that of
    this descent, not of the cost.

    References
    ----------
    Gómez-Navarro, L., E. Cosme, J. Le Sommer, N. Papadakis and A. Pascual (2020), Remote Sens. 12, 734,
    doi:10.3390/rs12040734. Stencils: Chambolle, A. (2004), J. Math. Imaging Vis. 20, 89-97,
    doi:10.1023/B:JMIV.0000011325.36760.1e.
    """

    INPUTS: ClassVar[str] = "one pass of a swath"
    COST: ClassVar[str] = "pixels x iterations"

    lambda_1: float = 0.0
    lambda_2: float = 10.0
    lambda_3: float = 0.0
    tolerance: float = 1e-6
    iterations: int = 1000

    def __post_init__(self) -> None:
        """Refuse parameters that define no descent."""
        for name in ("lambda_1", "lambda_2", "lambda_3", "tolerance"):
            require(self, name, getattr(self, name) >= 0, "a number from 0")
        require(self, "iterations", self.iterations >= 1, "a whole number from 1")

    def _filter(self, heights: Heights) -> Floats:
        seen = heights.measured.astype(np.float64)
        ssh = np.where(heights.measured, heights.ssh, 0.0)
        scale, weights = self._scaled()
        tau = 1.0 / (scale + 8.0 * weights[0] + 64.0 * weights[1] + 512.0 * weights[2])
        descent = Descent(
            _start(ssh, seen),
            keep=1.0 - tau * scale * seen,
            pull=tau * scale * seen * ssh,
            smooth=tuple(tau * weight for weight in weights),
        )
        return descent.run(self.iterations, self.tolerance)

    def _scaled(self) -> tuple[float, tuple[float, float, float]]:
        """Weight of the data, and of the three derivatives, none of them above 1."""
        largest = max(self.lambda_1, self.lambda_2, self.lambda_3, 1.0)
        return 1.0 / largest, (self.lambda_1 / largest, self.lambda_2 / largest, self.lambda_3 / largest)


def _start(ssh: Floats, seen: Floats) -> Floats:
    """Gaussian mean over what is measured; 0 beyond its reach."""
    near = gaussian_filter(seen, _START_PIXELS)
    return np.asarray(gaussian_filter(ssh, _START_PIXELS) / np.maximum(near, _LEAST_SEEN))
