"""Where and when an altimeter passes over the twin's truth."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from oceanbench.physics.orbit import RepeatOrbit, along_track_distance
from oceanbench.twin.osse2020 import design
from oceanbench.twin.osse2020.fleet import Altimeter
from oceanbench.twin.osse2020.sampling import Truth

Array = NDArray[np.float64]

_COARSE_SECONDS = 30.0
_REACH_DEGREES = 3.0  # more than a satellite flies in a coarse step, and than half a swath


@dataclass(frozen=True)
class Pass:
    """Consecutive samples of one pass over the truth; ``seconds`` since the first day observed."""

    cycle: int
    number: int
    seconds: Array

    @property
    def seed_words(self) -> tuple[int, int]:
        """Words that key the errors of this pass; the cycle before the given node's has -1."""
        return self.cycle + 10, self.number


def observed_seconds() -> float:
    """Length of the observed period, whole days, both ends included."""
    return design.days(design.OBSERVED).size * 86400.0


def near_samples(orbit: RepeatOrbit, sampling_seconds: float, truth: Truth) -> Array:
    """Times, multiples of the sampling, whose ground point may lie on the truth or nearly so."""
    coarse = np.arange(0, observed_seconds() + 2 * _COARSE_SECONDS, _COARSE_SECONDS)
    lon, lat = orbit.position(coarse)
    near = (np.abs(lat - design.CENTRE_LAT) < (truth.lat[-1] - truth.lat[0]) / 2 + _REACH_DEGREES) & (
        np.abs(lon - design.CENTRE_LON) < (truth.lon[-1] - truth.lon[0]) / 2 + 1.6 * _REACH_DEGREES
    )
    count = int(np.ceil(observed_seconds() / sampling_seconds))
    cell = (np.arange(count) * (sampling_seconds / _COARSE_SECONDS)).astype(int)
    return np.asarray(np.flatnonzero(near[cell] | near[cell + 1]) * sampling_seconds, np.float64)


def nadir_passes(altimeter: Altimeter, truth: Truth) -> list[Pass]:
    """Every pass over the truth, with the times of its samples on the truth."""
    seconds = near_samples(altimeter.orbit, altimeter.sampling_seconds, truth)
    seconds = seconds[truth.covers(*altimeter.orbit.position(seconds))]
    return _split(altimeter.orbit, seconds)


def swath_passes(altimeter: Altimeter, truth: Truth, across_km: Array, spacing_km: float) -> list[Pass]:
    """Every pass whose swath touches the truth, with the times of its lines, ``spacing_km`` apart."""
    passes = []
    orbit = altimeter.orbit
    for near in _split(orbit, near_samples(orbit, altimeter.sampling_seconds, truth)):
        if near.seconds.size < 2:
            continue
        seconds = orbit.equidistant_times(near.seconds[0], near.seconds[-1], spacing_km)
        touches = truth.covers(*orbit.swath(seconds, across_km)).any(axis=1)
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
