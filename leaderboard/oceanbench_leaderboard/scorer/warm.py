"""A scorer that waits with all libraries loaded, seen from the worker: started, given jobs, ended."""

import os
import signal
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
from oceanbench_leaderboard.waiting_process import GoneError, WaitingProcess

__all__ = ["WarmScorer"]

_MODULE = "oceanbench_leaderboard.scorer._host"
_FAILURE = "the process that scores does not start; look for memory that is left"


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
        self._host = WaitingProcess(_command, environment, _FAILURE)
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
        return self._host.process_id

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._host.end()

    def _start(self, told: dict[str, Any], out: Path, seconds: float) -> int | None:
        ours = {name: value for name, value in environment().items() if name.startswith("OCEANBENCH_")}
        with self._lock:
            try:
                return self._ask({**told, "environment": ours}, seconds)
            except GoneError:
                self._host.end()
                return -signal.SIGKILL
            except BaseException:
                self._host.end()
                raise

    def _ask(self, told: dict[str, Any], seconds: float) -> int | None:
        self._host.say(told)
        until = time.monotonic() + seconds
        scorer = self._host.hear()["pid"]
        try:
            return int(self._host.hear(until - time.monotonic())["status"])
        except TimeoutError:
            _kill(scorer)
            self._host.hear()
            return None
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(scorer, signal.SIGKILL)  # whatever it has started


def _command() -> list[str]:
    return [sys.executable, "-m", _MODULE, str(os.getpid())]


def _kill(scorer: int) -> None:
    try:
        os.killpg(scorer, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # it has not got its session yet
        with suppress(ProcessLookupError):
            os.kill(scorer, signal.SIGKILL)
