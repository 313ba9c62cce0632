"""The bytes of refused submissions, which nobody will look at again."""

from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, aliased

from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Run, Submission, Upload
from oceanbench_leaderboard.submissions._events import note_event
from oceanbench_leaderboard.submissions._uploads import remove_upload

__all__ = ["drop_refused"]

_AT_ONCE = 20


def drop_refused(service: Service, before: datetime, at_once: int = _AT_ONCE) -> int:
    """Throw away files of which every submission was refused, and none was ever scored; gives how many.

    The submissions stay, with all reasons. Who enters the same bytes again sends them again.

    Parameters
    ----------
    service : Service
    before : datetime.datetime
        Files of submissions that were refused since then stay.
    at_once : int
        No more than so many.

    Raises
    ------
    Unavailable
        If database or store do not answer; what was not done is found again.
    """
    with service.database.transaction(read_only=True) as session:
        found = session.scalars(_refused(before).order_by(Upload.id).limit(at_once)).all()
    return sum(_drop(service, upload_id, before) for upload_id in found)


def _drop(service: Service, upload_id: int, before: datetime) -> bool:
    with service.database.transaction() as session:
        if not _held(session, upload_id):
            return False
        # asked again only now: what was entered just before the row was held is seen by this
        if session.scalar(_refused(before).where(Upload.id == upload_id)) is None:
            return False
        for submission in session.scalars(select(Submission).where(Submission.upload_id == upload_id)):
            submission.upload_id = None
            note_event(session, submission, "file dropped", "it was refused", at=service.now())
    remove_upload(service, upload_id)
    return True


def _held(session: Session, upload_id: int) -> bool:
    """Hold the row of an upload, unless another does."""
    row = select(Upload.id).where(Upload.id == upload_id).with_for_update(skip_locked=True)
    return session.scalar(row) is not None


def _refused(before: datetime) -> Select[int]:
    own, later = aliased(Run), aliased(Run)
    last = ~exists().where(later.submission_id == own.submission_id, later.id > own.id)
    ended = own.state == "refused", own.finished < before
    refused = exists().where(own.submission_id == Submission.id, *ended, last)
    scored = exists().where(own.submission_id == Submission.id, own.state == "scored")
    entered = exists().where(Submission.upload_id == Upload.id)
    kept = exists().where(Submission.upload_id == Upload.id, ~refused | scored)
    return select(Upload.id).where(entered, ~kept)
