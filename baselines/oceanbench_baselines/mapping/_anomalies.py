"""What the methods that map anomalies about a mean height share: what they are given, and what they give."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.methods import DAILY_MEAN, check_grid
from oceanbench.progress import Progress
from oceanbench_baselines.mapping._mean_height import MeanHeight, fitted_mean, given_mean, no_mean
from oceanbench_baselines.mapping._observed import (
    Floats,
    check_finite,
    check_observations,
    days_since,
    require,
    rows_inside,
)
from oceanbench_baselines.mapping._super_observations import Cells, super_observations

__all__ = ["AnomalyMapping", "Heights", "Maps", "Target"]

_WHOLE = ("missions", "error_free")
_HALF_A_DAY = np.timedelta64(12, "h")


@dataclass(frozen=True)
class Heights:
    """Super-observations of height anomalies, in order of time; every array has n values.

    Attributes
    ----------
    lon, lat : degrees; ``lon`` on the same turn as the grid
    days : days since the first map; a map that is compared with the mean of its day is made for noon
    anomaly : metres about the mean height
    mean : metres, the mean height there
    variance : variance of the white error of each, m²
    mission : index into ``missions``
    passes : id of the arc of one satellite in one cycle, unique over missions
    across_km : signed distance from nadir for swaths, 0 for nadir altimeters
    swath : whether it is of a swath
    missions : names
    error_free : whether the heights are known to carry no measurement error
    """

    lon: Floats
    lat: Floats
    days: Floats
    anomaly: Floats
    mean: Floats
    variance: Floats
    mission: NDArray[np.int64]
    passes: NDArray[np.int64]
    across_km: Floats
    swath: NDArray[np.bool_]
    missions: tuple[str, ...]
    error_free: bool = False

    @property
    def count(self) -> int:
        """Number of super-observations."""
        return int(self.anomaly.size)

    def part(self, rows: Any) -> Self:
        """Give those that a slice, a mask or indices select."""
        names = [field.name for field in dataclasses.fields(self) if field.name not in _WHOLE]
        return dataclasses.replace(self, **{name: getattr(self, name)[rows] for name in names})


@dataclass(frozen=True)
class Target:
    """Where maps are wanted.

    Attributes
    ----------
    days : days since the first map, (time,)
    lat, lon : degrees, (lat,) and (lon,)
    mean : mean height there, metres, (lat, lon)
    mean_at : mean height anywhere, (lon, lat) in degrees to metres
    """

    days: Floats
    lat: Floats
    lon: Floats
    mean: Floats
    mean_at: MeanHeight

    @property
    def shape(self) -> tuple[int, int, int]:
        """Sizes of (time, lat, lon)."""
        return self.days.size, self.lat.size, self.lon.size


class Maps(NamedTuple):
    """What a method gives, (time, lat, lon): anomalies about the mean, and what it knows beside them.

    ``error`` is the formal error (standard deviation, m); ``ugos`` and ``vgos`` the geostrophic currents of
    the anomaly (m/s) where the method has better ones than differences of the map; ``notes`` become
    attributes of ``ssh``.
    """

    anomaly: Floats
    error: Floats | None = None
    ugos: Floats | None = None
    vgos: Floats | None = None
    notes: Mapping[str, str | int | float] = {}


@dataclass(frozen=True)
class AnomalyMapping(ABC):
    """Parameters and steps that the methods which map anomalies share; a subclass maps the anomalies.

    Parameters
    ----------
    thin_lines : int
        1 Hz samples per super-observation of a nadir altimeter; averages never join two passes.
    swath_cell_km : float
        Side of the super-observations of a swath, > 0.
    instrument : float
        Factor on the table of instrument noise by mission, >= 0. Observations that are known to be free of
        error (``attrs["error_free"]``) have none whatever this says.
    representativity : float
        Standard deviation, metres, >= 0, of what a super-observation holds and the prior cannot: it does not
        shrink by averaging.
    mean : {"given", "fit", "none"}
        What is removed before and put back after: the mean height that comes with the challenge (where it has
        none, as ``fit``); a smooth surface through the observations; or nothing.
    error : bool
        Also give ``ssh_error``, the formal error in metres.
    currents : bool
        Also give ``ugos`` and ``vgos``, the geostrophic currents in m/s.
    workers : int
        Pieces of work side by side, each on one thread. 0: as many as there are processors.
    progress : callable, optional
        Called with a sentence and the share of the work done.
    """

    SEARCH: ClassVar[Mapping[str, tuple[float, float]]] = {}
    REACH_DEGREES: ClassVar[float] = 3.0
    """How far beyond the box of the grid observations are taken in."""

    thin_lines: int = 3
    swath_cell_km: float = 10.0
    instrument: float = 1.0
    representativity: float = 0.02
    mean: Literal["given", "fit", "none"] = "given"
    error: bool = False
    currents: bool = False
    workers: int = dataclasses.field(default=0, kw_only=True, metadata={"runtime": True})
    progress: Progress | None = dataclasses.field(
        default=None, kw_only=True, compare=False, repr=False, metadata={"runtime": True}
    )

    def __post_init__(self) -> None:
        """Refuse parameters that mean nothing."""
        require(self, "thin_lines", self.thin_lines >= 1, "a whole number from 1")
        require(self, "swath_cell_km", self.swath_cell_km > 0, "a number of kilometres above 0")
        require(self, "instrument", self.instrument >= 0, "a factor of 0 or more")
        require(self, "representativity", self.representativity >= 0, "0 m or more")
        require(self, "mean", self.mean in ("given", "fit", "none"), "'given', 'fit' or 'none'")
        require(self, "workers", self.workers >= 0, "0 (choose) or a number of workers")

    def __call__(
        self, observations: xr.Dataset, grid: xr.Dataset, *, mean: xr.DataArray | None = None
    ) -> xr.Dataset:
        """Map ``observations`` on ``grid`` about ``mean``; the contract is in `oceanbench.methods`."""
        heights, target, told = self._prepared(observations, grid, mean)
        maps = self._map(heights, target)
        notes = {"mean_height": told, **maps.notes}
        if grid.attrs.get("each_map") == DAILY_MEAN:
            notes["valid_at"] = "noon of the day that begins at its time"
        if not heights.count:
            notes["comment"] = "no observation is in reach: the map is the mean height"
        return self._dataset(maps, target, grid, notes)

    @abstractmethod
    def _map(self, heights: Heights, target: Target) -> Maps:
        """Map the anomalies. There may be no observation: the anomaly is then 0 everywhere."""

    def _prepared(
        self, observations: xr.Dataset, grid: xr.Dataset, mean: xr.DataArray | None
    ) -> tuple[Heights, Target, str]:
        check_grid(grid)
        if self.currents and min(grid.sizes["lat"], grid.sizes["lon"]) < 2:
            raise ValueError("currents are asked for on a grid of one row or column; a slope takes two nodes")
        check_observations(observations)
        check_finite(observations["ssh"].values, "ssh")
        cells = super_observations(observations, thin_lines=self.thin_lines, swath_cell_km=self.swath_cell_km)
        rows, lon = _in_reach(cells, grid, self.REACH_DEGREES)
        mean_at, told = self._mean_height(cells, rows, lon, grid, mean)
        heights = self._heights(cells, rows, lon, grid, mean_at, observations)
        return heights, _target(grid, mean_at), told

    def _mean_height(
        self, cells: Cells, rows: NDArray[np.intp], lon: Floats, grid: xr.Dataset, mean: xr.DataArray | None
    ) -> tuple[MeanHeight, str]:
        if self.mean == "none":
            return no_mean, "none"
        if self.mean == "given" and mean is not None:
            return given_mean(mean, float(grid["lon"].mean())), "given"
        fitted = fitted_mean(lon, cells.lat[rows], cells.ssh[rows], cells.passes[rows])
        return fitted, "fitted to the observations"

    def _heights(
        self,
        cells: Cells,
        rows: NDArray[np.intp],
        lon: Floats,
        grid: xr.Dataset,
        mean_at: MeanHeight,
        observations: xr.Dataset,
    ) -> Heights:
        error_free = bool(observations.attrs.get("error_free", False))
        instrument = 0.0 if error_free else self.instrument
        mean = mean_at(lon, cells.lat[rows])
        return Heights(
            lon=lon,
            lat=cells.lat[rows],
            days=days_since(_first_instant(grid), cells.time[rows]),
            anomaly=cells.ssh[rows] - mean,
            mean=mean,
            variance=(instrument * cells.instrument[rows]) ** 2 + self.representativity**2,
            mission=cells.mission[rows],
            passes=cells.passes[rows],
            across_km=cells.across_km[rows],
            swath=cells.swath[rows],
            missions=tuple(observations.attrs["missions"]),
            error_free=error_free,
        )

    def _dataset(
        self, maps: Maps, target: Target, grid: xr.Dataset, notes: Mapping[str, str | int | float]
    ) -> xr.Dataset:
        coords = {name: grid[name] for name in ("time", "lat", "lon")}
        dims = ("time", "lat", "lon")
        result = xr.Dataset({"ssh": (dims, maps.anomaly + target.mean)}, coords)
        result["ssh"].attrs = {"units": "m", **notes}
        if maps.error is not None:
            result["ssh_error"] = (dims, maps.error, {"units": "m"})
        return result.assign(_currents(result["ssh"], maps, target)) if self.currents else result


def _in_reach(cells: Cells, grid: xr.Dataset, margin: float) -> tuple[NDArray[np.intp], Floats]:
    """Rows inside the enlarged box, in order of time, and their longitudes on the turn of the grid."""
    rows, lon = rows_inside(cells.lon, cells.lat, grid, margin, margin)
    order = np.argsort(cells.time[rows], kind="stable")
    return rows[order], lon[order]


def _first_instant(grid: xr.Dataset) -> np.datetime64:
    """Instant that the first map is made for: noon where it is compared with the mean of its day."""
    first: np.datetime64 = grid["time"].values[0]
    return first + _HALF_A_DAY if grid.attrs.get("each_map") == DAILY_MEAN else first


def _target(grid: xr.Dataset, mean_at: Callable[[Floats, Floats], Floats]) -> Target:
    lat, lon = grid["lat"].values.astype(np.float64), grid["lon"].values.astype(np.float64)
    mean = mean_at(lon[None, :], lat[:, None])
    return Target(days_since(grid["time"].values[0], grid["time"].values), lat, lon, mean, mean_at)


def _currents(ssh: xr.DataArray, maps: Maps, target: Target) -> xr.Dataset:
    """Currents of the absolute height: the method's own for the anomaly, if it has them."""
    from oceanbench.physics.geostrophy import geostrophic_currents

    if maps.ugos is None or maps.vgos is None:
        return geostrophic_currents(ssh)
    of_mean = geostrophic_currents(ssh[0].copy(data=target.mean).drop_vars("time", errors="ignore"))
    anomaly = {"ugos": maps.ugos, "vgos": maps.vgos}
    return xr.Dataset(
        {
            name: (ssh.dims, values + of_mean[name].values, {"units": "m s-1"})
            for name, values in anomaly.items()
        },
        ssh.coords,
    )
