"""Build the twin: run the ocean, then write fields, heights along tracks, statistics and checksums."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.progress import Progress, silent
from oceanbench.twin.checksums import write_checksums
from oceanbench.twin.height_files import height_array
from oceanbench.twin.plane import EAST, LEVEL, NORTH, SOUTH, TILT, WEST, MapGrid
from oceanbench.twin.plane_spectrum import azimuthal_spectrum, band_slopes
from oceanbench.twin.sampling import Truth
from oceanbench.twin.toy2022 import design
from oceanbench.twin.toy2022.field_files import write_fields
from oceanbench.twin.toy2022.flights import flights
from oceanbench.twin.toy2022.observation_files import write_digest
from oceanbench.twin.toy2022.picture import draw_picture
from oceanbench.twin.toy2022.truth_statistics import write_statistics
from oceanbench.twin.track_heights import write_track_heights

_STAGE = "files, statistics and observations"
_BOX = {"lat": slice(SOUTH, NORTH), "lon": slice(WEST, EAST)}


def build(out: Path, *, seed: int = design.SEED, progress: Progress | None = None) -> None:
    """Make the twin's data folder from nothing; the same seed gives the same ocean.

    It takes two minutes on two cores.

    Parameters
    ----------
    out : Path
        Folder to fill; made if missing.
    seed : int
        Seed of the forcing.
    progress : callable, optional
        Called with the name of the stage and how much of it is done, 0..1.

    Raises
    ------
    ImportError
        If jax is not installed (the extra ``twin`` brings it).
    FloatingPointError
        If the run blows up.
    """
    from oceanbench.twin.toy2022 import nature_run  # brings jax, which only a build needs

    tell = progress or silent
    model = nature_run.MODEL
    grid = MapGrid(model.points, model.side)
    fields, spectra = [], []
    times = design.snapshot_times()
    for time, ssh in nature_run.snapshots(times, seed=seed, progress=tell):
        fields.append(grid.interpolate(ssh) + LEVEL)
        if time >= design.EVALUATED[0]:
            spectra.append(azimuthal_spectrum(ssh, model.side / 1e3))
    tell(_STAGE, 0.0)
    out.mkdir(parents=True, exist_ok=True)
    run = {
        "seed": seed,
        "model": asdict(model),
        "forcing": asdict(nature_run.FORCING),
        "tilt_degrees": TILT,
        "level_m": LEVEL,
        "spectrum": _mean_spectrum(spectra),
    }
    (out / design.RUN_FILE).write_text(json.dumps(run, indent=1) + "\n")
    _write_fields(out, height_array(np.stack(fields), grid.lat, grid.lon, times))
    write_statistics(out)
    draw_picture(out)
    write_digest(out)
    write_checksums(out)
    tell(_STAGE, 1.0)


def _mean_spectrum(spectra: list[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> dict[str, Any]:
    """Mean spectrum of the evaluated days over the whole plane, time mean included, and its slopes."""
    wavenumber = spectra[0][0]
    density = np.mean([one for _, one in spectra], axis=0)
    return {
        "slopes": band_slopes(wavenumber, density),
        "wavenumber_cycles_per_km": [float(f"{k:.6g}") for k in wavenumber],
        "density_m2_per_cycle_per_km": [float(f"{p:.4g}") for p in density],
    }


def _write_fields(out: Path, heights: xr.DataArray) -> None:
    """Write each kind of file from the fields of all moments kept, box and margin."""
    training = design.days(design.TRAINING).astype("datetime64[ns]")
    write_fields(out / design.TRAINING_FILE, heights.sel(_BOX | {"time": training}))
    for folder, days in (
        (design.EVALUATION, design.days(design.EVALUATED)),
        (design.FULL_FIELDS, design.full_field_days()),
    ):
        for day in days:
            midnight = [day.astype("datetime64[ns]")]
            write_fields(out / design.field_file(folder, day), heights.sel(_BOX | {"time": midnight}))
    truth = Truth(heights.sel(time=design.truth_times()), design.EPOCH)
    along = {name: truth.sample(part.seconds, part.lon, part.lat) for name, part in flights().items()}
    write_track_heights(out / design.HEIGHTS_FILE, along)
