"""What a process says while it reads a file, kept up to a bound: it may not fill a disk with words."""

import os
import select
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

__all__ = ["Ear", "hear"]

_PIECE_BYTES = 1 << 16


class Ear:
    """Keeps the first of what comes through a pipe in a file; the rest is heard, and dropped.

    Parameters
    ----------
    path : pathlib.Path
        Made anew.
    most : int
        Bytes that are kept.

    Attributes
    ----------
    mouth : int
        The end of the pipe that is written to.
    lost : str
        Why what should be kept is not; empty if it is.
    """

    def __init__(self, path: Path, most: int) -> None:
        self.lost = ""
        self._left = most
        self._pipe, self.mouth = os.pipe()
        self._file: IO[bytes] | None = None
        try:
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            self._lose(error)

    def fileno(self) -> int:
        """Give the end of the pipe that is read, so that many can be waited for."""
        return self._pipe

    def listen(self) -> bool:
        """Take what has come; tell whether more can come."""
        piece = os.read(self._pipe, _PIECE_BYTES)
        kept, self._left = piece[: self._left], max(self._left - len(piece), 0)
        if self._file is not None:
            try:
                self._file.write(kept)
            except OSError as error:
                self._lose(error)
        return bool(piece)

    def close_mouth(self) -> None:
        """Close the end that is written to, which another process has open."""
        os.close(self.mouth)

    def close_ear(self) -> None:
        """Hear no more."""
        os.close(self._pipe)
        if self._file is not None:
            self._file.close()

    def _lose(self, error: OSError) -> None:
        self.lost = error.strerror or str(error)
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
        self._file = None


def hear(process: int, ears: Iterable[Ear]) -> bool:
    """Listen until a child ends, and as long as anybody gives jobs on the standard input.

    Returns
    -------
    bool
        Whether nobody wants the answer any more.
    """
    open_ears = set(ears)
    handle = os.pidfd_open(process) if hasattr(os, "pidfd_open") else None
    ends = [] if handle is None else [handle]
    try:
        while open_ears or ends:
            ready: list[Any]
            ready, _, _ = select.select([*open_ears, *ends, sys.stdin], [], [])
            heard = [ear for ear in ready if isinstance(ear, Ear)]
            open_ears -= {ear for ear in heard if not ear.listen()}
            if sys.stdin in ready:
                return True
            if handle in ready and not heard:
                break  # it said its last word
    finally:
        if handle is not None:
            os.close(handle)
    return False
