"""What the client says of a service that does not answer as it should."""

import pytest

from oceanbench_web.client import Connection, Patience, Refused, Unreachable
from tests.web.client.conftest import TOKEN, Pretender


@pytest.mark.parametrize("url", ["board.example.org", "ftp://board.example.org", "https://", ""])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is no address of a service"):
        Connection(url, TOKEN)


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("localhost:8000", "http"),
        ("127.0.0.1:8000", "http"),
        ("[::1]:8000", "http"),
        ("b.example.org", "https"),
    ],
)
def test_an_address_without_its_beginning_is_told_with_the_likely_one(url: str, meant: str) -> None:
    with pytest.raises(ValueError, match="did you mean") as refusal:
        Connection(url, TOKEN)
    assert f"did you mean {meant}://{url}?" in str(refusal.value)


def test_the_address_of_a_page_is_told_from_that_of_the_service(pretender: Pretender) -> None:
    pretender.will("GET", "/me", 404, {"error": {"kind": "not_found", "message": "Not Found"}})
    with pretender.connect() as connection, pytest.raises(Refused, match="give that of its front page"):
        connection.once("GET", "/me")


def test_that_nobody_answers_is_told_once(pretender: Pretender) -> None:
    told: list[str] = []
    with pretender.connect(patience=Patience(seconds=3.0, first=0.5), tell=told.append) as connection:
        for _ in range(3):
            pretender.will("GET", "/me", 200, "<html>somebody else</html>")
        connection.ask("GET", "/me")
    (words,) = told
    assert f"nobody answers at {pretender.url}; trying again until about " in words


def test_a_token_is_not_sent_in_the_clear_off_this_machine() -> None:
    with pytest.raises(ValueError, match=r"http://board.example.org is not encrypted.*--insecure"):
        Connection("http://board.example.org", TOKEN)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000/"])
def test_this_machine_needs_no_encryption(url: str) -> None:
    with Connection(url, TOKEN) as connection:
        assert connection.url == url.rstrip("/")


def test_whoever_insists_may_send_it_in_the_clear() -> None:
    with Connection("http://board.example.org", TOKEN, insecure=True) as connection:
        assert connection.url == "http://board.example.org"


def test_a_name_that_only_begins_like_this_machine_is_another() -> None:
    with pytest.raises(ValueError, match="not encrypted"):
        Connection("http://localhost.example.org", TOKEN)


def test_the_address_may_be_that_of_the_api() -> None:
    with Connection("https://board.example.org/api/v1/", TOKEN) as connection:
        assert connection.url == "https://board.example.org"


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="name or a password") as refusal:
        Connection("https://me:secret@board.example.org", TOKEN)
    assert "secret" not in str(refusal.value)


def test_a_service_that_is_down_is_told_at_once() -> None:
    with Connection("http://127.0.0.1:9", TOKEN) as connection, pytest.raises(Unreachable) as trouble:
        connection.once("GET", "/me")
    assert "nobody answers at http://127.0.0.1:9" in str(trouble.value)


def test_patience_ends(pretender: Pretender) -> None:
    slept: list[float] = []
    patience = Patience(seconds=10.0, first=1.0, longest=4.0)
    with (
        Connection("http://127.0.0.1:9", TOKEN, patience=patience, sleep=slept.append) as connection,
        pytest.raises(Unreachable),
    ):
        connection.ask("GET", "/me")
    assert slept == [1.0, 2.0, 4.0, 4.0]


def test_another_web_site_is_no_service(pretender: Pretender) -> None:
    pretender.will("GET", "/me", 200, "<html>a shop</html>")
    pretender.will("GET", "/me", 404, "<html>a shop</html>")
    with pretender.connect() as connection:
        for _ in range(2):
            with pytest.raises(Unreachable, match=r"is no service of oceanbench.*text/html"):
                connection.once("GET", "/me")


def test_a_token_that_is_not_known_is_told_with_where_to_get_one(pretender: Pretender) -> None:
    with Connection(pretender.url, "ob_other") as connection, pytest.raises(Refused) as refusal:
        connection.once("GET", "/me")
    assert refusal.value.status == 401
    assert f"the token is not known; make a new token on {pretender.url}/team" in str(refusal.value)


def test_a_challenge_that_is_closed_is_told_in_the_words_of_the_service(pretender: Pretender) -> None:
    closed = {"error": {"kind": "closed", "message": "2020a closed at 2026-01-01T00:00:00Z"}}
    pretender.will("POST", "/submissions", 403, closed)
    with pretender.connect() as connection, pytest.raises(Refused, match="closed at 2026-01-01"):
        connection.ask("POST", "/submissions", json={})
    assert pretender.slept == []


def test_a_quota_that_is_used_up_says_when_to_come_back(pretender: Pretender) -> None:
    used = {"error": {"kind": "quota", "message": "20 of 20 today", "retry_after": 7300.0}}
    pretender.will("POST", "/submissions", 429, used)
    with pretender.connect() as connection, pytest.raises(Refused, match="try again in 2 h 2 min"):
        connection.ask("POST", "/submissions", json={})


def test_a_service_that_is_busy_for_a_moment_is_asked_again(pretender: Pretender) -> None:
    slow = {"error": {"kind": "rate", "message": "too many requests"}}
    pretender.will("GET", "/me", 429, slow, Retry_After="3")
    pretender.will("GET", "/me", 503, "<html>restarting</html>")
    with pretender.connect() as connection:
        assert connection.ask("GET", "/me") == {"team": "Tides"}
    assert pretender.slept == [3.0, 1.0]


def test_the_token_is_in_no_message_of_a_refusal(pretender: Pretender) -> None:
    pretender.will("GET", "/me", 500, {"error": {"kind": "bug", "message": "incident 12"}})
    with pretender.connect() as connection, pytest.raises(Refused) as refusal:
        connection.ask("GET", "/me")
    assert TOKEN not in repr(refusal.value) + str(refusal.value.__context__)
