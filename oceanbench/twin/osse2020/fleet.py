"""The altimeters that fly over the twin: their orbits in its calendar, sampling, noise and seeds.

The tracks are realistic, not those of 2012: some of these satellites flew later, or not at all in that year.
"""

from dataclasses import dataclass, replace
from typing import Final

from oceanbench.physics import missions
from oceanbench.physics.orbit import RepeatOrbit
from oceanbench.twin.osse2020 import design

_DAY = 86400.0
OBSERVATION_SEED: Final = 2020


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
        Time between two nadir samples.
    white_std : float
        Standard deviation of the white part of the nadir error, metres (sea of 2 m waves).
    swath : bool
        True for KaRIn.
    """

    name: str
    orbit: RepeatOrbit
    number: int
    sampling_seconds: float = 1.0
    white_std: float = 0.017
    swath: bool = False

    @property
    def file_name(self) -> str:
        """Name of the mission's file of observations."""
        return f"{design.NAME}_SSH_mapping_{self.name}.nc"


_SWOT = replace(missions.SWOT_SCIENCE, node_lon=0.18, node_time=2.0 * _DAY)

FLEET: Final = (
    Altimeter("jason1", replace(missions.JASON, node_lon=99.92, node_time=0.40 * _DAY), 1, 1.0196),
    Altimeter("geosat2", replace(missions.GEOSAT, node_lon=1.00, node_time=3.1 * _DAY), 2, 0.98, 0.022),
    Altimeter("envisat", replace(missions.ENVISAT, node_lon=0.13, node_time=7.3 * _DAY), 3, 1.114, 0.016),
    Altimeter(
        "topex-poseidon_interleaved",
        replace(missions.TOPEX_INTERLEAVED, node_lon=98.50, node_time=0.47 * _DAY),
        4,
        1.072,
    ),
    Altimeter("nadir_swot", _SWOT, 5),
    Altimeter("karin_swot", _SWOT, 6, swath=True),
)
