"""Where the files of a challenge lie, and what they hold in the terms of this package.

A file is looked for in the folder given, then in ``$OCEANBENCH_DATA/<challenge>``, then in the
user's cache folder, then beside the definition of the challenge (shipped data).
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from platformdirs import user_cache_path

from oceanbench.challenge import Challenge, DataFile, Track
from oceanbench.grids import read_grid
from oceanbench.progress import Progress

__all__ = [
    "MissingDataError",
    "data_folders",
    "data_home",
    "find_files",
    "folder_of",
    "has_reference",
    "observation_files",
    "read_grid",
    "read_mean",
    "read_observations_of",
    "read_track_reference",
    "read_truth_of",
]

_ON_EDGE = 1e-6  # degrees: a node this near to the edge of the box lies on it


class MissingDataError(LookupError):
    """A file of a challenge is not on this machine; the message says where it was looked for."""


def data_home() -> Path:
    """Give the folder that holds one folder of data per challenge."""
    given = os.environ.get("OCEANBENCH_DATA")
    return Path(given) if given else user_cache_path("oceanbench")


def folder_of(challenge: Challenge) -> Path:
    """Give the folder that downloads of ``challenge`` go to; a profile shares that of its challenge."""
    return data_home() / (challenge.data_of or challenge.id)


def data_folders(challenge: Challenge, given: Path | None = None) -> list[Path]:
    """Give the folders in which files of ``challenge`` are looked for, in order."""
    folders = [folder_of(challenge), challenge.folder / "data"]
    return folders if given is None else [given, *folders]


def find_files(challenge: Challenge, file: DataFile, given: Path | None = None) -> list[Path]:
    """Give the paths that ``file`` stands for, sorted by name.

    Raises
    ------
    MissingDataError
        If there is none in any folder.
    """
    for folder in data_folders(challenge, given):
        found = sorted(folder.glob(file.pattern)) or sorted(folder.glob(Path(file.pattern).name))
        if found:
            return found
    raise MissingDataError(_missing(challenge, file, given))


def _missing(challenge: Challenge, file: DataFile, given: Path | None) -> str:
    folders = data_folders(challenge, given)
    places = ", ".join(str(folder) for folder in folders)
    what = f"{challenge.id}: no file {file.path} (role {file.role}) under {places}"
    cure = f"put it under {folder_of(challenge)}, or name its folder with --data"
    if not file.urls and not file.archive:
        return f"{what}; {cure}"
    return f"{what}; get it with: oceanbench download {challenge.id}; or {cure}"


def has_reference(challenge: Challenge, given: Path | None = None) -> bool:
    """Tell whether the reference of the first track is on this machine."""
    try:
        find_files(challenge, challenge.file(challenge.tracks[0].reference), given)
    except MissingDataError:
        return False
    return True


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
    return read_grid(find_files(challenge, file, given), file.height).sel(
        lon=slice(box.west - _ON_EDGE, box.east + _ON_EDGE),
        lat=slice(box.south - _ON_EDGE, box.north + _ON_EDGE),
        time=slice(period.first_instant - np.timedelta64(1, "D"), period.past_end + np.timedelta64(1, "D")),
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
        ``time``, ``lon`` (-180..180), ``lat``, ``ssh`` (m), ``mission``, ``line``, ``pixel``.
    """
    from oceanbench.observations import concat, from_grid, read_observations, select

    parts = []
    for name in track.observations:
        file = challenge.file(name)
        height = file.noisy_height if noise and file.noisy_height else file.height
        paths = observation_files(challenge, file, given, progress)
        if file.layout == "grid":
            parts.append(from_grid(read_grid(paths, height), mission=file.mission))
            continue
        parts += [
            read_observations(path, layout=file.layout, mission=file.mission, height=height) for path in paths
        ]
    period = challenge.periods.observations
    last = period.past_end - np.timedelta64(1, "ns")
    return select(concat(parts), start=period.first_instant, end=last)


def observation_files(
    challenge: Challenge, file: DataFile, given: Path | None = None, progress: Progress | None = None
) -> list[Path]:
    """Give the paths of observations; those that are derived are made first, once for each truth.

    Derived files lie in the user's data folder under the digest that their truth announces for them, so that
    another truth never meets observations of this one.

    Raises
    ------
    MissingDataError
        If they are neither on this machine nor derived from a truth that is.
    """
    if not file.derived:
        return find_files(challenge, file, given)
    from oceanbench.twin import announced_digest, derive

    shipped = next(file for file in challenge.files if not file.derived)
    root = find_files(challenge, shipped, given)[0].parents[len(Path(shipped.path).parts) - 1]
    made = data_home() / challenge.id / f"derived-{announced_digest(challenge.id, root)[:12]}"
    if not list(made.glob(file.path)):
        derive(challenge.id, root, made, progress=progress)
    return sorted(made.glob(file.path))
