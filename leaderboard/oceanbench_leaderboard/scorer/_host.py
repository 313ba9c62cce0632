"""A process that waits with all libraries loaded, and lets a copy of itself score each map.

It is started as ``python -m``. On its standard input come jobs, one in JSON on each line; on its standard
output it says ``ready``, and for each job the number of the process that scores and, later, the status with
which it ended. It ends when its standard input does, or the worker is gone, and what scores ends with it.
"""

import gc
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

from oceanbench_leaderboard.scorer._child import die_with, run
from oceanbench_leaderboard.scorer.running import LOG

__all__ = ["main"]


def main() -> None:
    """Wait for jobs until nobody can give another."""
    die_with(int(sys.argv[1]))
    _load()
    gc.freeze()  # pages that nobody counts in stay shared with the copies
    _say({"ready": os.getpid()})
    for line in iter(sys.stdin.readline, ""):
        _serve({**json.loads(line), "parent": os.getpid()})


def _load() -> None:
    """Import what scoring and its report take."""
    import dask.array  # noqa: F401 - which xarray asks for at the first file
    import netCDF4  # noqa: F401

    import oceanbench_leaderboard.scorer._scoring  # noqa: F401


def _say(words: object) -> None:
    print(json.dumps(words), flush=True)


def _serve(told: dict[str, Any]) -> None:
    scorer = os.fork()
    if scorer == 0:
        _score_and_end(told)
    _say({"pid": scorer})
    _, status = os.waitpid(scorer, 0)
    _say({"status": os.waitstatus_to_exitcode(status)})


def _score_and_end(told: dict[str, Any]) -> NoReturn:
    """Score in a session of its own, words into the log, and end without going back to the waiting."""
    status = 1
    try:
        os.setsid()
        out = Path(told["out"])
        os.chdir(out)
        _speak_into(out / LOG)
        os.environ.update(told["environment"])
        run(told)
        status = 0
    except BaseException:  # whatever it is: this copy ends here, and its trace is in the log
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _speak_into(log: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    words = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for old, new in ((0, nothing), (1, words), (2, words)):
        os.dup2(new, old)


if __name__ == "__main__":
    main()
