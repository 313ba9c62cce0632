"""Errors: one shape, the right status, nothing that is nobody's business."""

import asyncio
import logging
from io import StringIO
from typing import Any

import pytest
import structlog
from fastapi import FastAPI

from oceanbench_leaderboard import errors
from oceanbench_leaderboard.logs import configure_logs
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.settings import Settings
from oceanbench_web.app import create_app
from oceanbench_web.errors import RateLimited
from oceanbench_web.settings import WebSettings
from tests.web.api.calling import Actors, Api, calling, digest
from tests.web.api.conftest import EMBEDDED

pytestmark = EMBEDDED


def raising(app: FastAPI, error: Exception) -> None:
    """Add a route that fails."""

    @app.get("/api/v1/failing")
    async def fail() -> None:
        raise error


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (errors.NotFound("no such map"), 404, "not_found"),
        (errors.Forbidden("not yours"), 403, "forbidden"),
        (errors.Unauthorised("who?"), 401, "unauthorised"),
        (errors.Conflict("not now"), 409, "conflict"),
        (errors.TooLarge("too much"), 413, "too_large"),
        (errors.DigestMismatch("other bytes"), 422, "digest_mismatch"),
        (errors.Closed("too late"), 403, "closed"),
        (errors.QuotaExceeded("too many", 12.2), 429, "quota_exceeded"),
        (RateLimited("too often", 3.0), 429, "rate_limited"),
        (errors.ServiceError("not so"), 400, "refused"),
    ],
)
def test_what_the_service_refuses_has_its_status(
    app: FastAPI, api: Api, error: Exception, status: int, kind: str
) -> None:
    raising(app, error)
    answer = api.get("/failing")
    assert answer.status_code == status
    assert answer.json()["error"]["kind"] == kind
    assert answer.json()["error"]["message"] == str(error)


def test_every_error_of_the_service_is_in_the_table(app: FastAPI) -> None:
    named = {getattr(errors, name) for name in errors.__all__}
    assert named <= set(app.exception_handlers)


def test_a_client_is_told_when_to_come_back(app: FastAPI, api: Api) -> None:
    raising(app, errors.QuotaExceeded("too many", 12.2))
    answer = api.get("/failing")
    assert answer.headers["retry-after"] == "13"
    assert answer.json()["error"]["retry_after"] == 12.2


def test_who_is_unknown_is_told_how_to_be_known(api: Api) -> None:
    assert api.get("/me").headers["www-authenticate"] == 'Bearer realm="oceanbench"'


def test_what_is_away_is_told_without_names_of_this_machine(app: FastAPI, api: Api) -> None:
    raising(app, errors.Unavailable("/srv/secret/folder cannot be written"))
    with structlog.testing.capture_logs() as lines:
        answer = api.get("/failing")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "/srv" not in answer.text
    number = answer.json()["error"]["message"].split("number ")[1].rstrip(")")
    told = next(line for line in lines if line["event"] == "unavailable")
    assert (told["number"], told["cause"]) == (number, "/srv/secret/folder cannot be written")


def test_a_defect_of_ours_is_told_by_its_number_only(app: FastAPI, api: Api) -> None:
    raising(app, ZeroDivisionError("ob_secret_thing"))
    with structlog.testing.capture_logs() as lines:
        answer = api.get("/failing")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text
    assert "ob_secret" not in answer.text
    told = next(line for line in lines if line["event"] == "unforeseen error")
    assert told["number"] in answer.json()["error"]["message"]
    assert isinstance(told["exc_info"], ZeroDivisionError)
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/v1/challenges/nothing", 404, "not_found"),
        ("GET", "/api/v1/challenges/..%2f..%2fetc/board", 404, "not_found"),
        ("GET", "/api/v1/challenges/toy/board?track=nothing", 404, "not_found"),
        ("GET", "/api/v1/challenges/toy/board?version=9.9", 404, "not_found"),
        ("GET", "/api/v1/challenges/toy/board?show=worst", 422, "invalid"),
        ("GET", "/api/v1/challenges/toy/board?limit=0", 422, "invalid"),
        ("GET", "/api/v1/challenges/toy/board.csv?version=9.9", 404, "not_found"),
        ("GET", "/api/v1/submissions/NOT-AN-ID", 422, "invalid"),
        ("POST", "/api/v1/health", 405, "method_not_allowed"),
        ("GET", "/api/v1/submissions/abc/report/../../secret", 404, "not_found"),
    ],
)
def test_what_cannot_be_answered_has_the_same_shape(
    api: Api, method: str, path: str, status: int, kind: str
) -> None:
    answer = api.call(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert answer.json()["error"]["kind"] == kind


def test_what_was_given_wrongly_is_named_and_not_repeated(api: Api, token: str) -> None:
    entry = {
        "challenge": "toy",
        "sha256": "<script>",
        "card": {"method": "x" * 10_000, "code": "javascript:1"},
    }
    answer = api.post("/submissions", token=token, json=entry)
    message = answer.json()["error"]["message"]
    assert answer.status_code == 422
    assert "body.sha256" in message
    assert "body.card.method" in message
    assert "<script>" not in message
    assert len(message) < 2000


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[]", b"null", b'{"a":' * 5000])
def test_a_body_that_is_no_entry_is_refused(api: Api, token: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.post("/submissions", token=token, content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert set(answer.json()) == {"error"}


def test_a_body_that_is_too_large_is_refused(api: Api, token: str) -> None:
    answer = api.post("/submissions", token=token, content=b" " * 70_000)
    assert answer.status_code == 413
    assert "larger than 65536 bytes" in answer.json()["error"]["message"]


def send_slowly(app: FastAPI, headers: list[tuple[bytes, bytes]], pieces: list[bytes]) -> int:
    """Send a body in pieces and then nothing more; give the status."""
    waiting = list(pieces)
    statuses = []

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.sleep(30)
        return {"type": "http.request", "body": waiting.pop(0), "more_body": True}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/submissions", "raw_path": b"", "query_string": b"",
        "headers": [(b"content-type", b"application/json"), *headers], "client": ("192.0.2.1", 1),
        "server": ("127.0.0.1", 80), "scheme": "http", "root_path": "", "http_version": "1.1",
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    return int(statuses[0])


@pytest.mark.parametrize("web_settings", [WebSettings(read_seconds=0.2)])
def test_a_body_that_says_nothing_of_its_length_is_stopped_where_it_grows_too_large(app: FastAPI) -> None:
    assert send_slowly(app, [], [b" " * 40_000, b" " * 40_000]) == 413


@pytest.mark.parametrize("web_settings", [WebSettings(read_seconds=0.2)])
def test_a_client_that_falls_silent_in_its_body_is_sent_away(app: FastAPI) -> None:
    assert send_slowly(app, [(b"content-length", b"100")], [b"{"]) == 408


def test_a_path_that_no_route_knows_is_no_upload_without_limit(api: Api, token: str) -> None:
    answer = api.call("PUT", "/api/v1/nothing", token=token, content=b" " * 70_000)
    assert answer.status_code == 413


def test_every_answer_tells_browsers_what_they_may_do(api: Api, token: str) -> None:
    for path in ("/health", "/nothing", "/challenges/toy/board", "/me", "/openapi.json"):
        headers = api.get(path, token=token).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "referrer-policy" in headers
    assert api.get("/me", token=token).headers["cache-control"] == "no-store"


def test_in_production_only_our_own_host_is_answered(
    service: Service, toy_board: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONDEVMODE", raising=False)
    service.settings.data.mkdir(exist_ok=True)
    service.settings.data.chmod(0o700)
    settings: Settings = service.settings.model_copy(
        update={
            "mode": "production",
            "secret_key": "Zm9yIHRlc3RzIG9ubHksIG5vdCBmb3IgYW55IHNlcnZpY2U",
            "base_url": "https://boards.example.org",
        }
    )
    safe = Service(settings, service.database, service.files, service.queue, service.now)
    with calling(create_app(safe, WebSettings())) as api:
        for host, status in {
            "boards.example.org": 200,
            "Boards.Example.org:443": 200,
            "127.0.0.1:8000": 200,
            "[::1]:8000": 200,
            "evil.example.org": 400,
            "boards.example.org.evil.example.org": 400,
            "": 400,
        }.items():
            answer = api.get("/health", headers={"Host": host})
            assert answer.status_code == status, host
        assert "max-age" in answer.headers["strict-transport-security"]
        assert answer.json()["error"]["kind"] == "bad_request"


def test_the_log_tells_of_each_request_and_never_a_secret(api: Api, actors: Actors) -> None:
    stream = StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        configure_logs("json", stream=stream)
        secret = actors.owner
        api.get(f"/submissions?challenge={secret}", token=secret)
        api.get("/me", headers={"Authorization": f"Basic {secret}"})
        api.get(f"/challenges/{secret}", headers={"Cookie": f"oceanbench={secret}"})
        made = api.post("/tokens", token=secret, json={"label": "laptop"}).json()["secret"]
        api.upload(b"a map", made)
        api.call("PUT", f"/api/v1/uploads/{digest(b'x')}?t={secret}", token=made, content=b"y")
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
        logging.captureWarnings(False)
        structlog.reset_defaults()
    text = stream.getvalue()
    assert text.count('"route"') == 6
    assert '"route": "/api/v1/uploads/{sha256}"' in text
    assert '"team": "Tides"' in text
    assert '"address": "203.0.113.7"' in text
    for one in (secret, made):
        assert one not in text
        assert one.split("_", 2)[2] not in text
