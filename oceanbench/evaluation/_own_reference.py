"""A truth that the user gives: a grid, or the samples of an altimeter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from oceanbench.challenge import Box, Challenge, Track
from oceanbench.evaluation._along_track import TrackScope
from oceanbench.grids import read_grid
from oceanbench.netcdf import open_netcdf
from oceanbench.observations import concat, read_observations
from oceanbench.submission import SubmissionError, open_map

__all__ = ["OwnReference", "is_along_track", "read_own_reference", "scope_of", "spacing_of"]

DAY = np.timedelta64(1, "D")
EARTH_KM = 6371.0
HEIGHT_LIMIT_M = 20.0
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


def read_own_reference(paths: Sequence[Path], track: Track, variable: str | None = None) -> OwnReference:
    """Read the files given with ``--reference``.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        Gridded files of one grid, or along-track files.
    track : Track
        Its ``reference_height`` is tried first for the height along a track.
    variable : str, optional
        Which variable of gridded files holds the heights, where they leave a choice.
    """
    if is_along_track(paths[0]):
        return _read_samples(paths, track)
    try:
        name = open_map(paths[0], variable=variable).variable
    except SubmissionError as error:
        raise ValueError(
            f"--reference: {error}; --reference-variable names the height of a reference"
        ) from error
    grid = read_grid(paths, {name: 1.0})
    _refuse_unbelievable(grid, paths[0])
    return OwnReference(grid, None, (f"reference: height = {name}",))


def _refuse_unbelievable(grid: xr.DataArray, path: Path) -> None:
    """Refuse a truth that is empty, or whose first field holds no heights in metres."""
    first = np.abs(grid.isel(time=0).values)
    if np.isnan(first).all():
        raise ValueError(
            f"{path}: the first field of the reference has no value at all; give one with heights"
        )
    if np.nanmax(first) > HEIGHT_LIMIT_M:
        raise ValueError(
            f"{path}: the first field of the reference reaches {np.nanmax(first):.4g} m; expected heights "
            f"within {HEIGHT_LIMIT_M:g} m; set the attribute units of the variable to what they are (cm, mm)"
        )


def is_along_track(path: Path) -> bool:
    """Tell whether longitudes run along the dimension of time."""
    if path.is_dir():
        return False
    with open_netcdf(path, decode_times=False) as dataset:
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
    with open_netcdf(path, decode_times=False) as dataset:
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
    first, last, official_last = _days(samples, ssh, challenge)
    whose = f"the files, within the box of {challenge.id}" if inside else "the files"
    sentence = (
        f"{box.west:.2f}..{box.east:.2f} E, {box.south:.2f}..{box.north:.2f} N, {first} to {last} ({whose})"
    )
    return TrackScope(box, first, last, official_last), sentence


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


def _days(
    samples: xr.Dataset, ssh: xr.DataArray, challenge: Challenge
) -> tuple[np.datetime64, np.datetime64, np.datetime64]:
    """First and last day to score, and the last instant that the official code would score.

    They are the challenge's own where the map has them; else the days that the map covers whole, cut to the
    challenge's where they overlap. The official code stops at midnight of the last where it stops before the
    end of its own period, too.
    """
    period, nodes = challenge.periods.evaluation, ssh.time.values
    limits = (period.first_instant.astype("datetime64[D]"), period.last_day.astype("datetime64[D]"))
    if nodes[0] < period.first_instant + DAY and nodes[-1] >= period.last_day:
        return *limits, period.official_last_instant
    first, last = _whole_days(nodes)
    _refuse_other_days(samples.time.values, nodes, first, last)
    if max(first, limits[0]) <= min(last, limits[1]):
        first, last = max(first, limits[0]), min(last, limits[1])
    last_instant = last.astype("datetime64[ns]")
    if period.official_end is None:
        last_instant = last_instant + DAY - np.timedelta64(1, "ns")
    return first, last, last_instant


def _whole_days(nodes: npt.NDArray[np.datetime64]) -> tuple[np.datetime64, np.datetime64]:
    step = nodes[-1] - nodes[-2] if nodes.size > 1 else np.timedelta64(0, "ns")
    return nodes[0].astype("datetime64[D]"), max(nodes[0], nodes[-1] - step).astype("datetime64[D]")


def _refuse_other_days(
    sampled: npt.NDArray[np.datetime64],
    nodes: npt.NDArray[np.datetime64],
    first: np.datetime64,
    last: np.datetime64,
) -> None:
    if sampled.min().astype("datetime64[D]") > last or sampled.max().astype("datetime64[D]") < first:
        raise ValueError(
            f"the map ({nodes[0]}..{nodes[-1]}) and the reference ({sampled.min()}..{sampled.max()}) "
            "share no day; give a reference of the same days"
        )


def spacing_of(samples: xr.Dataset, paths: Sequence[Path], challenge: Challenge, usual_km: float) -> float:
    """Distance between two samples in km: of the challenge's file of this name, else usual or measured.

    A measured spacing (median great-circle step) is taken where it differs from the usual by more than 2 %.
    """
    named = [file.spacing_km for file in challenge.files if Path(file.path).name == paths[0].name]
    if named and named[0] is not None:
        return named[0]
    lon, lat = np.radians(samples.lon.values), np.radians(samples.lat.values)
    half = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    steps = 2 * EARTH_KM * np.arcsin(np.sqrt(half))
    if not steps.size:
        return usual_km
    measured = float(np.median(steps))
    return usual_km if abs(measured / usual_km - 1) < 0.02 else round(measured, 2)
