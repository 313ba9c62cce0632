"""How many digits a table prints, and whether a number agrees with a printed one."""

import math
from collections.abc import Iterable

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.published import PublishedScore

__all__ = ["CUT", "agrees", "as_published", "board_decimals", "decimals", "is_cut", "printed_decimals"]

CUT = -1  # in place of a number of decimals: cut to an integer

_ROUNDING = 1e-9  # relative: what another machine or library may change in the last digits


def is_cut(challenge: Challenge, metric: str) -> bool:
    """Tell whether the table of a challenge cuts this number to an integer where others are rounded."""
    protocol = challenge.along_track
    along_track = challenge.kind == "map-ose" and protocol is not None and protocol.profile == "odc"
    return along_track and metric == "lambda_x"


def board_decimals(challenge: Challenge, published: Iterable[PublishedScore]) -> dict[str, int]:
    """Give the decimals of each metric: those of the published table, else those of the protocol.

    Minus one stands for a number that is cut to an integer.
    """
    protocol = challenge.gridded if challenge.kind == "map-osse" else challenge.along_track
    places = {} if protocol is None else dict.fromkeys(challenge.metric_names, protocol.digits)
    printed: dict[str, int] = {}
    for score in published:
        if score.status == "current":
            printed[score.metric] = max(printed.get(score.metric, 0), decimals(score.text))
    return {name: CUT if is_cut(challenge, name) else count for name, count in {**places, **printed}.items()}


def as_published(value: float | None, places: int) -> str:
    """Give a number as a table prints it; ``"-"`` where there is none.

    Examples
    --------
    >>> as_published(0.9162, 2), as_published(152.9, CUT), as_published(None, 2)
    ('0.92', '152', '-')
    """
    if value is None:
        return "-"
    return str(math.trunc(value)) if places == CUT else f"{round(value, places):.{places}f}"


def decimals(text: str) -> int:
    """Count the decimals of a printed number.

    Examples
    --------
    >>> decimals("0.70"), decimals("140"), decimals("2.5e-3")
    (2, 0, 4)
    """
    mantissa, _, exponent = text.lower().partition("e")
    return max(len(mantissa.partition(".")[2]) - int(exponent or 0), 0)


def printed_decimals(score: PublishedScore, table: Iterable[PublishedScore]) -> int:
    """Count the decimals that a number was printed with, those of trailing zeros included.

    NumPy drops trailing zeros, so the longest number of the same method, metric and source decides.
    """
    like = (score.method, score.metric, score.source)
    column = [other for other in table if (other.method, other.metric, other.source) == like]
    return max(decimals(_told(other)) for other in (*column, score))


def _told(score: PublishedScore) -> str:
    return score.meant if score.status == "typo" else score.text


def agrees(value: float, printed: float, places: int) -> bool:
    """Tell whether ``value``, rounded (or cut) to so many decimals, is the printed number.

    Examples
    --------
    >>> agrees(0.9162, 0.92, 2), agrees(0.914, 0.92, 2)
    (True, False)
    >>> agrees(152.9, 152.0, CUT), agrees(152.9, 153.0, CUT)
    (True, False)
    """
    slack = _ROUNDING * max(abs(value), abs(printed))
    if places == CUT:
        return -slack <= value - printed < 1.0
    return abs(value - printed) <= 0.5 * 10.0**-places + slack
