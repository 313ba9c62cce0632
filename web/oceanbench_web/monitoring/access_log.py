"""One line in the log for each request, without anything that may be a secret; and a net for our defects."""

import time
from collections.abc import Callable, Sequence

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oceanbench_web.monitoring.metrics import Metrics
from oceanbench_web.refusals import answer_unforeseen
from oceanbench_web.security.addresses import client_address
from oceanbench_web.settings import Network

__all__ = ["AccessLog"]

_log = structlog.get_logger("oceanbench.web")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class AccessLog:
    """Writes and counts each request; what nobody caught is answered 500 here.

    The line has the template of the route, not the path, and neither query nor headers.

    Parameters
    ----------
    app : ASGI application
    metrics : Metrics
    trusted_proxies : sequence of networks
    clock : callable
        Gives seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        trusted_proxies: Sequence[Network] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app = app
        self.metrics = metrics
        self.trusted_proxies = trusted_proxies
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = self.clock()
        status = 0

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note_status)
        except Exception as error:
            answer = answer_unforeseen(Request(scope, receive), error)
            if status:  # too late for another answer: the server ends the connection
                raise
            await answer(scope, receive, note_status)
        finally:
            self._write(scope, status, self.clock() - begun)

    def _write(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path", "none")
        state = scope.get("state", {})
        self.metrics.requests.labels(method, route, str(status)).inc()
        self.metrics.seconds.labels(method, route).observe(seconds)
        if refused := state.get("refused"):
            self.metrics.refused.labels(refused).inc()
        _log.info(
            "request",
            method=method,
            route=route,
            status=status,
            seconds=round(seconds, 4),
            team=state.get("team", ""),
            address=client_address(scope, self.trusted_proxies),
        )
