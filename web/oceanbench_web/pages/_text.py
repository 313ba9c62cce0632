"""Words that others wrote, as pages show them: without signs that cannot be seen, and not too long."""

import unicodedata
from datetime import datetime

__all__ = ["day", "instant", "name", "size", "text"]

_HARMFUL = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # control, format (direction too), surrogate, private, breaks
_LONGEST_NAME = 80


def name(given: str) -> str:
    """Give a name on one line, at most 80 characters of it.

    Examples
    --------
    >>> name("My\\u202e method\\n")
    'My method'
    >>> len(name("x" * 10_000))
    80
    """
    return text(given, _LONGEST_NAME)


def text(given: str, longest: int = 4000, lines: bool = False) -> str:
    """Give a text without signs that hide, or that turn the direction of others; cut where it is too long.

    Parameters
    ----------
    given : str
        What somebody wrote.
    longest : int
        Characters to keep.
    lines : bool
        Whether line breaks are kept.
    """
    seen = "".join(
        sign for sign in given[: 4 * longest] if sign in "\n\t" or unicodedata.category(sign) not in _HARMFUL
    )
    clean = seen.strip() if lines else " ".join(seen.split())
    return clean if len(clean) <= longest else f"{clean[: longest - 1]}…"


def day(time: datetime | None) -> str:
    """Give a date, in UTC."""
    return "" if time is None else f"{time:%Y-%m-%d}"


def instant(time: datetime | None) -> str:
    """Give a date and the time of day, in UTC."""
    return "" if time is None else f"{time:%Y-%m-%d %H:%M} UTC"


def size(count: int) -> str:
    """Give a number of bytes for people.

    Examples
    --------
    >>> size(2 << 30), size(1500)
    ('2.1 GB', '1.5 kB')
    """
    value, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.1f} {units[0]}" if 0 < value < 10 and units[0] != "B" else f"{value:.0f} {units[0]}"
