"""What waits and what is worked on, and scoring a whole challenge anew."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from oceanbench.catalog import load_challenge
from oceanbench_leaderboard.accounts import Principal
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import FINISHED, Run, Submission
from oceanbench_leaderboard.submissions import rescore

__all__ = ["RunView", "refresh_boards_of", "rescore_challenge", "running"]


class RunView(BaseModel):
    """A run that is not finished.

    Attributes
    ----------
    run : int
    submission, challenge, version, track, team, state : str
    attempts : int
        How often it was begun.
    worker : str
        Who has it; empty while it waits.
    lease_until : datetime.datetime or None
        Until when the worker may be silent, or the run rests after a failure.
    created : datetime.datetime
    """

    model_config = ConfigDict(frozen=True)

    run: int
    submission: str
    challenge: str
    version: str
    track: str
    team: str
    state: str
    attempts: int
    worker: str
    lease_until: datetime | None
    created: datetime


def running(service: Service) -> list[RunView]:
    """Give the runs that are not finished: those that are worked on, then those that wait, by age."""
    whose = joinedload(Run.submission).joinedload(Submission.team)
    statement = select(Run).where(Run.state.not_in(FINISHED)).options(whose).order_by(Run.id)
    with service.database.transaction(read_only=True) as session:
        found = [_view(run) for run in session.scalars(statement)]
    return sorted(found, key=lambda one: one.state == "queued")


def _view(run: Run) -> RunView:
    submission = run.submission
    return RunView(
        run=run.id,
        submission=submission.id,
        challenge=submission.challenge,
        version=run.challenge_version,
        track=submission.track,
        team=submission.team.name,
        state=run.state,
        attempts=run.attempts,
        worker=run.worker,
        lease_until=run.lease_until,
        created=run.created,
    )


def rescore_challenge(service: Service, principal: Principal, challenge: str) -> list[str]:
    """Score anew all finished submissions to a challenge whose bytes are here; gives their ids.

    Duplicates are left out: they follow the submission that they repeat.

    Raises
    ------
    LookupError
        If no challenge has that name, nor a submission to it; the message gives the near matches.
    """
    busy = select(Run.id).where(Run.submission_id == Submission.id, Run.state.not_in(FINISHED))
    wanted = (
        select(Submission.id)
        .where(Submission.challenge == challenge, Submission.upload_id.is_not(None))
        .where(Submission.deleted.is_(None), Submission.duplicate_of.is_(None), ~busy.exists())
        .order_by(Submission.created, Submission.id)
    )
    with service.database.transaction(read_only=True) as session:
        ids = list(session.scalars(wanted))
    if not ids:
        load_challenge(challenge)  # a name that is none is refused, and not told that there is nothing to do
    return [rescore(service, principal, one).id for one in ids]


def refresh_boards_of(service: Service, team_id: int) -> None:
    """Make the boards anew on which a team has rows."""
    from oceanbench_leaderboard.ranking import refresh

    with service.database.transaction(read_only=True) as session:
        wanted = select(Submission.challenge).where(Submission.team_id == team_id).distinct()
        challenges = list(session.scalars(wanted))
    for challenge in challenges:
        refresh(service, challenge)
