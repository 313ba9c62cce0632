"""Follow a submission: news at every change, one look for all listeners, an end."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from starlette.responses import Response

from oceanbench_leaderboard.accounts import end_session, issue_token, revoke_tokens
from oceanbench_leaderboard.errors import NotFound, Unavailable
from oceanbench_leaderboard.service import Service
from oceanbench_web.settings import WebSettings
from oceanbench_web.watching import Progress, Watch
from tests.web.api.calling import Api, change_run
from tests.web.api.conftest import EMBEDDED


def looks(*found: Progress | Exception) -> tuple[Watch, list[int]]:
    """Give a watch that finds one after the other, the last for ever, and how often it looked."""
    waiting, counted = list(found), [0]

    def look(_: str) -> Progress:
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
            return await asyncio.gather(*(collect(watch.follow("a")) for _ in range(listeners)))

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


def test_without_news_the_latest_is_given_again() -> None:
    watch, _ = looks(queued(1))
    watch.repeat_seconds = 0.05

    async def run() -> list[Progress]:
        news = watch.follow("a")
        found = [await anext(news) for _ in range(3)]
        await news.aclose()
        return found

    assert asyncio.run(run()) == [queued(1)] * 3
    assert watch._followed == {}


def test_nobody_is_looked_for_when_all_have_left() -> None:
    watch, counted = looks(queued(1))

    async def run() -> int:
        news = watch.follow("a")
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


def meanwhile(deed: Callable[[], object]) -> None:
    """Do something when a stream has surely begun."""
    threading.Timer(0.3, deed).start()


@EMBEDDED
@pytest.mark.parametrize("web_settings", [WebSettings(poll_seconds=0.02, recognise_seconds=0.1)])
def test_a_stream_ends_when_its_token_is_revoked(api: Api, token: str, service: Service) -> None:
    submission = api.enter(b"x", token).json()["id"]
    another = issue_token(service, "Tides")
    meanwhile(lambda: revoke_tokens(service, another.prefix))
    begun = time.monotonic()
    answer = api.get(f"/submissions/{submission}/events", token=another.secret)
    assert time.monotonic() - begun < 10
    assert [one["state"] for one in events(answer.text)] == ["queued"]
    assert api.app.state.parts.listeners.count == 0


@EMBEDDED
def test_what_happens_after_a_revocation_is_not_told(api: Api, token: str, service: Service) -> None:
    submission = api.enter(b"x", token).json()["id"]
    another = issue_token(service, "Tides")

    def revoke_and_refuse() -> None:
        revoke_tokens(service, another.prefix)
        change_run(service, submission, state="refused", reason="a secret", finished=service.now())

    meanwhile(revoke_and_refuse)
    answer = api.get(f"/submissions/{submission}/events", token=another.secret)
    assert [one["state"] for one in events(answer.text)] == ["queued"]
    assert "a secret" not in answer.text


@EMBEDDED
@pytest.mark.parametrize("web_settings", [WebSettings(poll_seconds=0.02, recognise_seconds=0.1)])
def test_a_stream_ends_when_its_session_is_ended(api: Api, token: str) -> None:
    submission = api.enter(b"x", token).json()["id"]
    response = Response()
    sessions = api.app.state.parts.sessions
    session = sessions.begin(response, "token", token.split("_")[1])
    cookie = {"Cookie": response.headers["set-cookie"].partition(";")[0]}
    service = api.app.state.parts.service
    meanwhile(lambda: end_session(service, session.id, 60))
    answer = api.get(f"/submissions/{submission}/events", headers=cookie)
    assert [one["state"] for one in events(answer.text)] == ["queued"]


@EMBEDDED
def test_one_who_leaves_ends_no_stream_of_another(api: Api, token: str, service: Service) -> None:
    submission = api.enter(b"x", token).json()["id"]
    gone = issue_token(service, "Tides")
    told: list[str] = []

    def listen() -> None:
        told.append(api.get(f"/submissions/{submission}/events", token=gone.secret).text)

    first = threading.Thread(target=listen)
    first.start()
    time.sleep(0.2)

    def revoke_and_refuse() -> None:
        revoke_tokens(service, gone.prefix)
        change_run(service, submission, state="refused", reason="no map", finished=service.now())

    meanwhile(revoke_and_refuse)
    answer = api.get(f"/submissions/{submission}/events", token=token)
    first.join(10)
    assert [one["state"] for one in events(answer.text)] == ["queued", "refused"]
    assert [one["state"] for one in events(told[0])] == ["queued"]
