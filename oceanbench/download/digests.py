"""Digests of bytes that stream by, reckoned in a thread beside the one that reads and writes."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

__all__ = ["RunningDigests", "digests_of"]

_BUFFER = 1 << 20  # bytes; much less wakes the other thread too often, see benchmarks/README.md
_BUFFERS = 16
_BLOCK = 1 << 20


class RunningDigests:
    """SHA-256, and MD5 if it is wanted, of all bytes so far.

    Attributes
    ----------
    count : int
        Bytes digested so far.
    """

    def __init__(self, md5: bool = False) -> None:
        self._md5_wanted = md5
        self.restart()

    def restart(self) -> None:
        """Begin with no bytes."""
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False) if self._md5_wanted else None
        self.count = 0

    def update(self, data: memoryview | bytes) -> None:
        """Add bytes."""
        self._sha256.update(data)
        if self._md5 is not None:
            self._md5.update(data)
        self.count += len(data)

    def read(self, path: Path) -> None:
        """Begin again with the bytes of a file."""
        self.restart()
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                self.update(block)

    @property
    def hexadecimal(self) -> tuple[str, str | None]:
        """SHA-256, and MD5 or None."""
        return self._sha256.hexdigest(), None if self._md5 is None else self._md5.hexdigest()

    @contextmanager
    def beside(self) -> Iterator["Ring"]:
        """Digest in a second thread what is put into the buffers of a ring, until the block ends."""
        ring = Ring()
        thread = Thread(target=ring.digest_into, args=(self,), name="digest", daemon=True)
        thread.start()
        try:
            yield ring
        finally:
            ring.filled.put(None)
            thread.join()


class Ring:
    """Buffers that go round between the thread that fills them and the one that digests them."""

    def __init__(self) -> None:
        self.filled: SimpleQueue[memoryview | None] = SimpleQueue()
        self._free: SimpleQueue[memoryview] = SimpleQueue()
        self._made = 0

    def buffer(self) -> memoryview:
        """Give a buffer to fill; waits until one is free where as many as there may be are under way."""
        if self._free.empty() and self._made < _BUFFERS:
            self._made += 1
            return memoryview(bytearray(_BUFFER))
        return self._free.get()

    def digest_into(self, digests: RunningDigests) -> None:
        """Digest what was filled until there is a None."""
        while (data := self.filled.get()) is not None:
            digests.update(data)
            self._free.put(memoryview(data.obj))


def digests_of(path: Path, md5: bool = False) -> tuple[str, str | None]:
    """Read a file and give its SHA-256, and its MD5 if asked for, in hexadecimal."""
    digests = RunningDigests(md5)
    digests.read(Path(path))
    return digests.hexadecimal
