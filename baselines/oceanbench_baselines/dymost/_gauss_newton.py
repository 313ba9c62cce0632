r"""Most probable state under a non-linear observation operator, by Gauss-Newton with conjugate gradients.

With coefficients :math:`\chi \sim N(0, I)` and observations :math:`y = G(\chi) + e, e \sim N(0, R)`, minimise

.. math:: J(\chi) = \tfrac12 |\chi|^2 + \tfrac12 (y - G(\chi))^T R^{-1} (y - G(\chi))

Each outer step linearises G where it stands and solves for the change :math:`\delta`

.. math:: (I + G'^T R^{-1} G')\,\delta = G'^T R^{-1} (y - G(\chi)) - \chi

All eigenvalues are at least 1, so the residual bounds the error. For a linear G the first step is the answer,
equal to optimal interpolation with the covariance that G carries to the observations.
"""

from typing import NamedTuple, Protocol

import numpy as np

from oceanbench_baselines.mapping._conjugate_gradient import conjugate_gradient
from oceanbench_baselines.mapping._observed import Floats

__all__ = ["Operator", "Solution", "gauss_newton"]


class Operator(Protocol):
    """G, with its derivative and the transpose of it at the last point where it was evaluated."""

    def run(self, coefficients: Floats) -> Floats:
        """Observations (n,) that ``coefficients`` (p,) would give; later derivatives are taken here."""

    def tangent(self, change: Floats) -> Floats:
        """Change (n,) of the observations for a small change (p,) of the coefficients."""

    def adjoint(self, weights: Floats) -> Floats:
        """Transpose of `tangent`: (n,) to (p,)."""


class Solution(NamedTuple):
    """Coefficients, the cost J before every outer step and at the end, and the conjugate-gradient steps."""

    coefficients: Floats
    costs: tuple[float, ...]
    steps: tuple[int, ...]


def gauss_newton(
    operator: Operator,
    values: Floats,
    variance: Floats,
    *,
    size: int,
    outer: int,
    inner: int,
    tolerance: float,
) -> Solution:
    """Minimise J from zero.

    Parameters
    ----------
    operator : Operator
        Left evaluated at the solution.
    values, variance : array, shape (n,)
        y and the diagonal of R.
    size : int
        Number p of coefficients.
    outer, inner : int
        Linearisations, and conjugate-gradient steps in each at most.
    tolerance : float
        Residual of an inner iteration, relative to its right-hand side, at which it ends.
    """
    state = np.zeros(size)
    misfit = values - operator.run(state)
    costs, steps = [_cost(state, misfit, variance)], []
    for _ in range(outer):
        solved = conjugate_gradient(
            lambda change: change + operator.adjoint(operator.tangent(change) / variance),
            operator.adjoint(misfit / variance) - state,
            tolerance=tolerance,
            most_iterations=inner,
        )
        state, misfit, cost = _step(operator, values, variance, state, solved.x, costs[-1])
        costs.append(cost)
        steps.append(solved.iterations)
    return Solution(state, tuple(costs), tuple(steps))


def _step(
    operator: Operator, values: Floats, variance: Floats, state: Floats, change: Floats, before: float
) -> tuple[Floats, Floats, float]:
    """Go along ``change``, half as far as often as the cost would rise: a jet can turn it too far."""
    for share in (1.0, 0.5, 0.25):
        trial = state + share * change
        misfit = values - operator.run(trial)
        cost = _cost(trial, misfit, variance)
        if cost <= before * (1 + 1e-9):
            return trial, misfit, cost
    misfit = values - operator.run(state)
    return state, misfit, before


def _cost(state: Floats, misfit: Floats, variance: Floats) -> float:
    return float(state @ state + misfit @ (misfit / variance)) / 2
