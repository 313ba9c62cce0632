"""One line of a table of scores, and how its numbers are written."""

import math
from dataclasses import dataclass

from oceanbench.metrics.bootstrap import Interval

__all__ = ["NOT_DEFINED", "NOT_RESOLVED", "ScoreRow", "decimals_of", "format_value", "interval_text"]

NOT_RESOLVED, NOT_DEFINED = "not resolved", "not defined"


@dataclass(frozen=True)
class ScoreRow:
    """One line of a table of scores, as text.

    Attributes
    ----------
    name : str
        Key of the score, for instance ``lambda_x``.
    symbol : str
        What papers write.
    official, published, robust : str
        Six significant digits; the digits of the leaderboard; as many digits as the interval allows.
        Empty where there is no such score, and no board for it.
    interval : str
        The 95 % interval as ``low … high``; empty where there is none.
    official_unit, robust_unit : str
        What follows the number (the space before it included); empty for a pure number and where
        there is no number.
    meaning : str
        One or two sentences.
    differs : bool
        Whether the official number lies outside the robust interval of the like quantity.
    group : str
        Heading, with the unit, that this line and the next share; empty where each stands for itself.
    unfiltered : str
        The official score of what was given to filter; empty where there is none.
    """

    name: str
    symbol: str
    official: str
    published: str
    robust: str
    interval: str
    official_unit: str
    robust_unit: str
    meaning: str
    differs: bool
    group: str = ""
    unfiltered: str = ""


def format_value(name: str, value: float, decimals: int | None = None) -> str:
    """Give a score as text, with six significant digits unless ``decimals`` says otherwise.

    A wavelength or period that does not exist reads "not resolved", another score "not defined".
    """
    if math.isnan(value):
        return NOT_RESOLVED if name.startswith("lambda") else NOT_DEFINED
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:#.6g}" if decimals is None else f"{value:.{decimals}f}"


def decimals_of(interval: Interval) -> int:
    """Give the decimals to print: two significant digits of the width of the interval, at most five."""
    width = interval.high - interval.low
    if not (math.isfinite(width) and width > 0):
        return 4 if abs(interval.value) < 1 else 2
    return min(max(1 - math.floor(math.log10(width)), 0), 5)


def interval_text(name: str, interval: Interval) -> str:
    """Give the ends of an interval as ``low … high``; empty where there is none."""
    if math.isnan(interval.low) and math.isnan(interval.high):
        return ""
    decimals = decimals_of(interval)
    return f"{format_value(name, interval.low, decimals)} … {format_value(name, interval.high, decimals)}"
