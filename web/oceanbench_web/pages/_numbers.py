"""Numbers of a board as text: official ones as printed, robust ones with what their interval allows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from oceanbench.catalog import load_challenge
from oceanbench_leaderboard.digits import CUT, as_published, board_decimals
from oceanbench_leaderboard.metrics import metric_named
from oceanbench_leaderboard.published import published_scores

__all__ = [
    "Column",
    "Robustly",
    "column",
    "differs",
    "heading",
    "official_text",
    "printed",
    "printed_decimals",
    "robustly",
    "shown_unit",
]

_UNITS = {"degrees of longitude": "°", "degrees": "°", "days": "d", "percent": "%", "1": ""}
_MOST, _PLAIN = 5, 2
_ROBUST_ONLY = {"lambda_x_km": "λx"}  # in another unit than the official one


@dataclass(frozen=True)
class Column:
    """One metric of a table.

    Attributes
    ----------
    metric, heading, unit : str
    better : str
        ``higher``, ``lower`` or ``none``.
    ranks : bool
        Whether the board is ranked by it.
    """

    metric: str
    heading: str
    unit: str
    better: str
    ranks: bool


@dataclass(frozen=True)
class Robustly:
    """A robust number as text; empty where there is none."""

    value: str = ""
    low: str = ""
    high: str = ""


def heading(metric: str) -> str:
    """Give what stands for a metric in a table.

    Examples
    --------
    >>> heading("mu"), heading("lambda_x_km"), heading("explained_variance")
    ('µ', 'λx', 'explained variance')
    """
    return _ROBUST_ONLY.get(metric) or metric_named(metric).symbol.replace("_", " ")


def differs(
    official: float | None, unit: str, low: float | None, high: float | None, robust_unit: str
) -> bool:
    """Tell whether an official number lies outside the interval of the robust one of the like quantity.

    Examples
    --------
    >>> differs(0.66, "1", 0.86, 0.90, "1"), differs(0.88, "1", 0.86, 0.90, "1")
    (True, False)
    >>> differs(0.5, "m", 1, 2, "km")
    False
    """
    if official is None or low is None or high is None or unit != robust_unit:
        return False
    return not low <= official <= high


def column(metric: str, unit: str, ranking: str) -> Column:
    """Describe the column of a metric whose numbers come in a unit."""
    known = metric_named(metric)
    return Column(metric, heading(metric), shown_unit(metric, unit), known.better, metric == ranking)


def shown_unit(metric: str, unit: str) -> str:
    """Give the unit that stands beside a number.

    Examples
    --------
    >>> shown_unit("lambda_t", "days"), shown_unit("mu", "1"), shown_unit("rmse.ssh.global", "m")
    ('d', '', 'mm')
    """
    own = metric_named(metric).shown_unit(unit)
    return _UNITS.get(own, own)


def official_text(metric: str, text: str, unit: str) -> str:
    """Give an official number as the board prints it, in the unit of the column."""
    return metric_named(metric).shown_text(text, unit)


def robustly(metric: str, value: float | None, low: float | None, high: float | None, unit: str) -> Robustly:
    """Write a robust number with two significant digits of the width of its interval.

    Examples
    --------
    >>> robustly("mu", 0.90127, 0.8812, 0.9231, "1")
    Robustly(value='0.901', low='0.881', high='0.923')
    >>> robustly("lambda_x", None, None, None, "degrees")
    Robustly(value='', low='', high='')
    """
    metric_ = metric_named(metric)
    numbers = [None if one is None else metric_.shown_value(one, unit) for one in (value, low, high)]
    places = _places(*numbers)
    return Robustly(*("" if one is None else f"{one:.{places}f}" for one in numbers))


def _places(value: float | None, low: float | None, high: float | None) -> int:
    if low is None or high is None or not 0 < high - low < math.inf:
        return _PLAIN
    return min(max(1 - math.floor(math.log10(high - low)), 0), _MOST)


@lru_cache(maxsize=64)
def printed_decimals(challenge: str, version: str) -> Mapping[str, int]:
    """Give how many digits the board of a challenge prints of each metric; none if it is not known here."""
    try:
        definition = load_challenge(challenge)
    except LookupError:
        return {}
    return board_decimals(definition, published_scores(definition))


def printed(metric: str, value: float | None, places: int | None) -> str:
    """Print a number that was scored here as the board does.

    Examples
    --------
    >>> printed("mu", 0.914321, 2), printed("lambda_x", 152.9, CUT), printed("mu", None, 2)
    ('0.91', '152', '-')
    """
    own = metric_named(metric).decimals
    if own is not None:
        places = max(own, CUT if places is None else places)
    return as_published(value, _PLAIN if places is None else places)
