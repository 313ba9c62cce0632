"""A rush on a board: while many ask for the same at once, one looks, and the others get what it saw."""

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Rush"]

_BOARDS = re.compile(r"/(api/v1/)?challenges/[^/]+(/board(\.csv)?)?")
_PERSONAL = ("authorization", "cookie", "if-none-match", "range")
_LARGEST = 2 << 20
_PLACES = 64
_OLDEST = 5.0

type _Key = tuple[str, bytes, str, str]


@dataclass
class _Place:
    """What was asked for: how often in this second and the one before, and what was answered last."""

    second: int = 0
    asked: int = 0
    before: int = 0
    answered: float = float("-inf")
    messages: list[Message] = field(default_factory=list)
    route: Any = None
    looking: bool = False

    def count(self, second: int) -> None:
        if second != self.second:
            self.before = self.asked if second == self.second + 1 else 0
            self.second, self.asked = second, 0
        self.asked += 1


class Rush:
    """Answers what many ask for in the same second with an answer that is at most a moment old.

    Only boards, only for people who are not signed in, only answers that everybody may keep, and only while
    there is a rush: else each request looks whether a row has changed.

    Parameters
    ----------
    app : ASGI application
    crowd : int
        Requests for the same in one second that are a rush; zero: never.
    seconds : float
        How old an answer may be before one request looks again; the others get the old one meanwhile, and
        never one that is older than five seconds.
    clock : callable
        Gives seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        crowd: int = 20,
        seconds: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app = app
        self.crowd = crowd
        self.seconds = seconds
        self.clock = clock
        self._places: OrderedDict[_Key, _Place] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        place = self._place(scope) if self.crowd else None
        if place is None:
            await self.app(scope, receive, send)
            return
        now = self.clock()
        place.count(int(now))
        age = now - place.answered
        fresh = age < (_OLDEST if place.looking else self.seconds)
        if fresh and max(place.asked, place.before) > self.crowd:
            scope["route"] = place.route
            for message in place.messages:
                await send(_copy(message))
            return
        await self._look(place, scope, receive, send)

    def _place(self, scope: Scope) -> _Place | None:
        if scope["type"] != "http" or scope["method"] != "GET" or not _BOARDS.fullmatch(scope["path"]):
            return None
        headers = Headers(scope=scope)
        if any(name in headers for name in _PERSONAL):
            return None
        key = (
            scope["path"],
            scope["query_string"],
            headers.get("accept-encoding", ""),
            headers.get("accept", ""),
        )
        place = self._places.setdefault(key, _Place())
        self._places.move_to_end(key)
        if len(self._places) > _PLACES:
            self._places.popitem(last=False)
        return place

    async def _look(self, place: _Place, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []
        begun = self.clock()

        async def remember(message: Message) -> None:
            messages.append(_copy(message))
            await send(message)

        place.looking = True
        try:
            await self.app(scope, receive, remember)
        finally:
            place.looking = False
        if _may_be_kept(messages):
            place.messages = messages
            place.route, place.answered = scope.get("route"), begun


def _may_be_kept(messages: list[Message]) -> bool:
    if not messages or messages[0]["type"] != "http.response.start" or messages[0]["status"] != 200:
        return False
    said = Headers(raw=list(messages[0]["headers"])).get("cache-control", "")
    return said == "no-cache" and sum(len(one.get("body", b"")) for one in messages) <= _LARGEST


def _copy(message: Message) -> Message:
    """Give a message of its own: who is sent it adds headers."""
    return {**message, "headers": list(message["headers"])} if "headers" in message else dict(message)
