"""The altimeters that fly over the twin in 2017: their orbits, sampling, noise and seeds.

Orbits, days and samplings are those of the real missions; the nodes that nobody told us are invented, so
which pass crosses the box on which day is ours.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from oceanbench.physics import missions
from oceanbench.physics.orbit import RepeatOrbit
from oceanbench.twin.ose2021 import design

_DAY = 86400.0
OBSERVATION_SEED: Final = 2021

# Of the correlated error, level 3 estimates and delivers one part, `lwe`; the rest stays unknown.
CORRELATION_SECONDS: Final = 30.0
ESTIMATED_STD: Final = 0.015  # metres, the part in `lwe`
REMAINING_STD: Final = 0.010  # metres
# A low-pass at 65 km leaves 2 x 6.5 / 65 of the variance of white noise on samples 6.5 km apart.
WHITE_LEFT: Final = 0.45
FILTER_KM: Final = 65.0  # of `sla_filtered`


@dataclass(frozen=True)
class Altimeter:
    """One mission of the archive.

    Parameters
    ----------
    name : str
        As in the file names of the archive.
    orbit : RepeatOrbit
        Its times are seconds since the first day observed.
    number : int
        Word of the seeds of its errors.
    sampling_seconds : float
        Time between two samples.
    white_1hz : float
        Standard deviation of the white noise of its 1 Hz values, metres, in waves of 2 m.
    first, last : datetime64
        First and last day of data.
    """

    name: str
    orbit: RepeatOrbit
    number: int
    sampling_seconds: float
    white_1hz: float
    first: np.datetime64 = design.OBSERVED[0]
    last: np.datetime64 = design.OBSERVED[1]

    @property
    def file_name(self) -> str:
        """Name of the mission's file of observations."""
        return f"{design.NAME}_{self.name}_phy_l3_20161201-20171231_293-307_31-45.nc"

    @property
    def seconds(self) -> tuple[float, float]:
        """Start and end of its data, seconds since the first day observed."""
        start, end = (
            (day - design.EPOCH) / np.timedelta64(1, "s")
            for day in (self.first, self.last + np.timedelta64(1, "D"))
        )
        return float(start), float(end)


def _at(orbit: RepeatOrbit, days: float) -> RepeatOrbit:
    return replace(orbit, node_time=days * _DAY)


MAPPED: Final = (
    Altimeter("alg", _at(missions.SARAL_DRIFTING, 7.3), 1, 1.056, 0.010),
    Altimeter("h2g", _at(missions.HY_2A_GEODETIC, 1.7), 2, 1.024, 0.020),
    Altimeter(
        "j2g", _at(missions.JASON_2_GEODETIC, 3.2), 3, 1.079, 0.017, first=np.datetime64("2017-07-11", "D")
    ),
    Altimeter(
        "j2n", _at(missions.TOPEX_INTERLEAVED, 0.47), 4, 1.079, 0.017, last=np.datetime64("2017-05-17", "D")
    ),
    Altimeter("j3", _at(missions.JASON, 0.40), 5, 1.079, 0.017),
    Altimeter("s3a", _at(missions.SENTINEL_3A, 2.6), 6, 1.0, 0.011),
)
JUDGE: Final = Altimeter("c2", _at(missions.CRYOSAT_2, 5.1), 7, 0.9434, 0.015)
