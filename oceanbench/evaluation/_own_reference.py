"""A truth that the user gives: a grid, or the samples of an altimeter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from oceanbench.challenge import Box, Challenge, Track
from oceanbench.data import read_grid
from oceanbench.evaluation._along_track import TrackScope
from oceanbench.observations import concat, read_observations
from oceanbench.submission import open_map

__all__ = ["OwnReference", "read_own_reference", "scope_of"]

_LONGITUDES = ("longitude", "lon", "nav_lon")


@dataclass(frozen=True)
class OwnReference:
    """What the given files hold.

    Attributes
    ----------
    grid : xr.DataArray or None
        Gridded truth, dims (time, lat, lon), metres.
    samples : xr.Dataset or None
        Samples of an altimeter, dim obs.
    notes : tuple of str
        How the files were read.
    """

    grid: xr.DataArray | None
    samples: xr.Dataset | None
    notes: tuple[str, ...]


def read_own_reference(paths: Sequence[Path], track: Track) -> OwnReference:
    """Read the files given with ``--reference``.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        Gridded files of one grid, or along-track files.
    track : Track
        Its ``reference_height`` is tried first for the height along a track.
    """
    if _is_along_track(paths[0]):
        return _read_samples(paths, track)
    variable = open_map(paths[0]).variable
    return OwnReference(read_grid(paths, {variable: 1.0}).load(), None, (f"reference: height = {variable}",))


def _is_along_track(path: Path) -> bool:
    """Tell whether longitudes run along the dimension of time."""
    if path.is_dir():
        return False
    with xr.open_dataset(path, decode_times=False) as dataset:
        names = [name for name in _LONGITUDES if name in dataset.variables]
        return bool(names) and "time" in dataset.variables and dataset[names[0]].dims == dataset["time"].dims


def _read_samples(paths: Sequence[Path], track: Track) -> OwnReference:
    height = _height_in(paths[0], track)
    parts = [read_observations(path, layout="l3", mission=path.stem, height=height) for path in paths]
    terms = " ".join(f"{'-' if factor < 0 else '+'} {name}" for name, factor in height.items()).removeprefix(
        "+ "
    )
    return OwnReference(None, concat(parts), (f"reference: height = {terms}",))


def _height_in(path: Path, track: Track) -> Mapping[str, float]:
    choices = (track.reference_height, {"ssh": 1.0}, {"adt": 1.0}, {"sla_unfiltered": 1.0, "mdt": 1.0})
    with xr.open_dataset(path, decode_times=False) as dataset:
        for choice in choices:
            if choice and all(name in dataset for name in choice):
                return choice
        held = sorted(map(str, dataset.data_vars))
    tried = "; ".join(" + ".join(choice) for choice in choices if choice)
    raise ValueError(f"{path}: none of the heights {tried} can be formed; it holds {held}; rename one to ssh")


def scope_of(samples: xr.Dataset, ssh: xr.DataArray, challenge: Challenge) -> tuple[TrackScope, str]:
    """Find box and days to score: those of the files, cut to the challenge's where they overlap it.

    Returns
    -------
    tuple of TrackScope and str
        The scope, and a sentence about it.
    """
    lon = _overlap(_ends(samples.lon), _ends(ssh.lon), "lon")
    lat = _overlap(_ends(samples.lat), _ends(ssh.lat), "lat")
    own = challenge.domain
    cut = _cut(lon, own.lon), _cut(lat, own.lat)
    inside = cut[0] is not None and cut[1] is not None
    box = Box(lon=cut[0] or lon, lat=cut[1] or lat) if inside else Box(lon=lon, lat=lat)
    first, last = _days(samples, ssh)
    period = challenge.periods.evaluation
    limits = (period.first_instant.astype("datetime64[D]"), period.last_day.astype("datetime64[D]"))
    if max(first, limits[0]) <= min(last, limits[1]):
        first, last = max(first, limits[0]), min(last, limits[1])
    whose = f"the files, within the box of {challenge.id}" if inside else "the files"
    sentence = (
        f"{box.west:.2f}..{box.east:.2f} E, {box.south:.2f}..{box.north:.2f} N, {first} to {last} ({whose})"
    )
    return TrackScope(box, first, last, last.astype("datetime64[ns]")), sentence


def _ends(values: xr.DataArray) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _cut(extent: tuple[float, float], limits: tuple[float, float]) -> tuple[float, float] | None:
    low, high = max(extent[0], limits[0]), min(extent[1], limits[1])
    return (low, high) if low < high else None


def _overlap(samples: tuple[float, float], nodes: tuple[float, float], name: str) -> tuple[float, float]:
    both = _cut(samples, nodes)
    if both is None:
        raise ValueError(
            f"the map and the reference do not overlap: {name} {nodes[0]:.3f}..{nodes[1]:.3f} against "
            f"{samples[0]:.3f}..{samples[1]:.3f}; give a reference of the same region"
        )
    return both


def _days(samples: xr.Dataset, ssh: xr.DataArray) -> tuple[np.datetime64, np.datetime64]:
    """First and last day that the map covers whole; the official code stops at midnight of the last."""
    nodes, sampled = ssh.time.values, samples.time.values
    step = nodes[-1] - nodes[-2] if nodes.size > 1 else np.timedelta64(0, "ns")
    first, last = nodes[0].astype("datetime64[D]"), max(nodes[0], nodes[-1] - step).astype("datetime64[D]")
    if sampled.min().astype("datetime64[D]") > last or sampled.max().astype("datetime64[D]") < first:
        raise ValueError(
            f"the map ({nodes[0]}..{nodes[-1]}) and the reference ({sampled.min()}..{sampled.max()}) "
            "share no day; give a reference of the same days"
        )
    return first, last
