"""A process of its own for each method: its memory and time are then nobody else's."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from oceanbench.progress import Progress

__all__ = ["Job", "MethodFailed", "Ran", "reason", "run_apart"]

_CHILD = "oceanbench_leaderboard.bench.child"


class MethodFailed(RuntimeError):
    """A method left no map; the message says why."""


@dataclass(frozen=True)
class Job:
    """What a child process is to do.

    Attributes
    ----------
    challenge, track : str
        Their names.
    method : str
        A registered name, or ``path/to/file.py:function``.
    output : str
        File to write the map into; of filtered passes the folder.
    settings : mapping of str to str
        Parameters of the method, as text.
    data : str
        Folder in which the files of the challenge are looked for first; empty for the usual places.
    source : str
        Passes to filter in place of those of the challenge; empty for those.
    """

    challenge: str
    track: str
    method: str
    output: str
    settings: Mapping[str, str] = field(default_factory=dict)
    data: str = ""
    source: str = ""


@dataclass(frozen=True)
class Ran:
    """What a method cost.

    Attributes
    ----------
    seconds : float
        Wall time of the method alone, without reading observations and writing the map; of a filter with
        reading and writing, which it does pass by pass.
    cpu_seconds : float
        Processor time of its process on all cores, with starting and reading: what others do on the machine
        changes it little.
    observations : int
        Number of observations that it was given; of a filter, of pixels.
    peak_mb : float
        Largest resident memory of the process in megabytes: interpreter, libraries, reading of the
        observations and method together. Processes that the method starts are not counted.
    """

    seconds: float
    cpu_seconds: float
    observations: int
    peak_mb: float


def run_apart(job: Job, progress: Progress) -> Ran:
    """Run a method in a process of its own and wait for it.

    Parameters
    ----------
    job : Job
        What to run.
    progress : callable
        Told what the method tells.

    Raises
    ------
    MethodFailed
        If it leaves no map, whatever the reason.
    """
    words = [sys.executable, "-P", "-m", _CHILD, json.dumps(asdict(job))]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=said, encoding="utf-8") as process:
            try:
                last = _follow(process.stdout or (), progress)
            except BaseException:
                process.kill()
                raise
        if process.returncode == 0 and "seconds" in last:
            return Ran(**last)
        raise MethodFailed(last.get("error") or _last_words(process.returncode, said))


def reason(error: Exception) -> str:
    """Give the message of an error; with its name where it is not of the kinds that speak to users.

    Examples
    --------
    >>> reason(ValueError("Lt is 0")), reason(KeyError("Lt"))
    ('Lt is 0', "KeyError: 'Lt'")
    """
    speaks = isinstance(error, ValueError | LookupError | OSError)
    bare = isinstance(error, KeyError | IndexError) or not str(error)
    return str(error) if speaks and not bare else f"{type(error).__name__}: {error}"


def _follow(messages: Iterable[str], progress: Progress) -> dict[str, Any]:
    """Pass the progress on; give the last message, which is the result."""
    last: dict[str, Any] = {}
    for line in messages:
        last = json.loads(line)
        if "stage" in last:
            progress(last["stage"], last["done"])
    return last


def _last_words(code: int, said: IO[str]) -> str:
    """Say how a process ended that could not say so itself."""
    said.seek(0)
    lines = [line.strip() for line in said if line.strip()]
    told = f"; its last words: {lines[-1]}" if lines else ""
    if code < 0:
        memory = ", as it does when memory runs out" if code == -signal.SIGKILL else ""
        return f"its process was ended by {signal.Signals(-code).name}{memory}{told}"
    return f"its process ended with exit code {code} and left no map{told}"
