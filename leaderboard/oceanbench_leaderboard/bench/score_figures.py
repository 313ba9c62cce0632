"""Pictures of scores: each number of each method with its interval, and the score day by day."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from oceanbench.challenge import Challenge
from oceanbench.report import axes as shared
from oceanbench.score import Evaluation, MapDetails, TrackDetails
from oceanbench_leaderboard.bench.agreement import beside
from oceanbench_leaderboard.bench.panels import colour_of, plain_logarithmic
from oceanbench_leaderboard.bench.shown import shown_metrics
from oceanbench_leaderboard.metrics import metric_named

__all__ = ["days_figure", "scores_figure"]

_UNITS = {"degrees of longitude": "° of longitude", "1": ""}
_PUBLISHED = "#1A1A1A"
_MOST_COLUMNS = 4
_LONG_HEADING = 14  # characters
_FAR_APART = 5.0  # times the smallest: then a scale is logarithmic
_WIDE = 20.0  # times the smallest: then only powers of ten have room for their labels


def scores_figure(
    challenge: Challenge,
    scores: Mapping[str, Evaluation],
    published: Mapping[str, Mapping[str, float]],
    home: Challenge,
) -> Figure:
    """Official numbers (dots) with the intervals of the robust ones (bars), one panel for each number.

    Published numbers of the same methods are open diamonds beside them; those of a twin's original are
    marked as another ocean's.

    Parameters
    ----------
    challenge : Challenge
        Whose scores they are.
    scores : mapping of str to Evaluation
        By method.
    published : mapping of str to mapping
        Published numbers by method and metric; empty where there are none.
    home : Challenge
        The challenge that these were published for.
    """
    metrics = [name for name in shown_metrics(challenge) if name != "sigma"]
    names = list(scores)
    down = math.ceil(len(metrics) / _MOST_COLUMNS)
    across = math.ceil(len(metrics) / down)
    figure = shared.new_figure(10.0, 0.9 + (1.0 + 0.38 * len(names)) * down)
    panels = figure.subplots(down, across, sharey=True, squeeze=False).ravel()
    for axes, metric in zip(panels, metrics, strict=False):
        _draw_number(axes, metric, scores, published)
    for axes in panels[len(metrics) :]:
        axes.set_visible(False)
    panels[0].set_yticks(range(len(names)), names, fontsize=9.5)
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    ocean = ", another ocean" if home.id != challenge.id else ""
    _legend(figure, panels[0], f"published for {home.id}{ocean}" if published else "")
    shared.title(figure, _finding(challenge, scores))
    return figure


def _finding(challenge: Challenge, scores: Mapping[str, Evaluation]) -> str:
    metric = metric_named(challenge.ranking)
    sign = 1.0 if metric.better == "higher" else -1.0
    known = {
        name: one.official[challenge.ranking]
        for name, one in scores.items()
        if math.isfinite(one.official.get(challenge.ranking, math.nan))
    }
    if not known:
        return f"No method has a {metric.symbol}"
    best = max(known, key=lambda name: sign * known[name])
    own = scores[best].official_units.get(challenge.ranking, "1")
    unit = _told(metric.shown_unit(own))
    value = metric.shown_value(known[best], own)
    return f"Best {metric.symbol}: {value:.3f}{f' {unit}' if unit else ''}, {best}"


def _draw_number(
    axes: Axes,
    metric: str,
    scores: Mapping[str, Evaluation],
    published: Mapping[str, Mapping[str, float]],
) -> None:
    known = metric_named(metric)
    units = [{**one.robust_units, **one.official_units}.get(metric, "1") for one in scores.values()]
    for place, ((name, evaluation), unit) in enumerate(zip(scores.items(), units, strict=True)):
        interval = beside(evaluation, metric) or evaluation.robust.get(metric)
        if interval is not None and math.isfinite(interval.low) and math.isfinite(interval.high):
            axes.plot(
                [known.shown_value(end, unit) for end in (interval.low, interval.high)],
                [place, place],
                color=colour_of(place),
                alpha=0.35,
                linewidth=7.0,
                solid_capstyle="butt",
            )
        robust_alone = math.nan if interval is None else interval.value
        value = known.shown_value(evaluation.official.get(metric, robust_alone), unit)
        axes.plot(value, place, "o", color=colour_of(place), markersize=6)
        printed = known.shown_value(published.get(name, {}).get(metric, math.nan), unit)
        axes.plot(
            printed, place + 0.28, "D", markersize=5, markerfacecolor="none", markeredgecolor=_PUBLISHED
        )
    told = _told(known.shown_unit(units[0]))
    heading = f"{known.symbol}{f' ({told})' if told else ''}"
    break_here = "\n" if len(heading) > _LONG_HEADING else " "
    shared.style(axes, f"{heading},{break_here}{known.better} is better")
    axes.margins(x=0.12)
    axes.grid(axis="x", alpha=0.25)
    _spread_out(axes)


def _told(unit: str) -> str:
    return _UNITS.get(unit, unit)


def _spread_out(axes: Axes) -> None:
    """Make the axis logarithmic where one number would push the others together."""
    values = np.concatenate([np.asarray(line.get_xdata(), dtype=np.float64) for line in axes.get_lines()])
    values = values[np.isfinite(values)]
    if values.size and values.min() > 0.0 and values.max() > _FAR_APART * values.min():
        axes.set_xscale("log")
        plain_logarithmic(axes.xaxis, wide=values.max() > _WIDE * values.min())


def _legend(figure: Figure, axes: Axes, published: str) -> None:
    handles = [
        axes.plot([], [], "o", color="0.35", label="official")[0],
        axes.plot(
            [], [], color="0.35", alpha=0.35, linewidth=7.0, label="95 % interval of the robust number"
        )[0],
    ]
    if published:
        handles += axes.plot([], [], "D", markerfacecolor="none", markeredgecolor=_PUBLISHED, label=published)
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=9.0, frameon=False)


def days_figure(details: Mapping[str, MapDetails | TrackDetails]) -> Figure:
    """Official score of each day, 1 - RMSE / RMS of the reference, one line for each method."""
    figure = shared.new_figure(10.0, 3.6)
    axes = figure.subplots()
    shared.style(axes, ylabel="1 − RMSE / RMS")
    for place, (name, one) in enumerate(details.items()):
        days = one.daily["time"].to_numpy()
        scores = one.daily.to_numpy().astype(np.float64)
        label = f"{name} ({_spread(scores):.3f})"
        axes.plot(days, scores, color=colour_of(place), linewidth=1.2, marker=".", markersize=4, label=label)
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.grid(alpha=0.25)
    figure.legend(loc="outside right upper", fontsize=9.5, frameon=False)
    shared.title(figure, "Score by day, and its standard deviation")
    return figure


def _spread(values: Sequence[float] | np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    finite = np.asarray(values, dtype=np.float64)
    finite = finite[np.isfinite(finite)]
    return float(finite.std()) if finite.size else math.nan
