"""The numbers of a row as text, for the terminal and for the tables of a page."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from oceanbench.challenge import Challenge
from oceanbench.metrics.bootstrap import Interval
from oceanbench.report.wording import format_value
from oceanbench_leaderboard.bench.agreement import Agreement, Pair, beside, kendall_tau
from oceanbench_leaderboard.bench.paired import Difference
from oceanbench_leaderboard.bench.rows import BenchRow
from oceanbench_leaderboard.metrics import metric_named

__all__ = [
    "Cell",
    "banner",
    "better_words",
    "cells_of",
    "cost_of",
    "cost_remark",
    "heading",
    "own_passes",
    "reading",
    "sentence_about",
    "sentences_about",
]

_UNITS = {"degrees of longitude": "°", "degrees": "°", "days": "d", "percent": "%", "1": ""}
_DECIMALS, _USUAL_DECIMALS = {"1": 3, "km": 1}, 2  # one more than the published tables have
_TOO_FEW = "too few passes for an interval"

_READING = (
    "First the official number, what the challenge's own code computes; below it the robust number of the "
    "same quantity with its 95 % interval. "
)
_BETTER = {
    "filter-osse": (
        "RMSE of sea surface height, geostrophic speed and vorticity over f; λ(SNR1): where the error has as "
        "much power as the truth, official 1000 km where that is nowhere; λ(SNR2): where it has half, a "
        "robust number only. Lower is better."
    ),
    "filter-ose": "There is no truth: all of these numbers reward smoothing.",
}
_BETTER_MAP = "µ: higher is better; σ and λ: lower is better."
_SECONDS = "s: wall time of the method alone."
_SECONDS_FILTER = "s: wall time of the filter with reading and writing, several passes at a time."
_MEMORY = (
    "MB: largest resident memory of its process (10⁶ bytes), with interpreter, libraries and reading of the "
    "observations."
)


@dataclass(frozen=True)
class Cell:
    """One number of a row, as text.

    Attributes
    ----------
    official : str
        The official number; where there is only a robust one, that.
    robust : str
        The robust number of the same quantity.
    interval : str
        Its 95 % interval, ``low … high``; empty where there is none.
    """

    official: str
    robust: str
    interval: str


def reading(challenge: Challenge) -> str:
    """Say how the numbers of a table are to be read."""
    return _READING + better_words(challenge)


def better_words(challenge: Challenge) -> str:
    """Say what the numbers are, and which way is better."""
    return _BETTER.get(challenge.kind, _BETTER_MAP)


def cost_remark(challenge: Challenge) -> str:
    """Say what seconds and megabytes are."""
    return f"{_SECONDS_FILTER if challenge.filters else _SECONDS} {_MEMORY}"


def heading(row: BenchRow, metric: str) -> str:
    """Give symbol and unit of a column."""
    known, unit = metric_named(metric), known_unit(row, metric)
    own = known.shown_unit(unit)
    short = _UNITS.get(own, own)
    return f"{known.symbol} ({short})" if short else known.symbol


def known_unit(row: BenchRow, metric: str) -> str:
    """Give the unit of a number of a row, official or robust; that of a pure number where it has none."""
    if row.evaluation is None:
        return "1"
    units = {**row.evaluation.robust_units, **row.evaluation.official_units}
    return units.get(metric, "1")


def cells_of(row: BenchRow, metrics: Sequence[str]) -> dict[str, Cell]:
    """Give the official numbers of a row with the robust ones beside them; none where it failed."""
    if row.evaluation is None:
        return {}
    return {name: _cell(row, name) for name in metrics}


def _cell(row: BenchRow, metric: str) -> Cell:
    evaluation = row.evaluation
    if evaluation is None:
        return Cell("–", "", "")
    robust = beside(evaluation, metric) or evaluation.robust.get(metric)
    unit = known_unit(row, metric)
    if metric not in evaluation.official:
        return (
            Cell("–", "", "")
            if robust is None
            else Cell(_text(metric, robust.value, unit), "", _ends(metric, robust, unit))
        )
    value = evaluation.official[metric]
    official = (
        "no crossing" if math.isnan(value) and metric.startswith("lambda") else _text(metric, value, unit)
    )
    if robust is None:
        return Cell(official, "", "")
    return Cell(official, _text(metric, robust.value, unit), _ends(metric, robust, unit))


def _text(metric: str, value: float, unit: str) -> str:
    known = metric_named(metric)
    usual = _DECIMALS.get(unit, _USUAL_DECIMALS)
    text = format_value(metric, value, usual if known.decimals is None else known.decimals)
    return known.shown_text(text, unit)


def _ends(metric: str, interval: Interval, unit: str) -> str:
    if math.isnan(interval.low) or math.isnan(interval.high):
        return ""
    return " … ".join(_text(metric, end, unit) for end in (interval.low, interval.high))


def cost_of(row: BenchRow) -> tuple[str, str]:
    """Give seconds and megabytes of a row."""
    if row.ran is None:
        return "–", "–"
    seconds = row.ran.seconds
    return f"{seconds:.1f}" if seconds < 100 else f"{seconds:.0f}", f"{row.ran.peak_mb:.0f}"


def banner(challenge: Challenge, own: bool = False) -> str:
    """Give the warning that belongs above scores that are not those of a published challenge; else empty.

    Parameters
    ----------
    challenge : Challenge
        Whose protocol it is.
    own : bool
        Whether passes of the user's own were filtered, and judge.
    """
    warnings = []
    if challenge.is_twin:
        original = challenge.twin_of
        warnings.append(f"Synthetic twin of {original}: these are not scores of {original}.")
    if own:
        warnings.append(
            f"Passes of your own, with the protocol of {challenge.id}: "
            f"these are not scores of {challenge.id}."
        )
    return " ".join(warnings)


def own_passes(rows: Iterable[BenchRow]) -> bool:
    """Tell whether rows were judged by passes of the user's own."""
    return any(row.evaluation is not None and row.evaluation.own_reference for row in rows)


def sentence_about(difference: Difference) -> str:
    """Say whether the best filter and another are told apart, in millimetres.

    Examples
    --------
    >>> sentence_about(Difference("", "median", "gomez", Interval(0.0015, 0.0012, 0.0018)))
    'gomez beats median: −1.50 mm [−1.80, −1.20]'
    >>> sentence_about(Difference("", "median", "gomez", Interval(0.0001, -0.0001, 0.0002)))
    'gomez and median are not told apart: −0.10 mm [−0.20, 0.10]'
    """
    best, other, interval = difference.best, difference.method, difference.metres
    told = f"−{1000 * interval.value:.2f} mm"
    if math.isnan(interval.low) or math.isnan(interval.high):
        return f"{best} and {other}: {told}, {_TOO_FEW}"
    ends = ", ".join(f"{-1000 * end:.2f}".replace("-", "−") for end in (interval.high, interval.low))
    verb = "beats" if difference.told_apart else "and"
    outcome = "" if difference.told_apart else " are not told apart"
    return f"{best} {verb} {other}{outcome}: {told} [{ends}]"


def sentences_about(agreement: Agreement) -> tuple[str, ...]:
    """Say how far the order of our methods is the published one."""
    if not agreement.pairs:
        return (f"No two published rows of {agreement.published_for} lie far enough apart to compare.",)
    by_metric = ", ".join(
        f"{metric_named(name).symbol} {_share(pairs)}" for name, pairs in agreement.by_metric.items()
    )
    first = (
        f"Order as published for {agreement.published_for}, over pairs published more than 0.01 "
        f"({_relative(agreement)}: 3 %) apart: {_share(agreement.pairs)}; {by_metric}."
    )
    return (first, *(_against(pair) for pair in agreement.pairs if pair.sign <= 0))


def _relative(agreement: Agreement) -> str:
    return "RMSE and λ" if any(pair.metric.startswith("rmse") for pair in agreement.pairs) else "λ"


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
