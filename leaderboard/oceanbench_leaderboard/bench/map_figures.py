"""Pictures of maps scored against a gridded truth: heights, errors, and what methods say of their errors."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import xarray as xr
from matplotlib.figure import Figure

from oceanbench.report import axes as shared
from oceanbench.score import MapDetails
from oceanbench_leaderboard.bench.errors import ErrorMaps
from oceanbench_leaderboard.bench.panels import MapPanel, Scale, columns_for, map_panels

__all__ = ["errors_figure", "formal_figure", "heights_figure"]

_RMS_COLOURS = "magma_r"


def heights_figure(details: Mapping[str, MapDetails]) -> Figure:
    """Truth and the map of each method on the middle day, with one colour scale.

    Parameters
    ----------
    details : mapping of str to MapDetails
        By method; all of one track.
    """
    first = next(iter(details.values()))
    panels = [MapPanel("truth", first.truth)]
    panels += [MapPanel(name, one.estimate) for name, one in details.items()]
    low, high = shared.finite_range(*(panel.field.to_numpy() for panel in panels))
    scale = Scale(shared.HEIGHT_COLOURS, low, high, "sea surface height (m)", "both")
    told = [MapPanel(f"{text}: std {_spread_cm(field):.1f} cm", field) for text, field in panels]
    return map_panels(told, scale, f"{_day(first)}: the truth and {len(details)} maps of it")[0]


def errors_figure(details: Mapping[str, MapDetails]) -> Figure:
    """Map minus truth of each method on the middle day, with one scale that is symmetric about zero."""
    errors = {
        name: 100.0 * (one.estimate.astype(np.float64) - one.truth.to_numpy())
        for name, one in details.items()
    }
    end = max(shared.symmetric_range(field) for field in errors.values())
    scale = Scale(shared.ERROR_COLOURS, -end, end, "error: map − truth (cm)", "both")
    panels = [MapPanel(f"{name}: {_rms(field):.1f} cm RMS", field) for name, field in errors.items()]
    first = next(iter(details.values()))
    best = min(errors, key=lambda name: _rms(errors[name]))
    title = f"{_day(first)}: {best} is off least, by {_rms(errors[best]):.1f} cm RMS"
    return map_panels(panels, scale, title)[0]


def formal_figure(errors: Mapping[str, ErrorMaps]) -> Figure:
    """Formal error above, real error below, root mean square over the scored days, with one scale.

    Parameters
    ----------
    errors : mapping of str to ErrorMaps
        By method; at least one.
    """
    columns = columns_for(len(errors)) if len(errors) > 1 else 2
    names = list(errors)
    panels = []
    for start in range(0, len(names), columns):
        group = names[start : start + columns]
        for what in ("formal", "real"):
            for name in group:
                field = 100.0 * getattr(errors[name], what)
                panels.append(MapPanel(f"{name}: {what}, {_rms(field):.1f} cm", field))
            if len(names) > columns:
                panels += [MapPanel("", _nothing(panels[-1].field))] * (columns - len(group))
    _, high = shared.finite_range(*(panel.field.to_numpy() for panel in panels))
    scale = Scale(_RMS_COLOURS, 0.0, high, "root mean square over the scored days (cm)", "max")
    figure, drawn = map_panels(panels, scale, _ratios(errors), columns=columns)
    for axes, panel in zip(drawn, panels, strict=True):
        axes.set_visible(bool(panel.text))
    return figure


def _ratios(errors: Mapping[str, ErrorMaps]) -> str:
    ratio = {name: _rms(one.formal) / _rms(one.real) for name, one in errors.items()}
    least, most = min(ratio, key=lambda name: ratio[name]), max(ratio, key=lambda name: ratio[name])
    if least == most:
        return f"The formal error of {least} is {ratio[least]:.2f} times its real one"
    return f"Formal errors are {ratio[least]:.2f} ({least}) to {ratio[most]:.2f} ({most}) times the real ones"


def _nothing(like: xr.DataArray) -> xr.DataArray:
    return xr.full_like(like, np.nan)


def _day(details: MapDetails) -> str:
    return str(np.datetime_as_string(details.date, unit="D"))


def _rms(field: npt.ArrayLike) -> float:
    values = np.asarray(field, dtype=np.float64)
    return float(np.sqrt(np.nanmean(values**2)))


def _spread_cm(field: xr.DataArray) -> float:
    return 100.0 * float(np.nanstd(field.to_numpy().astype(np.float64)))
