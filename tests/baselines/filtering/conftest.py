"""Passes made for the tests of filters."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from numpy.typing import ArrayLike

type MakeSwath = Callable[[ArrayLike], xr.Dataset]

DIMS = ("num_lines", "num_pixels")


@pytest.fixture(scope="session")
def make_swath() -> MakeSwath:
    """Give a function from heights (lines, pixels) in metres to a pass with a posting of 2 km."""

    def swath(ssh: ArrayLike) -> xr.Dataset:
        heights = np.asarray(ssh)
        across = 2.0 * (np.arange(heights.shape[1]) - heights.shape[1] // 2)
        lat = 40.0 + 0.018 * np.broadcast_to(np.arange(heights.shape[0])[:, None], heights.shape)
        coords = {"lat": (DIMS, lat), "cross_track_km": ("num_pixels", across)}
        return xr.Dataset({"ssh": (DIMS, heights)}, coords)

    return swath
