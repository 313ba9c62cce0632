"""Errors of filtered swaths by wavelength and by place across the track, all filters in one picture."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oceanbench.metrics.bootstrap import Interval
from oceanbench.report import axes as shared
from oceanbench.score import SwathDetails
from oceanbench_leaderboard.bench.panels import colour_of, plain_logarithmic

__all__ = ["columns_figure", "ratios_figure"]

Floats = npt.NDArray[np.float64]

_TITLES = {"ssh": "height", "speed": "geostrophic speed", "vorticity": "vorticity over f"}
_UNITS = {"ssh": ("mm", 1000.0), "speed": ("m/s", 1.0), "vorticity": ("", 1.0)}
_GIVEN: Mapping[str, Any] = {"color": "0.25", "linewidth": 1.2, "linestyle": "--", "zorder": 3}
_LOWEST = 1e-3  # of a ratio: below it nothing is decided


def ratios_figure(
    details: Mapping[str, SwathDetails], robust: Mapping[str, Mapping[str, Interval]]
) -> Figure:
    """PSD(error) / PSD(truth) of each filter by wavelength along the track, a panel for each quantity.

    Parameters
    ----------
    details : mapping of str to SwathDetails
        By method.
    robust : mapping of str to mapping of str to Interval
        Robust numbers of each method: the wavelengths that the heading tells.
    """
    figure = _panels(details, _draw_ratio, "wavelength along the track (km)")
    figure.axes[0].set_ylabel("PSD(error) / PSD(truth)", fontsize=9.5)
    shared.title(figure, _shortest(robust))
    return figure


def columns_figure(details: Mapping[str, SwathDetails]) -> Figure:
    """RMSE of each column of pixels, of each filter, a panel for each quantity.

    Parameters
    ----------
    details : mapping of str to SwathDetails
        By method.
    """
    figure = _panels(details, _draw_columns, "across the track (km)")
    figure.axes[0].set_ylabel("root-mean-square error", fontsize=9.5)
    means = {name: float(one.columns["filtered"].sel(quantity="ssh").mean()) for name, one in details.items()}
    best = min(means, key=lambda name: means[name] if math.isfinite(means[name]) else math.inf)
    shared.title(figure, f"Error across the track: in the mean of the columns {best} is off least")
    return figure


type Draw = Callable[[Axes, str, Mapping[str, SwathDetails]], None]


def _panels(details: Mapping[str, SwathDetails], draw: Draw, xlabel: str) -> Figure:
    figure = shared.new_figure(10.0, 4.4)
    panels = figure.subplots(1, len(_TITLES), squeeze=False)[0]
    for axes, quantity in zip(panels, _TITLES, strict=True):
        shared.style(axes, _TITLES[quantity], xlabel=xlabel)
        draw(axes, quantity, details)
        axes.grid(alpha=0.25, which="major")
    figure.legend(
        *panels[0].get_legend_handles_labels(),
        loc="outside lower center",
        ncols=min(len(details) + 1, 6),
        fontsize=9.0,
        frameon=False,
    )
    return figure


def _draw_ratio(axes: Axes, quantity: str, details: Mapping[str, SwathDetails]) -> None:
    first = next(iter(details.values())).robust_spectra.sel(quantity=quantity)
    wavelength, ratio = _ratio(first, "noise")
    if not wavelength.size:
        return shared.say(axes, "No stretch is long enough for a spectrum.")
    axes.plot(wavelength, ratio, label="as given", **_GIVEN)
    for place, (name, one) in enumerate(details.items()):
        axes.plot(
            *_ratio(one.robust_spectra.sel(quantity=quantity), "error"),
            color=colour_of(place),
            linewidth=1.5,
            label=name,
        )
    axes.axhline(1.0, color="0.4", linewidth=0.9)
    axes.axhline(0.5, color="0.4", linewidth=0.9, linestyle=":")
    shared.logarithmic(axes, "x")
    axes.set_yscale("log")
    axes.set_ylim(bottom=max(axes.get_ylim()[0], _LOWEST))
    return None


def _ratio(spectra: xr.Dataset, series: str) -> tuple[Floats, Floats]:
    wavenumber = spectra["wavenumber"].values.astype(np.float64)
    true, error = (spectra[name].values.astype(np.float64) for name in ("true", series))
    seen = (wavenumber > 0) & np.isfinite(true) & (true > 0) & np.isfinite(error) & (error > 0)
    return 1.0 / wavenumber[seen], error[seen] / true[seen]


def _shortest(robust: Mapping[str, Mapping[str, Interval]]) -> str:
    nowhere = Interval(math.nan, math.nan, math.nan)
    known = {name: numbers.get("lambda_snr2.ssh", nowhere).value for name, numbers in robust.items()}
    known = {name: value for name, value in known.items() if math.isfinite(value)}
    if not known:
        return "No filter has less than half of the power of the truth in its error at any wavelength"
    best = min(known, key=lambda name: known[name])
    return f"Down to {known[best]:.1f} km the error of {best} has less than half of the power of the truth"


def _draw_columns(axes: Axes, quantity: str, details: Mapping[str, SwathDetails]) -> None:
    unit, factor = _UNITS[quantity]
    first = next(iter(details.values())).columns.sel(quantity=quantity)
    across = first["cross_track_km"].values
    axes.plot(across, factor * first["noisy"].values, label="as given", **_GIVEN)
    for place, (name, one) in enumerate(details.items()):
        values = factor * one.columns["filtered"].sel(quantity=quantity).values
        axes.plot(across, values, color=colour_of(place), linewidth=1.5, label=name)
    axes.set_yscale("log")
    plain_logarithmic(axes.yaxis)
    shared.style(axes, f"{_TITLES[quantity]}{f' ({unit})' if unit else ''}", xlabel=axes.get_xlabel())
