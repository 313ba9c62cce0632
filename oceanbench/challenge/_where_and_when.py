"""Where and when: the box of a challenge and the periods that its rules speak of."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from oceanbench.challenge._base import Part

if TYPE_CHECKING:  # whoever only asks for the rules does without arrays
    import numpy as np


def _instant(day: date) -> "np.datetime64":
    import numpy as np

    return np.datetime64(day, "ns")


class Box(Part):
    """A box in longitude and latitude; its edges belong to it.

    Attributes
    ----------
    lon : tuple of float
        West and east edge, degrees east in -180..180.
    lat : tuple of float
        South and north edge, degrees north.
    """

    lon: tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-180, le=180)]]
    lat: tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-90, le=90)]]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for name, (low, high) in (("lon", self.lon), ("lat", self.lat)):
            if low >= high:
                raise ValueError(f"{name} runs {low}..{high}; write the smaller bound first")
        return self

    @property
    def west(self) -> float:
        """Western edge, degrees east."""
        return self.lon[0]

    @property
    def east(self) -> float:
        """Eastern edge, degrees east."""
        return self.lon[1]

    @property
    def south(self) -> float:
        """Southern edge, degrees north."""
        return self.lat[0]

    @property
    def north(self) -> float:
        """Northern edge, degrees north."""
        return self.lat[1]


class Period(Part):
    """Days from ``start`` to ``end``; both days belong to the period, from 00:00 to 24:00 UTC.

    Attributes
    ----------
    start, end : datetime.date
        First and last day, both included.
    official_end : datetime.datetime, optional
        Last instant (included) that the challenge's own code lets through, where this differs from
        the end of the last day. An upper bound given as midnight drops the hourly fields of that day.
    note : str
        What else holds, in one sentence.
    """

    start: date
    end: date
    official_end: datetime | None = None
    note: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"end {self.end} lies before start {self.start}")
        return self

    @property
    def first_instant(self) -> "np.datetime64":
        """00:00 UTC of the first day."""
        return _instant(self.start)

    @property
    def last_day(self) -> "np.datetime64":
        """00:00 UTC of the last day."""
        return _instant(self.end)

    @property
    def past_end(self) -> "np.datetime64":
        """00:00 UTC of the day after the last: the first instant that no longer belongs."""
        return _instant(self.end + timedelta(days=1))

    @property
    def official_last_instant(self) -> "np.datetime64":
        """Last instant that the challenge's own code scores."""
        import numpy as np

        if self.official_end is not None:
            return _instant(self.official_end.replace(tzinfo=None))
        return self.past_end - np.timedelta64(1, "ns")

    @property
    def days(self) -> int:
        """Number of days, both ends counted."""
        return (self.end - self.start).days + 1


class Periods(Part):
    """What each stretch of time may be used for."""

    evaluation: Period
    spin_up: Period | None = None
    spin_down: Period | None = None
    training: tuple[Period, ...] = ()
    forbidden: tuple[Period, ...] = ()

    def named(self) -> Iterator[tuple[str, Period]]:
        """Give each period with its name, in words."""
        yield "scored", self.evaluation
        for name, period in (("spin-up", self.spin_up), ("spin-down", self.spin_down)):
            if period is not None:
                yield name, period
        yield from (("for learning", period) for period in self.training)
        yield from (("forbidden", period) for period in self.forbidden)

    @property
    def observations(self) -> Period:
        """Days whose observations a method may see: spin-up, evaluation, and spin-down where there is one."""
        first, last = self.spin_up or self.evaluation, self.spin_down or self.evaluation
        return Period(start=first.start, end=last.end)
