"""The picture of the twin: a snapshot under the tracks, the mean that maps may use, the spectra."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.twin.height_statistics import box_spectrum
from oceanbench.twin.ose2021 import design
from oceanbench.twin.ose2021.fleet import JUDGE, MAPPED
from oceanbench.twin.ose2021.flights import fly

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

SHOWN: Final = np.datetime64("2017-03-15", "D")
DAYS_OF_TRACKS: Final = 3  # before and after
REAL_SLOPES: Final = (-4.64, -4.97)  # least and greatest of two eNATL60 snapshots, both directions, 50-300 km


def draw_picture(folder: Path, box: xr.DataArray, mean: xr.DataArray) -> None:
    """Draw ``spectrum.png`` of a twin's data folder into the folder.

    Parameters
    ----------
    folder : Path
        Data folder, with its record of the run.
    box : DataArray (time, lat, lon)
        Daily truth in the box, metres.
    mean : DataArray (lat, lon)
        Mean height, metres.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 4), layout="constrained")
    FigureCanvasAgg(figure)
    snapshot, average, spectra = figure.subplots(1, 3, width_ratios=(1, 1, 1.15))
    _draw_map(snapshot, box.sel(time=str(SHOWN)).squeeze(), f"truth, {SHOWN}, and tracks of a week")
    _draw_tracks(snapshot)
    _draw_map(average, mean.sel(lat=box["lat"], lon=box["lon"]), "mean of 2014 and 2015")
    figure.colorbar(average.collections[0], ax=average, label="sea surface height (m)")
    _draw_spectra(spectra, folder, box)
    figure.savefig(folder / design.PICTURE_FILE, dpi=90, metadata={"Software": None})


def _draw_map(axes: "Axes", field: xr.DataArray, title: str) -> None:
    lon, lat = field["lon"].to_numpy(), field["lat"].to_numpy()
    axes.set(title=title, xlabel="longitude", ylabel="latitude", aspect=1 / np.cos(np.radians(lat.mean())))
    axes.pcolormesh(lon, lat, field.to_numpy(), cmap="RdBu_r", vmin=-1.2, vmax=1.2, rasterized=True)


def _draw_tracks(axes: "Axes") -> None:
    middle = float((SHOWN - design.EPOCH) / np.timedelta64(1, "s")) + 43200
    for altimeter in (*MAPPED, JUDGE):
        flight = fly(altimeter)
        near = np.abs(flight.seconds - middle) < (DAYS_OF_TRACKS + 0.5) * 86400
        judge = altimeter is JUDGE
        axes.plot(flight.lon[near], flight.lat[near], ",", color="gold" if judge else "0.1")
    axes.set(xlim=(-65, -55), ylim=(33, 43))
    axes.text(0.02, 0.02, "black: mapped, gold: judge", transform=axes.transAxes, fontsize="small")


def _draw_spectra(axes: "Axes", folder: Path, box: xr.DataArray) -> None:
    heights, lat, lon = box.to_numpy(), box["lat"].to_numpy(), box["lon"].to_numpy()
    plane = json.loads((folder / design.RUN_FILE).read_text())["spectrum"]
    wavenumber = np.array(plane["wavenumber_cycles_per_km"])
    axes.loglog(wavenumber, plane["density_m2_per_cycle_per_km"], "k", label="whole plane, azimuthal")
    axes.loglog(*box_spectrum(heights, lat, lon, axis=1), "C0", label="box, along meridians")
    axes.loglog(*box_spectrum(heights, lat, lon, axis=2), "C3", label="box, along parallels")
    band = np.array([1 / 300, 1 / 50])
    low, high = (60 * (band / band[0]) ** slope for slope in REAL_SLOPES)
    axes.fill_between(band, low, high, color="0.6", label="eNATL60 slopes, -4.64 to -4.97")
    axes.set(xlabel="wavenumber (cycles/km)", ylabel="density (m²/(cycle/km))", ylim=(1e-7, 1e3))
    axes.set(title="spectra of the truth, time mean included")
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
