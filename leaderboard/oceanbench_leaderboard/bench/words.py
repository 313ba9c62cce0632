"""The numbers of a row as text, for the terminal and for the tables of a page."""

import math
from dataclasses import dataclass

from oceanbench.challenge import Challenge
from oceanbench.report.wording import format_value
from oceanbench_leaderboard.bench.agreement import Agreement, Pair, beside, kendall_tau
from oceanbench_leaderboard.bench.rows import BenchRow
from oceanbench_leaderboard.metrics import metric_named

__all__ = [
    "COST_REMARK",
    "READING",
    "Cell",
    "cells_of",
    "cost_of",
    "heading",
    "sentences_about",
    "twin_banner",
]

_UNITS = {"degrees of longitude": "°", "degrees": "°", "days": "d", "percent": "%", "1": ""}
_DECIMALS, _USUAL_DECIMALS = {"1": 3, "km": 1}, 2  # one more than the published tables have

READING = (
    "First the official number, what the challenge's own code computes; below it the robust number of the "
    "same quantity with its 95 % interval. µ: higher is better; σ and λ: lower is better."
)
COST_REMARK = (
    "s: wall time of the method alone. MB: largest resident memory of its process (10⁶ bytes), with "
    "interpreter, libraries and reading of the observations."
)


@dataclass(frozen=True)
class Cell:
    """One number of a row, as text.

    Attributes
    ----------
    official : str
        The official number.
    robust : str
        The robust number of the same quantity.
    interval : str
        Its 95 % interval, ``low … high``; empty where there is none.
    """

    official: str
    robust: str
    interval: str


def heading(row: BenchRow, metric: str) -> str:
    """Give symbol and unit of a column."""
    unit = "1" if row.evaluation is None else row.evaluation.official_units.get(metric, "1")
    short = _UNITS.get(unit, unit)
    return f"{metric_named(metric).symbol} ({short})" if short else metric_named(metric).symbol


def cells_of(row: BenchRow, challenge: Challenge) -> dict[str, Cell]:
    """Give the official numbers of a row with the robust ones beside them; none where it failed."""
    if row.evaluation is None:
        return {}
    return {name: _cell(row, name) for name in challenge.metric_names}


def _cell(row: BenchRow, metric: str) -> Cell:
    evaluation = row.evaluation
    if evaluation is None or metric not in evaluation.official:
        return Cell("–", "", "")
    value, robust = evaluation.official[metric], beside(evaluation, metric)
    decimals = _DECIMALS.get(evaluation.official_units.get(metric, "1"), _USUAL_DECIMALS)
    official = "no crossing" if math.isnan(value) and metric.startswith("lambda") else ""
    official = official or format_value(metric, value, decimals)
    if robust is None:
        return Cell(official, "", "")
    ends = [format_value(metric, end, decimals) for end in (robust.low, robust.high)]
    bounded = not (math.isnan(robust.low) or math.isnan(robust.high))
    return Cell(official, format_value(metric, robust.value, decimals), " … ".join(ends) if bounded else "")


def cost_of(row: BenchRow) -> tuple[str, str]:
    """Give seconds and megabytes of a row."""
    if row.ran is None:
        return "–", "–"
    seconds = row.ran.seconds
    return f"{seconds:.1f}" if seconds < 100 else f"{seconds:.0f}", f"{row.ran.peak_mb:.0f}"


def twin_banner(challenge: Challenge) -> str:
    """Give the warning that belongs above the scores of a twin; else empty."""
    original = challenge.twin_of
    return f"Synthetic twin of {original}: these are not scores of {original}." if original else ""


def sentences_about(agreement: Agreement) -> tuple[str, ...]:
    """Say how far the order of our methods is the published one."""
    if not agreement.pairs:
        return (f"No two published rows of {agreement.published_for} lie far enough apart to compare.",)
    by_metric = ", ".join(
        f"{metric_named(name).symbol} {_share(pairs)}" for name, pairs in agreement.by_metric.items()
    )
    first = (
        f"Order as published for {agreement.published_for}, over pairs published more than 0.01 "
        f"(λ: 3 %) apart: {_share(agreement.pairs)}; {by_metric}."
    )
    return (first, *(_against(pair) for pair in agreement.pairs if pair.sign <= 0))


def _share(pairs: tuple[Pair, ...]) -> str:
    agreeing = sum(pair.sign > 0 for pair in pairs)
    return f"{agreeing} of {len(pairs)} pairs (Kendall's τ {kendall_tau(pairs):.2f})"


def _against(pair: Pair) -> str:
    one, other = pair.methods
    told = "our intervals overlap" if pair.overlap else "our intervals do not overlap"
    return (
        f"Not so for {metric_named(pair.metric).symbol} of {one} and {other}: published "
        f"{pair.published[0]:g} and {pair.published[1]:g}, "
        f"ours {pair.ours[0]:.3f} and {pair.ours[1]:.3f} ({told})."
    )
