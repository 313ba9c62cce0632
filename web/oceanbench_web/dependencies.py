"""What routes ask for: the service, the asker, the right to do something."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, cast

from anyio import CapacityLimiter
from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from oceanbench_leaderboard.accounts import Deed, Principal, require
from oceanbench_leaderboard.errors import Unauthorised
from oceanbench_leaderboard.service import Service
from oceanbench_web.kept import KeptBytes
from oceanbench_web.monitoring.metrics import Metrics
from oceanbench_web.monitoring.readiness import Readiness
from oceanbench_web.security.authentication import Authentication
from oceanbench_web.security.rates import AtOnce, Rates
from oceanbench_web.security.sessions import Sessions
from oceanbench_web.settings import WebSettings
from oceanbench_web.watching import Watch

__all__ = ["Asker", "Parts", "Somebody", "TheParts", "TheService", "allowed", "parts_of"]

_bearer = HTTPBearer(auto_error=False, scheme_name="token", description="A token of a team: ob_…")


@dataclass(frozen=True)
class Parts:
    """What the routes of one app share.

    Attributes
    ----------
    service : Service
    settings : WebSettings
    sessions : Sessions
        Cookies of the pages.
    rates : Rates
    uploads : AtOnce
        Uploads that are under way.
    upload_workers : CapacityLimiter
        Threads that write them, so that pages need not wait for the disk.
    listeners : AtOnce
        Streams of events that are open.
    authentication : Authentication
    kept : KeptBytes
        Answers that are ready to be sent again.
    metrics : Metrics
    readiness : Readiness
    watch : Watch
        Looks up submissions that somebody follows.
    """

    service: Service
    settings: WebSettings
    sessions: Sessions
    rates: Rates
    uploads: AtOnce
    upload_workers: CapacityLimiter
    listeners: AtOnce
    authentication: Authentication
    kept: KeptBytes
    metrics: Metrics
    readiness: Readiness
    watch: Watch


async def parts_of(request: Request) -> Parts:  # not to wait for a thread
    """Give what the routes of the app share."""
    return cast(Parts, request.app.state.parts)


async def _service(parts: Annotated[Parts, Depends(parts_of)]) -> Service:
    return parts.service


def asker(
    request: Request,
    parts: Annotated[Parts, Depends(parts_of)],
    _: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None,
) -> Principal | None:
    """Recognise the caller by token or session; None for nobody in particular."""
    return parts.authentication.recognise(request)


type TheParts = Annotated[Parts, Depends(parts_of)]
type TheService = Annotated[Service, Depends(_service)]
type Asker = Annotated[Principal | None, Depends(asker)]


async def _somebody(principal: Asker) -> Principal:
    if principal is None:
        raise Unauthorised("this takes a token (Authorization: Bearer ob_…) or a sign-in; send one")
    return principal


type Somebody = Annotated[Principal, Depends(_somebody)]


def allowed(deed: Deed, what: str) -> Callable[[Principal], Principal]:
    """Make a dependency that gives the caller, if the caller may do such a thing at all.

    Whether it may be done to one particular submission is asked again, with the same rule, by whoever looks
    that submission up.

    Parameters
    ----------
    deed : str
        As in :func:`oceanbench_leaderboard.accounts.may`.
    what : str
        The thing in words, for the message.
    """

    def check(principal: Somebody) -> Principal:
        require(principal, deed, what)
        return principal

    return check
