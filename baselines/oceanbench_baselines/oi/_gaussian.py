"""Steps that the optimal interpolations with a Gaussian covariance share: what a map sees, map after map."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.observations import thin
from oceanbench.parallel import side_by_side
from oceanbench.progress import Progress
from oceanbench_baselines.mapping._observed import (
    Floats,
    check_finite,
    check_observations,
    columns,
    days_since,
    inside,
    of_mission,
    require,
)

__all__ = ["Analysis", "GaussianMapping", "Samples", "Sight"]


class Samples(NamedTuple):
    """Observations of one run, sorted by time: degrees, days since the first map, metres."""

    lon: Floats
    lat: Floats
    days: Floats
    ssh: Floats


@dataclass(frozen=True)
class Sight:
    """What one map sees: its days since the first map, and the part of the samples inside its window."""

    index: int
    day: float
    part: slice

    @property
    def count(self) -> int:
        """Number of observations."""
        return int(self.part.stop - self.part.start)


class Analysis(NamedTuple):
    """One map: height (lat, lon) in metres, and its formal error in metres where it was asked for."""

    ssh: Floats
    error: Floats | None


@dataclass(frozen=True)
class GaussianMapping(ABC):
    """Parameters and steps that the optimal interpolations share; a subclass says how one map is solved.

    The parameters are explained in `OptimalInterpolation`.

    Attributes
    ----------
    PRESETS : mapping
        Parameters by challenge, where the defaults (those of the challenges' own baseline) do not fit. In
        the Western Mediterranean anomalies have a standard deviation of 8 cm and the altimeters an error
        near 2 cm: an error of 5 % of the signal would draw the noise. 100 km and 8 days are what a first
        trial used; they were not searched for.
    SEARCH : mapping
        Bounds between which ``oceanbench tune`` searches: scales from 40 to 300 km and 2 to 30 days, errors
        from next to none to half of a signal of 1 m.
    """

    SEARCH: ClassVar[Mapping[str, tuple[float, float]]] = {
        "Lx": (0.4, 3.0),
        "Ly": (0.4, 3.0),
        "Lt": (2.0, 30.0),
        "noise": (0.005, 0.5),
    }

    PRESETS: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "medsea-2021": {
            "Lx": 1.13,
            "Ly": 0.9,
            "Lt": 8.0,
            "noise": 0.02,
            "signal": 0.08,
            "thin_lines": 4,
            "thinning": "within-pass",
            "mean": "observations",
        }
    }

    Lx: float = 1.0
    Ly: float = 1.0
    Lt: float = 7.0
    noise: float = 0.05
    signal: float = 1.0
    thin_lines: int = 5
    thin_swath_lines: int = 15
    thin_swath_pixels: int = 6
    thinning: Literal["official", "within-pass"] = "official"
    mean: Literal["none", "observations"] = "none"
    progress: Progress | None = dataclasses.field(
        default=None, kw_only=True, compare=False, repr=False, metadata={"runtime": True}
    )

    def __post_init__(self) -> None:
        """Refuse parameters that define no covariance."""
        for name in ("Lx", "Ly", "Lt", "signal"):
            require(self, name, getattr(self, name) > 0, "a number above 0")
        require(self, "noise", self.noise >= 0, "0 m or more")
        for name in ("thin_lines", "thin_swath_lines", "thin_swath_pixels"):
            require(self, name, getattr(self, name) >= 1, "a whole number from 1")
        require(self, "thinning", self.thinning in ("official", "within-pass"), "'official' or 'within-pass'")
        require(self, "mean", self.mean in ("none", "observations"), "'none' or 'observations'")

    def __call__(self, observations: xr.Dataset, grid: xr.Dataset) -> xr.Dataset:
        """Map ``observations`` on ``grid`` (time, lat, lon); contract in `oceanbench.methods`."""
        samples = self._samples(observations, grid)
        lon, lat = grid["lon"].values.astype(np.float64), grid["lat"].values.astype(np.float64)
        sights = _sights(samples.days, days_since(grid["time"].values[0], grid["time"].values), self.Lt)
        shape = (len(sights), lat.size, lon.size)
        unseen = {"ssh": 0.0, "ssh_error": self.signal}
        fields = {name: np.full(shape, unseen[name]) for name in self._fields()}
        groups = self._groups([sight for sight in sights if sight.count])

        def solve(group: list[Sight]) -> None:
            for sight, analysis in zip(group, self._analyse(samples, group, lat, lon), strict=True):
                fields["ssh"][sight.index] = analysis.ssh
                if analysis.error is not None:
                    fields["ssh_error"][sight.index] = analysis.error

        side_by_side(
            solve,
            groups,
            workers=self._groups_at_once(groups),
            weights=[len(group) for group in groups],
            progress=self.progress,
        )
        return _dataset(fields, grid, sights)

    def _samples(self, observations: xr.Dataset, grid: xr.Dataset) -> Samples:
        """Thin, keep the enlarged box, sort by time."""
        check_observations(observations)
        thinned = self._thinned(observations)
        check_finite(thinned["ssh"], "ssh")  # after: a block mean passes over heights that are missing
        boxed = inside(thinned, grid, self.Lx, self.Ly)
        order = np.argsort(boxed["time"], kind="stable")
        lon, lat, ssh = (boxed[name][order] for name in ("lon", "lat", "ssh"))
        return Samples(lon, lat, days_since(grid["time"].values[0], boxed["time"][order]), ssh)

    def _thinned(self, observations: xr.Dataset) -> dict[str, NDArray[Any]]:
        """Block means of each mission, nadirs along the track and swaths across it too."""
        pieces = []
        for code, pixels in enumerate(observations.attrs["pixels"]):
            mission = of_mission(observations, code)
            lines, across = (
                (self.thin_swath_lines, self.thin_swath_pixels) if pixels > 1 else (self.thin_lines, 1)
            )
            if lines * across > 1 and mission.sizes["obs"]:
                mission = thin(mission, lines, across, across_passes=self.thinning == "official")
            pieces.append(columns(mission))
        return {name: np.concatenate([piece[name] for piece in pieces]) for name in columns(observations)}

    def _background(self, ssh: Floats) -> float:
        """Mean that is removed from the observations of a map, and added to it."""
        return float(ssh.mean()) if self.mean == "observations" else 0.0

    @abstractmethod
    def _fields(self) -> tuple[str, ...]:
        """Give the names of the variables of the result."""

    @abstractmethod
    def _groups(self, sights: list[Sight]) -> list[list[Sight]]:
        """Say which maps are solved together; each of them sees at least one observation."""

    @abstractmethod
    def _groups_at_once(self, groups: list[list[Sight]]) -> int:
        """Say how many groups are solved side by side."""

    @abstractmethod
    def _analyse(self, samples: Samples, group: list[Sight], lat: Floats, lon: Floats) -> Iterable[Analysis]:
        """Solve the maps of one group, in their order."""


def _sights(sample_days: Floats, map_days: Floats, scale_days: float) -> list[Sight]:
    """For each map the part of the sorted samples with |sample - map| < 2 scale, strictly."""
    reach = 2.0 * scale_days
    starts = np.searchsorted(sample_days, map_days - reach, side="right")
    stops = np.searchsorted(sample_days, map_days + reach, side="left")
    return [
        Sight(index, float(day), slice(int(start), int(stop)))
        for index, (day, start, stop) in enumerate(zip(map_days, starts, stops, strict=True))
    ]


def _dataset(fields: dict[str, Floats], grid: xr.Dataset, sights: list[Sight]) -> xr.Dataset:
    coords = {name: grid[name] for name in ("time", "lat", "lon")}
    result = xr.Dataset({name: (("time", "lat", "lon"), values) for name, values in fields.items()}, coords)
    for name in fields:
        result[name].attrs["units"] = "m"
    blind = [sight.index for sight in sights if not sight.count]
    if blind:
        dates = np.datetime_as_string(grid["time"].values[blind], unit="h")
        result["ssh"].attrs["comment"] = (
            f"{dates.size} maps have no observation in reach, their height is 0 m: {', '.join(dates)}"
        )
    return result
