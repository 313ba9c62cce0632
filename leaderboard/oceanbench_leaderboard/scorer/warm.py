"""A scorer that waits with all libraries loaded, seen from the worker: started, given jobs, ended."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from oceanbench_leaderboard.scorer.job import ScoringJob
from oceanbench_leaderboard.scorer.outcome import NotScored, Scored
from oceanbench_leaderboard.scorer.running import environment, run_scorer
from oceanbench_leaderboard.settings import Limits

__all__ = ["WarmScorer"]

_MODULE = "oceanbench_leaderboard.scorer._host"
_START_SECONDS, _END_SECONDS = 120.0, 30.0


class _GoneError(Exception):
    """The process that waits went away."""


class WarmScorer:
    """Scores one map after another, each in a new copy of a process that has loaded all libraries.

    It saves about half of what a small map takes. Threads may share one: they wait for each other. Nothing is
    started before there is a map, and the process lives no longer than the thread that gave the first.

    Examples
    --------
    >>> with WarmScorer() as scorer:
    ...     scorer.process_id is None
    True
    """

    def __init__(self) -> None:
        self._host: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, canonical: Path, out: Path, job: ScoringJob, limits: Limits) -> Scored | NotScored:
        """Score a map: see :func:`~oceanbench_leaderboard.scorer.run_scorer`."""
        return run_scorer(canonical, out, job, limits, start=self._start)

    @property
    def process_id(self) -> int | None:
        """Number of the process that waits, if there is one."""
        return None if self._host is None else self._host.pid

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _start(self, told: dict[str, Any], out: Path, seconds: float) -> int | None:
        ours = {name: value for name, value in environment().items() if name.startswith("OCEANBENCH_")}
        with self._lock:
            try:
                return self._ask({**told, "environment": ours}, seconds)
            except (_GoneError, BrokenPipeError):
                self._end()
                return -signal.SIGKILL
            except BaseException:
                self._end()
                raise

    def _ask(self, told: dict[str, Any], seconds: float) -> int | None:
        host = self._started()
        assert host.stdin is not None
        until = time.monotonic() + seconds
        host.stdin.write(json.dumps(told).encode() + b"\n")
        host.stdin.flush()
        scorer = _heard(host, _END_SECONDS)["pid"]
        try:
            return int(_heard(host, until - time.monotonic())["status"])
        except TimeoutError:
            _kill(scorer)
            _heard(host, _END_SECONDS)
            return None
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(scorer, signal.SIGKILL)  # whatever it has started

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._host is None or self._host.poll() is not None:
            self._end()
            self._host = subprocess.Popen(
                [sys.executable, "-m", _MODULE, str(os.getpid())],
                cwd="/",
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
            try:
                _heard(self._host, _START_SECONDS)
            except (_GoneError, TimeoutError) as error:
                self._end()
                raise OSError(
                    "the process that scores does not start; look for memory that is left"
                ) from error
        return self._host

    def _end(self) -> None:
        host, self._host = self._host, None
        if host is None:
            return
        for stream in (host.stdin, host.stdout):
            assert stream is not None
            with suppress(OSError):
                stream.close()
        host.kill()  # and what it lets score is killed with it
        host.wait()


def _kill(scorer: int) -> None:
    try:
        os.killpg(scorer, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # it has not got its session yet
        with suppress(ProcessLookupError):
            os.kill(scorer, signal.SIGKILL)


def _heard(host: "subprocess.Popen[bytes]", seconds: float) -> dict[str, Any]:
    """Give the next line that the process says.

    Raises
    ------
    TimeoutError
        If it says nothing for so long.
    _GoneError
        If it went away.
    """
    assert host.stdout is not None
    ready, _, _ = select.select([host.stdout], [], [], max(seconds, 0.0))
    if not ready:
        raise TimeoutError
    line = host.stdout.readline()
    if not line:
        raise _GoneError
    said: dict[str, Any] = json.loads(line)
    return said
