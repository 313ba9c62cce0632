"""Spectral scores of several methods side by side."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure

from oceanbench.metrics.bootstrap import Interval
from oceanbench.report import axes as shared
from oceanbench.score import MapDetails
from oceanbench_leaderboard.bench.panels import columns_for

__all__ = ["planes_figure"]

_COLOURS = colormaps["BrBG"].resampled(10).with_extremes(under="#2B1700")
_LEVELS = BoundaryNorm(np.linspace(0.0, 1.0, 11), 10)
_NOTHING = Interval(math.nan, math.nan, math.nan)
_SHORTEST = 0.5  # degrees: no method resolves less, and half of the axis would show it


def planes_figure(details: Mapping[str, MapDetails], robust: Mapping[str, Mapping[str, Interval]]) -> Figure:
    """Robust spectral score of each method, with the wavelength and the period that it resolves.

    Parameters
    ----------
    details : mapping of str to MapDetails
        By method; at least one.
    robust : mapping of str to mapping of str to Interval
        Its robust numbers.
    """
    across = columns_for(len(details))
    down = math.ceil(len(details) / across)
    width = min(10.0, 1.0 + 4.5 * across)
    figure = shared.new_figure(width, 1.5 + 2.9 * down)
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    drawn: Any = None
    for axes, (name, one) in zip(grid.ravel(), details.items(), strict=False):
        limits = [robust[name].get(metric, _NOTHING).value for metric in ("lambda_x", "lambda_t")]
        drawn = _draw_plane(axes, one.robust_plane, f"{name}: {_told(*limits)}") or drawn
        _mark(axes, *limits)
    for axes in grid.ravel()[len(details) :]:
        axes.set_visible(False)
    for axes in grid[:, 0]:
        axes.set_ylabel("period (days)", fontsize=9.5)
    if drawn is not None:
        shared.colour_bar(
            figure,
            drawn,
            list(grid.ravel()),
            "1 − PSD(error) / PSD(truth); wavelength in ° of longitude",
            "min",
        )
    shared.title(figure, _finding(robust))
    return figure


def _told(wavelength: float, period: float) -> str:
    if not (math.isfinite(wavelength) and math.isfinite(period)):
        return "nothing resolved"
    return f"{wavelength:.2f}°, {period:.1f} d"


def _finding(robust: Mapping[str, Mapping[str, Interval]]) -> str:
    known = {name: one["lambda_x"].value for name, one in robust.items() if "lambda_x" in one}
    known = {name: value for name, value in known.items() if math.isfinite(value)}
    if not known:
        return "No method resolves any wavelength"
    best = min(known, key=lambda name: known[name])
    return f"{best} resolves the shortest waves: {known[best]:.2f}° of longitude"


def _draw_plane(axes: Axes, plane: xr.DataArray, text: str) -> Any:
    shared.style(axes, text)
    score = plane.transpose("freq_time", "freq_lon").to_numpy()
    if not np.isfinite(score).any():
        shared.say(axes, "no spectrum")
        return None
    wavelength, period = 1.0 / _edges(plane["freq_lon"]), 1.0 / _edges(plane["freq_time"])
    drawn = axes.pcolormesh(
        wavelength, period, np.ma.masked_invalid(score.clip(min=-1e6)), cmap=_COLOURS, norm=_LEVELS
    )
    axes.set_facecolor(shared.LAND)
    shared.logarithmic(axes, "x", "°")
    shared.logarithmic(axes, "y")
    axes.set_xlim(wavelength[0], max(wavelength[-1], _SHORTEST))
    axes.set_ylim(period[0], period[-1])
    return drawn


def _edges(frequency: xr.DataArray) -> npt.NDArray[np.float64]:
    """Edges half a step around each frequency, all of them positive."""
    centres = frequency.to_numpy().astype(np.float64)
    step = centres[1] - centres[0] if centres.size > 1 else centres[0]
    return np.append(centres - 0.5 * step, centres[-1] + 0.5 * step).clip(min=0.25 * centres[0])


def _mark(axes: Axes, wavelength: float, period: float) -> None:
    for colour, width, dashes in (("white", 2.0, "-"), ("black", 1.2, "--")):
        if math.isfinite(wavelength):
            axes.axvline(wavelength, color=colour, linewidth=width, linestyle=dashes)
        if math.isfinite(period):
            axes.axhline(period, color=colour, linewidth=width, linestyle=dashes)
