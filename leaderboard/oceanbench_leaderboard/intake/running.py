"""Starting the process that reads an uploaded file, waiting no longer than allowed, judging its answer."""

import json
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.intake._findings import MOST_PROBLEMS, clean_text
from oceanbench_leaderboard.intake._given import GivenPasses, given_passes
from oceanbench_leaderboard.intake._job import HEADER, INSIDE, TIMES, UPLOAD, VALUES, Bounds, Job
from oceanbench_leaderboard.intake._memory import memory_for
from oceanbench_leaderboard.intake._needs import most_values
from oceanbench_leaderboard.intake.header import header_of, read_header
from oceanbench_leaderboard.intake.reader import Ended, Reader
from oceanbench_leaderboard.intake.verdict import Verdict
from oceanbench_leaderboard.settings import Limits

__all__ = ["isolation_here", "run_intake"]

_READING = "reading"
_PROBE_SECONDS = 60.0
_FOLDERS = re.compile(r"(?<![\w.])/(?:[^/\s'\":][^/'\":]*/)+")  # of a path that begins at the root
_CANONICAL_OVER_UPLOAD = 4  # float64 over float32 that packs by two


def run_intake(
    upload: Path,
    folder: Path,
    challenge: Challenge,
    track: str,
    limits: Limits,
    *,
    reader: Reader | None = None,
) -> Verdict:
    """Read an uploaded file in a process of its own, and keep its canonical form.

    Parameters
    ----------
    upload : pathlib.Path
        The file, whole; nothing is believed of it.
    folder : pathlib.Path
        Takes the canonical form; what an earlier attempt left in it is removed.
    challenge : Challenge
    track : str
    limits : Limits
    reader : Reader, optional
        One that waits with all libraries loaded; one is started for this file alone if not given.

    Returns
    -------
    Verdict
        Whatever the file does to the process that reads it.
    """
    try:
        given = given_passes(challenge, track) if challenge.filters else None
    except LookupError as error:
        return _failed(f"the passes that were given to filter are not on this machine: {error}", {})
    try:
        with _workplace(folder) as place, nullcontext(reader) if reader else Reader(warm=False) as reading:
            _give(upload, place)
            _job(challenge, track, limits, given).write(place)
            if given is not None:
                (place / TIMES).write_bytes(given.times)
            ended = reading.read(place, limits.intake_seconds)
        verdict = _judge(ended, folder, limits)
    except OSError as error:
        verdict = _failed(f"the file could not be given to the process that reads it: {error}", {})
    if not verdict.accepted:
        with suppress(OSError):
            (folder / VALUES).unlink(missing_ok=True)
    return verdict


def isolation_here(limits: Limits | None = None) -> dict[str, str]:
    """Tell by what each thing is kept from a process that reads an uploaded file on this machine.

    Returns
    -------
    dict of str to str
        ``network`` (``namespace``, ``seccomp``, or both), ``files`` (``landlock``), ``memory``,
        ``privileges``, ``system calls``; ``none: …`` with the cause where the kernel has no way.

    Raises
    ------
    Unavailable
        If such a process cannot be started.
    """
    bounds = limits or Limits()
    job = Job(Bounds(bounds.intake_seconds, memory_for(bounds), 1 << 20))
    try:
        with (
            tempfile.TemporaryDirectory(prefix="intake-") as folder,
            _workplace(Path(folder)) as place,
            Reader(warm=False) as reader,
        ):
            job.write(place)
            ended = reader.read(place, _PROBE_SECONDS)
    except OSError as error:
        raise Unavailable(f"the process that reads uploaded files cannot start: {error}") from error
    isolation, _ = _lines(ended.answer)
    if isolation is None:
        raise Unavailable(f"the process that reads uploaded files cannot start: {_last_line(ended.trace)}")
    return isolation


# --- the process


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """Make a folder for the job with an empty one inside, and remove both at the end."""
    place = folder / _READING
    shutil.rmtree(place, ignore_errors=True)
    (place / INSIDE).mkdir(parents=True)
    for left in (HEADER, VALUES):
        (folder / left).unlink(missing_ok=True)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _give(upload: Path, place: Path) -> None:
    try:
        os.link(upload, place / INSIDE / UPLOAD)
    except OSError:  # another file system, or a file of another user
        shutil.copyfile(upload, place / INSIDE / UPLOAD)


def _job(challenge: Challenge, track: str, limits: Limits, given: GivenPasses | None) -> Job:
    most = given.most_values if given else most_values(challenge, track)
    file_bytes = min(32 * most, _CANONICAL_OVER_UPLOAD * limits.upload_bytes)
    bounds = Bounds(limits.intake_seconds, memory_for(limits), file_bytes)
    return Job(bounds, most, track, challenge.model_dump(mode="json"), given.passes if given else ())


# --- its answer


def _judge(ended: Ended, folder: Path, limits: Limits) -> Verdict:
    isolation, answer = _lines(ended.answer)
    if isolation is None:
        return _failed(f"the process that reads files did not start: {_last_line(ended.trace)}", {})
    if ended.status != 0:
        return _ended_badly(ended, isolation, limits)
    if answer is None:
        return _refused("the process that read it gave no answer that can be understood", isolation)
    if "no_room" in answer:
        return _failed(f"its values could not be kept: {clean_text(answer['no_room'])}", isolation)
    if "header" in answer:
        return _accepted(answer["header"], folder, isolation)
    return _with_problems(answer.get("problems"), isolation)


def _lines(answer: bytes) -> tuple[dict[str, str] | None, dict[str, Any] | None]:
    """Give what the process said of its confinement, and what of the file; None for what it did not say."""
    first, _, rest = answer.partition(b"\n")
    isolation, found = _object(first), _object(rest)
    if isolation is None:
        return None, None
    return {clean_text(name, 40): clean_text(way, 200) for name, way in isolation.items()}, found


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _ended_badly(ended: Ended, isolation: dict[str, str], limits: Limits) -> Verdict:
    """Word the end of a process that did not end by itself."""
    status, last = ended.status, _last_line(ended.trace)
    if status is None or status == -signal.SIGXCPU:
        return _refused(f"reading it took more than {limits.intake_seconds} s", isolation)
    if "MemoryError" in last or "bad_alloc" in last:
        return _refused(f"reading it needed more memory than {memory_for(limits)} bytes", isolation)
    if status == -signal.SIGKILL:
        return _failed("the process that read it was ended from outside", isolation)
    if status < 0:
        name = signal.Signals(-status).name if -status in list(signal.Signals) else str(-status)
        return _refused(f"reading it crashed the reader ({name}); write the file again", isolation)
    return _refused(f"reading it failed: {_placeless(last) or f'exit status {status}'}", isolation)


def _placeless(words: str) -> str:
    """Give words without the folders of this machine that they name."""
    return _FOLDERS.sub("", words)


def _last_line(trace: str) -> str:
    lines = [line for line in trace.splitlines() if line.strip()]
    return clean_text(lines[-1], 300) if lines else ""


def _accepted(told: object, folder: Path, isolation: dict[str, str]) -> Verdict:
    """Write the header, which makes the canonical form whole, if it fits the values."""
    try:
        header = header_of(told)
        part = folder / f".{HEADER}.part"
        part.write_text(header.model_dump_json(), encoding="utf-8")
        part.replace(folder / HEADER)
        read_header(folder)
    except ValidationError as error:
        return _refused(f"it was read, but makes no map: {clean_text(error.errors()[0]['msg'])}", isolation)
    except ValueError:  # whose words name a place on this machine
        (folder / HEADER).unlink(missing_ok=True)
        return _refused("it was read, but its header and its values do not fit each other", isolation)
    return Verdict(True, header=header.model_dump(mode="json"), isolation=isolation)


def _with_problems(told: object, isolation: dict[str, str]) -> Verdict:
    listed = [one for one in told[:MOST_PROBLEMS] if isinstance(one, dict)] if isinstance(told, list) else []
    problems = [
        {name: clean_text(one.get(name, "")) for name in ("what_given", "expected", "fix")} for one in listed
    ]
    if not problems:
        return _refused("the process that read it gave no answer that can be understood", isolation)
    more = len(problems) - 1
    reason = problems[0]["what_given"] + (f"; and {more} more" if more else "")
    return Verdict(False, problems, reason, isolation=isolation)


def _refused(reason: str, isolation: dict[str, str]) -> Verdict:
    problem = {"what_given": reason, "expected": "a NetCDF file of a map", "fix": "write it again"}
    return Verdict(False, [problem], reason, isolation=isolation)


def _failed(reason: str, isolation: dict[str, str]) -> Verdict:
    return Verdict(False, [], reason, isolation=isolation, fault="service")
