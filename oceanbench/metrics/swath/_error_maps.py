"""Maps of the error on whole degrees, with linear weights."""

from threading import Lock

import numpy as np
import numpy.typing as npt
import scipy.sparse
import xarray as xr

from oceanbench.metrics.error_sums import mean_of
from oceanbench.metrics.swath._derivatives import swath_derivatives
from oceanbench.metrics.swath._error_sums import squared_errors
from oceanbench.metrics.swath._fields import QUANTITIES, PassFields

__all__ = ["ErrorMaps"]

FloatArray = npt.NDArray[np.float64]

_LATITUDES, _LONGITUDES = np.arange(-90.0, 90.0), np.arange(-180.0, 180.0)
_CELLS = _LATITUDES.size * _LONGITUDES.size
_FIELDS = ("filtered", "noisy")
_EPSILON = np.finfo(np.float64).eps


class ErrorMaps:
    """Root-mean-square errors on the 1 degree grid of the official code, pass after pass.

    Each pixel counts for the four nodes around it with the area of the opposite rectangle, in degrees;
    longitudes run round the globe, and pixels beyond 89 degrees north are left out, for want of a node.
    Derivatives are those of the pass alone, as in the official code. Memory: 12 MB. Threads may add passes to
    one object.

    Parameters
    ----------
    posting_km : float
        Distance between two pixels.
    """

    def __init__(self, posting_km: float = 2.0) -> None:
        self.posting_km = posting_km
        self._sums = np.zeros((2, len(_FIELDS) * len(QUANTITIES), _CELLS))
        self._guard = Lock()

    def add(self, fields: PassFields) -> None:
        """Add the errors of one pass."""
        heights = fields.heights
        errors = squared_errors(heights, swath_derivatives(heights, fields.lat, 1000.0 * self.posting_km))
        weights = _weights(fields.lon.ravel(), fields.lat.ravel())
        values = np.stack(
            [error.ravel() for of_field in errors for error in of_field[: len(QUANTITIES)]], axis=1
        )
        seen = np.isfinite(values)
        found = [(weights @ each).T for each in (np.where(seen, values, 0.0), seen.astype(np.float64))]
        with self._guard:
            self._sums += found

    @property
    def dataset(self) -> xr.Dataset:
        """``filtered`` and ``noisy``, dims (quantity, lat, lon), m, m/s and 1; NaN in empty cells."""
        rmse = np.sqrt(mean_of(self._sums[0], self._sums[1]))
        shaped = rmse.reshape(len(_FIELDS), len(QUANTITIES), _LATITUDES.size, _LONGITUDES.size)
        coords = {"quantity": list(QUANTITIES), "lat": _LATITUDES, "lon": _LONGITUDES}
        dims = ("quantity", "lat", "lon")
        return xr.Dataset({name: (dims, maps) for name, maps in zip(_FIELDS, shaped, strict=True)}, coords)


def _weights(lon: FloatArray, lat: FloatArray) -> scipy.sparse.csc_array:
    """Weight of each pixel in each cell, shape (cells, pixels)."""
    column, west = _split(lon + 180.0)
    row, south = _split(lat + 90.0)
    corners, shares = [], []
    for up, lat_share in ((0, 1.0 - south), (1, south)):
        for right, lon_share in ((0, 1.0 - west), (1, west)):
            corners.append((row + up) * _LONGITUDES.size + (column + right) % _LONGITUDES.size)
            shares.append(lat_share * lon_share)
    share, cell = np.stack(shares, axis=1), np.stack(corners, axis=1)
    kept = (share >= _EPSILON) & (lat >= _LATITUDES[0])[:, None] & (lat <= _LATITUDES[-1])[:, None]
    ends = np.arange(0, share.size + 1, share.shape[1])
    cells = np.where(kept, cell, 0).ravel()
    return scipy.sparse.csc_array((np.where(kept, share, 0.0).ravel(), cells, ends), shape=(_CELLS, lon.size))


def _split(degrees: FloatArray) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Node at or below each coordinate counted in nodes, and the distance to it; 0 where it is missing."""
    known = np.where(np.isfinite(degrees), degrees, 0.0)
    node = np.floor(known)
    return node.astype(np.int64), known - node
