"""A mapping method on a challenge: the grid it maps on, the observations it sees, the map it gives."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import xarray as xr

from oceanbench.challenge import Challenge, Track
from oceanbench.data import read_mean, read_observations_of
from oceanbench.data_files import MissingDataError, observation_files
from oceanbench.evaluation import refuse_pending
from oceanbench.methods import DAILY_MEAN, Method, describe, load_method, run_method, takes_mean
from oceanbench.passport import file_digest, software
from oceanbench.progress import Progress
from oceanbench.running._identity import identity

__all__ = ["Run", "mean_height", "run_challenge", "sample_submission", "target_grid", "with_mean"]


@dataclass(frozen=True)
class Run:
    """The map that a method made on a challenge, and what a file says of it.

    Attributes
    ----------
    maps : xr.Dataset
        ``ssh(time, lat, lon)`` in metres, and ``ssh_error`` where the method gives it.
    attributes : mapping
        Challenge, track, method, parameters, inputs, versions.
    observations : int
        Number of observations that the method was given.
    seconds : float
        Wall time of the method.
    """

    maps: xr.Dataset
    attributes: Mapping[str, Any]
    observations: int
    seconds: float


def target_grid(challenge: Challenge) -> xr.Dataset:
    """Give the grid that our methods map on: the closed box, one map per day at 00:00.

    For a track with a box or days of its own, give ``challenge.on(track)``. A challenge judged along tracks
    gets one map more, so that the last day can be interpolated. Where the judge compares daily means, the
    attribute ``each_map`` is ``"mean of the day from its time"``: a method that knows better than to map the
    midnight before may map the noon, or the mean.

    Examples
    --------
    >>> from oceanbench.catalog import load_challenge
    >>> dict(target_grid(load_challenge("2020a")).sizes)
    {'time': 42, 'lat': 51, 'lon': 51}
    """
    step = challenge.submission.step_degrees
    box, period = challenge.domain, challenge.periods.evaluation
    last = period.last_day if challenge.kind == "map-osse" else period.past_end
    days = np.arange(period.first_instant, last + np.timedelta64(1, "D"), np.timedelta64(1, "D"))
    return xr.Dataset(
        coords={
            "time": days.astype("datetime64[ns]"),
            "lat": _nodes(box.south, box.north, step),
            "lon": _nodes(box.west, box.east, step),
        },
        attrs={"each_map": DAILY_MEAN if _judged_by_daily_means(challenge) else "its instant"},
    )


def _judged_by_daily_means(challenge: Challenge) -> bool:
    return challenge.gridded is not None and challenge.gridded.daily


def _nodes(first: float, last: float, step: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    count = int(np.ceil(round((last - first) / step, 6))) + 1
    return np.round(first + step * np.arange(count), 9)


def run_challenge(
    challenge: Challenge,
    spec: str,
    track: Track,
    *,
    settings: Mapping[str, str] | None = None,
    noise: bool = False,
    data: Path | None = None,
    progress: Progress | None = None,
) -> Run:
    """Run a method on one track of a challenge.

    Parameters
    ----------
    challenge : Challenge
        Definition.
    spec : str
        Name of a registered method, or ``path/to/file.py:function``.
    track : Track
        The method sees only its observations, within the periods of the challenge.
    settings : mapping of str to str, optional
        Parameters of the method by name.
    noise : bool
        Observations with measurement error, where the challenge has both.
    data : pathlib.Path, optional
        Folder in which the files of the challenge are looked for first.
    progress : callable, optional
        Called with a sentence and a fraction.

    Returns
    -------
    Run

    Raises
    ------
    LookupError
        If the challenge cannot be scored yet, so that there is nothing to map for.
    """
    refuse_pending(challenge)
    challenge = challenge.on(track)
    method = _told(load_method(spec, settings or {}, challenge=challenge.id), progress)
    observations = read_observations_of(challenge, track, given=data, noise=noise, progress=progress)
    mean = _mean_for(challenge, method, data)
    started = time.perf_counter()
    maps = _mapped(challenge, method, observations, target_grid(challenge), mean)
    seconds = time.perf_counter() - started
    attributes = {
        **identity(challenge, track.id),
        "method": describe(method)["name"],
        "method_parameters": json.dumps(describe(method)["parameters"]),
        "observations": "with error" if noise else "as the published rows used them",
        "inputs": json.dumps(_inputs(challenge, track, data)),
        "software": json.dumps(dict(software())),
        "wall_seconds": round(seconds, 3),
        "date_created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return Run(maps, attributes, observations.sizes["obs"], seconds)


def _mean_for(challenge: Challenge, method: Method, data: Path | None) -> xr.DataArray | None:
    """Read the mean height where the challenge maps anomalies or the method asks for it."""
    anomalies = challenge.observed == "sla"
    mean = mean_height(challenge, data) if anomalies or takes_mean(method) else None
    if anomalies and mean is None:
        raise ValueError(
            f"{challenge.id} maps anomalies but defines no mean height to add; add a file of role mean"
        )
    return mean


def _mapped(
    challenge: Challenge,
    method: Method,
    observations: xr.Dataset,
    grid: xr.Dataset,
    mean: xr.DataArray | None,
) -> xr.Dataset:
    """Map absolute heights, whichever the method and the challenge deal in."""
    if mean is None or challenge.observed != "sla":
        return run_method(method, observations, grid, mean=mean)
    if takes_mean(method):
        return _about(run_method(method, with_mean(observations, mean), grid, mean=mean), mean)
    return _above(run_method(method, observations, grid), mean)


def _told(method: Method, progress: Progress | None) -> Method:
    """Let a method that can tell its progress do so: a dataclass with a field of that name."""
    if not is_dataclass(method) or isinstance(method, type):
        return method
    tells = "progress" in {field.name for field in fields(method)}
    return cast(Method, replace(method, progress=progress)) if tells else method


def _inputs(challenge: Challenge, track: Track, data: Path | None) -> dict[str, str]:
    paths = [
        path
        for name in track.observations
        for path in observation_files(challenge, challenge.file(name), data)
    ]
    return {path.name: file_digest(path) for path in paths}


def mean_height(challenge: Challenge, data: Path | None = None) -> xr.DataArray | None:
    """Read the mean height of a challenge with its gaps (land) filled smoothly; None if it defines none.

    Returns
    -------
    xr.DataArray, dims (lat, lon), in metres

    Raises
    ------
    MissingDataError
        If the challenge defines one and it is not on this machine.
    """
    from oceanbench.interpolation import fill_gauss_seidel

    mean = read_mean(challenge, data)
    if mean is None or not mean.isnull().any():
        return mean
    return fill_gauss_seidel(mean)  # land next to the coast gets a value, so that a map has one


def with_mean(observations: xr.Dataset, mean: xr.DataArray) -> xr.Dataset:
    """Give anomalies as absolute heights: the mean height at their places is added."""
    there = _at(mean, *(xr.DataArray(observations[name].values, dims="obs") for name in ("lat", "lon")))
    return observations.assign(ssh=("obs", observations["ssh"].values + there.values))


def _at(mean: xr.DataArray, lat: xr.DataArray, lon: xr.DataArray) -> xr.DataArray:
    """Mean height at places; beyond its field the value at the edge."""
    edges = {name: (float(mean[name][0]), float(mean[name][-1])) for name in ("lat", "lon")}
    return mean.interp(lat=lat.clip(*sorted(edges["lat"])), lon=lon.clip(*sorted(edges["lon"])))


def _at_nodes(mean: xr.DataArray, maps: xr.Dataset) -> xr.DataArray:
    there = _at(
        mean, maps["lat"].drop_vars("lat").rename(lat="y"), maps["lon"].drop_vars("lon").rename(lon="x")
    )
    return there.drop_vars(["lat", "lon"]).rename(y="lat", x="lon")


def _above(maps: xr.Dataset, mean: xr.DataArray) -> xr.Dataset:
    """Turn maps of anomalies into absolute heights and keep the anomalies as ``sla``."""
    return _named(maps.assign(sla=maps["ssh"], ssh=maps["ssh"] + _at_nodes(mean, maps)))


def _about(maps: xr.Dataset, mean: xr.DataArray) -> xr.Dataset:
    """Keep the anomalies of absolute maps beside them as ``sla``."""
    return _named(maps.assign(sla=maps["ssh"] - _at_nodes(mean, maps)))


def _named(maps: xr.Dataset) -> xr.Dataset:
    maps["sla"].attrs = {"long_name": "sea level anomaly", "units": "m"}
    return maps


def sample_submission(challenge: Challenge, track: Track | None = None, *, data: Path | None = None) -> Run:
    """Make a map that every check accepts: the mean height where it is at hand, else zero.

    The score of the mean height is what a method has to beat.

    Raises
    ------
    LookupError
        If the challenge cannot be scored yet.
    """
    refuse_pending(challenge)
    chosen = challenge.tracks[0] if track is None else track
    grid = target_grid(challenge.on(chosen))
    shape = tuple(grid.sizes[name] for name in ("time", "lat", "lon"))
    maps = xr.Dataset({"ssh": (("time", "lat", "lon"), np.zeros(shape))}, coords=grid.coords)
    comment = "a sample: zero everywhere; put your own ssh here"
    if challenge.files_of("mean"):
        try:
            mean = mean_height(challenge, data)
            if mean is not None:
                maps["ssh"] = maps["ssh"] + _at_nodes(mean, maps)
            comment = "a sample: the mean height; put your own ssh here"
        except MissingDataError:
            comment = "a sample: zero, as the mean height is not on this machine; put your own ssh here"
    return Run(maps, {**identity(challenge, chosen.id), "comment": comment}, 0, 0.0)
