"""Time and memory of the mapping methods as observations grow, each run in a process of its own.

    python benchmarks/methods_growth.py [--methods oi,duacs,miost,dymost] [--altimeters 1,2,4,8] [--days 14]
                                        [--swath] [--json]

The ocean is the training year of the twin of 2020a. Altimeters fly the tracks of its four nadir altimeters;
a fifth to an eighth fly them again 1.3 days later, and so on: more satellites see the same box on the same
days. ``--swath`` adds a run with four altimeters and the twin's KaRIn swath. Memory is what the process holds
at its worst above what it held with the observations read.
"""

import argparse
import json
import math
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

CHALLENGE = "2020a-twin"
START = np.datetime64("2011-03-01", "ns")  # of the ocean that is observed
FIRST_SEEN = np.datetime64("2012-10-05", "ns")  # of the orbits that are flown
MARGIN_DAYS = 10  # before the first map and after the last
LATER = np.timedelta64(112_320, "s")  # 1.3 days, between two flights of one set of tracks
DAY = np.timedelta64(1, "D")
COLUMNS = ("time", "lon", "lat", "ssh", "line", "pixel")


# --- the input


def flown(track: str, days: int) -> list[xr.Dataset]:
    """Observations of each mission of a track: its orbits, from the start of the ocean on."""
    from oceanbench.catalog import load_challenge
    from oceanbench.data import read_observations_of

    challenge = load_challenge(CHALLENGE)
    seen = read_observations_of(challenge, challenge.track(track))
    seen = seen.assign(time=seen["time"] - FIRST_SEEN + START)
    inside = (seen["time"].values >= START) & (seen["time"].values < START + length(days))
    parts = []
    for code, name in enumerate(seen.attrs["missions"]):
        part = seen.isel(obs=np.flatnonzero(inside & (seen["mission"].values == code)))
        parts.append(one_mission(part, name, seen.attrs["lines"][code], seen.attrs["pixels"][code]))
    return parts


def length(days: int) -> np.timedelta64:
    """Span of the observations around so many daily maps."""
    return (days + 2 * MARGIN_DAYS) * DAY


def one_mission(columns: xr.Dataset, name: str, lines: int, pixels: int) -> xr.Dataset:
    """Canonical observations of one mission."""
    from oceanbench.observations import assemble

    values = {column: columns[column].values for column in COLUMNS}
    return assemble(**values, missions=[name], lines=[lines], pixels=[pixels])


def constellation(nadirs: Sequence[xr.Dataset], count: int, days: int) -> list[xr.Dataset]:
    """So many altimeters; those beyond the given ones fly the same tracks later."""
    parts = []
    for place in range(count):
        copy, which = divmod(place, len(nadirs))
        part = nadirs[which]
        since = (part["time"].values - START + copy * LATER) % length(days)
        order = np.argsort(since, kind="stable")
        later = part.assign(time=("obs", START + since)).isel(obs=order)
        later["line"] = ("obs", np.arange(order.size, dtype=np.int32))
        name = part.attrs["missions"][0]
        parts.append(one_mission(later, f"{name} {copy + 1}" if copy else name, order.size, 1))
    return parts


def observed(parts: Sequence[xr.Dataset], ocean: xr.DataArray) -> xr.Dataset:
    """Join the missions and give them the heights of the ocean; places outside it are dropped."""
    from oceanbench.interpolation import interpolate_along_track
    from oceanbench.observations import concat

    joined = concat(parts)
    places = (joined[name].values for name in ("lon", "lat", "time"))
    joined["ssh"] = ("obs", interpolate_along_track(ocean, *places))
    kept = joined.isel(obs=np.flatnonzero(np.isfinite(joined["ssh"].values)))
    return kept.assign_attrs({**joined.attrs, "error_free": True})


def scene(parts: Sequence[xr.Dataset], days: int) -> dict[str, Any]:
    """What a method is given: observations, grid and mean height."""
    from oceanbench.catalog import load_challenge
    from oceanbench.data import read_mean, read_training_of

    challenge = load_challenge(CHALLENGE)
    ocean = read_training_of(challenge).sel(time=slice(START - DAY, START + length(days) + DAY)).load()
    nodes = np.round(np.arange(51) * 0.2, 9)
    times = START + MARGIN_DAYS * DAY + np.arange(days) * DAY
    grid = xr.Dataset(coords={"time": times, "lat": 33.0 + nodes, "lon": -65.0 + nodes})
    mean = read_mean(challenge)
    loaded = None if mean is None else mean.load()
    return {"observations": observed(parts, ocean), "grid": grid, "mean": loaded}


# --- one run, in a process of its own


def run_one(method: str, path: Path) -> dict[str, float]:
    """Run a method once on what the file holds."""
    from oceanbench.methods import load_method, run_method
    from oceanbench_leaderboard.bench.child import peak_mb

    given = pickle.loads(path.read_bytes())  # written by this script
    loaded = load_method(method, challenge=CHALLENGE)
    before = peak_mb()
    wall, cpu = time.perf_counter(), time.process_time()
    run_method(loaded, given["observations"], given["grid"], mean=given["mean"])
    return {
        "observations": int(given["observations"].sizes["obs"]),
        "seconds": round(time.perf_counter() - wall, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "mb": round(peak_mb() - before, 1),
    }


def run_apart(method: str, path: Path) -> dict[str, Any]:
    """Run a method in a fresh process; what fails is told in its place."""
    words = [sys.executable, __file__, "--one", method, str(path)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    if ended.returncode:
        last = ended.stderr.strip().splitlines()[-1:] or [f"exit code {ended.returncode}"]
        return {"error": last[0]}
    result: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return result


# --- the report


def measure(methods: Sequence[str], counts: Sequence[int], days: int, swath: bool) -> list[dict[str, Any]]:
    """Run every method on every constellation, the small ones first."""
    nadirs = flown("4 nadirs", days)
    scenes = [
        (f"{count} nadirs" if count > 1 else "1 nadir", constellation(nadirs, count, days))
        for count in counts
    ]
    if swath:
        scenes.append(("4 nadirs + KaRIn", [*nadirs, *flown("1 swot", days)]))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, parts in scenes:
            path = Path(folder) / "scene.pickle"
            path.write_bytes(pickle.dumps(scene(parts, days)))
            for method in methods:
                rows.append({"method": method, "altimeters": name, **run_apart(method, path)})
                print(rows[-1], file=sys.stderr, flush=True)
    return rows


def exponent(rows: Sequence[dict[str, Any]], what: str) -> float:
    """Slope of log(what) over log(observations) between the last two runs; the first pay for starting."""
    known = [row for row in rows if row.get(what, 0) > 0]
    if len(known) < 2:
        return math.nan
    first, last = known[-2:]
    return math.log(last[what] / first[what]) / math.log(last["observations"] / first["observations"])


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """Give a table, and how cost grows with the number of nadir observations."""
    lines = ["| method | altimeters | observations | s | CPU s | MB |", "|---|---|---|---|---|---|"]
    for row in rows:
        told = f"{row['observations']:,} | {row['seconds']} | {row['cpu_seconds']} | {row['mb']}"
        cells = f"failed: {row['error']} | | | " if "error" in row else told
        lines.append(f"| `{row['method']}` | {row['altimeters']} | {cells} |")
    growth = []
    for method in dict.fromkeys(row["method"] for row in rows):
        nadir = [row for row in rows if row["method"] == method and "KaRIn" not in row["altimeters"]]
        powers = [exponent(nadir, what) for what in ("cpu_seconds", "mb")]
        growth.append(f"`{method}`: CPU time as n^{powers[0]:.1f}, memory as n^{powers[1]:.1f}")
    return "\n".join(
        [*lines, "", f"Between the two largest numbers n of nadir observations: {'; '.join(growth)}."]
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--methods", default="oi,duacs,miost,dymost")
    parser.add_argument("--altimeters", default="1,2,4,8")
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--swath", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", nargs=2, metavar=("METHOD", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(run_one(arguments.one[0], Path(arguments.one[1]))))
        return
    counts = sorted(int(count) for count in arguments.altimeters.split(","))
    rows = measure(arguments.methods.split(","), counts, arguments.days, arguments.swath)
    print(json.dumps(rows, indent=1) if arguments.json else markdown(rows))


if __name__ == "__main__":
    main()
