"""Starting the process that scores, waiting no longer than allowed, reading its answer."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from oceanbench_leaderboard.scorer.job import ScoringJob
from oceanbench_leaderboard.scorer.outcome import NotScored, Scored
from oceanbench_leaderboard.settings import Limits

__all__ = ["ANSWER", "LOG", "REPORT", "Start", "environment", "run_module", "run_scorer"]

type Start = Callable[[dict[str, Any], Path, float], int | None]

ANSWER, LOG, REPORT = "answer.json", "log.txt", "report"
MODULE = "oceanbench_leaderboard.scorer._child"
_LOG_BYTES = 8192
_MOST_ANSWER = 256 << 20
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_KEPT = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH", "TMPDIR", "TZ", "XDG_CACHE_HOME")
_OURS = ("OCEANBENCH_DATA", "OCEANBENCH_PATH")


def run_scorer(
    canonical: Path, out: Path, job: ScoringJob, limits: Limits, *, start: Start | None = None
) -> Scored | NotScored:
    """Score the canonical form of a map in a process of its own.

    Parameters
    ----------
    canonical : pathlib.Path
        As :func:`~oceanbench_leaderboard.intake.run_intake` left it.
    out : pathlib.Path
        Folder for answer, log and report; what an earlier attempt left in it is removed.
    job : ScoringJob
    limits : Limits
        ``scorer_seconds`` of the clock on the wall, ``scorer_memory`` bytes of address space.
    start : callable, optional
        Runs the process; a :class:`~oceanbench_leaderboard.scorer.WarmScorer` has one that need not load the
        libraries each time.

    Returns
    -------
    Scored or NotScored
        Whatever happens to the process; it never outlives this call.

    Raises
    ------
    OSError
        If the folder cannot be written, or no process can be started.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    told = {
        "canonical": str(canonical.absolute()),
        "out": str(out.absolute()),
        "seconds": limits.scorer_seconds,
        "memory": limits.scorer_memory,
        "parent": os.getpid(),
        "job": job.model_dump(mode="json"),
    }
    status = (start or _cold)(told, out, limits.scorer_seconds)
    if status == 0:
        return _answer(out)
    return _ended_badly(status, out, limits)


def _cold(told: dict[str, Any], out: Path, seconds: float) -> int | None:
    return run_module(MODULE, told, out, seconds)


def run_module(module: str, told: dict[str, Any], out: Path, seconds: float) -> int | None:
    """Run a module with something told, its words in the log.

    Give the exit status of the process; None where it was ended because its time was over."""
    with (out / LOG).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=out,
            env=environment(),
            start_new_session=True,
        )
        try:
            process.communicate(json.dumps(told).encode(), timeout=seconds)
            return process.returncode
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(process)


def environment() -> dict[str, str]:
    """Give an environment without the secrets of the service, and one thread for each library."""
    kept = {name: os.environ[name] for name in (*_KEPT, *_OURS) if name in os.environ}
    return kept | dict.fromkeys(_THREADS, "1") | {"MPLBACKEND": "agg"}


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _answer(out: Path) -> Scored | NotScored:
    path = out / ANSWER
    try:
        if path.stat().st_size > _MOST_ANSWER:
            raise ValueError(f"{path} has {path.stat().st_size} bytes")
        answer = json.loads(path.read_bytes())
        if "scored" in answer:
            report = tuple(sorted(file for file in (out / REPORT).rglob("*") if file.is_file()))
            return Scored(answer["scored"], tuple(answer["flags"]), report)
        return NotScored(**answer["not_scored"], log=_tail(out))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return _failed(f"the scorer gave no answer ({type(error).__name__})", out, again=True)


def _ended_badly(status: int | None, out: Path, limits: Limits) -> NotScored:
    if status is None or status == -signal.SIGXCPU:
        return _failed(f"scoring took more than {limits.scorer_seconds} s", out, again=False)
    tail = _tail(out)
    if "MemoryError" in tail or "bad_alloc" in tail:
        return _failed(f"scoring needed more memory than {limits.scorer_memory} bytes", out, again=False)
    if status < 0:
        return _failed(f"the scorer was ended by signal {-status}", out, again=True)
    return _failed("the scorer failed", out, again=False)


def _failed(reason: str, out: Path, *, again: bool) -> NotScored:
    return NotScored("service", reason, again=again, log=_tail(out))


def _tail(out: Path) -> str:
    with suppress(OSError), (out / LOG).open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - _LOG_BYTES))
        return log.read().decode(errors="replace")
    return ""
