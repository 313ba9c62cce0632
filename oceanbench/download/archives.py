"""Archives, unpacked as they stream by: nothing outside the folder, no links, no bombs, nothing half."""

import bz2
import gzip
import hashlib
import lzma
import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

from filelock import FileLock

from oceanbench.download.space import require_space
from oceanbench.progress import Progress, silent

__all__ = ["ArchiveError", "DamagedArchiveError", "Limits", "Placed", "unpack"]

_BLOCK = 1 << 20
_HEADERS = 1 << 23  # bytes that the headers of one member may take, names and notes included
_DAMAGE = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError)
_SHOWN = 10  # members listed in an error

type Wanted = Callable[[str], Path | None]


class ArchiveError(ValueError):
    """An archive that is damaged, that would do harm, or that holds nothing of what is wanted."""


class DamagedArchiveError(ArchiveError):
    """An archive that is damaged or cut: deleting it and fetching it again may help."""


@dataclass(frozen=True)
class Limits:
    """What is taken for a bomb.

    Parameters
    ----------
    members : int
        Entries of the archive, at most.
    always_allowed : int
        Bytes that any archive may unpack to.
    ratio : float
        Beyond that, unpacked bytes per byte of the archive, at most. NetCDF of float32 fields packs to a half
        or a tenth, masks to a hundredth; deflate at its limit gives 1032.
    """

    members: int = 200_000
    always_allowed: int = 2**30
    ratio: float = 200.0

    def bytes_of(self, archive_size: int) -> int:
        """Give the bytes that an archive of this size may unpack to."""
        return max(self.always_allowed, int(self.ratio * archive_size))


@dataclass(frozen=True)
class Placed:
    """A member that is now a file: name in the archive, place, bytes, SHA-256, time of change (ns)."""

    member: str
    path: Path
    size: int
    sha256: str
    mtime_ns: int


def unpack(
    archive: Path,
    into: Path,
    wanted: Wanted,
    *,
    progress: Progress = silent,
    limits: Limits | None = None,
) -> list[Placed]:
    """Unpack the wanted members of a tar, tar.gz, tar.bz2 or tar.xz, or the one file of a .gz, .bz2 or .xz.

    The archive is read once, from beginning to end, and never held in memory. Members are written to a hidden
    folder in ``into`` and renamed when the whole archive was read without a fault: after an interruption
    there is no half file, and a file that was there is replaced as a whole. Its kind is read from its first
    bytes, not from its name.

    Parameters
    ----------
    archive : Path
        The archive.
    into : Path
        Folder that the targets are relative to.
    wanted : callable
        Takes the name of a member and gives its target relative to ``into``, or None to leave it out.
    progress : callable, optional
        Told the share of the archive that was read.
    limits : Limits, optional
        What is taken for a bomb.

    Returns
    -------
    list of Placed
        The files, in the order of the archive.

    Raises
    ------
    DamagedArchiveError
        If it is damaged or cut. Nothing is placed then, as in the cases that follow.
    ArchiveError
        If it is no archive, holds a link, a device, an absolute path, ``..`` or one name
        twice, unpacks to more than the limits, or holds nothing that is wanted. Nothing is placed then.
    OSError
        If the disk has no room.
    """
    into.mkdir(parents=True, exist_ok=True)
    with _alone(into / f".{archive.name}.guard"), _staging(into, archive.name) as staging:
        try:
            with archive.open("rb") as packed:
                reader = _Reader(archive, packed, limits or Limits(), progress)
                staged = list(_Unpacking(reader, into, staging, wanted).run())
        except _DAMAGE as error:
            raise _damaged(archive, error) from error
        return [_place(one) for one in staged]


def _damaged(archive: Path, error: Exception) -> DamagedArchiveError:
    return DamagedArchiveError(f"{archive} is damaged or cut: {error}; delete it and fetch it again")


@contextmanager
def _alone(guard: Path) -> Iterator[None]:
    with FileLock(guard):
        try:
            yield
        finally:
            with suppress(OSError):  # who waits for it sees that it is gone, and makes another
                guard.unlink()


@contextmanager
def _staging(into: Path, name: str) -> Iterator[Path]:
    folder = into / f".unpacking-{name}"
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class _Staged:
    member: str
    path: Path
    target: Path
    size: int
    sha256: str


def _place(staged: _Staged) -> Placed:
    staged.target.parent.mkdir(parents=True, exist_ok=True)
    mtime_ns = staged.path.stat().st_mtime_ns
    os.replace(staged.path, staged.target)
    return Placed(staged.member, staged.target, staged.size, staged.sha256, mtime_ns)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Reader:
    """The unpacked bytes of an archive, counted: more than is allowed is an error before it is kept."""

    def __init__(self, archive: Path, packed: IO[bytes], limits: Limits, progress: Progress) -> None:
        self.archive = archive
        self.limits = limits
        self._packed = packed
        self._progress = progress
        self._packed_size = archive.stat().st_size
        self._most = limits.bytes_of(self._packed_size)
        self._plain = _decompressed(packed)
        self._ahead = b""
        self._count = 0
        self._allowed = _HEADERS
        self._recent: list[tuple[int, bytes]] = []

    @property
    def is_tar(self) -> bool:
        """Whether a tar begins here; to be asked first."""
        self._ahead = self._unpacked(tarfile.BLOCKSIZE)
        try:
            tarfile.TarInfo.frombuf(self._ahead, tarfile.ENCODING, "surrogateescape")
        except tarfile.TarError:
            # an empty tar is blocks of zeros
            return len(self._ahead) == tarfile.BLOCKSIZE and not any(self._ahead)
        return True

    @property
    def is_packed(self) -> bool:
        """Whether anything was unpacked at all."""
        return self._plain is not self._packed

    def allow(self, count: int) -> None:
        """Say how many bytes may come until this is called again."""
        self._allowed = self._count + count

    def read(self, size: int = _BLOCK, /) -> bytes:
        """Give the next bytes."""
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        data = data or self._unpacked(size)
        self._recent = [*self._recent[-1:], (self._count, data)]
        self._count += len(data)
        if self._count > self._most:
            raise ArchiveError(
                f"{self.archive} unpacks to more than {self._most} bytes, {self.limits.ratio:g} times its "
                "own size: it is taken for a bomb, and nothing of it is placed"
            )
        if self._count > self._allowed + _BLOCK:
            raise ArchiveError(f"{self.archive} has headers beyond all measure; nothing of it is placed")
        self._progress(f"unpacking {self.archive.name}", self._packed.tell() / max(self._packed_size, 1))
        return data

    def _unpacked(self, size: int) -> bytes:
        try:
            return self._plain.read(size)
        except OSError as error:
            if error.errno is not None:
                raise  # of the disk
            raise _damaged(self.archive, error) from error  # gz and bz2 call damage so

    def at(self, offset: int, length: int) -> bytes:
        """Give bytes that were read a moment ago."""
        start = self._recent[0][0] if self._recent else 0
        data = b"".join(block for _, block in self._recent)
        return data[offset - start : offset - start + length]

    def drain(self) -> None:
        """Read what is left, so that the checksum at the end of the compression is checked."""
        self.allow(self._most)
        while self.read():
            pass


def _decompressed(packed: IO[bytes]) -> _Readable:
    begin = packed.read(6)
    packed.seek(0)
    if begin.startswith(b"\x1f\x8b"):
        return gzip.open(packed)
    if begin.startswith(b"BZh"):
        return bz2.open(packed)
    return lzma.open(packed) if begin.startswith(b"\xfd7zXZ\x00") else packed


class _Unpacking:
    """One pass over an archive."""

    def __init__(self, reader: _Reader, into: Path, staging: Path, wanted: Wanted) -> None:
        self._reader = reader
        self._into = into
        self._staging = staging
        self._wanted = wanted
        self._names: dict[str, None] = {}
        self._targets: set[Path] = set()
        self._seen = 0

    def run(self) -> Iterator[_Staged]:
        """Give the wanted members as they were written."""
        found = False
        for staged in self._members() if self._reader.is_tar else self._single():
            found = True
            yield staged
        self._reader.drain()
        if not found:
            first = ", ".join(islice(self._names, _SHOWN)) or "nothing"
            more = ", …" if len(self._names) > _SHOWN else ""
            raise ArchiveError(
                f"{self._reader.archive} holds none of the files wanted; it holds {first}{more}"
            )

    def _single(self) -> Iterator[_Staged]:
        archive = self._reader.archive
        if not self._reader.is_packed:
            raise ArchiveError(f"{archive} is not an archive; a tar, or a gz, bz2 or xz is expected")
        name = archive.stem if archive.suffix in (".gz", ".bz2", ".xz") else archive.name
        self._names[name] = None
        self._reader.allow(self._reader.limits.bytes_of(archive.stat().st_size))
        if (target := self._target(name)) is not None:
            yield self._write(name, target, self._reader, None)

    def _members(self) -> Iterator[_Staged]:
        stream: Any = self._reader  # of a file it needs no more than read
        with tarfile.open(fileobj=stream, mode="r|", bufsize=_BLOCK) as tar:
            while (member := tar.next()) is not None:
                tar.members = []  # type: ignore[attr-defined]  # it would keep them all in memory
                self._refuse(member)
                # what follows: the bytes of this member, the padding, the headers of the next one
                self._reader.allow(member.size + tarfile.BLOCKSIZE + _HEADERS)
                if member.isdir() or (target := self._target(member.name)) is None:
                    continue
                content = tar.extractfile(member)
                assert content is not None
                require_space(self._into, member.size)
                yield self._write(member.name, target, content, member.size)
            self._require_end(tar.offset)

    def _require_end(self, offset: int) -> None:
        """Make sure that the tar ended with its mark: a cut one ends like a whole one otherwise."""
        mark = self._reader.at(offset, tarfile.BLOCKSIZE)
        if len(mark) < tarfile.BLOCKSIZE or any(mark):
            kind = "cut" if len(mark) < tarfile.BLOCKSIZE else "damaged"
            told = f"{self._reader.archive} is {kind} after {len(self._names)} members"
            raise DamagedArchiveError(f"{told}; delete it and fetch it again")

    def _refuse(self, member: tarfile.TarInfo) -> None:
        """Refuse what has no place in an archive of data."""
        if reason := _harm(member):
            raise ArchiveError(
                f"{self._reader.archive} holds {member.name!r}, {reason}; nothing of it is placed"
            )
        name = str(PurePosixPath(member.name))
        if not member.isdir() and name in self._names:
            raise ArchiveError(f"{self._reader.archive} holds {name!r} twice; nothing of it is placed")
        if not member.isdir():
            self._names[name] = None
        self._count_member()

    def _count_member(self) -> None:
        self._seen += 1
        if self._seen > self._reader.limits.members:
            most = self._reader.limits.members
            raise ArchiveError(
                f"{self._reader.archive} has more than {most} members; nothing of it is placed"
            )

    def _target(self, name: str) -> Path | None:
        relative = self._wanted(name)
        if relative is None:
            return None
        if relative.is_absolute() or ".." in relative.parts:
            raise ValueError(f"the target {relative} of {name!r} is not below {self._into}")
        target = self._into / relative
        if target in self._targets:
            raise ArchiveError(f"{self._reader.archive} holds {relative} twice; nothing of it is placed")
        self._targets.add(target)
        return target

    def _write(self, name: str, target: Path, content: _Readable | IO[bytes], size: int | None) -> _Staged:
        path = self._staging / str(len(self._targets))
        sha256, written = hashlib.sha256(), 0
        with path.open("wb") as file:
            while block := content.read(_BLOCK):
                file.write(block)
                sha256.update(block)
                written += len(block)
                if size is None:
                    require_space(self._into, len(block))
        if size is not None and written != size:
            told = f"{self._reader.archive} is cut: {name!r} has {written} of {size} bytes"
            raise DamagedArchiveError(f"{told}; delete it and fetch it again")
        return _Staged(name, path, target, written, sha256.hexdigest())


def _harm(member: tarfile.TarInfo) -> str | None:
    """Say why a member is refused; None for files and folders below the folder of the archive."""
    parts = re.split(r"[/\\]", member.name)
    if member.issym() or member.islnk():
        return "a link"
    if not (member.isdir() or member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)) or member.issparse():
        return "neither a plain file nor a folder"
    if not parts[0] or re.match(r"[A-Za-z]:", member.name):
        return "an absolute path"
    if ".." in parts:
        return "a path out of its folder"
    if re.search(r"[\x00-\x1f\x7f]", member.name):
        return "a name with control characters"
    return "of a negative size" if member.size < 0 else None
