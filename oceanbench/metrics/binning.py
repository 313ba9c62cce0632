"""Maps of along-track errors on a 1 degree grid."""

import numpy as np
import numpy.typing as npt
import xarray as xr

__all__ = ["binned_difference"]

FloatArray = npt.NDArray[np.float64]


def binned_difference(
    estimate: npt.ArrayLike, reference: npt.ArrayLike, lon: npt.ArrayLike, lat: npt.ArrayLike
) -> xr.Dataset:
    """Statistics of reference - estimate in cells of 1 degree centred on whole degrees.

    Each sample goes to the nearest node (halves go up), longitudes round the globe; missing differences are
    left out. The sign is that of the challenge code: positive where the map is too low.

    Parameters
    ----------
    estimate, reference, lon, lat : array_like, shape (n,)
        Metres, metres, degrees, degrees.

    Returns
    -------
    xr.Dataset, dims lat (-90..90), lon (-180..179)
        ``mean`` (m), ``variance`` (m², ddof 0), ``rmse`` (m), NaN in empty cells, and ``count``.
    """
    difference = np.asarray(reference, dtype=np.float64) - np.asarray(estimate, dtype=np.float64)
    seen = ~np.isnan(difference)
    cell = _cell(np.asarray(lon, dtype=np.float64)[seen], np.asarray(lat, dtype=np.float64)[seen])
    difference = difference[seen]
    count = _total(cell, np.ones(difference.size))
    with np.errstate(invalid="ignore"):
        mean = _total(cell, difference) / count
        variance = _total(cell, (difference - mean.ravel()[cell]) ** 2) / count
        rmse = np.sqrt(_total(cell, difference**2) / count)
    maps = {"mean": mean, "variance": variance, "rmse": rmse, "count": count}
    coords = {"lat": np.arange(-90.0, 91.0), "lon": np.arange(-180.0, 180.0)}
    return xr.Dataset({name: (("lat", "lon"), values) for name, values in maps.items()}, coords)


def _cell(lon: FloatArray, lat: FloatArray) -> npt.NDArray[np.int64]:
    """Flat index of the cell of each sample."""
    column = np.floor(lon + 180.5).astype(np.int64) % 360
    row = np.clip(np.floor(lat + 90.5).astype(np.int64), 0, 180)
    return np.asarray(row * 360 + column)


def _total(cell: npt.NDArray[np.int64], values: FloatArray) -> FloatArray:
    return np.bincount(cell, weights=values, minlength=181 * 360).reshape(181, 360)
