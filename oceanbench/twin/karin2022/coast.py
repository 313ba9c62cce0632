"""The invented coast of the twin: a mainland in the north-west and an island in the south-east.

The model below knows nothing of it: land only hides pixels, and tells which lie within 200 km of a coast.
"""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, map_coordinates

from oceanbench.twin.karin2022.design import SIDE, plane_position

Array = NDArray[np.float64]

_HEADING: Final = np.radians(35.0)  # of the mainland's coast, from east
_SHORE_KM: Final = 470.0  # its distance from the model's centre
_BAYS: Final = (  # wavelength (km), amplitude (km) and phase of the bays
    (700.0, 70.0, 0.4),
    (310.0, 40.0, 2.0),
    (150.0, 22.0, 5.1),
    (70.0, 11.0, 1.2),
    (33.0, 5.0, 3.3),
    (15.0, 2.5, 4.7),
)
_ISLAND: Final = (330.0, -420.0, 45.0)  # east and north of the centre, radius (km)
_CELL_KM: Final = 2.0  # of the raster on which distances are measured
_HALF_KM: Final = SIDE / 2e3 + 260.0  # the coast beyond the model counts for the distance


def is_land(lon: Array, lat: Array) -> NDArray[np.bool_]:
    """True where a point in degrees lies on land."""
    return _land(*plane_position(lon, lat))


def distance_to_coast(lon: Array, lat: Array) -> Array:
    """Kilometres from points in degrees to the nearest coast, from sea or from land, to about 2 km."""
    east, north = plane_position(lon, lat)
    index = (np.stack([north, east]) + _HALF_KM) / _CELL_KM
    return np.asarray(map_coordinates(_distances(), index, order=1, mode="nearest"))


def _land(east: Array, north: Array) -> NDArray[np.bool_]:
    along = np.cos(_HEADING) * east + np.sin(_HEADING) * north
    inland = np.cos(_HEADING) * north - np.sin(_HEADING) * east - _SHORE_KM
    bays = sum(height * np.sin(2 * np.pi * along / length + phase) for length, height, phase in _BAYS)
    return np.asarray((inland > bays) | _island(east, north))


def _island(east: Array, north: Array) -> NDArray[np.bool_]:
    centre_east, centre_north, radius = _ISLAND
    x, y = east - centre_east, north - centre_north
    angle = np.arctan2(y, x)
    shape = 1 + 0.3 * np.sin(3 * angle + 1) + 0.15 * np.sin(7 * angle)
    return np.asarray(np.hypot(x, y) < radius * shape)


@cache
def _distances() -> Array:
    """Kilometres to the coast (north, east) of a raster that reaches beyond the model."""
    axis = np.arange(-_HALF_KM, _HALF_KM + _CELL_KM / 2, _CELL_KM)
    land = _land(axis[None, :], axis[:, None])
    off, on = distance_transform_edt(~land), distance_transform_edt(land)
    return np.asarray(np.maximum(off, on) * _CELL_KM - _CELL_KM / 2)
