"""What a multiscale inversion sees and fills: a plane with observations, windows in time, sums of maps."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from oceanbench_baselines.mapping._anomalies import Heights, Maps, Target
from oceanbench_baselines.mapping._observed import Floats
from oceanbench_baselines.mapping._plane import GRAVITY, Plane, coriolis
from oceanbench_baselines.miost._wave_packets import Axis, Packets

__all__ = ["MapSum", "Scene", "Window", "cut_windows"]

_GROUND_KM_PER_DAY = 6.7 * 86_400.0  # speed of the point under the satellite
_CELL_KM = 50.0
_LEAST_SMOOTHING_KM = 150.0
_PRIOR_PASSES = 3.0  # passes with which the mean variance counts beside the observed one
_EQUATOR_DEGREES = 2.0


@dataclass(frozen=True)
class Window:
    """Maps that are solved together.

    ``rows`` are their places among all maps, ``weight`` is how much of each map comes from this window.
    """

    index: int
    rows: slice
    days: Floats
    weight: Floats


def cut_windows(days: Floats, window_days: float, overlap_days: float) -> list[Window]:
    """Cut sorted map times into windows of equal length, not longer than ``window_days``.

    Neighbours share ``overlap_days``, in which their weights go linearly from one to the other.
    """
    span = float(days[-1] - days[0])
    free = window_days - overlap_days
    count = max(1, int(np.ceil((span - overlap_days) / free - 1e-9)))
    step = (span - overlap_days) / count if count > 1 else span
    starts = days[0] + step * np.arange(count)
    windows: list[Window] = []
    for start in starts:
        stop = start + step + (overlap_days if count > 1 else 0.0)
        low, high = np.searchsorted(days, [start - 1e-9, stop + 1e-9])
        rows = slice(int(low), int(high))
        if high > low:
            part = days[rows]
            rise = _ramp(part - start, overlap_days) if start > starts[0] else np.ones(part.size)
            fall = 1.0 - _ramp(part - stop + overlap_days, overlap_days) if start < starts[-1] else 1.0
            windows.append(Window(len(windows), rows, part, rise * fall))
    return windows


def _ramp(past: Floats, length: float) -> Floats:
    """From 0 at 0 days past to 1 at ``length``; a step where that is 0."""
    if length == 0.0:
        return np.asarray(past >= 0.0, dtype=np.float64)
    return np.asarray(np.clip(past / length, 0.0, 1.0))


@dataclass(frozen=True)
class Scene:
    """Observations and grid on one plane.

    Attributes
    ----------
    heights : Heights
    target : Target
    plane : Plane
    x, y : km, of the observations
    pass_days : the mean time of the pass of each observation, days
        A pass over a regional box takes minutes; one time for all of it saves work.
    along_km : place along the pass
    """

    heights: Heights
    target: Target
    plane: Plane
    x: Floats
    y: Floats
    pass_days: Floats
    along_km: Floats

    @classmethod
    def of(cls, heights: Heights, target: Target) -> Self:
        """Put observations and grid on the plane in the middle of the grid."""
        middle = (float(target.lon[0] + target.lon[-1]) / 2, float(target.lat[0] + target.lat[-1]) / 2)
        plane = Plane(*middle)
        days = _pass_means(heights.passes, heights.days)
        along = (heights.days - days) * _GROUND_KM_PER_DAY
        return cls(heights, target, plane, plane.x(heights.lon), plane.y(heights.lat), days, along)

    @property
    def grid_x(self) -> Floats:
        """Kilometres east of the columns of the grid."""
        return self.plane.x(self.target.lon)

    @property
    def grid_y(self) -> Floats:
        """Kilometres north of the rows of the grid."""
        return self.plane.y(self.target.lat)

    def within(self, first_day: float, last_day: float) -> Self:
        """Give the scene with the observations of those days only."""
        rows = (self.pass_days >= first_day) & (self.pass_days <= last_day)
        names = ("x", "y", "pass_days", "along_km")
        parts = {name: getattr(self, name)[rows] for name in names}
        return dataclasses.replace(self, heights=self.heights.part(rows), **parts)

    def axes(
        self, window: Window, half_widths: Sequence[float], per_half_width: Sequence[float]
    ) -> tuple[Axis, Axis, Axis]:
        """Give the centres along x, y and time whose windows meet the observations or the grid."""
        spans = [
            _span(self.x, self.grid_x),
            _span(self.y, self.grid_y),
            _span(self.pass_days, window.days),
        ]
        x, y, t = (
            Axis.covering(*span, half, per)
            for span, half, per in zip(spans, half_widths, per_half_width, strict=True)
        )
        return x, y, t

    def relative_variance(self, x: Floats, y: Floats, smoothing_km: float) -> Floats:
        """Observed variance around places (km), over its mean: smooth, and 1 far from observations."""
        if not self.x.size:
            return np.ones(x.size)
        cells, squares = self._cell_squares()
        reach = max(_LEAST_SMOOTHING_KM, smoothing_km)
        near = np.exp(-((x[:, None] - cells[0]) ** 2 + (y[:, None] - cells[1]) ** 2) / reach**2)
        mean = float(np.average(squares, weights=cells[2]))
        if mean == 0.0:
            return np.ones(x.size)
        weights = near * cells[2]
        sums = weights @ squares + _PRIOR_PASSES * mean
        return np.asarray(sums / (weights.sum(axis=1) + _PRIOR_PASSES) / mean)

    def _cell_squares(self) -> tuple[tuple[Floats, Floats, Floats], Floats]:
        """Places of the cells of 50 km and the passes in each; mean squared anomaly of each."""
        place = np.stack([np.floor(self.x / _CELL_KM), np.floor(self.y / _CELL_KM)]).astype(np.int64)
        _, cell = np.unique(place, axis=1, return_inverse=True)
        size = np.bincount(cell)
        x, y, square = (np.bincount(cell, v) / size for v in (self.x, self.y, self.heights.anomaly**2))
        visits = np.unique(np.stack([cell, self.heights.passes]), axis=1)[0]
        return (x, y, np.bincount(visits, minlength=size.size).astype(np.float64)), square


def _pass_means(passes: NDArray[np.int64], days: Floats) -> Floats:
    _, which = np.unique(passes, return_inverse=True)
    return np.asarray((np.bincount(which, days) / np.maximum(np.bincount(which), 1))[which])


def _span(some: Floats, others: Floats) -> tuple[float, float]:
    both = np.concatenate([some, others])
    return float(both.min()), float(both.max())


class MapSum:
    """Maps of all windows, added up with their weights.

    Parameters
    ----------
    scene : Scene
    error, currents : bool
        Whether they are wanted.
    """

    def __init__(self, scene: Scene, *, error: bool, currents: bool) -> None:
        shape = scene.target.shape
        self._scene = scene
        self._anomaly = np.zeros(shape)
        self._variance = np.zeros(shape) if error else None
        self._slopes = (np.zeros(shape), np.zeros(shape)) if currents else None

    def add(self, window: Window, bands: Sequence[Packets], parts: Sequence[NDArray[Any]]) -> None:
        """Add the maps of one window; ``parts`` has the coefficients of the bands first."""
        weight = window.weight[:, None, None]
        for band, part in zip(bands, parts, strict=False):
            grid = (part, self._scene.grid_x, self._scene.grid_y, window.days)
            self._anomaly[window.rows] += weight * band.maps(*grid)
            if self._slopes is not None:
                self._slopes[0][window.rows] += weight * band.maps(*grid, derivative="x")
                self._slopes[1][window.rows] += weight * band.maps(*grid, derivative="y")

    def add_missed(
        self, window: Window, bands: Sequence[Packets], parts: Sequence[NDArray[Any]], share: float
    ) -> None:
        """Add ``share`` of the square of what a draw was missed by: an upper bound where windows blend."""
        assert self._variance is not None
        grid = (self._scene.grid_x, self._scene.grid_y, window.days)
        missed = sum(band.maps(part, *grid) for band, part in zip(bands, parts, strict=False))
        self._variance[window.rows] += share * window.weight[:, None, None] * np.square(missed)

    def maps(self, notes: Mapping[str, str | int | float]) -> Maps:
        """Give what was added up."""
        error = None if self._variance is None else np.sqrt(self._variance)
        ugos, vgos = self._currents()
        return Maps(self._anomaly, error, ugos, vgos, notes)

    def _currents(self) -> tuple[Floats | None, Floats | None]:
        """Geostrophic currents, m/s, from slopes in metres per km of the plane; NaN at the equator."""
        if self._slopes is None:
            return None, None
        lat = self._scene.target.lat
        f = np.where(np.abs(lat) < _EQUATOR_DEGREES, np.nan, coriolis(lat))
        per_metre = 1e-3 * GRAVITY / f[:, None]
        stretch = np.cos(np.deg2rad(self._scene.plane.lat0)) / np.cos(np.deg2rad(lat))
        return -per_metre * self._slopes[1], per_metre * stretch[:, None] * self._slopes[0]
