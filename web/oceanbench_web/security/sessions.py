"""Signed cookies: who is signed in on the pages, and the word that forms must repeat."""

import hmac
import secrets
from collections.abc import Mapping
from typing import Annotated, Literal

from itsdangerous import BadSignature, URLSafeTimedSerializer
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from oceanbench_leaderboard.errors import Forbidden

__all__ = ["Session", "Sessions", "check_csrf"]

_SAFE = ("GET", "HEAD", "OPTIONS")
_DAY = 86400


class Session(BaseModel):
    """What the cookie says; it is signed, not hidden.

    Attributes
    ----------
    kind : str
        ``token``: signed in with a token, ``subject`` is its prefix; ``user``: through a provider, and
        ``subject`` is the number of the user. Neither is a secret, and both are looked up anew at every
        request, so that a revoked token or a closed account ends its sessions.
    subject : str
    id : str
        Names the session where it is noted that somebody has signed out of it.
    csrf : str
        The word that every form, or the header ``X-CSRF-Token``, must repeat.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["token", "user"]
    subject: Annotated[str, Field(min_length=1, max_length=64)]
    id: Annotated[str, Field(min_length=20, max_length=64)]
    csrf: Annotated[str, Field(min_length=20, max_length=64)]


class Sessions:
    """Makes and reads the cookies of sessions.

    Parameters
    ----------
    secret_key : str
        Signs them; a new one ends all sessions.
    days : int
        How long they last.
    https : bool
        Whether browsers shall send them by https only.
    """

    def __init__(self, secret_key: str, days: int = 14, https: bool = False) -> None:
        self._serializer = URLSafeTimedSerializer(secret_key, salt="oceanbench session")
        self.seconds = days * _DAY
        self.https = https
        self.cookie = "__Host-oceanbench" if https else "oceanbench"

    def begin(self, response: Response, kind: Literal["token", "user"], subject: str) -> Session:
        """Put a new session into an answer; whatever session there was is replaced."""
        session = Session(
            kind=kind, subject=subject, id=secrets.token_urlsafe(24), csrf=secrets.token_urlsafe(24)
        )
        response.set_cookie(
            self.cookie,
            self._serializer.dumps(session.model_dump()),
            max_age=self.seconds,
            path="/",
            secure=self.https,
            httponly=True,
            samesite="lax",
        )
        return session

    def end(self, response: Response) -> None:
        """Take the cookie away."""
        response.delete_cookie(self.cookie, path="/", secure=self.https, httponly=True, samesite="lax")

    def read(self, cookies: Mapping[str, str]) -> Session | None:
        """Give the session of a request; None where there is none, or one that is forged or too old."""
        text = cookies.get(self.cookie)
        if not text:
            return None
        try:
            return Session.model_validate(self._serializer.loads(text, max_age=self.seconds))
        except (BadSignature, ValidationError):
            return None


def check_csrf(request: Request, session: Session, given: str | None = None) -> None:
    """Refuse a request that changes something unless it repeats the word of its session.

    Parameters
    ----------
    request : Request
    session : Session
        That of its cookie.
    given : str, optional
        The word, from the hidden field of a form; that of the header ``X-CSRF-Token`` if None.

    Raises
    ------
    Forbidden
        If the word is missing or another.
    """
    if request.method in _SAFE:
        return
    word = request.headers.get("x-csrf-token", "") if given is None else given
    if not hmac.compare_digest(word.encode(), session.csrf.encode()):
        raise Forbidden("the request does not repeat the word of the session (X-CSRF-Token); reload the page")
