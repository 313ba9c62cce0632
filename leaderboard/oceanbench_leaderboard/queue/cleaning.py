"""What nobody will ask for again: scratch and reports of dead workers, uploads that were never entered."""

import re
import shutil
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Select, delete, exists, select

from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Run, Submission, Upload, UploadPart

__all__ = ["clean_leftovers", "clean_scratch", "clean_uploads"]

_KEPT = timedelta(days=7)
_LEFT = timedelta(days=1)
_UPLOADS_AT_ONCE = 20
_FOLDER = re.compile(r"(\d{1,18})-([0-9a-f]{32})")


def clean_scratch(service: Service) -> int:
    """Remove the folders of jobs on this machine that no worker holds any more; gives how many.

    With each goes what that attempt put into the store, unless it is the one that scored the run.
    """
    folders = {path: match for path in _folders(service.settings.scratch) if (match := _name(path))}
    if not folders:
        return 0
    runs = [int(match[1]) for match in folders.values()]
    with service.database.transaction(read_only=True) as session:
        known = session.execute(select(Run.lease, Run.scored_under).where(Run.id.in_(runs))).all()
    held, scored = {row.lease for row in known}, {row.scored_under for row in known}
    stale = [path for path, match in folders.items() if match[2] not in held]
    for path in stale:
        if folders[path][2] not in scored:
            service.files.delete_below("runs/{}/{}".format(*folders[path].groups()))
        shutil.rmtree(path, ignore_errors=True)
    return len(stale)


def clean_leftovers(service: Service) -> int:
    """Remove what killed processes left half-written in the store, once it is a day old; gives how many."""
    return service.files.delete_leftovers(service.now() - _LEFT)


def clean_uploads(service: Service) -> int:
    """Remove uploads of which nothing came for a week and that belong to no submission; gives how many.

    The rows go first, so that nobody can enter what loses its files; a file that stays behind where this
    stops halfway is named by none, and found by a check of the service.
    """
    with service.database.transaction(read_only=True) as session:
        old = session.scalars(_unused(service).limit(_UPLOADS_AT_ONCE)).all()
    return sum(_remove(service, upload_id) for upload_id in old)


def _remove(service: Service, upload_id: int) -> bool:
    with service.database.transaction() as session:
        row = select(Upload).where(Upload.id == upload_id).with_for_update(skip_locked=True)
        upload = session.scalars(row).first()
        # asked again only now: what was sent or entered just before the row was held is seen by this
        if upload is None or session.scalar(_unused(service).where(Upload.id == upload_id)) is None:
            return False
        keys = [part.key for part in upload.parts]
        session.execute(delete(UploadPart).where(UploadPart.upload_id == upload_id))
        session.execute(delete(Upload).where(Upload.id == upload_id))
    for key in keys:
        service.files.delete(key)
    return True


def _unused(service: Service) -> Select[int]:
    before = service.now() - _KEPT
    entered = exists().where(Submission.upload_id == Upload.id)
    grows = exists().where(UploadPart.upload_id == Upload.id, UploadPart.created >= before)
    return select(Upload.id).where(Upload.created < before, ~entered, ~grows).order_by(Upload.id)


def _folders(scratch: Path) -> list[Path]:
    return sorted(path for path in scratch.iterdir() if path.is_dir()) if scratch.is_dir() else []


def _name(path: Path) -> re.Match[str] | None:
    return _FOLDER.fullmatch(path.name)
