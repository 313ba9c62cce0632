"""A rush on a board: one looks for all, and only then."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from oceanbench_web.rush import Rush

BOARD = "/api/v1/challenges/toy/board"


@dataclass
class Sea:
    """An app that counts how often it is asked, and a clock that stands still."""

    time: float = 100.0
    looks: int = 0
    status: int = 200
    cache: str = "no-cache"
    size: int = 10
    gate: asyncio.Event | None = None
    sent: list[Any] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.looks += 1
        scope["route"] = "the route"
        if self.gate is not None:
            await self.gate.wait()
        headers = [(b"cache-control", self.cache.encode())]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"%d" % self.looks + b" " * self.size})

    def rush(self, crowd: int = 3) -> Rush:
        return Rush(self, crowd=crowd, seconds=0.5, clock=lambda: self.time)


async def ask(rush: Rush, path: str = BOARD, query: bytes = b"", **headers: str) -> bytes:
    got: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            message["headers"].append((b"x-added", b"by who sends it"))
        got.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {
        "type": "http", "method": "GET", "path": path, "query_string": query, "headers": raw,
    }  # fmt: skip
    await rush(scope, receive, send)
    assert scope["route"] == "the route"
    assert len(got[0]["headers"]) == 2
    return bytes(got[1]["body"]).strip()


def asked(rush: Rush, times: int, **how: Any) -> list[bytes]:
    async def run() -> list[bytes]:
        return [await ask(rush, **how) for _ in range(times)]

    return asyncio.run(run())


def test_few_who_ask_are_each_told_what_is() -> None:
    assert asked(Sea().rush(), 3) == [b"1", b"2", b"3"]


def test_in_a_rush_an_answer_serves_many() -> None:
    sea = Sea()
    assert asked(sea.rush(), 10) == [b"1", b"2", b"3", *[b"3"] * 7]
    assert sea.looks == 3


def test_an_answer_grows_too_old() -> None:
    sea = Sea()
    rush = sea.rush()
    asked(rush, 5)
    sea.time += 0.51
    assert asked(rush, 2) == [b"4", b"4"]


def test_a_rush_goes_on_into_the_next_second_and_ends_after_a_quiet_one() -> None:
    sea = Sea()
    rush = sea.rush()
    asked(rush, 5)
    sea.time += 1.0
    assert asked(rush, 3) == [b"4"] * 3
    sea.time += 1.0
    assert asked(rush, 3) == [b"5", b"6", b"7"]
    asked(rush, 5)
    sea.time += 2.0
    assert asked(rush, 3) == [b"8", b"9", b"10"]


def test_while_one_looks_the_others_get_what_was() -> None:
    sea = Sea()
    rush = sea.rush()

    async def run() -> list[bytes]:
        for _ in range(5):
            await ask(rush)
        sea.time += 0.6
        sea.gate = asyncio.Event()
        looking = asyncio.create_task(ask(rush))
        await asyncio.sleep(0)
        others = [await ask(rush) for _ in range(5)]
        sea.gate.set()
        return [await looking, *others]

    assert asyncio.run(run()) == [b"4", *[b"3"] * 5]


@pytest.mark.parametrize("name", ["authorization", "cookie", "if_none_match"])
def test_who_is_somebody_is_never_given_what_another_got(name: str) -> None:
    sea = Sea()
    rush = sea.rush()
    asked(rush, 5)
    assert asked(rush, 2, **{name: "x"}) == [b"4", b"5"]


@pytest.mark.parametrize(
    "change",
    [
        lambda sea: setattr(sea, "status", 404),
        lambda sea: setattr(sea, "cache", "no-store"),
        lambda sea: setattr(sea, "cache", "private, no-cache"),
        lambda sea: setattr(sea, "size", 3 << 20),
    ],
)
def test_what_is_not_for_all_is_not_given_to_others(change: Callable[[Sea], None]) -> None:
    sea = Sea()
    change(sea)
    assert asked(sea.rush(), 6) == [b"%d" % n for n in range(1, 7)]


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/submissions/abc", "/team", "/api/v1/metrics"])
def test_nothing_but_boards_is_given_to_others(path: str) -> None:
    assert asked(Sea().rush(), 5, path=path) == [b"1", b"2", b"3", b"4", b"5"]


def test_what_is_asked_differently_is_another_answer() -> None:
    sea = Sea()
    rush = sea.rush()
    asked(rush, 5)
    assert asked(rush, 1, query=b"track=half") == [b"4"]
    assert asked(rush, 1, accept_encoding="gzip") == [b"5"]
    assert asked(rush, 1, accept="text/html") == [b"6"]


def test_many_different_questions_fill_no_memory() -> None:
    rush = Sea().rush()
    for number in range(200):
        asked(rush, 1, query=b"offset=%d" % number)
    assert len(rush._places) <= 64


def test_it_can_be_turned_off() -> None:
    assert asked(Sea().rush(crowd=0), 5)[-1] == b"5"
