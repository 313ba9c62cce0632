"""One stretch of a pass side by side: the truth, the heights as given, and those of each filter."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oceanbench.report import axes as shared
from oceanbench.score import SwathDetails
from oceanbench_leaderboard.bench.panels import Scale

__all__ = ["errors_figure", "heights_figure", "vorticity_figure"]

Floats = npt.NDArray[np.float64]

_WIDTH = 10.0  # inches, that of a page
_MM = 1000.0


class _Strip(NamedTuple):
    """A field of a stretch with the words above it, shape (lines, pixels)."""

    text: str
    field: Floats


def heights_figure(details: Mapping[str, SwathDetails]) -> Figure:
    """Heights of the truth, as given, and of each filter, with one colour scale.

    Parameters
    ----------
    details : mapping of str to SwathDetails
        By method; all of the same passes.
    """
    shown = _first(details)
    true = _values(shown, "ssh_true")
    plane = _plane(true)
    strips = [_Strip("truth", true - plane)]
    strips += [_Strip(name, field - plane) for name, field in _heights(details).items()]
    end = shared.symmetric_range(strips[0].field)
    told = [_Strip(text, 100.0 * field) for text, field in strips]
    scale = Scale(shared.HEIGHT_COLOURS, -100.0 * end, 100.0 * end, "height without a plane (cm)", "both")
    return _strips_figure(shown, told, scale, f"{_where(shown)}: the truth, and what filters make of it")


def errors_figure(details: Mapping[str, SwathDetails]) -> Figure:
    """Height minus truth, as given and of each filter, with a scale that fits the filters.

    Parameters
    ----------
    details : mapping of str to SwathDetails
        By method; all of the same passes.
    """
    shown = _first(details)
    true = _values(shown, "ssh_true")
    errors = {name: _MM * (field - true) for name, field in _heights(details).items()}
    end = float(np.median([shared.symmetric_range(field) for field in errors.values()]))
    scale = Scale(shared.ERROR_COLOURS, -end, end, "error: height − truth (mm)", "both")
    strips = [_Strip(f"{name}: {_rms(field):.2f} mm RMS", field) for name, field in errors.items()]
    best = min(details, key=lambda name: _rms(errors.get(name, errors[_GIVEN])))
    least = _rms(errors.get(best, errors[_GIVEN]))
    return _strips_figure(
        shown, strips, scale, f"{_where(shown)}: {best} is off least, by {least:.2f} mm RMS"
    )


def vorticity_figure(details: Mapping[str, SwathDetails]) -> Figure:
    """Vorticity over f of the truth, as given, and of each filter, with the scale of the truth.

    Parameters
    ----------
    details : mapping of str to SwathDetails
        By method; all of the same passes.
    """
    shown = _first(details)
    true = _values(shown, "vorticity_true")
    strips = [_Strip("truth", true), _Strip(_GIVEN, _values(shown, "vorticity_noisy"))]
    names = [name for name in _heights(details) if name != _GIVEN]
    strips += [_Strip(name, _values(details[name].shown, "vorticity_filtered")) for name in names]
    told = [_Strip(f"{text}: std {np.nanstd(field):.2f}", field) for text, field in strips]
    end = shared.symmetric_range(true)
    scale = Scale(shared.ERROR_COLOURS, -end, end, "vorticity over f", "both")
    return _strips_figure(shown, told, scale, f"{_where(shown)}: vorticity, where noise shows most")


_GIVEN = "as given"


def _first(details: Mapping[str, SwathDetails]) -> xr.Dataset:
    return next(iter(details.values())).shown


def _heights(details: Mapping[str, SwathDetails]) -> dict[str, Floats]:
    """Give the heights as given and of each filter; a filter that changes nothing is not shown again."""
    noisy = _values(_first(details), "ssh_noisy")
    filtered = {name: _values(one.shown, "ssh_filtered") for name, one in details.items()}
    changed = {
        name: field
        for name, field in filtered.items()
        if not np.allclose(field, noisy, 0.0, 1e-6, equal_nan=True)
    }
    return {_GIVEN: noisy, **changed}


def _values(shown: xr.Dataset, name: str) -> Floats:
    return np.asarray(shown[name].transpose("num_lines", "num_pixels").values, dtype=np.float64)


def _plane(field: Floats) -> Floats:
    """Give the plane that fits a field best, at every pixel."""
    lines, pixels = np.indices(field.shape)
    terms = np.stack([np.ones(field.shape), lines, pixels], axis=-1)
    seen = np.isfinite(field)
    return np.asarray(terms @ np.linalg.lstsq(terms[seen], field[seen], rcond=None)[0])


def _where(shown: xr.Dataset) -> str:
    first = int(shown.attrs.get("first_line", 0))
    last = first + shown.sizes["num_lines"] - 1
    return f"Pass {int(shown.attrs.get('pass_number', 0))}, lines {first} to {last}"


def _rms(field: Floats) -> float:
    return float(np.sqrt(np.nanmean(field**2)))


# --- drawing


def _strips_figure(shown: xr.Dataset, strips: Sequence[_Strip], scale: Scale, title: str) -> Figure:
    """Draw strips, along the track to the right, in two columns, with one colour scale."""
    across = 2 if len(strips) > 1 else 1
    down = math.ceil(len(strips) / across)
    along_km, across_km = _axes_km(shown)
    ratio = (np.ptp(across_km) + 1.0) / (np.ptp(along_km) + 1.0)
    height = min(max((_WIDTH / across - 0.6) * float(ratio), 0.8), 4.0)
    figure = shared.new_figure(_WIDTH, 1.4 + (height + 0.32) * down)
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    drawn: Any = None
    for axes, strip in zip(grid.ravel(), strips, strict=False):
        drawn = _draw_strip(axes, along_km, across_km, strip, scale)
    for axes in grid.ravel()[len(strips) :]:
        axes.set_visible(False)
    for axes in grid[:, 0]:
        axes.set_ylabel("across (km)", fontsize=8.5)
    for axes in grid.ravel()[: len(strips)][-across:]:  # the lowest that is drawn of each column
        axes.set_xlabel("along the track (km)", fontsize=8.5)
        axes.tick_params(labelbottom=True)
    shared.colour_bar(figure, drawn, list(grid.ravel()), scale.label, scale.extend)
    shared.title(figure, title)
    return figure


def _axes_km(shown: xr.Dataset) -> tuple[Floats, Floats]:
    posting = float(shown.attrs.get("posting_km", 2.0))
    lines, pixels = shown.sizes["num_lines"], shown.sizes["num_pixels"]
    along = posting * np.arange(lines, dtype=np.float64)
    if "cross_track_km" in shown.coords:
        return along, np.asarray(shown["cross_track_km"].values, dtype=np.float64)
    return along, np.asarray(posting * (np.arange(pixels) - (pixels - 1) / 2), dtype=np.float64)


def _draw_strip(axes: Axes, along_km: Floats, across_km: Floats, strip: _Strip, scale: Scale) -> Any:
    drawn = axes.pcolormesh(
        along_km,
        across_km,
        np.ma.masked_invalid(strip.field.T),
        shading="nearest",
        cmap=scale.cmap,
        vmin=scale.low,
        vmax=scale.high,
        rasterized=True,
    )
    shared.style(axes, strip.text)
    axes.set_facecolor(shared.LAND)
    axes.set_aspect("equal")
    return drawn
