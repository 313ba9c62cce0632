"""Repeat orbits of altimetry missions, from agency pages; SWOT's fitted to its published ephemerides.

Node longitudes: Jason's is measured on real tracks and SWOT's on its ephemerides; the others are not known
to us and only place the tracks.
"""

from dataclasses import replace
from typing import Final

from oceanbench.physics.orbit import RepeatOrbit

JASON: Final = RepeatOrbit(127, 10, 9.915643, 66.04, 1336.0, node_lon=99.924)
TOPEX_INTERLEAVED: Final = replace(JASON, node_lon=JASON.node_lon - 180 / JASON.revolutions)
GEOSAT: Final = RepeatOrbit(244, 17, 17.0507, 108.05, 784.5, node_lon=1.00)
ENVISAT: Final = RepeatOrbit(501, 35, 35.0, 98.55, 781.0, node_lon=0.13)
SWOT_SCIENCE: Final = RepeatOrbit(
    292, 21, 20.86455, 77.59239, 890.582, node_lon=22.36321, node_time=3090.944, eccentricity=1.0468e-3
)
SWOT_CALVAL: Final = RepeatOrbit(
    14, 1, 0.99349, 77.59232, 857.244, node_lon=48.16563, node_time=3069.733, eccentricity=1.0523e-3
)
