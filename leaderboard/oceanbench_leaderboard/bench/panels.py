"""Panels that all pictures of a bench share: maps with one colour scale, a colour for each method."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from oceanbench.report import axes as shared

__all__ = [
    "MapPanel",
    "Scale",
    "colour_of",
    "columns_for",
    "draw_map",
    "extent_of",
    "map_panels",
    "plain_logarithmic",
]

_WIDTH = 10.0  # inches, that of a page
_MOST_COLUMNS = 4
_TALLEST = 3.6  # inches, of a map
# Okabe and Ito's colours and four darker ones, told apart with any colour vision.
_METHODS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#8C510A",
    "#5A5A5A",
    "#332288",
    "#999933",
)


class MapPanel(NamedTuple):
    """A field with the words above it."""

    text: str
    field: xr.DataArray


class Scale(NamedTuple):
    """Colours of a picture, the same in all its panels."""

    cmap: str
    low: float
    high: float
    label: str
    extend: str


def colour_of(place: int) -> str:
    """Give the colour of the method at this place of the table."""
    return _METHODS[place % len(_METHODS)]


def plain_logarithmic(axis: Axis, *, wide: bool = False) -> None:
    """Label a logarithmic axis with plain numbers at 1, 2, 5 (a wide one at 1); leave its direction."""
    axis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def columns_for(count: int) -> int:
    """Give the number of columns that leaves the fewest panels empty, at most four.

    Examples
    --------
    >>> [columns_for(count) for count in (1, 2, 3, 4, 5, 6, 7, 8)]
    [1, 2, 3, 4, 3, 3, 4, 4]
    """
    rows = math.ceil(count / _MOST_COLUMNS)
    return math.ceil(count / rows)


def map_panels(
    panels: Sequence[MapPanel], scale: Scale, title: str, *, columns: int = 0
) -> tuple[Figure, list[Axes]]:
    """Draw maps side by side with one colour scale; give the figure and its panels.

    Parameters
    ----------
    panels : sequence of MapPanel
        Fields, dims (lat, lon); from left to right, then down.
    scale : Scale
        Of all panels.
    title : str
        What the picture shows.
    columns : int
        How many stand side by side; as many as fit well if 0.
    """
    across = columns or columns_for(len(panels))
    down = math.ceil(len(panels) / across)
    width = min(_WIDTH, 1.0 + 4.5 * across)
    box = extent_of(panels[0].field)
    height = min(shared.map_height(box, (width - 0.8) / across - 0.15), _TALLEST)
    figure = shared.new_figure(width, 1.3 + (height + 0.35) * down)
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    drawn: Any = None
    for axes, (text, field) in zip(grid, panels, strict=False):
        drawn = draw_map(axes, field, text, scale)
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    shared.colour_bar(figure, drawn, list(grid), scale.label, scale.extend)
    shared.title(figure, title)
    return figure, list(grid[: len(panels)])


def draw_map(axes: Axes, field: xr.DataArray, text: str, scale: Scale) -> Any:
    """Draw one field; grey where it has no value."""
    placed = field.transpose("lat", "lon")
    drawn = axes.pcolormesh(
        placed["lon"].to_numpy(),
        placed["lat"].to_numpy(),
        np.ma.masked_invalid(placed.to_numpy().astype(np.float64)),
        shading="nearest",
        cmap=scale.cmap,
        vmin=scale.low,
        vmax=scale.high,
        rasterized=True,
    )
    shared.style(axes, text)
    shared.geographic(axes, extent_of(field))
    return drawn


def extent_of(field: xr.DataArray) -> tuple[float, float, float, float]:
    """Give the outer edges of the cells of a field: west, east, south, north."""
    ends = []
    for name in ("lon", "lat"):
        nodes = field[name].to_numpy().astype(np.float64)
        half = 0.5 * float(np.diff(nodes).mean()) if nodes.size > 1 else 0.5
        ends += [float(nodes.min()) - half, float(nodes.max()) + half]
    return ends[0], ends[1], ends[2], ends[3]
