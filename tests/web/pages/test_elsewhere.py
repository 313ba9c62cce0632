"""Signing in through ORCID and GitHub, against a provider that this test plays."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from oceanbench_leaderboard.accounts import users
from oceanbench_leaderboard.service import Service
from oceanbench_web.signin import providers
from tests.web.pages.conftest import Visitor

PERSON = "0000-0002-1825-0097"
SECRET = "a secret of ours"


@dataclass
class Elsewhere:
    """A provider: it signs in whoever comes, unless it is told to misbehave."""

    key: RSAKey
    url: str = ""
    nonce: str = ""
    challenge: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] | None = None
    signer: RSAKey | None = None
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    def visit(self, address: str) -> dict[str, str]:
        """Do what a person does there, and give what comes back in the address."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert SECRET not in address
        self.nonce, self.challenge = query.get("nonce", ""), query["code_challenge"]
        return {"code": "the code", "state": query["state"]}

    def give_token(self, form: dict[str, list[str]]) -> dict[str, Any]:
        """Give a token for the code, if the secret and the proof of possession are right."""
        self.asked.append(form)
        proof = urlsafe_b64encode(sha256(form["code_verifier"][0].encode()).digest()).rstrip(b"=").decode()
        if form["client_secret"] != [SECRET] or form["code"] != ["the code"] or proof != self.challenge:
            return {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": "us",
            "sub": PERSON,
            "iat": now,
            "exp": now + 600,
            "nonce": self.nonce,
        }
        signer = self.signer or self.key
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, {**claims, **self.claims}, signer)
        return {
            "access_token": "theirs",
            "token_type": "bearer",
            "id_token": signed,
            "name": "Josiah Carberry",
        }


@pytest.fixture(scope="module")
def keys() -> tuple[RSAKey, RSAKey]:
    """The key of the provider, and that of somebody else."""
    return (
        RSAKey.generate_key(2048, {"kid": "one"}, private=True),
        RSAKey.generate_key(2048, {"kid": "one"}, private=True),
    )


@pytest.fixture
def elsewhere(keys: tuple[RSAKey, RSAKey], monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    """A provider on this machine, with which the service is registered."""
    provider = Elsewhere(keys[0])

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            if self.path == "/oauth/jwks":
                return self.say({"keys": [provider.key.as_dict(private=False)]})
            assert self.headers["Authorization"] == "Bearer theirs"
            return self.say({"id": 583231, "login": "octocat", "name": None})

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.say(provider.give_token(form) if provider.token is None else provider.token)

        def say(self, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(400 if "error" in content else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.url = f"http://127.0.0.1:{server.server_port}"
        for name in ("ORCID", "GITHUB"):
            monkeypatch.setenv(f"OCEANBENCH_{name}_ID", "us")
            monkeypatch.setenv(f"OCEANBENCH_{name}_SECRET", SECRET)
            monkeypatch.setenv(f"OCEANBENCH_{name}_URL", provider.url)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield provider
        server.shutdown()
        thread.join()


def come_back(visitor: Visitor, provider: str, said: dict[str, str]) -> Any:
    return visitor.get(f"/sign-in/{provider}/callback?{urlencode(said)}")


def begin(visitor: Visitor, elsewhere: Elsewhere, provider: str = "orcid") -> dict[str, str]:
    answer = visitor.get(f"/sign-in/{provider}?next=/submit")
    assert answer.status_code == 303
    return elsewhere.visit(answer.headers["location"])


def test_both_are_offered_where_they_are_registered(visitor: Visitor, elsewhere: Elsewhere) -> None:
    page = visitor.get("/sign-in").text
    assert "Sign in with ORCID" in page
    assert "Sign in with GitHub" in page


def test_neither_is_offered_where_none_is_registered(visitor: Visitor) -> None:
    assert "Sign in with" not in visitor.get("/sign-in").text
    assert visitor.get("/sign-in/orcid").status_code == 404


def test_orcid_signs_a_person_in_for_a_team_of_their_own(
    visitor: Visitor, elsewhere: Elsewhere, service: Service
) -> None:
    answer = come_back(visitor, "orcid", begin(visitor, elsewhere))
    assert answer.status_code == 303
    assert answer.headers["location"] == "/submit"
    assert "Josiah Carberry" in visitor.get("/team").text
    (user,) = users(service)
    assert (user.provider, user.subject) == ("orcid", PERSON)


def test_the_same_person_comes_back_to_the_same_team(
    visitor: Visitor, elsewhere: Elsewhere, service: Service
) -> None:
    for _ in range(2):
        come_back(visitor, "orcid", begin(visitor, elsewhere))
    assert len(users(service)) == 1


def test_github_signs_in_by_number_and_not_by_name(
    visitor: Visitor, elsewhere: Elsewhere, service: Service
) -> None:
    assert come_back(visitor, "github", begin(visitor, elsewhere, "github")).status_code == 303
    (user,) = users(service)
    assert (user.provider, user.subject, user.name) == ("github", "583231", "octocat")


def test_an_answer_with_another_state_is_refused(visitor: Visitor, elsewhere: Elsewhere) -> None:
    said = begin(visitor, elsewhere)
    answer = come_back(visitor, "orcid", {**said, "state": "x" * 48})
    assert answer.status_code == 403
    assert elsewhere.asked == []
    assert visitor.get("/team").status_code == 401


def test_an_answer_in_another_browser_is_refused(visitor: Visitor, elsewhere: Elsewhere) -> None:
    said = begin(visitor, elsewhere)
    assert come_back(Visitor(visitor.api), "orcid", said).status_code == 403
    assert elsewhere.asked == []


def test_an_answer_of_the_other_provider_is_refused(visitor: Visitor, elsewhere: Elsewhere) -> None:
    said = begin(visitor, elsewhere, "github")
    assert come_back(visitor, "orcid", said).status_code == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"aud": "another service"},
        {"iss": "https://evil.example"},
        {"exp": 1_000_000_000},
        {"sub": None},
    ],
    ids=str,
)
def test_what_was_signed_for_something_else_is_refused(
    visitor: Visitor, elsewhere: Elsewhere, service: Service, claims: dict[str, Any]
) -> None:
    elsewhere.claims = claims
    answer = come_back(visitor, "orcid", begin(visitor, elsewhere))
    assert answer.status_code == 401
    assert users(service) == []


def test_what_another_key_signed_is_refused(
    visitor: Visitor, elsewhere: Elsewhere, service: Service, keys: tuple[RSAKey, RSAKey]
) -> None:
    elsewhere.signer = keys[1]
    assert come_back(visitor, "orcid", begin(visitor, elsewhere)).status_code == 401
    assert users(service) == []


@pytest.mark.parametrize("token", [{"error": "invalid_grant"}, {"access_token": "theirs"}, {}], ids=str)
def test_a_provider_that_gives_no_identity_signs_nobody_in(
    visitor: Visitor, elsewhere: Elsewhere, service: Service, token: dict[str, Any]
) -> None:
    elsewhere.token = token
    assert come_back(visitor, "orcid", begin(visitor, elsewhere)).status_code == 401
    assert users(service) == []


def test_who_declines_there_is_told_so_here(visitor: Visitor, elsewhere: Elsewhere) -> None:
    said = begin(visitor, elsewhere)
    answer = come_back(visitor, "orcid", {"error": "access_denied", "state": said["state"]})
    assert answer.status_code == 401
    assert "access_denied" in answer.text


def test_a_provider_that_is_down_is_told_without_the_secret(
    visitor: Visitor, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    said = begin(visitor, elsewhere)
    monkeypatch.setenv("OCEANBENCH_ORCID_URL", "http://127.0.0.1:9")
    answer = come_back(visitor, "orcid", said)
    assert answer.status_code == 401
    assert "ORCID did not say who you are" in answer.text
    assert SECRET not in answer.text + "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"OCEANBENCH_ORCID_ID": "us"}, "OCEANBENCH_ORCID_SECRET is not set"),
        ({"OCEANBENCH_GITHUB_SECRET": SECRET}, "OCEANBENCH_GITHUB_ID is not set"),
        (
            {
                "OCEANBENCH_ORCID_ID": "us",
                "OCEANBENCH_ORCID_SECRET": SECRET,
                "OCEANBENCH_ORCID_URL": "http://a.b",
            },
            "OCEANBENCH_ORCID_URL='http://a.b' is not allowed",
        ),
    ],
)
def test_half_a_registration_is_refused(environment: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said) as refusal:
        providers(environment)
    assert SECRET not in str(refusal.value)


def test_a_secret_is_not_shown_by_accident() -> None:
    found = providers({"OCEANBENCH_ORCID_ID": "us", "OCEANBENCH_ORCID_SECRET": SECRET})
    assert SECRET not in repr(found)
    assert found["orcid"].authorise == "https://orcid.org/oauth/authorize"
