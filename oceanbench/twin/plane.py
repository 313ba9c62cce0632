"""Where the twins lie: one box of the Gulf Stream on the plane of a model.

The model's square lies flat on the sphere, centred at 60 W, 38 N: one degree of latitude is 111.2 km and
one of longitude 111.2 km cos 38 everywhere. The jet, zonal in the model, runs ``TILT`` degrees north of east
on the map, and the gradient of the Coriolis parameter points as many degrees west of north.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

WEST, EAST, SOUTH, NORTH = -65.0, -55.0, 33.0, 43.0
MARGIN: Final = 1.5  # degrees of truth around the box, for the observations
STEP: Final = 0.1  # degrees

CENTRE_LON: Final = -60.0
CENTRE_LAT: Final = 38.0
KM_PER_DEGREE: Final = 111.2
TILT: Final = 10.0  # degrees, anticlockwise from east

# Metres added to every height. A model's SSH has no zero of its own; this level brings the RMS height of the
# box near that of NATL60 in 2020a, 0.58 m (a published map has an error of 0.0211 m and µ = 0.9636 there).
LEVEL: Final = 0.3


@dataclass(frozen=True)
class Region:
    """A box in degrees, longitudes in -180..180; its edges belong to it."""

    west: float
    east: float
    south: float
    north: float

    def covers(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """True where a point lies within the region."""
        inside = (lon >= self.west) & (lon <= self.east)
        return np.asarray(inside & (lat >= self.south) & (lat <= self.north))

    def nearly_covers(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], *, reach_lon: float, reach_lat: float
    ) -> NDArray[np.bool_]:
        """True where a point lies within the region or less than a reach in degrees away from it."""
        near_lat = np.abs(lat - (self.south + self.north) / 2) < (self.north - self.south) / 2 + reach_lat
        near_lon = np.abs(lon - (self.west + self.east) / 2) < (self.east - self.west) / 2 + reach_lon
        return np.asarray(near_lat & near_lon)


WITH_MARGIN: Final = Region(WEST - MARGIN, EAST + MARGIN, SOUTH - MARGIN, NORTH + MARGIN)


def axis(low: float, high: float) -> NDArray[np.float64]:
    """Grid from low to high degrees, both included, without the rounding of repeated addition."""
    return np.round(low + STEP * np.arange(round((high - low) / STEP) + 1), 6)


def plane_position(
    lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Model coordinates in metres from its centre, x along the jet and y across it, of points in degrees."""
    east = (lon - CENTRE_LON) * KM_PER_DEGREE * 1e3 * np.cos(np.radians(CENTRE_LAT))
    north = (lat - CENTRE_LAT) * KM_PER_DEGREE * 1e3
    cosine, sine = np.cos(np.radians(TILT)), np.sin(np.radians(TILT))
    return cosine * east + sine * north, cosine * north - sine * east


class MapGrid:
    """Points of the map on the model's plane, box and margin, every 0.1 degree."""

    def __init__(self, points: int, side: float) -> None:
        self.lon = axis(WITH_MARGIN.west, WITH_MARGIN.east)
        self.lat = axis(WITH_MARGIN.south, WITH_MARGIN.north)
        x, y = plane_position(self.lon[None, :], self.lat[:, None])
        self._rows_columns = np.stack([y, x]) * (points / side) + points // 2

    def interpolate(self, field: NDArray[np.float64]) -> NDArray[np.float64]:
        """Field (lat, lon) on the map from a periodic field (n, n) on the plane, by a quintic spline."""
        return np.asarray(map_coordinates(field, self._rows_columns, order=5, mode="grid-wrap"))
