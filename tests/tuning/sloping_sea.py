"""A challenge of a few kilobytes: one altimeter over a sloping sea, and a training truth of another year."""

import numpy as np
import xarray as xr

DAY = np.timedelta64(1, "D")
FIRST = np.datetime64("2012-01-01", "ns")
LEARNED = np.datetime64("2011-01-01T12", "ns")
LEARNED_DAYS = 100

DEFINITION = """
id = "slope"
version = "1.0"
kind = "map-osse"
title = "A sloping sea"
summary = "A sea that slopes and rises."
citation = "None."
licence = "BSD-3-Clause"
[domain]
lon = [0.0, 4.0]
lat = [30.0, 34.0]
[periods.spin_up]
start = 2012-01-01
end = 2012-01-04
[periods.evaluation]
start = 2012-01-05
end = 2012-01-14
[[periods.training]]
start = 2011-01-01
end = 2011-12-31
[submission]
variables = ["ssh"]
quantity = "height"
step_degrees = 0.5
[gridded]
[[tracks]]
id = "one nadir"
observations = ["nadir"]
reference = "truth"
[[files]]
id = "truth"
role = "reference"
path = "truth.nc"
layout = "grid"
height = { ssh = 1.0 }
[[files]]
id = "training"
role = "training"
path = "training.nc"
layout = "grid"
height = { ssh = 1.0 }
[[files]]
id = "mean"
role = "mean"
path = "mean.nc"
layout = "grid"
height = { mdt = 1.0 }
[[files]]
id = "nadir"
role = "observations"
path = "nadir.nc"
layout = "nadir-2020a"
mission = "Nadir"
height = { ssh_model = 1.0 }
noisy_height = { ssh_obs = 1.0 }
"""


def slope(lon: np.ndarray, lat: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Height of the sea, linear in everything, so that linear interpolation gives it exactly."""
    days = (time - LEARNED) / DAY
    return 0.1 * lon - 0.02 * (lat - 32.0) + 0.004 * days


def training_truth() -> xr.DataArray:
    lon, lat = np.arange(0.0, 4.01, 0.5), np.arange(30.0, 34.01, 0.5)
    time = LEARNED + DAY * np.arange(LEARNED_DAYS)
    values = slope(lon, lat[:, None], time[:, None, None])
    coords = {"time": time, "lat": lat, "lon": lon}
    return xr.DataArray(values, coords, ("time", "lat", "lon"), name="ssh", attrs={"units": "m"})


def flight() -> xr.Dataset:
    """A sample every ten minutes to and fro over a box wider than the one of the training truth."""
    time = FIRST + np.timedelta64(10, "m") * np.arange(14 * 144)
    phase = np.arange(time.size)
    lon = 2.0 + 3.0 * np.sin(0.37 * phase)
    lat = 32.0 + 2.5 * np.cos(0.11 * phase)
    wrong = np.full(time.size, 9.0)  # heights that nobody may see
    variables = {
        "lon": lon % 360.0,
        "lat": lat,
        "ssh_model": wrong,
        "ssh_obs": wrong + 0.01 * (-1.0) ** phase,
    }
    return xr.Dataset({name: ("time", values) for name, values in variables.items()}, {"time": time})
