"""A small sea under a few swaths, with its truth, in files like those of 2022a; and one without a truth."""

from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

PIXELS = 71
ACROSS_KM = 2.0 * np.arange(PIXELS) - 70.0
MEASURED = (np.abs(ACROSS_KM) >= 10.0) & (np.abs(ACROSS_KM) <= 60.0)
NOISE_M = 0.012
_COUNTS = {"dtype": "int32", "scale_factor": 1e-4, "_FillValue": np.int32(2147483647)}
_DEGREES = {"dtype": "int32", "scale_factor": 1e-6, "_FillValue": np.int32(2147483647)}

DEFINITION = """
id = "ripples"
version = "1.0"
kind = "filter-osse"
title = "Ripples under a swath"
summary = "Take the noise out."
citation = "Nobody (2026)."
licence = "none"
ranking = "rmse.ssh.global"

[domain]
lon = [-99.0, 43.0]
lat = [-0.1, 68.0]

[periods.evaluation]
start = 2010-03-08
end = 2010-03-29

[swath]
segment_km = 100.0
robust_segment_km = 80.0

[submission]
variables = ["ssh_karin_filt"]
dims = ["num_lines", "num_pixels"]
quantity = "sea surface height without noise"

[[tracks]]
id = "cycle 13"
observations = ["passes"]
reference = "truth"
reference_height = { ssh_true = 1.0 }
passes = 4

[[files]]
id = "passes"
role = "observations"
path = "dc_inputs/input_ssh_karin_013_*.nc"
layout = "swath-2022a"
mission = "SWOT KaRIn (made up)"
height = { ssh_karin = 1.0 }

[[files]]
id = "truth"
role = "reference"
path = "dc_inputs/input_ssh_karin_013_*.nc"
layout = "swath-2022a"
mission = "SWOT KaRIn (made up)"
height = { ssh_true = 1.0 }
"""

WITHOUT_TRUTH = """
id = "unknown-sea"
version = "1.0"
kind = "filter-ose"
title = "A swath on several days"
summary = "Take the noise out."
citation = "Nobody (2026)."
licence = "none"
ranking = "roberts_discontinuity_fraction"

[domain]
lon = [-99.0, 43.0]
lat = [-0.1, 68.0]

[periods.evaluation]
start = 2010-03-08
end = 2010-03-29

[swath]
segment_km = 60.0
overlap = 0.0

[submission]
variables = ["ssha_method_denoised"]
dims = ["num_lines", "num_pixels"]
quantity = "sea surface height anomaly without noise"

[[tracks]]
id = "box"
observations = ["box"]
similarity_pass = 20

[[files]]
id = "box"
role = "observations"
path = "box.nc"
layout = "swath-l3"
mission = "SWOT KaRIn (made up)"
height = { ssha_noisy = 1.0 }
"""


def truth_of(number: int, lines: int) -> NDArray[np.float64]:
    """Waves of a few lengths, other ones in every pass; metres."""
    along = 2.0 * np.arange(lines)[:, None]
    across = ACROSS_KM[None, :]
    height = 0.3 * np.sin(2 * np.pi * (along + 0.4 * across) / 120.0 + number)
    height += 0.05 * np.sin(2 * np.pi * (along - across) / 37.0 + 2 * number)
    return np.asarray(np.round(height, 4))


def swath(number: int, lines: int, *, cycle: int = 13, seed: int = 0) -> xr.Dataset:
    """One pass with its truth; its first half is near a coast, its columns right of nadir are lively."""
    rng = np.random.default_rng([seed, cycle, number])
    truth = truth_of(number, lines)
    noisy = np.where(MEASURED, np.round(truth + NOISE_M * rng.standard_normal(truth.shape), 4), np.nan)
    truth[:, PIXELS // 2] = np.nan
    offshore = np.where(np.arange(lines)[:, None] >= lines // 2, 1.0, np.nan) + 0 * truth_of(number, lines)
    calm = np.where(ACROSS_KM[None, :] < 0, 1.0, np.nan) + 0 * truth_of(number, lines)
    dims = ("num_lines", "num_pixels")
    start = np.datetime64("2010-03-08T12:00:00", "ns") + np.timedelta64(number * 51 + cycle * 30000, "m")
    time = start + np.arange(lines) * np.timedelta64(300, "ms")
    lat = 20.0 + 0.01 * number + 0.018 * np.arange(lines)[:, None] - 0.003 * np.arange(PIXELS)
    lon = 300.0 + 0.1 * number + 0.004 * np.arange(lines)[:, None] + 0.018 * np.arange(PIXELS)
    return xr.Dataset(
        {
            "ssh_true": (dims, truth),
            "ssh_karin": (dims, noisy),
            "mask_coastline_200km": (dims, offshore),
            "mask_ssh_var_over200cm2": (dims, calm),
            "latitude": (dims, lat),
            "longitude": (dims, lon),
            "time": ("num_lines", time),
        },
        attrs={"cycle_number": cycle, "pass_number": number},
    )


def write_inputs(folder: Path, numbers: tuple[int, ...] = (3, 18, 101, 222)) -> Path:
    """Write the passes of cycle 13 into a folder; each has other lines than the one before."""
    folder.mkdir(parents=True)
    encoding = {
        name: _COUNTS for name in swath(1, 3).data_vars if name not in ("latitude", "longitude", "time")
    }
    encoding |= {"latitude": _DEGREES, "longitude": _DEGREES}
    encoding |= {"time": {"units": "seconds since 2000-01-01", "dtype": "float64"}}
    for position, number in enumerate(numbers):
        made = swath(number, 90 + 10 * position)
        made.to_netcdf(folder / f"input_ssh_karin_013_{number:03d}.nc", encoding=encoding)
    return folder


def write_box(path: Path) -> Path:
    """Write two passes on three days each, end to end, without a truth."""
    parts = []
    for cycle in (507, 508, 509):
        for number in (6, 20):
            made = swath(number, 60, cycle=cycle)[["ssh_karin", "latitude", "longitude", "time"]]
            for name, value in (("cycle_number", cycle), ("pass_number", number)):
                made[name] = ("num_lines", np.full(60, value))
            parts.append(made.rename(ssh_karin="ssha_noisy").isel(num_pixels=slice(1, 70)))
    xr.concat(parts, "num_lines", join="override", combine_attrs="drop").to_netcdf(path)
    return path
