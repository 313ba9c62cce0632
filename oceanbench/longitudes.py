"""Longitudes in the one convention of this project."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def wrap_longitudes(lon: ArrayLike) -> NDArray[np.float64]:
    """Give the longitudes in -180 (included) to 180 (excluded) degrees east, whatever turn they were on.

    Values that are already in range come back bit for bit; those that are not finite come back as NaN.
    """
    values = np.asarray(lon, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        turned = (values + 180.0) % 360.0 - 180.0
    in_range = (values >= -180.0) & (values < 180.0)
    return np.asarray(np.where(in_range, values, np.where(turned >= 180.0, -180.0, turned)))
