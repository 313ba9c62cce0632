"""The parameters that are searched: each between two bounds, on a logarithmic scale."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oceanbench.registry import near_matches

__all__ = ["Axis", "Space", "space_of"]

type Floats = NDArray[np.float64]
type Range = tuple[float, float]

_DIGITS = 3  # significant ones of a tried value: a score does not feel more, and a reader can remember them


@dataclass(frozen=True)
class Axis:
    """One parameter that is searched.

    Parameters
    ----------
    name : str
        Field of the method.
    low, high : float
        Bounds, both allowed, 0 < low < high, in the unit of the parameter.
    start : float
        Where the search begins, within the bounds.
    whole : bool
        Whether only whole numbers are tried.

    Raises
    ------
    ValueError
        Where the bounds are reversed or not above 0, or the start lies outside.
    """

    name: str
    low: float
    high: float
    start: float
    whole: bool = False

    def __post_init__(self) -> None:
        """Refuse bounds between which nothing can be searched."""
        bounds = f"{self.name} is searched from {self.low:g} to {self.high:g}"
        if not 0 < self.low < self.high < math.inf:
            raise ValueError(f"{bounds}; give two numbers above 0, the smaller one first")
        if not self.low <= self.start <= self.high:
            raise ValueError(
                f"{bounds}, but starts at {self.start:g}; start it inside with --set {self.name}=VALUE, "
                f"or give wider bounds with --search {self.name}=LOW:HIGH"
            )

    def value(self, share: float) -> float | int:
        """Give the value at a share, 0..1, of the way from bound to bound, to three significant digits."""
        exact = self.low * (self.high / self.low) ** share
        if self.whole:
            return int(np.clip(round(exact), math.ceil(self.low), math.floor(self.high)))
        return float(np.clip(float(f"{exact:.{_DIGITS}g}"), self.low, self.high))

    def share(self, value: float) -> float:
        """Give how far a value lies on the way from bound to bound, 0..1."""
        return math.log(value / self.low) / math.log(self.high / self.low)

    def at_bound(self, value: float) -> bool:
        """Tell whether a value lies within a hundredth of the way of a bound, so that wider ones may help."""
        return not 0.01 < self.share(value) < 0.99


@dataclass(frozen=True)
class Space:
    """All parameters that are searched; a point of the unit cube stands for one set of values."""

    axes: tuple[Axis, ...]

    @property
    def start(self) -> dict[str, float]:
        """The values that the search begins with, as they are."""
        return {axis.name: axis.start for axis in self.axes}

    def values(self, point: Floats) -> dict[str, float]:
        """Give the values at a point (n,) of the unit cube."""
        return {axis.name: axis.value(share) for axis, share in zip(self.axes, point.tolist(), strict=True)}

    def point(self, values: Mapping[str, float]) -> Floats:
        """Give the point (n,) of the unit cube at these values."""
        return np.array([axis.share(values[axis.name]) for axis in self.axes])


def space_of(method: object, wanted: Mapping[str, Range | None] | None = None) -> Space:
    """Give what is searched of a method.

    Parameters
    ----------
    method : object
        A frozen dataclass; its values are where the search begins. The bounds are those of its class
        attribute ``SEARCH``, parameter name to (low, high).
    wanted : mapping of name to (low, high) or None, optional
        The parameters to search, all of ``SEARCH`` unless given; bounds take the place of those there.

    Raises
    ------
    LookupError
        Where the method has no such number among its parameters.
    ValueError
        Where nothing can be searched, or bounds are missing or reversed.
    """
    known: Mapping[str, Range] = getattr(type(method), "SEARCH", {})
    asked = dict.fromkeys(known) if not wanted else dict(wanted)
    if not asked:
        raise ValueError(
            f"{type(method).__name__} does not say what can be searched; name parameters with their bounds, "
            "--search NAME=LOW:HIGH, or give its class an attribute SEARCH"
        )
    numbers = _numbers(method)
    axes = [_axis(name, bounds or known.get(name), numbers, known) for name, bounds in asked.items()]
    return Space(tuple(axes))


def _axis(name: str, bounds: Range | None, numbers: Mapping[str, float], known: Sequence[str] | Any) -> Axis:
    if name not in numbers:
        raise LookupError(
            f"no parameter {name!r} to search; {near_matches(name, numbers)}"
            f"numbers among the parameters: {', '.join(numbers) or 'none'}"
        )
    if bounds is None:
        raise ValueError(
            f"parameter {name!r} has no bounds (those of {', '.join(known) or 'none'} are known); "
            f"write --search {name}=LOW:HIGH"
        )
    return Axis(name, float(bounds[0]), float(bounds[1]), numbers[name], isinstance(numbers[name], int))


def _numbers(method: object) -> dict[str, float]:
    """Give the parameters of a method that are numbers; truths and what does not change the map are none."""
    if not dataclasses.is_dataclass(method):
        return {}
    fields = [field for field in dataclasses.fields(method) if not field.metadata.get("runtime")]
    values = {field.name: getattr(method, field.name) for field in fields if field.init}
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
