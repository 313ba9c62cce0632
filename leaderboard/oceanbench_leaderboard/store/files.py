"""The files of the service, in a folder or in any store that fsspec opens: whole, or not there."""

import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec
from fsspec import AbstractFileSystem
from fsspec.implementations.local import LocalFileSystem

from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.store._streams import (
    LEFTOVER,
    LocalSink,
    RemoteSink,
    Sink,
    Source,
    StoreSource,
    told,
)

__all__ = ["FileStore", "Sink", "Source"]

_PIECE = 1 << 20
_PATIENCE = {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 3}}


class FileStore:
    """Files by key, ``uploads/3/ab12…/000000000000``: relative, with forward slashes.

    What the store raises becomes :class:`~oceanbench_leaderboard.errors.Unavailable`; what the caller's own
    code raises while a file is open is left as it is.

    Parameters
    ----------
    url : str
        A folder, or ``s3://bucket/prefix``.

    Raises
    ------
    ValueError
        If the address is none that can be opened, or its client is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        # other processes write too: what was listed a moment ago is no longer true
        options: dict[str, Any] = {"use_listings_cache": False, "skip_instance_cache": True}
        if url.startswith("s3:"):
            options["config_kwargs"] = _PATIENCE
        self.filesystem, root = _opened(url, options)
        self.root = str(root).rstrip("/")
        if not self.root:
            raise ValueError(f"OCEANBENCH_STORE={url} names no place; give a folder, or s3://BUCKET/PREFIX")

    @property
    def is_local(self) -> bool:
        """Whether the files lie in a folder of this machine."""
        return isinstance(self.filesystem, LocalFileSystem)

    def prepare(self) -> None:
        """Make the folder or the bucket, if there is none.

        Raises
        ------
        Unavailable
            If it is missing and cannot be made.
        """
        place = self.root if self.is_local else self.root.partition("/")[0]
        with self._words(f"the store {self.url} cannot be made", missing=False):
            if not self.filesystem.exists(place):
                self.filesystem.makedirs(place, exist_ok=True)

    def free_bytes(self) -> int | None:
        """Give the room that is left on the disk of a folder; None for what is no folder of this machine.

        Raises
        ------
        Unavailable
            If the disk does not tell.
        """
        if not self.is_local:
            return None
        place = Path(self.root)
        with self._words("the room on the disk of the store cannot be told", missing=False):
            there = next(folder for folder in (place, *place.parents) if folder.exists())
            return shutil.disk_usage(there).free

    def sink(self, key: str) -> Sink:
        """Begin a file; it is there once it is committed.

        Raises
        ------
        Unavailable
            If the store cannot be written; its methods raise that too.
        """
        path, what = self._path(key), self._what(f"{key} cannot be stored")
        return LocalSink(Path(path), what) if self.is_local else RemoteSink(self.filesystem, path, what)

    @contextmanager
    def writing(self, key: str) -> Iterator[Sink]:
        """Write a file: it is there, and safe, when the block ends without an error, and not at all else.

        Raises
        ------
        Unavailable
            If the store cannot be written.
        """
        sink = self.sink(key)
        try:
            yield sink
        except BaseException:
            with suppress(Unavailable):  # the first failure is the one to tell
                sink.discard()
            raise
        sink.commit()

    def write(self, key: str, data: bytes) -> None:
        """Write a small file."""
        with self.writing(key) as sink:
            sink.write(data)

    @contextmanager
    def reading(self, key: str) -> Iterator[Source]:
        """Open a file.

        Raises
        ------
        FileNotFoundError
            If there is none of that key.
        Unavailable
            If the store cannot be read.
        """
        what = self._what(f"{key} cannot be read")
        with told(what):
            stream = self.filesystem.open(self._path(key), "rb", block_size=_PIECE)
        try:
            yield StoreSource(stream, what)
        finally:
            stream.close()

    def read(self, key: str) -> bytes:
        """Give the bytes of a small file."""
        with self.reading(key) as stream:
            return stream.read()

    def pieces(self, key: str, size: int = _PIECE) -> Iterator[bytes]:
        """Give the bytes of a file, piece by piece."""
        with self.reading(key) as stream:
            while piece := stream.read(size):
                yield piece

    def join(self, keys: Iterable[str], path: Path) -> None:
        """Write files one after another into one file of this machine."""
        with path.open("wb") as whole:
            for key in keys:
                with self.reading(key) as stream:
                    shutil.copyfileobj(stream, whole, _PIECE)

    def size(self, key: str) -> int:
        """Give the number of bytes of a file."""
        with self._words(f"{key} cannot be read"):
            return int(self.filesystem.size(self._path(key)))

    def exists(self, key: str) -> bool:
        """Tell whether there is a file of that key."""
        with self._words(f"{key} cannot be read"):
            return bool(self.filesystem.exists(self._path(key)))

    def keys(self, prefix: str = "") -> list[str]:
        """Give the keys below a prefix that is a folder, in order; all of them without one."""
        return sorted(key for key in self._found(prefix) if not _is_hidden(key))

    def sizes(self, prefix: str = "") -> dict[str, int]:
        """Give the keys below a prefix that is a folder, with the number of bytes of each."""
        with self._words(f"{prefix or self.url} cannot be listed"):
            found = self.filesystem.find(self._path(prefix) if prefix else self.root, detail=True)
        sizes = {self._key(path): int(entry["size"]) for path, entry in found.items()}
        return {key: sizes[key] for key in sorted(sizes) if not _is_hidden(key)}

    def changed(self, key: str) -> datetime:
        """Give the time at which a file was written."""
        with self._words(f"{key} cannot be read"):
            time: datetime = self.filesystem.modified(self._path(key))
        return time if time.tzinfo else time.replace(tzinfo=UTC)

    def delete(self, key: str) -> None:
        """Delete a file, if it is there."""
        with self._words(f"{key} cannot be deleted"), suppress(FileNotFoundError):
            self.filesystem.rm_file(self._path(key))

    def delete_below(self, prefix: str) -> None:
        """Delete all files below a prefix."""
        for key in self.keys(prefix):
            self.delete(key)

    def delete_leftovers(self, before: datetime) -> int:
        """Delete what processes that were killed left half-written, and say how many files that were.

        A bucket is told by a rule of its own to drop parts that were never put together.

        Parameters
        ----------
        before : datetime.datetime
            Files that were touched since stay.
        """
        if not self.is_local:
            return 0
        return sum(self._delete_stale(key, before) for key in self._found("") if _is_leftover(key))

    def _delete_stale(self, key: str, before: datetime) -> bool:
        with suppress(FileNotFoundError):  # it was finished meanwhile
            if self.changed(key) < before:
                self.delete(key)
                return True
        return False

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
            raise Unavailable(f"the store {self.url} gives other bytes than were written; look after it")
        self.delete(key)

    def _found(self, prefix: str) -> list[str]:
        with self._words(f"{prefix or self.url} cannot be listed"):
            found = self.filesystem.find(self._path(prefix) if prefix else self.root)
        return [self._key(path) for path in found]

    def _key(self, path: str) -> str:
        return str(path)[len(self.root) :].lstrip("/")

    def _path(self, key: str) -> str:
        parts = key.split("/")
        if not key or "\0" in key or any(part in ("", ".", "..") for part in parts):
            raise ValueError(f"{key!r} is no key of a file; give parts joined by single slashes")
        return f"{self.root}/{key}"

    def _what(self, sentence: str) -> str:
        return sentence if self.is_local else f"{sentence} in {self.url}"

    @contextmanager
    def _words(self, sentence: str, *, missing: bool = True) -> Iterator[None]:
        with told(self._what(sentence), missing=missing):
            yield


def _is_hidden(key: str) -> bool:
    return key.rpartition("/")[2].startswith(".")


def _is_leftover(key: str) -> bool:
    return _is_hidden(key) and key.endswith(LEFTOVER)


def _opened(url: str, options: dict[str, Any]) -> tuple[AbstractFileSystem, str]:
    scheme = url.partition("://")[0]
    try:
        filesystem, root = fsspec.core.url_to_fs(url, **options)
    except ImportError as error:
        raise ValueError(
            f"OCEANBENCH_STORE begins with {scheme}://, whose client is not installed: "
            "pip install 'oceanbench[s3]' for s3://, the package that fsspec names for others"
        ) from error
    except ValueError as error:
        raise ValueError(
            f"OCEANBENCH_STORE={url} cannot be opened: {error}; give a folder, or s3://BUCKET/PREFIX"
        ) from error
    return filesystem, root
