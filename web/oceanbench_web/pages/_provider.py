"""Signing in with an account elsewhere: the way there, and the way back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from oceanbench_leaderboard.accounts import sign_in
from oceanbench_leaderboard.errors import Forbidden, NotFound, Unauthorised
from oceanbench_web.dependencies import Parts
from oceanbench_web.pages._reader import TheReader, go_to, local_path
from oceanbench_web.security.keys import secret_key
from oceanbench_web.signin import Pending, Provider, begin, finish, providers

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_COOKIE = "oceanbench-sign-in"
_SECONDS = 600


@router.get("/sign-in/{provider}")
def go_there(
    reader: TheReader, provider: str, wanted: Annotated[str, Query(alias="next", max_length=500)] = ""
) -> Response:
    """Send somebody to a provider."""
    one = _provider(provider)
    address, pending = begin(one, _redirect(reader.address, one), local_path(wanted))
    answered = RedirectResponse(address, status_code=303)
    answered.set_cookie(
        _COOKIE,
        _signer(reader.parts).dumps(pending.model_dump()),
        max_age=_SECONDS,
        path="/sign-in",
        secure=reader.parts.sessions.https,
        httponly=True,
        samesite="lax",
    )
    return answered


@router.get("/sign-in/{provider}/callback")
def come_back(
    reader: TheReader,
    provider: str,
    code: Annotated[str, Query(max_length=4000)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Begin a session for whoever the provider says it is."""
    one = _provider(provider)
    pending = _pending(reader.parts, reader.request)
    if error or not code:
        raise Unauthorised(f"{one.title} did not sign you in ({error or 'no code'}); try again")
    person = finish(one, pending, _redirect(reader.address, one), code, state)
    principal = sign_in(reader.parts.service, one.id, person.subject, person.name)
    answered = go_to(local_path(pending.wanted))
    answered.delete_cookie(_COOKIE, path="/sign-in")
    reader.parts.sessions.begin(answered, "user", str(principal.user_id))
    return answered


def _provider(name: str) -> Provider:
    found = providers().get(name)
    if found is None:
        raise NotFound(f"nobody signs in here with {name[:40]!r}; use a token")
    return found


def _redirect(address: str, provider: Provider) -> str:
    return f"{address}/sign-in/{provider.id}/callback"


def _signer(parts: Parts) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key(parts.service.settings), salt="oceanbench sign-in")


def _pending(parts: Parts, request: Request) -> Pending:
    try:
        said = _signer(parts).loads(request.cookies.get(_COOKIE, ""), max_age=_SECONDS)
        return Pending.model_validate(said)
    except (BadSignature, ValidationError):
        raise Forbidden("no sign-in was begun in this browser, or it is too old; sign in again") from None
