"""Super-observations: means of neighbouring samples within a pass, with what a mapping must know of each."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.observations import thin
from oceanbench_baselines.mapping._instrument_noise import nadir_noise_std, swath_noise_std
from oceanbench_baselines.mapping._observed import Floats, columns, of_mission
from oceanbench_baselines.mapping._plane import KM_PER_DEGREE

__all__ = ["Cells", "passes_of", "super_observations"]

type Integers = NDArray[np.int64]

_GAP_MINUTES = 20.0
_CLEAR_DEGREES = 1.0  # a minute of flight is 3.5 degrees; swaths that enter a box by a corner jitter by less
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True)
class Cells:
    """Super-observations; every array has one value for each.

    Attributes
    ----------
    time : datetime64[ns]
    lon, lat : degrees
    ssh : metres
    instrument : standard deviation of the instrument's noise after averaging, metres
    mission : index into ``missions``
    passes : id of the arc of one satellite in one cycle
    across_km : distance from nadir, signed, for swaths; 0 for nadir altimeters
    swath : whether the mission is a swath
    """

    time: NDArray[np.datetime64]
    lon: Floats
    lat: Floats
    ssh: Floats
    instrument: Floats
    mission: Integers
    passes: Integers
    across_km: Floats
    swath: NDArray[np.bool_]


def super_observations(observations: xr.Dataset, *, thin_lines: int, swath_cell_km: float) -> Cells:
    """Average samples within passes: ``thin_lines`` along a nadir track, square cells in a swath.

    Parameters
    ----------
    observations : xr.Dataset
        In the canonical form.
    thin_lines : int
        Samples per super-observation of a nadir altimeter.
    swath_cell_km : float
        Side of the cells of a swath; rounded to whole pixels, at least one.
    """
    parts, offset = [], 0
    for code, pixels in enumerate(observations.attrs["pixels"]):
        mission = of_mission(observations, code)
        if not mission.sizes["obs"]:
            continue
        name = observations.attrs["missions"][code]
        part = _of_swath(mission, swath_cell_km) if pixels > 1 else _of_nadir(mission, thin_lines, name)
        count = part.time.size
        parts.append(dataclasses.replace(part, mission=np.full(count, code), passes=part.passes + offset))
        offset += int(part.passes.max(initial=-1)) + 1
    return _joined(parts)


def _of_nadir(mission: xr.Dataset, lines: int, name: str) -> Cells:
    thinned = thin(mission, lines, across_passes=False) if lines > 1 else mission
    size = _samples(thinned)
    return _cells(thinned, nadir_noise_std(name) / np.sqrt(size), np.zeros(size.size), False)


def _samples(thinned: xr.Dataset) -> Integers:
    """Samples in each mean; at the end of a pass and beside gaps they are fewer."""
    if "samples" not in thinned:
        return np.ones(thinned.sizes["obs"], np.int64)
    return thinned["samples"].values.astype(np.int64)


def _of_swath(mission: xr.Dataset, cell_km: float) -> Cells:
    """Average each side of the swath by itself: no cell reaches over the gap at nadir."""
    along, across = _spacing(mission)
    width = mission.attrs["pixels"][0]
    lines, pixels = max(1, round(cell_km / along)), max(1, round(cell_km / across))
    gap = _gap(mission, across)
    sides = []
    for first, stop in ((0, width // 2), (width // 2, width)):
        side = _side(mission, first, stop)
        many = min(pixels, stop - first)
        thinned = thin(side, lines, many, across_passes=False) if lines * many > 1 else side
        begin = first + thinned["pixel"].values * many
        middle = 0.5 * (begin + np.minimum(begin + many, stop) - width)
        distance = across * middle + np.where(middle < 0, -gap / 2, gap / 2)
        noise = swath_noise_std(distance, along * across) / np.sqrt(_samples(thinned))
        sides.append(_cells(thinned, noise, distance, True))
    both = _joined(sides)
    return dataclasses.replace(both, passes=_passes(both.time, both.lat))


def _side(mission: xr.Dataset, first: int, stop: int) -> xr.Dataset:
    """Pixels ``first`` to ``stop`` as a swath of their own."""
    pixel = mission["pixel"].values
    rows = np.flatnonzero((pixel >= first) & (pixel < stop))
    side = mission.isel(obs=rows).assign(pixel=("obs", (pixel[rows] - first).astype(pixel.dtype)))
    side.attrs["pixels"] = [stop - first]
    return side


def _spacing(mission: xr.Dataset) -> tuple[float, float]:
    """Kilometres between neighbouring lines and between neighbouring pixels: medians over the swath."""
    line, pixel = mission["line"].values.astype(np.int64), mission["pixel"].values.astype(np.int64)
    lon, lat = mission["lon"].values, mission["lat"].values
    across = _median_step(np.lexsort((pixel, line)), line, pixel, lon, lat)
    along = _median_step(np.lexsort((line, pixel)), pixel, line, lon, lat)
    if along is None or across is None:
        name = mission.attrs["missions"][0]
        raise ValueError(
            f"the swath {name!r} has no two neighbouring samples along and across the track, so the size of "
            "its cells is unknown; give whole lines, or tell its samples as those of a nadir altimeter"
        )
    return along, across


def _median_step(
    order: NDArray[np.intp], outer: Integers, inner: Integers, lon: Floats, lat: Floats
) -> float | None:
    """Median distance of samples that follow one another by 1 in ``inner`` at one ``outer``."""
    rows = order[:200_000]
    neighbours = np.flatnonzero((np.diff(outer[rows]) == 0) & (np.diff(inner[rows]) == 1))
    if not neighbours.size:
        return None
    first, second = rows[neighbours], rows[neighbours + 1]
    return float(np.median(_distance_km(lon[first], lat[first], lon[second], lat[second])))


def _distance_km(lon: Floats, lat: Floats, other_lon: Floats, other_lat: Floats) -> Floats:
    turn = (other_lon - lon + 180.0) % 360.0 - 180.0
    east = turn * np.cos(np.deg2rad((lat + other_lat) / 2))
    return np.asarray(KM_PER_DEGREE * np.hypot(east, other_lat - lat))


def _gap(mission: xr.Dataset, across: float) -> float:
    """Kilometres by which the two pixels at nadir are farther apart than others.

    KaRIn leaves out 20 km under the satellite; in some files these pixels are there but empty.
    """
    width = mission.attrs["pixels"][0]
    pixel, line = mission["pixel"].values, mission["line"].values
    left, right = (np.flatnonzero(pixel == each) for each in (width // 2 - 1, width // 2))
    _, first, second = np.intersect1d(line[left], line[right], return_indices=True)
    if not first.size:
        return 0.0
    a, b = left[first], right[second]
    lon, lat = mission["lon"].values, mission["lat"].values
    return max(0.0, float(np.median(_distance_km(lon[a], lat[a], lon[b], lat[b]))) - across)


def _cells(thinned: xr.Dataset, instrument: Floats, across_km: Floats, swath: bool) -> Cells:
    values = columns(thinned)
    count = values["time"].size
    return Cells(
        **values,
        instrument=np.asarray(instrument, np.float64),
        mission=np.zeros(count, np.int64),
        passes=passes_of(thinned),
        across_km=across_km,
        swath=np.full(count, swath),
    )


def _joined(parts: list[Cells]) -> Cells:
    names = [field.name for field in dataclasses.fields(Cells)]
    if not parts:
        none = np.empty(0)
        kinds: dict[str, Any] = {"time": "datetime64[ns]", "swath": np.bool_}
        kinds |= {"mission": np.int64, "passes": np.int64}
        return Cells(**{name: none.astype(kinds.get(name, np.float64)) for name in names})
    return Cells(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def passes_of(mission: xr.Dataset) -> Integers:
    """Number of the pass of each sample of one mission, from 0 in order of time.

    A pass is one ascending or descending arc: a new one begins after a gap of more than 20 minutes, or where
    the satellite turns. A shorter gap (land, missing data) does not end it.
    """
    return _passes(mission["time"].values, mission["lat"].values)


def _passes(time: NDArray[np.datetime64], lat: Floats) -> Integers:
    """Passes from times and latitudes; what is seen in one second is one line."""
    if not time.size:
        return np.empty(0, np.int64)
    instants = time.astype("datetime64[ns]").astype(np.int64)
    seconds, line = np.unique((instants - instants.min()) // _SECOND_NS, return_inverse=True)
    middle = np.bincount(line, lat) / np.bincount(line)
    return np.asarray(_numbered(seconds / 60.0, middle)[line])


def _numbered(minutes: Floats, lat: Floats) -> Integers:
    """Number of the pass at each ascending time."""
    begins = np.diff(minutes, prepend=minutes[0]) > _GAP_MINUTES
    arc = np.cumsum(begins)
    rise = _direction(minutes, lat, arc)
    known = np.flatnonzero(rise)
    before, here = known[:-1], known[1:]
    begins[here[(rise[before] != rise[here]) & (arc[before] == arc[here])]] = True
    return np.asarray(np.cumsum(begins))


def _direction(minutes: Floats, lat: Floats, arc: Integers) -> Integers:
    """1 northward, -1 southward, over a minute to either side; 0 where that says nothing clear."""
    before = np.searchsorted(minutes, minutes - 1.0)
    after = np.searchsorted(minutes, minutes + 1.0, side="right") - 1
    rise = lat[after] - lat[before]
    whole = (arc[before] == arc) & (arc[after] == arc) & (minutes[after] - minutes[before] > 1.5)
    return np.where(whole & (np.abs(rise) > _CLEAR_DEGREES), np.sign(rise), 0.0).astype(np.int64)
