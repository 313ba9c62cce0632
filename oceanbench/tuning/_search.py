"""Where to look next: the start, a few points spread over everything, then downhill from the best."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oceanbench.tuning._space import Space

__all__ = ["Score", "Spent", "search"]

type Floats = NDArray[np.float64]
type Score = Callable[[Mapping[str, float]], float]
"""Score of one set of values, the less the better; inf where they cannot be used."""

_STEPS = (0.12, 0.05)  # of the unit cube: edges of the first simplex of each descent
_NEAR = 2e-3  # of the unit cube: simplex at which a descent ends
_HOPELESS = 1e6  # in place of inf, which the simplex cannot subtract


class Spent(Exception):
    """Raised by a score when no further trial may be made."""


def search(space: Space, score: Score, *, seed: int) -> None:
    """Ask ``score`` for one set of values after another, until it raises `Spent` or nothing is left to gain.

    The first values are the start. Then come the first points of a scrambled Sobol sequence (two for each
    parameter, rounded up to a power of two: fewer are not spread evenly), then the simplex of Nelder and Mead
    (1965), twice, from the best values so far. All happens in the logarithms of the parameters. The order
    depends on the scores and the seed alone, not on how many trials are allowed: a search that goes on later
    asks again for what it asked before, and then for more. The same values may be asked for more than once.

    Parameters
    ----------
    space : Space
    score : callable
        Values by name to a score, the less the better.
    seed : int
        Of the Sobol sequence.

    References
    ----------
    Nelder, J. A. and R. Mead (1965), The Computer Journal 7, 308-313, doi:10.1093/comjnl/7.4.308;
    Sobol, I. M. (1967), USSR Computational Mathematics and Mathematical Physics 7, 86-112,
    doi:10.1016/0041-5553(67)90144-9.
    """
    best = _Best(score)
    try:
        best.ask(space.start)
        for point in _spread(len(space.axes), seed):
            best.ask(space.values(point))
        for step in _STEPS:
            _descend(space, best, step)
    except Spent:
        return


class _Best:
    """Asks for scores and remembers the best values."""

    def __init__(self, score: Score) -> None:
        self._score = score
        self.values: Mapping[str, float] = {}
        self.score = math.inf

    def ask(self, values: Mapping[str, float]) -> float:
        score = self._score(values)
        if score < self.score or not self.values:
            self.values, self.score = values, score
        return min(score, _HOPELESS)


def _spread(dimensions: int, seed: int) -> Floats:
    """Points of the unit cube, shape (2ᵐ >= 2 dimensions, dimensions)."""
    from scipy.stats.qmc import Sobol

    power = math.ceil(math.log2(2 * dimensions))
    return np.asarray(Sobol(dimensions, rng=np.random.default_rng(seed)).random_base2(power))


def _descend(space: Space, best: _Best, step: float) -> None:
    import scipy.optimize

    minimize: Any = scipy.optimize.minimize  # its types differ from release to release
    origin = np.clip(space.point(best.values), 0.0, 1.0)
    inward = np.where(origin <= 0.5, step, -step)
    options = {
        "initial_simplex": np.vstack([origin, origin + np.diag(inward)]),
        "adaptive": origin.size > 3,
        "xatol": _NEAR,
        "fatol": 1e-5 * min(best.score, 1.0),
    }
    minimize(
        lambda point: best.ask(space.values(point)),
        origin,
        method="Nelder-Mead",
        bounds=[(0.0, 1.0)] * origin.size,
        options=options,
    )
