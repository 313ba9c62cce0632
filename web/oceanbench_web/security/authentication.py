"""Recognise the caller: by the token in the header, or by the session in the cookie."""

from fastapi import Request

from oceanbench_leaderboard.accounts import Principal, authenticate, principal_of_token, principal_of_user
from oceanbench_leaderboard.errors import Unauthorised
from oceanbench_leaderboard.service import Service
from oceanbench_web.security.addresses import address_key, client_address
from oceanbench_web.security.rates import Rates
from oceanbench_web.security.sessions import Session, Sessions, check_csrf
from oceanbench_web.settings import WebSettings

__all__ = ["Authentication"]

_FAILURES, _REQUESTS = "refused sign-ins", "requests"


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

    def of_secret(self, secret: str, address: str) -> Principal:
        """Recognise a token, from an address that has not tried too many wrong ones.

        Raises
        ------
        Unauthorised
            If it is not good.
        RateLimited
            If the address tried too many that were not.
        """
        allowed = self.settings.failures_per_minute
        self.rates.check(_FAILURES, address, allowed)
        try:
            return authenticate(self.service, secret)
        except Unauthorised:
            self.rates.hit(_FAILURES, address, allowed)
            raise

    def session_of(self, request: Request) -> tuple[Session, Principal] | None:
        """Give the session of a request, and whose it is; None if there is none that is still good."""
        session = self.sessions.read(request.cookies)
        if session is None:
            return None
        try:
            if session.kind == "token":
                return session, principal_of_token(self.service, session.subject)
            return session, principal_of_user(self.service, int(session.subject))
        except Unauthorised:
            return None

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


def _secret(header: str) -> str:
    scheme, _, secret = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthorised("the header Authorization must be: Bearer ob_…")
    return secret.strip()
