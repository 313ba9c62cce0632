"""Panels that pictures of swaths share: a stretch in kilometres, spectra of three quantities."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oceanbench.report import axes as shared

__all__ = [
    "ERROR",
    "FILTERED",
    "NOISE",
    "NOISY",
    "Line",
    "draw_spectra",
    "draw_stretch",
    "finite_rms",
    "legend_below",
    "place_of",
    "stretch_panels",
]

Floats = npt.NDArray[np.float64]

NOISY, FILTERED, ERROR, NOISE = "#8A8A8A", shared.MAP, shared.WRONG, "#E69F00"

_WIDTH = 11.0
_PANEL_WIDTH = 4.9  # inches of a panel, without its labels


class Line(NamedTuple):
    """One curve of a panel: variable of the dataset, words of the legend, colour, dashes."""

    name: str
    words: str
    colour: str
    dashes: str = "-"


def stretch_panels(rows: int, stretch: xr.Dataset, extra: float) -> tuple[Figure, npt.NDArray[Any]]:
    """Give a figure with ``rows`` x 2 panels of the shape of the stretch, ``extra`` inches for scales."""
    lines, pixels = stretch.sizes["num_lines"], stretch.sizes["num_pixels"]
    height = min(max(_PANEL_WIDTH * pixels / max(lines, 1), 0.9), 3.0)
    figure = shared.new_figure(_WIDTH, extra + rows * (height + 0.45))
    return figure, np.asarray(figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False))


def draw_stretch(axes: Axes, stretch: xr.Dataset, field: Floats, text: str, **colours: Any) -> Any:
    """Draw a field (lines, pixels) with the flight to the right, in km along and across the track."""
    along = float(stretch.attrs["posting_km"]) * np.arange(stretch.sizes["num_lines"])
    across = stretch["cross_track_km"].to_numpy().astype(np.float64)
    drawn = axes.pcolormesh(along, across, np.ma.masked_invalid(field.T), shading="nearest", **colours)
    shared.style(axes, text)
    axes.set_facecolor(shared.LAND)
    axes.set_aspect("equal")
    return drawn


def place_of(stretch: xr.Dataset) -> str:
    """Say which pass a stretch belongs to and between which latitudes it lies."""
    lat = stretch["lat"].to_numpy()
    lat = lat[np.isfinite(lat)]
    cycle = f"Cycle {stretch.attrs['cycle_number']}, pass" if "cycle_number" in stretch.attrs else "Pass"
    where = f", {_degrees(lat.min())} to {_degrees(lat.max())}" if lat.size else ""
    return f"{cycle} {stretch.attrs['pass_number']}{where}"


def _degrees(lat: float) -> str:
    return f"{abs(lat):.1f}°{'S' if lat < 0 else 'N'}"


def finite_rms(values: npt.ArrayLike) -> float:
    """Give the root mean square of the values that are finite; NaN without any."""
    array = np.asarray(values, dtype=np.float64)
    array = array[np.isfinite(array)]
    return float(np.sqrt(np.mean(array**2))) if array.size else float("nan")


def draw_spectra(axes: Axes, spectra: xr.Dataset, lines: Iterable[Line], floor: str = "") -> bool:
    """Draw spectra of one quantity over decreasing wavelength; tell whether there was anything to draw.

    What lies more than a decade below all of the spectrum ``floor`` is cut off.
    """
    wavenumber = spectra["wavenumber"].to_numpy()
    usable = wavenumber > 0
    any_power, bottom = False, None
    for line in lines:
        power = spectra[line.name].to_numpy()[usable]
        power = np.where(power > 0, power, np.nan)
        axes.plot(
            1.0 / wavenumber[usable],
            power,
            color=line.colour,
            linestyle=line.dashes,
            linewidth=1.5,
            label=line.words,
        )
        any_power |= bool(np.isfinite(power).any())
        if line.name == floor and np.isfinite(power).any():
            bottom = 0.1 * float(np.nanmin(power))
    if not any_power:
        shared.say(axes, "No stretch is as long\nas a segment.")
        return False
    axes.set_yscale("log")
    if bottom is not None:
        # A smooth field goes down without end; what it is compared with decides where to stop.
        axes.set_ylim(bottom=bottom)
    axes.tick_params(which="both", labelsize=8.5)
    shared.logarithmic(axes, "x")
    axes.set_xlim(1.0 / wavenumber[usable].min(), 1.0 / wavenumber[usable].max())
    axes.grid(alpha=0.25, which="major")
    return True


def legend_below(figure: Figure, panels: Sequence[Axes], columns: int = 6) -> None:
    """Explain the curves of all panels once, below the picture."""
    known: dict[str, Any] = {}
    for axes in panels:
        handles, labels = axes.get_legend_handles_labels()
        known |= dict(zip(labels, handles, strict=True))
    figure.legend(
        list(known.values()),
        list(known),
        loc="outside lower center",
        ncols=min(columns, max(len(known), 1)),
        frameon=False,
        fontsize=9.5,
    )
