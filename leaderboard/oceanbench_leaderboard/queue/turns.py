"""Whose turn it is: which of the runs that wait is taken up next, and which place each has.

What was never scored comes before what the service scores anew for itself. Among the former the team comes
first of which the fewest runs were begun within the last hour, then the oldest run: who enters many waits
behind those who enter few, and nobody for ever.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from oceanbench_leaderboard.store import Run, Submission

__all__ = ["in_turn", "is_scored_anew", "position"]

_COUNTED = timedelta(hours=1)


def is_scored_anew() -> ColumnElement[bool]:
    """Tell of a run whether its submission has a score already."""
    earlier = aliased(Run)
    return exists().where(
        earlier.submission_id == Run.submission_id, earlier.state == "scored", earlier.id != Run.id
    )


def in_turn(wanted: ColumnElement[bool], now: datetime) -> Select[Run]:
    """Give runs in the order in which they are taken up.

    Parameters
    ----------
    wanted : ColumnElement
        Which of them.
    now : datetime.datetime
        The end of the hour that counts.
    """
    begun = _begun(now)
    again = is_scored_anew()
    return (
        select(Run)
        .join(Submission, Run.submission_id == Submission.id)
        .outerjoin(begun, begun.c.team_id == Submission.team_id)
        .where(wanted)
        .order_by(case((again, 1), else_=0), case((again, 0), else_=func.coalesce(begun.c.runs, 0)), Run.id)
    )


def position(session: Session, run: Run, now: datetime) -> int:
    """Give the place of a run that waits, 1 for the next, if nothing else comes in and none has to pause."""
    begun = _begun(now)
    again = is_scored_anew()
    turns = func.row_number().over(partition_by=(Submission.team_id, again), order_by=Run.id)
    waiting = (
        select(
            Run.id,
            case((again, 1), else_=0).label("again"),
            case((again, 0), else_=func.coalesce(begun.c.runs, 0) + turns).label("turn"),
        )
        .join(Submission, Run.submission_id == Submission.id)
        .outerjoin(begun, begun.c.team_id == Submission.team_id)
        .where(Run.state == "queued")
        .subquery()
    )
    own, other = aliased(waiting), aliased(waiting)
    before = or_(
        other.c.again < own.c.again,
        and_(other.c.again == own.c.again, other.c.turn < own.c.turn),
        and_(other.c.again == own.c.again, other.c.turn == own.c.turn, other.c.id < own.c.id),
    )
    ahead: Select[Any] = select(func.count()).select_from(own).join(other, before).where(own.c.id == run.id)
    return 1 + (session.scalar(ahead) or 0)


def _begun(now: datetime) -> Subquery:
    """Count the runs of each team that were begun lately, without those that are scored anew."""
    return (
        select(Submission.team_id, func.count().label("runs"))
        .join(Run, Run.submission_id == Submission.id)
        .where(Run.started > now - _COUNTED, ~is_scored_anew())
        .group_by(Submission.team_id)
        .subquery()
    )
