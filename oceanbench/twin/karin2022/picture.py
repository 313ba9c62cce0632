"""The picture of the twin: its passes on the map, one of them as KaRIn sees it, and the spectra."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from oceanbench.twin.karin2022 import design
from oceanbench.twin.karin2022.coast import is_land
from oceanbench.twin.karin2022.pass_files import noise_of, noise_std
from oceanbench.twin.karin2022.pass_statistics import mean_spectrum, slopes, wavenumbers
from oceanbench.twin.karin2022.truth_files import PassTruth, read_truths

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

Array = NDArray[np.float64]

SHOWN_PASS: Final = 106
LOW, HIGH = 37.0, 44.0  # latitudes of the stretch shown
# Mean density along the track, m²/(cycle/km), of the six passes of 2022a in public hands, by `file_spectrum`
REAL_KM: Final = (100.0, 50.0, 25.0, 10.0, 5.0)
REAL_DENSITY: Final = (8.22e-3, 8.11e-4, 3.75e-5, 3.53e-6, 3.22e-7)


def draw_picture(root: Path) -> None:
    """Draw ``pass.png`` of a twin's data folder into the folder."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    truths = list(read_truths(root, design.SCORED))
    shown = next((one for one in truths if one.swath.number == SHOWN_PASS), truths[len(truths) // 2])
    figure = Figure(figsize=(13, 9), layout="constrained")
    FigureCanvasAgg(figure)
    rows = figure.add_gridspec(2, 1)
    upper, lower = figure.add_subfigure(rows[0]), figure.add_subfigure(rows[1])
    overview, spectra = upper.subplots(1, 2, width_ratios=(1, 1.2))
    _draw_overview(upper, overview, truths)
    _draw_spectra(spectra, truths)
    _draw_pass(lower, shown)
    figure.savefig(root / design.PICTURE_FILE, dpi=80, metadata={"Software": None})


def _draw_overview(figure: "SubFigure", axes: "Axes", truths: list[PassTruth]) -> None:
    region = design.REGION
    lon, lat = np.linspace(region.west, region.east, 350), np.linspace(region.south, region.north, 350)
    land = is_land(lon[None, :], lat[:, None])
    axes.contourf(lon, lat, land, levels=[0.5, 1.5], colors=["0.8"])
    for truth in truths:
        east, north = truth.swath.position
        points = axes.scatter(
            east[::2, ::2], north[::2, ::2], 0.4, truth.heights[::2, ::2], cmap="RdBu_r", vmin=-0.9, vmax=0.9
        )
    axes.set(xlim=(region.west, region.east), ylim=(region.south, region.north), aspect=1.27)
    axes.set(xlabel="longitude", ylabel="latitude", title=f"ssh_true of {len(truths)} passes; land is grey")
    figure.colorbar(points, ax=axes, label="m")


def _draw_spectra(axes: "Axes", truths: list[PassTruth]) -> None:
    density = mean_spectrum(truth.heights for truth in truths)
    k = wavenumbers()[1:]
    slope = slopes(density)["10-100 km"]
    axes.loglog(k, density[1:], "k", label=f"ssh_true, slope {slope:.1f} from 10 to 100 km")
    noise = np.concatenate([noise_std(truth.swath)[np.isfinite(truth.heights)] for truth in truths])
    axes.axhline(2 * design.LINE_KM * np.nanmean(noise**2), color="C1", label="noise of ssh_karin")
    axes.loglog(1 / np.array(REAL_KM), REAL_DENSITY, "C0o", label="six passes of 2022a (eNATL60), slope -4.0")
    axes.set(xlabel="wavenumber along the track (cycles/km)", ylabel="density (m²/(cycle/km))")
    axes.set(title="mean spectra along the track", ylim=(1e-9, 1e2))
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)


def _draw_pass(figure: "SubFigure", truth: PassTruth) -> None:
    north = truth.swath.position[1][:, design.NADIR_PIXEL]
    lines = np.flatnonzero((north > LOW) & (north < HIGH))
    along = (lines - lines[0]) * design.LINE_KM
    noise = noise_of(truth.swath)[lines]
    true = truth.heights[lines] - np.nanmean(truth.heights[lines])
    fields = {
        "ssh_karin": true + noise,
        "ssh_true": true,
        "noise": np.where(np.isfinite(true), noise, np.nan),
    }
    panels = figure.subplots(len(fields), 1, sharex=True)
    for axes, (name, field) in zip(panels, fields.items(), strict=True):
        limit = 0.06 if name == "noise" else 0.5
        mesh = axes.pcolormesh(
            along, design.ACROSS_KM, field.T, cmap="RdBu_r", vmin=-limit, vmax=limit, rasterized=True
        )
        axes.set(ylabel="across (km)", facecolor="0.8", title=name)
        figure.colorbar(mesh, ax=axes, label="m")
    panels[-1].set_xlabel(
        f"along pass {truth.swath.number} (km); grey: land, nadir and what KaRIn does not measure"
    )
