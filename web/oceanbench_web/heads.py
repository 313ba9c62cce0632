"""HEAD: what GET would answer, without the body."""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Heads"]


class Heads:
    """Answers HEAD on every route that answers GET; the route itself sees a GET.

    What it would send is thrown away, and it is told that nobody waits for more: a large file is not read to
    its end.

    Parameters
    ----------
    app : ASGI application
    exempt : callable
        Tells of a request's scope whether it is to pass as it is: to a route with a HEAD of its own, or one
        whose answer is a stream without an end.
    """

    def __init__(self, app: ASGIApp, exempt: Callable[[Scope], bool] = lambda _: False) -> None:
        self.app = app
        self.exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or self.exempt(scope):
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(send)
        scope.setdefault("state", {})
        asked = {**scope, "method": "GET"}
        try:
            await self.app(asked, exchange.receive, exchange.send)
        finally:
            if "route" in asked:  # for the log
                scope["route"] = asked["route"]


class _Exchange:
    """A request without a body, and an answer of which only the head is sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._asked = False
        self._answered = asyncio.Event()

    async def receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._answered.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._send(message)
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            self._answered.set()
