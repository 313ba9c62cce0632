"""The pictures of filtered swaths beside their truth: one function each, from the details to a figure."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oceanbench.metrics.bootstrap import Interval
from oceanbench.report import axes as shared
from oceanbench.report.swath_panels import (
    ERROR,
    FILTERED,
    NOISE,
    NOISY,
    Line,
    draw_spectra,
    draw_stretch,
    finite_rms,
    legend_below,
    place_of,
    stretch_panels,
)
from oceanbench.score import SwathDetails

__all__ = ["across_figure", "currents_figure", "error_maps_figure", "heights_figure", "spectra_figure"]

Floats = npt.NDArray[np.float64]

_LONG_NAMES = {"ssh": "sea surface height", "speed": "geostrophic speed", "vorticity": "vorticity over f"}
_UNITS = {"ssh": "m", "speed": "m/s", "vorticity": "1"}
_DENSITY_UNITS = {"ssh": "m² per cycle/km", "speed": "(m/s)² per cycle/km", "vorticity": "per cycle/km"}
_LINES = (
    Line("true", "truth", shared.REFERENCE),
    Line("noisy", "no filter", NOISY),
    Line("filtered", "filtered", FILTERED),
    Line("error", "error: filtered − truth", ERROR, "--"),
    Line("noise", "noise: no filter − truth", NOISE, "--"),
)
_LEVELS = {"lambda_snr1": 1.0, "lambda_snr2": 0.5}
_RATIO_RANGE = 1e-3, 1e2
_LARGEST_SHARE = 0.5
_RMS_COLOURS, _SHARE_COLOURS = "magma_r", "cividis"


def heights_figure(details: SwathDetails) -> Figure:
    """Noisy, filtered and true heights of a stretch of one pass, less one plane, and the residual.

    The three heights share the colours, which span the truth; those of the residual are symmetric about
    zero.
    """
    shown = details.shown
    plane = _plane(_field(shown, "ssh_true"))
    heights = {kind: 100.0 * (_field(shown, f"ssh_{kind}") - plane) for kind in ("noisy", "filtered", "true")}
    error_mm = 1000.0 * (_field(shown, "ssh_filtered") - _field(shown, "ssh_true"))
    noise_mm = 1000.0 * (_field(shown, "ssh_noisy") - _field(shown, "ssh_true"))
    figure, panels = stretch_panels(2, shown, extra=1.6)
    low, high = shared.finite_range(heights["true"])
    end = shared.symmetric_range(error_mm)
    common: dict[str, Any] = {"cmap": shared.HEIGHT_COLOURS, "vmin": low, "vmax": high}
    drawn = draw_stretch(panels[0, 0], shown, heights["noisy"], "no filter", **common)
    draw_stretch(panels[0, 1], shown, heights["filtered"], "filtered", **common)
    draw_stretch(panels[1, 0], shown, heights["true"], "truth", **common)
    left = draw_stretch(
        panels[1, 1],
        shown,
        error_mm,
        "residual: filtered − truth",
        cmap=shared.ERROR_COLOURS,
        vmin=-end,
        vmax=end,
    )
    _name_sides(panels)
    shared.colour_bar(
        figure, drawn, list(panels[:, 0]), "height above the plane through the truth (cm)", "both"
    )
    shared.colour_bar(figure, left, list(panels[:, 1]), "residual (mm)", "both")
    shared.title(
        figure,
        f"{place_of(shown)}: an error of {finite_rms(error_mm):.2g} mm RMS is left "
        f"of {finite_rms(noise_mm):.2g} mm",
    )
    return figure


def currents_figure(details: SwathDetails) -> Figure:
    """Geostrophic speed and vorticity over f of the same stretch: noisy, filtered, true."""
    shown = details.shown
    figure, panels = stretch_panels(3, shown, extra=1.6)
    _, fastest = shared.finite_range(_field(shown, "speed_true"))
    end = shared.symmetric_range(_field(shown, "vorticity_true"))
    speed: dict[str, Any] = {"cmap": shared.HEIGHT_COLOURS, "vmin": 0.0, "vmax": fastest}
    vorticity: dict[str, Any] = {"cmap": shared.ERROR_COLOURS, "vmin": -end, "vmax": end}
    for row, (kind, words) in enumerate(
        (("noisy", "no filter"), ("filtered", "filtered"), ("true", "truth"))
    ):
        left = draw_stretch(panels[row, 0], shown, _field(shown, f"speed_{kind}"), f"{words}: speed", **speed)
        right = draw_stretch(
            panels[row, 1], shown, _field(shown, f"vorticity_{kind}"), f"{words}: vorticity", **vorticity
        )
    _name_sides(panels)
    shared.colour_bar(figure, left, list(panels[:, 0]), "geostrophic speed (m/s)", "max")
    shared.colour_bar(figure, right, list(panels[:, 1]), "vorticity over f", "both")
    error, noise = (
        finite_rms(_field(shown, f"speed_{kind}") - _field(shown, "speed_true"))
        for kind in ("filtered", "noisy")
    )
    shared.title(
        figure,
        f"{place_of(shown)}: speed is off by {error:.2g} m/s RMS, without the filter by {noise:.2g} m/s",
    )
    return figure


def _field(stretch: xr.Dataset, name: str) -> Floats:
    return stretch[name].transpose("num_lines", "num_pixels").to_numpy().astype(np.float64)


def _name_sides(panels: npt.NDArray[Any]) -> None:
    for axes in panels[-1]:
        axes.set_xlabel("km along the track", fontsize=9.5)
    for axes in panels[:, 0]:
        axes.set_ylabel("km across", fontsize=9.5)


def _plane(field: Floats) -> Floats:
    """Fit of a plane to the finite values, on all pixels; zero where there are too few of them."""
    lines, pixels = np.indices(field.shape)
    terms = np.stack([np.ones(field.shape), lines, pixels], axis=-1)
    seen = np.isfinite(field)
    if seen.sum() < terms.shape[-1]:
        return np.zeros(field.shape)
    weights, *_ = np.linalg.lstsq(terms[seen], field[seen], rcond=None)
    return np.asarray(terms @ weights)


def spectra_figure(
    details: SwathDetails,
    official: Mapping[str, float],
    unfiltered: Mapping[str, float],
    robust: Mapping[str, Interval],
) -> Figure:
    """Spectra along the track of height, speed and vorticity, above their ratio error / truth.

    Wavelengths decrease to the right. Dots mark where the ratio is read as 1 (both families, and the
    unfiltered swath) and as 0.5 (robust); bars are the 95 % intervals of the robust readings.
    """
    figure = shared.new_figure(11.0, 7.0)
    panels = figure.subplots(2, len(_LONG_NAMES), sharex="col", height_ratios=(4, 3))
    for column, (quantity, words) in enumerate(_LONG_NAMES.items()):
        robust_spectra = details.robust_spectra.sel(quantity=quantity)
        segments = int(robust_spectra["segments"])
        top, bottom = panels[:, column]
        shared.style(top, f"{words}, {segments} segments", ylabel=f"PSD ({_DENSITY_UNITS[quantity]})")
        shared.style(bottom, xlabel="wavelength (km)", ylabel="PSD(error) / PSD(truth)" * (column == 0))
        if draw_spectra(top, robust_spectra, _LINES, floor="true"):
            _draw_ratios(bottom, details.spectra.sel(quantity=quantity), robust_spectra)
            _mark_readings(bottom, quantity, official, unfiltered, robust)
    legend_below(figure, [panels[0, 0], *panels[1]], columns=4)
    shared.title(figure, _spectra_finding(robust))
    return figure


def _spectra_finding(robust: Mapping[str, Interval]) -> str:
    one, half = (robust[f"{score}.ssh"].value if f"{score}.ssh" in robust else math.nan for score in _LEVELS)
    if not (math.isfinite(one) or math.isfinite(half)):
        return "Robust reading: the error of the heights rises to that of the truth at no wavelength"
    half_words = f"half of it at {half:.3g} km" if math.isfinite(half) else "half of it nowhere"
    one_words = f"at {one:.3g} km" if math.isfinite(one) else "nowhere"
    return f"Heights, robust reading: the error is as strong as the truth {one_words}, {half_words}"


def _draw_ratios(axes: Axes, official: xr.Dataset, robust: xr.Dataset) -> None:
    for level in _LEVELS.values():
        axes.axhline(level, color="0.5", linewidth=0.8)
    for spectra, name, colour, words in (
        (official, "noise", NOISY, "no filter, official"),
        (official, "error", shared.OFFICIAL, "filtered, official"),
        (robust, "error", shared.ROBUST, "filtered, robust"),
    ):
        truth, error = spectra["true"].to_numpy()[1:], spectra[name].to_numpy()[1:]
        ratio = np.divide(error, truth, out=np.full_like(truth, np.nan), where=truth > 0)
        axes.plot(
            1.0 / spectra["wavenumber"].to_numpy()[1:],
            np.where(ratio > 0, ratio, np.nan),
            color=colour,
            linewidth=1.3,
            label=f"ratio: {words}",
        )
    axes.set_yscale("log")
    axes.set_ylim(*_RATIO_RANGE)
    axes.grid(alpha=0.25, which="major")


def _mark_readings(
    axes: Axes,
    quantity: str,
    official: Mapping[str, float],
    unfiltered: Mapping[str, float],
    robust: Mapping[str, Interval],
) -> None:
    """Dot each wavelength that was read, and write it beside the dot."""
    said = []
    for words, colour, value in (
        ("no filter", NOISY, unfiltered.get(f"lambda_snr1.{quantity}", math.nan)),
        ("official", shared.OFFICIAL, official.get(f"lambda_snr1.{quantity}", math.nan)),
    ):
        if _read(axes, value):
            _dot(axes, value, 1.0, colour)
            said.append(f"{words} {value:.3g} km")
    for score, level in _LEVELS.items():
        interval = robust.get(f"{score}.{quantity}", Interval(math.nan, math.nan, math.nan))
        if _read(axes, interval.value):
            _bar(axes, interval, level)
            _dot(axes, interval.value, level, shared.ROBUST)
            said.append(f"robust {interval.value:.3g} km" + " at 0.5" * (level != 1.0))
    axes.text(
        0.97,
        0.04,
        "\n".join(said) or "no crossing",
        transform=axes.transAxes,
        ha="right",
        va="bottom",
        fontsize=8.5,
        bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
    )


def _read(axes: Axes, wavelength: float) -> bool:
    """Tell whether a wavelength lies on the axis; 1000 km where nothing crosses lies at its very end."""
    longest, shortest = axes.get_xlim()
    return math.isfinite(wavelength) and shortest <= wavelength < longest


def _dot(axes: Axes, wavelength: float, level: float, colour: str) -> None:
    axes.plot(
        [wavelength], [level], marker="o", markersize=7, color=colour, markeredgecolor="white", zorder=5
    )


def _bar(axes: Axes, interval: Interval, level: float) -> None:
    longest, shortest = axes.get_xlim()
    if math.isfinite(interval.low) and math.isfinite(interval.high):
        ends = np.clip([interval.low, interval.high], shortest, longest)
        axes.plot(ends, [level, level], color=shared.ROBUST, linewidth=4.0, alpha=0.35, solid_capstyle="butt")


def across_figure(details: SwathDetails) -> Figure:
    """Root-mean-square error of each column of pixels, before and after the filter."""
    columns = details.columns
    across = columns["cross_track_km"].to_numpy()
    figure = shared.new_figure(11.0, 3.9)
    panels = figure.subplots(1, len(_LONG_NAMES))
    for axes, (quantity, words) in zip(panels, _LONG_NAMES.items(), strict=True):
        scale, unit = (1000.0, " (mm)") if quantity == "ssh" else (1.0, f" ({_UNITS[quantity]})")
        shared.style(axes, words, xlabel="km across the track", ylabel="RMSE" + unit.replace(" (1)", ""))
        for name, colour, label in (("noisy", NOISY, "no filter"), ("filtered", FILTERED, "filtered")):
            rmse = scale * columns[name].sel(quantity=quantity).to_numpy()
            axes.plot(
                across,
                np.where(rmse > 0, rmse, np.nan),
                color=colour,
                linewidth=1.3,
                marker=".",
                markersize=4,
                label=label,
            )
        _shade_gaps(axes, across, columns["noisy"].sel(quantity="ssh").to_numpy())
        axes.set_xlim(across.min(), across.max())
        if np.isfinite(columns["noisy"].sel(quantity=quantity)).any():
            _plain_decades(axes)
        axes.grid(alpha=0.25)
    legend_below(figure, list(panels))
    shared.title(figure, _across_finding(columns))
    return figure


def _plain_decades(axes: Axes) -> None:
    shared.logarithmic(axes, "y")
    axes.yaxis.set_inverted(False)


def _shade_gaps(axes: Axes, across: Floats, noisy: Floats) -> None:
    """Shade the columns between the two swaths, and beyond them, that nothing measures."""
    half = 0.5 * float(np.diff(across).mean()) if across.size > 1 else 1.0
    missing = ~np.isfinite(noisy)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], missing, [False]]).astype(int)))
    for start, stop in edges.reshape(-1, 2):
        axes.axvspan(across[start] - half, across[stop - 1] + half, color=shared.LAND, alpha=0.5, linewidth=0)


def _across_finding(columns: xr.Dataset) -> str:
    rmse = 1000.0 * columns["filtered"].sel(quantity="ssh")
    if not np.isfinite(rmse).any():
        return "No column has a filtered height"
    place = float(columns["cross_track_km"][int(np.nanargmax(rmse.to_numpy()))])
    return (
        f"Heights after the filter: {float(rmse.min()):.2g} mm at best, {float(rmse.max()):.2g} mm at worst, "
        f"{abs(place):.0f} km off the track"
    )


def error_maps_figure(details: SwathDetails) -> Figure:
    """Error after the filter by cells of one degree, and the share of the error before it."""
    maps = _cut_to_values(details.maps)
    lon, lat = maps["lon"].to_numpy(), maps["lat"].to_numpy()
    box = lon.min() - 0.5, lon.max() + 0.5, lat.min() - 0.5, lat.max() + 0.5
    figure = shared.new_figure(11.0, 0.8 + 3 * (shared.map_height(box, 4.6) + 1.1))
    panels = figure.subplots(len(_LONG_NAMES), 2, sharex=True, sharey=True)
    for row, (quantity, words) in zip(panels, _LONG_NAMES.items(), strict=True):
        filtered, noisy = (maps[name].sel(quantity=quantity).to_numpy() for name in ("filtered", "noisy"))
        share = np.divide(filtered, noisy, out=np.full_like(noisy, np.nan), where=noisy > 0)
        scale, unit = (1000.0, " (mm)") if quantity == "ssh" else (1.0, f" ({_UNITS[quantity]})")
        _, high = shared.finite_range(scale * filtered)
        drawn = _draw_cells(row[0], lon, lat, scale * filtered, vmin=0.0, vmax=high, cmap=_RMS_COLOURS)
        left = _draw_cells(row[1], lon, lat, share, vmin=0.0, vmax=_LARGEST_SHARE, cmap=_SHARE_COLOURS)
        for axes, text in zip(row, (words, f"{words}: share that is left"), strict=True):
            shared.style(axes, text)
            shared.geographic(axes, box)
        shared.colour_bar(figure, drawn, [row[0]], "RMS error" + unit.replace(" (1)", ""), "max")
        shared.colour_bar(figure, left, [row[1]], "RMS error after / before", "max")
    cells = int(np.isfinite(maps["filtered"].sel(quantity="ssh")).sum())
    shared.title(figure, f"Where the error is left: {cells:,} cells of one degree")
    return figure


def _draw_cells(axes: Axes, lon: Floats, lat: Floats, field: Floats, **colours: Any) -> Any:
    return axes.pcolormesh(lon, lat, np.ma.masked_invalid(field), shading="nearest", **colours)


def _cut_to_values(maps: xr.Dataset) -> xr.Dataset:
    """Cut to the box of the cells that hold something; all of the globe where none does."""
    seen = maps["noisy"].notnull().any("quantity")
    if not bool(seen.any()):
        return maps
    rows = np.flatnonzero(seen.any("lon").to_numpy())
    columns = np.flatnonzero(seen.any("lat").to_numpy())
    return maps.isel(lat=slice(rows[0], rows[-1] + 1), lon=slice(columns[0], columns[-1] + 1))
