"""Where and when each altimeter of 2017 samples the box and its margin."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oceanbench.twin.ose2021 import design
from oceanbench.twin.ose2021.fleet import Altimeter
from oceanbench.twin.plane import WITH_MARGIN
from oceanbench.twin.tracks import Pass, nadir_passes

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Flight:
    """All samples of one altimeter, in order of time, and the passes they belong to.

    Attributes
    ----------
    seconds : array (samples,)
        Since the first day observed.
    lon, lat : array (samples,)
        Degrees, longitudes in -180..180.
    passes : list of Pass
        Consecutive parts of the samples.
    """

    seconds: Array
    lon: Array
    lat: Array
    passes: list[Pass]


def fly(altimeter: Altimeter) -> Flight:
    """Give the samples of an altimeter within the box, its margin and the days of its data."""
    start, end = altimeter.seconds
    passes = [
        part
        for part in nadir_passes(
            altimeter.orbit, altimeter.sampling_seconds, WITH_MARGIN, design.observed_seconds()
        )
        if start <= part.seconds[0] < end
    ]
    seconds = np.concatenate([part.seconds for part in passes])
    return Flight(seconds, *altimeter.orbit.position(seconds), passes)
