"""What the files of a challenge hold, in the terms of this package."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import xarray as xr

from oceanbench.challenge import Challenge, DataFile, Period, Track
from oceanbench.data_files import find_files, observation_files, of_days
from oceanbench.grids import crop, read_grid, read_training
from oceanbench.progress import Progress

__all__ = [
    "read_mean",
    "read_observations_of",
    "read_track_reference",
    "read_training_of",
    "read_truth_of",
]


def read_mean(challenge: Challenge, given: Path | None = None) -> xr.DataArray | None:
    """Read the mean height of ``challenge``, dims (lat, lon), in metres; None if it defines none."""
    files = challenge.files_of("mean")
    if not files:
        return None
    return read_grid(find_files(challenge, files[0], given), files[0].height) + files[0].offset


def read_truth_of(challenge: Challenge, *, given: Path | None = None) -> xr.DataArray:
    """Read the gridded truth of a challenge, in its box and around its evaluation period.

    Parameters
    ----------
    challenge : Challenge
        Of kind ``map-osse``.
    given : pathlib.Path, optional
        Folder to look in first.

    Returns
    -------
    xr.DataArray, dims (time, lat, lon), in metres
        Lazy; from the day before the evaluation to the day after it.

    Raises
    ------
    MissingDataError
        If its files are not on this machine.
    ValueError
        If the challenge is judged along tracks and has no gridded truth.
    """
    if challenge.kind != "map-osse":
        raise ValueError(f"{challenge.id} is judged along tracks: it has no gridded truth to read")
    file = challenge.file(challenge.tracks[0].reference)
    box, period = challenge.domain, challenge.periods.evaluation
    around = Period(start=period.start - timedelta(days=1), end=period.end + timedelta(days=1))
    paths = of_days(file, find_files(challenge, file, given), around)
    return crop(read_grid(paths, file.height), box).sel(time=slice(around.first_instant, around.past_end))


def read_training_of(
    challenge: Challenge, name: str = "training", *, given: Path | None = None
) -> xr.DataArray:
    """Read the fields that a method may learn from.

    Parameters
    ----------
    challenge : Challenge
        Definition.
    name : str
        Which of its files of role ``training``, where there are several.
    given : pathlib.Path, optional
        Folder to look in first.

    Returns
    -------
    xr.DataArray, dims (time, lat, lon), in metres
        Lazy; within the box and the training periods.

    Raises
    ------
    LookupError
        If the challenge has no such file.
    MissingDataError
        If it is not on this machine.
    ValueError
        If it holds no field of the training periods, or a training period meets the scored days.
    """
    file = challenge.file(name)
    if file.role != "training":
        names = [one.id for one in challenge.files_of("training")]
        raise LookupError(f"{challenge.id}: file {name!r} is not for learning; those are {names}")
    periods = challenge.periods
    return read_training(
        find_files(challenge, file, given),
        file.height,
        periods=periods.training,
        forbidden=(periods.evaluation, *periods.forbidden),
        box=challenge.domain,
    )


def read_track_reference(file: DataFile, paths: Sequence[Path]) -> xr.Dataset:
    """Read the samples of an independent altimeter; see :func:`read_observations_of` for the layout."""
    from oceanbench.observations import concat, read_observations

    return concat(
        [
            read_observations(path, layout=file.layout, mission=file.mission, height=file.height)
            for path in paths
        ]
    )


def read_observations_of(
    challenge: Challenge,
    track: Track,
    *,
    given: Path | None = None,
    noise: bool = False,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Read what a method may see: the observations of one track, within the periods of the challenge.

    Parameters
    ----------
    challenge : Challenge
        Definition.
    track : Track
        One of its tracks.
    given : pathlib.Path, optional
        Folder to look in first.
    noise : bool
        Heights with measurement error, where the files hold both.
    progress : callable, optional
        Called with a sentence and a fraction when files are made first.

    Returns
    -------
    xr.Dataset, dim obs
        ``time``, ``lon`` (-180..180), ``lat``, ``ssh`` (m), ``mission``, ``line``, ``pixel``; the attribute
        ``error_free`` tells that the heights carry no measurement error.
    """
    from oceanbench.observations import concat, from_grid, read_observations

    seen = challenge.periods.observations
    period = (seen.first_instant, seen.past_end - np.timedelta64(1, "ns"))
    parts = []
    for name in track.observations:
        file = challenge.file(name)
        height = file.noisy_height if noise and file.noisy_height else file.height
        paths = observation_files(challenge, file, given, progress)
        if file.layout == "grid":
            parts.append(from_grid(read_grid(paths, height), mission=file.mission, period=period))
            continue
        parts += [
            read_observations(path, layout=file.layout, mission=file.mission, height=height, period=period)
            for path in of_days(file, paths, seen)
        ]
    observations = concat(parts)
    clean = not noise and all(challenge.file(name).noisy_height for name in track.observations)
    return observations.assign_attrs(error_free=clean)
