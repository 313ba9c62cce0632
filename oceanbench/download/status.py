"""What of a challenge is on this machine, whether it is whole, and whether its bytes are the right ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from oceanbench.challenge import Challenge, DataFile, Track
from oceanbench.data_files import MissingDataError, data_folders, derived_folder, files_in
from oceanbench.download.artefact import Promise
from oceanbench.download.lock import Lock, digests_of
from oceanbench.passport import verified

__all__ = ["FileStatus", "Status", "Verdict", "status_of"]

type Verdict = Literal[
    "verified", "first use", "by hand", "shipped", "made here", "incomplete", "changed", "missing", "withheld"
]

_USABLE = ("verified", "first use", "by hand", "shipped", "made here")


@dataclass(frozen=True)
class FileStatus:
    """One file, or pattern of files, of a challenge.

    Attributes
    ----------
    file : DataFile
    verdict : str
        ``verified`` (its digest is the promised one), ``first use`` (as when it first came), ``by hand`` (it
        lies there, nothing is known of it), ``shipped``, ``made here`` (derived, now or at first use),
        ``incomplete`` (some of its files are missing), ``changed`` (not what it was), ``missing``
        or ``withheld`` (a truth that only the service has that scores).
    found : int
        Files that are here.
    size : int
        Their bytes.
    partial : int
        Bytes of a download that was interrupted.
    note : str
        What is missing or changed.
    """

    file: DataFile
    verdict: Verdict
    found: int = 0
    size: int = 0
    partial: int = 0
    note: str = ""

    @property
    def usable(self) -> bool:
        """Whether the file can be read as it is."""
        return self.verdict in _USABLE

    def to_json(self) -> dict[str, Any]:
        """Give the stable JSON form."""
        return {
            "id": self.file.id,
            "role": self.file.role,
            "path": self.file.path,
            "verdict": self.verdict,
            "files": self.found,
            "bytes": self.size,
            "partial_bytes": self.partial,
            "note": self.note,
        }


@dataclass(frozen=True)
class Status:
    """All files of a challenge, and what that means for its tracks."""

    challenge: Challenge
    folders: tuple[Path, ...]
    files: tuple[FileStatus, ...]

    def missing_for(self, track: Track) -> tuple[FileStatus, ...]:
        """Give what a track still needs: observations, mean, and the reference unless it is withheld."""
        needed = {*track.observations, track.reference}
        needed |= {file.id for file in self.challenge.files_of("mean")}
        return tuple(
            one
            for one in self.files
            if one.file.id in needed and not one.usable and one.verdict != "withheld"
        )

    def to_json(self) -> dict[str, Any]:
        """Give the stable JSON form."""
        return {
            "challenge": self.challenge.id,
            "folders": [str(folder) for folder in self.folders],
            "tracks": {
                track.id: {"ready": not lacking, "missing": [one.file.id for one in lacking]}
                for track in self.challenge.tracks
                for lacking in [self.missing_for(track)]
            },
            "files": [one.to_json() for one in self.files],
        }


def status_of(challenge: Challenge, *, given: Path | None = None, deep: bool = False) -> Status:
    """Look at the files of a challenge; no server is contacted.

    Parameters
    ----------
    challenge : Challenge
        Definition.
    given : Path, optional
        Folder to look in first.
    deep : bool
        Read every file and compare its digest, even where size and time of change are as recorded.
    """
    folders = tuple(data_folders(challenge, given))
    look = partial(_look_at, challenge, folders, deep)
    return Status(challenge, folders, tuple(look(file) for file in challenge.files))


def _look_at(challenge: Challenge, folders: tuple[Path, ...], deep: bool, file: DataFile) -> FileStatus:
    for folder in folders:
        found = [path for path in files_in(folder, file) if path.is_file()]
        if found:
            return _judge(challenge, file, folder, found, deep)
    if challenge.withholds(file):
        return FileStatus(file, "withheld", note="held by the service that scores")
    if file.derived:
        return _derived(challenge, file, folders[0] if len(folders) > 2 else None)
    left = sum(_part_size(folders[0], file, challenge))
    return FileStatus(file, "missing", partial=left, note="a download was interrupted" if left else "")


def _derived(challenge: Challenge, file: DataFile, given: Path | None) -> FileStatus:
    try:
        found = sorted(derived_folder(challenge, given).glob(file.pattern))
    except MissingDataError as error:
        return FileStatus(file, "missing", note=str(error))
    size = sum(path.stat().st_size for path in found)
    return FileStatus(file, "made here", len(found), size, note="" if found else "at first use")


def _part_size(folder: Path, file: DataFile, challenge: Challenge) -> Iterable[int]:
    """Give the bytes that interrupted downloads have left; an archive may wait to be unpacked."""
    archive = challenge.archive(file.archive).name if file.archive else ""
    names = [archive, f"{archive}.part"] if archive else [f"{Path(path).name}.part" for path in file.paths()]
    for name in names:
        yield from (path.stat().st_size for path in folder.rglob(name) if path.is_file())


def _judge(challenge: Challenge, file: DataFile, folder: Path, found: list[Path], deep: bool) -> FileStatus:
    lock = Lock(folder)
    tell = partial(FileStatus, file, found=len(found), size=sum(path.stat().st_size for path in found))
    absent = _absent(file, folder, lock)
    if absent:
        return tell("incomplete", note=f"{len(absent)} of its files are missing, the first is {absent[0]}")
    changed = _changed(file, found, lock, deep)
    if changed is not None:
        return tell("changed", note=f"{changed.name} is not what it was; move it away and download it again")
    if folder == challenge.folder / "data":
        return tell("shipped")
    trusts = {entry.trust if (entry := lock.entry(path)) else None for path in found}
    if None in trusts:
        return tell("verified" if deep and _pinned(file) else "by hand")
    return tell("verified" if trusts == {"promised"} else "first use")


def _absent(file: DataFile, folder: Path, lock: Lock) -> list[str]:
    """Give the files that should be here and are not: of a list of days, or of an archive once unpacked."""
    expected = [*file.paths(), *(name for name in lock.entries() if PurePosixPath(name).match(file.pattern))]
    flat = not any((folder / name).exists() for name in expected)
    return [] if flat else sorted({name for name in expected if not (folder / name).exists()})


def _changed(file: DataFile, found: list[Path], lock: Lock, deep: bool) -> Path | None:
    """Give the first file that is not what was recorded, listed with the shipped data, or promised."""
    for path in found:
        if lock.check(path, deep=deep) == "changed":
            lock.distrust(path)
            return path
        if file.size is not None and path.stat().st_size != file.size:
            return path
        if deep and not _as_listed(path):
            return path
        if deep and _pinned(file) and not _as_promised(file, path):
            return path
    return None


def _as_listed(path: Path) -> bool:
    try:
        return verified([path]) is not False
    except ValueError:
        return False


def _pinned(file: DataFile) -> bool:
    return bool(file.md5 or file.sha256)


def _as_promised(file: DataFile, path: Path) -> bool:
    sha256, md5 = digests_of(path, md5=file.md5 is not None)
    return Promise(file.size, file.md5, file.sha256).broken_by(path.stat().st_size, sha256, md5) is None
