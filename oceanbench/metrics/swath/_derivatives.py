"""Geostrophic speed and vorticity on a swath."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_GRAVITY = 9.81
_ROTATION = 7.2921159e-5
_LEAST_CORIOLIS = 1e-8
_FEWEST = 3  # points that a one-sided derivative of second order needs


class SwathDerivatives(NamedTuple):
    """What heights on a swath say of the current; each of the shape of the heights.

    Attributes
    ----------
    speed : array, m/s
        Modulus of the geostrophic velocity.
    vorticity : array
        Relative vorticity over the Coriolis parameter, a pure number.
    u, v : array, m/s
        Geostrophic velocity against the flight, and to its left when pixels run from left to right.
    """

    speed: FloatArray
    vorticity: FloatArray
    u: FloatArray
    v: FloatArray


def swath_derivatives(ssh: FloatArray, lat: FloatArray, posting_m: float) -> SwathDerivatives:
    """Geostrophic velocity and vorticity along the axes of the swath, with centred differences.

    With a along the track, c across it and f the Coriolis parameter, v = (g/f) dh/da, u = -(g/f) dh/dc and
    the vorticity is (dv/da - du/dc) / f. The differences are of second order, one-sided at the ends of the
    arrays but not at a gap: beside a missing height there is no derivative (at it, there may be one).

    Parameters
    ----------
    ssh : array, shape (..., lines, pixels), metres
        NaN where missing.
    lat : array, shape (lines, pixels), degrees
        The Coriolis parameter is not let below 1e-8 1/s; on the equator itself there is no current.
    posting_m : float
        Distance between two pixels, along and across the track, metres.

    Returns
    -------
    SwathDerivatives
        Missing everywhere where the swath has fewer than three lines or pixels.

    Raises
    ------
    ValueError
        If the posting is not above 0, or ``lat`` is not of the shape of one swath.
    """
    if not posting_m > 0:
        raise ValueError(
            f"posting_m is {posting_m}; expected the distance between two pixels, above 0 metres"
        )
    if lat.shape != ssh.shape[-2:]:
        raise ValueError(f"lat has the shape {lat.shape} on a swath of {ssh.shape[-2:]}; give one per pixel")
    coriolis = _coriolis(lat)
    gain = _GRAVITY / coriolis
    v = gain * _difference(ssh, posting_m, -2)
    u = -gain * _difference(ssh, posting_m, -1)
    vorticity = (_difference(v, posting_m, -2) - _difference(u, posting_m, -1)) / coriolis
    return SwathDerivatives(np.sqrt(u * u + v * v), vorticity, u, v)


def _coriolis(lat: FloatArray) -> FloatArray:
    """Coriolis parameter, 1/s; NaN on the equator, where the official code divides by zero."""
    coriolis = 2.0 * _ROTATION * np.sin(np.radians(lat))
    bounded = np.copysign(np.maximum(np.abs(coriolis), _LEAST_CORIOLIS), coriolis)
    return np.where(lat == 0.0, np.nan, bounded)


def _difference(values: FloatArray, step: float, axis: int) -> FloatArray:
    if values.shape[axis] < _FEWEST:
        return np.full(values.shape, np.nan)
    return np.asarray(np.gradient(values, step, axis=axis, edge_order=2), dtype=np.float64)
