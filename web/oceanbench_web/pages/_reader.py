"""Who reads a page, what a form brings, and how a page is answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse

from oceanbench_leaderboard.accounts import Principal
from oceanbench_leaderboard.errors import Forbidden, ServiceError, Unauthorised
from oceanbench_web.dependencies import Parts, TheParts
from oceanbench_web.pages._templates import render
from oceanbench_web.security.sessions import Session, check_csrf

__all__ = ["Form", "Member", "Reader", "TheMember", "TheReader", "answer", "go_to", "local_path"]

_FIELDS = 100


@dataclass(frozen=True)
class Reader:
    """Who reads.

    Attributes
    ----------
    parts : Parts
    request : Request
    principal : Principal or None
        None for nobody in particular.
    session : Session or None
        Of the cookie, if that is how they came.
    """

    parts: Parts
    request: Request
    principal: Principal | None
    session: Session | None

    @property
    def team(self) -> str:
        """Name of the team, empty for nobody in particular."""
        return self.principal.team if self.principal else ""

    @property
    def csrf(self) -> str:
        """The word that forms repeat."""
        return self.session.csrf if self.session else ""

    @property
    def address(self) -> str:
        """Under which people reach the service, without a slash at the end."""
        given = self.parts.service.settings.base_url
        return given or str(self.request.base_url).rstrip("/")


@dataclass(frozen=True)
class Member(Reader):
    """A reader of a team, signed in by a cookie."""

    principal: Principal
    session: Session


def _reader(request: Request, parts: TheParts) -> Reader:
    principal = parts.authentication.recognise(request)
    session = parts.sessions.read(request.cookies) if principal is not None else None
    return Reader(parts, request, principal, session)


type TheReader = Annotated[Reader, Depends(_reader)]


async def _member(reader: TheReader) -> Member:
    if reader.principal is None or reader.session is None:
        raise Unauthorised("this page is for teams; sign in with a token")
    return Member(reader.parts, reader.request, reader.principal, reader.session)


type TheMember = Annotated[Member, Depends(_member)]


async def _form(request: Request, parts: TheParts) -> Mapping[str, str]:
    """Read the fields of a form; it must come from a page of ours, and repeat the word of the session."""
    _refuse_other_pages(request, parts.service.settings.base_url)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise ServiceError(f"a form is sent as application/x-www-form-urlencoded, not as {kind[:80]!r}")
    try:
        body = (await request.body()).decode("utf-8")
        fields = dict(parse_qsl(body, keep_blank_values=True, max_num_fields=_FIELDS, errors="strict"))
    except ValueError as error:
        raise ServiceError("the form cannot be read; reload the page and send it again") from error
    session = parts.sessions.read(request.cookies)
    if session is not None:
        _check_word(request, session, fields.get("csrf", ""))
    return fields


def _check_word(request: Request, session: Session, word: str) -> None:
    try:
        check_csrf(request, session, word)
    except Forbidden:
        raise Forbidden(
            "this form was opened before you signed in or out, here or in another window, and nothing was "
            "changed; go back, reload the page and send the form again"
        ) from None


def _refuse_other_pages(request: Request, base_url: str) -> None:
    """Refuse a form that a page of another site makes a browser send."""
    origin = request.headers.get("origin")
    if origin is None:  # no browser
        return
    known = {request.headers.get("host", "").lower(), urlsplit(base_url).netloc.lower()} - {""}
    if urlsplit(origin).netloc.lower() not in known:
        raise Forbidden("the form was sent from a page of another site; open the page here and send it again")


type Form = Annotated[Mapping[str, str], Depends(_form)]


def answer(
    reader: Reader, template: str, *, json_twin: str = "", status: int = 200, **what: Any
) -> HTMLResponse:
    """Answer with a page made for one reader."""
    path = reader.request.url.path
    page = render(template, path=path, team=reader.team, json_twin=json_twin, csrf=reader.csrf, **what)
    return HTMLResponse(page, status_code=status)


def go_to(path: str) -> RedirectResponse:
    """Send the browser to a page of ours by GET."""
    return RedirectResponse(path, status_code=303)


def local_path(given: str, otherwise: str = "/team") -> str:
    """Give a path of this site, or another one where it leads elsewhere.

    Examples
    --------
    >>> local_path("/submit?challenge=toy"), local_path("//evil.example"), local_path("https://evil.example")
    ('/submit?challenge=toy', '/team', '/team')
    """
    plain = given.isascii() and given.isprintable() and "\\" not in given and len(given) <= 500
    return given if plain and given.startswith("/") and not given.startswith("//") else otherwise
