"""Time of the filters of challenge 2022a against their plain forms, in one run and on one input.

    python benchmarks/karin_filters.py [--shared FOLDER] [--lines 3000] [--repeat 5]

The plain median is the official one: ``scipy.ndimage.generic_filter`` of ``numpy.nanmedian``. The plain
variational filter is the scheme as it is first written down: a gradient and a divergence that allocate their
results, three Laplacians in each step. The input is one pass of 71 pixels: that of the golden cases where
their generator is at hand (``shared/golden/make_cases.py``), else a random draw of the same size.
"""

import argparse
import importlib.util
import json
import os
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, generic_filter

from oceanbench_baselines.filtering import Gomez, Median, PassFilter

type Floats = NDArray[np.float64]
type Step = Callable[[], Floats]

DIMS = ("num_lines", "num_pixels")
STEPS, TOLERANCE, WEIGHTS = 1000, 1e-6, (0.0, 10.0, 0.0)


def plain_median(ssh: Floats) -> Floats:
    """Median of 10 x 10 pixels, window by window."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        medians = generic_filter(ssh, np.nanmedian, size=10)
    return np.where(np.isfinite(ssh), medians, np.nan)


def gradient(field: Floats) -> tuple[Floats, Floats]:
    """Forward differences along lines and pixels, zero on the last ones."""
    along, across = np.zeros_like(field), np.zeros_like(field)
    along[:-1] = field[1:] - field[:-1]
    across[:, :-1] = field[:, 1:] - field[:, :-1]
    return along, across


def divergence(along: Floats, across: Floats) -> Floats:
    """Minus the transpose of the gradient."""
    lines, pixels = along.copy(), across.copy()
    lines[1:] -= along[:-1]
    pixels[:, 1:] -= across[:, :-1]
    return lines + pixels


def laplacian(field: Floats) -> Floats:
    """Divergence of the gradient."""
    return divergence(*gradient(field))


def plain_gomez(ssh: Floats) -> Floats:
    """Descent on the variational cost, step by step."""
    seen, y = np.isfinite(ssh), np.nan_to_num(ssh)
    largest = max(*WEIGHTS, 1.0)
    scale, (one, two, three) = 1.0 / largest, (weight / largest for weight in WEIGHTS)
    tau = 1.0 / (scale + 8.0 * one + 64.0 * two + 512.0 * three)
    h = gaussian_filter(y, 10) / np.maximum(gaussian_filter(seen.astype(float), 10), 1e-8)
    before, momentum = h, 1.0
    for _ in range(STEPS):
        first = laplacian(h)
        second = laplacian(first)
        third = laplacian(second)
        now = h + tau * (scale * seen * (y - h) + one * first - two * second + three * third)
        if np.abs(now - before).max() < TOLERANCE:
            break
        grown = (1.0 + np.sqrt(1.0 + 4.0 * momentum**2)) / 2.0
        h = now + (momentum - 1.0) / grown * (now - before)
        before, momentum = now, grown
    return np.where(seen, now, np.nan)


def golden_pass(shared: Path, lines: int) -> Floats:
    """Noisy heights of the speed case of the golden folder."""
    script = shared / "golden" / "make_cases.py"
    spec = importlib.util.spec_from_file_location("make_cases", script)
    if spec is None or spec.loader is None:
        raise ImportError(f"{script} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    speed = json.loads((shared / "golden" / "peer_speed.json").read_text())
    case = module.build({**speed["workloads"]["median"]["input_spec"], "nlines": [lines]})
    return np.asarray(case["passes"][0]["ssh_karin"], dtype=np.float64)


def drawn_pass(lines: int) -> Floats:
    """Waves and white noise, missing under the satellite and beyond 60 km."""
    along, across = np.meshgrid(2.0 * np.arange(lines), 2.0 * np.arange(-35, 36), indexing="ij")
    waves = 0.3 * np.sin(along / 40.0) * np.cos(across / 30.0) + 0.05 * np.sin((along + across) / 9.0)
    ssh = waves + 0.012 * np.random.default_rng(3000).standard_normal(waves.shape)
    return np.where((np.abs(across) < 9) | (np.abs(across) > 61), np.nan, ssh)


def as_swath(ssh: Floats) -> xr.Dataset:
    """Pass in the form that filters take."""
    lat = np.full(ssh.shape, 40.0)
    coords = {"lat": (DIMS, lat), "cross_track_km": ("num_pixels", 2.0 * np.arange(-35, 36))}
    return xr.Dataset({"ssh": (DIMS, ssh)}, coords)


def filtered(method: PassFilter, swath: xr.Dataset) -> Floats:
    """Heights of the filtered pass."""
    return np.asarray(method(swath)["ssh"].values)


def best(work: Callable[[], object], repeat: int) -> tuple[float, float]:
    """Shortest wall time and shortest CPU time of several runs, in seconds."""
    walls, cpus = [], []
    for _ in range(repeat):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus)


def compare(name: str, plain: Step, ours: Step, repeat: int) -> str:
    """Run both and say how they compare."""
    apart = np.nanmax(np.abs(plain() - ours()))
    (plain_wall, plain_cpu), (wall, cpu) = best(plain, repeat), best(ours, repeat)
    return (
        f"{name}: plain {plain_wall:.3f} s ({plain_cpu:.3f} s CPU), ours {wall:.3f} s ({cpu:.3f} s CPU): "
        f"{plain_wall / wall:.1f} times faster ({plain_cpu / cpu:.1f} in CPU), apart by {apart:.1e} m at most"
    )


def main() -> None:
    """Print the comparisons."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("OCEANBENCH_SHARED", beside)))
    parser.add_argument("--lines", type=int, default=3000)
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    at_hand = (arguments.shared / "golden" / "make_cases.py").is_file()
    ssh = golden_pass(arguments.shared, arguments.lines) if at_hand else drawn_pass(arguments.lines)
    swath = as_swath(ssh)
    print("input:", "golden speed case," if at_hand else "random draw,", " x ".join(map(str, ssh.shape)))
    for name, plain, method in (("median", plain_median, Median()), ("gomez", plain_gomez, Gomez())):
        print(compare(name, partial(plain, ssh), partial(filtered, method, swath), arguments.repeat))


if __name__ == "__main__":
    main()
