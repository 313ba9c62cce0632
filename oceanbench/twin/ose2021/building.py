"""Build the twin: run the ocean, fly the altimeters over it, write judge, mean, statistics and checksums."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from oceanbench.progress import Progress, silent
from oceanbench.twin.checksums import write_checksums
from oceanbench.twin.height_files import write_heights
from oceanbench.twin.ose2021 import design
from oceanbench.twin.ose2021.fleet import JUDGE, MAPPED
from oceanbench.twin.ose2021.flights import fly
from oceanbench.twin.ose2021.observation_files import write_altimeter, write_digest
from oceanbench.twin.ose2021.picture import draw_picture
from oceanbench.twin.ose2021.shipped_statistics import track_statistics
from oceanbench.twin.ose2021.truth_statistics import statistics_of_truth
from oceanbench.twin.plane import LEVEL, TILT
from oceanbench.twin.sampling import Truth
from oceanbench.twin.track_heights import write_track_heights

if TYPE_CHECKING:
    from oceanbench.twin.ose2021.nature_run import NatureRun

_STAGE = "files, statistics and observations"


def build(
    out: Path, *, seed: int = design.SEED, progress: Progress | None = None, keep_truth: bool = False
) -> None:
    """Make the twin's data folder from nothing; the same seed gives the same ocean.

    It takes about five minutes on two cores.

    Parameters
    ----------
    out : Path
        Folder to fill; made if missing.
    seed : int
        Seed of the nature run's first state.
    progress : callable, optional
        Called with the name of the stage and how much of it is done, 0..1.
    keep_truth : bool
        Also write the truth's fields to ``truth/`` (36 MB); they are no part of the twin, as a challenge that
        is judged along a track has none.

    Raises
    ------
    ImportError
        If jax is not installed (the extra ``twin`` brings it).
    FloatingPointError
        If the run blows up.
    """
    from oceanbench.twin.ose2021.nature_run import MODEL, NatureRun  # brings jax, which only a build needs

    tell = progress or silent
    run = NatureRun(seed=seed, progress=tell)
    tell(_STAGE, 0.0)
    out.mkdir(parents=True, exist_ok=True)
    record = {
        "seed": seed,
        "model": asdict(MODEL),
        "tilt_degrees": TILT,
        "level_m": LEVEL,
        "spectrum": run.spectrum(),
    }
    (out / design.RUN_FILE).write_text(json.dumps(record, indent=1) + "\n")
    _write_data(out, run)
    tell(_STAGE, 0.5)
    _describe(out, run)
    write_checksums(out)
    if keep_truth:
        _write_truth(out, run.truth)
    tell(_STAGE, 1.0)


def _write_data(out: Path, run: "NatureRun") -> None:
    """Write mean, truth along the tracks, judge, and the digest of what follows from them."""
    write_heights(run.mean, out / design.MEAN_FILE, unit=1e-4)
    truth = Truth(run.truth, design.EPOCH)
    heights = {}
    for altimeter in (*MAPPED, JUDGE):
        flight = fly(altimeter)
        heights[altimeter.name] = truth.sample(flight.seconds, flight.lon, flight.lat)
    write_track_heights(out / design.HEIGHTS_FILE, heights)
    folder = out / design.OBSERVATIONS_FOLDER
    folder.mkdir(exist_ok=True)
    write_altimeter(out, JUDGE, folder)
    write_digest(out)


def _describe(out: Path, run: "NatureRun") -> None:
    box = run.box()
    statistics = {"truth": statistics_of_truth(box, run.mean), "tracks": track_statistics(out)}
    (out / design.STATISTICS_FILE).write_text(json.dumps(statistics, indent=1) + "\n")
    draw_picture(out, box, run.mean)


def _write_truth(out: Path, truth: xr.DataArray) -> None:
    for day in np.unique(truth["time"].to_numpy().astype("datetime64[D]")):
        path = out / design.TRUTH_FOLDER / design.truth_file(day)
        write_heights(truth.sel(time=str(day)), path, since="2016-12-01")
