"""Routes: what belongs to a submission: passport, report, the file itself."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from starlette.responses import Response, StreamingResponse

from oceanbench_leaderboard import submissions
from oceanbench_leaderboard.errors import NotFound
from oceanbench_leaderboard.service import Service
from oceanbench_web.api.documents import API
from oceanbench_web.api.submissions import SubmissionId
from oceanbench_web.dependencies import Asker, TheService
from oceanbench_web.refusals import documented
from oceanbench_web.security.headers import REPORT_POLICY

__all__ = ["router"]

router = APIRouter(prefix=f"{API}/submissions", tags=["files"])

_PIECE = 256 << 10
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
_ANY_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        "description": "Its bytes.",
    }
}


@router.get("/{id}/passport", summary="Its passport", responses=documented(404, 422))
def show_passport(
    id: SubmissionId,
    service: TheService,
    principal: Asker,
    version: Annotated[str | None, Query(pattern=r"^\d+\.\d+$", max_length=16)] = None,
) -> dict[str, Any]:
    """Give its scores with all that is needed to make them again: ``oceanbench verify`` does so."""
    return submissions.passport(service, principal, id, version)


@router.get(
    "/{id}/report/{path:path}",
    summary="A file of its report",
    response_class=Response,
    responses={**documented(404, 422), **_ANY_FILE},
)
def show_report(
    id: SubmissionId,
    path: Annotated[str, Path(max_length=300, description="Name of the file: index.html.")],
    service: TheService,
    principal: Asker,
) -> Response:
    """Give a file of its report, in a sandbox: it runs no script and reaches nothing."""
    key = submissions.report_file(service, principal, id, path)
    kind = _TYPES.get(PurePosixPath(path).suffix.lower(), "application/octet-stream")
    return _stream(service, [key], kind, {"Content-Security-Policy": REPORT_POLICY})


@router.get(
    "/{id}/file",
    summary="The file as it was uploaded",
    response_class=Response,
    responses={**documented(404, 422), **_ANY_FILE},
)
def show_file(id: SubmissionId, service: TheService, principal: Asker) -> Response:
    """Give the bytes that were uploaded; for its team."""
    keys = submissions.file_keys(service, principal, id)
    name = submissions.view(service, principal, id).file_name or f"{id}.nc"
    shown = quote(name, safe="")
    headers = {
        "Content-Disposition": f"attachment; filename=\"{id}.nc\"; filename*=UTF-8''{shown}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return _stream(service, keys, "application/octet-stream", headers)


def _stream(service: Service, keys: list[str], kind: str, headers: dict[str, str]) -> Response:
    """Send stored files one after another; the first is opened before anything is answered."""
    try:
        size = sum(service.files.size(key) for key in keys)
    except FileNotFoundError:
        raise NotFound("there is no such file") from None
    headers["Content-Length"] = str(size)
    return StreamingResponse(_pieces(service, keys), media_type=kind, headers=headers)


def _pieces(service: Service, keys: list[str]) -> Iterator[bytes]:
    for key in keys:
        with service.files.reading(key) as stream:
            while piece := stream.read(_PIECE):
                yield piece
