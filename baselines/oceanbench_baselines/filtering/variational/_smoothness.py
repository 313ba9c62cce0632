r"""How smooth the sea is, place by place, told by the noisy heights alone.

The cost is that of a Gaussian prior under which the energy per pixel of order q has the mean
:math:`\sigma_{ref}^2/\lambda`. The heights tell part of it: with h the solution and c a draw of its error,

.. math:: \lambda \leftarrow \sigma_{ref}^2 \,
          \frac{\overline{1 - \lambda E_q(c)/\sigma_{ref}^2}}{\overline{E_q(h)}},

the numerator being the number of measurements that speak of a pixel's energy (MacKay's count of
well-determined parameters), and the bars Gaussian means over the neighbourhood. A few rounds reach the
fixed point.

References
----------
MacKay 1992, Neural Comput. 4, doi:10.1162/neco.1992.4.3.415; Gomez-Navarro et al. 2020, Remote Sens. 12,
doi:10.3390/rs12040734, whose weights are one for a pass.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.random import Generator
from scipy.ndimage import gaussian_filter

from oceanbench_baselines.filtering._pass_filter import Floats
from oceanbench_baselines.filtering.variational._differences import Penalties, energy, random_forcing
from oceanbench_baselines.filtering.variational._problem import REFERENCE_STD, Problem
from oceanbench_baselines.filtering.variational._risk import estimated_risk

FACTORS: Final = (0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 3.0, 7.0, 15.0, 30.0)  # offered for a whole stretch
_LOWEST, _HIGHEST = 0.03, 50.0  # bounds of a local factor
_PRIOR_COUNT: Final = 0.02  # so much of a pixel speaks for the mean smoothness of the stretch
_DRAWS: Final = 4
_ROUNDS: Final = 3


def scaled(lambdas: Mapping[int, float], factor: Floats) -> Penalties:
    """Penalties of a sea stretched until the weight of the highest order has grown by ``factor``.

    A stretch of lengths by s multiplies the weight of order q by ``s**(2 q)``.
    """
    top = max(lambdas)
    return {order: weight * factor ** (order / top) for order, weight in lambdas.items()}


def chosen_factor(problem: Problem, lambdas: Mapping[int, float]) -> Floats:
    """Give the factor of least estimated risk, the same at all pixels."""
    even = np.ones(problem.heights.shape)
    risks = [estimated_risk(problem.solution(scaled(lambdas, factor * even))) for factor in FACTORS]
    return FACTORS[int(np.argmin(risks))] * even


def local_factor(problem: Problem, lambdas: Mapping[int, float], *, length: float, seed: int = 0) -> Floats:
    """Give the factor that the energy near every pixel asks for; ``length`` is in pixels."""
    generator = np.random.default_rng(seed)
    top = max(lambdas)
    weight = np.full(problem.heights.shape, lambdas[top])
    for _ in range(_ROUNDS):
        weight = _next_weight(problem, top, weight, length, generator)
        weight = np.clip(weight, _LOWEST * lambdas[top], _HIGHEST * lambdas[top])
    return weight / lambdas[top]


def _next_weight(problem: Problem, order: int, weight: Floats, length: float, generator: Generator) -> Floats:
    solution = problem.solution({order: weight})
    forces = [random_forcing(problem.weights, {order: weight}, generator) for _ in range(_DRAWS)]
    found = solution.solve(np.stack([problem.weights * problem.heights, *forces], axis=-1))
    energies = energy(found, order)
    told = 1 - _mean(weight * energies[..., 1:].mean(axis=-1), length)
    usual = REFERENCE_STD**2 / np.median(weight)
    total = _mean(energies[..., 0], length) + _PRIOR_COUNT * usual
    return np.asarray(REFERENCE_STD**2 * (np.maximum(told, 0.0) + _PRIOR_COUNT) / total)


def _mean(values: Floats, length: float) -> Floats:
    return np.asarray(gaussian_filter(values, length, mode="reflect"))
