"""Errors as pages, for people; programs get the same as JSON."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse

from oceanbench_web.pages._templates import render
from oceanbench_web.refusals import ErrorBody

__all__ = ["error_page", "offer_sign_in"]

_HEADINGS = {
    401: "Sign in first",
    403: "That is not allowed",
    404: "There is no such page",
    409: "That does not fit any more",
    422: "That cannot be read",
    429: "Too much at once",
    500: "The service made an error",
    503: "The service cannot answer now",
}


def offer_sign_in(request: Request) -> None:
    """Let the page of the error that follows offer a sign-in, which may show what was asked for."""
    request.scope.setdefault("state", {})["offer_sign_in"] = True


def error_page(
    request: Request, status: int, body: ErrorBody, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """Answer an error with a page; the reader is not looked up, for the database may be what is gone."""
    heading = _HEADINGS.get(status) or HTTPStatus(status).phrase
    path = request.url.path
    sign_in = status == 401 or request.scope.get("state", {}).get("offer_sign_in", False)
    page = render("error", path=path, status=status, heading=heading, message=body.message, sign_in=sign_in)
    told = {name: value for name, value in (headers or {}).items() if name.lower() != "www-authenticate"}
    return HTMLResponse(page, status_code=status, headers=told)
