"""The files of the service, in a folder or in any store that fsspec opens: whole, or not there."""

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import fsspec
from fsspec.implementations.local import LocalFileSystem

from oceanbench_leaderboard.errors import Unavailable

__all__ = ["FileStore", "Sink"]

_PIECE = 1 << 20


class Sink(Protocol):
    """Takes bytes; what came in gets its name in the store when the block around it ends without an error."""

    def write(self, data: bytes, /) -> int:
        """Take some bytes."""


class FileStore:
    """Files by key, ``uploads/3/ab12…/000000000000``: relative, with forward slashes.

    Parameters
    ----------
    url : str
        A folder, or ``s3://bucket/prefix``.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.filesystem, root = fsspec.core.url_to_fs(url)
        self.root = str(root).rstrip("/")

    @property
    def is_local(self) -> bool:
        """Whether the files lie in a folder of this machine."""
        return isinstance(self.filesystem, LocalFileSystem)

    @contextmanager
    def writing(self, key: str) -> Iterator[Sink]:
        """Write a file: it is there, and safe, when the block ends without an error, and not at all else.

        Raises
        ------
        Unavailable
            If the store cannot be written.
        """
        with self._told(f"{key} cannot be stored"):
            if self.is_local:
                with _whole_file(Path(self._path(key))) as sink:
                    yield sink
            else:
                with self._remote(key) as sink:
                    yield sink

    @contextmanager
    def _remote(self, key: str) -> Iterator[Sink]:
        stream = self.filesystem.open(self._path(key), "wb", autocommit=False)
        try:
            yield cast(Sink, stream)
            stream.close()
            stream.commit()
        except BaseException:
            with suppress(Exception):  # the first failure is the one to tell
                stream.discard()
            raise

    def write(self, key: str, data: bytes) -> None:
        """Write a small file."""
        with self.writing(key) as sink:
            sink.write(data)

    @contextmanager
    def reading(self, key: str) -> Iterator[BinaryIO]:
        """Open a file.

        Raises
        ------
        FileNotFoundError
            If there is none of that key.
        Unavailable
            If the store cannot be read.
        """
        with self._told(f"{key} cannot be read"), self.filesystem.open(self._path(key), "rb") as stream:
            yield stream

    def read(self, key: str) -> bytes:
        """Give the bytes of a small file."""
        with self.reading(key) as stream:
            return stream.read()

    def join(self, keys: Iterable[str], path: Path) -> None:
        """Write files one after another into one file of this machine."""
        with path.open("wb") as whole:
            for key in keys:
                with self.reading(key) as stream:
                    shutil.copyfileobj(stream, whole, _PIECE)

    def size(self, key: str) -> int:
        """Give the number of bytes of a file."""
        with self._told(f"{key} cannot be read"):
            return int(self.filesystem.size(self._path(key)))

    def exists(self, key: str) -> bool:
        """Tell whether there is a file of that key."""
        with self._told(f"{key} cannot be read"):
            return bool(self.filesystem.exists(self._path(key)))

    def keys(self, prefix: str) -> list[str]:
        """Give the keys below a prefix that is a folder, in order."""
        with self._told(f"{prefix} cannot be listed"):
            self.filesystem.invalidate_cache()
            found = self.filesystem.find(self._path(prefix))
        inside = (str(path)[len(self.root) :].lstrip("/") for path in found)
        return sorted(key for key in inside if not key.rpartition("/")[2].startswith("."))

    def delete(self, key: str) -> None:
        """Delete a file, if it is there."""
        with self._told(f"{key} cannot be deleted"), suppress(FileNotFoundError):
            self.filesystem.rm_file(self._path(key))

    def delete_below(self, prefix: str) -> None:
        """Delete all files below a prefix."""
        for key in self.keys(prefix):
            self.delete(key)

    def ping(self) -> None:
        """Write, read and delete a small file.

        Raises
        ------
        Unavailable
            If one of the three does not work.
        """
        key = f"health/{uuid.uuid4().hex}"
        self.write(key, b"here")
        if self.read(key) != b"here":
            raise Unavailable(f"the store {self.url} gives other bytes than were written")
        self.delete(key)

    def _path(self, key: str) -> str:
        parts = key.split("/")
        if not key or key.startswith("/") or any(part in ("", ".", "..") for part in parts):
            raise ValueError(f"{key!r} is no key of a file; give parts joined by single slashes")
        return f"{self.root}/{key}"

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Turn what the store raises into one kind of error; a missing file stays one."""
        try:
            yield
        except (FileNotFoundError, Unavailable):
            raise
        except OSError as error:
            raise Unavailable(f"{what}: {error}; try again later") from error
        except Exception as error:
            if not _of_the_store(error):
                raise
            raise Unavailable(f"{what}: {error}; try again later") from error


def _of_the_store(error: Exception) -> bool:
    """Tell whether an error comes out of a client of a remote store, which have families of their own."""
    return type(error).__module__.partition(".")[0] in ("botocore", "aiobotocore", "aiohttp", "s3fs")


@contextmanager
def _whole_file(path: Path) -> Iterator[Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with part.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder outlast a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
