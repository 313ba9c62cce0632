"""The variational filter as a method."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, get_args

import numpy as np

from oceanbench_baselines.filtering._noise_level import noise_std
from oceanbench_baselines.filtering._pass_filter import Floats, Heights, PassFilter
from oceanbench_baselines.filtering.variational._problem import REFERENCE_STD, Problem
from oceanbench_baselines.filtering.variational._smoothness import chosen_factor, local_factor, scaled
from oceanbench_baselines.filtering.variational._stretches import MARGIN, parts

type Smoothness = Literal["local", "sure", "fixed"]

_POSTING_KM: Final = 2.0  # of the pixels that the weights are given for


@dataclass(frozen=True)
class Variational(PassFilter):
    r"""Smooth heights near those measured, exactly solved; the noisy heights tell how smooth, place by place.

    The filtered heights h make least

    .. math:: J = \sum_i w_i (y_i - h_i)^2 + \lambda_1 E_1 + \lambda_2 E_2 + \lambda_3 E_3,

    with w = (0.0118 m / noise)² and :math:`E_q` the sum of squared differences of order q, along and across
    the track and mixed, up to a natural boundary a few pixels beyond the swath. What is not measured (the
    gap at nadir, land) is filled by the smooth heights themselves. Wavelengths below
    :math:`2\pi\,\lambda_q^{1/2q}` pixels are mostly taken for noise.

    Parameters
    ----------
    smoothness : {"local", "sure", "fixed"}
        Where the weights come from: "local", from the energy of the differences near every pixel; "sure", the
        multiple that has the least estimated error in a stretch of the pass; "fixed", as given. None looks at
        a truth.
    lambda_1, lambda_2, lambda_3 : float
        Weights of the differences, >= 0, for pixels of 2 km; where the smoothness is "local" or "sure" the
        first guess, of which only the ratios stay.
    noise : float, optional
        Standard deviation in metres of the noise, the same everywhere; unless given, the pass tells it for
        every pixel.
    neighbourhood_km : float
        Standard deviation of the Gaussian within which "local" looks for the energy of the differences, > 0.

    Raises
    ------
    ValueError
        When called: if a parameter is out of its range.

    References
    ----------
    Gomez-Navarro et al. 2020, Remote Sens. 12, doi:10.3390/rs12040734: the cost, one weight for all places.
    """

    INPUTS: ClassVar[str] = "one pass of a swath"
    COST: ClassVar[str] = "lines x (pixels across)³"

    smoothness: Smoothness = "local"
    lambda_1: float = 0.0
    lambda_2: float = 0.0
    lambda_3: float = 100.0
    noise: float | None = None
    neighbourhood_km: float = 20.0

    def _filter(self, heights: Heights) -> Floats:
        self._check()
        noise = noise_std(heights) if self.noise is None else np.full(heights.ssh.shape, self.noise)
        lambdas = self._lambdas(heights.posting_km)
        result = np.zeros(heights.ssh.shape)
        for lines, along in parts(heights.measured):
            filtered = self._part(heights.ssh[lines], noise[lines], lambdas, heights.posting_km)
            result[lines] += along[:, None] * filtered
        return result

    def _part(self, ssh: Floats, noise: Floats, lambdas: Mapping[int, float], posting_km: float) -> Floats:
        """Filter a part of a pass that stands by itself."""
        measured = np.isfinite(ssh)
        mean = ssh[measured].mean()
        seen = np.flatnonzero(measured.any(axis=0))
        columns = slice(seen[0], seen[-1] + 1)
        weights = np.where(measured, (REFERENCE_STD / noise) ** 2, 0.0)
        known = np.where(measured, ssh - mean, 0.0)
        problem = Problem(np.pad(known[:, columns], MARGIN), np.pad(weights[:, columns], MARGIN))
        solved = problem.solution(scaled(lambdas, self._factor(problem, lambdas, posting_km))).filtered
        filtered = np.zeros(ssh.shape)
        filtered[:, columns] = solved[MARGIN:-MARGIN, MARGIN:-MARGIN] + mean
        return filtered

    def _factor(self, problem: Problem, lambdas: Mapping[int, float], posting_km: float) -> Floats:
        if self.smoothness == "local":
            return local_factor(problem, lambdas, length=self.neighbourhood_km / posting_km)
        if self.smoothness == "sure":
            return chosen_factor(problem, lambdas)
        return np.ones(problem.heights.shape)

    def _lambdas(self, posting_km: float) -> dict[int, float]:
        """Weights by order, without those that are zero; the same sea has others on other pixels."""
        given = {1: self.lambda_1, 2: self.lambda_2, 3: self.lambda_3}
        return {q: one * (_POSTING_KM / posting_km) ** (2 * q - 2) for q, one in given.items() if one > 0}

    def _check(self) -> None:
        lambdas = (self.lambda_1, self.lambda_2, self.lambda_3)
        if min(lambdas) < 0 or max(lambdas) == 0 or not np.isfinite(lambdas).all():
            raise ValueError(f"lambda_1, 2, 3 = {lambdas}; give numbers of at least 0, one of them positive")
        if self.smoothness not in get_args(Smoothness.__value__):
            raise ValueError(f"smoothness {self.smoothness!r}; give one of {get_args(Smoothness.__value__)}")
        for name, value in (("noise", self.noise), ("neighbourhood_km", self.neighbourhood_km)):
            if value is not None and not (value > 0 and np.isfinite(value)):
                raise ValueError(f"{name} {value}; give a positive number")
