"""The picture of the twin: a field, what set-ups B and C see in a day and in five, and the spectra."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.twin.height_statistics import box_spectrum
from oceanbench.twin.toy2022 import design
from oceanbench.twin.toy2022.flights import REPEATED, Samples, flights
from oceanbench.twin.toy2022.truth_statistics import read_truth
from oceanbench.twin.track_heights import COUNT, read_track_heights

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection

Array = NDArray[np.float64]

SHOWN: Final = np.datetime64("2012-11-10", "D")


def draw_picture(folder: Path) -> None:
    """Draw ``spectrum.png`` of a twin's data folder into the folder."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    truth = read_truth(folder)
    figure = Figure(figsize=(14, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    field, repeated, nadirs, spectra = figure.subplots(1, 4, width_ratios=(1, 1, 1.2, 1.3))
    shown = truth.sel(time=SHOWN)
    lon, lat = shown["lon"].to_numpy(), shown["lat"].to_numpy()
    field.pcolormesh(lon, lat, shown.to_numpy(), cmap="RdBu_r", vmin=-1.2, vmax=1.2, rasterized=True)
    _frame(field, f"truth and set-up A, {SHOWN}")
    heights, flown = read_track_heights(folder / design.HEIGHTS_FILE), flights()
    _draw_tracks(repeated, {REPEATED: flown.pop(REPEATED)}, heights, days=1)
    _frame(repeated, "set-up B, every day")
    points = _draw_tracks(nadirs, flown, heights, days=5)
    _frame(nadirs, "set-up C, five days")
    figure.colorbar(points, ax=nadirs, label="sea surface height (m)")
    _draw_spectra(spectra, folder, truth)
    figure.savefig(folder / design.PICTURE_FILE, dpi=90, metadata={"Software": None})


def _frame(axes: "Axes", title: str) -> None:
    axes.set(title=title, xlabel="longitude", ylabel="latitude", aspect=1 / np.cos(np.radians(38)))
    axes.set(xlim=(-65, -55), ylim=(33, 43))


def _draw_tracks(
    axes: "Axes", flown: dict[str, Samples], heights: dict[str, NDArray[np.int64]], *, days: int
) -> "PathCollection":
    """Draw the samples of some days, the first at `SHOWN`, coloured by height."""
    start = float((SHOWN - design.EPOCH) / np.timedelta64(1, "s"))
    for name, samples in flown.items():
        seen = (samples.seconds >= start) & (samples.seconds < start + days * 86400)
        points = axes.scatter(
            samples.lon[seen],
            samples.lat[seen],
            c=heights[name][seen] * COUNT,
            s=3,
            cmap="RdBu_r",
            vmin=-1.2,
            vmax=1.2,
        )
    return points


def _draw_spectra(axes: "Axes", folder: Path, truth: xr.DataArray) -> None:
    heights, lat, lon = truth.to_numpy(), truth["lat"].to_numpy(), truth["lon"].to_numpy()
    plane = json.loads((folder / design.RUN_FILE).read_text())["spectrum"]
    wavenumber = np.array(plane["wavenumber_cycles_per_km"])
    axes.loglog(wavenumber, plane["density_m2_per_cycle_per_km"], "k", label="whole plane, azimuthal")
    axes.loglog(*box_spectrum(heights, lat, lon, axis=1), "C0", label="box, along meridians")
    axes.loglog(*box_spectrum(heights, lat, lon, axis=2), "C3", label="box, along parallels")
    band = np.array([1 / 300, 1 / 50])
    axes.loglog(band, 300 * (band / band[0]) ** -5.0, color="0.6", label="slope -5")
    axes.set(xlabel="wavenumber (cycles/km)", ylabel="density (m²/(cycle/km))", ylim=(1e-7, 1e3))
    axes.set(title="spectra of the truth")
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
