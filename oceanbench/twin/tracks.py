"""Where and when an altimeter passes over a region; times are seconds since the first day observed."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from oceanbench.physics.orbit import RepeatOrbit, along_track_distance
from oceanbench.twin.plane import Region

Array = NDArray[np.float64]

_COARSE_SECONDS = 30.0
_REACH_DEGREES = 3.0  # more than a satellite flies in a coarse step, and than half a swath


@dataclass(frozen=True)
class Pass:
    """Consecutive samples of one pass over the region."""

    cycle: int
    number: int
    seconds: Array

    @property
    def seed_words(self) -> tuple[int, int]:
        """Words that key the errors of this pass; the cycle before the given node's has -1."""
        return self.cycle + 10, self.number


def near_samples(orbit: RepeatOrbit, sampling_seconds: float, region: Region, length: float) -> Array:
    """Times, multiples of the sampling below ``length``, whose ground point may lie in or near the region."""
    coarse = np.arange(0, length + 2 * _COARSE_SECONDS, _COARSE_SECONDS)
    lon, lat = orbit.position(coarse)
    near = region.nearly_covers(lon, lat, reach_lon=1.6 * _REACH_DEGREES, reach_lat=_REACH_DEGREES)
    cells = np.flatnonzero(near[:-1] | near[1:])
    count, ratio = int(np.ceil(length / sampling_seconds)), sampling_seconds / _COARSE_SECONDS
    # a cell holds at most this many samples; of the candidates stay those that lie in their cell
    candidates = np.floor(cells / ratio).astype(int)[:, None] + np.arange(int(1 / ratio) + 3)
    inside = (candidates < count) & ((candidates * ratio).astype(int) == cells[:, None])
    return np.asarray(candidates[inside] * sampling_seconds, np.float64)


def nadir_passes(orbit: RepeatOrbit, sampling_seconds: float, region: Region, length: float) -> list[Pass]:
    """Every pass over the region, from 0 to ``length`` seconds, with the times of its samples within."""
    seconds = near_samples(orbit, sampling_seconds, region, length)
    seconds = seconds[region.covers(*orbit.position(seconds))]
    return _split(orbit, seconds)


def swath_passes(
    orbit: RepeatOrbit, region: Region, length: float, *, across_km: Array, spacing_km: float
) -> list[Pass]:
    """Every pass whose swath touches the region, with the times of its lines, ``spacing_km`` apart."""
    passes = []
    for near in _split(orbit, near_samples(orbit, 1.0, region, length)):
        if near.seconds.size < 2:
            continue
        seconds = orbit.equidistant_times(near.seconds[0], near.seconds[-1], spacing_km)
        touches = region.covers(*orbit.swath(seconds, across_km)).any(axis=1)
        if touches.any():
            passes.append(Pass(near.cycle, near.number, seconds[touches]))
    return passes


def _split(orbit: RepeatOrbit, seconds: Array) -> list[Pass]:
    """Cut samples where the pass changes."""
    cycle, number = orbit.cycle_and_pass(seconds)
    cuts = np.flatnonzero((np.diff(cycle) != 0) | (np.diff(number) != 0)) + 1
    starts = np.concatenate([[0], cuts])
    parts = np.split(seconds, cuts)
    return [
        Pass(int(cycle[i]), int(number[i]), part) for i, part in zip(starts, parts, strict=True) if part.size
    ]


@cache
def mean_ground_speed(orbit: RepeatOrbit) -> float:
    """Length of one cycle's track over its duration, km/s."""
    time = np.linspace(0, orbit.cycle_seconds, orbit.revolutions * 200 + 1)
    return float(along_track_distance(*orbit.position(time))[-1] / orbit.cycle_seconds)


def distance_in_cycle(orbit: RepeatOrbit, seconds: Array) -> Array:
    """Distance in km flown since the start of the cycle, at the mean ground speed."""
    return mean_ground_speed(orbit) * ((seconds - orbit.node_time) % orbit.cycle_seconds)
