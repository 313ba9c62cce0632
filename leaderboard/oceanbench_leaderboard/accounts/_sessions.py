"""Sessions of the pages that were ended by signing out: all web processes know of them."""

from datetime import timedelta

from sqlalchemy import delete

from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import EndedSession

__all__ = ["end_session", "session_has_ended"]


def end_session(service: Service, session_id: str, seconds: float) -> None:
    """Note that a session has ended; doing so twice changes nothing.

    Parameters
    ----------
    session_id : str
        At most 64 characters.
    seconds : float
        For how long to remember it: as long as its cookie could be good.
    """
    now = service.now()
    with service.database.transaction() as session:
        session.execute(delete(EndedSession).where(EndedSession.until < now))
        session.merge(EndedSession(id=session_id, until=now + timedelta(seconds=seconds)))


def session_has_ended(service: Service, session_id: str) -> bool:
    """Tell whether somebody has signed out of a session."""
    with service.database.transaction(read_only=True) as session:
        return session.get(EndedSession, session_id) is not None
