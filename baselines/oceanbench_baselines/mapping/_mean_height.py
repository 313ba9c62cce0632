"""The mean height about which anomalies are mapped: given, or a smooth surface through the observations."""

from collections.abc import Callable

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench_baselines.mapping._observed import Floats
from oceanbench_baselines.mapping._plane import Plane

__all__ = ["MeanHeight", "fitted_mean", "given_mean", "no_mean"]

type MeanHeight = Callable[[Floats, Floats], Floats]

_CELL_KM = 50.0
_SCALE_KM = 300.0


def no_mean(lon: Floats, lat: Floats) -> Floats:
    """Give zero everywhere."""
    return np.zeros(np.broadcast_shapes(np.shape(lon), np.shape(lat)))


def given_mean(mean: xr.DataArray, lon_middle: float) -> MeanHeight:
    """Mean height of a field, (lon, lat) in degrees to metres; beyond the field its nearest value.

    Parameters
    ----------
    mean : xr.DataArray, dims (lat, lon), in metres
        Gaps (land) are filled smoothly first.
    lon_middle : float
        Longitude near which places will be asked for: the field is turned to it.

    Raises
    ------
    ValueError
        If the field has no value at all.
    """
    from scipy.interpolate import RegularGridInterpolator

    from oceanbench.interpolation import fill_gauss_seidel

    field = mean.transpose("lat", "lon").sortby("lat").sortby("lon")
    if not np.isfinite(field.values).any():
        raise ValueError("the mean height has no value that is a number; give one, or none at all")
    filled = fill_gauss_seidel(field) if field.isnull().any() else field
    lat, lon = filled["lat"].values.astype(np.float64), filled["lon"].values.astype(np.float64)
    turn = 360.0 * np.round((lon_middle - lon.mean()) / 360.0)
    value = RegularGridInterpolator((lat, lon + turn), filled.values.astype(np.float64))

    def at(place_lon: Floats, place_lat: Floats) -> Floats:
        inside_lon = np.clip(place_lon, lon[0] + turn, lon[-1] + turn)
        inside_lat = np.clip(place_lat, lat[0], lat[-1])
        pairs = np.stack(np.broadcast_arrays(inside_lat, inside_lon), axis=-1)
        return np.asarray(value(pairs)).reshape(pairs.shape[:-1])

    return at


def fitted_mean(lon: Floats, lat: Floats, ssh: Floats, passes: NDArray[np.int64]) -> MeanHeight:
    """Smooth surface through observations: a polynomial of degree 2 and what 300 km show beside it.

    The residuals about the polynomial are averaged in cells of 50 km over the whole time and mapped with a
    Gaussian covariance; a cell counts as many independent values as passes cross it. Beyond the observations
    the surface goes on as at their edge.

    Parameters
    ----------
    lon, lat : array, shape (n,), degrees
    ssh : array, shape (n,), metres
    passes : array of int, shape (n,)
        Samples of one pass are not independent.
    """
    if not ssh.size:
        return no_mean
    plane = Plane(float(lon.mean()), float(lat.mean()))
    x, y = plane.x(lon), plane.y(lat)
    scale = max(float(np.abs(x).max()), float(np.abs(y).max()), 1.0)
    level, terms = float(ssh.mean()), _terms(x / scale, y / scale)
    coefficients = np.linalg.lstsq(terms, ssh - level, rcond=1e-8)[0]  # least norm: few samples, level sea
    cells = _cell_means(x, y, ssh - level - terms @ coefficients, passes)
    weights = _weights(*cells)
    low, high = (x.min(), y.min()), (x.max(), y.max())

    def at(place_lon: Floats, place_lat: Floats) -> Floats:
        east, north = np.broadcast_arrays(plane.x(place_lon), plane.y(place_lat))
        east, north = np.clip(east, low[0], high[0]).ravel(), np.clip(north, low[1], high[1]).ravel()
        near = _near(east, north, cells[0], cells[1]) @ weights
        surface = level + _terms(east / scale, north / scale) @ coefficients + near
        return np.asarray(surface.reshape(np.broadcast_shapes(np.shape(place_lon), np.shape(place_lat))))

    return at


def _terms(x: Floats, y: Floats) -> Floats:
    return np.column_stack([np.ones_like(x), x, y, x * x, x * y, y * y])


def _cell_means(
    x: Floats, y: Floats, values: Floats, passes: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Places of the cells, their means, and the number of passes in each."""
    column, row = np.floor(x / _CELL_KM).astype(np.int64), np.floor(y / _CELL_KM).astype(np.int64)
    _, cell = np.unique(np.stack([column, row]), axis=1, return_inverse=True)
    size = np.bincount(cell)
    x_mean, y_mean, mean = (np.bincount(cell, each) / size for each in (x, y, values))
    visits = np.unique(np.stack([cell, passes]), axis=1)[0]
    return x_mean, y_mean, mean, np.bincount(visits, minlength=size.size).astype(np.float64)


def _weights(x: Floats, y: Floats, mean: Floats, visits: Floats) -> Floats:
    """Coefficients of the cells in the map: (C + N)⁻¹ mean, for a signal of the cells' own variance."""
    noise = 1.0 / visits  # one pass tells as little as the time mean varies: the eddies
    return np.asarray(np.linalg.solve(_near(x, y, x, y) + np.diag(noise), mean))


def _near(x: Floats, y: Floats, other_x: Floats, other_y: Floats) -> Floats:
    square = (x[:, None] - other_x) ** 2 + (y[:, None] - other_y) ** 2
    return np.asarray(np.exp(-square / _SCALE_KM**2))
