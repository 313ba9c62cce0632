"""Sample a twin's truth at points in space and time, trilinearly."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from oceanbench.twin.plane import STEP, Region

Array = NDArray[np.float64]


class Truth:
    """Heights (time, lat, lon) of the truth on its grid; times are seconds since ``epoch``.

    Raises
    ------
    ValueError
        If the times are not equidistant.
    """

    def __init__(self, heights: xr.DataArray, epoch: np.datetime64) -> None:
        self.heights = heights.to_numpy().astype(np.float64, copy=False)
        self.lon, self.lat = heights["lon"].to_numpy(), heights["lat"].to_numpy()
        seconds = (heights["time"].to_numpy() - epoch) / np.timedelta64(1, "s")
        self.first, self.step = float(seconds[0]), float(seconds[1] - seconds[0])
        if not np.all(np.diff(seconds) == self.step):
            raise ValueError("the truth's times are not equidistant; restore its data folder")

    @property
    def region(self) -> Region:
        """What the grid covers."""
        return Region(self.lon[0], self.lon[-1], self.lat[0], self.lat[-1])

    def time_index(self, seconds: Array) -> Array:
        """Fractional index of moments among the fields."""
        return (seconds - self.first) / self.step

    def sample(self, seconds: Array, lon: Array, lat: Array) -> Array:
        """Heights in metres, linear in time, lat and lon; NaN outside the grid; shapes broadcast."""
        seconds, lon, lat = np.broadcast_arrays(seconds, lon, lat)
        row = (lat - self.lat[0]) / STEP
        column = (lon - self.lon[0]) / STEP
        indices = np.stack([self.time_index(seconds), row, column])
        sampled = map_coordinates(self.heights, indices, order=1, mode="nearest")
        return np.where(self.region.covers(lon, lat), sampled, np.nan)
