"""The process that reads uploaded files, seen from the service: started, given jobs, ended."""

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from oceanbench_leaderboard.intake._job import ANSWER, MOST_ANSWER, MOST_TRACE, TRACE
from oceanbench_leaderboard.waiting_process import GoneError, WaitingProcess

__all__ = ["Ended", "Reader"]

_MODULE = "oceanbench_leaderboard.intake._host"
_END_SECONDS = 30.0
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "DASK_SCHEDULER": "synchronous",
    "HDF5_USE_FILE_LOCKING": "FALSE",
}


@dataclass(frozen=True)
class Ended:
    """What a process that read a file left behind.

    Attributes
    ----------
    status : int or None
        How it ended, negative for a signal; None: its time was over.
    answer : bytes
        The first of what it said.
    trace : str
        The first of what went wrong unforeseen.
    """

    status: int | None
    answer: bytes
    trace: str


class Reader:
    """Reads one uploaded file after another, each in a process that is new and confined.

    After one that a signal ended, all is loaded anew for the next. Threads may share one: they wait for each
    other.

    Parameters
    ----------
    warm : bool
        Whether it loads all libraries first: a file then takes a second less. To read a single file, do not.

    Examples
    --------
    >>> with Reader(warm=False) as reader:
    ...     reader.process_id is None  # nothing is started before there is a file
    True
    """

    def __init__(self, *, warm: bool = True) -> None:
        self.warm = warm
        failure = "the process that reads files does not start"
        self._host = WaitingProcess(lambda: _command(warm), _environment, failure, grace=_END_SECONDS)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def process_id(self) -> int | None:
        """Number of the process that waits, if there is one."""
        return self._host.process_id

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._host.end()

    def read(self, folder: Path, seconds: float) -> Ended:
        """Do the job of a folder.

        Parameters
        ----------
        folder : pathlib.Path
            As :mod:`oceanbench_leaderboard.intake._job` says.
        seconds : float
            After which the process that reads is ended.

        Raises
        ------
        OSError
            If no process can be started, or what it said cannot be kept.
        """
        with self._lock:
            try:
                status = self._ask(folder, seconds)
                if status is not None and status < 0:
                    self._host.end()  # whoever crashes reader after reader must not find one layout of memory
            except GoneError:
                self._host.end()
                status = -signal.SIGKILL
            except BaseException:
                self._host.end()
                raise
        answer = _begin_of(folder / ANSWER, MOST_ANSWER)
        return Ended(status, answer, _begin_of(folder / TRACE, MOST_TRACE).decode(errors="replace"))

    def _ask(self, folder: Path, seconds: float) -> int | None:
        self._host.say(str(folder.absolute()))
        until = time.monotonic() + seconds
        reader = self._host.hear()["pid"]
        try:
            ended = self._host.hear(until - time.monotonic())
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.kill(reader, signal.SIGKILL)
            self._host.hear()
            return None
        if ended["lost"]:
            raise OSError(f"what it says of the file cannot be kept: {ended['lost']}")
        return int(ended["status"])


def _command(warm: bool) -> list[str]:
    return [sys.executable, "-I", "-B", "-m", _MODULE, *(["warm"] if warm else [])]


def _environment() -> dict[str, str]:
    """Give an environment in which nothing is secret."""
    needed = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return _ENVIRONMENT | needed


def _begin_of(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(most)
    except FileNotFoundError:
        return b""
