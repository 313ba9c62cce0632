"""Boards: made once for each revision, packed, and not sent to who has them."""

import csv
import gzip
import io
import json
import threading
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from oceanbench_leaderboard import ranking
from oceanbench_leaderboard.service import Service
from oceanbench_web.kept import KeptBytes
from tests.web.api.calling import Api, finish
from tests.web.api.conftest import EMBEDDED

BOARD = "/challenges/toy/board"


@pytest.fixture
def scored(api: Api, service: Service, token: str) -> Callable[[bytes, float], str]:
    """Give what enters a file and has it scored."""

    def make(data: bytes, mu: float) -> str:
        submission = str(api.enter(data, token, card={"method": f"method {mu}"}).json()["id"])
        finish(service, submission, mu)
        ranking.refresh(service, "toy")
        return submission

    return make


def test_an_empty_board_is_a_board(api: Api) -> None:
    board = api.get(BOARD).json()
    assert (board["rows"], board["total"], board["track"]) == ([], 0, "all")
    assert api.get(f"{BOARD}.csv").status_code == 200


def test_a_scored_submission_stands_on_the_board(api: Api, scored: Callable[[bytes, float], str]) -> None:
    submission = scored(b"a", 0.9)
    board = api.get(f"{BOARD}?track=all").json()
    assert [row["submission"] for row in board["rows"]] == [submission]
    assert board["rows"][0]["rank"] == 1
    assert api.get(f"{BOARD}?track=half").json()["rows"] == []
    lines = list(csv.reader(io.StringIO(api.get(f"{BOARD}.csv").text)))
    assert "method 0.9" in lines[1]


@EMBEDDED
def test_pages_of_a_board_make_the_whole(api: Api, scored: Callable[[bytes, float], str]) -> None:
    for number in range(5):
        scored(bytes([number]), 0.5 + number / 100)
    whole = api.get(f"{BOARD}?show=all").json()
    assert (whole["total"], len(whole["rows"])) == (5, 5)
    pages = [api.get(f"{BOARD}?show=all&limit=2&offset={offset}").json()["rows"] for offset in (0, 2, 4)]
    assert [row for page in pages for row in page] == whole["rows"]
    assert len(api.get(f"{BOARD}?show=best").json()["rows"]) == 1


@EMBEDDED
def test_who_has_a_board_is_not_sent_it_again_until_a_row_changes(
    api: Api, scored: Callable[[bytes, float], str]
) -> None:
    scored(b"a", 0.9)
    first = api.get(BOARD)
    assert first.headers["cache-control"] == "no-cache"
    again = api.get(BOARD, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    scored(b"b", 0.95)
    changed = api.get(BOARD, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


@EMBEDDED
def test_a_board_is_made_once_for_each_revision(
    api: Api, scored: Callable[[bytes, float], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scored(b"a", 0.9)
    made = []
    real = ranking.board
    monkeypatch.setattr(ranking, "board", lambda *a, **k: made.append(1) or real(*a, **k))
    for _ in range(3):
        assert api.get(BOARD).status_code == 200
    assert len(made) == 1
    scored(b"b", 0.95)
    api.get(BOARD)
    assert len(made) == 2


@EMBEDDED
def test_a_track_that_only_a_published_table_has_is_a_board_too(api: Api) -> None:
    listed = api.get("/challenges/2021a/board").json()["tracks"]
    assert "January 2017 only" in listed
    for track in listed:
        board = api.get("/challenges/2021a/board", params={"track": track.upper()})
        assert (board.status_code, board.json()["track"]) == (200, track)
        lines = list(
            csv.reader(io.StringIO(api.get("/challenges/2021a/board.csv", params={"track": track}).text))
        )
        assert len(lines) == 1 + board.json()["total"] > 1
    assert api.get("/challenges/2021a/board?track=February").status_code == 404


@EMBEDDED
def test_a_board_is_packed_for_who_can_unpack_it(api: Api, app: FastAPI) -> None:
    raw = api.get("/challenges/2020a/board", headers={"Accept-Encoding": "gzip"})
    plain = api.get("/challenges/2020a/board", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert raw.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert raw.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert raw.json() == plain.json()
    kept = next(iter(app.state.parts.kept._kept.values()))
    assert json.loads(gzip.decompress(kept.packed)) == plain.json()


@EMBEDDED
def test_a_challenge_is_described_without_a_place_of_this_machine(api: Api) -> None:
    names = [line["id"] for line in api.get("/challenges").json()]
    assert "toy" in names
    for name in names:
        text = api.get(f"/challenges/{name}").text
        assert "/toy/data" not in text
        assert "truth.nc" not in text
        document = json.loads(text)
        assert document["tracks"]
        assert document["open"] is (document["why_not"] == "")


def answer(kept: KeptBytes, key: str, text: bytes) -> bytes:
    return kept.get(key, lambda: text, "text/plain").plain


def test_what_was_used_last_is_kept_and_the_oldest_goes() -> None:
    kept = KeptBytes(capacity=1000)
    for key in ("a", "b", "c", "d"):
        answer(kept, key, b"x" * 240)
    assert answer(kept, "a", b"new") == b"x" * 240
    answer(kept, "e", b"x" * 240)
    assert answer(kept, "b", b"new") == b"new"
    assert answer(kept, "a", b"new") == b"x" * 240


def test_what_is_too_large_is_not_kept() -> None:
    kept = KeptBytes(capacity=1000)
    answer(kept, "a", b"x" * 251)
    assert answer(kept, "a", b"new") == b"new"


def test_many_who_ask_at_once_have_it_made_once() -> None:
    kept = KeptBytes(capacity=1000)
    made: list[int] = []
    begun = threading.Event()

    def make() -> bytes:
        made.append(1)
        begun.wait(5)
        return b"board"

    threads = [threading.Thread(target=kept.get, args=("a", make, "text/plain")) for _ in range(5)]
    for thread in threads:
        thread.start()
    begun.set()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_a_failure_is_not_kept() -> None:
    kept = KeptBytes(capacity=1000)

    def fail() -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        kept.get("a", fail, "text/plain")
    assert answer(kept, "a", b"new") == b"new"
    assert kept._making == {}


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip", True), ("br, GZIP ; q=0.5", True), ("gzip;q=0", False), ("br", False), ("", False)],
)
@EMBEDDED
def test_packing_follows_what_the_client_accepts(api: Api, accepted: str, packed: bool) -> None:
    got: httpx.Response = api.get("/challenges/2020a/board", headers={"Accept-Encoding": accepted})
    assert ("content-encoding" in got.headers) is packed
