"""Build the twin: run the ocean, then write truth, training days, mean, statistics and checksums."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.progress import Progress, silent
from oceanbench.twin.checksums import write_checksums
from oceanbench.twin.height_files import height_array, write_heights
from oceanbench.twin.osse2020 import design
from oceanbench.twin.osse2020.observation_files import write_digest
from oceanbench.twin.osse2020.picture import draw_picture
from oceanbench.twin.osse2020.truth_statistics import write_statistics
from oceanbench.twin.plane import EAST, LEVEL, NORTH, SOUTH, TILT, WEST, MapGrid
from oceanbench.twin.plane_spectrum import azimuthal_spectrum, band_slopes


class _Keeper:
    """Collect what is kept of the snapshots: the year 2011, the truth and the truth's spectrum."""

    def __init__(self, grid: MapGrid, side: float) -> None:
        self.grid, self.side = grid, side
        self.year: list[NDArray[np.float64]] = []
        self.year_times: list[np.datetime64] = []
        self.truth: list[NDArray[np.float64]] = []
        self.truth_times: list[np.datetime64] = []
        self.density = np.zeros(0)
        self.wavenumber = np.zeros(0)

    def keep(self, time: np.datetime64, ssh: NDArray[np.float64]) -> None:
        """Sort one snapshot (n, n) into its period."""
        on_map = self.grid.interpolate(ssh) + LEVEL
        if time < design.TRUTH[0]:
            self.year.append(on_map)
            self.year_times.append(time)
            return
        self.truth.append(on_map)
        self.truth_times.append(time)
        self.wavenumber, density = azimuthal_spectrum(ssh, self.side / 1e3)
        self.density = density + (self.density if self.density.size else 0)

    def spectrum(self) -> dict[str, Any]:
        """Mean spectrum of the truth over the whole plane, time mean included, and its slopes."""
        density = self.density / len(self.truth)
        slopes = band_slopes(self.wavenumber, density)
        return {
            "slopes": slopes,
            "wavenumber_cycles_per_km": [float(f"{k:.6g}") for k in self.wavenumber],
            "density_m2_per_cycle_per_km": [float(f"{p:.4g}") for p in density],
        }

    def labelled(self, fields: list[NDArray[np.float64]], times: list[np.datetime64]) -> xr.DataArray:
        """Fields of one period with their coordinates."""
        return height_array(np.stack(fields), self.grid.lat, self.grid.lon, np.array(times))


def build(out: Path, *, seed: int = design.SEED, progress: Progress | None = None) -> None:
    """Make the twin's data folder from nothing; the same seed gives the same ocean.

    It takes a few minutes on two cores.

    Parameters
    ----------
    out : Path
        Folder to fill; made if missing.
    seed : int
        Seed of the nature run's first state.
    progress : callable, optional
        Called with the name of the stage and how much of it is done, 0..1.

    Raises
    ------
    ImportError
        If jax is not installed (the extra ``twin`` brings it).
    FloatingPointError
        If the run blows up.
    """
    from oceanbench.twin.osse2020 import nature_run  # brings jax, which only a build needs

    tell = progress or silent
    model = nature_run.MODEL
    keeper = _Keeper(MapGrid(model.points, model.side), model.side)
    for time, ssh in nature_run.snapshots(design.snapshot_times(), seed=seed, progress=tell):
        keeper.keep(time, ssh)
    tell("files, statistics and observations", 0.0)
    _write_fields(out, keeper)
    run = {
        "seed": seed,
        "model": asdict(model),
        "tilt_degrees": TILT,
        "level_m": LEVEL,
        "spectrum": keeper.spectrum(),
    }
    (out / design.RUN_FILE).write_text(json.dumps(run, indent=1) + "\n")
    write_statistics(out)
    draw_picture(out)
    write_digest(out)
    write_checksums(out)
    tell("files, statistics and observations", 1.0)


def _write_fields(out: Path, keeper: _Keeper) -> None:
    year = keeper.labelled(keeper.year, keeper.year_times)
    mean = year.mean("time", keep_attrs=True).rename("mdt")
    mean.attrs = {"long_name": "mean sea surface height of 2011", "units": "m"}
    write_heights(mean, out / design.MEAN_FILE, unit=1e-4)
    box = {"lat": slice(SOUTH, NORTH), "lon": slice(WEST, EAST)}
    first, last = (str(day) for day in design.TRAINING)
    write_heights(year.sel(box | {"time": slice(first, last)}), out / design.TRAINING_FILE)
    truth = keeper.labelled(keeper.truth, keeper.truth_times)
    for day in design.days(design.TRUTH):
        write_heights(truth.sel(time=str(day)), out / design.TRUTH_FOLDER / design.truth_file(day))
