"""Boards that are older than what they show."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oceanbench.catalog import load_challenge
from oceanbench_leaderboard.queue.rescoring import versions_in_use
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Run, Standing, Submission

__all__ = ["refresh_stale_boards"]

_log = structlog.get_logger(__name__)
# a result whose transaction ended after a board was made, although its clock was read before, is younger
# than this; so each board is made once more when the last result is that old
_SETTLED = timedelta(seconds=60)


def refresh_stale_boards(service: Service, refresh: Callable[[Service, str], None]) -> int:
    """Make the boards anew that are older than a result, or than the end of a competition; gives how many."""
    stale = [name for name, version in versions_in_use(service).items() if _is_stale(service, name, version)]
    for name in stale:
        try:
            refresh(service, name)
        except Exception:
            _log.exception("board not made anew", challenge=name)
    return len(stale)


def _is_stale(service: Service, challenge: str, version: str) -> bool:
    now = service.now()
    with service.database.transaction(read_only=True) as session:
        changed = _last_change(session, challenge, version)
        made = session.scalar(
            select(func.min(Standing.made)).where(
                Standing.challenge == challenge, Standing.version == version
            )
        )
    if changed is None:
        return False
    if made is None or made < changed:
        return True
    return made < changed + _SETTLED <= now or _closed_since(challenge, made, now)


def _closed_since(challenge: str, made: datetime, now: datetime) -> bool:
    competition = load_challenge(challenge).competition
    closes = competition.closes if competition else None
    return closes is not None and made < closes <= now


def _last_change(session: Session, challenge: str, version: str) -> datetime | None:
    scored = (
        select(func.max(Run.finished))
        .join(Submission, Run.submission_id == Submission.id)
        .where(Submission.challenge == challenge, Run.challenge_version == version, Run.state == "scored")
    )
    deleted = select(func.max(Submission.deleted)).where(Submission.challenge == challenge)
    moments = [session.scalar(scored), session.scalar(deleted)]
    return max((moment for moment in moments if moment is not None), default=None)
