"""Where and when KaRIn passes over the twin, pixel by pixel."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from oceanbench.twin.karin2022.coast import distance_to_coast, is_land
from oceanbench.twin.karin2022.design import (
    ACROSS_KM,
    FARTHEST_KM,
    LINE_KM,
    NADIR_PIXEL,
    NEAREST_KM,
    OFFSHORE_KM,
    ORBIT,
    REGION,
    Cycle,
)
from oceanbench.twin.karin2022.sea_state import wave_height
from oceanbench.twin.tracks import swath_passes

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

MEASURED: Flags = (np.abs(ACROSS_KM) >= NEAREST_KM) & (np.abs(ACROSS_KM) <= FARTHEST_KM)
"""Pixels (71,) in which KaRIn measures: 5 to 30 and 40 to 65."""


@dataclass(frozen=True)
class Swath:
    """Lines of one pass, 2 km apart, of 71 pixels each, pixel 0 on the left.

    Parameters
    ----------
    cycle, number : int
        Of the pass.
    seconds : array (lines,)
        Since the start of the cycle.
    """

    cycle: int
    number: int
    seconds: Array

    @cached_property
    def position(self) -> tuple[Array, Array]:
        """Longitudes (-180..180) and latitudes in degrees, each (lines, 71)."""
        return ORBIT.swath(self.seconds, ACROSS_KM)

    @cached_property
    def land(self) -> Flags:
        """True on land, (lines, 71)."""
        return is_land(*self.position)

    @cached_property
    def seen(self) -> Flags:
        """True where the truth has a height, (lines, 71): sea, in the box, not at nadir."""
        sea = REGION.covers(*self.position) & ~self.land
        return np.asarray(sea & (np.arange(ACROSS_KM.size) != NADIR_PIXEL))

    @property
    def offshore(self) -> Flags:
        """True farther than 200 km from any coast, (lines, 71); deep inland too."""
        return np.asarray(distance_to_coast(*self.position) > OFFSHORE_KM)

    @property
    def waves(self) -> Array:
        """Wave height in metres, (lines, 71)."""
        return wave_height(self.seconds[:, None], *self.position, cycle=self.cycle)

    def equator(self) -> tuple[float, float]:
        """Seconds and longitude (0..360) at which the pass crosses the equator."""
        near = (self.number - 1) * ORBIT.cycle_seconds / ORBIT.passes_per_cycle
        times = np.linspace(near - 30, near + 30, 7)
        seconds = float(np.interp(np.pi * (self.number - 1), ORBIT.angle(times), times))
        return seconds, float(ORBIT.position(np.array([seconds]))[0][0] % 360)


def swaths(cycle: Cycle) -> list[Swath]:
    """Every pass of a cycle that the twin keeps, in order of time."""
    length = cycle.last * 86400
    passes = swath_passes(ORBIT, REGION, length, across_km=ACROSS_KM, spacing_km=LINE_KM)
    kept = [Swath(cycle.number, one.number, one.seconds) for one in passes]
    return [
        one for one in kept if one.seconds[0] >= cycle.first * 86400 and one.seen.mean() >= cycle.least_seen
    ]
