"""Optimal interpolation with a Gaussian covariance: the baseline of the ocean data challenges.

For each map time t0 the prior height is a field of zero mean and covariance::

    B(a, b) = signal² exp(-((t_a - t_b)/Lt)² - ((lon_a - lon_b)/Lx)² - ((lat_a - lat_b)/Ly)²)

and the map is ``B_go (B_oo + noise² I)⁻¹ y`` over the observations y with |t - t0| < 2 Lt inside the box of
the grid enlarged by Lx and Ly. Lx and Ly are degrees, whatever the latitude, and there is no factor 1/2.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from oceanbench.parallel import processors
from oceanbench_baselines.mapping._observed import Floats, require
from oceanbench_baselines.oi._cholesky import Factor, SharedFactor, share
from oceanbench_baselines.oi._gaussian import Analysis, GaussianMapping, Samples, Sight

__all__ = ["OptimalInterpolation"]

_ROWS = 64  # rows of a covariance block: it stays in cache between the product and the exponential
_ERROR_COLUMNS = 1024  # grid points whose error is solved for at once
_LEAST_GROUP = 4  # maps that are worth more together than on one worker each


@dataclass(frozen=True)
class OptimalInterpolation(GaussianMapping):
    """Optimal interpolation with a Gaussian covariance: the challenges' own baseline.

    Each map is solved with all the observations of its window at once.

    Parameters
    ----------
    Lx, Ly : float
        Zonal and meridional scale in degrees, > 0: the distance at which the correlation is 1/e.
    Lt : float
        Time scale in days, > 0. Observations count while they are less than 2 Lt away from the map.
    noise : float
        Standard deviation of the observation error in metres, >= 0.
    signal : float
        Standard deviation of the prior in metres, > 0. Only ``noise / signal`` acts on the map; the formal
        error is proportional to it. The challenges use noise 0.05 and signal 1: an error of 5 % of the
        signal, not of 5 cm.
    thin_lines : int
        Samples per block mean along a nadir track; 1 keeps every sample.
    thin_swath_lines, thin_swath_pixels : int
        The same along and across a swath.
    thinning : {"official", "within-pass"}
        ``official`` counts blocks through the whole file, as the challenges do: a block may join two passes.
        ``within-pass`` starts anew after a gap.
    mean : {"none", "observations"}
        What is removed before and put back after: nothing (the challenges: far from data the map tends to 0
        m), or the mean of the observations that the map sees.
    error : bool
        Also give ``ssh_error``; costs a solve per grid point.
    workers : int
        Groups of maps solved side by side, each on one thread. 0: as many as there are processors.
    memory_gb : float
        Upper bound of the covariance matrices held at the same time, > 0 (8 n² bytes for n observations).
    progress : callable, optional
        Called as ``progress("mapping", share of the maps done)`` after each group of maps, from the calling
        thread: what it draws is up to the caller.

    Notes
    -----
    The covariance of two observations does not depend on the map. Maps up to Lt apart share most of what they
    see: what all of a group see is factored once, and each map adds its own border. This is the Cholesky
    factor of each map, reached with about a quarter of the operations for daily maps and Lt of a week.

    Raises
    ------
    ValueError
        A parameter out of its range, NaN among the observations, a matrix that is not positive definite
        (coincident observations and no noise), a window too large for ``memory_gb``.

    References
    ----------
    Bretherton, F. P., R. E. Davis and C. B. Fandry (1976), Deep-Sea Research 23, 559-582,
    doi:10.1016/0011-7471(76)90001-2.
    """

    INPUTS: ClassVar[str] = "nadir, swath"
    COST: ClassVar[str] = "cube of the observations within 2 Lt of a map"

    error: bool = False
    workers: int = dataclasses.field(default=0, metadata={"runtime": True})
    memory_gb: float = dataclasses.field(default=4.0, metadata={"runtime": True})

    def __post_init__(self) -> None:
        """Refuse parameters that define no covariance or no computation."""
        super().__post_init__()
        require(self, "workers", self.workers >= 0, "0 (choose) or a number of maps")
        require(self, "memory_gb", self.memory_gb > 0, "a number above 0")

    def _fields(self) -> tuple[str, ...]:
        return ("ssh", "ssh_error") if self.error else ("ssh",)

    def _groups(self, sights: list[Sight]) -> list[list[Sight]]:
        """Cut the maps into runs up to Lt long, with enough of them for the workers."""
        most = max(_LEAST_GROUP, len(sights) // processors(self.workers))
        groups: list[list[Sight]] = []
        for sight in sights:
            last = groups[-1] if groups else []
            near = bool(last) and abs(sight.day - last[0].day) <= self.Lt and len(last) < most
            if near and self._gigabytes([*last, sight]) <= self.memory_gb:
                last.append(sight)
            else:
                groups.append([sight])
        return groups

    def _groups_at_once(self, groups: list[list[Sight]]) -> int:
        largest = max((self._gigabytes(group) for group in groups), default=0.0)
        if largest > self.memory_gb:
            count = max(sight.count for group in groups for sight in group)
            raise ValueError(
                f"a map sees {count} observations: their covariance takes {largest:.2g} GB, memory_gb is "
                f"{self.memory_gb:g}; thin more (thin_lines, thin_swath_lines), raise memory_gb, "
                "or use 'oi-local'"
            )
        return max(1, min(processors(self.workers), int(self.memory_gb / largest))) if largest else 1

    @staticmethod
    def _gigabytes(group: list[Sight]) -> float:
        """Size of the covariance of all that a group sees."""
        union = max(sight.part.stop for sight in group) - min(sight.part.start for sight in group)
        return 8e-9 * float(union) ** 2

    def _analyse(self, samples: Samples, group: list[Sight], lat: Floats, lon: Floats) -> Iterator[Analysis]:
        from scipy.linalg import LinAlgError

        try:
            yield from self._solved(samples, group, lat, lon)
        except LinAlgError as error:
            count = max(sight.count for sight in group)
            raise ValueError(
                f"the covariance of the {count} observations that a map sees is not positive definite with "
                f"noise={self.noise:g} m: some are at one place and time or nearly; raise noise or thin more"
            ) from error

    def _solved(self, samples: Samples, group: list[Sight], lat: Floats, lon: Floats) -> Iterator[Analysis]:
        """Factor what all maps of the group see, then solve them one by one."""
        union, core = _union_and_core(group)
        rest = np.r_[union.start : core.start, core.stop : union.stop]
        shared = self._shared(samples, union, core)
        for sight in group:
            offset = union.start
            border = slice(sight.part.start - offset, sight.part.stop - offset - (core.stop - core.start))
            seen = np.concatenate([np.arange(core.start, core.stop), rest[border]])
            window = Samples(*(values[seen] for values in samples))
            yield self._map(window, shared.with_border(border), sight.day, lat, lon)

    def _shared(self, samples: Samples, union: slice, core: slice) -> SharedFactor:
        """Factor the covariance of the core and reduce that of the other observations of the union."""
        scaled = np.column_stack(
            [samples.lon[union] / self.Lx, samples.lat[union] / self.Ly, samples.days[union] / self.Lt]
        )
        scaled -= scaled.mean(axis=0)  # near the origin nothing cancels in the product of _correlation
        inside = slice(core.start - union.start, core.stop - union.start)
        among, others = scaled[inside], np.delete(scaled, inside, axis=0)
        relative_noise = (self.noise / self.signal) ** 2
        # Transposed: LAPACK works in place on Fortran order.
        return share(
            _correlation(among, among, relative_noise).T,
            _correlation(others, among).T,
            _correlation(others, others, relative_noise),
        )

    def _map(self, window: Samples, factor: Factor, day: float, lat: Floats, lon: Floats) -> Analysis:
        """Solve one map: B_go = on_lat * on_lon for each observation, with a signal of 1."""
        background = self._background(window.ssh)
        in_time = np.exp(-(((window.days - day) / self.Lt) ** 2))
        on_lat = np.exp(-(((lat[:, None] - window.lat) / self.Ly) ** 2)) * in_time
        on_lon = np.exp(-(((lon[:, None] - window.lon) / self.Lx) ** 2))
        weights = factor.solve(window.ssh - background)
        error = self.signal * _relative_error(factor, on_lat, on_lon) if self.error else None
        return Analysis((on_lat * weights) @ on_lon.T + background, error)


def _union_and_core(group: list[Sight]) -> tuple[slice, slice]:
    """Samples that some map of the group sees, and those that all see (none: an empty part at the start)."""
    starts, stops = [sight.part.start for sight in group], [sight.part.stop for sight in group]
    union, core = slice(min(starts), max(stops)), slice(max(starts), min(stops))
    return union, core if core.start < core.stop else slice(union.start, union.start)


def _correlation(first: Floats, second: Floats, on_diagonal: float = 0.0) -> Floats:
    """exp(-|a - b|²) of all pairs of scaled places, (n, m), plus ``on_diagonal`` on the diagonal.

    The exponent is the product (2a, -|a|², 1)·(b, 1, -|b|²): one small matrix product instead of differences
    over all pairs.
    """
    left = np.column_stack([2.0 * first, -(first**2).sum(axis=1), np.ones(len(first))])
    right = np.column_stack([second, np.ones(len(second)), -(second**2).sum(axis=1)]).T.copy()
    result = np.empty((len(first), len(second)))
    for start in range(0, len(first), _ROWS):
        rows = slice(start, start + _ROWS)
        np.exp(left[rows] @ right, out=result[rows])
    if on_diagonal:
        np.fill_diagonal(result, 1.0 + on_diagonal)
    return result


def _relative_error(factor: Factor, on_lat: Floats, on_lon: Floats) -> Floats:
    """Standard deviation of the error, (lat, lon), for a signal of 1: sqrt(1 - diag(B_go A⁻¹ B_og))."""
    variance = np.empty((len(on_lat), len(on_lon)))
    step = max(1, _ERROR_COLUMNS // len(on_lon))
    for start in range(0, len(on_lat), step):
        rows = on_lat[start : start + step]
        columns = (rows[:, None, :] * on_lon).reshape(-1, on_lon.shape[1]).T
        white = factor.whiten(columns)
        variance[start : start + step] = 1.0 - np.einsum("ng,ng->g", white, white).reshape(len(rows), -1)
    return np.sqrt(np.maximum(variance, 0.0))  # where the data are exact, rounding may pass below 0
