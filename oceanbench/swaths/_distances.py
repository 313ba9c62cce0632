"""How far from the track the pixels of a swath lie."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.observations import Layout
from oceanbench.swaths._fields import DIMS, PIXELS, filled
from oceanbench.units import metres_per

# with the unit where none is written
_DISTANCES = {"cross_track_distance": "m", "cross_track_km": "km", "x_ac": "km"}
_SAME_DISTANCE_KM = 0.1


def cross_track_km(dataset: xr.Dataset, form: Layout) -> NDArray[np.float64] | None:
    """Give the distance of each pixel from the track in km, shape (num_pixels,); None where it is not known.

    It is what the file says, else what the product fixes; on the left of the flight (pixel 0) it is negative.
    """
    for name, unit in _DISTANCES.items():
        if name in dataset and set(dataset[name].dims) in ({PIXELS}, set(DIMS)):
            return _stored_distance(dataset[name], unit)
    if form.posting_km is None or dataset.sizes[PIXELS] != form.pixels:
        return None
    return np.asarray(form.posting_km * (np.arange(form.pixels) - (form.pixels - 1) / 2), dtype=np.float64)


def _stored_distance(variable: xr.DataArray, unit: str) -> NDArray[np.float64] | None:
    """Give the distance of each pixel; None where it is not the same on all lines."""
    km = metres_per(str(variable.attrs.get("units") or unit)) / 1000.0
    values = km * np.atleast_2d(filled(variable).transpose(..., PIXELS).values.astype(np.float64))
    with np.errstate(invalid="ignore"):
        spread = np.nanmax(values, axis=0, initial=-np.inf) - np.nanmin(values, axis=0, initial=np.inf)
    return _mean_over_lines(values) if np.all(spread <= _SAME_DISTANCE_KM) else None


def _mean_over_lines(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the mean of each pixel over the lines that tell it; missing where none does."""
    told = np.isfinite(values)
    mean = np.full(values.shape[-1], np.nan)
    np.divide(np.sum(values, axis=0, where=told), told.sum(axis=0), out=mean, where=told.any(axis=0))
    return mean
