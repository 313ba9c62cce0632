"""Conjugate gradients on symmetric positive definite equations, with a stated tolerance, monitored."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Solution", "conjugate_gradient"]

type Floats = NDArray[np.float64]


class Solution(NamedTuple):
    """What the iteration came to.

    Attributes
    ----------
    x : array, (p,)
        The solution.
    iterations : int
        Number of products with the matrix.
    ratio : float
        Norm of the residual over that of the right-hand side, 0 where that is 0.
    converged : bool
        Whether the ratio came below the tolerance.
    cost : array, (iterations + 1,)
        1/2 xᵀ A x - xᵀ b after each iteration: it falls strictly, which the residual need not.
    """

    x: Floats
    iterations: int
    ratio: float
    converged: bool
    cost: Floats


def conjugate_gradient(
    product: Callable[[Floats], Floats],
    right: Floats,
    *,
    tolerance: float = 1e-3,
    most_iterations: int = 500,
    watch: Callable[[int, float], None] | None = None,
) -> Solution:
    """Solve A x = b by conjugate gradients from x = 0, in double precision.

    Parameters
    ----------
    product : callable
        A times a vector (p,); A is symmetric and positive definite.
    right : array, (p,)
        b.
    tolerance : float
        Stop when |b - A x| / |b| is below it. The recursion carries the residual.
    most_iterations : int
        Stop after that many; ``converged`` tells.
    watch : callable, optional
        Called with the iteration and the ratio after each.

    Returns
    -------
    Solution

    Raises
    ------
    ValueError
        A is not positive definite along a direction that was searched, or b is not finite.

    References
    ----------
    Hestenes, M. R. and E. Stiefel (1952), J. Res. Nat. Bur. Standards 49, 409-436, doi:10.6028/jres.049.044.
    """
    if not np.isfinite(right).all():
        raise ValueError(
            f"the right-hand side holds {np.sum(~np.isfinite(right))} values that are not finite"
        )
    x, residual, size = np.zeros_like(right), right.copy(), float(np.linalg.norm(right))
    search, energy = residual.copy(), size**2
    ratio, costs = float(size > 0.0), [0.0]
    while ratio >= tolerance and len(costs) <= most_iterations:
        image = product(search)
        step = _step(energy, float(search @ image))
        x += step * search
        residual -= step * image
        costs.append(costs[-1] - 0.5 * step * energy)
        before, energy = energy, float(residual @ residual)
        ratio = float(np.sqrt(energy)) / size
        search = residual + (energy / before) * search
        if watch is not None:
            watch(len(costs) - 1, ratio)
    return Solution(x, len(costs) - 1, ratio, ratio < tolerance, np.array(costs))


def _step(energy: float, curvature: float) -> float:
    if not curvature > 0.0:
        raise ValueError(
            f"the matrix is not positive definite: a search direction has the curvature {curvature:g}; "
            "are all variances positive and finite?"
        )
    return energy / curvature
