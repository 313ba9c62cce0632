"""Square lattice of a regional model: its points, and what its fields are at other places and times."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from oceanbench_baselines.mapping._observed import Floats
from oceanbench_baselines.mapping._plane import KM_PER_DEGREE, Plane

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Lattice"]


@dataclass(frozen=True)
class Lattice:
    """Points of equal spacing on a tangent plane, rows from south to north, columns from west to east.

    Parameters
    ----------
    plane : Plane
    west_km, south_km : float
        Place of the first point on the plane.
    spacing_km : float
    rows, columns : int
    """

    plane: Plane
    west_km: float
    south_km: float
    spacing_km: float
    rows: int
    columns: int

    @classmethod
    def around(cls, lon: Floats, lat: Floats, *, spacing_km: float, margin_km: float) -> "Lattice":
        """Give the lattice that covers the axes ``lon`` and ``lat`` (degrees) and a margin around them."""
        plane = Plane(float(lon.min() + lon.max()) / 2, float(lat.min() + lat.max()) / 2)
        halves = [np.ptp(plane.x(lon)) / 2 + margin_km, np.ptp(plane.y(lat)) / 2 + margin_km]
        columns, rows = (2 * int(np.ceil(half / spacing_km)) + 1 for half in halves)
        west, south = (-(count - 1) / 2 * spacing_km for count in (columns, rows))
        return cls(plane, west, south, spacing_km, rows, columns)

    @property
    def x_km(self) -> Floats:
        """Kilometres east of the plane's origin, by column."""
        return np.asarray(self.west_km + self.spacing_km * np.arange(self.columns))

    @property
    def y_km(self) -> Floats:
        """Kilometres north of the plane's origin, by row."""
        return np.asarray(self.south_km + self.spacing_km * np.arange(self.rows))

    @property
    def lon(self) -> Floats:
        """Degrees east of the columns."""
        return np.asarray(self.plane.lon0 + self.x_km / self.plane.km_per_degree_east)

    @property
    def lat(self) -> Floats:
        """Degrees north of the rows."""
        return np.asarray(self.plane.lat0 + self.y_km / KM_PER_DEGREE)

    @property
    def size(self) -> int:
        """Number of points."""
        return self.rows * self.columns

    def contains(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        """Say which places lie within the lattice and off its rim."""
        row, column = self._steps(lon, lat)
        in_row = (row >= 1) & (row <= self.rows - 2)
        return np.asarray(in_row & (column >= 1) & (column <= self.columns - 2))

    def sampling(self, lon: Floats, lat: Floats, days: Floats, times: Floats) -> "csr_array":
        """Matrix (n, times * size) that takes heights (times, rows, columns) to n places and times.

        Cubic in space (Lagrange's polynomial through four points a side: linear interpolation would lose a
        fifth of a wave five steps long), linear in time.

        Parameters
        ----------
        lon, lat, days : array, shape (n,)
            Places must lie within the lattice (`contains`), days within ``times``.
        times : array, days, ascending
        """
        from scipy.sparse import csr_array

        points, weights = self._around(lon, lat)
        before = np.clip(np.searchsorted(times, days, side="right") - 1, 0, times.size - 2)
        share = ((days - times[before]) / np.diff(times)[before])[:, None]
        first = points + before[:, None] * self.size
        indices = np.concatenate([first, first + self.size], axis=1)
        data = np.concatenate([weights * (1 - share), weights * share], axis=1)
        starts = np.arange(0, data.size + 1, data.shape[1])
        shape = (days.size, times.size * self.size)
        return csr_array((data.ravel(), indices.ravel(), starts), shape=shape)

    def _steps(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        row = (self.plane.y(lat) - self.south_km) / self.spacing_km
        return row, (self.plane.x(lon) - self.west_km) / self.spacing_km

    def _around(self, lon: Floats, lat: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Give the sixteen points around each place, (n, 16), and their weights."""
        row, column = self._steps(lon, lat)
        rows, in_rows = _cubic(row, self.rows)
        columns, in_columns = _cubic(column, self.columns)
        points = (rows[:, :, None] * self.columns + columns[:, None, :]).reshape(row.size, 16)
        return points, (in_rows[:, :, None] * in_columns[:, None, :]).reshape(row.size, 16)


def _cubic(steps: Floats, count: int) -> tuple[NDArray[np.int64], Floats]:
    """Indices (n, 4) and weights (n, 4) of Lagrange's cubic polynomial at places counted in steps."""
    first = np.clip(np.floor(steps).astype(np.int64) - 1, 0, count - 4)
    t = steps - first
    weights = [
        -(t - 1) * (t - 2) * (t - 3) / 6,
        t * (t - 2) * (t - 3) / 2,
        -t * (t - 1) * (t - 3) / 2,
        t * (t - 1) * (t - 2) / 6,
    ]
    return first[:, None] + np.arange(4), np.stack(weights, axis=1)
