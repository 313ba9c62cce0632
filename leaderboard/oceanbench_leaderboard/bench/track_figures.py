"""Pictures of maps scored along a withheld track: heights of one day, errors by cell, scores by scale."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr
from matplotlib.figure import Figure

from oceanbench.report import axes as shared
from oceanbench.score import TrackDetails
from oceanbench_leaderboard.bench.panels import MapPanel, Scale, colour_of, map_panels

__all__ = ["cells_figure", "scales_figure", "track_heights_figure"]

_CELL_DEGREES = 1.0
_FEWEST = 5  # samples of a cell that is coloured
_RMS_COLOURS = "magma_r"
_HALF_DAY = np.timedelta64(12, "h")


def track_heights_figure(
    details: Mapping[str, TrackDetails], maps: Mapping[str, Path], land: xr.DataArray | None = None
) -> Figure:
    """Map of each method on the middle day, with what the withheld altimeter measured around it.

    Parameters
    ----------
    details : mapping of str to TrackDetails
        By method.
    maps : mapping of str to pathlib.Path
        File of each map.
    land : xr.DataArray, dims (lat, lon), optional
        A field without values on land; the maps are not drawn there.
    """
    first = next(iter(details.values()))
    times = np.sort(first.time)
    middle = times[times.size // 2].astype("datetime64[D]").astype("datetime64[ns]")
    panels = [MapPanel(name, _at(maps[name], middle, land)) for name in details]
    low, high = shared.finite_range(*(panel.field.to_numpy() for panel in panels))
    scale = Scale(shared.HEIGHT_COLOURS, low, high, "height (m)", "both")
    day = np.datetime_as_string(middle, unit="D")
    near = np.abs(first.time - middle) <= _HALF_DAY
    title = f"{day}: maps, and {int(near.sum())} samples of the withheld altimeter"
    figure, drawn = map_panels(panels, scale, title)
    for axes in drawn:
        axes.scatter(first.lon[near], first.lat[near], c="white", s=34.0, linewidths=0)  # an edge
        axes.scatter(
            first.lon[near],
            first.lat[near],
            c=first.reference[near],
            s=16.0,
            linewidths=0,
            cmap=scale.cmap,
            vmin=low,
            vmax=high,
        )
    return figure


def _at(path: Path, instant: np.datetime64, land: xr.DataArray | None) -> xr.DataArray:
    with xr.open_dataset(path) as maps:
        field = maps["ssh"].sel(time=instant, method="nearest").load()
    if land is None:
        return field
    return field.where(land.sel(lat=field.lat, lon=field.lon, method="nearest").notnull().to_numpy())


def cells_figure(details: Mapping[str, TrackDetails]) -> Figure:
    """RMS error of each method in cells of one degree, with one colour scale."""
    fields = {name: _cells(one) for name, one in details.items()}
    panels = [MapPanel(f"{name}: {_rms_cm(details[name]):.2f} cm", field) for name, field in fields.items()]
    low, high = shared.finite_range(*(field.to_numpy() for field in fields.values()))
    scale = Scale(_RMS_COLOURS, low, high, "RMS error along the track by cell of 1° (cm)", "both")
    best = min(details, key=lambda name: _rms_cm(details[name]))
    return map_panels(
        panels, scale, f"Along the withheld track {best} is off least, by {_rms_cm(details[best]):.2f} cm RMS"
    )[0]


def _cells(details: TrackDetails) -> xr.DataArray:
    error_cm = 100.0 * (details.estimate - details.reference)
    west, south = math.floor(details.lon.min()), math.floor(details.lat.min())
    east, north = math.floor(details.lon.max()) + 1.0, math.floor(details.lat.max()) + 1.0
    edges = np.arange(south, north + 0.5, _CELL_DEGREES), np.arange(west, east + 0.5, _CELL_DEGREES)
    squares = np.histogram2d(details.lat, details.lon, bins=edges, weights=error_cm**2)[0]
    counts = np.histogram2d(details.lat, details.lon, bins=edges)[0]
    enough = counts >= _FEWEST
    rms = np.sqrt(np.divide(squares, counts, out=np.full_like(squares, np.nan), where=enough))
    middles = [edge[:-1] + 0.5 * _CELL_DEGREES for edge in edges]
    return xr.DataArray(rms, {"lat": middles[0], "lon": middles[1]}, ("lat", "lon"))


def _rms_cm(details: TrackDetails) -> float:
    return 100.0 * float(np.sqrt(np.nanmean((details.estimate - details.reference) ** 2)))


def scales_figure(details: Mapping[str, TrackDetails]) -> Figure:
    """Score 1 - PSD(error) / PSD(reference) by wavelength along the track, one line for each method."""
    figure = shared.new_figure(10.0, 4.2)
    axes = figure.subplots()
    shared.style(axes, xlabel="wavelength along the track (km)", ylabel="1 − PSD(error) / PSD(reference)")
    axes.axhline(0.5, color="0.4", linewidth=0.9)
    ends: list[npt.NDArray[np.float64]] = []
    for place, (name, one) in enumerate(details.items()):
        seen = (one.wavenumber > 0) & np.isfinite(one.psd_reference) & (one.psd_reference > 0)
        if seen.any():
            wavelength = 1.0 / one.wavenumber[seen]
            score = 1.0 - one.psd_error[seen] / one.psd_reference[seen]
            axes.plot(wavelength, score, color=colour_of(place), linewidth=1.6, label=name)
            ends.append(wavelength)
    if not ends:
        shared.say(axes, "No stretch of the track is long enough for a spectrum.")
        shared.title(figure, "No spectrum")
        return figure
    shared.logarithmic(axes, "x")
    axes.set_xlim(max(map(np.max, ends)), min(map(np.min, ends)))
    axes.set_ylim(-0.5, 1.05)
    axes.grid(alpha=0.25, which="major")
    axes.legend(fontsize=9.5, frameon=False)
    shared.title(figure, "Score by wavelength: a wavelength is resolved where it lies above 0.5")
    return figure
