"""What the twin ``2022a-twin`` is: its box, its calendar, its satellite, its swath, its files.

The model's square lies flat on the sphere, centred at 60 W, 38 N: one degree of latitude is 111.2 km and
one of longitude 111.2 km cos 38 everywhere. Rows of the model run along parallels.

Times are seconds since the start of a cycle, the moment of the ascending node of its pass 1.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oceanbench.physics import missions
from oceanbench.twin.plane import CENTRE_LAT, CENTRE_LON, KM_PER_DEGREE, Region

Array = NDArray[np.float64]

NAME: Final = "2022a-twin"
SEED: Final = 1

SIDE: Final = 1.536e6  # metres
REGION: Final = Region(-68.75, -51.25, 31.1, 44.9)

# Passes cross the equator where those of the same numbers do in the files of 2022a. Their times there do not
# follow one orbit (consecutive passes are up to 20 minutes off), so the twin's cycle 13 starts near theirs.
ORBIT: Final = replace(missions.SWOT_SCIENCE, node_lon=48.25357, node_time=0.0)
_CYCLE_13: Final = np.datetime64("2010-03-08T09:00:00", "ms")

LINE_KM: Final = 2.0
ACROSS_KM: Final[Array] = 2.0 * np.arange(71, dtype=np.float64) - 70.0  # left of the flight is negative
NADIR_PIXEL: Final = 35
NEAREST_KM, FARTHEST_KM = 10.0, 60.0  # KaRIn measures between

HEIGHT_COUNT: Final = 1e-4  # metres
DEGREE_COUNT: Final = 1e-6  # degrees
OFFSHORE_KM: Final = 200.0
LOW_VARIANCE: Final = 0.02  # m²: 200 cm²


@dataclass(frozen=True)
class Cycle:
    """Passes of one cycle that the twin keeps, and the ocean below them.

    Parameters
    ----------
    number : int
        As in the names of the files.
    first, last : float
        Days since the start of the cycle, between which passes are kept.
    least_seen : float
        Passes of which a smaller share of the pixels is sea of the box are left out.
    ocean : int
        Added to the seed of the twin: every cycle has an ocean of its own.
    """

    number: int
    first: float
    last: float
    least_seen: float
    ocean: int

    @property
    def start(self) -> np.datetime64:
        """Moment of the ascending node of pass 1, to the millisecond."""
        since_13 = round((self.number - 13) * ORBIT.cycle_seconds * 1e3)
        return _CYCLE_13 + np.timedelta64(since_13, "ms")


SCORED: Final = Cycle(number=13, first=1.5, last=7.5, least_seen=0.5, ocean=0)
TRAINING: Final = Cycle(number=1, first=0.5, last=19.5, least_seen=0.25, ocean=1_000_000)
CYCLES: Final = (SCORED, TRAINING)


def plane_position(lon: Array, lat: Array) -> tuple[Array, Array]:
    """Kilometres east and north of the model's centre, of points in degrees."""
    east = (lon - CENTRE_LON) * KM_PER_DEGREE * np.cos(np.radians(CENTRE_LAT))
    return np.asarray(east), np.asarray((lat - CENTRE_LAT) * KM_PER_DEGREE)


TRUTH_FOLDER: Final = "dc_truth"
INPUT_FOLDER: Final = "dc_inputs"
RUN_FILE: Final = "nature_run.json"
STATISTICS_FILE: Final = "statistics.json"
PICTURE_FILE: Final = "pass.png"


def truth_file(cycle: int, number: int) -> str:
    """Name of the file that holds the truth of one pass."""
    return f"truth_{cycle:03d}_{number:03d}.nc"


def input_file(cycle: int, number: int) -> str:
    """Name of the file of one pass, as in 2022a."""
    return f"input_ssh_karin_{cycle:03d}_{number:03d}.nc"
