"""A process that waits for files to read, and lets a copy of itself read each.

It is started as ``python -I -m`` with nothing secret in its environment, and never looks at a file itself:
the copy does, and dies. To wait with all libraries loaded makes a copy cheap.

On its standard input come the folders of jobs, one in JSON on each line; on its standard output it says
``ready``, and for each job the number of the process that reads and, later, the status with which it ended.
What that process says comes through pipes, and only the first of it is kept in the folder of the job.
It ends, and the reading with it, when its standard input does.
"""

import gc
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from oceanbench_leaderboard.intake._child import read_and_end
from oceanbench_leaderboard.intake._hearing import Ear, hear
from oceanbench_leaderboard.intake._job import ANSWER, MOST_ANSWER, MOST_TRACE, TRACE

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
    answer, trace = ears = (Ear(folder / ANSWER, MOST_ANSWER), Ear(folder / TRACE, MOST_TRACE))
    reader = os.fork()
    if reader == 0:
        for ear in ears:
            ear.close_ear()
        read_and_end(folder, answer.mouth, trace.mouth)
    for ear in ears:
        ear.close_mouth()
    _say({"pid": reader})
    if hear(reader, ears):
        with suppress(ProcessLookupError):
            os.kill(reader, signal.SIGKILL)
    _, status = os.waitpid(reader, 0)
    for ear in ears:
        ear.close_ear()
    _say({"status": os.waitstatus_to_exitcode(status), "lost": answer.lost or trace.lost})


if __name__ == "__main__":
    main()
