"""Where and when the tracks of set-ups B and C sample the box and its margin."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oceanbench.physics.orbit import RepeatOrbit
from oceanbench.twin.osse2020.fleet import FLEET
from oceanbench.twin.plane import WITH_MARGIN
from oceanbench.twin.toy2022 import design
from oceanbench.twin.tracks import nadir_passes

Array = NDArray[np.float64]

# The constellation of 2020a, name there and here; TOPEX/Poseidon flies the interleaved orbit, as there.
FOUR_NADIRS: Final = {
    "envisat": "envisat",
    "jason1": "jason1",
    "geosat2": "geosat2",
    "topex-poseidon_interleaved": "topex-poseidon",
}
REPEATED: Final = "jasonlike"
PAUSE_SECONDS: Final = 60.0  # between two passes of the repeated pattern


@dataclass(frozen=True)
class Samples:
    """Samples of one file: seconds since the first day observed, longitudes (-180..180) and latitudes."""

    seconds: Array
    lon: Array
    lat: Array


def flights() -> dict[str, Samples]:
    """Samples of every file of set-ups B and C, by the name of the file."""
    fleet = {altimeter.name: altimeter for altimeter in FLEET}
    flown = {
        here: _fly(fleet[there].orbit, fleet[there].sampling_seconds, design.observed_seconds())
        for there, here in FOUR_NADIRS.items()
    }
    return flown | {REPEATED: _repeated(fleet["jason1"].orbit, fleet["jason1"].sampling_seconds)}


def _fly(orbit: RepeatOrbit, sampling_seconds: float, length: float) -> Samples:
    passes = nadir_passes(orbit, sampling_seconds, WITH_MARGIN, length)
    seconds = np.concatenate([part.seconds for part in passes])
    return Samples(seconds, *orbit.position(seconds))


def _repeated(orbit: RepeatOrbit, sampling_seconds: float) -> Samples:
    """All passes of one cycle, one after the other from each midnight on."""
    passes = [
        part.seconds for part in nadir_passes(orbit, sampling_seconds, WITH_MARGIN, orbit.cycle_seconds)
    ]
    lon, lat = orbit.position(np.concatenate(passes))
    order = np.concatenate([np.full(part.size, number) for number, part in enumerate(passes)])
    since_midnight = np.arange(lon.size) * sampling_seconds + order * PAUSE_SECONDS
    midnights = np.arange(design.days(design.OBSERVED).size) * 86400.0
    seconds = (midnights[:, None] + since_midnight).ravel()
    return Samples(seconds, np.tile(lon, midnights.size), np.tile(lat, midnights.size))
