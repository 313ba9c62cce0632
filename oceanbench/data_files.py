"""Where the files of a challenge lie.

A file is looked for in the folder given, then in ``$OCEANBENCH_DATA/<challenge>`` (the user's cache folder if
the variable is not set), then beside the definition of the challenge (shipped data).
"""

import os
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree

from filelock import FileLock
from platformdirs import user_cache_path

from oceanbench.challenge import Challenge, DataFile, Period
from oceanbench.passport import refuse_changed
from oceanbench.progress import Progress

__all__ = [
    "MissingDataError",
    "data_folders",
    "data_home",
    "derived_folder",
    "files_in",
    "find_files",
    "folder_of",
    "has_reference",
    "is_whole",
    "observation_files",
    "of_days",
]


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
    ValueError
        If one was downloaded and is not any more what it was.
    """
    for folder in data_folders(challenge, given):
        if found := files_in(folder, file):
            refuse_changed(found)
            return found
    raise MissingDataError(_missing(challenge, file, given))


def files_in(folder: Path, file: DataFile) -> list[Path]:
    """Give the paths in one folder that ``file`` stands for, sorted: at their places, else directly in it."""
    if file.names:
        listed = [folder / path for path in file.paths()]
        return sorted(path for path in listed if path.exists())
    placed = sorted(folder.glob(file.pattern))
    name = Path(file.pattern).name
    telling = name.replace("*", "").removesuffix(".nc")  # "*.nc" would take whatever lies there
    return placed or (sorted(folder.glob(name)) if telling else [])


def is_whole(folder: Path, file: DataFile) -> bool:
    """Tell whether a folder has all of a file: every path that is known beforehand, or any for a pattern."""
    found = {path.name for path in files_in(folder, file)}
    known = {Path(path).name for path in file.paths()}
    return bool(found) and known <= found


def of_days(file: DataFile, paths: Sequence[Path], period: Period) -> list[Path]:
    """Give those paths whose names date them in a period; all, where the names tell no date."""
    if file.days is None:
        return list(paths)
    wanted = {
        Path(day.strftime(file.path)).name for day in file.days.dates() if period.start <= day <= period.end
    }
    return [path for path in paths if path.name in wanted]


def _missing(challenge: Challenge, file: DataFile, given: Path | None) -> str:
    if challenge.withholds(file):
        return (
            f"{challenge.id} withholds its truth, so maps are not scored here: check yours with oceanbench "
            "validate, and submit it to the service that holds the truth; or score it on a truth of your "
            "own with --reference"
        )
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
    made = derived_folder(challenge, given)
    if not any(made.glob(file.pattern)):
        _derive(challenge, file, given, made, progress)
    return sorted(made.glob(file.pattern))


def derived_folder(challenge: Challenge, given: Path | None = None) -> Path:
    """Give the folder of the files that are derived from the shipped ones; it is there once they are made."""
    from oceanbench.twin import announced_digest

    digest = announced_digest(challenge.id, _root(challenge, given))
    return data_home() / challenge.id / f"derived-{digest[:12]}"


def _root(challenge: Challenge, given: Path | None) -> Path:
    """Give the data folder that holds what others are derived from."""
    shipped = next(file for file in challenge.files if not file.derived)
    return find_files(challenge, shipped, given)[0].parents[len(Path(shipped.path).parts) - 1]


def _derive(
    challenge: Challenge, file: DataFile, given: Path | None, made: Path, progress: Progress | None
) -> None:
    """Make the files in a folder of their own, which gets its name when all of them are there."""
    from oceanbench.twin import derive

    making = made.with_name(f".{made.name}.making")
    made.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(made.parent / f".{made.name}.guard"):
        if any(made.glob(file.pattern)):  # another process made them meanwhile
            return
        rmtree(making, ignore_errors=True)  # of a run that was killed
        derive(challenge.id, _root(challenge, given), making, progress=progress)
        rmtree(made, ignore_errors=True)  # of a run that lost some of them
        making.rename(made)
