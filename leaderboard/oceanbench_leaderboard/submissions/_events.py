"""What happened to a submission, and when: a line for each step."""

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from oceanbench_leaderboard.accounts import Principal, require
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Action, Event, Submission
from oceanbench_leaderboard.submissions._views import find

__all__ = ["EventView", "history", "note_action", "note_event"]


class EventView(BaseModel):
    """One thing that happened to a submission."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    what: str
    note: str


def note_event(
    session: Session,
    submission: Submission | str,
    what: str,
    note: str = "",
    *,
    at: datetime | None = None,
    run_id: int | None = None,
) -> None:
    """Write down what happened to a submission, in the caller's transaction.

    Parameters
    ----------
    submission : Submission or str
        It, or its id.
    what : str
        One word, at most 32 characters: ``entered``, ``checking``, ``scored``, ``hidden``, …
    note : str
        More, for the team and the administrators.
    at : datetime.datetime, optional
        When, by the clock of the service; now if not given.
    run_id : int, optional
        The run that it is about.
    """
    key = submission if isinstance(submission, str) else submission.id
    when = datetime.now(UTC) if at is None else at
    session.add(Event(submission_id=key, run_id=run_id, at=when, what=what, note=note))


def note_action(session: Session, principal: Principal, what: str, at: datetime) -> None:
    """Write down what an administrator did, in the caller's transaction."""
    session.add(Action(at=at, who=principal.name, what=what))


def history(service: Service, principal: Principal | None, submission_id: str) -> list[EventView]:
    """Give what happened to a submission, the oldest first.

    Raises
    ------
    NotFound
        If there is no such submission, or the asker is not of its team.
    """
    with service.database.transaction(read_only=True) as session:
        submission = find(session, principal, submission_id)
        require(principal, "see log", f"log of submission {submission.id}", team_id=submission.team_id)
        found = session.scalars(select(Event).where(Event.submission_id == submission_id).order_by(Event.id))
        return [EventView(at=event.at, what=event.what, note=event.note) for event in found]
