"""Routes: uploads, as raw streams that go on where they were cut."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from oceanbench_leaderboard import submissions
from oceanbench_leaderboard.accounts import Principal
from oceanbench_leaderboard.errors import TooLarge
from oceanbench_leaderboard.submissions import UploadState
from oceanbench_web.api.documents import API
from oceanbench_web.api.streaming import Pace, receive_part
from oceanbench_web.dependencies import TheParts, allowed
from oceanbench_web.refusals import documented

__all__ = ["Stretch", "UploadDocument", "is_about_upload", "is_upload", "read_stretch", "router"]

router = APIRouter(prefix=f"{API}/uploads", tags=["uploads"])

_PATH = re.compile(rf"{API}/uploads/[^/]+")
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")

type _Sha256 = Annotated[
    str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the whole file, in lower case.")
]
type _Uploader = Annotated[Principal, Depends(allowed("submit", "a file"))]


class UploadDocument(BaseModel):
    """How far an upload is."""

    sha256: str
    offset: int = Field(description="Bytes that are safe; the next piece begins there.")
    size: int | None = Field(description="Bytes of the whole file; null where nothing came yet.")
    complete: bool


class Stretch(BaseModel):
    """Which bytes of a file a request brings: ``length`` from ``start``, of ``size``."""

    start: int
    length: int
    size: int


def is_upload(scope: Scope) -> bool:
    """Tell whether a request is an upload, whose body is long and watched by its route."""
    return scope["method"] == "PUT" and is_about_upload(scope)


def is_about_upload(scope: Scope) -> bool:
    """Tell whether a request is an upload, or asks how far one is."""
    return _PATH.fullmatch(scope["path"]) is not None


def read_stretch(headers: dict[str, str], largest: int) -> Stretch:
    """Read ``Content-Length`` and ``Content-Range``.

    Parameters
    ----------
    headers : dict
        With names in lower case.
    largest : int
        Bytes that a file may have.

    Raises
    ------
    HTTPException
        411 without a length, 400 for a range that is none, or does not fit the length, 415 for an encoding.
    TooLarge
        If the file is.
    """
    length = headers.get("content-length", "")
    if not length.isdecimal() or "transfer-encoding" in headers:
        raise HTTPException(411, "give the number of bytes that you send (Content-Length)")
    if headers.get("content-encoding", "identity") != "identity":
        raise HTTPException(415, "send the bytes of the file as they are, without a Content-Encoding")
    stretch = _range(headers.get("content-range"), int(length))
    if stretch.size > largest:
        raise TooLarge(f"the file has {stretch.size} bytes; at most {largest} are taken")
    if not 0 < stretch.length <= stretch.size - stretch.start:
        raise HTTPException(
            400,
            f"{stretch.length} bytes from {stretch.start} do not lie in a file of {stretch.size}; "
            "send at least one, and none beyond its end",
        )
    return stretch


def _range(told: str | None, length: int) -> Stretch:
    if told is None:
        return Stretch(start=0, length=length, size=length)
    match = _RANGE.fullmatch(told.strip())
    if match is None:
        raise HTTPException(400, "Content-Range must be: bytes FIRST-LAST/TOTAL")
    first, last, size = map(int, match.groups())
    if last - first + 1 != length:
        raise HTTPException(
            400, f"Content-Range tells {last - first + 1} bytes, Content-Length {length}; tell the same"
        )
    return Stretch(start=first, length=length, size=size)


def _document(state: UploadState) -> UploadDocument:
    return UploadDocument(sha256=state.sha256, offset=state.offset, size=state.size, complete=state.complete)


@router.get("/{sha256}", summary="How far an upload is", responses=documented(422))
def show_upload(sha256: _Sha256, parts: TheParts, principal: _Uploader) -> UploadDocument:
    """Give the number of bytes that are safe; 0 where nothing came yet."""
    return _document(submissions.upload_state(parts.service, principal, sha256))


@router.head(
    "/{sha256}",
    summary="How far an upload is, in headers",
    response_class=Response,
    responses={
        **documented(422),
        200: {
            "description": "In Upload-Offset, Upload-Length and Upload-Complete (?1 or ?0).",
            "content": {},
        },
    },
)
def show_upload_in_headers(sha256: _Sha256, parts: TheParts, principal: _Uploader) -> Response:
    """Give the number of bytes that are safe in the header ``Upload-Offset``."""
    state = submissions.upload_state(parts.service, principal, sha256)
    headers = {"Upload-Offset": str(state.offset), "Upload-Complete": "?1" if state.complete else "?0"}
    if state.size is not None:
        headers["Upload-Length"] = str(state.size)
    return Response(headers=headers)


@router.put(
    "/{sha256}",
    summary="Send a file, or a piece of it",
    responses=documented(408, 409, 411, 413, 415, 422),
    openapi_extra={
        "parameters": [
            {
                "name": "Content-Range",
                "in": "header",
                "required": False,
                "description": "Which bytes these are; all, if not given.",
                "schema": {"type": "string", "pattern": r"^bytes \d{1,15}-\d{1,15}/\d{1,15}$"},
                "example": "bytes 0-16777215/200000000",
            }
        ],
        "requestBody": {
            "required": True,
            "description": "The bytes, as they are.",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def receive_upload(
    request: Request, sha256: _Sha256, parts: TheParts, principal: _Uploader
) -> UploadDocument:
    """Take bytes from where the last piece ended.

    What came is kept when the connection breaks. A piece that begins elsewhere is answered 409 with the
    offset from which to go on. When the last byte is there the digest is checked; if it is another, all is
    thrown away (422).
    """
    stretch = read_stretch(dict(request.headers), parts.service.settings.limits.upload_bytes)
    with parts.uploads.one_of(f"team {principal.team_id}"), parts.metrics.uploads.track_inprogress():
        writer = await run_in_threadpool(
            submissions.open_part,
            parts.service,
            principal,
            sha256,
            size=stretch.size,
            start=stretch.start,
        )
        pace = Pace(parts.settings.read_seconds, parts.settings.slowest_upload)
        state = await receive_part(
            request.receive, writer, stretch.length, pace, parts.upload_workers, parts.metrics.uploaded.inc
        )
    return _document(state)
