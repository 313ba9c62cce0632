"""The process that reads one uploaded file: it gives up everything else before it looks at it.

It answers in two lines of JSON: how it was confined, told before the first byte of the file is read, and what
it found. What goes wrong unforeseen ends it, with a trace.
"""

import errno
import json
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from oceanbench_leaderboard.intake._confine import confine
from oceanbench_leaderboard.intake._findings import Finding, Refused
from oceanbench_leaderboard.intake._job import INSIDE, TIMES, UPLOAD, VALUES, Answer, Job

__all__ = ["read_and_end"]

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)


def read_and_end(folder: Path, answer: int, trace: int) -> NoReturn:
    """Read the job of a folder, confine this process, read the file, answer, and end this process.

    Parameters
    ----------
    folder : pathlib.Path
    answer, trace : int
        Open pipes: for the answer, and for what goes wrong unforeseen.
    """
    status = 1
    try:
        os.setsid()
        _speak_to(folder, answer, trace)
        _answer(folder)
        status = 0
    except BaseException:  # a copy of a process must never return into what the first one was doing
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


def _speak_to(folder: Path, answer: int, trace: int) -> None:
    """Make the streams of this process those of the job, and its folder the one with the uploaded file."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for stream, handle in enumerate((nothing, answer, trace)):
        os.dup2(handle, stream)
        os.close(handle)
    os.chdir(folder / INSIDE)


def _answer(folder: Path) -> None:
    job = Job.read(folder)
    upload = folder / INSIDE / UPLOAD
    if job.challenge is None:
        _say(confine(job.bounds, [upload]))
        return
    # opened while that may be done: nothing can be opened for writing later
    with (folder.parent / VALUES).open("wb") as values:
        _say(confine(job.bounds, [upload, folder / TIMES]))
        _say(_read(upload, job, values, folder / TIMES))


def _say(words: object) -> None:
    print(json.dumps(words), flush=True)


def _read(upload: Path, job: Job, values: BinaryIO, times: Path) -> Answer:
    from oceanbench_leaderboard.intake._scan import scan

    try:
        scan(upload, job.most_values)
        return {"header": _normalised(upload, job, values, times)}
    except Refused as refusal:
        return {"problems": [finding._asdict() for finding in refusal.findings]}
    except OSError as error:
        if error.errno in _NO_ROOM:
            return {"no_room": str(error)}
        if error.errno == errno.EFBIG:
            what = f"its values are larger than {job.bounds.file_bytes} bytes in float64"
            fix = "submit it on a coarser grid, or at fewer times"
            return {"problems": [Finding(what, "values of that size at most", fix)._asdict()]}
        raise


def _normalised(upload: Path, job: Job, values: BinaryIO, times: Path) -> dict[str, Any]:
    if job.passes:
        from oceanbench_leaderboard.intake._normalising_swaths import normalise_swaths

        return normalise_swaths(upload, job, times, values)
    from oceanbench_leaderboard.intake._normalising import normalise

    return normalise(upload, job, values)
