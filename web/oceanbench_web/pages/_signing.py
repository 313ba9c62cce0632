"""Signing in and out: a token is pasted once, and a cookie stands for it from then on."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from oceanbench_leaderboard.errors import Unauthorised
from oceanbench_web.dependencies import TheParts
from oceanbench_web.pages._reader import Form, Reader, TheReader, answer, go_to, local_path
from oceanbench_web.security.addresses import address_key, client_address
from oceanbench_web.signin import providers

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
def show_form(
    reader: TheReader, wanted: Annotated[str, Query(alias="next", max_length=500)] = ""
) -> Response:
    """Show the ways to sign in."""
    return _page(reader, local_path(wanted))


@router.post("/sign-in")
def sign_in(request: Request, parts: TheParts, form: Form) -> Response:
    """Begin a session for whoever knows a token."""
    wanted = local_path(form.get("next", ""))
    address = address_key(client_address(request.scope, parts.settings.trusted_proxies))
    try:
        principal = parts.authentication.of_secret(form.get("token", "").strip(), address)
    except Unauthorised as error:
        return _page(Reader(parts, request, None, None), wanted, str(error), 401)
    answered = go_to(wanted)
    parts.sessions.begin(answered, "token", principal.token)
    return answered


@router.post("/sign-out")
def sign_out(request: Request, parts: TheParts, form: Form) -> Response:
    """End the session, here and for whoever has a copy of its cookie."""
    parts.authentication.end_session(request)
    answered = go_to("/")
    parts.sessions.end(answered)
    return answered


def _page(reader: Reader, wanted: str, trouble: str = "", status: int = 200) -> Response:
    return answer(
        reader,
        "sign_in",
        json_twin="/api/v1/me",
        status=status,
        wanted=wanted,
        trouble=trouble,
        providers=tuple(providers().values()),
    )
