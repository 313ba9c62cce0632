"""What nobody will ask for again: scratch of dead workers, uploads that were never entered."""

import re
import shutil
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Select, delete, exists, select

from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Run, Submission, Upload, UploadPart

__all__ = ["clean_scratch", "clean_uploads"]

_KEPT_DAYS = 7
_UPLOADS_AT_ONCE = 20
_FOLDER = re.compile(r"(\d{1,18})-([0-9a-f]{32})")


def clean_scratch(service: Service) -> int:
    """Remove the folders of jobs on this machine that no worker holds any more; gives how many."""
    folders = {path: match for path in _folders(service.settings.scratch) if (match := _name(path))}
    if not folders:
        return 0
    runs = [int(match[1]) for match in folders.values()]
    with service.database.transaction(read_only=True) as session:
        held = set(session.scalars(select(Run.lease).where(Run.id.in_(runs), Run.lease.is_not(None))))
    stale = [path for path, match in folders.items() if match[2] not in held]
    for path in stale:
        shutil.rmtree(path, ignore_errors=True)
    return len(stale)


def clean_uploads(service: Service) -> int:
    """Remove uploads that are older than a week and belong to no submission; gives how many.

    The files go first: where this stops halfway, the rows are still there and it is done again.
    """
    with service.database.transaction(read_only=True) as session:
        old = session.scalars(_unused(service).limit(_UPLOADS_AT_ONCE)).all()
    return sum(_remove(service, upload_id) for upload_id in old)


def _remove(service: Service, upload_id: int) -> bool:
    with service.database.transaction() as session:
        still = select(Upload).where(Upload.id == upload_id, Upload.id.in_(_unused(service)))
        upload = session.scalars(still.with_for_update(skip_locked=True)).first()
        if upload is None:
            return False
        for part in upload.parts:
            service.files.delete(part.key)
        session.execute(delete(UploadPart).where(UploadPart.upload_id == upload_id))
        session.execute(delete(Upload).where(Upload.id == upload_id))
        return True


def _unused(service: Service) -> Select[int]:
    before = service.now() - timedelta(days=_KEPT_DAYS)
    entered = exists().where(Submission.upload_id == Upload.id)
    return select(Upload.id).where(Upload.created < before, ~entered).order_by(Upload.id)


def _folders(scratch: Path) -> list[Path]:
    return sorted(path for path in scratch.iterdir() if path.is_dir()) if scratch.is_dir() else []


def _name(path: Path) -> re.Match[str] | None:
    return _FOLDER.fullmatch(path.name)
