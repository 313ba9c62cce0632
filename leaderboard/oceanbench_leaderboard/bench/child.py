"""One method on one track, alone in its process: ``python -m oceanbench_leaderboard.bench.child JOB``.

The job is JSON; what is told goes to standard output, one JSON object a line: ``{"stage", "done"}`` while it
works, at the end ``{"seconds", "cpu_seconds", "observations", "peak_mb"}`` or ``{"error"}``. What a method
prints itself goes to standard error, so that it meets no message.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oceanbench.progress import Progress
from oceanbench_leaderboard.bench.process import reason

if TYPE_CHECKING:  # the interpreter of a child loads no more than its method needs
    from oceanbench.challenge import Challenge

__all__ = ["main", "peak_mb"]

type Tell = Callable[[dict[str, Any]], None]

_SELDOM = 0.2  # seconds between two messages of one stage
_STATUS = Path("/proc/self/status")


def main() -> None:
    """Run the job that the first argument describes, and tell its parent."""
    messages = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(message: dict[str, Any]) -> None:
        messages.write(json.dumps(message) + "\n")
        messages.flush()

    try:
        found = _run(json.loads(sys.argv[1]), _progress(tell))
    except Exception as error:  # a method may fail in any way; its row says how
        tell({"error": reason(error)})
        sys.exit(1)
    tell({**found, "cpu_seconds": time.process_time(), "peak_mb": peak_mb()})


def _run(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    from oceanbench.catalog import load_challenge

    challenge = load_challenge(job["challenge"])
    return (_filter if challenge.filters else _map)(challenge, job, progress)


def _map(challenge: "Challenge", job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    from oceanbench.methods import write_map
    from oceanbench.running import run_challenge

    result = run_challenge(
        challenge,
        job["method"],
        challenge.track(job["track"]),
        settings=job["settings"],
        data=_path(job["data"]),
        progress=progress,
    )
    write_map(result.maps, Path(job["output"]), attributes=result.attributes)
    return {"seconds": result.attributes["wall_seconds"], "observations": result.observations}


def _filter(challenge: "Challenge", job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    from oceanbench.running import filter_challenge

    result = filter_challenge(
        challenge,
        job["method"],
        challenge.track(job["track"]),
        Path(job["output"]),
        settings=job["settings"],
        source=_path(job["source"]),
        data=_path(job["data"]),
        progress=progress,
    )
    return {"seconds": result.seconds, "observations": result.pixels}


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def _progress(tell: Tell) -> Progress:
    """Tell a new stage, an end, and now and then what lies between."""
    last, at = "", 0.0

    def progress(stage: str, done: float) -> None:
        nonlocal last, at
        now = time.monotonic()
        if stage != last or done >= 1.0 or now - at > _SELDOM:
            last, at = stage, now
            tell({"stage": stage, "done": float(done)})

    return progress


def peak_mb() -> float:
    """Give the largest resident memory that this process has had, in megabytes (10⁶ bytes).

    Linux keeps it for each program in ``/proc``. What ``getrusage`` says there starts with the memory of the
    process that this one was forked from, so it is asked elsewhere only.

    Examples
    --------
    >>> 1 < peak_mb() < 1e6
    True
    """
    if _STATUS.is_file():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


if __name__ == "__main__":
    main()
