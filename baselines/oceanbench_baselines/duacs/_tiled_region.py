"""A region that is mapped tile by tile: what all tiles share, the piece of each, and the joined maps."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from oceanbench_baselines.duacs._arhan import Arhan, Places
from oceanbench_baselines.duacs._pass_errors import PassErrors
from oceanbench_baselines.duacs._signal_variance import SignalField
from oceanbench_baselines.duacs._tile_solution import Solution
from oceanbench_baselines.duacs._tiles import Tile
from oceanbench_baselines.mapping._anomalies import Heights, Maps, Target
from oceanbench_baselines.mapping._observed import Floats
from oceanbench_baselines.mapping._plane import GRAVITY, KM_PER_DEGREE, Plane, coriolis

__all__ = ["Piece", "Region", "joined"]

_LEAST_LATITUDE = 3.0  # no geostrophic balance nearer to the equator, degrees
_STEP_DEGREES = 0.01  # over which the slope of the signal's standard deviation is taken


@dataclass(frozen=True)
class Region:
    """Observations and grid of a whole region.

    Attributes
    ----------
    heights : Heights
    target : Target
    order : array, shape (n,)
        Of `oceanbench_baselines.duacs._tiles.orders_in_passes`.
    signal : SignalField
        Standard deviation of the anomalies.
    errors : PassErrors
    """

    heights: Heights
    target: Target
    order: Floats
    signal: SignalField
    errors: PassErrors

    def outside(self, tile: Tile, scales: Arhan, reach: float) -> tuple[slice, Floats, Floats]:
        """Observations up to ``reach`` T from a tile: rows, distance and lag from it in units of L and T."""
        days = self.heights.days
        low = tile.days.start - tile.days.before - reach * scales.T
        high = tile.days.stop + tile.days.after + reach * scales.T
        rows = slice(int(np.searchsorted(days, low)), int(np.searchsorted(days, high, side="right")))
        east = tile.lon.outside(self.heights.lon[rows]) * _plane(tile).km_per_degree_east / scales.Lx
        north = tile.lat.outside(self.heights.lat[rows]) * KM_PER_DEGREE / scales.Ly
        return rows, np.hypot(east, north), tile.days.outside(days[rows]) / scales.T

    def piece(self, tile: Tile) -> "Piece":
        """Give the piece of the maps that a tile makes; still without fields."""
        axes = zip(
            (tile.days, tile.lat, tile.lon),
            (self.target.days, self.target.lat, self.target.lon),
            strict=True,
        )
        weights = [span.weight(values) for span, values in axes]
        parts = [_positive(weight) for weight in weights]
        lat, lon = self.target.lat[parts[1]], self.target.lon[parts[2]]
        of_parts = [weight[part] for weight, part in zip(weights, parts, strict=True)]
        return Piece(
            rows=(parts[0], parts[1], parts[2]),
            weights=np.einsum("t,y,x->tyx", *of_parts),
            plane=_plane(tile),
            days=self.target.days[parts[0]],
            lat=lat,
            lon=lon,
            signal=self.signal,
        )


def _plane(tile: Tile) -> Plane:
    return Plane(tile.lon.middle, tile.lat.middle)


def _positive(weight: Floats) -> slice:
    """Part of an axis on which a tile has a weight."""
    rows = np.flatnonzero(weight > 0)
    return slice(int(rows[0]), int(rows[-1]) + 1) if rows.size else slice(0, 0)


@dataclass(frozen=True)
class Piece:
    """What one tile maps.

    Attributes
    ----------
    rows : slices of (time, lat, lon) in the maps
    weights : array, shape (time, lat, lon)
    plane : Plane of the tile
    days, lat, lon : coordinates of the piece
    signal : SignalField
    fields : by name, (time, lat, lon): ``anomaly`` (m), ``variance`` (m²), ``ugos`` and ``vgos`` (m/s)
    """

    rows: tuple[slice, slice, slice]
    weights: Floats
    plane: Plane
    days: Floats
    lat: Floats
    lon: Floats
    signal: SignalField
    fields: Mapping[str, Floats] = field(default_factory=dict)

    def filled(self, solution: Solution | None, *, error: bool, currents: bool) -> "Piece":
        """Give the piece with the fields of a solution, or with those of no observation at all."""
        lon, lat = np.meshgrid(self.lon, self.lat)
        signal = self.signal.at(lon, lat)
        grid = Places(self.plane.x(lon.ravel()), self.plane.y(lat.ravel()), np.zeros(lon.size))
        relative = np.zeros((self.days.size, lon.size))
        if solution is not None:
            relative = solution.maps(grid, self.days)
        fields = {"anomaly": signal * self._shaped(relative)}
        if error:
            left = np.ones_like(relative) if solution is None else solution.error_variance(grid, self.days)
            fields["variance"] = signal**2 * self._shaped(left)
        if currents:
            fields |= self._currents(solution, grid, relative, signal)
        return dataclasses.replace(self, fields=fields)

    def _shaped(self, values: Floats) -> Floats:
        return values.reshape(self.weights.shape)

    def _currents(
        self, solution: Solution | None, grid: Places, relative: Floats, signal: Floats
    ) -> dict[str, Floats]:
        """Exact slopes of the map: of its correlation, and of the standard deviation that scales it."""
        slopes = (relative, relative) if solution is None else solution.gradients(grid, self.days)
        of_signal = self._signal_slopes()
        east, north = (
            (signal * self._shaped(slope) + along * self._shaped(relative)) / 1000.0
            for slope, along in zip(slopes, of_signal, strict=True)
        )
        balanced = np.abs(self.lat) >= _LEAST_LATITUDE
        f = np.where(balanced, coriolis(np.where(balanced, self.lat, 90.0)), np.nan)
        factor = (GRAVITY / f)[:, None]
        # the plane has the length of a degree of its middle; a slope is one over the true distance
        narrower = np.cos(np.deg2rad(self.lat)) * KM_PER_DEGREE / self.plane.km_per_degree_east
        return {"ugos": -factor * north, "vgos": factor * east / narrower[:, None]}

    def _signal_slopes(self) -> tuple[Floats, Floats]:
        """Slopes of the signal's standard deviation eastward and northward, (lat, lon), m/km."""
        lon, lat = np.meshgrid(self.lon, self.lat)
        half = _STEP_DEGREES / 2.0
        east = self.signal.at(lon + half, lat) - self.signal.at(lon - half, lat)
        north = self.signal.at(lon, lat + half) - self.signal.at(lon, lat - half)
        return east / (_STEP_DEGREES * self.plane.km_per_degree_east), north / (_STEP_DEGREES * KM_PER_DEGREE)


def joined(pieces: Sequence[Piece], target: Target) -> Maps:
    """Add up the pieces with their weights, which sum to one at each point of the maps.

    The error variance too is the weighted mean of the tiles': an upper bound of that of the joined map.
    """
    names = pieces[0].fields
    total = {name: np.zeros(target.shape) for name in names}
    for piece in pieces:
        for name, values in piece.fields.items():
            total[name][piece.rows] += piece.weights * values
    error = np.sqrt(total["variance"]) if "variance" in total else None
    return Maps(total["anomaly"], error, total.get("ugos"), total.get("vgos"))
