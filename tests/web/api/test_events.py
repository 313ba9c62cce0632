"""Follow a submission: news at every change, one look for all listeners, an end."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from oceanbench_leaderboard.accounts import Principal
from oceanbench_leaderboard.errors import NotFound, Unavailable
from oceanbench_leaderboard.service import Service
from oceanbench_web.settings import WebSettings
from oceanbench_web.watching import Progress, Watch
from tests.web.api.calling import Api, change_run
from tests.web.api.conftest import EMBEDDED


def looks(*found: Progress | Exception) -> tuple[Watch, list[int]]:
    """Give a watch that finds one after the other, the last for ever, and how often it looked."""
    waiting, counted = list(found), [0]

    def look(_: Principal | None, __: str) -> Progress:
        counted[0] += 1
        one = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(one, Exception):
            raise one
        return one

    return Watch(look, poll_seconds=0.01), counted


def queued(position: int) -> Progress:
    return Progress(id="a", state="queued", position=position)


SCORED = Progress(id="a", state="scored", attempts=1)


async def collect(news: AsyncIterator[Progress]) -> list[Progress]:
    return [progress async for progress in news]


def follow(watch: Watch, listeners: int = 1) -> list[list[Progress]]:
    async def run() -> list[list[Progress]]:
        async with asyncio.timeout(10):
            return await asyncio.gather(*(collect(watch.follow(None, "a")) for _ in range(listeners)))

    return asyncio.run(run())


def test_every_change_is_told_once_until_the_end() -> None:
    watch, _ = looks(queued(2), queued(2), queued(1), Progress(id="a", state="checking"), SCORED)
    assert follow(watch) == [[queued(2), queued(1), Progress(id="a", state="checking"), SCORED]]


def test_many_listeners_cost_one_look() -> None:
    watch, counted = looks(queued(1), queued(1), SCORED)
    told = follow(watch, listeners=20)
    assert all(one[-1] == SCORED for one in told)
    assert counted[0] == 3


def test_a_database_that_comes_back_ends_no_stream() -> None:
    watch, _ = looks(queued(1), Unavailable("gone"), Unavailable("gone"), SCORED)
    assert follow(watch) == [[queued(1), SCORED]]


def test_what_is_deleted_meanwhile_ends_the_stream() -> None:
    watch, _ = looks(queued(1), NotFound("deleted"))
    assert follow(watch) == [[queued(1)]]


def test_a_defect_of_the_look_ends_the_stream() -> None:
    watch, _ = looks(queued(1), ZeroDivisionError())
    assert follow(watch) == [[queued(1)]]


def test_nobody_is_looked_for_when_all_have_left() -> None:
    watch, counted = looks(queued(1))

    async def run() -> int:
        news = watch.follow(None, "a")
        await anext(news)
        await news.aclose()
        after = counted[0]
        await asyncio.sleep(0.1)
        return counted[0] - after

    assert asyncio.run(run()) <= 1
    assert watch._followed == {}


def events(text: str) -> list[dict[str, Any]]:
    data = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(one) for one in data]


def test_a_finished_submission_tells_its_end_at_once(api: Api, token: str, service: Service) -> None:
    submission = api.enter(b"x", token).json()["id"]
    change_run(service, submission, state="refused", reason="no map", finished=service.now())
    answer = api.get(f"/submissions/{submission}/events", token=token)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "event: state" in answer.text
    told = {"id": submission, "state": "refused", "position": None, "attempts": 0, "reason": "no map"}
    assert events(answer.text) == [told]


@EMBEDDED
@pytest.mark.parametrize("web_settings", [WebSettings(poll_seconds=0.02, listening_seconds=0.3)])
def test_a_stream_ends_after_its_time(api: Api, token: str) -> None:
    submission = api.enter(b"x", token).json()["id"]
    answer = api.get(f"/submissions/{submission}/events", token=token)
    assert [one["position"] for one in events(answer.text)] == [1]
    assert api.app.state.parts.listeners.count == 0


@EMBEDDED
@pytest.mark.parametrize("web_settings", [WebSettings(listeners_per_address=1)])
def test_an_address_has_so_many_streams(api: Api, token: str) -> None:
    submission = api.enter(b"x", token).json()["id"]
    with api.app.state.parts.listeners.one_of("203.0.113.7"):
        answer = api.get(f"/submissions/{submission}/events", token=token)
    assert (answer.status_code, answer.json()["error"]["kind"]) == (429, "rate_limited")
