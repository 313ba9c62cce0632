"""How large a map a challenge can need: what a file may declare, and what of it is read."""

from oceanbench.challenge import Challenge

__all__ = ["most_read", "most_values"]

_FINEST_DEGREES = 1.0 / 60.0  # of the finest truth that there is
_STEPS_A_DAY = 24
_FINE_GLOBE, _GLOBE = 4320 * 2161, 1440 * 721  # nodes at 1/12 and at 1/4 degree
_DAYS_OF_A_YEAR, _DAYS_BESIDE = 366, 60
_MOST_READ = 1 << 30


def most_values(challenge: Challenge, track: str | None) -> int:
    """Give the number of values that the largest variable of a submitted file may have.

    Teams send more than is scored, and it is cut: the globe at 1/12 degree, each day of the period and of a
    month before and after; the globe at 1/4 degree, each day of a year; or a box twice as wide and high as
    that of the track, as finely as it is read. The largest of these is the bound.

    Examples
    --------
    >>> from oceanbench.catalog import load_challenge
    >>> most_values(load_challenge("2020a"), "4 nadirs") >= 601 * 601 * 102
    True
    """
    days = challenge.on(challenge.track(track)).periods.evaluation.days
    of_the_globe = max(_FINE_GLOBE * (days + _DAYS_BESIDE), _GLOBE * _DAYS_OF_A_YEAR)
    return max(of_the_globe, 4 * most_read(challenge, track))


def most_read(challenge: Challenge, track: str | None) -> int:
    """Give the number of heights that may lie in the box and the days of a track, and are read.

    Those of a map at 1/60 degree in each hour, with a node and a time more on each side; 2³⁰ where these are
    more.

    Examples
    --------
    >>> from oceanbench.catalog import load_challenge
    >>> most_read(load_challenge("2020a"), "4 nadirs")
    367608699
    """
    scored = challenge.on(challenge.track(track))
    box, days = scored.domain, scored.periods.evaluation.days
    wide, high = (round((high - low) / _FINEST_DEGREES) + 3 for low, high in (box.lon, box.lat))
    return min(wide * high * (_STEPS_A_DAY * days + 3), _MOST_READ)
