"""Heights of the running ocean, and the variance of its heights, at the pixels of a swath."""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates, spline_filter

from oceanbench.twin.karin2022.design import SIDE, plane_position
from oceanbench.twin.karin2022.swaths import Swath

Array = NDArray[np.float64]

_ORDER: Final = 5  # of the spline: a cubic one already weakens waves of three grid steps


class Ocean(Protocol):
    """What is sampled: a clock that runs forward, and the field (n, n) at its time, periodic."""

    seconds: float

    @property
    def time_step(self) -> float:
        """Seconds."""

    def advance_to(self, seconds: float) -> None:
        """Run to the last time step that is not after a moment."""

    def heights(self) -> Array:
        """SSH in metres, row and column n // 2 at the centre."""


def sample_heights(ocean: Ocean, swath: Swath) -> Array:
    """Run the ocean past a swath and give its heights (lines, 71) in metres, NaN where none is seen.

    In space by a quintic spline, in time linear between two time steps.
    """
    heights = np.full(swath.seen.shape, np.nan)
    ocean.advance_to(float(swath.seconds[0]))
    before = _spline(ocean)
    while ocean.seconds <= swath.seconds[-1]:
        start = ocean.seconds
        ocean.advance_to(start + ocean.time_step)
        after = _spline(ocean)
        lines = np.flatnonzero((swath.seconds >= start) & (swath.seconds < ocean.seconds))
        weight = ((swath.seconds[lines] - start) / ocean.time_step)[:, None]
        index = _index(swath, lines, after.shape[0])
        heights[lines] = (1 - weight) * _at(before, index) + weight * _at(after, index)
        before = after
    return np.where(swath.seen, heights, np.nan)


def sample_variance(variance: Array, swath: Swath) -> Array:
    """Variance (lines, 71) of a periodic field (n, n) at the pixels, linear between its points."""
    index = _index(swath, np.arange(swath.seconds.size), variance.shape[0])
    return np.asarray(map_coordinates(variance, index, order=1, mode="grid-wrap"))


def _spline(ocean: Ocean) -> Array:
    return np.asarray(spline_filter(ocean.heights(), order=_ORDER, mode="grid-wrap"))


def _at(spline: Array, index: Array) -> Array:
    return np.asarray(map_coordinates(spline, index, order=_ORDER, mode="grid-wrap", prefilter=False))


def _index(swath: Swath, lines: NDArray[np.int64], points: int) -> Array:
    """Fractional rows and columns (2, lines, 71) of pixels on the model's grid."""
    lon, lat = (degrees[lines] for degrees in swath.position)
    east, north = plane_position(lon, lat)
    return np.stack([north, east]) * (1e3 * points / SIDE) + points // 2
