"""How many submissions a team may enter: on a day, and at once."""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.accounts import Principal
from oceanbench_leaderboard.errors import QuotaExceeded
from oceanbench_leaderboard.queue.turns import is_scored_anew
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.settings import Limits
from oceanbench_leaderboard.store import Event, Run, Submission
from oceanbench_leaderboard.submissions._challenges import challenge_and_track

__all__ = ["QuotaView", "quota", "refuse_over_quota", "refuse_too_many_checks", "refuse_too_many_waiting"]

_BUSY = ("queued", "checking", "scoring")
_COUNTED = (*_BUSY, "scored")
_WAIT_SECONDS = 60.0
_ASKED = ("entered", "entered again")  # events of runs that a team asked for


class QuotaView(BaseModel):
    """What is left of a team's day on a challenge.

    Attributes
    ----------
    challenge : str
    allowed, used, left : int
        Submissions on this UTC day.
    resets : datetime.datetime
        When the next day begins.
    waiting, waiting_allowed : int
        Submissions of the team to all challenges that wait or are worked on.
    """

    model_config = ConfigDict(frozen=True)

    challenge: str
    allowed: int
    used: int
    left: int
    resets: datetime
    waiting: int
    waiting_allowed: int


def quota(service: Service, principal: Principal, challenge: str) -> QuotaView:
    """Tell what is left of the day of the asker's team.

    Raises
    ------
    NotFound
        If there is no such challenge.
    Closed
        If it cannot be scored yet.
    """
    definition, _ = challenge_and_track(challenge, _first_track(challenge))
    now, limits = service.now(), service.settings.limits
    allowed = _allowed(definition, limits)
    with service.database.transaction(read_only=True) as session:
        used = session.scalar(_entered_since(principal.team_id, definition.id, _midnight(now))) or 0
        waiting = session.scalar(_waiting(principal.team_id)) or 0
    return QuotaView(
        challenge=definition.id,
        allowed=allowed,
        used=used,
        left=max(0, allowed - used),
        resets=_midnight(now) + timedelta(days=1),
        waiting=waiting,
        waiting_allowed=limits.waiting_per_team,
    )


def refuse_over_quota(
    session: Session, team_id: int, challenge: Challenge, limits: Limits, now: datetime
) -> None:
    """Refuse one more submission of a team to a challenge on this UTC day.

    Those that were refused by the checks, those that failed through the service, and duplicates do not count.
    The caller holds the row of the team, so that two requests are counted one after the other.

    Raises
    ------
    QuotaExceeded
        With the seconds until the next day.
    """
    allowed = _allowed(challenge, limits)
    used = session.scalar(_entered_since(team_id, challenge.id, _midnight(now))) or 0
    if used >= allowed:
        tomorrow = _midnight(now) + timedelta(days=1)
        raise QuotaExceeded(
            f"your team has entered {used} of {allowed} submissions to {challenge.id} on this UTC day; "
            f"the next is taken from {tomorrow:%Y-%m-%d %H:%M} UTC on",
            (tomorrow - now).total_seconds(),
        )


def refuse_too_many_checks(session: Session, team_id: int, limits: Limits, now: datetime) -> None:
    """Refuse one more run of a team on this UTC day, whatever became of the others.

    What is refused by the checks costs nothing of the quota, but it costs the service time. Runs that the
    service asked for itself do not count.

    Raises
    ------
    QuotaExceeded
        With the seconds until the next day.
    """
    asked = select(func.count(Event.id)).join(Submission, Event.submission_id == Submission.id)
    today = asked.where(Submission.team_id == team_id, Event.what.in_(_ASKED), Event.at >= _midnight(now))
    done = session.scalar(today) or 0
    if done >= limits.checks_per_day:
        tomorrow = _midnight(now) + timedelta(days=1)
        raise QuotaExceeded(
            f"{done} files of your team were taken for checking on this UTC day, whatever came of them, and "
            f"{limits.checks_per_day} are allowed; the next is taken from {tomorrow:%Y-%m-%d %H:%M} UTC on: "
            "check your files before you send them, as oceanbench submit does",
            (tomorrow - now).total_seconds(),
        )


def refuse_too_many_waiting(session: Session, team_id: int, limits: Limits) -> None:
    """Refuse one more submission where too many wait already.

    Raises
    ------
    QuotaExceeded
        With the seconds after which to ask again.
    """
    own = session.scalar(_waiting(team_id)) or 0
    if own >= limits.waiting_per_team:
        raise QuotaExceeded(
            f"{own} submissions of your team wait or are worked on, {limits.waiting_per_team} are allowed; "
            "wait until one is finished",
            _WAIT_SECONDS,
        )
    every = session.scalar(_waiting(None)) or 0
    if every >= limits.waiting:
        raise QuotaExceeded(
            f"{every} submissions wait or are worked on, and no more are taken just now; try again later",
            _WAIT_SECONDS,
        )


def _allowed(challenge: Challenge, limits: Limits) -> int:
    rules = challenge.competition
    return (rules and rules.submissions_per_day) or limits.submissions_per_day


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _entered_since(team_id: int, challenge: str, since: datetime) -> Select[int]:
    counts = select(Run.id).where(Run.submission_id == Submission.id, Run.state.in_(_COUNTED)).exists()
    return select(func.count()).where(
        Submission.team_id == team_id,
        Submission.challenge == challenge,
        Submission.created >= since,
        Submission.duplicate_of.is_(None),
        counts,
    )


def _waiting(team_id: int | None) -> Select[int]:
    """Count what waits; what the service scores anew for itself stands in nobody's way."""
    statement = select(func.count()).select_from(Run).where(Run.state.in_(_BUSY), ~is_scored_anew())
    if team_id is None:
        return statement
    return statement.join(Run.submission).where(Submission.team_id == team_id)


def _first_track(name: str) -> str | None:
    from oceanbench.catalog import load_challenge

    try:
        return load_challenge(name).tracks[0].id
    except LookupError:
        return None
