"""Sample the twin's truth at points in space and time, trilinearly."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from oceanbench.twin.osse2020 import design

Array = NDArray[np.float64]

EPOCH = design.OBSERVED[0].astype("datetime64[ms]")


class Truth:
    """Heights (time, lat, lon) of the truth on its grid; times are seconds since the first day observed.

    Raises
    ------
    ValueError
        If the times are not equidistant.
    """

    def __init__(self, heights: xr.DataArray) -> None:
        self.heights = heights.to_numpy().astype(np.float64)
        self.lon, self.lat = heights["lon"].to_numpy(), heights["lat"].to_numpy()
        seconds = (heights["time"].to_numpy() - EPOCH) / np.timedelta64(1, "s")
        self.first, self.step = float(seconds[0]), float(seconds[1] - seconds[0])
        if not np.all(np.diff(seconds) == self.step):
            raise ValueError("the truth's times are not equidistant; restore its data folder")

    def covers(self, lon: Array, lat: Array) -> NDArray[np.bool_]:
        """True where a point lies within the grid."""
        inside = (lon >= self.lon[0]) & (lon <= self.lon[-1])
        return np.asarray(inside & (lat >= self.lat[0]) & (lat <= self.lat[-1]))

    def time_index(self, seconds: Array) -> Array:
        """Fractional index of moments among the fields."""
        return (seconds - self.first) / self.step

    def sample(self, seconds: Array, lon: Array, lat: Array) -> Array:
        """Heights in metres, linear in time, lat and lon; NaN outside the grid; shapes broadcast."""
        seconds, lon, lat = np.broadcast_arrays(seconds, lon, lat)
        row = (lat - self.lat[0]) / design.STEP
        column = (lon - self.lon[0]) / design.STEP
        indices = np.stack([self.time_index(seconds), row, column])
        sampled = map_coordinates(self.heights, indices, order=1, mode="nearest")
        return np.where(self.covers(lon, lat), sampled, np.nan)
