"""Super-observations: means of neighbouring samples within a pass, with what a mapping must know of each."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.observations import thin
from oceanbench_baselines._instrument_noise import nadir_noise_std, swath_noise_std
from oceanbench_baselines._observed import Floats, columns, of_mission
from oceanbench_baselines._plane import KM_PER_DEGREE

__all__ = ["Cells", "passes_of", "super_observations"]

type Integers = NDArray[np.int64]

_GAP_MINUTES = 20.0
_STEADY = 2  # lines to either side over which the direction of flight is judged
_MINUTE_NS = 60_000_000_000


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
    size = np.full(thinned.sizes["obs"], lines)
    return _cells(thinned, nadir_noise_std(name) / np.sqrt(size), np.zeros(size.size), False)


def _of_swath(mission: xr.Dataset, cell_km: float) -> Cells:
    along, across = _spacing(mission)
    lines, pixels = max(1, round(cell_km / along)), max(1, round(cell_km / across))
    pixels = min(pixels, mission.attrs["pixels"][0])
    thinned = thin(mission, lines, pixels, across_passes=False) if lines * pixels > 1 else mission
    middle = (thinned["pixel"].values + 0.5) * pixels - 0.5 * mission.attrs["pixels"][0]
    width = _half_gap(mission, across)
    distance = across * middle + np.where(middle < 0, -width, width)
    noise = swath_noise_std(distance, along * across) / np.sqrt(lines * pixels)
    return _cells(thinned, noise, distance, True)


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


def _half_gap(mission: xr.Dataset, across: float) -> float:
    """Half of what the two pixels at nadir are farther apart than others, in kilometres.

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
    apart = float(np.median(_distance_km(lon[a], lat[a], lon[b], lat[b])))
    return max(0.0, (apart - across) / 2)


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
    line, inverse = np.unique(mission["line"].values, return_inverse=True)
    size = np.maximum(np.bincount(inverse, minlength=line.size), 1)
    first = mission["time"].values.astype("datetime64[ns]").astype(np.int64)
    origin = first.min(initial=np.iinfo(np.int64).max) if first.size else 0
    minutes = np.bincount(inverse, (first - origin) / _MINUTE_NS, line.size) / size
    order = np.argsort(minutes, kind="stable")
    lat = np.bincount(inverse, mission["lat"].values, line.size) / size
    number = np.empty(line.size, np.int64)
    number[order] = _numbered(minutes[order], lat[order])
    return np.asarray(number[inverse])


def _numbered(minutes: Floats, lat: Floats) -> Integers:
    begins = np.zeros(minutes.size, bool)
    begins[1:] = np.diff(minutes) > _GAP_MINUTES
    arc = np.cumsum(begins)
    if minutes.size > 2 * _STEADY + 1:
        rise = np.sign(lat[2 * _STEADY :] - lat[: -2 * _STEADY])
        rise = np.pad(rise, _STEADY, mode="edge")
        turns = (np.diff(rise, prepend=rise[0]) != 0) & (rise != 0) & _all_near(arc)
        begins |= turns
    return np.asarray(np.cumsum(begins))


def _all_near(arc: Integers) -> NDArray[np.bool_]:
    """Whether the lines over which the direction is judged, here and just before, belong to one arc."""
    reach = _STEADY + 1
    before = np.concatenate([np.full(reach, -1), arc[:-reach]])
    after = np.concatenate([arc[_STEADY:], np.full(_STEADY, -1)])
    return np.asarray((before == arc) & (after == arc))
