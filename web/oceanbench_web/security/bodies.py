"""Bodies of requests: not larger than allowed, and not slower."""

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oceanbench_web.refusals import answer_http_error

__all__ = ["BodyLimits"]


class BodyLimits:
    """Refuse bodies that are too large, and clients that fall silent while they owe bytes.

    Uploads have limits of their own and pass.

    Parameters
    ----------
    app : ASGI application
    largest : int
        Bytes.
    seconds : float
        Time for the whole body.
    exempt : callable
        Tells of a request's scope whether it is an upload.
    """

    def __init__(
        self, app: ASGIApp, largest: int, seconds: float, exempt: Callable[[Scope], bool] = lambda _: False
    ) -> None:
        self.app = app
        self.largest = largest
        self.seconds = seconds
        self.exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413."""
        if scope["type"] != "http" or self.exempt(scope):
            await self.app(scope, receive, send)
            return
        if _told_length(scope) > self.largest:
            answer = await answer_http_error(Request(scope, receive), self._too_large())
            await answer(scope, receive, send)
            return
        await self.app(scope, self._limited(receive), send)

    def _limited(self, receive: Receive) -> Receive:
        came = 0
        whole = False
        deadline = asyncio.get_running_loop().time() + self.seconds

        async def receive_limited() -> Message:
            nonlocal came, whole
            if whole:  # what follows is only the news that the client left
                return await receive()
            message = await self._in_time(receive, deadline)
            if message["type"] == "http.request":
                came += len(message.get("body", b""))
                whole = not message.get("more_body", False)
            if came > self.largest:
                raise self._too_large()
            return message

        return receive_limited

    async def _in_time(self, receive: Receive, deadline: float) -> Message:
        try:
            async with asyncio.timeout_at(deadline):
                return await receive()
        except TimeoutError:
            raise HTTPException(
                408, f"the body did not come within {self.seconds:g} s", {"Connection": "close"}
            ) from None

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"the body is larger than {self.largest} bytes; send less")


def _told_length(scope: Scope) -> int:
    told = Headers(scope=scope).get("content-length", "0")
    return int(told) if told.isdecimal() else 0
