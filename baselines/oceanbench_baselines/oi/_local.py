"""Optimal interpolation from the nearest observations of each grid point, for large grids and swaths.

Covariance, window and box are those of `oceanbench_baselines.oi`; each grid point is solved by pyinterp with
its ``neighbours`` most correlated observations instead of all. The cost grows with the number of grid points
and the cube of ``neighbours``, and no longer with the cube of the number of observations. The price is a map
with small steps where the set of neighbours changes.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from oceanbench_baselines.mapping._observed import Floats, require
from oceanbench_baselines.oi._gaussian import Analysis, GaussianMapping, Samples, Sight

__all__ = ["LocalOptimalInterpolation"]


@dataclass(frozen=True)
class LocalOptimalInterpolation(GaussianMapping):
    """Optimal interpolation of each grid point from its most correlated observations only.

    Parameters
    ----------
    Lx, Ly, Lt, signal, thin_lines, thin_swath_lines, thin_swath_pixels, thinning, mean, progress : as ``oi``
        As in `oceanbench_baselines.oi.OptimalInterpolation`. pyinterp's Gaussian is exp(-r²) too, without a
        factor 1/2: the scales mean the same.
    noise : float
        Standard deviation of the observation error in metres, > 0.
    neighbours : int
        Observations per grid point, >= 1. They are the nearest in (lon/Lx, lat/Ly, time/Lt), that is the most
        correlated with the grid point. With as many as the window holds the map equals
        `OptimalInterpolation`.
    threads : int
        Threads of the solver; 0: one per processor.

    Notes
    -----
    Along tracks the nearest observations are many and tell the same: four nadirs thinned to one in five (2305
    observations per map, a signal of 0.24 m) give a map that is 0.065, 0.043 and 0.025 m (rms) from the full
    solution with 50, 100 and 200 neighbours. Where the full solution is within reach, prefer it.

    The result has ``ssh_error`` in metres, the formal error of what was solved: it knows only the neighbours,
    so it is never below the error of the full solution.

    Raises
    ------
    ValueError
        A parameter out of its range, NaN among the observations, a grid point that the solver could not
        solve.
    """

    INPUTS: ClassVar[str] = "nadir, swath"
    COST: ClassVar[str] = "grid points times cube of the neighbours"

    neighbours: int = 100
    threads: int = dataclasses.field(default=0, metadata={"runtime": True})

    def __post_init__(self) -> None:
        """Refuse parameters that define no covariance or no neighbours."""
        super().__post_init__()
        require(self, "noise", self.noise > 0, "a number of metres above 0")
        require(self, "neighbours", self.neighbours >= 1, "a whole number from 1")
        require(self, "threads", self.threads >= 0, "0 (one per processor) or a number of threads")

    def _fields(self) -> tuple[str, ...]:
        return ("ssh", "ssh_error")

    def _groups(self, sights: list[Sight]) -> list[list[Sight]]:
        return [[sight] for sight in sights]

    def _groups_at_once(self, groups: list[list[Sight]]) -> int:
        return 1  # pyinterp shares the points of one map among its threads

    def _analyse(self, samples: Samples, group: list[Sight], lat: Floats, lon: Floats) -> Iterator[Analysis]:
        for sight in group:
            window = Samples(*(values[sight.part] for values in samples))
            background = self._background(window.ssh)
            anomalies = window._replace(days=window.days - sight.day, ssh=window.ssh - background)
            ssh, error = self._solved(anomalies, lat, lon)
            yield Analysis(ssh + background, error)

    def _solved(self, window: Samples, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
        """Height and formal error, (lat, lon); ``window.days`` are counted from the map."""
        from pyinterp.optimal_interpolation import OptimalInterpolation as Solver

        # Coordinates in units of the scales: the nearest are then the most correlated.
        places = np.column_stack([window.lon / self.Lx, window.lat / self.Ly, window.days / self.Lt])
        solver = Solver(places, window.ssh, np.full(window.ssh.size, self.noise**2))
        on_lat, on_lon = np.meshgrid(lat / self.Ly, lon / self.Lx, indexing="ij")
        points = np.column_stack([on_lon.ravel(), on_lat.ravel(), np.zeros(on_lon.size)])
        solved = solver(
            points, lx=1.0, ly=1.0, lt=1.0, sigma=self.signal, k=self.neighbours, num_threads=self.threads
        )
        _check_solved(solved.value)
        return solved.value.reshape(on_lon.shape), solved.error.reshape(on_lon.shape)


def _check_solved(values: Floats) -> None:
    failed = int(np.count_nonzero(~np.isfinite(values)))
    if failed:
        raise ValueError(
            f"{failed} of {values.size} grid points could not be solved: observations at nearly the same "
            "place and time with too little noise; raise noise or thin more"
        )
