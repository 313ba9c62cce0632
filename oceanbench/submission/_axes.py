"""Axes in canonical order and values, and where each of their points lies in the source."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.longitudes import wrap_longitudes
from oceanbench.submission._layout import Degrees
from oceanbench.submission._problems import Findings, listed
from oceanbench.submission._source import values_of

REGULAR_DEGREES = 1e-4
_SAME_DEGREES = 1e-9
_LARGEST_DENOMINATOR = 10**6
_WORDS = {"time": "times", "lat": "latitudes", "lon": "longitudes"}


@dataclass(frozen=True)
class Axis:
    """Ascending values of one axis (degrees or datetime64[ns]), and the index of each in the source."""

    name: str
    values: NDArray[Any]
    take: NDArray[np.intp]
    resolution: float = 0.0

    def pick(self, index: slice | NDArray[np.intp]) -> "Axis":
        """Give the axis of the points at ``index``."""
        return Axis(self.name, self.values[index], self.take[index], self.resolution)

    @property
    def step(self) -> float:
        """Median step; 0 for a single point."""
        return float(np.median(np.diff(self.values))) if self.values.size > 1 else 0.0

    def label(self, index: int) -> str:
        """Give the value at ``index`` in words."""
        return label(self.name, self.values[index])


def label(name: str, value: Any) -> str:
    """Give the value of a coordinate as a person writes it."""
    if name == "time":
        return str(np.datetime_as_string(value, unit="s")).removesuffix("T00:00:00")
    if name in ("lat", "lon"):
        return f"{float(value):.7g} {'N' if name == 'lat' else 'E'}"
    return f"{name} {value}"


def longitude_axis(raw: Degrees, findings: Findings) -> Axis | None:
    """Give the longitudes in -180..180, west to east; None (and a problem) where they make no sense."""
    if not _in_range("lon", raw, 720.0, findings):
        return None
    wrapped = wrap_longitudes(raw.values)
    if np.any(np.abs(wrapped - raw.values) > 1.0):
        findings.note(f"Longitudes {raw.values.min():.7g}..{raw.values.max():.7g} were moved to -180..180.")
    return ascending(Axis("lon", wrapped, np.arange(wrapped.size), raw.resolution), "west to east", findings)


def latitude_axis(raw: Degrees, findings: Findings) -> Axis | None:
    """Give the latitudes from south to north; None (and a problem) where they make no sense."""
    if not _in_range("lat", raw, 90.0 + REGULAR_DEGREES, findings):
        return None
    axis = Axis("lat", raw.values, np.arange(raw.values.size), raw.resolution)
    return ascending(axis, "south to north", findings)


def _in_range(name: str, raw: Degrees, limit: float, findings: Findings) -> bool:
    missing = int(np.sum(~np.isfinite(raw.values)))
    if raw.values.size == 0 or missing:
        findings.refuse(
            f"{missing} of {raw.values.size} {_WORDS[name]} are missing or infinite",
            "a number for every row and column",
            "write the coordinate again",
        )
        return False
    if np.abs(raw.values).max() > limit:
        findings.refuse(
            f"{_WORDS[name]} run from {raw.values.min():.7g} to {raw.values.max():.7g}",
            f"degrees within {limit:.0f} of zero",
            "check that lat and lon are not swapped and that they are in degrees",
        )
        return False
    return True


def ascending(axis: Axis, direction: str, findings: Findings) -> Axis:
    """Give the axis in ascending order, with a note where it was not."""
    order = np.argsort(axis.values, kind="stable")
    if not np.array_equal(order, np.arange(order.size)):
        findings.note(f"The {_WORDS[axis.name]} were put in order, {direction}.")
    return axis.pick(order)


def without_duplicates(axis: Axis, height: xr.DataArray, findings: Findings) -> Axis | None:
    """Drop points that repeat the one before with the same heights; refuse those with other heights."""
    same = np.diff(axis.values).astype(np.float64) <= (0.0 if axis.name == "time" else _SAME_DEGREES)
    repeated = np.flatnonzero(same) + 1
    if not repeated.size or axis.name not in height.dims:
        return axis
    differing = [index for index in repeated if not _equal_slices(height, axis, int(index))]
    if differing:
        findings.refuse(
            f"{_WORDS[axis.name]} occur twice with different heights: {listed(_labels(axis, differing))}",
            "each once",
            "keep one of them",
        )
        return None
    labels = listed(_labels(axis, list(repeated)))
    findings.note(f"Repeated {_WORDS[axis.name]} with the same heights were dropped: {labels}.")
    return axis.pick(np.delete(np.arange(axis.values.size), repeated))


def _labels(axis: Axis, indices: list[Any]) -> list[str]:
    return [axis.label(int(index)) for index in indices]


def _equal_slices(height: xr.DataArray, axis: Axis, index: int) -> bool:
    one, two = (values_of(height.isel({axis.name: int(axis.take[at])})) for at in (index - 1, index))
    return bool(np.array_equal(one, two, equal_nan=height.dtype.kind == "f"))


def cropped(axis: Axis, low: Any, high: Any) -> tuple[Axis, slice]:
    """Give the axis from ``low`` to ``high`` with one more point on each side, and the part inside."""
    first, last = inside(axis, low, high)
    start, stop = max(first - 1, 0), min(last + 1, axis.values.size)
    return axis.pick(slice(start, stop)), slice(first - start, last - start)


def inside(axis: Axis, low: Any, high: Any) -> tuple[int, int]:
    """Give the first index at or above ``low`` and the first above ``high``."""
    first = np.searchsorted(axis.values, low, side="left")
    return int(first), int(np.searchsorted(axis.values, high, side="right"))


def on_regular_axis(axis: Axis, findings: Findings) -> Axis | None:
    """Give the axis with exactly regular values; None (and a problem) where a step differs too much."""
    values, error = regular_values(axis.values, axis.resolution)
    if error > REGULAR_DEGREES:
        steps = np.diff(axis.values)
        crossing = axis.name == "lon" and steps.max() > 180.0
        findings.refuse(
            f"steps of the {_WORDS[axis.name]} run from {steps.min():.7g} to {steps.max():.7g} degree",
            f"a regular axis, to within {REGULAR_DEGREES:g} degree",
            "cut the map at 180 E" if crossing else "interpolate the map to a regular grid",
        )
        return None
    moved = float(np.abs(values - axis.values).max(initial=0.0))
    if moved > _SAME_DEGREES:
        findings.note(
            f"The {_WORDS[axis.name]} were moved by up to {moved:.2g} degree onto the regular axis "
            f"{values[0]:.7g}..{values[-1]:.7g}."
        )
    return Axis(axis.name, values, axis.take, axis.resolution)


def regular_values(values: NDArray[np.float64], resolution: float = 0.0) -> tuple[NDArray[np.float64], float]:
    """Give the regular axis nearest to ascending ``values``, and how far they are from a regular one.

    First value and step are the simplest fractions that agree with the values as closely as these agree
    with a regular axis: -64.9 is found from its float32, 1/60 from its six digits. So the axis does not
    depend on the turn of the longitudes, nor on the type it was stored in.

    Parameters
    ----------
    values : degrees, ascending
    resolution : float
        What the stored type resolves, degrees.
    """
    steps = np.arange(values.size)
    step = (values[-1] - values[0]) / max(values.size - 1, 1)
    straight = values[0] + step * steps
    residual = values - straight
    error = float(residual.max() - residual.min()) / 2.0
    origin = float(values[0] + (residual.max() + residual.min()) / 2.0)
    tolerance = max(2.0 * error, resolution, 1e-10)
    first = simplest_fraction(origin, tolerance)
    spacing = simplest_fraction(step, tolerance / max(values.size - 1, 1))
    if max(first.denominator, spacing.denominator) > _LARGEST_DENOMINATOR:
        return origin + step * steps, error
    numerator = first.numerator * spacing.denominator + steps * spacing.numerator * first.denominator
    return numerator / (first.denominator * spacing.denominator), error


def simplest_fraction(value: float, tolerance: float) -> Fraction:
    """Give the fraction with the smallest denominator within ``tolerance`` of ``value``."""
    low, high = Fraction(value) - Fraction(tolerance), Fraction(value) + Fraction(tolerance)
    if low <= 0 <= high:
        return Fraction(0)
    return _simplest(low, high) if low > 0 else -_simplest(-high, -low)


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """Descend the Stern-Brocot tree to the first fraction in the positive interval."""
    if ceil(low) <= floor(high):
        return Fraction(ceil(low))
    whole = floor(low)
    return whole + 1 / _simplest(1 / (high - whole), 1 / (low - whole))
