r"""The error of a filter, estimated without the truth.

Stein's unbiased estimate: for white noise of known :math:`\sigma_i` and a linear filter h = S y,

.. math:: R = \frac{1}{n} \sum_i (y_i - h_i)^2 - \sigma_i^2 + 2 \sigma_i^2 S_{ii}

has the mean square error as its mean. The diagonal is told by fields z of random signs:
:math:`\sum \sigma_i^2 z_i (S z)_i` has :math:`\sum \sigma_i^2 S_{ii}` as its mean.

References
----------
Stein 1981, Ann. Statist. 9, doi:10.1214/aos/1176345632; Girard 1989, Numer. Math. 56, doi:10.1007/BF01395775.
"""

from typing import Final

import numpy as np

from oceanbench_baselines.filtering.variational._problem import REFERENCE_STD, Solution

_PROBES: Final = 4


def estimated_risk(solution: Solution, *, seed: int = 0) -> float:
    """Estimate the mean square error over the measured pixels, in square metres, without any truth."""
    problem = solution.problem
    measured = problem.weights > 0
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (*measured.shape, _PROBES))
    fields = np.concatenate([problem.heights[..., None], signs * measured[..., None]], axis=-1)
    smoothed = solution.smooth(fields)[measured]
    variance = REFERENCE_STD**2 / problem.weights[measured]
    misfit = (problem.heights[measured] - smoothed[:, 0]) ** 2 - variance
    diagonal = (signs[measured] * smoothed[:, 1:]).mean(axis=1)
    return float(np.mean(misfit + 2 * variance * diagonal))
