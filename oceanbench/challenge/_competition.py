"""When a challenge takes submissions, how many, and which days of a withheld truth are shown."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from oceanbench.challenge._base import Part
from oceanbench.challenge._where_and_when import Period

type PartName = Literal["public", "private"]

_FEWEST_DAYS = 4  # fewer give no confidence interval, and so no noise to round to


class Competition(Part):
    """A phase with rules of its own: dates, budget, and two blocks of days.

    Scores of the public block are shown at once, those of the private one are kept until the phase has
    ended. Blocks of time are split, not points: neighbours are correlated, so that a point left out would
    say nothing new.

    Attributes
    ----------
    opens, closes : datetime.datetime, optional
        First instant at which submissions are taken, and the first at which they no longer are; UTC.
    submissions_per_day : int, optional
        Submissions of a team on one UTC day, in place of what the service allows.
    final_entries : int, optional
        How many of its submissions a team may choose for the final ranking.
    public, private : Period, optional
        Days whose scores are shown, and days whose scores are kept back: both or neither.
    """

    opens: datetime | None = None
    closes: datetime | None = None
    submissions_per_day: Annotated[int, Field(gt=0)] | None = None
    final_entries: Annotated[int, Field(gt=0)] | None = None
    public: Period | None = None
    private: Period | None = None

    @field_validator("opens", "closes")
    @classmethod
    def _in_utc(cls, instant: datetime | None) -> datetime | None:
        if instant is None:
            return None
        if instant.tzinfo is None:
            raise ValueError(f"{instant} has no time zone; write {instant.isoformat()}Z if UTC is meant")
        return instant.astimezone(UTC)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.opens and self.closes and self.closes <= self.opens:
            raise ValueError(f"closes {self.closes} is not after opens {self.opens}; write a later instant")
        return self

    @model_validator(mode="after")
    def _two_blocks(self) -> Self:
        if (self.public is None) != (self.private is None):
            given, absent = ("public", "private") if self.public else ("private", "public")
            raise ValueError(f"there is a period {given!r} and none {absent!r}; give both, or neither")
        if self.public and self.private and _meet(self.public, self.private):
            raise ValueError(
                f"public {_days(self.public)} and private {_days(self.private)} share days; separate them"
            )
        return self

    @model_validator(mode="after")
    def _long_enough(self) -> Self:
        for name, period in self.parts.items():
            if period.days < _FEWEST_DAYS:
                raise ValueError(
                    f"the {name} period {_days(period)} has {period.days} days, too few for a confidence "
                    f"interval; give it {_FEWEST_DAYS} or more"
                )
        return self

    @property
    def parts(self) -> dict[PartName, Period]:
        """The blocks of days, by name; none where nothing is split."""
        if self.public is None or self.private is None:
            return {}
        return {"public": self.public, "private": self.private}

    def is_still_to_open(self, now: datetime) -> bool:
        """Tell whether submissions are not taken yet; the instant of opening is the first that takes them."""
        return self.opens is not None and now < self.opens

    def is_over(self, now: datetime) -> bool:
        """Tell whether submissions are no longer taken; the deadline is the first instant that takes none."""
        return self.closes is not None and now >= self.closes

    def outside(self, evaluation: Period) -> str:
        """Say which block reaches beyond the days that are scored; empty where none does."""
        for name, period in self.parts.items():
            if period.start < evaluation.start or period.end > evaluation.end:
                return (
                    f"the {name} period {_days(period)} reaches beyond the scored days "
                    f"{_days(evaluation)}; move its ends inside"
                )
        return ""


def _meet(one: Period, other: Period) -> bool:
    return one.start <= other.end and other.start <= one.end


def _days(period: Period) -> str:
    return f"{period.start} to {period.end}"
