"""Sessions of the pages: signed, short-lived, worth nothing without their word, ended by revocation."""

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from oceanbench_leaderboard.accounts import revoke_tokens
from oceanbench_leaderboard.errors import Forbidden, Unavailable
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.settings import Settings
from oceanbench_web.app import create_app
from oceanbench_web.security.keys import secret_key
from oceanbench_web.security.sessions import Session, Sessions, check_csrf
from tests.web.api.calling import Actors, Api, calling
from tests.web.api.conftest import EMBEDDED

KEY = "k" * 40


def begun(sessions: Sessions, subject: str = "abc") -> tuple[Session, dict[str, str], str]:
    """Give a session, the cookies that a browser then has, and the header that set them."""
    response = Response()
    session = sessions.begin(response, "token", subject)
    header = response.headers["set-cookie"]
    name, _, value = header.partition(";")[0].partition("=")
    return session, {name: value}, header


def request(method: str, headers: dict[str, str] | None = None) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    return Request({"type": "http", "method": method, "path": "/", "headers": raw, "query_string": b""})


def test_what_was_signed_is_read_again() -> None:
    sessions = Sessions(KEY)
    session, cookies, _ = begun(sessions)
    assert sessions.read(cookies) == session


@pytest.mark.parametrize("harm", [lambda text: text[:-1], lambda text: "x" + text, lambda _: "e30.aa.bb"])
def test_what_was_not_signed_by_us_is_no_session(harm: object) -> None:
    sessions = Sessions(KEY)
    _, cookies, _ = begun(sessions)
    assert callable(harm)
    assert sessions.read({name: harm(value) for name, value in cookies.items()}) is None


def test_another_key_ends_all_sessions() -> None:
    _, cookies, _ = begun(Sessions(KEY))
    assert Sessions("another key of forty characters, or more").read(cookies) is None


def test_a_session_grows_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions(KEY, days=1)
    _, cookies, _ = begun(sessions)
    import time

    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86400 + 5)
    assert sessions.read(cookies) is None


def test_the_cookie_is_kept_from_scripts_and_from_other_sites() -> None:
    _, _, header = begun(Sessions(KEY, https=True))
    assert header.startswith("__Host-oceanbench=")
    for word in ("HttpOnly", "SameSite=lax", "Secure", "Path=/"):
        assert word in header
    assert "Secure" not in begun(Sessions(KEY))[2]


def test_no_two_sessions_have_the_same_word() -> None:
    assert begun(Sessions(KEY))[0].csrf != begun(Sessions(KEY))[0].csrf


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_change_must_repeat_the_word_of_its_session(method: str) -> None:
    session, _, _ = begun(Sessions(KEY))
    check_csrf(request(method, {"x-csrf-token": session.csrf}), session)
    check_csrf(request(method), session, given=session.csrf)
    for wrong in ("", "x", session.csrf[:-1], "é"):
        with pytest.raises(Forbidden, match="word of the session"):
            check_csrf(request(method), session, given=wrong)


def test_a_look_needs_no_word() -> None:
    check_csrf(request("GET"), begun(Sessions(KEY))[0])


@EMBEDDED
def test_a_session_of_a_token_may_what_the_token_may(api: Api, actors: Actors) -> None:
    session, cookies, _ = begun(api.app.state.parts.sessions, actors.owner.split("_")[1])
    assert with_cookies(api, "GET", "/api/v1/me", cookies).json()["team"] == "Tides"
    refused = with_cookies(api, "POST", "/api/v1/tokens", cookies, json={})
    assert (refused.status_code, refused.json()["error"]["kind"]) == (403, "forbidden")
    word = {"X-CSRF-Token": session.csrf}
    assert with_cookies(api, "POST", "/api/v1/tokens", cookies, json={}, headers=word).status_code == 201


@EMBEDDED
def test_a_revoked_token_ends_its_sessions(api: Api, actors: Actors, service: Service) -> None:
    _, cookies, _ = begun(api.app.state.parts.sessions, actors.owner.split("_")[1])
    revoke_tokens(service, "Tides")
    assert with_cookies(api, "GET", "/api/v1/me", cookies).status_code == 401


def form(session: Session) -> dict[str, object]:
    return {"data": {"csrf": session.csrf}}


@EMBEDDED
def test_signing_out_ends_the_session_also_for_a_copy_of_its_cookie(
    api: Api, actors: Actors, service: Service
) -> None:
    sessions = api.app.state.parts.sessions
    session, cookies, _ = begun(sessions, actors.owner.split("_")[1])
    _, others, _ = begun(sessions, actors.owner.split("_")[1])
    assert with_cookies(api, "POST", "/sign-out", cookies, **form(session)).status_code == 303
    assert with_cookies(api, "GET", "/api/v1/me", cookies).status_code == 401
    assert with_cookies(api, "GET", "/team", cookies).status_code == 401
    assert with_cookies(api, "GET", "/api/v1/me", others).status_code == 200
    with calling(create_app(service, api.app.state.parts.settings)) as another_process:
        assert with_cookies(another_process, "GET", "/api/v1/me", cookies).status_code == 401
        assert with_cookies(another_process, "GET", "/api/v1/me", others).status_code == 200


@EMBEDDED
def test_who_cannot_be_signed_out_is_told_so(
    api: Api, actors: Actors, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("gone")

    session, cookies, _ = begun(api.app.state.parts.sessions, actors.owner.split("_")[1])
    monkeypatch.setattr("oceanbench_web.security.authentication.end_session", fail)
    answer = with_cookies(api, "POST", "/sign-out", cookies, **form(session))
    assert answer.status_code == 503
    assert "set-cookie" not in answer.headers


@EMBEDDED
def test_a_token_in_the_header_wins_over_a_session(api: Api, actors: Actors) -> None:
    _, cookies, _ = begun(api.app.state.parts.sessions, actors.owner.split("_")[1])
    answer = with_cookies(api, "GET", "/api/v1/me", cookies, token=actors.other)
    assert answer.json()["team"] == "Eddies"
    assert with_cookies(api, "GET", "/api/v1/me", cookies, token="ob_wrong").status_code == 401


def with_cookies(api: Api, method: str, path: str, cookies: dict[str, str], **more: object) -> httpx.Response:
    headers = dict(more.pop("headers", {}))  # type: ignore[call-overload]
    headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return api.call(method, path, headers=headers, **more)  # type: ignore[arg-type]


@EMBEDDED
def test_a_folder_has_one_key_that_only_its_owner_reads(service_settings: Settings) -> None:
    key = secret_key(service_settings)
    path = service_settings.data / "secret_key"
    assert key == secret_key(service_settings) == path.read_text()
    assert len(key) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir() if one.name.startswith(".secret")] == []


@EMBEDDED
def test_the_key_of_the_settings_wins_and_a_damaged_one_is_refused(service_settings: Settings) -> None:
    assert secret_key(service_settings.model_copy(update={"secret_key": "mine"})) == "mine"
    service_settings.data.mkdir(exist_ok=True)
    (service_settings.data / "secret_key").write_text("short")
    with pytest.raises(ValueError, match="holds 5 characters"):
        secret_key(service_settings)
