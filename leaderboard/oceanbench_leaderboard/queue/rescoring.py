"""New runs for old submissions: when a challenge has a new version, or an original was deleted.

The runs of the old version, and their results, stay. Two sweeps at once make each run once: whoever comes
second finds, with the submission locked, that it is no longer wanted.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from oceanbench.catalog import load_challenge
from oceanbench_leaderboard.queue.versions import knows_the_newest
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Event, Run, Submission

__all__ = ["queue_orphaned_duplicates", "queue_rescoring"]

_log = structlog.get_logger(__name__)
_PAUSES = timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1)
_AT_ONCE = 50  # more wait in the table of submissions, not in the queue


def _versions_in_use(service: Service) -> dict[str, str]:
    """Give the present version of each challenge that has submissions; those not known here are left out."""
    with service.database.transaction(read_only=True) as session:
        names = session.scalars(select(Submission.challenge).distinct()).all()
    versions = {}
    for name in names:
        try:
            versions[name] = load_challenge(name).version
        except (LookupError, ValueError) as error:
            _log.warning("challenge not usable", challenge=name, error=str(error))
    return versions


def queue_rescoring(service: Service) -> int:
    """Queue a run by the present version for every scored submission that has none; gives how many.

    Duplicates are left out, since their numbers are those of another, and what is hidden or deleted. Where
    the service failed at such a run, another is made: a few times, after longer and longer pauses. What this
    process knows only an older version of is left to those that know the present one.
    """
    made = 0
    for challenge, version in _versions_in_use(service).items():
        wanted = _superseded(challenge, version, service.now())
        with service.database.transaction(read_only=True) as session:
            if not knows_the_newest(session, challenge, version):
                continue
            room = _AT_ONCE - _waiting(session, challenge, version)
            found = session.scalars(wanted.limit(max(room, 0))).all()
        words = f"the challenge has a new version, {version}"
        made += sum(_queue(service, key, version, words, wanted) for key in found)
    return made


def queue_orphaned_duplicates(service: Service) -> int:
    """Let copies stand for themselves once what they are a copy of was deleted; gives how many."""
    with service.database.transaction(read_only=True) as session:
        found = session.execute(_orphaned().limit(_AT_ONCE)).all()
    versions = _versions_in_use(service) if found else {}
    words = "the submission that it was a copy of was deleted"
    return sum(
        _queue(service, key, versions[name], words, _orphaned()) for key, name in found if name in versions
    )


def _queue(service: Service, key: str, version: str, words: str, wanted: Select[*tuple[Any, ...]]) -> bool:
    """Queue a run of a submission, if it is still among those wanted once no other sweep can be at it."""
    now = service.now()
    with service.database.transaction() as session:
        submission = session.get_one(Submission, key, with_for_update=True)
        if session.scalars(wanted.where(Submission.id == key)).first() is None:
            return False
        submission.duplicate_of = None
        rounds = select(func.max(Run.round)).where(Run.submission_id == key, Run.challenge_version == version)
        run = Run(
            submission_id=key,
            challenge_version=version,
            round=(session.scalar(rounds) or 0) + 1,
            created=now,
        )
        session.add(run)
        session.flush()
        session.add(Event(submission_id=key, run_id=run.id, at=now, what="queued", note=words))
        return True


def _orphaned() -> Select[Any, Any]:
    first = aliased(Submission)
    return (
        select(Submission.id, Submission.challenge)
        .join(first, Submission.duplicate_of == first.id)
        .where(first.deleted.is_not(None), Submission.deleted.is_(None))
    )


def _superseded(challenge: str, version: str, now: datetime) -> Select[Any]:
    scored, present = aliased(Run), aliased(Run)
    done = exists().where(
        present.submission_id == Submission.id,
        present.challenge_version == version,
        present.state != "failed",
    )
    return (
        select(Submission.id)
        .where(Submission.challenge == challenge, Submission.duplicate_of.is_(None))
        .where(Submission.deleted.is_(None), Submission.hidden.is_(False))
        .where(exists().where(scored.submission_id == Submission.id, scored.state == "scored"))
        .where(~done, _may_be_tried(version, now))
        .order_by(Submission.created)
    )


def _may_be_tried(version: str, now: datetime) -> ColumnElement[bool]:
    """Tell whether the service failed not too often at a version, and long enough ago."""
    failed = aliased(Run)
    mine = failed.submission_id == Submission.id, failed.challenge_version == version
    often = select(func.count()).where(*mine).correlate(Submission).scalar_subquery()
    last = select(func.max(failed.finished)).where(*mine).correlate(Submission).scalar_subquery()
    rested = [(often == i, last <= now - pause) for i, pause in enumerate(_PAUSES, start=1)]
    return case((often == 0, True), *rested, else_=False)


def _waiting(session: Session, challenge: str, version: str) -> int:
    """Count the runs of this version that wait although their submission was scored before."""
    before = aliased(Run)
    waiting = (
        select(func.count())
        .select_from(Run)
        .join(Submission, Run.submission_id == Submission.id)
        .where(Submission.challenge == challenge, Run.challenge_version == version)
        .where(Run.state == "queued")
        .where(exists().where(before.submission_id == Run.submission_id, before.state == "scored"))
    )
    return session.scalar(waiting) or 0
