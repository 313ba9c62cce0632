"""A toy challenge: a small ocean of travelling waves that is known at every instant, and maps of it."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
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


def write_world(folder: Path) -> Path:
    """Write the challenge ``toy`` and its six-hourly truth below ``folder``, and give that folder."""
    (folder / "toy" / "data").mkdir(parents=True)
    (folder / "toy" / "challenge.toml").write_text(DEFINITION)
    waves(SIX_HOURLY).to_dataset().to_netcdf(folder / "toy" / "data" / "truth.nc")
    return folder


def map_of(error_m: float = 0.05, seed: int = 0) -> xr.Dataset:
    """Give a map for the toy: the truth at midnight of each day, and a smooth error of that size.

    Two seeds give two maps; a greater error gives a worse score.
    """
    truth = waves(SIX_HOURLY).interp(time=MIDNIGHTS)
    noise = np.random.default_rng(seed).normal(size=truth.shape)
    smooth = sum(np.roll(noise, (i, j), axis=(1, 2)) for i in range(3) for j in range(3)) / 3.0
    return (truth + error_m * smooth).rename("ssh").assign_attrs(units="m").to_dataset()


def write_map(path: Path, error_m: float = 0.05, seed: int = 0) -> Path:
    """Write a map as :func:`map_of` gives it, and give its path."""
    map_of(error_m, seed).to_netcdf(path)
    return path
