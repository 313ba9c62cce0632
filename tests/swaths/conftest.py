"""Small passes as a filter leaves them."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

DIMS = ("num_lines", "num_pixels")


def small_pass(number: int = 5, *, lines: int = 4, cycle: int = 13, pixels: int = 71) -> xr.Dataset:
    """A pass across Greenwich whose heights tell where they are; passes lie ten minutes apart."""
    start = np.datetime64("2010-03-08T10:42:00", "ns") + np.timedelta64(600 * number, "s")
    along, across = 0.018 * np.arange(lines)[:, None], 0.02 * np.arange(pixels)
    ssh = 0.3 + 0.001 * np.arange(lines * pixels, dtype=float).reshape(lines, pixels)
    ssh[:, [*range(5), *range(31, 40), *range(66, pixels)]] = np.nan
    return xr.Dataset(
        {"ssh": (DIMS, ssh)},
        coords={
            "time": ("num_lines", start + np.arange(lines) * np.timedelta64(300, "ms")),
            "lon": (DIMS, np.round(-0.7 + across + 0.0 * along, 6)),
            "lat": (DIMS, np.round(0.5 * (number % 50) + along + 0.002 * across, 6)),
            "cross_track_km": ("num_pixels", 2.0 * np.arange(pixels) - 70.0),
        },
        attrs={"cycle_number": cycle, "pass_number": number},
    )


@pytest.fixture(scope="session")
def make_pass() -> Callable[..., xr.Dataset]:
    return small_pass
