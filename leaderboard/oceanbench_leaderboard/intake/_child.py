"""The process that reads one uploaded file: it gives up everything else before it looks at it.

It is started as ``python -I -m`` with a job in JSON on its standard input, in a folder that holds the file.
It answers in two lines of JSON on its standard output: how it was confined, told before the first byte of the
file is read, and what it found. What goes wrong unforeseen ends it, with a trace on its standard error.
"""

import errno
import json
import sys
from pathlib import Path
from typing import Any

from oceanbench_leaderboard.intake._confine import Bounds, confine
from oceanbench_leaderboard.intake._findings import Finding, Refused
from oceanbench_leaderboard.intake._job import UPLOAD, Answer, Job

__all__ = ["main"]

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)


def main() -> None:
    """Read the job, confine this process, read the file, answer."""
    job = _job(json.load(sys.stdin))
    upload = Path.cwd() / UPLOAD
    _say(confine(job.bounds, [upload]))
    if job.challenge is not None:
        _say(_read(upload, job))


def _job(told: dict[str, Any]) -> Job:
    return Job(**told | {"bounds": Bounds(**told["bounds"])})


def _say(words: object) -> None:
    print(json.dumps(words), flush=True)


def _read(upload: Path, job: Job) -> Answer:
    from oceanbench_leaderboard.intake._scan import scan

    try:
        scan(upload, job.most_values)
        from oceanbench_leaderboard.intake._normalising import normalise

        return {"header": normalise(upload, job)}
    except Refused as refusal:
        return {"problems": [finding._asdict() for finding in refusal.findings]}
    except OSError as error:
        if error.errno in _NO_ROOM:
            return {"no_room": str(error)}
        if error.errno == errno.EFBIG:
            what = f"the map is larger than {job.bounds.file_bytes} bytes in float64"
            fix = "submit it on a coarser grid, or at fewer times"
            return {"problems": [Finding(what, "a map of that size at most", fix)._asdict()]}
        raise


if __name__ == "__main__":
    main()
