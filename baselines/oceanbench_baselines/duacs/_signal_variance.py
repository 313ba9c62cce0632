"""How strongly a region varies from place to place: the prior's standard deviation, from the observations."""

from dataclasses import dataclass

import numpy as np

from oceanbench_baselines.mapping._observed import Floats
from oceanbench_baselines.mapping._plane import KM_PER_DEGREE, Plane

__all__ = ["SignalField", "constant_signal", "estimated_signal"]

_MOST = 20_000  # observations that are enough for a smooth field
_LEAST_SHARE = 0.04  # of the region's variance: quiet places are not taken for silent ones


@dataclass(frozen=True)
class SignalField:
    """Standard deviation of the signal, metres, on a lattice: linear between its nodes, constant beyond."""

    lon: Floats
    lat: Floats
    values: Floats

    def at(self, lon: Floats, lat: Floats) -> Floats:
        """Standard deviation at places, degrees."""
        from scipy.interpolate import RegularGridInterpolator

        inside = [np.clip(place, axis[0], axis[-1]) for place, axis in ((lat, self.lat), (lon, self.lon))]
        value = RegularGridInterpolator((self.lat, self.lon), self.values)
        return np.asarray(value(np.stack(np.broadcast_arrays(*inside), axis=-1)))


def constant_signal(value: float) -> SignalField:
    """Give one standard deviation for the whole region."""
    return SignalField(np.array([-1.0, 1.0]), np.array([-1.0, 1.0]), np.full((2, 2), value))


def estimated_signal(
    lon: Floats, lat: Floats, anomaly: Floats, variance: Floats, smoothing_km: float
) -> SignalField:
    """Root of the mean square of the anomalies, less that of their errors, as a smooth field.

    Parameters
    ----------
    lon, lat : array, shape (n,), degrees
    anomaly, variance : array, shape (n,), m and m²
        Observations and the variance of their white error.
    smoothing_km : float
        Distance at which the weight of an observation is 1/e; infinite for one value everywhere.
    """
    if not anomaly.size:
        return constant_signal(np.nan)  # nobody knows, and so the formal error is not a number
    whole = max(float(np.mean(anomaly**2 - variance)), float(np.mean(variance)), 1e-8)
    if not np.isfinite(smoothing_km):
        return constant_signal(float(np.sqrt(whole)))
    some = slice(None, None, max(1, anomaly.size // _MOST))
    plane = Plane(float(lon.mean()), float(lat.mean()))
    on_lon = _nodes(lon, smoothing_km / 2.0 / plane.km_per_degree_east)
    on_lat = _nodes(lat, smoothing_km / 2.0 / KM_PER_DEGREE)
    in_x = np.exp(-(((plane.x(on_lon)[:, None] - plane.x(lon[some])) / smoothing_km) ** 2))
    in_y = np.exp(-(((plane.y(on_lat)[:, None] - plane.y(lat[some])) / smoothing_km) ** 2))
    few = 1e-3 * in_x.shape[1]  # a place with few observations is drawn to the mean of the region
    weighted = (in_y * (anomaly[some] ** 2 - variance[some])) @ in_x.T
    local = (weighted + few * whole) / (in_y @ in_x.T + few)
    return SignalField(on_lon, on_lat, np.sqrt(np.maximum(local, _LEAST_SHARE * whole)))


def _nodes(values: Floats, step: float) -> Floats:
    low, high = float(values.min()), float(values.max())
    return np.linspace(low - step, high + step, 3 + int((high - low) / step))
