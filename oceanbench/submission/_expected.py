"""What a challenge expects of a map."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

type Holes = Literal["refuse", "zero", "official"]
_ONE_DAY = np.timedelta64(1, "D")
HOLES: tuple[str, ...] = get_args(Holes.__value__)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Domain, period and rules that a map must meet.

    Attributes
    ----------
    west, east, south, north : float
        Box that the map must cover to within one of its own cells; degrees, -180..180 east.
    start, end : numpy.datetime64
        First and last day that must be covered, both included.
    max_step : numpy.timedelta64
        Longest time between two maps.
    variables : tuple of str
        Accepted names of the height, the preferred one first. Other names of heights are accepted after
        these, where there is no doubt.
    height_limit_m : float
        Greatest height that is believed, in absolute value.
    holes : {"refuse", "zero", "official"}
        What a missing value inside the box means: refuse the map, score zero there, or leave it to the
        official code of the challenge.
    """

    west: float
    east: float
    south: float
    north: float
    start: np.datetime64
    end: np.datetime64
    max_step: np.timedelta64 = _ONE_DAY
    variables: tuple[str, ...] = ()
    height_limit_m: float = 20.0
    holes: Holes = "refuse"

    def __post_init__(self) -> None:
        if not -180.0 <= self.west < self.east <= 180.0:
            raise ValueError(f"box runs {self.west}..{self.east} E; give west < east, both in -180..180")
        if not -90.0 <= self.south < self.north <= 90.0:
            raise ValueError(f"box runs {self.south}..{self.north} N; give south < north, both in -90..90")
        if self.first_day > self.last_day:
            raise ValueError(f"period runs {self.start}..{self.end}; give start before end")
        if self.holes not in HOLES:
            raise ValueError(f"holes={self.holes!r} is not a rule; allowed: {', '.join(HOLES)}")
        if not self.max_step > np.timedelta64(0, "s") or not self.height_limit_m > 0.0:
            raise ValueError(
                f"max_step {self.max_step} and height_limit_m {self.height_limit_m} must be greater than zero"
            )

    @property
    def first_day(self) -> np.datetime64:
        """First day to be covered."""
        return np.datetime64(self.start, "D")

    @property
    def last_day(self) -> np.datetime64:
        """Last day to be covered."""
        return np.datetime64(self.end, "D")
