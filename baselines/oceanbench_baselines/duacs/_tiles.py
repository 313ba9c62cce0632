"""Tiles of space and time: how a region is cut, which observations a tile sees, how its maps are joined.

A tile maps its own span of each axis and half of an overlap beyond. Across an overlap the weight of one tile
falls as cos² while that of its neighbour rises as sin²: all weights at a point sum to one, and a map has no
step where two tiles with other scales or other observations meet, neither in space nor in time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oceanbench_baselines.mapping._observed import Floats
from oceanbench_baselines.mapping._plane import KM_PER_DEGREE

__all__ = ["Selection", "Span", "Tile", "orders_in_passes", "spans", "tiles"]

_STEP: Final = 1e-9  # half of an overlap of nothing; 0 tells an outer edge
_GOLDEN: Final = (np.sqrt(5.0) - 1.0) / 2.0
_SILVER: Final = np.sqrt(2.0) - 1.0


@dataclass(frozen=True)
class Span:
    """Stretch of one axis that a tile maps; ``before`` and ``after`` are its halves of the overlaps."""

    start: float
    stop: float
    before: float = 0.0
    after: float = 0.0

    @property
    def middle(self) -> float:
        """Centre of the stretch."""
        return (self.start + self.stop) / 2.0

    def weight(self, positions: Floats) -> Floats:
        """Weight of the tile at positions; 0 outside of its stretch and overlaps."""
        return _rising(positions - self.start, self.before) * _rising(self.stop - positions, self.after)

    def outside(self, positions: Floats) -> Floats:
        """Distance of positions from the stretch with its overlaps; 0 inside."""
        low, high = self.start - self.before, self.stop + self.after
        return np.asarray(np.maximum(np.maximum(low - positions, positions - high), 0.0))


def _rising(inwards: Floats, half: float) -> Floats:
    """sin² from 0 at ``-half`` to 1 at ``half``; 1 everywhere at an outer edge, where there is no overlap."""
    if half == 0.0:
        return np.ones_like(inwards)
    return np.asarray(np.sin(0.25 * np.pi * (1.0 + np.clip(inwards / half, -1.0, 1.0))) ** 2)


def spans(first: float, last: float, size: float, overlap: float) -> list[Span]:
    """Cut an axis into equal stretches of about ``size``; neighbours share ``overlap``, at most a stretch."""
    count = max(1, round((last - first) / size))
    edges = np.linspace(first, last, count + 1)
    half = max(min(overlap, (last - first) / count) / 2.0, _STEP)
    return [
        Span(
            float(edges[i]),
            float(edges[i + 1]),
            before=half if i else 0.0,
            after=half if i + 1 < count else 0.0,
        )
        for i in range(count)
    ]


@dataclass(frozen=True)
class Tile:
    """A box of longitude and latitude (degrees) and days."""

    lon: Span
    lat: Span
    days: Span


def tiles(
    lon: Floats, lat: Floats, days: Floats, *, size_km: float, overlap_km: float, block: float, blend: float
) -> list[Tile]:
    """Cut what a grid covers.

    Parameters
    ----------
    lon, lat, days : array
        Coordinates of the grid, ascending.
    size_km, overlap_km : float
        Side of a tile, and what neighbours share, km. Each band of latitude has its own tiles along it, so
        that they are as wide near the pole as at the equator.
    block, blend : float
        The same in time, days.
    """
    bands = _met(spans(lat[0], lat[-1], size_km / KM_PER_DEGREE, overlap_km / KM_PER_DEGREE), lat)
    blocks = _met(spans(days[0], days[-1], block, blend), days)
    return [
        Tile(along, band, stretch)
        for band in bands
        for along in _along(lon, band.middle, size_km, overlap_km)
        for stretch in blocks
    ]


def _along(lon: Floats, lat: float, size_km: float, overlap_km: float) -> list[Span]:
    degree = KM_PER_DEGREE * float(np.cos(np.deg2rad(min(abs(lat), 89.0))))
    return _met(spans(lon[0], lon[-1], size_km / degree, overlap_km / degree), lon)


def _met(cut: list[Span], positions: Floats) -> list[Span]:
    """Give the spans that any of the positions lies in."""
    return [span for span in cut if (span.weight(positions) > 0).any()]


def orders_in_passes(passes: NDArray[np.int64]) -> Floats:
    """For each observation, in order of time, a number in 0..1 that spreads evenly along its pass.

    Those below p are a share p of every pass, nearly equally spaced, and are among those below any larger
    share (multiples of the golden section, modulo 1). Each pass begins elsewhere, so that passes that follow
    one another do not lose the same places.
    """
    order = np.argsort(passes, kind="stable")
    starts = np.flatnonzero(np.diff(passes[order], prepend=-1))
    lengths = np.diff(np.append(starts, passes.size))
    rank = np.empty(passes.size)
    rank[order] = np.arange(passes.size) - np.repeat(starts, lengths)
    return np.asarray(np.mod(rank * _GOLDEN + passes * _SILVER, 1.0))


@dataclass(frozen=True)
class Selection:
    """Which observations a tile sees: all that are near, a share of those farther away.

    This is the idea of the operational selection: near the point all data, farther out thinned ones, and of
    passes that cross the tile a longer stretch, from which their common error can be told apart from the
    ocean (Ducet, Le Traon & Reverdin 2000, doi:10.1029/2000JC900063). Here one set serves a whole tile: a set
    of its own for each grid point would make steps in the map.

    Parameters
    ----------
    halo : float
        Reach beyond the edges of the tile, >= 1, in units of the scales of space and of time.
    most : int
        Number of observations that is not exceeded: first the far ones are thinned more, down to one in ten,
        then all of them.
    long_passes : bool
        Whether passes that cross the tile are followed to twice ``halo``, one observation in ten.
    """

    halo: float
    most: int
    long_passes: bool

    def rows(
        self, distance: Floats, lag: Floats, order: Floats, passes: NDArray[np.int64]
    ) -> NDArray[np.intp]:
        """Indices of those that are seen.

        Parameters
        ----------
        distance, lag : array, shape (n,)
            How far outside of the tile, in units of the scales of space and time.
        order : array, shape (n,)
            Of `orders_in_passes`.
        passes : array of int, shape (n,)
        """
        zones = list(self._zones(distance, lag, passes))
        share = np.zeros(distance.size)
        for zone, part in zip(zones, self._shares([int(zone.sum()) for zone in zones]), strict=True):
            share[zone] = part
        return np.flatnonzero(order < share)

    def wanted(self, distance: Floats, lag: Floats, passes: NDArray[np.int64]) -> float:
        """Number of observations that would be seen if there were no limit."""
        counts = [int(zone.sum()) for zone in self._zones(distance, lag, passes)]
        return float(np.dot(counts, _SHARES))

    def _zones(self, distance: Floats, lag: Floats, passes: NDArray[np.int64]) -> Iterator[NDArray[np.bool_]]:
        near = (distance <= 1.0) & (lag <= 1.0)
        within = (distance <= self.halo) & (lag <= self.halo)
        yield near
        yield within & ~near
        if self.long_passes:
            along = (distance <= 2.0 * self.halo) & (lag <= self.halo) & ~within
            yield along & np.isin(passes, np.unique(passes[within]))
        else:
            yield np.zeros_like(near)

    def _shares(self, counts: list[int]) -> tuple[float, float, float]:
        near, far, along = _SHARES
        if np.dot(counts, _SHARES) > self.most and counts[1]:
            far = float(np.clip((self.most - counts[0] - along * counts[2]) / counts[1], _LEAST_FAR, far))
        wanted = float(np.dot(counts, (near, far, along)))
        cut = min(1.0, self.most / wanted) if wanted else 1.0
        return near * cut, far * cut, along * cut


_SHARES: Final = (1.0, 1.0 / 3.0, 0.1)
_LEAST_FAR: Final = 0.1
