"""The base of our filters of swaths."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

DIMS = ("num_lines", "num_pixels")


@dataclass(frozen=True)
class Heights:
    """The heights of one pass, as arrays.

    Attributes
    ----------
    ssh : array (lines, pixels), metres
        As measured; NaN where missing. A copy: a filter may write into it.
    lat : array (lines, pixels), degrees
    across_km : array (pixels,)
        Distance from the track of the satellite, negative on the left.
    posting_km : float
        Distance between two pixels, along and across the track.
    """

    ssh: Floats
    lat: Floats
    across_km: Floats
    posting_km: float

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Where there is a height, shape (lines, pixels)."""
        return np.isfinite(self.ssh)


class PassFilter(ABC):
    """A filter that takes one pass after the other: our filters are frozen dataclasses made from it.

    A pass never sees another one. The result is missing exactly where the measured height is.
    """

    def __call__(self, swath: xr.Dataset) -> xr.Dataset:
        """Filter ``ssh(num_lines, num_pixels)`` of one pass, see ``oceanbench.methods``.

        Raises
        ------
        ValueError
            If the swath has no ``cross_track_km``, or its pixels are not at even distances.
        """
        heights = self._heights(swath)
        measured = heights.measured
        filtered = self._filter(heights) if measured.any() else heights.ssh
        ssh = np.where(measured, filtered, np.nan)
        return xr.Dataset({"ssh": (DIMS, ssh)}, coords=swath.coords)

    @abstractmethod
    def _filter(self, heights: Heights) -> Floats:
        """Give the filtered heights, shape (lines, pixels), metres; what is not measured is not looked at."""

    @staticmethod
    def _heights(swath: xr.Dataset) -> Heights:
        if "cross_track_km" not in swath.coords:
            raise ValueError(
                "the swath has no coordinate cross_track_km(num_pixels); open it with "
                "oceanbench.swaths.open_swath, or assign the distances from the track of the satellite"
            )
        across = np.asarray(swath["cross_track_km"].values, dtype=np.float64)
        steps = np.diff(across)
        if not steps.size or not np.allclose(steps, steps[0], rtol=0.05) or steps[0] <= 0:
            raise ValueError(
                f"cross_track_km runs {across[:3]}...{across[-3:]}; filters expect pixels at even distances, "
                "from left to right"
            )
        ssh, lat = (np.array(swath[name].values, dtype=np.float64) for name in ("ssh", "lat"))
        return Heights(ssh, lat, across, float(steps.mean()))
