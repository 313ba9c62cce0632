r"""Covariance of the operational optimal interpolation: Arhan & Colin de Verdière in space, Gaussian in time.

.. math::

    C = \sigma^2 \rho(a)\, e^{-(\Delta t/T)^2}, \qquad
    \rho(a) = \left(1 + a + \frac{a^2}{6} - \frac{a^3}{6}\right) e^{-a}, \qquad
    a = \frac{3.34}{L} \left|\Delta \mathbf{x} - \mathbf{c}\,\Delta t\right|

L is the distance of the first zero, c a velocity of propagation. The spectrum of ρ in the plane is
:math:`35 \pi k^2 / (1 + k^2)^{9/2}`: never negative, so that C is a covariance whatever the scales, as long
as they are the same for all points and the distance is one of the plane: in three dimensions the spectrum is
negative at low wavenumbers, and time inside the radius would give matrices that are not positive definite.

References
----------
Arhan, M., and A. Colin de Verdière (1985), J. Phys. Oceanogr. 15, 153-170,
doi:10.1175/1520-0485(1985)015<0153:DOEMIT>2.0.CO;2.
Le Traon, P.-Y., F. Nadal and N. Ducet (1998), J. Atmos. Oceanic Technol. 15, 522-534,
doi:10.1175/1520-0426(1998)015<0522:AIMMOM>2.0.CO;2.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from oceanbench_baselines.mapping._observed import Floats

__all__ = [
    "PER_ZERO",
    "Arhan",
    "Places",
    "Sum",
    "arhan_correlation",
    "arhan_slope",
    "arhan_slope_over_distance",
]

PER_ZERO: Final = 3.34
"""Scaled distance a at r = L, as published; the zero itself lies at a = 3.336912."""

type _Shape = Callable[[Floats, Floats], Floats]

_ROWS = 64  # rows of a block: it stays in cache through all the steps of the kernel


def arhan_correlation(a: Floats) -> Floats:
    """Correlation ρ at scaled distances ``a`` >= 0."""
    return np.asarray((1.0 + a + a**2 * (1.0 - a) / 6.0) * np.exp(-a))


def arhan_slope_over_distance(a: Floats) -> Floats:
    """ρ'(a) / a = (a² - 4a - 4) exp(-a) / 6: finite at 0, where it is -2/3."""
    return np.asarray(((a - 4.0) * a - 4.0) * np.exp(-a) / 6.0)


def arhan_slope(a: Floats) -> Floats:
    """Derivative ρ'(a)."""
    return np.asarray(a * arhan_slope_over_distance(a))


class Places(NamedTuple):
    """Points in a plane and in time: kilometres and days, each (n,)."""

    x: Floats
    y: Floats
    t: Floats

    def part(self, rows: object) -> "Places":
        """Give the points that a slice, mask or index selects."""
        return Places(*(values[rows] for values in self))  # type: ignore[call-overload]

    def at(self, day: float) -> "Places":
        """Give the same points at another time."""
        return self._replace(t=np.full(self.x.shape, day))


class _Scaled(NamedTuple):
    """Points in units of the scales: space (n, 2) so that a is a distance, time (n,)."""

    space: Floats
    time: Floats


@dataclass(frozen=True)
class Arhan:
    """One component of the prior.

    Parameters
    ----------
    variance : float
        σ², m² (or a share, where fields are scaled by their standard deviation).
    Lx, Ly : float
        Distance of the first zero eastward and northward, km.
    T : float
        Time at which the correlation is 1/e, days.
    cx, cy : float
        Velocity of propagation, km/day, eastward and northward positive.
    """

    variance: float
    Lx: float
    Ly: float
    T: float
    cx: float = 0.0
    cy: float = 0.0

    @property
    def moves(self) -> bool:
        """Whether the correlation travels."""
        return bool(self.cx or self.cy)

    def covariance(self, first: Places, second: Places) -> Floats:
        """Covariance of all pairs, (n, m), m²."""
        result = np.empty((first.x.size, second.x.size))
        left, right = self._scaled(first), self._scaled(second)
        for rows in _blocks(first.x.size):
            result[rows] = self._kernel(_part(left, rows), right, _rho_in_place)
        return result

    def add_lower(self, matrix: Floats, places: Places) -> None:
        """Add the covariance of the points to a matrix (n, n): at least to its lower triangle."""
        scaled = self._scaled(places)
        for rows in _blocks(places.x.size):
            before = slice(0, rows.stop)
            matrix[rows, before] += self._kernel(_part(scaled, rows), _part(scaled, before), _rho_in_place)

    def maps(self, grid: Places, days: Floats, data: Places, weights: Floats) -> Floats:
        """Covariance of grid and data times ``weights`` (n,), as (days, grid); ``grid.t`` does not count."""
        return np.asarray(self._applied(grid, days, data, weights[:, None], _rho_in_place)[0])

    def gradients(self, grid: Places, days: Floats, data: Places, weights: Floats) -> tuple[Floats, Floats]:
        """Derivatives of `maps` eastward and northward, each (days, grid), m/km."""
        columns = weights[:, None] * np.column_stack([np.ones_like(data.x), *data])
        total, x, y, t = self._applied(grid, days, data, columns, _slope_in_place)
        lag = days[:, None] * total - t
        east = (grid.x * total - x - self.cx * lag) * (PER_ZERO / self.Lx) ** 2
        north = (grid.y * total - y - self.cy * lag) * (PER_ZERO / self.Ly) ** 2
        return east, north

    def _applied(
        self,
        grid: Places,
        days: Floats,
        data: Places,
        columns: Floats,
        shape: _Shape,
    ) -> Floats:
        """Kernel of grid and data times each of the columns (n, c): (c, days, grid)."""
        if self.moves:
            each = [self._on(grid.at(day), data, columns, shape) for day in days]
            return np.stack(each, axis=1)
        # What does not move has one spatial part for all days; time then only scales the columns.
        decay = np.exp(-(((data.t[:, None] - days) / self.T) ** 2))
        scaled = (columns[:, :, None] * decay[:, None, :]).reshape(data.t.size, -1)
        result = self._on(grid.at(0.0), data.at(0.0), scaled, shape)
        return np.asarray(result.reshape(columns.shape[1], days.size, grid.x.size))

    def _on(self, grid: Places, data: Places, columns: Floats, shape: _Shape) -> Floats:
        """Kernel of grid and data times the columns: (columns, grid)."""
        result = np.empty((columns.shape[1], grid.x.size))
        left, right = self._scaled(grid), self._scaled(data)
        for rows in _blocks(grid.x.size):
            result[:, rows] = (self._kernel(_part(left, rows), right, shape) @ columns).T
        return result

    def _scaled(self, places: Places) -> _Scaled:
        """A constant velocity is a change of coordinates: what moves with it stands still."""
        u = (places.x - self.cx * places.t) * (PER_ZERO / self.Lx)
        v = (places.y - self.cy * places.t) * (PER_ZERO / self.Ly)
        return _Scaled(np.column_stack([u, v]), places.t / self.T)

    def _kernel(self, first: _Scaled, second: _Scaled, shape: _Shape) -> Floats:
        squared = _squared_distances(first.space, second.space)
        lags = first.time[:, None] - second.time
        values = shape(squared, np.square(lags, out=lags))
        values *= self.variance
        return values


@dataclass(frozen=True)
class Sum:
    """A prior of several independent components."""

    components: tuple[Arhan, ...]

    @property
    def variance(self) -> float:
        """Sum of the variances, m²."""
        return sum(one.variance for one in self.components)

    def covariance(self, first: Places, second: Places) -> Floats:
        """As `Arhan.covariance`."""
        return _total([one.covariance(first, second) for one in self.components])

    def lower(self, places: Places) -> Floats:
        """Covariance of the points among themselves, (n, n): only the lower triangle is to be read."""
        matrix = np.zeros((places.x.size, places.x.size))
        for one in self.components:
            one.add_lower(matrix, places)
        return matrix

    def maps(self, grid: Places, days: Floats, data: Places, weights: Floats) -> Floats:
        """As `Arhan.maps`."""
        return _total([one.maps(grid, days, data, weights) for one in self.components])

    def gradients(self, grid: Places, days: Floats, data: Places, weights: Floats) -> tuple[Floats, Floats]:
        """As `Arhan.gradients`."""
        pairs = [one.gradients(grid, days, data, weights) for one in self.components]
        return _total([pair[0] for pair in pairs]), _total([pair[1] for pair in pairs])


def _total(parts: Sequence[Floats]) -> Floats:
    return np.asarray(sum(parts[1:], start=parts[0]))


def _blocks(size: int) -> list[slice]:
    return [slice(start, min(start + _ROWS, size)) for start in range(0, size, _ROWS)]


def _part(scaled: _Scaled, rows: slice) -> _Scaled:
    return _Scaled(scaled.space[rows], scaled.time[rows])


def _squared_distances(first: Floats, second: Floats) -> Floats:
    """|a - b|² of all pairs; differences, not the expanded square, which loses what is near."""
    result = np.square(first[:, 0, None] - second[:, 0])
    across = first[:, 1, None] - second[:, 1]
    result += np.square(across, out=across)
    return result


def _rho_in_place(squared: Floats, lag: Floats) -> Floats:
    """ρ(a) exp(-τ²) from a² and τ²; both are overwritten."""
    a = np.sqrt(squared)
    lag += a
    np.exp(np.negative(lag, out=lag), out=lag)
    squared *= (1.0 - a) / 6.0
    squared += a
    squared += 1.0
    squared *= lag
    return squared


def _slope_in_place(squared: Floats, lag: Floats) -> Floats:
    """ρ'(a)/a exp(-τ²) from a² and τ²; both are overwritten."""
    a = np.sqrt(squared)
    lag += a
    np.exp(np.negative(lag, out=lag), out=lag)
    squared -= 4.0 * a
    squared -= 4.0
    squared *= lag
    squared /= 6.0
    return squared
