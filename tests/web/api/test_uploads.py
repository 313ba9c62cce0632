"""Uploads: pieces that go on where the last ended, and what is refused."""

import asyncio
import hashlib
from typing import Any

import httpx
import pytest
from anyio import CapacityLimiter
from starlette.exceptions import HTTPException

from oceanbench_leaderboard.errors import TooLarge, Unavailable
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.submissions import UploadState
from oceanbench_web.api.streaming import Pace, receive_part
from oceanbench_web.api.uploads import read_stretch
from tests.web.api.calling import Actors, Api, digest

DATA = bytes(range(256)) * 8


def piece(api: Api, token: str, data: bytes, start: int, end: int) -> httpx.Response:
    return api.call(
        "PUT",
        f"/api/v1/uploads/{digest(data)}",
        token=token,
        content=data[start:end],
        headers={"Content-Range": f"bytes {start}-{end - 1}/{len(data)}"},
    )


def test_a_file_sent_whole_is_complete(api: Api, token: str) -> None:
    answer = api.upload(DATA, token)
    assert answer.status_code == 200
    assert answer.json() == {"sha256": digest(DATA), "offset": 2048, "size": 2048, "complete": True}


def test_pieces_make_a_whole_file(api: Api, token: str) -> None:
    first = piece(api, token, DATA, 0, 1000).json()
    assert (first["offset"], first["complete"]) == (1000, False)
    assert api.get(f"/uploads/{digest(DATA)}", token=token).json()["offset"] == 1000
    assert piece(api, token, DATA, 1000, 2048).json()["complete"] is True


def test_the_head_of_an_upload_tells_the_offset(api: Api, token: str) -> None:
    piece(api, token, DATA, 0, 1000)
    answer = api.call("HEAD", f"/api/v1/uploads/{digest(DATA)}", token=token)
    told = {name: answer.headers[name] for name in ("upload-offset", "upload-length", "upload-complete")}
    assert told == {"upload-offset": "1000", "upload-length": "2048", "upload-complete": "?0"}


def test_an_upload_that_nobody_began_has_offset_zero(api: Api, token: str) -> None:
    answer = api.get(f"/uploads/{'0' * 64}", token=token)
    assert answer.json() == {"sha256": "0" * 64, "offset": 0, "size": None, "complete": False}


def test_a_piece_that_does_not_follow_is_told_the_offset(api: Api, token: str) -> None:
    piece(api, token, DATA, 0, 1000)
    answer = piece(api, token, DATA, 1500, 2048)
    assert answer.status_code == 409
    assert answer.json()["error"]["kind"] == "conflict"
    assert answer.json()["error"]["offset"] == 1000


def test_bytes_of_another_digest_are_thrown_away(api: Api, token: str) -> None:
    wrong = digest(b"another file")
    answer = api.call("PUT", f"/api/v1/uploads/{wrong}", token=token, content=DATA)
    assert answer.status_code == 422
    assert answer.json()["error"]["kind"] == "digest_mismatch"
    assert api.get(f"/uploads/{wrong}", token=token).json()["offset"] == 0


def test_two_teams_do_not_share_an_upload(api: Api, actors: Actors) -> None:
    api.upload(DATA, actors.owner)
    assert api.get(f"/uploads/{digest(DATA)}", token=actors.other).json()["offset"] == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 411),
        ({"content-length": "-1"}, 411),
        ({"content-length": "x"}, 411),
        ({"content-length": "5", "transfer-encoding": "chunked"}, 411),
        ({"content-length": "0"}, 400),
        ({"content-length": "5", "content-encoding": "gzip"}, 415),
        ({"content-length": "5", "content-range": "bytes 0-5/10"}, 400),
        ({"content-length": "5", "content-range": "bytes 8-12/10"}, 400),
        ({"content-length": "5", "content-range": "bytes 4-0/10"}, 400),
        ({"content-length": "5", "content-range": "bytes */10"}, 400),
        ({"content-length": "5", "content-range": "words 0-4/10"}, 400),
    ],
)
def test_a_length_that_cannot_be_is_refused(headers: dict[str, str], status: int) -> None:
    with pytest.raises(HTTPException) as refused:
        read_stretch(headers, 100)
    assert refused.value.status_code == status


def test_a_file_larger_than_allowed_is_refused_by_what_is_told_of_it() -> None:
    headers = {"content-length": "5", "content-range": "bytes 0-4/101"}
    with pytest.raises(TooLarge, match="101 bytes; at most 100"):
        read_stretch(headers, 100)


@pytest.mark.parametrize(("headers", "start"), [({}, 0), ({"content-range": "bytes 5-9/20"}, 5)])
def test_a_length_that_fits_is_read(headers: dict[str, str], start: int) -> None:
    stretch = read_stretch({"content-length": "5", **headers}, 100)
    assert (stretch.start, stretch.length, stretch.size) == (start, 5, 20 if start else 5)


class Sink:
    """Remembers what was done with it."""

    def __init__(self, full: bool = False) -> None:
        self.got = b""
        self.end = ""
        self.full = full

    def write(self, data: bytes) -> None:
        if self.full:
            raise Unavailable("no space left on device")
        self.got += data

    def close(self) -> UploadState:
        self.end = "kept"
        return UploadState("ab", 100, len(self.got), False)

    def abandon(self) -> None:
        self.end = "abandoned"


def body(*pieces: bytes | None, more: bool = False) -> list[dict[str, Any]]:
    """Give messages of a request; None is a broken connection."""
    messages: list[dict[str, Any]] = [
        {"type": "http.disconnect"}
        if one is None
        else {"type": "http.request", "body": one, "more_body": more or number < len(pieces) - 1}
        for number, one in enumerate(pieces)
    ]
    return messages


def receive_all(sink: Sink, messages: list[dict[str, Any]], length: int, seconds: float = 5.0) -> UploadState:
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.sleep(60)
        return waiting.pop(0)

    async def run() -> UploadState:
        return await receive_part(receive, sink, length, Pace(seconds, 0), CapacityLimiter(1))

    return asyncio.run(run())


def test_all_bytes_reach_the_store_in_their_order() -> None:
    sink = Sink()
    state = receive_all(sink, body(*[bytes([n]) * 100_000 for n in range(7)]), 700_000)
    assert (sink.end, state.offset) == ("kept", 700_000)
    assert (
        hashlib.sha256(sink.got).digest()
        == hashlib.sha256(b"".join(bytes([n]) * 100_000 for n in range(7))).digest()
    )


def test_what_came_before_a_break_is_kept() -> None:
    sink = Sink()
    with pytest.raises(HTTPException, match="the connection broke"):
        receive_all(sink, body(b"x" * 10, None), 100)
    assert (sink.got, sink.end) == (b"x" * 10, "kept")


def test_a_body_that_ends_early_is_kept_as_far_as_it_came() -> None:
    sink = Sink()
    with pytest.raises(HTTPException, match="ended after 10 of 100 bytes"):
        receive_all(sink, body(b"x" * 10), 100)
    assert (sink.got, sink.end) == (b"x" * 10, "kept")


def test_more_bytes_than_told_are_all_thrown_away() -> None:
    sink = Sink()
    with pytest.raises(HTTPException, match="more than the 15 bytes"):
        receive_all(sink, body(b"x" * 10, b"y" * 10), 15)
    assert sink.end == "abandoned"


def test_a_client_that_falls_silent_is_sent_away_and_its_bytes_are_kept() -> None:
    sink = Sink()
    with pytest.raises(HTTPException, match=r"nothing came for 0.05 s") as refused:
        receive_all(sink, body(b"x" * 10, more=True), 100, seconds=0.05)
    assert refused.value.status_code == 408
    assert (sink.got, sink.end) == (b"x" * 10, "kept")


def test_a_full_disk_leaves_nothing_behind() -> None:
    sink = Sink(full=True)
    with pytest.raises(Unavailable, match="no space left"):
        receive_all(sink, body(b"x" * 10), 10)
    assert sink.end == "abandoned"


def test_a_server_that_is_told_to_end_keeps_what_came() -> None:
    sink = Sink()

    async def run() -> None:
        async def receive() -> dict[str, Any]:
            if not sink.got and not told:
                told.append(True)
                return {"type": "http.request", "body": b"x" * 10, "more_body": True}
            return await asyncio.sleep(60, {})

        told: list[bool] = []
        task = asyncio.create_task(receive_part(receive, sink, 100, Pace(30, 0), CapacityLimiter(1)))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert (sink.got, sink.end) == (b"x" * 10, "kept")


def test_a_client_below_the_slowest_rate_is_sent_away() -> None:
    pace = Pace(10.0, 100)
    for _ in range(9):
        pace.note(1, 1.0)
    with pytest.raises(HTTPException, match="1 bytes per second are too slow; at least 100"):
        pace.note(1, 1.0)


def test_a_client_above_the_slowest_rate_is_never_sent_away() -> None:
    pace = Pace(10.0, 100)
    for _ in range(100):
        pace.note(101, 1.0)


def test_the_time_that_our_disk_takes_does_not_count_against_the_client() -> None:
    pace = Pace(10.0, 100)
    for _ in range(100):
        pace.note(1, 0.0)


def test_uploads_at_once_of_a_team_are_limited(api: Api, token: str, service: Service) -> None:
    parts = api.app.state.parts
    with service.database.transaction(read_only=True):
        team = parts.authentication.of_secret(token, "203.0.113.7").team_id
    places = [parts.uploads.one_of(f"team {team}") for _ in range(parts.settings.uploads_at_once)]
    for place in places:
        place.__enter__()
    answer = api.upload(DATA, token)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "5"
    places[0].__exit__(None, None, None)
    assert api.upload(DATA, token).status_code == 200
