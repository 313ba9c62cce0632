"""Axes that all pictures of a report share: fonts, colours, degrees, logarithmic scales."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

__all__ = [
    "ERROR_COLOURS",
    "HEIGHT_COLOURS",
    "LAND",
    "MAP",
    "OFFICIAL",
    "REFERENCE",
    "ROBUST",
    "WRONG",
    "colour_bar",
    "finite_range",
    "geographic",
    "logarithmic",
    "map_height",
    "new_figure",
    "say",
    "style",
    "symmetric_range",
    "title",
]

# Okabe and Ito's colours, told apart with any colour vision; the maps are perceptually uniform or
# diverge from a neutral middle, and grey means land or no value.
OFFICIAL, ROBUST = "#D55E00", "#0072B2"
REFERENCE, MAP, WRONG = "#1A1A1A", "#009E73", "#CC79A7"
HEIGHT_COLOURS, ERROR_COLOURS = "viridis", "RdBu_r"
LAND = "#B8B8B8"

_DPI = 130
_SMALL, _NORMAL, _LARGE = 8.5, 9.5, 12.0


def new_figure(width: float, height: float) -> Figure:
    """Give an empty figure of that size in inches, bound to a raster canvas and to no window."""
    figure = Figure(figsize=(width, height), dpi=_DPI, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def title(figure: Figure, text: str) -> None:
    """Write what the picture shows above it."""
    figure.suptitle(text, fontsize=_LARGE, fontweight="bold", x=0.01, ha="left")


def style(axes: Axes, text: str = "", xlabel: str = "", ylabel: str = "") -> None:
    """Give one panel its heading, labels and the common font sizes."""
    axes.set_title(text, fontsize=_NORMAL, loc="left")
    axes.set_xlabel(xlabel, fontsize=_NORMAL)
    axes.set_ylabel(ylabel, fontsize=_NORMAL)
    axes.tick_params(labelsize=_SMALL)


def geographic(axes: Axes, box: Sequence[float]) -> None:
    """Make a panel a map of the box (west, east, south, north): true shape, ticks in degrees."""
    west, east, south, north = box
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1.0 / math.cos(math.radians((south + north) / 2.0)))
    for axis, signs in ((axes.xaxis, "WE"), (axes.yaxis, "SN")):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(FuncFormatter(_degrees(signs)))
    axes.set_facecolor(LAND)


def map_height(box: Sequence[float], width: float) -> float:
    """Give the height in inches of a map of the box (west, east, south, north) that is ``width`` wide."""
    west, east, south, north = box
    stretch = math.cos(math.radians((south + north) / 2.0))
    return min(max(width * (north - south) / ((east - west) * stretch), 1.5), 5.0)


def _degrees(signs: str) -> Any:
    def label(value: float, _position: object) -> str:
        return f"{abs(value):g}°{signs[int(value > 0)] if value else ''}"

    return label


def logarithmic(axes: Axes, which: str, unit: str = "") -> None:
    """Make the axis ``"x"`` or ``"y"`` logarithmic and decreasing, with plain numbers at 1, 2, 5."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}{unit}"))
    axis.set_minor_formatter(NullFormatter())
    axis.set_inverted(True)


def colour_bar(figure: Figure, mappable: Any, axes: Any, label: str, extend: str = "neither") -> None:
    """Add a horizontal scale below the panels ``axes``."""
    bar = figure.colorbar(mappable, ax=axes, orientation="horizontal", extend=extend, aspect=35, pad=0.02)
    bar.set_label(label, fontsize=_NORMAL)
    bar.ax.tick_params(labelsize=_SMALL)


def say(axes: Axes, text: str) -> None:
    """Write a sentence in the middle of a panel that has nothing to draw."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", fontsize=_NORMAL, wrap=True)


def finite_range(*fields: npt.ArrayLike) -> tuple[float, float]:
    """Give the 1 % and 99 % points of all finite values together, never an empty range."""
    values = np.concatenate([np.asarray(field, dtype=np.float64).ravel() for field in fields])
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = np.percentile(values, (1.0, 99.0))
    return (float(low), float(high)) if high > low else (float(low) - 0.01, float(low) + 0.01)


def symmetric_range(field: npt.ArrayLike) -> float:
    """Give the 99 % point of the absolute values, the end of a scale that is symmetric about zero."""
    low, high = finite_range(np.abs(np.asarray(field, dtype=np.float64)))
    return max(abs(low), abs(high))
