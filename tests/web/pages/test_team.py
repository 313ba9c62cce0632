"""Signing in and out, the page of a team, its tokens, and what a form must bring along."""

import re

import pytest

from oceanbench_leaderboard.accounts import issue_token, principal_of_token, revoke_tokens
from oceanbench_leaderboard.service import Service
from tests.web.pages.conftest import Entered, Visitor

ELSEWHERE = ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:x")
FORMS = ("/sign-out", "/team/tokens", "/team/tokens/abc/revoke", "/submissions/x/select")
SECRET = r"ob_[0-9a-f]{12}_[A-Za-z0-9_-]{43}"


def prefix_of(token: str) -> str:
    return token.split("_")[1]


def test_a_token_signs_in_and_leads_to_the_page_that_was_wanted(visitor: Visitor, tides: Entered) -> None:
    answer = visitor.sign_in(tides.token, next="/submit?challenge=toy")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/submit?challenge=toy"
    cookie = answer.headers["set-cookie"]
    assert "httponly" in cookie.lower()
    assert "samesite=lax" in cookie.lower()
    assert tides.token not in cookie
    assert "Tides" in visitor.get("/team").text


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_a_sign_in_leads_to_no_other_site(visitor: Visitor, tides: Entered, wanted: str) -> None:
    assert visitor.sign_in(tides.token, next=wanted).headers["location"] == "/team"


def test_a_wrong_token_is_refused_on_the_page_and_not_repeated(visitor: Visitor) -> None:
    wrong = "ob_0123456789ab_" + "x" * 43
    answer = visitor.sign_in(wrong)
    assert answer.status_code == 401
    assert "this token is not known" in answer.text
    assert wrong not in answer.text
    assert visitor.cookies == {}


def test_too_many_wrong_tokens_are_told_to_wait(visitor: Visitor) -> None:
    statuses = [visitor.sign_in("ob_wrong").status_code for _ in range(25)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_the_page_of_a_team_needs_a_sign_in_and_offers_it(visitor: Visitor) -> None:
    answer = visitor.get("/team")
    assert answer.status_code == 401
    assert 'href="/sign-in?next=/team"' in answer.text


def test_a_token_in_a_header_opens_no_page_with_forms(visitor: Visitor, tides: Entered) -> None:
    assert visitor.api.call("GET", "/team", token=tides.token).status_code == 401


def test_signing_out_ends_the_session(member: Visitor) -> None:
    assert member.post("/sign-out", csrf=member.csrf()).status_code == 303
    assert member.get("/team").status_code == 401


def test_a_form_of_another_site_is_refused(member: Visitor) -> None:
    word = member.csrf()
    answer = member.post("/sign-out", headers={"Origin": "https://evil.example"}, csrf=word)
    assert answer.status_code == 403
    assert "sent from a page of another site" in answer.text
    assert member.get("/team").status_code == 200


def test_a_sign_in_sent_by_another_site_is_refused(visitor: Visitor, tides: Entered) -> None:
    answer = visitor.post("/sign-in", headers={"Origin": "https://evil.example"}, token=tides.token)
    assert answer.status_code == 403
    assert visitor.cookies == {}


def test_a_sign_in_sent_by_our_own_page_is_taken(visitor: Visitor, tides: Entered) -> None:
    answer = visitor.post("/sign-in", headers={"Origin": "http://127.0.0.1"}, token=tides.token)
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "path", ["/sign-out", "/team/tokens", "/team/tokens/abc/revoke", "/submissions/x/select"]
)
@pytest.mark.parametrize("word", ["", "x" * 32])
def test_a_form_without_the_word_of_the_session_is_refused(member: Visitor, path: str, word: str) -> None:
    answer = member.post(path, csrf=word)
    assert answer.status_code == 403
    assert "reload the page and send the form again" in answer.text


def test_a_form_in_another_shape_is_refused(member: Visitor) -> None:
    answer = member.post("/team/tokens", headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 400
    assert "multipart/form-data" in answer.text


def test_a_revoked_token_ends_its_sessions(member: Visitor, tides: Entered, service: Service) -> None:
    revoke_tokens(service, prefix_of(tides.token))
    assert member.get("/team").status_code == 401


def test_the_page_shows_submissions_of_the_team_only(
    member: Visitor, tides: Entered, service: Service
) -> None:
    tides.map(None, card={"method": "ours"})
    other = Entered(member.api, service, issue_token(service, "Eddies").secret)
    other.map(None, data=b"other", card={"method": "theirs"})
    page = member.get("/team").text
    assert "ours" in page
    assert "theirs" not in page
    assert "toy: 19 of 20 left" in page


def test_a_new_token_is_shown_once_and_works(member: Visitor, service: Service) -> None:
    answer = member.post("/team/tokens", csrf=member.csrf(), label="cluster", days="30", submit="yes")
    (secret,) = re.findall(SECRET, answer.text)
    assert secret not in member.get("/team").text
    assert "cluster" in member.get("/team").text
    principal = principal_of_token(service, prefix_of(secret))
    assert principal.scopes == {"submit"}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"days": "0", "submit": "yes"}, "days=0 is not allowed"),
        ({"days": "-1", "submit": "yes"}, "is no number of days"),
        ({"days": "30"}, "scopes [] are not allowed"),
        ({"days": "30", "submit": "yes", "label": "\u202eback"}, "U+202E"),
    ],
)
def test_what_no_token_can_be_is_told_on_the_page(member: Visitor, fields: dict[str, str], said: str) -> None:
    answer = member.post("/team/tokens", csrf=member.csrf(), **fields)
    assert answer.status_code == 422
    assert said in answer.text.replace("&#39;", "'")


def test_a_token_is_revoked_by_its_button(member: Visitor, service: Service) -> None:
    made = issue_token(service, "Tides", label="old laptop")
    assert member.post(f"/team/tokens/{made.prefix}/revoke", csrf=member.csrf()).status_code == 303
    assert "revoked" in member.get("/team").text


def test_the_token_of_another_team_is_not_there(member: Visitor, service: Service) -> None:
    made = issue_token(service, "Eddies")
    assert member.post(f"/team/tokens/{made.prefix}/revoke", csrf=member.csrf()).status_code == 404
    assert principal_of_token(service, made.prefix).team == "Eddies"


def test_who_is_signed_out_is_asked_to_sign_in_before_submitting(visitor: Visitor, member: Visitor) -> None:
    assert '<form id="submit"' in member.get("/submit").text
    assert '<form id="submit"' not in Visitor(member.api).get("/submit").text


def test_the_form_offers_what_can_be_scored(member: Visitor) -> None:
    page = member.get("/submit?challenge=toy&track=half").text
    assert '<option value="toy|half" selected>' in page
    assert "2023a|" not in page  # cannot be scored yet
    assert "<noscript>" in page
