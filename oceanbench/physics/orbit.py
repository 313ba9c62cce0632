r"""Ground track and swath of a satellite on an exact repeat orbit.

N revolutions and D nodal days in a cycle of T seconds; inclination i; u is the angle from the ascending
node crossed at time :math:`t_0` over longitude :math:`\lambda_0`:

.. math::

    M &= 2\pi N (t - t_0)/T, \qquad u = M + 2e\,(1 - \cos M) \\
    \varphi_c &= \arcsin(\sin i \sin u) \\
    \lambda &= \lambda_0 + \mathrm{atan2}(\cos i \sin u, \cos u) - 360^\circ D (t - t_0)/T

The last term holds the rotation of the Earth and the precession of the node together, so the repeat is
exact by construction. With e > 0 the orbit is frozen (perigee over the northernmost point, to first order
in e). Geocentric latitudes become geodetic ones on the WGS84 ellipsoid.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0
_EQUATOR_KM = 6378.137
_SQUARED_ECCENTRICITY = 0.00669438
_SECONDS_PER_DAY = 86400.0


@dataclass(frozen=True)
class RepeatOrbit:
    """Elements of an exact repeat orbit; the equations head this module.

    Parameters
    ----------
    revolutions, nodal_days : int
        N and D, without a common factor.
    cycle_days : float
        T in days.
    inclination : float
        Degrees; above 90 the orbit is retrograde.
    altitude_km : float
        Height above the mean sphere (6371 km); it enters the geodetic latitude only.
    node_lon : float
        Longitude of one ascending node, degrees east.
    node_time : float
        Seconds at which that node is crossed.
    eccentricity : float
        0 for a circular orbit; a frozen one has about 1e-3.
    """

    revolutions: int
    nodal_days: int
    cycle_days: float
    inclination: float
    altitude_km: float
    node_lon: float = 0.0
    node_time: float = 0.0
    eccentricity: float = 0.0

    def __post_init__(self) -> None:
        if np.gcd(self.revolutions, self.nodal_days) != 1:
            raise ValueError(
                f"{self.revolutions} revolutions in {self.nodal_days} days repeat sooner; divide both by "
                f"{np.gcd(self.revolutions, self.nodal_days)}"
            )
        if self.cycle_days <= 0 or not 0 < self.inclination < 180:
            raise ValueError("cycle_days must be positive and inclination between 0 and 180 degrees")

    @property
    def cycle_seconds(self) -> float:
        """Length of one cycle."""
        return self.cycle_days * _SECONDS_PER_DAY

    @property
    def passes_per_cycle(self) -> int:
        """Half revolutions in one cycle."""
        return 2 * self.revolutions

    def angle(self, time: Array) -> Array:
        """Argument of latitude u in radians (0 at the given node, growing) at times in seconds."""
        mean = 2 * np.pi * self.revolutions * (np.asarray(time) - self.node_time) / self.cycle_seconds
        return np.asarray(mean + 2 * self.eccentricity * (1 - np.cos(mean)))

    def position(self, time: Array) -> tuple[Array, Array]:
        """Longitude (-180..180) and geodetic latitude in degrees of the ground point at times in seconds."""
        u, tilt = self.angle(time), np.radians(self.inclination)
        turned = 360 * self.nodal_days * (np.asarray(time) - self.node_time) / self.cycle_seconds
        lon = self.node_lon + np.degrees(np.arctan2(np.cos(tilt) * np.sin(u), np.cos(u))) - turned
        geocentric = np.arcsin(np.sin(tilt) * np.sin(u))
        return wrap(lon), geodetic_latitude(geocentric, self.altitude_km)

    def cycle_and_pass(self, time: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Cycle (0 for the one of the given node) and pass (1..2N, odd ascending) at times in seconds.

        A pass runs from one extreme latitude to the other; pass 1 starts at the southernmost point before the
        given node.
        """
        half_turns = np.floor(self.angle(time) / np.pi + 0.5).astype(np.int64)
        return half_turns // self.passes_per_cycle, half_turns % self.passes_per_cycle + 1

    def equidistant_times(self, start: float, end: float, spacing_km: float) -> Array:
        """Times in seconds, from ``start`` to before ``end``, whose ground points are equidistant."""
        if spacing_km <= 0 or end <= start:
            raise ValueError(
                f"start {start} s, end {end} s, spacing {spacing_km} km; end after start, spacing > 0"
            )
        knots = np.linspace(start, end, max(2, int(np.ceil((end - start) / 5)) + 1))
        travelled = along_track_distance(*self.position(knots))
        return np.interp(np.arange(0.0, travelled[-1], spacing_km), travelled, knots)

    def swath(self, time: Array, across_km: Array) -> tuple[Array, Array]:
        """Longitude (-180..180) and latitude, each (time, across), of pixels abreast of the ground points.

        Parameters
        ----------
        time : array (time,)
            Seconds.
        across_km : array (across,)
            Distance from the ground point on the sphere, positive to the right of the flight.
        """
        here = unit_vector(*self.position(time))
        ahead, behind = (unit_vector(*self.position(np.asarray(time) + dt)) for dt in (0.5, -0.5))
        right = np.cross(ahead - behind, here)
        right /= np.linalg.norm(right, axis=-1, keepdims=True)
        angle = np.asarray(across_km)[:, None] / EARTH_RADIUS_KM
        pixels = np.cos(angle) * here[:, None, :] + np.sin(angle) * right[:, None, :]
        lon = np.degrees(np.arctan2(pixels[..., 1], pixels[..., 0]))
        return lon, np.degrees(np.arcsin(np.clip(pixels[..., 2], -1, 1)))


def wrap(lon: Array) -> Array:
    """Longitudes in -180..180 (180 becomes -180)."""
    return np.asarray((np.asarray(lon) + 180) % 360 - 180)


def geodetic_latitude(geocentric: Array, altitude_km: float) -> Array:
    """Geodetic latitude in degrees under a satellite at a geocentric latitude in radians (WGS84)."""
    radius = EARTH_RADIUS_KM + altitude_km
    axial, polar = radius * np.cos(geocentric), radius * np.sin(geocentric)
    latitude = np.asarray(geocentric, dtype=np.float64)
    for _ in range(5):
        normal = _EQUATOR_KM / np.sqrt(1 - _SQUARED_ECCENTRICITY * np.sin(latitude) ** 2)
        height = axial / np.cos(latitude) - normal
        latitude = np.arctan2(polar, axial * (1 - _SQUARED_ECCENTRICITY * normal / (normal + height)))
    return np.degrees(latitude)


def unit_vector(lon: Array, lat: Array) -> Array:
    """Unit vectors (..., 3) from the centre of the sphere to points in degrees."""
    lam, phi = np.radians(lon), np.radians(lat)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)


def along_track_distance(lon: Array, lat: Array) -> Array:
    """Great-circle distance in km from the first point, added up point by point; shape of ``lon``."""
    chord = np.linalg.norm(np.diff(unit_vector(lon, lat), axis=0), axis=-1)
    return np.concatenate([[0.0], np.cumsum(2 * EARTH_RADIUS_KM * np.arcsin(chord / 2))])
