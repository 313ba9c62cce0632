"""What was downloaded, remembered next to the data: sizes, digests, where each file came from."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from filelock import FileLock

from oceanbench.download.artefact import Promise
from oceanbench.download.digests import digests_of

if TYPE_CHECKING:
    from oceanbench.download.archives import Placed

__all__ = ["LOCK_NAME", "ArchiveEntry", "Entry", "Lock", "State", "Trust", "digests_of"]

LOCK_NAME = "oceanbench-lock.json"
_FORMAT = 1

type Trust = Literal["promised", "first use", "found here"]
type State = Literal["ok", "changed", "missing", "unknown"]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Entry:
    """One file as it was when it came.

    Parameters
    ----------
    size : int
        Bytes.
    sha256, md5 : str
        Digests in hexadecimal; the MD5 only where the definition promises one.
    source, place : str
        Short name and address of where it came from, without credentials and query.
    trust : str
        ``"promised"``: it agrees with a digest of the definition. ``"first use"``: nothing was promised, the
        first download is trusted and every later one is held against it. ``"found here"``: it lay there.
    mtime_ns : int
        Its time of change, ns since 1970; while it and the size stay, the file is not read again.
    date : str
        When it was recorded, ISO 8601, UTC.
    archive : str, optional
        Name of the archive it was unpacked from.
    """

    size: int
    sha256: str
    source: str
    place: str
    trust: Trust
    mtime_ns: int
    md5: str | None = None
    date: str = field(default_factory=_now)
    archive: str | None = None


@dataclass(frozen=True)
class ArchiveEntry:
    """One archive that was unpacked, and the files that it gave (paths below the folder of the lock)."""

    size: int
    sha256: str
    source: str
    place: str
    trust: Trust
    members: tuple[str, ...]
    md5: str | None = None
    date: str = field(default_factory=_now)


@dataclass(frozen=True)
class _Contents:
    files: Mapping[str, Entry] = field(default_factory=dict)
    archives: Mapping[str, ArchiveEntry] = field(default_factory=dict)


class Lock:
    """The lock file of a folder of data.

    Reading needs no permission to write. Each change reads the file anew, changes it and replaces it as a
    whole, while no other process does the same.

    Parameters
    ----------
    folder : Path
        Folder of the data; all files are named relative to it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.path = self.folder / LOCK_NAME
        # one attribute: threads that read at once must not leave the contents of one, the stamp of another
        self._last: tuple[tuple[int, ...] | None, _Contents] = (None, _Contents())

    def name_of(self, path: Path) -> str:
        """Give the name of a file in the lock: its path below the folder, with ``/``.

        Raises
        ------
        ValueError
            If the file is not below the folder.
        """
        full, folder = Path(os.path.abspath(path)), Path(os.path.abspath(self.folder))
        if not full.is_relative_to(folder) or full == folder:
            raise ValueError(f"{path} is not below {self.folder}, the folder of the lock file; put it there")
        return full.relative_to(folder).as_posix()

    def entries(self) -> dict[str, Entry]:
        """All files that are recorded."""
        return dict(self._read().files)

    def archives(self) -> dict[str, ArchiveEntry]:
        """All archives that were unpacked, by their file name."""
        return dict(self._read().archives)

    def entry(self, path: Path) -> Entry | None:
        """What is recorded of a file; None where nothing is."""
        return self._read().files.get(self.name_of(path))

    def remembered(self, path: Path) -> Promise:
        """What an earlier download of this file, or of an archive of this name, says of the next one."""
        contents = self._read()
        entry = contents.files.get(self.name_of(path)) or contents.archives.get(Path(path).name)
        return Promise() if entry is None else Promise(entry.size, entry.md5, entry.sha256)

    def check(self, path: Path, deep: bool = False) -> State:
        """Hold a file against what is recorded.

        Parameters
        ----------
        path : Path
            A file below the folder.
        deep : bool, optional
            Read it and compare its digest even if size and time of change agree.

        Returns
        -------
        str
            ``"ok"``, ``"changed"`` (other size or digest), ``"missing"`` (recorded, not there) or
            ``"unknown"`` (not recorded, whether it is there or not).
        """
        entry = self.entry(path)
        if entry is None:
            return "unknown"
        try:
            status = Path(path).stat()
        except FileNotFoundError:
            return "missing"
        if status.st_size != entry.size:
            return "changed"
        if status.st_mtime_ns == entry.mtime_ns and not deep:
            return "ok"
        return "ok" if digests_of(path)[0] == entry.sha256 else "changed"

    def record(self, path: Path, entry: Entry) -> None:
        """Remember a file."""
        name = self.name_of(path)
        with self._changing() as (files, _):
            files[name] = entry

    def record_unpacked(self, archive: Path, placed: Iterable["Placed"], *, keep: bool = False) -> None:
        """Remember the files that an archive gave.

        Parameters
        ----------
        archive : Path
            The archive, which must be recorded as a file. Its digests are remembered under its file name.
        placed : iterable of Placed
            What ``unpack`` gave.
        keep : bool, optional
            Whether the archive stays; else it is no longer recorded as a file, and may be deleted.
        """
        name = self.name_of(archive)
        with self._changing() as (files, archives):
            if name not in files:
                raise LookupError(f"{name} is not in {self.path}; fetch it, then record what it gave")
            source = files[name] if keep else files.pop(name)
            members = {self.name_of(one.path): one for one in placed}
            files.update({member: _member(one, source, archive.name) for member, one in members.items()})
            archives[archive.name] = _archive_of(source, tuple(sorted(members)))

    def distrust(self, path: Path) -> None:
        """Read a file again whenever it is looked at: it was found changed behind its time of change."""
        entry = self.entry(path)
        if entry is not None and entry.mtime_ns >= 0 and os.access(self.folder, os.W_OK):
            self.record(path, replace(entry, mtime_ns=-1))

    def forget(self, path: Path) -> None:
        """Remove what is recorded of a file, or of an archive of this name."""
        name = self.name_of(path)
        with self._changing() as (files, archives):
            files.pop(name, None)
            archives.pop(Path(path).name, None)

    def _read(self) -> _Contents:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return _Contents()
        stamp = (status.st_ino, status.st_size, status.st_mtime_ns)
        known, contents = self._last
        if stamp != known:
            contents = _parse(self.path)
            self._last = stamp, contents
        return contents

    @contextmanager
    def _changing(self) -> Iterator[tuple[dict[str, Entry], dict[str, ArchiveEntry]]]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / f".{LOCK_NAME}.guard"):
            contents = self._read()
            files, archives = dict(contents.files), dict(contents.archives)
            yield files, archives
            _write(self.path, files, archives)


def _member(placed: "Placed", archive: Entry, name: str) -> Entry:
    source, place, trust = archive.source, archive.place, archive.trust
    return Entry(placed.size, placed.sha256, source, place, trust, placed.mtime_ns, archive=name)


def _archive_of(entry: Entry, members: tuple[str, ...]) -> ArchiveEntry:
    return ArchiveEntry(
        entry.size, entry.sha256, entry.source, entry.place, entry.trust, members, entry.md5, entry.date
    )


def _parse(path: Path) -> _Contents:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["format"] != _FORMAT:
            raise ValueError(f"{path} has format {stored['format']}, this version reads {_FORMAT}; update it")
        files = {name: Entry(**values) for name, values in stored["files"].items()}
        archives = {name: _archive(values) for name, values in stored["archives"].items()}
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path} is not a lock file that can be read ({type(error).__name__}: {error}); "
            "move it away and the files are checked and recorded anew"
        ) from error
    return _Contents(files, archives)


def _archive(values: dict[str, Any]) -> ArchiveEntry:
    return ArchiveEntry(**{**values, "members": tuple(values["members"])})


def _write(path: Path, files: Mapping[str, Entry], archives: Mapping[str, ArchiveEntry]) -> None:
    stored = {
        "format": _FORMAT,
        "files": {name: asdict(files[name]) for name in sorted(files)},
        "archives": {name: asdict(archives[name]) for name in sorted(archives)},
    }
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(stored, file, indent=2, ensure_ascii=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
