r"""Geostrophic currents and vorticity of the heights of a swath.

With a along the track, c to its left and f the Coriolis parameter,

.. math:: u_a = -\frac{g}{f}\,\partial_c h, \quad u_c = \frac{g}{f}\,\partial_a h, \quad
   \zeta / f = (\partial_a u_c - \partial_c u_a) / f
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oceanbench.metrics.denoising._stencils import differentiate

__all__ = ["SwathCurrents", "surface_currents"]

FloatArray = npt.NDArray[np.float64]

GRAVITY = 9.81  # m/s2; a similarity is blind to it
ROTATION = 7.2921e-5  # rad/s
RADIUS_M = (2 * 6378137.0 + 6356752.314245179) / 3  # mean of the axes of WGS-84


@dataclass(frozen=True, eq=False)
class SwathCurrents:
    """Geostrophic currents of a swath.

    Attributes
    ----------
    eastward, northward : ndarray, shape (lines, pixels), m/s
    vorticity : ndarray, shape (lines, pixels)
        Relative vorticity over the Coriolis parameter, a pure number.
    """

    eastward: FloatArray
    northward: FloatArray
    vorticity: FloatArray

    @property
    def speed(self) -> FloatArray:
        """Modulus of the current, m/s."""
        return np.hypot(self.eastward, self.northward)


def surface_currents(ssh: FloatArray, lon: FloatArray, lat: FloatArray) -> SwathCurrents:
    """Currents of the heights by stencils of up to nine pixels along both axes of the swath.

    Parameters
    ----------
    ssh : ndarray, shape (lines, pixels), metres
        NaN where missing. Lines follow the flight and pixels run from left to right.
    lon, lat : ndarray, shape (lines, pixels), degrees

    Raises
    ------
    ValueError
        If there are fewer than two lines or pixels.
    """
    if min(ssh.shape) < 2:
        raise ValueError(f"{ssh.shape[0]} lines of {ssh.shape[1]} pixels; a slope takes at least 2 x 2")
    along_m, across_m = _steps_m(lon, lat, 0), _steps_m(lon, lat, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        coriolis = 2.0 * ROTATION * np.sin(np.radians(lat))
        factor = GRAVITY / coriolis
        current_left = factor * differentiate(ssh, along_m, 0)
        current_along = factor * differentiate(ssh, across_m, 1)  # pixels run to the right: -dh/dc
        turning = differentiate(current_left, along_m, 0) + differentiate(current_along, across_m, 1)
        vorticity = turning / coriolis
    heading = _heading(lon, lat)
    eastward = current_along * np.cos(heading) - current_left * np.sin(heading)
    northward = current_along * np.sin(heading) + current_left * np.cos(heading)
    return SwathCurrents(eastward, northward, vorticity)


def _steps_m(lon: FloatArray, lat: FloatArray, axis: int) -> FloatArray:
    """Great-circle distance from each pixel to the next one, the last one's repeated."""
    half_lat = np.radians(np.diff(lat, axis=axis)) / 2.0
    half_lon = np.radians(_turn(np.diff(lon, axis=axis))) / 2.0
    cosines = np.moveaxis(np.cos(np.radians(lat)), axis, 0)
    both = np.moveaxis(cosines[:-1] * cosines[1:], 0, axis)
    steps = 2.0 * RADIUS_M * np.arcsin(np.sqrt(np.sin(half_lat) ** 2 + both * np.sin(half_lon) ** 2))
    return np.concatenate([steps, np.take(steps, [-1], axis)], axis=axis)


def _heading(lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Angle of the track from east, counter-clockwise, radians, from the lines before and after."""
    between = [(1, 1), (0, 0)]  # a line at an end has one neighbour only
    north = np.pad(np.radians(np.diff(lat, axis=0)), between)
    east = np.pad(np.radians(_turn(np.diff(lon, axis=0))), between)
    eastward = (east[1:] + east[:-1]) * np.cos(np.radians(lat))
    return np.asarray(np.arctan2(north[1:] + north[:-1], eastward), dtype=np.float64)


def _turn(degrees: FloatArray) -> FloatArray:
    """Bring differences of longitude to -180..180."""
    return np.asarray((degrees + 180.0) % 360.0 - 180.0, dtype=np.float64)
