"""Time and memory of scoring one map series against the official formulas written plainly, in one run.

    python benchmarks/score_map.py [--size 601] [--days 42] [--repeat 5]

The plain form reads the protocol line by line: xarray means for the scores, one NumPy FFT over (time, lon) of
the whole error and of the whole truth. Both sides give the same four numbers, which is checked. Peak memory
is that of a fresh process for each side, above what the two fields and the imports take.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
import xarray as xr

from oceanbench.metrics import map_statistics
from oceanbench.metrics.resolution import contour_polylines, first_contour_minima

Scores = dict[str, float]


def fields(days: int, size: int) -> tuple[xr.DataArray, xr.DataArray]:
    """Estimate and truth: a random walk in time of random smooth waves, and a noisy copy, 10 degrees wide."""
    rng = np.random.default_rng(601)
    k = np.fft.fftfreq(size)[:, None] ** 2 + np.fft.rfftfreq(size) ** 2
    shape = (days, size, size // 2 + 1)
    spectrum = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) * (1e-4 + k) ** -1.25
    for day in range(1, days):
        spectrum[day] = 0.9 * spectrum[day - 1] + 0.44 * spectrum[day]
    truth = np.fft.irfft2(spectrum, (size, size))
    truth *= 0.25 / truth.std()
    estimate = np.fft.irfft2(spectrum / (1 + (40 * np.sqrt(k)) ** 4), (size, size))
    estimate *= 0.25 / estimate.std()
    noisy = estimate + 0.02 * rng.standard_normal(truth.shape) + 0.1
    coords, dims = axes(days, size), ("time", "lat", "lon")
    return xr.DataArray(noisy, coords, dims), xr.DataArray(truth + 0.1, coords, dims)


def axes(days: int, size: int) -> dict[str, np.ndarray]:
    """Daily times and a square of 10 degrees."""
    day = np.timedelta64(86_400_000_000_000, "ns")
    degrees = np.arange(size) * 10 / (size - 1)
    time_axis = np.datetime64("2012-10-22", "ns") + np.arange(days) * day
    return {"time": time_axis, "lat": 33 + degrees, "lon": -65 + degrees}


def plain(estimate: xr.DataArray, truth: xr.DataArray) -> Scores:
    """The official numbers, formula by formula."""
    error = estimate - truth
    daily_error, daily_truth = ((field**2).mean(("lat", "lon")) for field in (error, truth))
    daily = 1 - daily_error**0.5 / daily_truth**0.5
    mu = 1 - np.sqrt((error**2).mean()) / np.sqrt((truth**2).mean())
    psd_error, psd_truth = (plain_psd(field) for field in (error, truth))
    n_time, n_lon = psd_truth.shape
    freq_time = np.fft.fftfreq(n_time, 1.0)
    freq_lon = np.fft.fftfreq(n_lon, float(truth["lon"][1] - truth["lon"][0]))
    score = (1 - psd_error / psd_truth)[freq_time > 0][:, freq_lon > 0]
    lines = contour_polylines(score, freq_lon[freq_lon > 0], freq_time[freq_time > 0])
    lambda_x, lambda_t = first_contour_minima(lines)
    return {"mu": float(mu), "sigma": float(daily.std("time")), "lambda_x": lambda_x, "lambda_t": lambda_t}


def plain_psd(field: xr.DataArray) -> np.ndarray:
    """Mean over latitude of |FFT|² of the tapered anomaly, all frequencies."""
    n_time, _, n_lon = field.shape
    hann = [0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n) for n in (n_time, n_lon)]
    anomaly = (field - field.mean(("time", "lon"))).transpose("time", "lat", "lon").values
    transform = np.fft.fftn(anomaly * hann[0][:, None, None] * hann[1], axes=(0, 2))
    return np.asarray((np.abs(transform) ** 2).mean(axis=1))


def ours(estimate: xr.DataArray, truth: xr.DataArray) -> Scores:
    """The official numbers of the library."""
    return map_statistics(estimate, truth).official()


SIDES: dict[str, Callable[[xr.DataArray, xr.DataArray], Scores]] = {"plain": plain, "ours": ours}


def best(call: Callable[[], object], repeat: int) -> tuple[float, float]:
    """Smallest wall and CPU seconds."""
    wall, cpu = [], []
    for _ in range(repeat):
        start = time.perf_counter(), time.process_time()
        call()
        wall.append(time.perf_counter() - start[0])
        cpu.append(time.process_time() - start[1])
    return min(wall), min(cpu)


def peak_mib() -> float:
    """Largest resident memory of this process so far, MiB (Linux)."""
    # not ru_maxrss: a child process starts with the peak of its parent there
    status = Path("/proc/self/status").read_text()
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


def memory_of(side: str, days: int, size: int) -> float:
    """MiB that one scoring needs above the two fields, measured in a fresh process."""
    arguments = ["--days", str(days), "--size", str(size), "--memory", side]
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=True)
    return float(done.stdout)


def report_memory(side: str, days: int, size: int) -> None:
    """Print the rise of the peak while one scoring runs; the fields are made without a peak of their own."""
    rng = np.random.default_rng(0)
    coords = axes(days, size)
    truth, estimate = (
        xr.DataArray(rng.random((days, size, size)), coords, ("time", "lat", "lon")) for _ in range(2)
    )
    SIDES[side](truth[:2, :8, :8], estimate[:2, :8, :8])  # load what is loaded late
    before = peak_mib()
    SIDES[side](estimate, truth)
    print(peak_mib() - before)


def main() -> None:
    """Run both sides and print one line each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--size", type=int, default=601)
    parser.add_argument("--days", type=int, default=42)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--memory", choices=sorted(SIDES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        report_memory(options.memory, options.days, options.size)
        return
    estimate, truth = fields(options.days, options.size)
    numbers = {name: side(estimate, truth) for name, side in SIDES.items()}
    for name, value in numbers["plain"].items():
        np.testing.assert_allclose(numbers["ours"][name], value, rtol=1e-9, err_msg=name)
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "xarray"))
    shape = f"{options.days} x {options.size} x {options.size}"
    print(f"{shape}, float64, {os.cpu_count()} cores, {packages}")
    for name, side in SIDES.items():
        wall, cpu = best(partial(side, estimate, truth), options.repeat)
        memory = memory_of(name, options.days, options.size)
        print(f"{name:6} {wall:.2f} s wall, {cpu:.2f} s CPU, {memory:.0f} MiB above the two fields")
    statistics = map_statistics(estimate, truth)
    wall, cpu = best(statistics.robust, options.repeat)
    print(f"robust {wall:.2f} s wall, {cpu:.2f} s CPU: six scores with intervals, 1000 replicates")


if __name__ == "__main__":
    main()
