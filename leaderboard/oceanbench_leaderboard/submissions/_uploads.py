"""Uploads: bytes that come in pieces, safe as soon as they are acknowledged, named by their digest."""

import hashlib
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oceanbench_leaderboard.accounts import Principal, require
from oceanbench_leaderboard.errors import Conflict, DigestMismatch, QuotaExceeded, ServiceError, TooLarge
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.settings import Limits
from oceanbench_leaderboard.store import FileStore, Sink, Submission, Team, Upload, UploadPart
from oceanbench_leaderboard.submissions._room import refuse_full_disk, refuse_too_many_bytes

__all__ = ["PartWriter", "UploadState", "open_part", "remove_upload", "upload_of", "upload_state"]

_DIGEST = re.compile("[0-9a-f]{64}")
_NOT_ENTERED = 64  # uploads of a team that belong to no submission
_WAIT_SECONDS = 3600.0


@dataclass(frozen=True)
class UploadState:
    """How much of an upload is safe.

    Attributes
    ----------
    sha256 : str
        Digest of the whole.
    size : int or None
        Bytes of the whole; None where nothing was sent yet.
    offset : int
        Bytes that are safe: from there the client goes on.
    complete : bool
        Whether all of it is here, and has that digest.
    """

    sha256: str
    size: int | None
    offset: int
    complete: bool


def upload_state(service: Service, principal: Principal, sha256: str) -> UploadState:
    """Tell how much of an upload of the asker's team is safe.

    Raises
    ------
    ServiceError
        If ``sha256`` is no digest.
    Forbidden
        If the asker may not submit.
    """
    _check(principal, sha256)
    with service.database.transaction(read_only=True) as session:
        return _state(upload_of(session, principal.team_id, sha256), sha256)


def upload_of(session: Session, team_id: int, sha256: str, *, lock: bool = False) -> Upload | None:
    """Give the upload of a team by its digest; held until the transaction ends, if asked to."""
    statement = select(Upload).where(Upload.team_id == team_id, Upload.sha256 == sha256)
    return session.scalar(statement.with_for_update() if lock else statement)


def _check(principal: Principal, sha256: str) -> None:
    require(principal, "submit", "files")
    if not _DIGEST.fullmatch(sha256):
        raise ServiceError(f"{sha256[:80]!r} is no SHA-256; give 64 digits of 0-9 and a-f, in lower case")


def _state(upload: Upload | None, sha256: str) -> UploadState:
    if upload is None:
        return UploadState(sha256, None, 0, False)
    return UploadState(sha256, upload.size, _offset(upload.parts), upload.completed is not None)


def _offset(parts: Iterable[UploadPart]) -> int:
    return sum(part.size for part in parts)


def open_part(service: Service, principal: Principal, sha256: str, *, size: int, start: int) -> "PartWriter":
    """Begin to take the bytes of an upload from ``start`` on.

    Parameters
    ----------
    sha256 : str
        Digest of the whole, in lower-case hexadecimal.
    size : int
        Bytes of the whole.
    start : int
        Where the bytes that come now begin; nothing is taken but what follows on the bytes that are safe.

    Raises
    ------
    ServiceError
        If ``sha256`` is no digest, or ``size`` is not positive.
    TooLarge
        If ``size`` is more than the service takes.
    Conflict
        If ``start`` is not the end of what is safe, the upload is whole, or its size was told otherwise;
        ``offset`` says from where to go on.
    QuotaExceeded
        If the team has left too many uploads lying about, or its files take too much room.
    Unavailable
        If database or store do not answer, or the disk is nearly full.
    """
    _check(principal, sha256)
    limit = service.settings.limits.upload_bytes
    if size < 1 or start < 0:
        raise ServiceError(f"size {size} and start {start} are not allowed; give a size > 0 and a start >= 0")
    if size > limit:
        raise TooLarge(f"the file has {size} bytes; at most {limit} are taken: write it with compression")
    refuse_full_disk(service, max(size - start, 0))
    limits = service.settings.limits
    with service.database.transaction() as session:
        upload = upload_of(session, principal.team_id, sha256)
        if upload is None:
            upload = _begin(session, principal.team_id, sha256, size, service.now(), limits)
        stale = _begin_anew(session, upload, size, limits) if start == 0 else []
        state = _state(upload, sha256)
        _check_start(state, size, start)
    for key in stale:
        service.files.delete(key)
    key = f"uploads/{principal.team_id}/{sha256}/{start:012d}-{uuid.uuid4().hex[:12]}"
    return PartWriter(service, principal.team_id, state, size, key)


def _begin(session: Session, team_id: int, sha256: str, size: int, now: datetime, limits: Limits) -> Upload:
    _hold_team(session, team_id)
    known = upload_of(session, team_id, sha256)
    if known is not None:
        return known
    entered = select(Submission.upload_id).where(Submission.upload_id.is_not(None))
    waiting = select(func.count()).where(Upload.team_id == team_id, Upload.id.not_in(entered))
    if (session.scalar(waiting) or 0) >= _NOT_ENTERED:
        raise QuotaExceeded(
            f"{_NOT_ENTERED} files of your team belong to no submission; enter some of them", _WAIT_SECONDS
        )
    refuse_too_many_bytes(session, team_id, sha256, size, limits)
    upload = Upload(team_id=team_id, sha256=sha256, size=size, created=now, parts=[])
    session.add(upload)
    session.flush()
    return upload


def _hold_team(session: Session, team_id: int) -> None:
    """Let the uploads of a team begin one after the other, so that all of them are counted."""
    session.execute(select(Team.id).where(Team.id == team_id).with_for_update())


def _begin_anew(session: Session, upload: Upload, size: int, limits: Limits) -> list[str]:
    """Forget what came in under another size; give the keys of what is not needed any more."""
    if upload.size == size or upload.completed is not None:
        return []
    _hold_team(session, upload.team_id)
    refuse_too_many_bytes(session, upload.team_id, upload.sha256, size, limits)
    keys = _drop_parts(session, upload)
    upload.size = size
    return keys


def _check_start(state: UploadState, size: int, start: int) -> None:
    if state.complete:
        raise Conflict("the file is here already; enter it", state.offset)
    if state.size != size:
        raise Conflict(
            f"the file was said to have {state.size} bytes, not {size}; begin anew, with the right size", 0
        )
    if start != state.offset:
        raise Conflict(f"{state.offset} bytes are safe; go on from there, not from {start}", state.offset)


class PartWriter:
    """Takes a stretch of an upload; what came in is kept when it is closed, whether all came or not."""

    def __init__(self, service: Service, team_id: int, before: UploadState, size: int, key: str) -> None:
        self._service = service
        self._team_id = team_id
        self._before = before
        self._size = size
        self._key = key
        self._taken = 0
        self._digest = hashlib.sha256()
        self._sink: Sink | None = service.files.sink(key)

    @property
    def offset(self) -> int:
        """Bytes of the upload up to here, counting those that are not safe yet."""
        return self._before.offset + self._taken

    def write(self, data: bytes) -> None:
        """Take some bytes.

        Raises
        ------
        TooLarge
            If they are more than the size of the upload that was told.
        Unavailable
            If they cannot be stored.
        """
        if self._sink is None:
            raise ServiceError("this part was closed; open another")
        if self.offset + len(data) > self._size:
            raise TooLarge(f"more than the {self._size} bytes that were told came in; tell the right size")
        self._sink.write(data)
        self._digest.update(data)
        self._taken += len(data)

    def abandon(self) -> None:
        """Throw away what came in."""
        if self._sink is not None:
            sink, self._sink = self._sink, None
            sink.discard()

    def close(self) -> UploadState:
        """Keep what came in; where the upload is whole by that, check its digest.

        Returns
        -------
        UploadState
            As it is now.

        Raises
        ------
        DigestMismatch
            If all bytes are here and have another digest: all of them are thrown away.
        Conflict
            If another request has sent the same stretch meanwhile; what this one sent is thrown away.
        Unavailable
            If the bytes cannot be stored; or the database fell silent, and whether they were kept is not
            known: :func:`upload_state` tells it once it answers.
        """
        if self._taken == 0:
            self.abandon()
            return self._before
        if self._sink is None:
            raise ServiceError("this part was closed; open another")
        sink, self._sink = self._sink, None
        sink.commit()
        try:
            return self._whole() if self.offset == self._size else self._keep(None)
        except (Conflict, DigestMismatch):
            self._service.files.delete(self._key)
            raise

    def _whole(self) -> UploadState:
        got = self._digest.hexdigest() if self._before.offset == 0 else self._read_back()
        if got == self._before.sha256:
            return self._keep(self._service.now())
        for key in self._forget():
            self._service.files.delete(key)
        raise DigestMismatch(
            f"the {self._size} bytes have the SHA-256 {got}, not {self._before.sha256}; they were thrown "
            "away: send the file again, from its beginning"
        )

    def _read_back(self) -> str:
        with self._service.database.transaction(read_only=True) as session:
            upload = upload_of(session, self._team_id, self._before.sha256)
            keys = [] if upload is None else [part.key for part in upload.parts]
        return _digest_of(self._service.files, [*keys, self._key])

    def _keep(self, completed: datetime | None) -> UploadState:
        with self._service.database.transaction() as session:
            upload = self._locked(session)
            part = UploadPart(upload_id=upload.id, start=self._before.offset, size=self._taken, key=self._key)
            part.created = self._service.now()
            session.add(part)
            upload.size = self._size
            upload.completed = completed
        return UploadState(self._before.sha256, self._size, self.offset, completed is not None)

    def _locked(self, session: Session) -> Upload:
        """Give the upload, if it still ends where this part begins."""
        upload = upload_of(session, self._team_id, self._before.sha256, lock=True)
        state = _state(upload, self._before.sha256)
        if upload is None or state.offset != self._before.offset or state.complete:
            raise Conflict(
                f"another request sent the same bytes; {state.offset} are safe: go on from there",
                state.offset,
            )
        return upload

    def _forget(self) -> list[str]:
        with self._service.database.transaction() as session:
            return _drop(session, self._locked(session))


def _digest_of(files: FileStore, keys: Iterable[str]) -> str:
    digest: Any = hashlib.sha256()
    for key in keys:
        for piece in files.pieces(key):
            digest.update(piece)
    return str(digest.hexdigest())


def _drop(session: Session, upload: Upload) -> list[str]:
    keys = _drop_parts(session, upload)
    session.delete(upload)
    return keys


def _drop_parts(session: Session, upload: Upload) -> list[str]:
    keys = [part.key for part in upload.parts]
    for part in upload.parts:
        session.delete(part)
    session.flush()
    session.expire(upload, ["parts"])
    return keys


def remove_upload(service: Service, upload_id: int) -> None:
    """Remove the bytes of an upload that no submission needs; the rows first, so that none points nowhere."""
    with service.database.transaction() as session:
        upload = session.get(Upload, upload_id, with_for_update=True)
        if upload is None or session.scalar(select(Submission.id).where(Submission.upload_id == upload_id)):
            return
        keys = _drop(session, upload)
    for key in keys:
        service.files.delete(key)
