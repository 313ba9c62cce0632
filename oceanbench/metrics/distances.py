"""Distances between the nodes of a grid of longitudes and latitudes, on a sphere."""

import numpy as np
import numpy.typing as npt

__all__ = ["grid_steps_m", "swapped_steps_m"]

FloatArray = npt.NDArray[np.float64]

EARTH_M = 6371000.0
PROJ_SPHERE_M = 6370997.0  # what PROJ calls "sphere"; MetPy's distances between nodes use it by default


def grid_steps_m(lon: FloatArray, lat: FloatArray) -> tuple[float, float]:
    """Mean distance in metres between neighbours along longitude and along latitude.

    Parameters
    ----------
    lon, lat : ndarray, degrees, evenly spaced, two nodes or more each
    """
    return float(_zonal(lon, lat, EARTH_M).mean()), float(_meridional(lat, EARTH_M))


def swapped_steps_m(lon: FloatArray, lat: FloatArray) -> tuple[float, float]:
    """Steps in metres along longitude and latitude as OceanBench (NeurIPS 2023) has them: exchanged.

    Its code gives the mean of the zonal distances to the axis of latitude, and the meridional distance
    between the first two rows to that of longitude. A wavelength along longitude is therefore its degrees
    times 111.19 km at any latitude: at 38 N it is told 27 % too long. The published wavelengths bear it out:
    they are 111 to 123 km times the degrees of the same maps in challenge 2020a; 87.6 km would be right.

    Parameters
    ----------
    lon, lat : ndarray, degrees, two nodes or more each

    References
    ----------
    Johnson et al. (2023), OceanBench: The Sea Surface Height Edition, doi:10.48550/arXiv.2309.15599, and the
    function ``latlon_deg2m`` of its code; distances are those of MetPy's ``lat_lon_grid_deltas``.
    """
    return float(_meridional(lat, PROJ_SPHERE_M)), float(_zonal(lon, lat, PROJ_SPHERE_M).mean())


def _zonal(lon: FloatArray, lat: FloatArray, radius: float) -> FloatArray:
    """Great-circle distance between the first two nodes of each row."""
    half = np.sin(np.radians(lon[1] - lon[0]) / 2.0)
    return np.asarray(2.0 * radius * np.arcsin(np.cos(np.radians(lat)) * half))


def _meridional(lat: FloatArray, radius: float) -> float:
    """Distance between the first two rows."""
    return radius * float(np.radians(lat[1] - lat[0]))
