"""Recognise the caller: by the token in the header, or by the session in the cookie."""

from fastapi import Request

from oceanbench_leaderboard.accounts import (
    Principal,
    authenticate,
    end_session,
    principal_of_token,
    principal_of_user,
    session_has_ended,
)
from oceanbench_leaderboard.errors import Unauthorised
from oceanbench_leaderboard.service import Service
from oceanbench_web.security.addresses import address_key, client_address
from oceanbench_web.security.rates import Rates
from oceanbench_web.security.sessions import Session, Sessions, check_csrf
from oceanbench_web.settings import WebSettings

__all__ = ["Authentication"]

_FAILURES, _REQUESTS, _OF_TEAM = "refused sign-ins", "requests", "requests of one team"


class Authentication:
    """Recognises callers, and counts what they do.

    Parameters
    ----------
    service : Service
    sessions : Sessions
    rates : Rates
    settings : WebSettings
    """

    def __init__(self, service: Service, sessions: Sessions, rates: Rates, settings: WebSettings) -> None:
        self.service = service
        self.sessions = sessions
        self.rates = rates
        self.settings = settings

    def recognise(self, request: Request) -> Principal | None:
        """Give the caller of a request; None for nobody in particular.

        A request with a token is never taken for one of the session: a page of another site cannot make a
        browser send the header.

        Raises
        ------
        Unauthorised
            If the token is not good.
        Forbidden
            If a session changes something without its word (CSRF).
        RateLimited
            If there were too many refused tokens from the address, or too many requests of the caller.
        """
        header = request.headers.get("authorization")
        address = address_key(client_address(request.scope, self.settings.trusted_proxies))
        if header is not None:
            principal: Principal | None = self.of_secret(_secret(header), address)
        else:
            principal = self._of_session(request)
        self._count(principal, address)
        if principal is not None:
            request.scope.setdefault("state", {})["team"] = principal.team
        return principal

    def recognise_again(self, request: Request) -> Principal | None:
        """Give the caller of a request that is still being answered; nothing is counted.

        Raises
        ------
        Unauthorised
            If the token, or the session, was good when the request came, and is not any more.
        """
        header = request.headers.get("authorization")
        if header is not None:
            return authenticate(self.service, _secret(header))
        found = self.session_of(request)
        if found is None and self.sessions.read(request.cookies) is not None:
            raise Unauthorised("the session has ended; sign in again")
        return None if found is None else found[1]

    def of_secret(self, secret: str, address: str) -> Principal:
        """Recognise a token; who tries too many wrong ones waits, but a good one is always taken.

        Raises
        ------
        Unauthorised
            If it is not good.
        RateLimited
            If it is not good, and the address tried too many that were not.
        """
        try:
            return authenticate(self.service, secret)
        except Unauthorised:
            self.rates.hit(_FAILURES, address, self.settings.failures_per_minute)
            raise

    def session_of(self, request: Request) -> tuple[Session, Principal] | None:
        """Give the session of a request, and whose it is; None if there is none that is still good."""
        session = self.sessions.read(request.cookies)
        if session is None or session_has_ended(self.service, session.id):
            return None
        try:
            if session.kind == "token":
                return session, principal_of_token(self.service, session.subject)
            return session, principal_of_user(self.service, int(session.subject))
        except Unauthorised:
            return None

    def end_session(self, request: Request) -> None:
        """End the session of a request for good: a copy of its cookie opens nothing, on any web process."""
        session = self.sessions.read(request.cookies)
        if session is not None:
            end_session(self.service, session.id, self.sessions.seconds)

    def _of_session(self, request: Request) -> Principal | None:
        found = self.session_of(request)
        if found is None:
            return None
        session, principal = found
        # forms of the pages carry the word in a field, which the page reads and checks itself
        if request.url.path.startswith("/api/"):
            check_csrf(request, session)
        return principal

    def _count(self, principal: Principal | None, address: str) -> None:
        if principal is None:
            who = f"address {address}"
        else:
            who = f"token {principal.token}" if principal.token else f"user {principal.user_id}"
        self.rates.hit(_REQUESTS, who, self.settings.requests_per_minute)
        if principal is not None:
            team = f"team {principal.team_id}"
            self.rates.hit(_OF_TEAM, team, self.settings.team_requests_per_minute)


def _secret(header: str) -> str:
    scheme, _, secret = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthorised("the header Authorization must be: Bearer ob_…")
    return secret.strip()
