"""Who works on which run: claimed by a lease, renewed by a heartbeat, given back, or taken from the dead.

The database is the truth. Whoever holds the lease of a run may write about it, in one transaction that
first asks for that lease; a worker that was given up for dead, and wakes up again, can write nothing.

A queued run whose ``lease_until`` lies ahead is not taken up before that: so a run waits after a failure.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.orm import Session

from oceanbench_leaderboard.queue.turns import in_turn
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Event, Run, Submission, Upload

__all__ = [
    "GIVEN_UP",
    "Job",
    "LeaseLost",
    "claim",
    "claim_next",
    "count_ready",
    "end",
    "finished",
    "give_back",
    "guard",
    "note",
    "renew",
    "resume",
    "set_state",
    "take_from_the_dead",
]

GIVEN_UP = (
    "the service failed {attempts} times; it does not count against your quota; "
    "an administrator finds the cause in the log"
)
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 300.0
_OUTAGES_ENDURED = 300  # a day of the longest pauses


class LeaseLost(Exception):
    """The run is no longer this worker's: another took it, or it was given back."""


@dataclass(frozen=True)
class Job:
    """A claimed run, and what a worker needs to know of it.

    Attributes
    ----------
    run_id : int
    lease : str
        What every write about the run must show.
    attempt : int
        How many workers have taken it up, this one included.
    submission_id, challenge, version, track, method : str
    team_id : int
    sha256, size
        Of the uploaded bytes.
    card : dict
        What the team says of its method.
    parts : tuple of str
        Keys of the pieces of the file in the store, in order.
    """

    run_id: int
    lease: str
    attempt: int
    submission_id: str
    team_id: int
    challenge: str
    version: str
    track: str
    method: str
    sha256: str
    size: int
    card: dict[str, Any]
    parts: tuple[str, ...]

    @property
    def folder_name(self) -> str:
        """Name of the folder of scratch space that is this worker's alone."""
        return f"{self.run_id}-{self.lease}"

    @property
    def store_folder(self) -> str:
        """Place in the store for what this attempt makes, which is that of the run once it is scored."""
        return Run(id=self.run_id, scored_under=self.lease).folder


def claim(service: Service, worker: str, run_id: int) -> Job | None:
    """Take up one run, if it waits, or its worker fell silent.

    Parameters
    ----------
    service : Service
    worker : str
        Name of the worker, for people.
    run_id : int

    Returns
    -------
    Job or None
        None where there is nothing to do: finished, held by another, or to wait.
    """
    with service.database.transaction() as session:
        wanted = select(Run).where(_is_takeable(service.lease_time(session)), Run.id == run_id)
        run = session.scalars(_held_for_us(wanted)).first()
        return _take(service, session, run, worker) if run else None


def claim_next(service: Service, worker: str) -> Job | None:
    """Take up the run whose turn it is: see :mod:`~oceanbench_leaderboard.queue.turns`.

    Returns
    -------
    Job or None
        None where no run waits.
    """
    while True:
        with service.database.transaction() as session:
            wanted = in_turn(_is_takeable(service.lease_time(session)), service.now())
            run = session.scalars(_held_for_us(wanted.limit(1))).first()
            if run is None:
                return None
            job = _take(service, session, run, worker)
        if job is not None:
            return job


def count_ready(service: Service, session: Session) -> int:
    """Count the runs that a worker could take up now."""
    ready = select(func.count()).select_from(Run).where(_is_takeable(service.lease_time(session)))
    return session.scalar(ready) or 0


def renew(service: Service, job: Job) -> bool:
    """Hold the run for another while; tells whether it is still ours."""
    held = timedelta(seconds=service.settings.limits.lease_seconds)
    with service.database.transaction() as session:
        until = service.lease_time(session) + held
        changed = session.execute(_mine(job).values(lease_until=until))
        return bool(changed.rowcount)  # type: ignore[attr-defined]


def guard(session: Session, job: Job, **values: Any) -> None:
    """Write into the run of a job, in the caller's transaction, if the lease is still ours.

    Raises
    ------
    LeaseLost
        If it is not; nothing of the transaction is kept then.
    """
    changed = session.execute(_mine(job).values(**values))
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise LeaseLost(f"run {job.run_id} is no longer held by this worker")


def note(session: Session, job: Job, at: datetime, what: str, words: str = "") -> None:
    """Write down what happened to the submission of a job."""
    session.add(Event(submission_id=job.submission_id, run_id=job.run_id, at=at, what=what, note=words))


def set_state(service: Service, job: Job, state: str) -> None:
    """Tell how far a job is.

    Raises
    ------
    LeaseLost
        If the run is another's by now.
    """
    with service.database.transaction() as session:
        guard(session, job, state=state)
        note(session, job, service.now(), state)


def end(
    service: Service, job: Job, state: str, reason: str, problems: list[dict[str, str]] | None = None
) -> None:
    """Finish a run without a score.

    Parameters
    ----------
    service : Service
    job : Job
    state : str
        ``refused``: the submission cannot be scored as it is; ``failed``: the service could not.
    reason : str
        In one sentence.
    problems : list of dict, optional
        ``what_given``, ``expected``, ``fix``.

    Raises
    ------
    LeaseLost
        If the run is another's by now.
    """
    now = service.now()
    with service.database.transaction() as session:
        guard(session, job, **finished(state, now), reason=reason, problems=problems or [])
        note(session, job, now, state, reason)


def give_back(service: Service, job: Job, words: str, *, counts: bool) -> None:
    """Let a run wait again after the service failed; too many failures end it.

    Parameters
    ----------
    service : Service
    job : Job
    words : str
        What happened, fit for the team's eyes.
    counts : bool
        Whether it counts as an attempt; that the database, the store or the disk was away does not, but a
        day of that ends the run too.

    Raises
    ------
    LeaseLost
        If the run is another's by now.
    """
    with service.database.transaction() as session:
        outages = _outages(session, job)
        tries = job.attempt if counts else outages + 1
        most = service.settings.limits.attempts if counts else _OUTAGES_ENDURED
        if tries >= most:
            _give_up(service, session, job, tries)
            return
        now = service.now()
        pause = timedelta(seconds=min(_FIRST_PAUSE * 2 ** (tries - 1), _LONGEST_PAUSE))
        until = service.lease_time(session) + pause
        attempts = job.attempt if counts else job.attempt - 1
        guard(session, job, state="queued", lease=None, lease_until=until, attempts=attempts, worker="")
        note(session, job, now, "failure" if counts else "outage", words)


def resume(service: Service, job: Job) -> None:
    """Give back a run because the worker is to stop: nothing counts, and the next worker may begin at once.

    Raises
    ------
    LeaseLost
        If the run is another's by now.
    """
    with service.database.transaction() as session:
        guard(session, job, state="queued", lease=None, lease_until=None, attempts=job.attempt - 1, worker="")
        note(session, job, service.now(), "queued", "its worker was stopped")


def take_from_the_dead(service: Service) -> int:
    """Let the runs wait again whose worker fell silent; gives how many there were."""
    with service.database.transaction(read_only=True) as session:
        lost = session.scalars(select(Run.id).where(_is_silent(service.lease_time(session)))).all()
    return sum(_take_from_the_dead(service, run_id) for run_id in lost)


def _take_from_the_dead(service: Service, run_id: int) -> bool:
    now = service.now()
    with service.database.transaction() as session:
        wanted = select(Run).where(Run.id == run_id, _is_silent(service.lease_time(session)))
        run = session.scalars(_held_for_us(wanted)).first()
        if run is None:
            return False
        if run.attempts >= service.settings.limits.attempts:
            _fail(session, run, now, GIVEN_UP.format(attempts=run.attempts))
            return True
        run.state, run.lease, run.lease_until, run.worker = "queued", None, None, ""
        session.add(_event(run, now, "queued", "its worker fell silent"))
        return True


def _take(service: Service, session: Session, run: Run, worker: str) -> Job | None:
    now, limits = service.now(), service.settings.limits
    submission = session.get_one(Submission, run.submission_id)
    upload = session.get(Upload, submission.upload_id) if submission.upload_id else None
    if submission.deleted is not None:
        _fail(session, run, now, "the submission was deleted")
        return None
    if upload is None or upload.completed is None:
        _fail(session, run, now, "its file is no longer kept; submit it again")
        return None
    if run.state != "queued" and run.attempts >= limits.attempts:
        _fail(session, run, now, GIVEN_UP.format(attempts=run.attempts))
        return None
    run.state, run.lease, run.worker = "checking", uuid.uuid4().hex, worker
    run.lease_until = service.lease_time(session) + timedelta(seconds=limits.lease_seconds)
    run.attempts, run.started = run.attempts + 1, run.started or now
    session.add(_event(run, now, "checking"))
    return _job(run, submission, upload)


def _job(run: Run, submission: Submission, upload: Upload) -> Job:
    assert run.lease is not None
    return Job(
        run_id=run.id,
        lease=run.lease,
        attempt=run.attempts,
        submission_id=submission.id,
        team_id=submission.team_id,
        challenge=submission.challenge,
        version=run.challenge_version,
        track=submission.track,
        method=submission.method,
        sha256=submission.sha256,
        size=submission.size,
        card=dict(submission.card),
        parts=tuple(part.key for part in upload.parts),
    )


def _fail(session: Session, run: Run, now: datetime, reason: str) -> None:
    for name, value in finished("failed", now).items():
        setattr(run, name, value)
    run.reason = reason
    session.add(_event(run, now, "failed", reason))


def _give_up(service: Service, session: Session, job: Job, tries: int) -> None:
    now, reason = service.now(), GIVEN_UP.format(attempts=tries)
    guard(session, job, **finished("failed", now), reason=reason)
    note(session, job, now, "failed", reason)


def finished(state: str, now: datetime) -> dict[str, Any]:
    """Give what changes in a run that comes to its end."""
    return {"state": state, "lease": None, "lease_until": None, "finished": now}


def _outages(session: Session, job: Job) -> int:
    told = select(func.count()).select_from(Event).where(Event.run_id == job.run_id, Event.what == "outage")
    return session.scalar(told) or 0


def _event(run: Run, at: datetime, what: str, words: str = "") -> Event:
    return Event(submission_id=run.submission_id, run_id=run.id, at=at, what=what, note=words)


def _mine(job: Job) -> Any:
    return update(Run).where(Run.id == job.run_id, Run.lease == job.lease)


def _held_for_us(wanted: Select[Run]) -> Select[Run]:
    """Lock the rows, and pass over those that another worker is just at."""
    return wanted.with_for_update(of=Run, skip_locked=True)


def _is_takeable(now: datetime) -> ColumnElement[bool]:
    waits = and_(Run.state == "queued", or_(Run.lease_until.is_(None), Run.lease_until <= now))
    return or_(waits, _is_silent(now))


def _is_silent(now: datetime) -> ColumnElement[bool]:
    return and_(Run.state.in_(("checking", "scoring")), Run.lease_until < now)
