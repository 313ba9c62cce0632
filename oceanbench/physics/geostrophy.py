r"""Geostrophic currents of a sea surface height.

.. math:: u = -\frac{g}{f}\,\partial_y h, \qquad v = \frac{g}{f}\,\partial_x h
"""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

__all__ = ["geostrophic_currents"]

_GRAVITY = 9.81
_ROTATION = 7.2921e-5
_RADIUS = 6.371e6


def geostrophic_currents(ssh: xr.DataArray, *, least_latitude: float = 3.0) -> xr.Dataset:
    """Currents of a height by differences of second order, one-sided at the edges.

    Parameters
    ----------
    ssh : xr.DataArray, dims (..., lat, lon), in metres
        At least two nodes along ``lat`` and ``lon``, degrees.
    least_latitude : float
        Nearer to the equator than this, in degrees, the balance does not hold: NaN there.

    Returns
    -------
    xr.Dataset
        ``ugos`` (eastward) and ``vgos`` (northward), m/s, dims of ``ssh``.

    Raises
    ------
    ValueError
        If there is one node only along an axis.
    """
    for name in ("lat", "lon"):
        if ssh.sizes[name] < 2:
            raise ValueError(f"{ssh.sizes[name]} node along {name}; a slope takes at least 2")
    heights = ssh.transpose(..., "lat", "lon")
    lat = np.deg2rad(ssh["lat"].values.astype(np.float64))
    coriolis = 2.0 * _ROTATION * np.sin(lat)
    coriolis[np.abs(np.rad2deg(lat)) < least_latitude] = np.nan
    east = _RADIUS * np.deg2rad(ssh["lon"].values.astype(np.float64))
    along_lat = _slope(heights.values, _RADIUS * lat, -2)
    along_lon = _slope(heights.values, east, -1) / np.cos(lat)[:, None]
    factor = (_GRAVITY / coriolis)[:, None]
    currents = {"ugos": -factor * along_lat, "vgos": factor * along_lon}
    fields = {name: heights.copy(data=values) for name, values in currents.items()}
    for field in fields.values():
        field.attrs = {"units": "m s-1"}
    return xr.Dataset(fields)


def _slope(values: NDArray[Any], metres: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    order: Any = 2 if metres.size > 2 else 1
    return np.asarray(np.gradient(values, metres, axis=axis, edge_order=order), np.float64)
