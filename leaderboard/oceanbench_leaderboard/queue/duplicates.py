"""The same values twice: the same record for one team, a flag where another team was first.

A file written anew has other bytes and the same values. What a team sends in a second time points at the
first by ``duplicate_of`` and takes over its numbers; it never makes a second row.
"""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from oceanbench_leaderboard.queue.leases import Job
from oceanbench_leaderboard.store import Result, Run, Submission, Team

__all__ = ["SAME_AS_ANOTHER", "another_team_was_first", "copy_results", "lock_team", "original_run"]

SAME_AS_ANOTHER = "same values as an earlier submission of another team"


def lock_team(session: Session, job: Job) -> None:
    """Let only one run of a team be finished at a time, so that the second sees the first."""
    session.execute(select(Team.id).where(Team.id == job.team_id).with_for_update())


def original_run(session: Session, job: Job, digest: str) -> Run | None:
    """Find the run that scored the same values of the same team by the same version, if there is one."""
    wanted = (
        _same_values(job, digest)
        .where(Submission.team_id == job.team_id, Submission.duplicate_of.is_(None))
        .where(Submission.deleted.is_(None), Run.challenge_version == job.version)
        .order_by(Submission.created, Run.id.desc())
    )
    return session.scalars(wanted.limit(1)).first()


def another_team_was_first(session: Session, job: Job, digest: str) -> bool:
    """Tell whether another team submitted the same values earlier, and they still count.

    Nothing is told of what was hidden or deleted, or of a team that takes no part any more.
    """
    own = session.get_one(Submission, job.submission_id)
    wanted = (
        _same_values(job, digest)
        .join(Submission.team)
        .where(Submission.team_id != job.team_id, Submission.created < own.created)
        .where(~Submission.hidden, Submission.deleted.is_(None), Team.active)
    )
    return session.scalars(wanted.limit(1)).first() is not None


def copy_results(session: Session, source: Run, run_id: int, created: datetime) -> None:
    """Give a run the numbers of another."""
    for result in source.results:
        session.add(
            Result(
                run_id=run_id,
                part=result.part,
                evaluation=result.evaluation,
                comparison=result.comparison,
                created=created,
            )
        )


def _same_values(job: Job, digest: str) -> Select[Run]:
    return (
        select(Run)
        .join(Submission, Run.submission_id == Submission.id)
        .where(Submission.challenge == job.challenge, Submission.track == job.track)
        .where(Submission.canonical_sha256 == digest, Submission.id != job.submission_id)
        .where(Run.state == "scored")
    )
