"""The process that scores: it bounds itself, reads the canonical form, and writes its answer at the end.

It is started as ``python -m`` with what it is asked for in JSON on its standard input, or is a copy of a
process that waits. Its answer is whole, or not there; what goes wrong unforeseen ends it with a trace in its
log.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

__all__ = ["die_with", "main", "run"]

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Read what is asked for, score, answer."""
    run(json.load(sys.stdin))


def run(told: dict[str, Any]) -> None:
    """Score what is asked for, and answer."""
    die_with(told["parent"])
    _bound(told["seconds"], told["memory"])

    from oceanbench_leaderboard.scorer._scoring import score
    from oceanbench_leaderboard.scorer.job import ScoringJob
    from oceanbench_leaderboard.scorer.running import ANSWER

    out = Path(told["out"])
    answer = score(Path(told["canonical"]), out, ScoringJob.model_validate(told["job"]))
    _write(out / ANSWER, answer)


def die_with(parent: int) -> None:
    """Let the system end this process when the one that waits for it is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the worker was gone before the scorer began")


def _bound(seconds: int, memory: int) -> None:
    bounds = {resource.RLIMIT_CPU: 2 * seconds, resource.RLIMIT_CORE: 0}
    if sys.platform == "linux":
        bounds[resource.RLIMIT_AS] = memory
    for what, most in bounds.items():
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))


def _write(path: Path, answer: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(answer, allow_nan=False), encoding="utf-8")
    part.replace(path)


if __name__ == "__main__":
    main()
