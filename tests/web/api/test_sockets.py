"""Bodies over real sockets: too long, too short, none at all, slow, cut off and taken up again."""

import json
import time
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from oceanbench_web.settings import WebSettings
from tests.web.api.calling import CARD, Actors, digest
from tests.web.api.conftest import EMBEDDED
from tests.web.api.serving import converse, served

pytestmark = EMBEDDED

DATA = bytes(range(256)) * 400  # more than one piece of the wire


@pytest.fixture
def web_settings() -> WebSettings:
    """A server with little patience."""
    return WebSettings(read_seconds=0.5, slowest_upload=1000, poll_seconds=0.05)


@pytest.fixture
def port(app: FastAPI) -> Iterator[int]:
    """The port that the app is served on."""
    with served(app) as port:
        yield port


def head(token: str, data: bytes, **headers: object) -> bytes:
    lines = [
        f"PUT /api/v1/uploads/{digest(data)} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: close",
        f"Authorization: Bearer {token}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def read(answer: bytes) -> tuple[int, dict[str, object]]:
    top, _, body = answer.partition(b"\r\n\r\n")
    return int(top.split()[1]), json.loads(body)


def offset(port: int, token: str, data: bytes = DATA) -> int:
    url = f"http://127.0.0.1:{port}/api/v1/uploads/{digest(data)}"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {token}"})
    return int(answer.json()["offset"])


def wait_for_offset(port: int, token: str, wanted: int) -> None:
    deadline = time.monotonic() + 10
    while offset(port, token) != wanted:
        assert time.monotonic() < deadline, f"{offset(port, token)} bytes are safe, not {wanted}"
        time.sleep(0.05)


def test_a_whole_file_over_a_socket_is_complete(port: int, token: str) -> None:
    status, told = read(converse(port, head(token, DATA, Content_Length=len(DATA)), DATA))
    assert (status, told["complete"]) == (200, True)


def test_a_body_without_a_length_is_refused(port: int, token: str) -> None:
    status, told = read(converse(port, head(token, DATA)))
    assert (status, told["error"]["kind"]) == (411, "length_required")  # type: ignore[index]


def test_a_body_in_chunks_of_unknown_number_is_refused(port: int, token: str) -> None:
    chunk = f"{len(DATA):x}\r\n".encode() + DATA + b"\r\n0\r\n\r\n"
    status, _ = read(converse(port, head(token, DATA, Transfer_Encoding="chunked"), chunk))
    assert status == 411
    assert offset(port, token) == 0


def test_bytes_beyond_the_length_belong_to_no_upload(port: int, token: str) -> None:
    first = converse(port, head(token, DATA, Content_Length=len(DATA)), DATA + b"more bytes than told")
    assert read(first)[0] == 200
    assert first.count(b"HTTP/1.1 ") == 1
    assert offset(port, token) == len(DATA)


def test_a_length_and_chunks_together_are_refused(port: int, token: str) -> None:
    both = head(token, DATA, Content_Length=len(DATA), Transfer_Encoding="chunked")
    assert b" 4" in converse(port, both, b"0\r\n\r\n")[:20]
    assert offset(port, token) == 0


def test_a_connection_that_breaks_leaves_what_came_and_the_rest_may_follow(port: int, token: str) -> None:
    converse(port, head(token, DATA, Content_Length=len(DATA)), DATA[:70_000], shut=True, seconds=5)
    wait_for_offset(port, token, 70_000)
    rest = head(
        token, DATA, Content_Length=len(DATA) - 70_000,
        Content_Range=f"bytes 70000-{len(DATA) - 1}/{len(DATA)}",
    )  # fmt: skip
    status, told = read(converse(port, rest, DATA[70_000:]))
    assert (status, told["complete"]) == (200, True)


def test_a_client_that_falls_silent_is_sent_away(port: int, token: str) -> None:
    begun = time.monotonic()
    answer = converse(port, head(token, DATA, Content_Length=len(DATA)), DATA[:5000])
    assert time.monotonic() - begun < 8
    status, told = read(answer)
    assert (status, told["error"]["kind"]) == (408, "too_slow")  # type: ignore[index]
    assert b"connection: close" in answer.lower()
    wait_for_offset(port, token, 5000)


def test_a_client_that_drips_is_sent_away(port: int, token: str) -> None:
    drops = [DATA[n : n + 1] for n in range(12)]
    answer = converse(port, head(token, DATA, Content_Length=len(DATA)), *drops, pause=0.1)
    status, told = read(answer)
    assert status == 408
    assert "at least 1000" in told["error"]["message"]  # type: ignore[index]


def test_a_client_is_told_no_before_it_sent_all(port: int, actors: Actors) -> None:
    status, told = read(converse(port, head("ob_wrong", DATA, Content_Length=1_500_000_000), DATA[:5000]))
    assert (status, told["error"]["kind"]) == (401, "unauthorised")  # type: ignore[index]
    status, _ = read(converse(port, head(actors.owner, DATA, Content_Length=3 << 30), DATA[:5000]))
    assert status == 413


def test_a_connection_is_of_use_after_a_refused_piece(port: int, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", headers=headers) as client:
        path = f"/uploads/{digest(DATA)}"
        wrong = {"Content-Range": f"bytes 10-{len(DATA) - 1}/{len(DATA)}"}
        assert client.put(path, content=DATA[10:], headers=wrong).json()["error"]["offset"] == 0
        assert client.put(path, content=DATA).json()["complete"] is True


def test_the_head_of_a_board_leaves_the_connection_of_use(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for path in ("/", "/api/v1/challenges/toy/board", "/challenges/toy", "/nothing"):
            whole, head = client.get(path), client.head(path)
            assert (head.status_code, head.content) == (whole.status_code, b"")
            assert head.headers["content-length"] == whole.headers["content-length"]


def test_events_reach_a_listener_as_they_happen(port: int, token: str, app: FastAPI) -> None:
    from oceanbench_leaderboard.service import Service
    from tests.web.api.calling import change_run

    service: Service = app.state.parts.service
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", headers=headers, timeout=10) as client:
        client.put(f"/uploads/{digest(DATA)}", content=DATA).raise_for_status()
        entry = {"challenge": "toy", "track": "all", "sha256": digest(DATA), "card": CARD}
        entered = client.post("/submissions", json=entry)
        assert (entered.status_code, entered.headers["location"]) == (202, entered.json()["links"]["self"])
        states = []
        with client.stream("GET", f"/submissions/{entered.json()['id']}/events") as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    states.append(json.loads(line.removeprefix("data: "))["state"])
                    following = {"queued": "checking", "checking": "scoring", "scoring": "failed"}
                    if states[-1] in following:
                        change_run(service, entered.json()["id"], state=following[states[-1]])
    assert states == ["queued", "checking", "scoring", "failed"]
