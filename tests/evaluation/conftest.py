"""A toy challenge: a small ocean of travelling waves that is known at every instant."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import xarray as xr

DEFINITION = """
id = "toy"
version = "1.0"
kind = "map-osse"
title = "Travelling waves"
summary = "Map travelling waves."
citation = "None."
licence = "BSD-3-Clause"

[domain]
lon = [-40.0, -35.0]
lat = [20.0, 23.0]

[periods.evaluation]
start = 2015-06-01
end = 2015-06-14
official_end = 2015-06-14T00:00:00

[submission]
variables = ["ssh"]
quantity = "height, metres"
step_degrees = 0.25

[gridded]

[[tracks]]
id = "all"
observations = ["obs"]
reference = "truth"

[[tracks]]
id = "half"
observations = ["obs"]
reference = "truth"

[[files]]
id = "truth"
role = "reference"
path = "truth.nc"
layout = "grid"
height = { sossheig = 1.0 }

[[files]]
id = "obs"
role = "observations"
path = "obs.nc"
layout = "nadir-2020a"
mission = "none"
height = { ssh_model = 1.0 }
"""

LON, LAT = np.arange(-40.0, -34.9, 0.25), np.arange(20.0, 23.1, 0.25)
MIDNIGHTS = np.arange("2015-06-01", "2015-06-15", dtype="datetime64[D]").astype("datetime64[ns]")
SIX_HOURLY = np.arange("2015-05-30T03", "2015-06-17T00", 6, dtype="datetime64[h]").astype("datetime64[ns]")


def waves(times: npt.NDArray[np.datetime64], mean: float = 0.3) -> xr.DataArray:
    """Sum of westward waves of 0.6 to 5 degrees and 2 to 14 days around a mean, in metres."""
    days = (times - np.datetime64("2015-06-01", "ns")) / np.timedelta64(1, "D")
    t, y, x = days[:, None, None], LAT[:, None] - 20.0, LON + 40.0
    height = np.full((len(times), LAT.size, LON.size), mean)
    for k in range(1, 9):
        for q in range(1, 8):
            phase = 2.3 * k + 1.7 * q + 0.9 * k * q + 0.4 * k * y
            height += 0.3 / (k**1.5 * q) * np.cos(2 * np.pi * (k * x / 5.0 + q * t / 14.0) + phase)
    coords = {"time": times, "lat": LAT, "lon": LON}
    return xr.DataArray(height, coords, ("time", "lat", "lon"), name="sossheig", attrs={"units": "m"})


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of challenges that holds the toy and its six-hourly truth."""
    folder = tmp_path_factory.mktemp("challenges")
    (folder / "toy" / "data").mkdir(parents=True)
    (folder / "toy" / "challenge.toml").write_text(DEFINITION)
    waves(SIX_HOURLY).to_dataset().to_netcdf(folder / "toy" / "data" / "truth.nc")
    return folder


@pytest.fixture
def toy(toy_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The toy challenge is known and no other data are on the machine; gives the file of its truth."""
    monkeypatch.setenv("OCEANBENCH_PATH", str(toy_folder))
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path / "no data"))
    return toy_folder / "toy" / "data" / "truth.nc"


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
