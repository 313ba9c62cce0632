"""Errors as answers: one table from what is raised to a status, one shape for all of them."""

import math
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from oceanbench_leaderboard import errors
from oceanbench_web.errors import RateLimited

__all__ = [
    "ErrorBody",
    "ErrorDocument",
    "answer_http_error",
    "answer_unforeseen",
    "documented",
    "install_error_answers",
]

_log = structlog.get_logger("oceanbench.web")

_STATUS: dict[type[Exception], tuple[int, str]] = {
    errors.NotFound: (404, "not_found"),
    errors.Forbidden: (403, "forbidden"),
    errors.Unauthorised: (401, "unauthorised"),
    errors.Conflict: (409, "conflict"),
    errors.TooLarge: (413, "too_large"),
    errors.DigestMismatch: (422, "digest_mismatch"),
    errors.Closed: (403, "closed"),
    errors.QuotaExceeded: (429, "quota_exceeded"),
    RateLimited: (429, "rate_limited"),
    errors.Unavailable: (503, "unavailable"),
    errors.ServiceError: (400, "refused"),
}
_KINDS = {
    400: "bad_request",
    401: "unauthorised",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    409: "conflict",
    411: "length_required",
    413: "too_large",
    415: "unsupported_media_type",
    416: "bad_range",
    422: "invalid",
    429: "rate_limited",
    500: "internal",
    503: "unavailable",
}
_AWAY = "the service cannot reach its database or its files now; nothing was kept; try again later"
_ANYWHERE = (400, 401, 403, 429, 500, 503)
_WORDS = 20  # validation errors that are told


class ErrorBody(BaseModel):
    """What went wrong."""

    kind: str = Field(description="One word that a program can act on.", examples=["not_found"])
    message: str = Field(description="What was given, what is allowed, what to do.")
    offset: int | None = Field(
        default=None, description="Of an upload: bytes that are safe; go on from there."
    )
    retry_after: float | None = Field(default=None, description="Seconds to wait before the next try.")


class ErrorDocument(BaseModel):
    """The one shape of all errors."""

    error: ErrorBody


def documented(*statuses: int, by_name: bool = False) -> dict[int | str, dict[str, Any]]:
    """Give what OpenAPI is told of errors with these statuses, and with those that any request may meet.

    Parameters
    ----------
    statuses : int
    by_name : bool
        Name the shape instead of giving it: for routes that answer something else than JSON, of whose type
        FastAPI would take their errors to be.
    """
    named = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorDocument"}}}}
    shape: dict[str, Any] = named if by_name else {"model": ErrorDocument}
    return {
        status: {**shape, "description": HTTPStatus(status).phrase}
        for status in sorted({*statuses, *_ANYWHERE})
    }


def install_error_answers(app: FastAPI) -> None:
    """Let the app answer every expected error in the one shape."""
    for kind in _STATUS:
        app.add_exception_handler(kind, _answer_known)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(RequestValidationError, _answer_invalid)


async def answer_http_error(request: Request, error: HTTPException) -> Response:
    """Answer an error that has a status already."""
    kind = _KINDS.get(error.status_code, "refused")
    return _answer(request, error.status_code, ErrorBody(kind=kind, message=str(error.detail)), error.headers)


def answer_unforeseen(request: Request, error: Exception) -> Response:
    """Answer a defect of ours: the trace goes to the log, its number to the client, nothing else."""
    number = uuid.uuid4().hex[:12]
    _log.error("unforeseen error", number=number, exc_info=error)
    message = f"the service made an error, number {number}; tell its administrators if it happens again"
    return _answer(request, 500, ErrorBody(kind="internal", message=message))


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return await answer_http_error(request, error)


async def _answer_known(request: Request, error: Exception) -> Response:
    status, kind = next(_STATUS[base] for base in type(error).__mro__ if base in _STATUS)
    message = str(error)
    if status == 503:  # its words may name paths and hosts: for the log
        number = uuid.uuid4().hex[:12]
        _log.error("unavailable", number=number, cause=message)
        message = f"{_AWAY} (number {number})"
    retry_after = getattr(error, "retry_after", 10.0 if status == 503 else None)
    body = ErrorBody(
        kind=kind, message=message, offset=getattr(error, "offset", None), retry_after=retry_after
    )
    return _answer(request, status, body)


async def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # what was given is not repeated: it may be a secret, or ten thousand letters
    words = [
        f"{'.'.join(str(word)[:80] for word in one['loc'])}: {one['msg'][:300]}" for one in error.errors()
    ]
    more = [f"and {len(words) - _WORDS} more"] if len(words) > _WORDS else []
    message = "; ".join([*words[:_WORDS], *more])
    return _answer(request, 422, ErrorBody(kind="invalid", message=message))


def _answer(request: Request, status: int, body: ErrorBody, headers: Any = None) -> Response:
    request.scope.setdefault("state", {})["refused"] = body.kind
    told = dict(headers or {})
    if status == 401:
        told["WWW-Authenticate"] = 'Bearer realm="oceanbench"'
    if body.retry_after is not None:
        told["Retry-After"] = str(math.ceil(body.retry_after))
    page = _page_for(request)
    if page is not None:
        return page(request, status, body, told)
    document = ErrorDocument(error=body).model_dump(exclude_none=True)
    return JSONResponse(document, status_code=status, headers=told)


def _page_for(request: Request) -> Callable[..., Response] | None:
    """Give what makes a page of an error, where a person looks at pages; None elsewhere."""
    app = request.scope.get("app")
    wants_page = "text/html" in request.headers.get("accept", "")
    if app is None or not wants_page or request.scope["path"].startswith("/api/"):
        return None
    return cast("Callable[..., Response] | None", getattr(app.state, "error_page", None))
