"""A whole cycle of KaRIn passes filtered and scored: seconds, and the memory at its highest.

There is no peer: the official code holds all passes at once. The bound is 2 GB for 270 passes of 3000 x 71
pixels. The passes are made up and lie in a folder that is removed at the end (1.5 GB for 270).

    python benchmarks/karin_cycle.py --passes 270 --filter median
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import xarray as xr

LINES, PIXELS = 3000, 71
ACROSS_KM = 2.0 * np.arange(PIXELS) - 70.0
MEASURED = (np.abs(ACROSS_KM) >= 10.0) & (np.abs(ACROSS_KM) <= 60.0)
DIMS = ("num_lines", "num_pixels")
COUNTS = {"dtype": "int32", "scale_factor": 1e-4, "_FillValue": np.int32(2147483647)}
DEGREES = {"dtype": "int32", "scale_factor": 1e-6, "_FillValue": np.int32(2147483647)}


def write_pass(folder: Path, number: int) -> None:
    """Write one pass of waves and noise in the form of 2022a."""
    rng = np.random.default_rng(number)
    along = 2.0 * np.arange(LINES)[:, None]
    truth = 0.2 * np.sin(2 * np.pi * (along + 0.3 * ACROSS_KM) / 150.0 + number)
    truth += 0.02 * np.sin(2 * np.pi * (along - ACROSS_KM) / 40.0)
    noisy = np.where(MEASURED, truth + 0.012 * rng.standard_normal(truth.shape), np.nan)
    masks = np.ones_like(truth)
    time_of = np.datetime64("2010-03-08T12:00", "ns") + np.arange(LINES) * np.timedelta64(300, "ms")
    dataset = xr.Dataset(
        {
            "ssh_true": (DIMS, truth),
            "ssh_karin": (DIMS, noisy),
            "mask_coastline_200km": (DIMS, np.where(along > 1000.0, masks, np.nan)),
            "mask_ssh_var_over200cm2": (DIMS, np.where(ACROSS_KM > 0, masks, np.nan)),
            "latitude": (DIMS, 10.0 + 0.018 * np.arange(LINES)[:, None] - 0.003 * np.arange(PIXELS)),
            "longitude": (DIMS, 300.0 + 0.004 * np.arange(LINES)[:, None] + 0.018 * np.arange(PIXELS)),
            "time": ("num_lines", time_of + number * np.timedelta64(51, "m")),
        },
        attrs={"cycle_number": 13, "pass_number": number},
    )
    counted = ("ssh_true", "ssh_karin", "mask_coastline_200km", "mask_ssh_var_over200cm2")
    packed = {"zlib": True, "complevel": 1}
    encoding = {name: COUNTS | packed for name in counted} | {
        name: DEGREES | packed for name in ("latitude", "longitude")
    }
    dataset.to_netcdf(folder / f"input_ssh_karin_013_{number:03d}.nc", encoding=encoding)


def measured(*words: str) -> tuple[float, float]:
    """Run the command; give its seconds, and the greatest memory of any child so far, GB."""
    started = time.perf_counter()
    command = Path(sys.executable).with_name("oceanbench")
    subprocess.run([command, *words], check=True, stdout=subprocess.DEVNULL)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    return time.perf_counter() - started, peak


def main() -> None:
    """Print one line for each of filtering and scoring."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--passes", type=int, default=30)
    parser.add_argument("--filter", default="median")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        inputs, filtered = Path(place) / "inputs", Path(place) / "filtered"
        inputs.mkdir()
        for number in range(1, asked.passes + 1):
            write_pass(inputs, number)
        run = ("run", "2022a", "--method", asked.filter, "--input", str(inputs), "-o", str(filtered))
        score = ("evaluate", str(filtered), "--challenge", "2022a", "--reference", str(inputs), "--no-record")
        for what, words in ((f"{asked.filter}: filtering", run), ("scoring", score)):
            seconds, peak = measured(*words)
            print(f"{what:24s} {asked.passes} passes  {seconds:7.1f} s  at most {peak:.2f} GB")


if __name__ == "__main__":
    main()
