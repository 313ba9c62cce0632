"""Repeat orbits of altimetry missions, from agency pages; SWOT's fitted to its published ephemerides.

Node longitudes: those of Jason and Sentinel-3A are measured on real tracks and SWOT's on its ephemerides; the
others are not known to us and only place the tracks. The cycle of Jason-2's geodetic orbit follows from its
371 nodal days and its height of 1309.5 km by the secular rates of an orbit about an oblate Earth.
"""

from dataclasses import replace
from typing import Final

from oceanbench.physics.orbit import RepeatOrbit

JASON: Final = RepeatOrbit(127, 10, 9.915643, 66.04, 1336.0, node_lon=99.924)
TOPEX_INTERLEAVED: Final = replace(JASON, node_lon=JASON.node_lon - 180 / JASON.revolutions)
GEOSAT: Final = RepeatOrbit(244, 17, 17.0507, 108.05, 784.5, node_lon=1.00)
ENVISAT: Final = RepeatOrbit(501, 35, 35.0, 98.55, 781.0, node_lon=0.13)
SENTINEL_3A: Final = RepeatOrbit(385, 27, 27.0, 98.65, 814.5, node_lon=0.634)
CRYOSAT_2: Final = RepeatOrbit(5344, 369, 368.24, 92.0, 717.0)
HY_2A_GEODETIC: Final = RepeatOrbit(2315, 168, 168.0, 99.34, 966.0)
JASON_2_GEODETIC: Final = RepeatOrbit(4736, 371, 367.84216, 66.04, 1309.5)
# SARAL drifts since July 2016: here a track that shifts by 0.069 degree in each of its former 35-day cycles.
SARAL_DRIFTING: Final = RepeatOrbit(5239, 366, 366.0, 98.55, 781.0, node_lon=0.13)
SWOT_SCIENCE: Final = RepeatOrbit(
    292, 21, 20.86455, 77.59239, 890.582, node_lon=22.36321, node_time=3090.944, eccentricity=1.0468e-3
)
SWOT_CALVAL: Final = RepeatOrbit(
    14, 1, 0.99349, 77.59232, 857.244, node_lon=48.16563, node_time=3069.733, eccentricity=1.0523e-3
)
