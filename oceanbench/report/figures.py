"""The pictures of a report: one function each, from the details of an evaluation to a figure.

Figures are plain matplotlib objects without a window; ``figure.savefig(path)`` writes one.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from oceanbench.metrics.bootstrap import Interval
from oceanbench.report import axes as shared
from oceanbench.score import MapDetails, TrackDetails

__all__ = [
    "daily_figure",
    "isotropic_figure",
    "maps_figure",
    "observations_figure",
    "plane_figure",
    "spectrum_figure",
    "track_map_figure",
]

Floats = npt.NDArray[np.float64]

_CELL_DEGREES = 1.0
_RMS_COLOURS = "magma_r"
_GREENS_AND_BROWNS = colormaps["BrBG"].resampled(10).with_extremes(under="#2B1700")
# What the date axis says once at its end, for ticks in years, months, days, hours, minutes, seconds.
_OFFSETS = ["", "%Y", "%Y", "%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%d"]
_NOTHING = Interval(math.nan, math.nan, math.nan)
_HALO = [withStroke(linewidth=3.0, foreground="white")]


def maps_figure(details: MapDetails) -> Figure:
    """Truth, map and error (map minus truth) on the middle date; grey where there is no value.

    Truth and map share one colour scale; that of the error is symmetric about zero.
    """
    truth = _heights(details.truth)
    estimate = _heights(details.estimate)
    error_cm = 100.0 * (estimate - truth)
    figure = shared.new_figure(10.0, 1.5 + shared.map_height(_extent(truth), 2.9))
    panels = figure.subplots(1, 3, sharey=True)
    low, high = shared.finite_range(truth, estimate)
    end = shared.symmetric_range(error_cm)
    height: dict[str, Any] = {"cmap": shared.HEIGHT_COLOURS, "vmin": low, "vmax": high}
    heights = _draw_map(panels[0], truth, "truth", **height)
    _draw_map(panels[1], estimate, "map", **height)
    errors = _draw_map(
        panels[2], error_cm, "error: map − truth", cmap=shared.ERROR_COLOURS, vmin=-end, vmax=end
    )
    shared.colour_bar(figure, heights, list(panels[:2]), "sea surface height (m)", "both")
    shared.colour_bar(figure, errors, [panels[2]], "error (cm)", "both")
    day = np.datetime_as_string(details.date, unit="D")
    shared.title(
        figure, f"{day}: off by {_rms(error_cm):.1f} cm RMS where heights vary by {_spread_cm(truth):.1f} cm"
    )
    return figure


def _heights(field: xr.DataArray) -> xr.DataArray:
    return field.transpose("lat", "lon").astype(np.float64)


def _draw_map(axes: Axes, field: xr.DataArray, text: str, **colours: Any) -> Any:
    lon, lat = field["lon"].to_numpy(), field["lat"].to_numpy()
    drawn = axes.pcolormesh(lon, lat, np.ma.masked_invalid(field.to_numpy()), shading="nearest", **colours)
    shared.style(axes, text)
    shared.geographic(axes, _extent(field))
    return drawn


def _extent(field: xr.DataArray) -> tuple[float, float, float, float]:
    lon, lat = field["lon"].to_numpy(), field["lat"].to_numpy()
    half_lon, half_lat = 0.5 * _step(lon), 0.5 * _step(lat)
    return lon.min() - half_lon, lon.max() + half_lon, lat.min() - half_lat, lat.max() + half_lat


def _step(nodes: Floats) -> float:
    return float(np.diff(nodes).mean()) if nodes.size > 1 else 1.0


def _rms(values: npt.ArrayLike) -> float:
    finite = _finite(values)
    return float(np.sqrt(np.mean(finite**2))) if finite.size else math.nan


def _spread_cm(height: npt.ArrayLike) -> float:
    finite = _finite(height)
    return 100.0 * float(finite.std()) if finite.size else math.nan


def _finite(values: npt.ArrayLike) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    return array[np.isfinite(array)]


def daily_figure(details: MapDetails | TrackDetails) -> Figure:
    """Score 1 - RMSE / RMS of the reference of each day, with mean and spread, and the RMSE below it."""
    days, scores = details.daily["time"].to_numpy(), details.daily.to_numpy().astype(np.float64)
    figure = shared.new_figure(10.0, 4.4)
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    finite = _finite(scores)
    shared.style(axes, ylabel="1 − RMSE / RMS")
    if not finite.size:
        shared.say(axes, "No day has enough points to be scored.")
        shared.title(figure, "No daily score")
        return figure
    _draw_days(axes, days, scores)
    shared.style(below, ylabel="RMSE (cm)")
    below.plot(
        days, 100.0 * details.rmse.to_numpy(), color=shared.WRONG, linewidth=1.0, marker=".", markersize=4
    )
    below.margins(y=0.15)
    below.set_ylim(bottom=0.0)
    below.grid(alpha=0.25)
    shared.title(figure, f"The score of a day lies between {finite.min():.2f} and {finite.max():.2f}")
    return figure


def _draw_days(axes: Axes, days: npt.NDArray[np.datetime64], scores: Floats) -> None:
    mean, spread = float(np.nanmean(scores)), float(np.nanstd(scores))
    axes.axhspan(mean - spread, mean + spread, color=shared.ROBUST, alpha=0.12, linewidth=0)
    axes.axhline(mean, color=shared.ROBUST, linewidth=1.0)
    axes.plot(days, scores, color=shared.REFERENCE, linewidth=1.0, marker=".", markersize=4)
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(
        ConciseDateFormatter(locator, offset_formats=_OFFSETS)  # type: ignore[no-untyped-call]
    )
    axes.grid(alpha=0.25)
    counted = int(np.isfinite(scores).sum())
    what = "days" if np.unique(days.astype("datetime64[D]")).size == days.size else "fields"
    axes.set_title(
        f"{counted} {what}, mean {mean:.3f}, standard deviation {spread:.3f} (line and band)",
        fontsize=9.5,
        loc="left",
    )


def plane_figure(
    details: MapDetails, official: Mapping[str, float], robust: Mapping[str, Interval]
) -> Figure:
    """Spectral score over wavelength and period: the official reading on the left, the robust one beside it.

    Both axes are logarithmic and run from large to small scales. On the left every piece of the 0.5
    contour is drawn thin and the first, which alone decides the official numbers, bold; on the right the
    dots are the edge of the resolved region. Dashed lines mark the wavelength and the period read.
    """
    figure = shared.new_figure(10.0, 5.2)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    limits, told = _official_limits(details, official)
    better = robust.get("lambda_x", _NOTHING).value, robust.get("lambda_t", _NOTHING).value
    drawn = _draw_plane(panels[0], details.plane, "official: one direction of propagation, first contour")
    _draw_contour(panels[0], details.contour)
    _draw_plane(panels[1], details.robust_plane, "robust: both directions, whole resolved region")
    _draw_boundary(panels[1], details.robust_boundary)
    _mark_limits(panels[0], *limits, missing="no crossing", told=told)
    _mark_limits(panels[1], *better, missing="not resolved")
    panels[0].set_ylabel("period (days)", fontsize=9.5)
    if drawn is not None:
        shared.colour_bar(figure, drawn, list(panels), "1 − PSD(error) / PSD(truth)", "min")
    shared.title(figure, _plane_finding(*better))
    return figure


def _official_limits(details: MapDetails, official: Mapping[str, float]) -> tuple[tuple[float, float], str]:
    """Wavelength (degrees) and period read, and the wavelength as told, where it is told in kilometres."""
    if "lambda_x" in official:
        return (official["lambda_x"], official.get("lambda_t", math.nan)), ""
    if not details.contour:
        return (math.nan, math.nan), ""
    wavelength, period = (float(value) for value in details.contour[0].min(axis=0))
    return (wavelength, period), f", told as {official.get('lambda_x_spacetime', math.nan):.3g} km"


def _plane_finding(wavelength: float, period: float) -> str:
    if not (math.isfinite(wavelength) and math.isfinite(period)):
        return "Robust reading: no scale of the map is resolved"
    return f"Robust reading: resolved down to {wavelength:.3g}° of longitude and {period:.3g} days"


def _draw_plane(axes: Axes, plane: xr.DataArray, text: str) -> Any:
    shared.style(axes, text, xlabel="zonal wavelength (degrees of longitude)")
    score = plane.transpose("freq_time", "freq_lon").to_numpy()
    if not np.isfinite(score).any():
        shared.say(
            axes, "No spectrum: the period or the box is too short,\nor every row misses a value (land)."
        )
        return None
    levels = BoundaryNorm(np.linspace(0.0, 1.0, 11), 10)
    wavelength, period = _bin_edges(plane["freq_lon"]), _bin_edges(plane["freq_time"])
    # A bin without any truth scores -inf: as bad as can be, not without a value.
    drawn = axes.pcolormesh(
        1.0 / wavelength,
        1.0 / period,
        np.ma.masked_invalid(score.clip(min=-1e6)),
        cmap=_GREENS_AND_BROWNS,
        norm=levels,
    )
    axes.set_facecolor(shared.LAND)
    shared.logarithmic(axes, "x", "°")
    shared.logarithmic(axes, "y")
    axes.set_xlim(1.0 / wavelength[0], 1.0 / wavelength[-1])
    axes.set_ylim(1.0 / period[0], 1.0 / period[-1])
    return drawn


def _bin_edges(frequency: xr.DataArray) -> Floats:
    """Edges half a step around each frequency, all of them positive."""
    centres = frequency.to_numpy().astype(np.float64)
    step = centres[1] - centres[0] if centres.size > 1 else centres[0]
    return np.append(centres - 0.5 * step, centres[-1] + 0.5 * step).clip(min=1e-3 * centres[0])


def _draw_contour(axes: Axes, pieces: Sequence[Floats]) -> None:
    for number, piece in enumerate(pieces):
        width = 2.2 if number == 0 else 0.7
        axes.plot(piece[:, 0], piece[:, 1], color="black", linewidth=width, path_effects=_HALO)


def _draw_boundary(axes: Axes, boundary: Floats) -> None:
    if len(boundary):
        axes.plot(
            1.0 / boundary[:, 0],
            1.0 / boundary[:, 1],
            linestyle="none",
            marker="o",
            markersize=4.5,
            color="black",
            markeredgecolor="white",
            markeredgewidth=0.7,
        )


def _mark_limits(axes: Axes, wavelength: float, period: float, missing: str, told: str = "") -> None:
    for colour, width, dashes in (("white", 2.0, "-"), ("black", 1.2, "--")):
        if math.isfinite(wavelength):
            axes.axvline(wavelength, color=colour, linewidth=width, linestyle=dashes)
        if math.isfinite(period):
            axes.axhline(period, color=colour, linewidth=width, linestyle=dashes)
    axes.text(
        0.97,
        0.97,
        f"λx {_short(wavelength, '°', missing)}{told}\nλt {_short(period, ' days', missing)}",
        transform=axes.transAxes,
        ha="right",
        va="top",
        fontsize=10,
        fontweight="bold",
        bbox={"boxstyle": "round", "facecolor": "white", "edgecolor": "none"},
    )


def _short(value: float, unit: str, missing: str) -> str:
    return f"{value:.3g}{unit}" if math.isfinite(value) else missing


def isotropic_figure(
    details: MapDetails, official: Mapping[str, float], robust: Mapping[str, Interval]
) -> Figure:
    """Score by the length of the wave vector, with the wavelength that each family reads at 0.5.

    The official curve has the distances of the official code, the robust one true ones.
    """
    better = robust.get("lambda_x_isotrop", _NOTHING)
    figure = shared.new_figure(10.0, 4.0)
    axes = figure.subplots()
    shared.style(axes, xlabel="wavelength in any direction (km)", ylabel="1 − PSD(error) / PSD(truth)")
    axes.axhline(0.5, color="0.5", linewidth=0.8)
    longest = []
    for curve, colour in ((details.isotropic, shared.OFFICIAL), (details.robust_isotropic, shared.ROBUST)):
        if curve is not None:
            wavelength = 1.0 / curve["freq_r"].to_numpy()
            score = curve.to_numpy().clip(min=-1e6)
            axes.plot(wavelength, score, color=colour, linewidth=1.4, marker=".", markersize=4)
            longest.append((wavelength.max(), wavelength.min()))
    _mark_readings(axes, official.get("lambda_x_isotrop", math.nan), better)
    shared.logarithmic(axes, "x")
    axes.set_ylim(-0.5, 1.05)
    axes.set_xlim(max(high for high, _ in longest), min(low for _, low in longest))
    axes.grid(alpha=0.25, which="major")
    shared.title(figure, _isotropic_finding(better))
    return figure


def _isotropic_finding(resolution: Interval) -> str:
    if not math.isfinite(resolution.value):
        return "Robust reading: no wavelength is resolved in all directions"
    return f"Robust reading: wavelengths down to {resolution.value:.0f} km are resolved in all directions"


def spectrum_figure(
    details: TrackDetails, official: Mapping[str, float], robust: Mapping[str, Interval]
) -> Figure:
    """Spectra along the track (reference, map, error) above their score 1 - PSD(error) / PSD(reference).

    Wavelengths decrease to the right. Lines mark the wavelength at which each family reads the score as 0.5;
    the band is the 95 % interval of the robust one.
    """
    reading = official.get("lambda_x", official.get("lambda_x_alongtrack", math.nan))
    better = robust.get("lambda_x", _NOTHING)
    figure = shared.new_figure(10.0, 6.6)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    shared.style(top, f"mean of {details.segments} segments", ylabel="PSD (m² per cycle/km)")
    shared.style(bottom, xlabel="wavelength along the track (km)", ylabel="1 − PSD(error) / PSD(ref.)")
    shared.title(figure, _track_finding(better))
    positive = np.isfinite(details.psd_reference) & (details.wavenumber > 0)
    if not positive.any():
        shared.say(top, "No stretch of the track is long enough for a spectrum.")
        return figure
    wavelength = 1.0 / details.wavenumber[positive]
    _draw_spectra(top, details, positive)
    _draw_score(bottom, wavelength, details.psd_error[positive], details.psd_reference[positive])
    _mark_readings(bottom, reading, better)
    shared.logarithmic(bottom, "x")
    bottom.set_xlim(wavelength.max(), wavelength.min())
    return figure


def _track_finding(resolution: Interval) -> str:
    if not math.isfinite(resolution.value):
        return "Robust reading: no wavelength along the track is resolved"
    return f"Robust reading: wavelengths down to {resolution.value:.0f} km are resolved along the track"


def _draw_spectra(axes: Axes, details: TrackDetails, positive: npt.NDArray[np.bool_]) -> None:
    wavelength = 1.0 / details.wavenumber[positive]
    for name, psd, colour, dashes in (
        ("reference", details.psd_reference, shared.REFERENCE, "-"),
        ("map", details.psd_estimate, shared.MAP, "-"),
        ("error", details.psd_error, shared.WRONG, "--"),
    ):
        power = np.where(psd[positive] > 0, psd[positive], np.nan)  # a perfect map has no error to draw
        axes.plot(wavelength, power, color=colour, linestyle=dashes, linewidth=1.8, label=name)
    if (details.psd_reference[positive] > 0).any():
        axes.set_yscale("log")
    axes.grid(alpha=0.25, which="major")
    axes.legend(fontsize=9.5, frameon=False)


def _draw_score(axes: Axes, wavelength: Floats, error: Floats, reference: Floats) -> None:
    score = 1.0 - np.divide(error, reference, out=np.full_like(error, np.nan), where=reference > 0)
    axes.axhline(0.5, color="0.5", linewidth=0.8)
    axes.plot(wavelength, score, color=shared.REFERENCE, linewidth=1.4, marker=".", markersize=4)
    # One bad bin must not flatten the rest of the curve.
    axes.set_ylim(-0.5, 1.05)
    axes.grid(alpha=0.25, which="major")


def _mark_readings(axes: Axes, official: float, robust: Interval) -> None:
    if math.isfinite(robust.low) and math.isfinite(robust.high):
        axes.axvspan(robust.low, robust.high, color=shared.ROBUST, alpha=0.15, linewidth=0)
    for name, value, missing, colour, dashes in (
        ("robust: first fall through 0.5", robust.value, "not resolved", shared.ROBUST, "-"),
        ("official: sorted score read at 0.5", official, "no crossing", shared.OFFICIAL, "--"),
    ):
        label = f"{name}, {_short(value, ' km', missing)}"
        if math.isfinite(value):
            axes.axvline(value, color=colour, linestyle=dashes, linewidth=1.6, label=label)
        else:
            axes.plot([], [], color=colour, linestyle=dashes, linewidth=1.6, label=label)
    axes.legend(fontsize=9.5, frameon=False, loc="upper right")


def track_map_figure(details: TrackDetails) -> Figure:
    """Error (map minus reference) at each sample of the track, and its RMS in cells of one degree."""
    error_cm = 100.0 * (details.estimate - details.reference)
    box = _box_of(details.lon, details.lat)
    figure = shared.new_figure(10.0, 1.9 + shared.map_height(box, 4.4))
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    end = shared.symmetric_range(error_cm)
    points = panels[0].scatter(
        details.lon,
        details.lat,
        c=error_cm,
        s=2.0,
        linewidths=0,
        cmap=shared.ERROR_COLOURS,
        vmin=-end,
        vmax=end,
    )
    cells = _draw_cells(panels[1], details.lon, details.lat, error_cm, box)
    for axes, text in zip(
        panels, ("error at each sample: map − reference", "RMS error by cell of 1°"), strict=True
    ):
        shared.style(axes, text)
        shared.geographic(axes, box)
    panels[0].set_facecolor("white")
    shared.colour_bar(figure, points, [panels[0]], "error (cm)", "both")
    shared.colour_bar(figure, cells, [panels[1]], "RMS error (cm)", "max")
    shared.title(
        figure, f"The map is off by {_rms(error_cm):.1f} cm RMS over {error_cm.size:,} samples of the track"
    )
    return figure


def _box_of(lon: Floats, lat: Floats) -> tuple[float, float, float, float]:
    """West, east, south, north: whole degrees around the points, the whole globe around none."""
    if not lon.size:
        return -180.0, 180.0, -90.0, 90.0
    return (
        math.floor(lon.min()),
        math.floor(lon.max()) + 1.0,
        math.floor(lat.min()),
        math.floor(lat.max()) + 1.0,
    )


def _draw_cells(axes: Axes, lon: Floats, lat: Floats, error_cm: Floats, box: Sequence[float]) -> Any:
    west, east, south, north = box
    columns = np.arange(west, east + _CELL_DEGREES, _CELL_DEGREES)
    rows = np.arange(south, north + _CELL_DEGREES, _CELL_DEGREES)
    squares, _, _ = np.histogram2d(lat, lon, bins=(rows, columns), weights=error_cm**2)
    counts, _, _ = np.histogram2d(lat, lon, bins=(rows, columns))
    rms = np.sqrt(np.divide(squares, counts, out=np.full_like(squares, np.nan), where=counts > 0))
    _, high = shared.finite_range(rms)
    return axes.pcolormesh(columns, rows, np.ma.masked_invalid(rms), cmap=_RMS_COLOURS, vmin=0.0, vmax=high)


def observations_figure(observations: xr.Dataset, box: Sequence[float]) -> Figure:
    """Heights that a method may use, at their places in the box.

    Parameters
    ----------
    observations : xr.Dataset, dim (obs,)
        Canonical observations: ``time``, ``lon``, ``lat``, ``ssh`` (metres), ``mission``.
    box : sequence of four floats
        West, east, south and north edge in degrees.
    """
    west, east, south, north = box
    lon, lat = observations["lon"].to_numpy(), observations["lat"].to_numpy()
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    chosen = observations.isel(obs=np.flatnonzero(inside))
    figure = shared.new_figure(6.4, 1.6 + shared.map_height(box, 5.4))
    axes = figure.subplots()
    height = chosen["ssh"].to_numpy()
    low, high = shared.finite_range(height)
    points = axes.scatter(
        chosen["lon"],
        chosen["lat"],
        c=height,
        s=3.0,
        linewidths=0,
        cmap=shared.HEIGHT_COLOURS,
        vmin=low,
        vmax=high,
    )
    shared.style(axes, _missions(chosen))
    shared.geographic(axes, box)
    axes.set_facecolor("white")
    shared.colour_bar(figure, points, [axes], "sea surface height (m)", "both")
    shared.title(figure, _observed_finding(chosen))
    return figure


def _observed_finding(chosen: xr.Dataset) -> str:
    if not chosen.sizes["obs"]:
        return "No observation in the box"
    times = chosen["time"].to_numpy()
    first, last = np.datetime_as_string([times.min(), times.max()], unit="D")
    return f"{chosen.sizes['obs']:,} observations, {first} to {last}"


def _missions(chosen: xr.Dataset) -> str:
    names = chosen.attrs.get("missions", [])
    return ", ".join(str(names[index]) for index in np.unique(chosen["mission"].to_numpy()))
