"""A box and a period: which observations lie inside."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from oceanbench.longitudes import wrap_longitudes

type Box = tuple[float, float, float, float]
"""West, east, south, north, in degrees."""

type Period = tuple[ArrayLike | None, ArrayLike | None]
"""First and last instant; None where it is open."""


@dataclass(frozen=True)
class Window:
    """Bounds, all included; None where there is none.

    Attributes
    ----------
    west, east : float or None
        Degrees east in -180..180; the box runs eastward from ``west``.
    south, north : float
        Degrees north.
    start, end : datetime64[ns] or None
    """

    west: float | None
    east: float | None
    south: float
    north: float
    start: np.datetime64 | None
    end: np.datetime64 | None

    @property
    def has_box(self) -> bool:
        """Whether any place lies outside."""
        return self.west is not None or self.south > -90.0 or self.north < 90.0

    @property
    def is_open(self) -> bool:
        """Whether every observation lies inside."""
        return not self.has_box and self.start is None and self.end is None

    def holds_place(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which places lie in the box; ``lon`` in -180..180."""
        inside = (lat >= self.south) & (lat <= self.north)
        if self.west is None or self.east is None:
            return np.asarray(inside)
        if self.west <= self.east:
            return np.asarray(inside & (lon >= self.west) & (lon <= self.east))
        return np.asarray(inside & ((lon >= self.west) | (lon <= self.east)))

    def holds_time(self, time: NDArray[np.datetime64]) -> NDArray[np.bool_]:
        """Tell which instants lie in the period; a missing one does not, where there is a bound."""
        inside = np.ones(time.shape, dtype=bool)
        if self.start is not None:
            inside &= time >= self.start
        if self.end is not None:
            inside &= time <= self.end
        return inside


def window(
    west: float | None = None,
    east: float | None = None,
    south: float = -90.0,
    north: float = 90.0,
    start: ArrayLike | None = None,
    end: ArrayLike | None = None,
) -> Window:
    """Give the window of these bounds; longitudes on any turn.

    Raises
    ------
    ValueError
        Where a bound is missing or reversed.
    """
    if south > north:
        raise ValueError(f"south {south} lies north of north {north}; swap them")
    first, last = _instant(start), _instant(end)
    if first is not None and last is not None and first > last:
        raise ValueError(f"start {first} lies after end {last}; swap them")
    left, right = _meridians(west, east)
    return Window(left, right, south, north, first, last)


def window_of(box: Box | None, period: Period | None) -> Window:
    """Give the window of a box and a period, either of which may be missing."""
    west, east, south, north = (None, None, -90.0, 90.0) if box is None else box
    start, end = (None, None) if period is None else period
    return window(west, east, south, north, start, end)


def _instant(given: ArrayLike | None) -> np.datetime64 | None:
    if given is None:
        return None
    instants: NDArray[np.datetime64] = np.asarray(given, dtype="datetime64[ns]").reshape(1)
    if np.isnat(instants[0]):
        raise ValueError(f"a bound of the period is {given}; give a date, or None for no bound")
    instant: np.datetime64 = instants[0]
    return instant


def _meridians(west: float | None, east: float | None) -> tuple[float, float] | tuple[None, None]:
    if west is None and east is None:
        return None, None
    if west is None or east is None:
        raise ValueError(f"west is {west} and east is {east}; give both or none")
    if west > east:
        raise ValueError(
            f"west {west} is greater than east {east}; add 360 to east for a box that crosses 180"
        )
    if east - west >= 360.0:
        return None, None
    first, last = wrap_longitudes([west, east])
    return float(first), float(last)
