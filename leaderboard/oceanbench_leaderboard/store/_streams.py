"""Streams into and out of a store: a file appears whole, and what the store raises is told as one kind."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from oceanbench_leaderboard.errors import Unavailable

__all__ = ["LEFTOVER", "LocalSink", "RemoteSink", "Sink", "Source", "StoreSource", "told"]

LEFTOVER = ".part"  # end of the names of files that are being written

# Of a remote store: how much is held in memory before a part is sent; S3 takes none smaller but the last.
_PART = 5 << 20


class Sink(Protocol):
    """Takes bytes; they get their name in the store when they are committed, and not before."""

    def write(self, data: bytes, /) -> int:
        """Take some bytes."""

    def commit(self) -> None:
        """Make the file safe, and visible under its name."""

    def discard(self) -> None:
        """Leave nothing behind."""


class Source(Protocol):
    """Gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Give at most that many bytes; none at the end."""


@contextmanager
def told(what: str, *, missing: bool = True) -> Iterator[None]:
    """Turn what a store raises into one kind of error.

    Parameters
    ----------
    what : str
        What cannot be done, in words.
    missing : bool
        Whether a missing file stays a :class:`FileNotFoundError`; where something is written, what is
        missing is the store.
    """
    try:
        yield
    except Unavailable:
        raise
    except OSError as error:
        if missing and isinstance(error, FileNotFoundError):
            raise
        raise Unavailable(f"{what}: {error}; try again later") from error
    except Exception as error:
        if not _of_a_store(error):
            raise
        raise Unavailable(f"{what}: {error}; try again later") from error


def _of_a_store(error: Exception) -> bool:
    """Tell whether an error comes out of a client of a remote store, which have families of their own."""
    return type(error).__module__.partition(".")[0] in ("botocore", "aiobotocore", "aiohttp", "s3fs")


class LocalSink:
    """A file of this machine: written beside its place, moved there once it is safe on the disk."""

    def __init__(self, path: Path, what: str) -> None:
        self._what = what
        self._path = path
        self._part = path.with_name(f".{path.name}.{uuid.uuid4().hex}{LEFTOVER}")
        with told(what, missing=False):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = _new_file(self._part)

    def write(self, data: bytes, /) -> int:
        """Take some bytes."""
        with told(self._what, missing=False):
            return self._stream.write(data)

    def commit(self) -> None:
        """Make the file safe, and visible under its name."""
        try:
            with told(self._what, missing=False):
                self._stream.flush()
                os.fsync(self._stream.fileno())
                self._stream.close()
                self._part.replace(self._path)
                _sync_folder(self._path.parent)
        finally:
            self.discard()

    def discard(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError):  # what was buffered finds no room: it is not wanted any more
            self._stream.close()
        with told(self._what, missing=False):
            self._part.unlink(missing_ok=True)


def _new_file(path: Path) -> BinaryIO:
    """Begin a file that nobody else on this machine can read: it is a team's."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder outlast a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class RemoteSink:
    """A file of a remote store: sent in parts, put together at the end."""

    def __init__(self, filesystem: Any, path: str, what: str) -> None:
        self._what = what
        with told(what, missing=False):
            self._stream = filesystem.open(path, "wb", autocommit=False, block_size=_PART)

    def write(self, data: bytes, /) -> int:
        """Take some bytes."""
        with told(self._what, missing=False):
            return int(self._stream.write(data))

    def commit(self) -> None:
        """Make the file safe, and visible under its name."""
        try:
            with told(self._what, missing=False):
                self._stream.close()
                self._stream.commit()
        except BaseException:
            with suppress(Exception):  # the first failure is the one to tell
                self.discard()
            raise

    def discard(self) -> None:
        """Leave nothing behind, not even parts that nobody can see."""
        try:
            with told(self._what, missing=False):
                self._stream.discard()
        finally:
            self._stream.closed = True  # else it sends what it holds when it is cleared away


class StoreSource:
    """A file of a store that is open for reading."""

    def __init__(self, stream: Any, what: str) -> None:
        self._stream = stream
        self._what = what

    def read(self, size: int = -1, /) -> bytes:
        """Give at most that many bytes; none at the end."""
        with told(self._what):
            return bytes(self._stream.read(size))
