"""Times of a map: decoding, order, and the days they cover."""

import warnings

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.submission._axes import Axis, ascending
from oceanbench.submission._expected import Expected
from oceanbench.submission._problems import Findings, listed

_REAL_CALENDARS = ("standard", "gregorian", "proleptic_gregorian")
_FIRST_YEAR, _LAST_YEAR = 1678, 2261
_ONE_DAY = np.timedelta64(1, "D")

type Times = NDArray[np.datetime64]


def time_axis(raw: xr.Variable, findings: Findings) -> Axis | None:
    """Give the times in order; None (and a problem) where they are no dates of the real calendar."""
    times = _decoded(raw, findings)
    if times is None:
        return None
    missing = int(np.sum(np.isnat(times)))
    if missing or times.size == 0:
        findings.refuse(
            f"{missing} of {times.size} times are missing", "a date for every map", "write them again"
        )
        return None
    return ascending(Axis("time", times, np.arange(times.size)), "oldest first", findings)


def _decoded(raw: xr.Variable, findings: Findings) -> Times | None:
    values = np.atleast_1d(raw.values)
    if values.dtype.kind == "M":
        return values.astype("datetime64[ns]")
    if values.dtype.kind in "fiu":
        return _decoded_numbers(raw, values, findings)
    if values.dtype.kind == "O" and values.size and hasattr(values[0], "calendar"):
        return _decoded_calendar_dates(values, findings)
    _refuse_kind(f"times are of type {values.dtype}", findings)
    return None


def _refuse_kind(what: str, findings: Findings) -> None:
    findings.refuse(what, "dates", "make them datetime64, for instance with pandas.to_datetime")


def _decoded_numbers(raw: xr.Variable, values: NDArray[np.generic], findings: Findings) -> Times | None:
    units = str(raw.attrs.get("units", ""))
    if " since " not in units:
        stated = f"units {units!r}" if units else "no units"
        findings.refuse(
            f"times are numbers from {values.min()} to {values.max()} with {stated}",
            "units with a date of origin",
            "set the attribute units, such as 'days since 2012-10-01'",
        )
        return None
    calendar = str(raw.attrs.get("calendar", "standard")).lower()
    if not _is_real(calendar, findings):
        return None
    variable = xr.Variable(("time",), values, {"units": units, "calendar": calendar})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", xr.SerializationWarning)  # told below, as a problem
            decoded = np.asarray(xr.coders.CFDatetimeCoder(time_unit="ns").decode(variable).values)
        return _from_calendar(decoded) if decoded.dtype.kind == "O" else decoded.astype("datetime64[ns]")
    except (ValueError, OverflowError, TypeError) as error:
        message = " ".join(str(error).split())
        findings.refuse(
            f"times in {units!r} cannot be decoded: {message[:200]}",
            "dates between 1678 and 2262",
            "correct the attribute units",
        )
        return None


def _is_real(calendar: str, findings: Findings) -> bool:
    if calendar in _REAL_CALENDARS:
        return True
    findings.refuse(
        f"times follow the calendar {calendar!r}",
        f"one of {', '.join(_REAL_CALENDARS)}",
        "convert them to real dates",
    )
    return False


def _decoded_calendar_dates(values: NDArray[np.object_], findings: Findings) -> Times | None:
    if not all(_is_real(calendar, findings) for calendar in sorted({date.calendar for date in values})):
        return None
    try:
        return _from_calendar(values)
    except ValueError as error:
        findings.refuse(str(error), "dates between 1678 and 2262", "correct the times")
        return None


def _from_calendar(dates: NDArray[np.object_]) -> Times:
    """Convert cftime dates of the real calendar; nanoseconds hold the years 1678 to 2261."""
    wrong = [date for date in dates if not _FIRST_YEAR <= date.year <= _LAST_YEAR]
    if wrong:
        raise ValueError(f"the date {wrong[0].isoformat()} is out of range")
    return np.array([np.datetime64(date.isoformat(), "ns") for date in dates])


def whole_period(expected: Expected) -> tuple[np.datetime64, np.datetime64]:
    """Give the first and the last nanosecond of the expected days."""
    past = (expected.last_day + _ONE_DAY).astype("datetime64[ns]")
    return expected.first_day.astype("datetime64[ns]"), past - np.timedelta64(1, "ns")


def refuse_missing_days(times: Times, expected: Expected, findings: Findings) -> None:
    """Keep a problem that names the days without a map, between two maps or at the ends.

    A day is covered by a map of that day, or by two maps around its 00:00 no further apart than allowed.
    """
    days = np.arange(expected.first_day, expected.last_day + _ONE_DAY)
    midnight = days.astype("datetime64[ns]")
    on_day = np.searchsorted(times, midnight + _ONE_DAY) > np.searchsorted(times, midnight)
    after = np.searchsorted(times, midnight)
    bracketed = (after > 0) & (after < times.size)
    following = times[np.minimum(after, times.size - 1)]
    apart = following - times[np.maximum(after - 1, 0)]
    missing = days[~on_day & ~(bracketed & (apart <= expected.max_step))]
    if missing.size:
        hours = expected.max_step / np.timedelta64(1, "h")
        findings.refuse(
            f"{missing.size} of {days.size} days have no map: {listed([str(day) for day in missing])}",
            f"every day from {days[0]} to {days[-1]}, maps at most {hours:g} hours apart",
            "add the maps of these days",
        )
