"""A process that waits for files to read, and lets a copy of itself read each.

It is started as ``python -I -m`` with nothing secret in its environment, and never looks at a file itself:
the copy does, and dies. To wait with all libraries loaded makes a copy cheap.

On its standard input come the folders of jobs, one in JSON on each line; on its standard output it says
``ready``, and for each job the number of the process that reads and, later, the status with which it ended.
It ends, and the reading with it, when its standard input does.
"""

import gc
import json
import os
import select
import signal
import sys
from contextlib import suppress
from pathlib import Path

from oceanbench_leaderboard.intake._child import read_and_end

__all__ = ["main"]


def main() -> None:
    """Wait for jobs until nobody can give another."""
    if "warm" in sys.argv[1:]:
        _load()
    gc.freeze()  # pages that nobody counts in stay shared with the copies
    _say({"ready": os.getpid()})
    for line in iter(sys.stdin.readline, ""):
        _serve(Path(json.loads(line)))


def _load() -> None:
    """Import what reading a file takes; all of it is ours or a library, none of it an uploaded byte."""
    import dask.array  # noqa: F401 - which xarray asks for at the first file
    import netCDF4  # noqa: F401

    import oceanbench_leaderboard.intake._normalising
    import oceanbench_leaderboard.intake._normalising_swaths
    import oceanbench_leaderboard.intake._scan_hdf5  # noqa: F401


def _say(words: object) -> None:
    print(json.dumps(words), flush=True)


def _serve(folder: Path) -> None:
    reader = os.fork()
    if reader == 0:
        read_and_end(folder)
    _say({"pid": reader})
    if _is_alone(reader):
        with suppress(ProcessLookupError):
            os.kill(reader, signal.SIGKILL)
    _, status = os.waitpid(reader, 0)
    _say({"status": os.waitstatus_to_exitcode(status)})


def _is_alone(reader: int) -> bool:
    """Wait for the end of the reader; tell whether the one who wants its answer went away before."""
    if not hasattr(os, "pidfd_open"):
        return False
    handle = os.pidfd_open(reader)
    try:
        ready, _, _ = select.select([handle, sys.stdin], [], [])
        return handle not in ready
    finally:
        os.close(handle)


if __name__ == "__main__":
    main()
