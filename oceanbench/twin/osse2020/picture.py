"""The picture of the twin: a snapshot, the mean that maps may use, and the spectra of the truth."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from oceanbench.twin.height_statistics import box_spectrum
from oceanbench.twin.osse2020 import design
from oceanbench.twin.osse2020.truth_statistics import read_box

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

REAL_SLOPES = (-4.64, -4.97)  # least and greatest of two eNATL60 snapshots, both directions, 50-300 km


def draw_picture(folder: Path) -> None:
    """Draw ``spectrum.png`` of a twin's data folder into the folder."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    heights, mean, lat, lon = read_box(folder)
    figure = Figure(figsize=(12, 4), layout="constrained")
    FigureCanvasAgg(figure)
    snapshot, average, spectra = figure.subplots(1, 3, width_ratios=(1, 1, 1.15))
    first = np.datetime64(design.SCORED[0], "h") + np.timedelta64(design.TRUTH_HOURS[1], "h")
    index = int((first - design.OBSERVED[0]) / np.timedelta64(6, "h"))
    _draw_map(snapshot, heights[index], lat, lon, f"truth, {first}:00")
    _draw_map(average, mean, lat, lon, "mean of 2011")
    figure.colorbar(average.collections[0], ax=average, label="sea surface height (m)")
    _draw_spectra(spectra, folder, heights, lat, lon)
    figure.savefig(folder / design.PICTURE_FILE, dpi=90, metadata={"Software": None})


def _draw_map(axes: "Axes", field: Array, lat: Array, lon: Array, title: str) -> None:
    axes.set(title=title, xlabel="longitude", ylabel="latitude", aspect=1 / np.cos(np.radians(lat.mean())))
    axes.pcolormesh(lon, lat, field, cmap="RdBu_r", vmin=-1.2, vmax=1.2, rasterized=True)


def _draw_spectra(axes: "Axes", folder: Path, heights: Array, lat: Array, lon: Array) -> None:
    plane = json.loads((folder / design.RUN_FILE).read_text())["spectrum"]
    wavenumber = np.array(plane["wavenumber_cycles_per_km"])
    axes.loglog(wavenumber, plane["density_m2_per_cycle_per_km"], "k", label="whole plane, azimuthal")
    axes.loglog(*box_spectrum(heights, lat, lon, axis=1), "C0", label="box, along meridians")
    axes.loglog(*box_spectrum(heights, lat, lon, axis=2), "C3", label="box, along parallels")
    band = np.array([1 / 300, 1 / 50])
    low, high = (60 * (band / band[0]) ** slope for slope in REAL_SLOPES)
    axes.fill_between(band, low, high, color="0.6", label="eNATL60 slopes, -4.64 to -4.97")
    axes.loglog(band, low, color="0.6")
    axes.set(xlabel="wavenumber (cycles/km)", ylabel="density (m²/(cycle/km))", ylim=(1e-7, 1e3))
    axes.set(title="spectra of the truth, time mean included")
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
