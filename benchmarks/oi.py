"""Time of the baseline optimal interpolation against its plain form, in one run and on one input.

    python benchmarks/oi.py [--shared FOLDER] [--repeat 5]

The plain form is the way the equation is first written down: the covariances filled one observation at a
time, the inverse of the observation covariance, and the gain as a dense matrix. The input is four nadir
altimeters over a 51 x 51 grid, about 2300 observations per map: that of the golden cases where their
generator is at hand (``shared/golden/make_cases.py``), else a random draw of the same size.
"""

import argparse
import importlib.util
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench_baselines.oi import OptimalInterpolation

type Floats = NDArray[np.float64]

LX, LY, LT, NOISE = 1.0, 1.0, 7.0, 0.05
BLOCK = 5
DAY = np.timedelta64(1, "D")


def plain_map(observations: xr.Dataset, lon: Floats, lat: Floats, day: np.datetime64) -> Floats:
    """Map (lat, lon) of one day: gain = B_go inverse(B_oo + R), filled observation by observation."""
    lag = (observations["time"].values - day) / DAY
    near = np.abs(lag) < 2 * LT
    lag, olon, olat = lag[near], observations["lon"].values[near], observations["lat"].values[near]
    grid_lon, grid_lat = (field.ravel() for field in np.meshgrid(lon, lat))
    among = np.empty((lag.size, lag.size))
    to_grid = np.empty((grid_lon.size, lag.size))
    for n in range(lag.size):
        among[n] = np.exp(
            -(((lag - lag[n]) / LT) ** 2) - ((olon - olon[n]) / LX) ** 2 - ((olat - olat[n]) / LY) ** 2
        )
        to_grid[:, n] = np.exp(
            -((lag[n] / LT) ** 2) - ((grid_lon - olon[n]) / LX) ** 2 - ((grid_lat - olat[n]) / LY) ** 2
        )
    gain = to_grid @ np.linalg.inv(among + NOISE**2 * np.eye(lag.size))
    result: Floats = (gain @ observations["ssh"].values[near]).reshape(lat.size, lon.size)
    return result


def golden_input(shared: Path) -> tuple[xr.Dataset, xr.Dataset]:
    """Observations (thinned) and grid of the speed case of the golden folder."""
    script = shared / "golden" / "make_cases.py"
    spec = importlib.util.spec_from_file_location("make_cases", script)
    if spec is None or spec.loader is None:
        raise ImportError(f"{script} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    speed = json.loads((shared / "golden" / "peer_speed.json").read_text())
    case = module.build(speed["workloads"]["oi"]["input_spec"])
    files = [block_means(file) for file in case["files"]]
    return flat(files), xr.Dataset(coords={"time": case["gtime"], "lat": case["glat"], "lon": case["glon"]})


def block_means(file: dict[str, NDArray[np.generic]]) -> dict[str, Floats]:
    """Means of five samples, as the challenges thin nadir tracks; time in days since 1970."""
    columns = {
        "time": file["time"].astype("datetime64[ns]").astype(np.int64) / 86400e9,
        "lon": (file["lon"].astype(float) + 180.0) % 360.0 - 180.0,
        "lat": file["lat"].astype(float),
        "ssh": file["ssh_model"].astype(float),
    }
    size = columns["time"].size // BLOCK * BLOCK
    return {name: values[:size].reshape(-1, BLOCK).mean(axis=1) for name, values in columns.items()}


def flat(files: list[dict[str, Floats]]) -> xr.Dataset:
    """Canonical observations of one-pixel missions."""
    columns = {name: np.concatenate([file[name] for file in files]) for name in ("time", "lon", "lat", "ssh")}
    stamps = np.round(columns.pop("time") * 86400e9).astype(np.int64).astype("datetime64[ns]")
    sizes = [file["time"].size for file in files]
    return xr.Dataset(
        {
            "time": ("obs", stamps),
            **{name: ("obs", values) for name, values in columns.items()},
            "mission": ("obs", np.repeat(np.arange(len(files), dtype=np.int8), sizes)),
            "line": ("obs", np.concatenate([np.arange(size, dtype=np.int32) for size in sizes])),
            "pixel": ("obs", np.zeros(sum(sizes), dtype=np.int16)),
        },
        attrs={
            "missions": [f"nadir{code}" for code in range(len(files))],
            "lines": sizes,
            "pixels": [1] * len(files),
        },
    )


def drawn_input() -> tuple[xr.Dataset, xr.Dataset]:
    """2300 observations at random over the box and the window of three daily maps."""
    draw = np.random.default_rng(4)
    size = 2300
    file = {
        "time": 15654.0 + draw.uniform(-14.0, 16.0, size),
        "lon": draw.uniform(-65.9, -54.1, size),
        "lat": draw.uniform(32.1, 43.9, size),
    }
    file["ssh"] = 0.3 * np.sin(2.0 * file["lon"]) * np.cos(1.5 * file["lat"])
    axis = 0.2 * np.arange(51)
    times = np.datetime64("2012-11-10", "ns") + np.arange(3) * DAY
    return flat([file]), xr.Dataset(coords={"time": times, "lat": 33.0 + axis, "lon": -65.0 + axis})


def best_seconds(work: Callable[[], object], repeat: int) -> float:
    """Shortest wall time of several runs: the one that other work on the machine disturbed least."""
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def inside(observations: xr.Dataset, grid: xr.Dataset) -> xr.Dataset:
    """Keep the observations of the box enlarged by one scale."""
    lon, lat = observations["lon"], observations["lat"]
    keep = (lon >= grid["lon"].min() - LX) & (lon <= grid["lon"].max() + LX)
    keep &= (lat >= grid["lat"].min() - LY) & (lat <= grid["lat"].max() + LY)
    return observations.isel(obs=np.flatnonzero(keep))


def compare(observations: xr.Dataset, grid: xr.Dataset, repeat: int) -> str:
    """Run both on all maps and say how they compare."""
    near = inside(observations, grid)
    lon, lat = grid["lon"].values, grid["lat"].values
    days = grid["time"].values.astype("datetime64[ns]")
    seen = np.mean([np.count_nonzero(np.abs((near["time"].values - day) / DAY) < 2 * LT) for day in days])
    method = OptimalInterpolation(thin_lines=1)
    apart = np.abs(method(near, grid)["ssh"].values - [plain_map(near, lon, lat, day) for day in days]).max()
    ours = best_seconds(lambda: method(near, grid), repeat) / days.size
    plain = best_seconds(lambda: [plain_map(near, lon, lat, day) for day in days], repeat) / days.size
    return (
        f"{seen:.0f} observations per map, {lat.size} x {lon.size} grid, {days.size} maps\n"
        f"plain {plain:.3f} s per map, oi {ours:.3f} s per map: {plain / ours:.1f} times faster\n"
        f"largest difference of the fields {apart:.1e} m"
    )


def main() -> None:
    """Print the comparison."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("OCEANBENCH_SHARED", beside)))
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    at_hand = (arguments.shared / "golden" / "make_cases.py").is_file()
    observations, grid = golden_input(arguments.shared) if at_hand else drawn_input()
    print("input:", "golden speed case" if at_hand else "random draw")
    print(compare(observations, grid, arguments.repeat))


if __name__ == "__main__":
    main()
