"""Numbers told as finely as they are known, and no finer."""

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["rounded_to_noise"]

_WITHOUT_INTERVAL = 2  # significant digits of a number whose interval is not known


def rounded_to_noise(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """Round the scores of an evaluation to the noise that its intervals tell.

    Where the truth is withheld, digits beyond the noise say nothing of a method, and much of the truth to
    somebody who sends one map after another. The last digit that stays is that of half the width of the 95 %
    interval; a number without an interval keeps two significant digits. A number is never rounded to
    something that it could be told apart from by its own interval.

    Parameters
    ----------
    evaluation : mapping
        The JSON form of an :class:`~oceanbench.score.Evaluation`.

    Returns
    -------
    dict
        The same with rounded ``official``, ``robust`` and ``unfiltered`` numbers, and ``rounded_to_noise``
        set, so that who computes them again knows.
    """
    intervals = evaluation.get("robust", {})
    told = {**evaluation, "rounded_to_noise": True}
    for family in ("official", "unfiltered"):
        if family in evaluation:
            told[family] = _rounded(evaluation[family], intervals)
    told["robust"] = _rounded_intervals(intervals)
    return told


def _rounded(scores: Mapping[str, Any], intervals: object) -> dict[str, Any]:
    """Round numbers by the intervals of the same names; names may lead to further names."""
    rounded: dict[str, Any] = {}
    for name, value in scores.items():
        interval = intervals.get(name) if isinstance(intervals, Mapping) else None
        if name == "units":
            rounded[name] = value
        elif isinstance(value, Mapping):
            rounded[name] = _rounded(value, interval)
        else:
            rounded[name] = None if value is None else _to_decimals(value, _decimals(value, interval))
    return rounded


def _rounded_intervals(intervals: Mapping[str, Any]) -> dict[str, Any]:
    rounded: dict[str, Any] = {}
    for name, one in intervals.items():
        if "value" not in one:
            rounded[name] = _rounded_intervals(one)
            continue
        numbers = {end: one.get(end) for end in ("value", "low", "high")}
        decimals = _decimals(one["value"], one)
        ends = {end: None if x is None else _to_decimals(x, decimals) for end, x in numbers.items()}
        rounded[name] = {**one, **ends}
    return rounded


def _decimals(value: float | None, interval: object) -> int | None:
    """Decimals that stay of a number; None if nothing is known of it but that it is zero."""
    half = _half_width(interval)
    if half:
        return -math.floor(math.log10(half))
    if not value:
        return None
    return _WITHOUT_INTERVAL - 1 - math.floor(math.log10(abs(value)))


def _half_width(interval: object) -> float:
    if not isinstance(interval, Mapping) or interval.get("low") is None or interval.get("high") is None:
        return 0.0
    return abs(float(interval["high"]) - float(interval["low"])) / 2


def _to_decimals(value: float, decimals: int | None) -> float:
    return float(value) if decimals is None else round(float(value), decimals)
