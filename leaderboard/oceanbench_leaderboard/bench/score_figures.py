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
from oceanbench_leaderboard.bench.panels import colour_of
from oceanbench_leaderboard.metrics import metric_named

__all__ = ["days_figure", "scores_figure"]

_UNITS = {"degrees of longitude": "° of longitude", "1": ""}
_PUBLISHED = "#1A1A1A"


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
    metrics = [name for name in challenge.metric_names if name != "sigma"]
    names = list(scores)
    figure = shared.new_figure(10.0, 1.9 + 0.38 * len(names))
    panels = figure.subplots(1, len(metrics), sharey=True, squeeze=False)[0]
    for axes, metric in zip(panels, metrics, strict=True):
        _draw_number(axes, metric, scores, published)
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
    return f"Best {metric.symbol}: {known[best]:.3f}, {best}"


def _draw_number(
    axes: Axes,
    metric: str,
    scores: Mapping[str, Evaluation],
    published: Mapping[str, Mapping[str, float]],
) -> None:
    for place, (name, evaluation) in enumerate(scores.items()):
        interval = beside(evaluation, metric)
        if interval is not None and math.isfinite(interval.low) and math.isfinite(interval.high):
            axes.plot(
                [interval.low, interval.high],
                [place, place],
                color=colour_of(place),
                alpha=0.35,
                linewidth=7.0,
                solid_capstyle="butt",
            )
        axes.plot(evaluation.official.get(metric, math.nan), place, "o", color=colour_of(place), markersize=6)
        printed = published.get(name, {}).get(metric, math.nan)
        axes.plot(
            printed, place + 0.28, "D", markersize=5, markerfacecolor="none", markeredgecolor=_PUBLISHED
        )
    symbol, better = metric_named(metric).symbol, metric_named(metric).better
    unit = next(iter(scores.values())).official_units.get(metric, "1")
    told = _UNITS.get(unit, unit)
    shared.style(axes, f"{symbol}{f' ({told})' if told else ''}, {better} is better")
    axes.margins(x=0.12)
    axes.grid(axis="x", alpha=0.25)


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
