"""How much room the files of a team may take, and how much of the disk stays free."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oceanbench_leaderboard.errors import QuotaExceeded, Unavailable
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.settings import Limits
from oceanbench_leaderboard.store import Upload

__all__ = ["refuse_full_disk", "refuse_too_many_bytes"]

_WAIT_SECONDS = 3600.0


def refuse_too_many_bytes(session: Session, team_id: int, sha256: str, size: int, limits: Limits) -> None:
    """Refuse a file that a team has no room for, beside those that it has here.

    The sizes that were told are counted, so that files which come in at once are too. The caller holds the
    row of the team.

    Raises
    ------
    QuotaExceeded
        With the bytes that are taken, and how to make room.
    """
    others = select(func.sum(Upload.size)).where(Upload.team_id == team_id, Upload.sha256 != sha256)
    taken = int(session.scalar(others) or 0)
    allowed = limits.stored_bytes_per_team
    if taken + size > allowed:
        raise QuotaExceeded(
            f"the files of your team take {taken} of {allowed} bytes, and this one has {size}: delete "
            f"submissions that you need no more; files of refused ones go {limits.keep_refused_days:g} days "
            "after the refusal, and files that are never entered a week after they were begun",
            _WAIT_SECONDS,
        )


def refuse_full_disk(service: Service, coming: int) -> None:
    """Refuse bytes that would take of the room which stays free on the disk of the store.

    Parameters
    ----------
    coming : int
        Bytes that are still to come.

    Raises
    ------
    Unavailable
        If the store is a folder, and its disk is that full.
    """
    free, kept = service.files.free_bytes(), service.settings.limits.free_bytes
    if free is not None and free - coming < kept:
        raise Unavailable(
            f"the service has no room for {coming} bytes more: {free} are free on its disk, of which {kept} "
            "stay free; nothing was taken: try again later, or tell its operator"
        )
