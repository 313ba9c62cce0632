"""The unfinished file: what is here of it, of which version it is, and when it may be continued."""

import json
import os
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import asdict, dataclass
from io import RawIOBase
from pathlib import Path

from oceanbench.download.artefact import Promise
from oceanbench.download.digests import RunningDigests

__all__ = ["Origin", "Part"]


@dataclass(frozen=True)
class Origin:
    """Which version of a file a part was taken from.

    Parameters
    ----------
    place : str
        Address without credentials and query.
    validator : str or None
        What the server calls this version: a strong ETag, a time of change. None where it tells nothing that
        can be relied on, or where the part was joined from several places.
    size : int or None
        Bytes of the whole file.
    """

    place: str
    validator: str | None
    size: int | None


class Part:
    """The file ``NAME.part`` beside the target, and ``NAME.part.json`` that says what it is a part of.

    Bytes are only ever added at the end, and a new origin is written only while the part is empty: whatever
    moment the process dies at, the part is a true beginning of the version its origin names.

    A part is continued where its origin names a version (and then the server is held to that version), or
    where size and digest of the file are known, so that a wrong joint is found at the end. Without either it
    starts again.
    """

    def __init__(self, target: Path, md5: bool = False) -> None:
        self.target = target
        self.path = target.with_name(f"{target.name}.part")
        self._state = target.with_name(f"{target.name}.part.json")
        self._digests = RunningDigests(md5)
        self.kept = self.size  # bytes of earlier runs that are still in it
        self.joined = self.kept > 0  # whether bytes of more than one request may be in it

    @property
    def size(self) -> int:
        """Bytes that are here."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def origin(self) -> Origin | None:
        """What the part was taken from; None where that is not known."""
        try:
            return Origin(**json.loads(self._state.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):  # half written: the part is of no known version
            return None

    def resumable(self, place: str, promise: Promise) -> tuple[int, Origin | None]:
        """Give the number of bytes to continue after, and the version they belong to, for one candidate.

        The version is None where the bytes are of another place or of no named version.
        """
        here, origin = self.size, self.origin
        if here == 0 or origin is None or self._too_long(here, origin, promise):
            return 0, None
        if origin.place == place and origin.validator is not None:
            return here, origin
        return (here, None) if promise.complete else (0, None)

    @staticmethod
    def _too_long(here: int, origin: Origin, promise: Promise) -> bool:
        sizes = {size for size in (origin.size, promise.size) if size is not None}
        return len(sizes) > 1 or any(here > size for size in sizes)

    def restart(self, origin: Origin) -> None:
        """Throw away what is here and begin a part of this origin."""
        # in this order: an origin is never beside bytes of another one
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.open("wb").close()
        self._store(origin)
        self._digests.restart()
        self.kept, self.joined = 0, False

    def join(self, place: str, size: int | None) -> None:
        """Say that bytes of another place, or of a version without name, come next."""
        self._store(Origin(place, None, size))

    def _store(self, origin: Origin) -> None:
        fresh = self._state.with_name(f"{self._state.name}.new")
        fresh.write_text(json.dumps(asdict(origin)), encoding="utf-8")
        fresh.replace(self._state)

    def append(self, readinto: Callable[[memoryview], int]) -> Generator[int]:
        """Write bytes at the end as they come, digesting them beside it; yields how many came each time.

        Parameters
        ----------
        readinto : callable
            Fills the beginning of a buffer and gives the number of bytes; 0 at the end.
        """
        self._catch_up()
        with self.path.open("ab", buffering=0) as file, self._digests.beside() as ring:
            while count := readinto(buffer := ring.buffer()):
                _write(file, buffer[:count])
                ring.filled.put(buffer[:count])
                yield count

    def _catch_up(self) -> None:
        """Digest what earlier attempts left."""
        if self._digests.count != self.size:
            self._digests.read(self.path)

    def digests(self) -> tuple[str, str | None]:
        """SHA-256, and MD5 if it is wanted, of what is here."""
        self._catch_up()
        return self._digests.hexadecimal

    def discard(self) -> None:
        """Delete the part."""
        self.path.unlink(missing_ok=True)
        self._state.unlink(missing_ok=True)
        self._digests.restart()
        self.kept, self.joined = 0, False

    @property
    def mtime_ns(self) -> int:
        """Its time of change, which the final name keeps; ns since 1970."""
        # not brought to the disk here: should the machine itself die now, the recorded size tells it
        return self.path.stat().st_mtime_ns

    def place(self) -> None:
        """Give the part its final name."""
        os.replace(self.path, self.target)
        with suppress(OSError):  # of no meaning without its part; the next run removes it
            self._state.unlink()


def _write(file: RawIOBase, data: memoryview) -> None:
    """Write all of it; a disk that is nearly full takes less than it is given."""
    while data:
        data = data[file.write(data) or 0 :]
