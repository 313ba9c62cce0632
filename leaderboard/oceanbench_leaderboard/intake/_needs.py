"""How large a map a challenge can need, generously."""

from oceanbench.challenge import Challenge

__all__ = ["most_values"]

_FINEST_DEGREES = 1.0 / 60.0
_GLOBE_NODES = 2880 * 1441  # at 1/8 degree
_MOST_STEPS_A_DAY = 24
_DAYS_OF_A_YEAR = 366
_MOST_OF_A_BOX = 1 << 32


def most_values(challenge: Challenge, track: str | None) -> int:
    """Give the number of values that the largest variable of a submitted file may have.

    Teams send more than is scored: the globe at 1/8 degree, each day of a year; or a box twice as wide and
    high as that of the track at 1/60 degree, each hour of its period. The larger of the two is the bound.

    Examples
    --------
    >>> from oceanbench.catalog import load_challenge
    >>> most_values(load_challenge("2020a"), "4 nadirs")
    1518928320
    """
    scored = challenge.on(challenge.track(track))
    box, days = scored.domain, scored.periods.evaluation.days
    wide, high = (2.0 * (high - low) / _FINEST_DEGREES + 1.0 for low, high in (box.lon, box.lat))
    of_the_globe = _GLOBE_NODES * max(_DAYS_OF_A_YEAR, 2 * days)
    of_the_box = round(min(wide, 360 * 60) * min(high, 180 * 60)) * _MOST_STEPS_A_DAY * days
    return max(of_the_globe, min(of_the_box, _MOST_OF_A_BOX))
