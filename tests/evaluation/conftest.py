"""The toy challenge on this machine, and maps of it that are better and worse."""

from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

from tests.toy_sea import MIDNIGHTS, SIX_HOURLY, waves


@pytest.fixture
def toy(toy_board: Path) -> Path:
    """The toy challenge is known and no other data are on the machine; gives the file of its truth."""
    return toy_board


@pytest.fixture(scope="session")
def midnights() -> Callable[[], xr.Dataset]:
    """Build the map that equals the truth at midnight of every day, as a linear look at its file sees it."""

    def build() -> xr.Dataset:
        return waves(SIX_HOURLY).interp(time=MIDNIGHTS).rename("ssh").to_dataset()

    return build


@pytest.fixture(scope="session")
def blurred(midnights: Callable[[], xr.Dataset]) -> Callable[[], xr.Dataset]:
    """Build a smooth map that has a fifth of the height in the south."""

    def build() -> xr.Dataset:
        truth = midnights()
        smooth = truth.rolling(lon=5, center=True, min_periods=1).mean()
        return smooth.where(truth.lat >= 21.5, 0.2 * smooth)

    return build
