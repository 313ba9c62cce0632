"""A flat piece of the ocean: kilometres from a point, and the constants of the rotating Earth."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from oceanbench_baselines.mapping._observed import Floats

__all__ = ["GRAVITY", "KM_PER_DEGREE", "Plane", "coriolis"]

KM_PER_DEGREE: Final = 111.2
GRAVITY: Final = 9.81
_ROTATION: Final = 7.2921e-5


@dataclass(frozen=True)
class Plane:
    """Tangent plane at a point; one latitude serves the whole plane, so that a covariance stays one.

    Parameters
    ----------
    lon0, lat0 : float
        Origin, degrees; ``lat0`` within 89 degrees of the equator.
    """

    lon0: float
    lat0: float

    def x(self, lon: ArrayLike) -> Floats:
        """Kilometres east of the origin; ``lon`` on the same turn as ``lon0``."""
        return np.asarray((np.asarray(lon, np.float64) - self.lon0) * self.km_per_degree_east)

    def y(self, lat: ArrayLike) -> Floats:
        """Kilometres north of the origin."""
        return np.asarray((np.asarray(lat, np.float64) - self.lat0) * KM_PER_DEGREE)

    @property
    def km_per_degree_east(self) -> float:
        """Length of a degree of longitude."""
        return float(KM_PER_DEGREE * np.cos(np.deg2rad(self.lat0)))


def coriolis(lat: ArrayLike) -> Floats:
    """Coriolis parameter 2 Ω sin(lat), 1/s; negative in the south."""
    return np.asarray(2.0 * _ROTATION * np.sin(np.deg2rad(np.asarray(lat, np.float64))))
