"""The one form in which this project holds observations, and what is done with it as a whole."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from oceanbench.longitudes import wrap_longitudes
from oceanbench.observations._window import window

VARIABLES = ("time", "lon", "lat", "ssh", "mission", "line", "pixel")
_MOST_MISSIONS = int(np.iinfo(np.int8).max)
_KINDS = {
    "time": "datetime64[ns]",
    "lon": "float64",
    "lat": "float64",
    "ssh": "float64",
    "line": "int32",
    "pixel": "int16",
}


def assemble(
    time: ArrayLike,
    lon: ArrayLike,
    lat: ArrayLike,
    ssh: ArrayLike,
    *,
    missions: Sequence[str],
    lines: Sequence[int],
    pixels: Sequence[int] | None = None,
    mission: ArrayLike = 0,
    line: ArrayLike | None = None,
    pixel: ArrayLike = 0,
) -> xr.Dataset:
    """Give the canonical dataset of the observations in flat arrays of one length.

    Parameters
    ----------
    time : datetime64, shape (obs,)
    lon, lat : degrees east (any turn) and north, shape (obs,)
    ssh : metres, shape (obs,)
    missions : names of the missions
    lines, pixels : number of along-track lines and of across-track pixels in the file of each mission
        ``pixels`` is 1 for each (nadir) unless given.
    mission : index into ``missions``, shape (obs,) or one for all
    line, pixel : 0-based indices in the full file, shape (obs,)
        ``line`` counts 0, 1, 2, … unless given.

    Returns
    -------
    xr.Dataset, dim (obs,)
        Variables ``time, lon, lat, ssh, mission, line, pixel``; attributes ``missions, lines, pixels``.
    """
    height = np.asarray(ssh, dtype=np.float64)
    count = height.shape[0]
    columns = {
        "time": np.asarray(time).astype("datetime64[ns]"),
        "lon": wrap_longitudes(lon),
        "lat": np.asarray(lat, dtype=np.float64),
        "ssh": height,
        "mission": np.broadcast_to(np.asarray(mission, dtype=np.int8), (count,)).copy(),
        "line": np.arange(count, dtype=np.int32) if line is None else np.asarray(line, dtype=np.int32),
        "pixel": np.broadcast_to(np.asarray(pixel, dtype=np.int16), (count,)).copy(),
    }
    return _dataset(columns, missions, lines, [1] * len(missions) if pixels is None else pixels)


def assemble_parts(
    parts: list[dict[str, NDArray[np.generic]]], *, mission: str, lines: int, pixels: int
) -> xr.Dataset:
    """Give the canonical dataset of one mission whose columns (all but ``mission``) come in parts.

    ``parts`` is emptied on the way, so that no more than one column is held twice.
    """
    columns = {
        name: np.concatenate([part.pop(name) for part in parts] or [np.empty(0, dtype=kind)])
        for name, kind in _KINDS.items()
    }
    columns["mission"] = np.zeros(columns["time"].shape, dtype=np.int8)
    return _dataset({name: columns[name] for name in VARIABLES}, [mission], [lines], [pixels])


def _dataset(
    columns: Mapping[str, NDArray[np.generic]],
    missions: Sequence[str],
    lines: Sequence[int],
    pixels: Sequence[int],
) -> xr.Dataset:
    if len(missions) > _MOST_MISSIONS:
        raise ValueError(
            f"{len(missions)} missions; at most {_MOST_MISSIONS} fit; join passes under one name"
        )
    attributes = {
        "missions": list(missions),
        "lines": [int(n) for n in lines],
        "pixels": [int(n) for n in pixels],
    }
    return xr.Dataset({name: ("obs", values) for name, values in columns.items()}, attrs=attributes)


def concat(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Give all observations of ``parts`` as one dataset, in order of time.

    Parts with the same mission name are taken as successive files of that mission, in the order given: the
    lines of each go on counting where those of the one before end.

    Raises
    ------
    ValueError
        Where there is no part, or files of one mission differ in their number of pixels.
    """
    if not parts:
        raise ValueError("no observations to join; give at least one dataset")
    missions = list(dict.fromkeys(name for part in parts for name in part.attrs["missions"]))
    lines = dict.fromkeys(missions, 0)
    pixels: dict[str, int] = {}
    columns: dict[str, list[NDArray[np.generic]]] = {name: [] for name in VARIABLES}
    for part in parts:
        names = part.attrs["missions"]
        _check_pixels(names, part.attrs["pixels"], pixels)
        code = part["mission"].values
        new_code = np.array([missions.index(name) for name in names], dtype=np.int8)
        first_line = np.array([lines[name] for name in names], dtype=np.int32)
        for name in VARIABLES:
            columns[name].append(part[name].values)
        columns["mission"][-1] = new_code[code]
        columns["line"][-1] = part["line"].values + first_line[code]
        for name, count in zip(names, part.attrs["lines"], strict=True):
            lines[name] += count
    joined = {name: np.concatenate(columns[name]) for name in VARIABLES}
    order = np.argsort(joined["time"], kind="stable")
    return assemble(
        **{name: values[order] for name, values in joined.items()},
        missions=missions,
        lines=list(lines.values()),
        pixels=[pixels[name] for name in missions],
    )


def _check_pixels(names: Sequence[str], counts: Sequence[int], known: dict[str, int]) -> None:
    for name, count in zip(names, counts, strict=True):
        if known.setdefault(name, count) != count:
            raise ValueError(
                f"files of mission {name!r} have {known[name]} and {count} pixels; give them two names"
            )


def select(
    observations: xr.Dataset,
    *,
    west: float | None = None,
    east: float | None = None,
    south: float = -90.0,
    north: float = 90.0,
    start: ArrayLike | None = None,
    end: ArrayLike | None = None,
    missions: Collection[str] | None = None,
) -> xr.Dataset:
    """Give the observations inside a box and a period, bounds included; the indices of lines stay.

    Parameters
    ----------
    observations : xr.Dataset
        In the canonical form.
    west, east : float, optional
        Degrees east on any turn (295..305 is -65..-55); the box runs eastward from ``west`` and may cross
        180. Both or none.
    south, north : float
        Degrees north.
    start, end : datetime64 or text of a date, optional
        A date is its 00:00.
    missions : names to keep, optional

    Raises
    ------
    ValueError
        Where a bound is missing or reversed.
    LookupError
        Where a mission is not among the observations.
    """
    wanted = window(west, east, south, north, start, end)
    keep = wanted.holds_place(observations["lon"].values, observations["lat"].values)
    keep &= wanted.holds_time(observations["time"].values)
    if missions is not None:
        keep &= _of_missions(observations, missions)
    return observations.isel(obs=np.flatnonzero(keep))


def _of_missions(observations: xr.Dataset, missions: Collection[str]) -> NDArray[np.bool_]:
    names = observations.attrs["missions"]
    unknown = sorted(set(missions) - set(names))
    if unknown:
        raise LookupError(f"no observations of mission {', '.join(unknown)}; there are {', '.join(names)}")
    wanted = np.array([name in missions for name in names], dtype=bool)
    return np.asarray(wanted[observations["mission"].values])
