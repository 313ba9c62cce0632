"""The way of one run: its file joined and checked, read by the intake, scored, written down, ranked.

Files come before rows: whatever the database points at is in the store already. The results and the word
``scored`` are one transaction that the lease guards, so a run is scored once, or not at all.
"""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge
from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.queue.duplicates import (
    SAME_AS_ANOTHER,
    another_team_was_first,
    copy_results,
    lock_team,
    original_run,
)
from oceanbench_leaderboard.queue.leases import Job, finished, guard, note, set_state
from oceanbench_leaderboard.queue.pulse import Pulse
from oceanbench_leaderboard.queue.steps import Failure, Hopeless, NotHere, Refusal, Scores, Steps
from oceanbench_leaderboard.queue.versions import is_newer
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Result, Run, Submission

__all__ = ["score_job"]

_log = structlog.get_logger(__name__)
_PIECE = 1 << 20


def score_job(service: Service, job: Job, steps: Steps, pulse: Pulse) -> None:
    """Take a claimed run to its end.

    Raises
    ------
    Refusal
        If the submission cannot be scored as it is.
    Failure
        If the service failed, and another attempt may do.
    Hopeless
        If no attempt would do.
    NotHere
        If the run is of a version of its challenge that this worker does not know yet.
    LeaseLost
        If the run was given to another worker meanwhile.
    Unavailable, OSError
        If the database, the store or the disk is away.
    """
    challenge = _challenge(service, job)
    job = _under_present_version(service, job, challenge)
    with _scratch(service, job) as folder:
        digest = _take_in(service, job, challenge, folder, steps)
        pulse.check()
        if not _finish_as_duplicate(service, job, digest):
            set_state(service, job, "scoring")
            scores = steps.scorer(folder / "canonical", folder / "out", job, service.settings.limits)
            pulse.check()
            _keep(service, job, digest, scores)
    _refresh(service, job, steps)


def _challenge(service: Service, job: Job) -> Challenge:
    try:
        return load_challenge(job.challenge)
    except (LookupError, ValueError) as error:
        _log.error("challenge not usable", run=job.run_id, challenge=job.challenge, error=str(error))
        raise Failure(f"the challenge {job.challenge} cannot be used by the service now") from error


def _under_present_version(service: Service, job: Job, challenge: Challenge) -> Job:
    """Move a run that waited while its challenge changed to the version that holds now."""
    if challenge.version == job.version:
        return job
    if is_newer(job.version, challenge.version):
        raise NotHere(
            f"this worker knows version {challenge.version} of {job.challenge}, and not {job.version} yet"
        )
    words = f"version {challenge.version} of {job.challenge} replaced version {job.version} while it waited"
    with service.database.transaction() as session:
        wanted = select(Run).where(
            Run.submission_id == job.submission_id, Run.challenge_version == challenge.version
        )
        others = session.scalars(wanted).all()
        if any(other.state != "failed" for other in others):
            raise Hopeless(f"{words}; it has a run of its own by that version")
        last = max((other.round for other in others), default=0)
        guard(session, job, challenge_version=challenge.version, round=last + 1)
        note(session, job, service.now(), "checking", words)
    return replace(job, version=challenge.version)


@contextmanager
def _scratch(service: Service, job: Job) -> Iterator[Path]:
    folder = service.settings.scratch / job.folder_name
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _take_in(service: Service, job: Job, challenge: Challenge, folder: Path, steps: Steps) -> str:
    """Join and check the file, let the intake read it, and give the digest of its values."""
    upload = _join(service, job, folder / "upload")
    canonical = folder / "canonical"
    canonical.mkdir()
    answer = steps.intake(upload, canonical, challenge, job.track, service.settings.limits)
    upload.unlink()
    if answer.accepted and answer.header is not None:
        return str(answer.header["canonical_sha256"])
    if answer.fault == "submission":
        raise Refusal(answer.reason, answer.problems)
    _log.error("intake failed", run=job.run_id, reason=answer.reason)
    raise Failure("the process that reads the file could not work")


def _join(service: Service, job: Job, path: Path) -> Path:
    try:
        service.files.join(job.parts, path)
    except FileNotFoundError as error:
        raise _damaged(job, str(error)) from error
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if (size := path.stat().st_size) != job.size or digest != job.sha256:
        raise _damaged(job, f"{size} bytes of sha256 {digest}, not {job.size} of {job.sha256}")
    return path


def _damaged(job: Job, what: str) -> Failure:
    _log.error("stored file damaged", run=job.run_id, submission=job.submission_id, found=what)
    return Failure("the file that the service kept is not the one that was sent")


def _finish_as_duplicate(service: Service, job: Job, digest: str) -> bool:
    """End the run with the numbers of the same values, if the team has them scored already."""
    with service.database.transaction() as session:
        source = original_run(session, job, digest)
        if source is None:
            return False
        submission = _write_scored(service, session, job, digest, list(source.flags))
        submission.duplicate_of = source.submission_id
        copy_results(session, source, job.run_id, service.now())
        note(session, job, service.now(), "duplicate", f"has the same values as {source.submission_id}")
    return True


def _keep(service: Service, job: Job, digest: str, scores: Scores) -> None:
    """Store the report where no other attempt stores one, then write that the run is scored."""
    stored = False
    try:
        _store_report(service, job, scores)
        stored = True
        _finish(service, job, digest, scores)
    except Exception as error:
        # of a database that went away in the middle nobody knows whether it has the score
        if not (stored and isinstance(error, Unavailable)):
            _forget_reports(service, job, own=True)
        raise
    _forget_reports(service, job, own=False)


def _forget_reports(service: Service, job: Job, *, own: bool) -> None:
    """Delete what this attempt stored, or what all others at the same run did."""
    mine = f"{job.store_folder}/"
    try:
        for key in service.files.keys(job.store_folder if own else f"runs/{job.run_id}"):
            if key.startswith(mine) is own:
                service.files.delete(key)
    except Unavailable as error:
        _log.warning("report of an attempt not deleted", run=job.run_id, why=str(error))


def _store_report(service: Service, job: Job, scores: Scores) -> None:
    for name, path in scores.report.items():
        with service.files.writing(f"{job.store_folder}/report/{name}") as sink, path.open("rb") as stream:
            shutil.copyfileobj(stream, cast(Any, sink), _PIECE)


def _finish(service: Service, job: Job, digest: str, scores: Scores) -> None:
    """Write the results and the word ``scored`` in one transaction."""
    with service.database.transaction() as session:
        lock_team(session, job)
        flags = list(scores.flags)
        if another_team_was_first(session, job, digest):
            flags.append(SAME_AS_ANOTHER)
        # another run of the team may have come to its end since this one looked
        source = original_run(session, job, digest)
        submission = _write_scored(service, session, job, digest, flags)
        submission.duplicate_of = source.submission_id if source else None
        now = service.now()
        for part, found in scores.results.items():
            session.add(Result(run_id=job.run_id, part=part, created=now, **found))


def _write_scored(service: Service, session: Session, job: Job, digest: str, flags: list[str]) -> Submission:
    now = service.now()
    scored = finished("scored", now) | {"scored_under": job.lease}
    guard(session, job, **scored, reason="", problems=[], flags=flags)
    submission = session.get_one(Submission, job.submission_id, with_for_update=True)
    if submission.deleted is not None:
        raise Hopeless("the submission was deleted while it was scored")
    submission.canonical_sha256 = digest
    note(session, job, now, "scored")
    return submission


def _refresh(service: Service, job: Job, steps: Steps) -> None:
    """Make the boards anew; if that fails, the sweep does it again."""
    try:
        steps.refresh(service, job.challenge)
    except Exception:
        _log.exception("board not made anew", challenge=job.challenge)
