"""The pictures of filtered swaths that have no truth: one function each, from the details to a figure."""

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from oceanbench.report import axes as shared
from oceanbench.report.swath_panels import (
    ERROR,
    FILTERED,
    NOISY,
    Line,
    draw_spectra,
    draw_stretch,
    finite_rms,
    legend_below,
    place_of,
    stretch_panels,
)
from oceanbench.score import DenoisingDetails

__all__ = ["denoised_figure", "densities_figure", "histograms_figure", "similarity_figure"]

Floats = npt.NDArray[np.float64]

_QUANTITIES = {"ssha": "SSHA", "gradient": "|gradient of SSHA|²", "laplacian": "Laplacian of SSHA"}
_SIMILAR = {"ssha": "SSHA", "speed": "geostrophic speed", "vorticity": "vorticity over f"}
_UNITS = {"ssha": "m", "gradient": "(m/pixel)²", "laplacian": "m/pixel²"}
_SQUARES = {"ssha": "m²", "gradient": "(m/pixel)⁴", "laplacian": "m²/pixel⁴"}
_LINES = (
    Line("noisy", "no filter", NOISY),
    Line("denoised", "denoised", FILTERED),
    Line("residual", "removed: no filter − denoised", ERROR, "--"),
)
_FLAGS = ListedColormap(["white", "black"])


def denoised_figure(details: DenoisingDetails) -> Figure:
    """Noisy and denoised heights with their discontinuities beside them, and what was removed."""
    shown = details.shown
    figure, panels = stretch_panels(3, shown, extra=0.9)
    noisy, denoised, removed = (100.0 * _field(shown, name) for name in ("noisy", "denoised", "residual"))
    low, high = shared.finite_range(denoised)
    end = shared.symmetric_range(removed)
    heights: dict[str, Any] = {"cmap": shared.HEIGHT_COLOURS, "vmin": low, "vmax": high}
    drawn = draw_stretch(panels[0, 0], shown, noisy, "no filter", **heights)
    draw_stretch(panels[1, 0], shown, denoised, "denoised", **heights)
    taken = draw_stretch(
        panels[2, 0],
        shown,
        removed,
        "removed: no filter − denoised",
        cmap=shared.ERROR_COLOURS,
        vmin=-end,
        vmax=end,
    )
    shares = [
        _draw_flags(axes, shown, kind)
        for axes, kind in zip(panels[:2, 1], ("noisy", "denoised"), strict=True)
    ]
    _name_sides(panels)
    panels[2, 1].set_axis_off()
    _draw_scale(figure, panels[2, 1], drawn, "sea surface height anomaly (cm)", 0.75)
    _draw_scale(figure, panels[2, 1], taken, "removed (cm)", 0.2)
    shared.title(
        figure,
        f"{place_of(shown)}: {finite_rms(removed):.2g} cm RMS removed, "
        f"discontinuities {shares[0]:.1f} % → {shares[1]:.1f} %",
    )
    return figure


def _draw_scale(figure: Figure, axes: Axes, mappable: Any, label: str, bottom: float) -> None:
    bar = figure.colorbar(
        mappable, cax=axes.inset_axes((0.05, bottom, 0.9, 0.12)), orientation="horizontal", extend="both"
    )
    bar.set_label(label, fontsize=9.5)
    bar.ax.tick_params(labelsize=8.5)


def _draw_flags(axes: Axes, stretch: xr.Dataset, kind: str) -> float:
    """Blacken the discontinuities; give their share in % of all pixels, measured or not, as is official."""
    flags = _field(stretch, f"discontinuity_{kind}")
    words = {"noisy": "no filter", "denoised": "denoised"}[kind]
    share = 100.0 * float(flags.mean())
    seen = np.where(np.isfinite(_field(stretch, "noisy")) | (flags > 0), flags, np.nan)
    draw_stretch(
        axes, stretch, seen, f"discontinuities, {words}: {share:.1f} %", cmap=_FLAGS, vmin=0.0, vmax=1.0
    )
    return share


def _field(stretch: xr.Dataset, name: str) -> Floats:
    return stretch[name].transpose("num_lines", "num_pixels").to_numpy().astype(np.float64)


def _name_sides(panels: npt.NDArray[Any]) -> None:
    for axes in panels[:, 0]:
        axes.set_ylabel("km across", fontsize=9.5)
    panels[-1, 0].set_xlabel("km along the track", fontsize=9.5)


def densities_figure(details: DenoisingDetails) -> Figure:
    """Spectra along the track of the heights, of their squared gradient and of their Laplacian."""
    figure = shared.new_figure(11.0, 4.2)
    panels = figure.subplots(1, len(_QUANTITIES))
    for axes, (quantity, words) in zip(panels, _QUANTITIES.items(), strict=True):
        spectra = details.spectra.sel(quantity=quantity)
        shared.style(axes, words, xlabel="wavelength (km)", ylabel=f"PSD ({_SQUARES[quantity]} per cycle/km)")
        draw_spectra(axes, spectra, _LINES)
    legend_below(figure, list(panels))
    runs = int(details.spectra["segments"].sel(quantity="ssha").min())
    shared.title(
        figure, f"Spectra of {runs} runs of heights" if runs else "No run is long enough for a spectrum"
    )
    return figure


def histograms_figure(details: DenoisingDetails) -> Figure:
    """Probability densities of the same quantities, on a logarithmic scale."""
    figure = shared.new_figure(11.0, 4.2)
    panels = figure.subplots(1, len(_QUANTITIES))
    for axes, (quantity, words) in zip(panels, _QUANTITIES.items(), strict=True):
        histograms = details.histograms.sel(quantity=quantity)
        shared.style(axes, words, xlabel=_UNITS[quantity], ylabel="probability density")
        _draw_histograms(axes, histograms, logarithmic=quantity == "gradient")
    legend_below(figure, list(panels))
    shared.title(figure, "How often values occur, before and after")
    return figure


def _draw_histograms(axes: Axes, histograms: xr.Dataset, *, logarithmic: bool) -> None:
    centre = histograms["centre"].to_numpy()
    densities = {line: histograms[line.name].to_numpy() for line in _LINES}
    if not any((density > 0).any() for density in densities.values()):
        shared.say(axes, "No value.")
        return
    for line, density in densities.items():
        axes.plot(
            centre,
            np.where(density > 0, density, np.nan),
            color=line.colour,
            linestyle=line.dashes,
            linewidth=1.5,
            label=line.words,
        )
    axes.set_yscale("log")
    if logarithmic:
        axes.set_xscale("log")
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.grid(alpha=0.25, which="major")


def similarity_figure(details: DenoisingDetails) -> Figure:
    """Similarity of each pass with itself one cycle later: noisy, denoised, removed."""
    figure = shared.new_figure(11.0, 3.9)
    panels = figure.subplots(1, len(_SIMILAR), sharey=True)
    pairs = details.similarity.sizes["pair"]
    for axes, (quantity, words) in zip(panels, _SIMILAR.items(), strict=True):
        shared.style(axes, words, xlabel="first of the two cycles")
        axes.axhline(0.0, color="0.5", linewidth=0.8)
        if not pairs:
            shared.say(axes, "No pass is seen\nin two consecutive cycles.")
            continue
        _draw_pairs(axes, details.similarity.sel(quantity=quantity))
    panels[0].set_ylabel("SSIM", fontsize=9.5)
    legend_below(figure, list(panels))
    shared.title(
        figure, f"Likeness of consecutive cycles, {pairs} pairs" if pairs else "No consecutive cycles"
    )
    return figure


def _draw_pairs(axes: Axes, similarity: xr.Dataset) -> None:
    cycle = similarity["pair"].to_numpy()
    lines_join = np.unique(cycle).size == cycle.size  # one pass; several passes share their cycles
    for line in _LINES:
        axes.plot(
            cycle,
            similarity[line.name].to_numpy(),
            color=line.colour,
            linestyle=line.dashes if lines_join else "none",
            linewidth=1.3,
            marker="o",
            markersize=4,
            label=line.words,
        )
    axes.set_ylim(top=1.02)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.grid(alpha=0.25)
