"""Pages of boards and submissions: what they show, to whom, and what they do with hostile words."""

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from oceanbench_leaderboard import ranking
from oceanbench_leaderboard.accounts import OPERATOR, issue_token
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Result, Submission
from oceanbench_leaderboard.submissions import hide
from tests.web.api.calling import change_run, finish
from tests.web.pages.conftest import Entered, Visitor

PAGES = ("/", "/challenges/toy", "/challenges/2020a", "/submit", "/sign-in", "/about")
ABSENT = (
    "/challenges/nothing",
    "/challenges/toy?track=nothing",
    "/challenges/toy?version=9.9",
    "/submissions/x",
    "/y",
)
HOSTILE = ("<script>alert(1)</script>", '" onmouseover="alert(1)', "{{ 7 * 7 }}", "a&lt;b")


class Reading(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def addresses(self) -> list[str]:
        return [
            str(value) for _, given in self.tags for name, value in given.items() if name in ("href", "src")
        ]


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.mark.parametrize(
    "path", ["/", "/challenges/toy", "/challenges/2020a", "/submit", "/sign-in", "/about"]
)
def test_a_page_runs_no_script_of_its_own_and_names_its_json_twin(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 200
    page = Reading(answer.text)
    assert all("src" in script for script in page.all("script"))
    assert not page.all("style")
    assert not [given for _, given in page.tags if "style" in given or any(n.startswith("on") for n in given)]
    (twin,) = [link["href"] for link in page.all("link") if link.get("type") == "application/json"]
    assert twin is not None
    assert twin in page.addresses
    assert "script-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/challenges/toy", "/challenges/toy?show=all", "/about"])
def test_the_json_twin_answers(visitor: Visitor, path: str) -> None:
    (twin,) = [
        str(link["href"])
        for link in Reading(visitor.get(path).text).all("link")
        if link.get("type") == "application/json"
    ]
    assert visitor.api.call("GET", twin).status_code == 200


def test_all_files_of_a_page_are_there_and_may_be_kept(visitor: Visitor) -> None:
    for address in Reading(visitor.get("/submit").text).addresses:
        if address.startswith("/static/"):
            answer = visitor.get(address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
    assert visitor.get("/static/..%2Fapp.py").status_code == 404
    assert visitor.get("/static/nothing.js").status_code == 404


def test_an_empty_board_renders(visitor: Visitor) -> None:
    answer = visitor.get("/challenges/toy")
    assert "Nothing is on this board yet." in answer.text


def test_a_page_is_made_anew_when_the_version_changes_and_the_revision_is_the_same(
    visitor: Visitor, service: Service, toy_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranking.refresh(service, "toy")
    old = visitor.get("/challenges/toy")
    folder = tmp_path / "newer" / "toy"
    folder.mkdir(parents=True)
    text = (toy_world / "toy" / "challenge.toml").read_text()
    (folder / "challenge.toml").write_text(text.replace('version = "1.0"', 'version = "1.1"'))
    monkeypatch.setenv("OCEANBENCH_PATH", str(folder.parent))
    ranking.refresh(service, "toy")
    assert {ranking.board_revision(service, "toy", one, None) for one in ("1.0", "1.1")} == {1}
    new = visitor.get("/challenges/toy")
    assert "Challenge toy, version 1.0" in old.text
    assert "Challenge toy, version 1.1" in new.text
    assert "Version 1.0 is not the present one" in visitor.get("/challenges/toy?version=1.0").text


def test_a_board_of_one_row_shows_its_rank_team_and_interval(visitor: Visitor, tides: Entered) -> None:
    key = tides.map(0.91234)
    page = words(visitor.get("/challenges/toy").text)
    assert "1 mine Tides" in page
    assert "0.91 0.902 … 0.922" in page
    assert f'href="/submissions/{key}"' in visitor.get("/challenges/toy").text


def test_no_number_has_more_digits_than_the_board_prints(visitor: Visitor, tides: Entered) -> None:
    key = tides.map(0.912345678)
    for path in ("/", "/challenges/toy", f"/submissions/{key}"):
        page = words(visitor.get(path).text)
        assert "0.91" in page
        assert "0.9123" not in page


def test_a_board_without_a_single_number_renders(visitor: Visitor, tides: Entered, service: Service) -> None:
    key = tides.map(None)
    finish(service, key, 0.5)
    with service.database.transaction() as session:
        (result,) = session.query(Result).all()
        empty: dict[str, Any] = {"mu": None, "units": {"mu": "1"}}
        result.evaluation = {**result.evaluation, "official": empty, "robust": {}}
    ranking.refresh(service, "toy")
    page = words(visitor.get("/challenges/toy").text)
    assert "– mine Tides" in page
    assert visitor.get(f"/submissions/{key}").status_code == 200
    assert visitor.get("/").status_code == 200


def test_rows_that_are_equal_are_shown_as_tied(visitor: Visitor, tides: Entered, service: Service) -> None:
    tides.map(0.9)
    other = Entered(visitor.api, service, issue_token(service, "Eddies").secret)
    other.map(0.9, data=b"another map")
    assert words(visitor.get("/challenges/toy").text).count("1= mine") == 2


def test_all_submissions_are_shown_where_that_is_asked_for(visitor: Visitor, tides: Entered) -> None:
    tides.map(0.9, card={"method": "good"})
    tides.map(0.8, data=b"another map", card={"method": "worse"})
    assert "worse" not in visitor.get("/challenges/toy").text
    assert "worse" in visitor.get("/challenges/toy?show=all").text
    assert "2 submissions" in words(visitor.get("/challenges/toy").text)


def test_a_new_row_is_seen_at_once_and_an_unchanged_page_is_not_sent_again(
    visitor: Visitor, tides: Entered
) -> None:
    tides.map(0.9, card={"method": "good"})
    before = visitor.get("/challenges/toy")
    same = visitor.api.call("GET", "/challenges/toy", headers={"If-None-Match": before.headers["etag"]})
    assert same.status_code == 304
    tides.map(0.95, data=b"another map", card={"method": "better"})
    assert "better" in visitor.get("/challenges/toy").text


def test_the_reader_finds_the_rows_of_their_team_marked(member: Visitor, tides: Entered) -> None:
    tides.map(0.9)
    assert 'class="rank own"' in member.get("/challenges/toy").text
    assert "private" in member.get("/challenges/toy").headers["cache-control"]
    assert 'class="rank own"' not in Visitor(member.api).get("/challenges/toy").text


def test_a_twin_says_that_it_is_one(visitor: Visitor) -> None:
    page = words(visitor.get("/challenges/2020a-twin").text)
    assert "A synthetic twin of 2020a: its scores are never scores of 2020a." in page
    assert "baseline of ours" in page


def test_published_rows_say_where_they_come_from_and_have_notes(visitor: Visitor) -> None:
    page = visitor.get("/challenges/2022a").text
    assert "published" in page
    assert 'id="note-1"' in page


@pytest.mark.parametrize("path", ABSENT)
def test_what_is_not_there_is_told_on_a_page(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is no such page" in answer.text


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_are_shown_as_words(
    visitor: Visitor, tides: Entered, service: Service, name: str
) -> None:
    other = Entered(visitor.api, service, issue_token(service, f"team {name}"[:70]).secret)
    key = other.map(0.9, card={"method": name, "summary": name, "authors": name, "parameters": {name: name}})
    for path in ("/", "/challenges/toy", f"/submissions/{key}"):
        text = visitor.get(path).text
        page = Reading(text)
        assert "alert(1)" not in "".join(str(script) for script in page.all("script"))
        assert not [given for _, given in page.tags if any(word.startswith("on") for word in given)]
        assert name in unescape(words(text))


def test_words_that_turn_the_direction_or_fill_the_page_are_cut(
    visitor: Visitor, tides: Entered, service: Service
) -> None:
    key = tides.map(0.9)
    with service.database.transaction() as session:  # as if a card had come in by another way
        submission = session.get_one(Submission, key)
        submission.method = "\u202egnp.exe" + "x" * 100
        submission.card = {
            "method": submission.method,
            "summary": "y" * 10_000,
            "paper": "javascript:alert(1)",
        }
    ranking.refresh(service, "toy")
    for path in ("/challenges/toy", f"/submissions/{key}", "/"):
        text = visitor.get(path).text
        assert "\u202e" not in text
        assert "javascript:" not in text
        assert "x" * 81 not in text
        assert "y" * 4001 not in text


def test_links_of_a_team_are_marked_as_foreign(visitor: Visitor, tides: Entered) -> None:
    key = tides.map(0.9, card={"method": "mine", "paper": "https://example.org/paper"})
    for path in ("/challenges/toy", f"/submissions/{key}"):
        (link,) = [
            a for a in Reading(visitor.get(path).text).all("a") if a["href"] == "https://example.org/paper"
        ]
        assert "noopener" in str(link["rel"])
        assert "ugc" in str(link["rel"])


# --- a submission


def test_one_that_waits_tells_its_place_and_looks_again_by_itself(member: Visitor, tides: Entered) -> None:
    key = tides.map(None)
    text = member.get(f"/submissions/{key}").text
    assert "queued</span>, place 1 in the queue" in text
    (refresh,) = [meta for meta in Reading(text).all("meta") if meta.get("http-equiv") == "refresh"]
    assert refresh["content"] == "5"


def test_one_that_is_finished_does_not_look_again(member: Visitor, tides: Entered) -> None:
    key = tides.map(0.9)
    assert 'http-equiv="refresh"' not in member.get(f"/submissions/{key}").text


def test_one_that_is_refused_shows_every_problem_to_its_team_alone(
    member: Visitor, tides: Entered, service: Service
) -> None:
    key = tides.map(None)
    problems = [
        {"what_given": "lat runs 43..33", "expected": "south to north", "fix": "call sortby('lat')"},
        {"what_given": "heights up to 312", "expected": "metres", "fix": "divide by 100"},
    ]
    change_run(service, key, state="refused", problems=problems, reason="2 problems", finished=service.now())
    page = words(member.get(f"/submissions/{key}").text)
    assert "lat runs 43..33; expected south to north; call sortby(" in page
    assert "heights up to 312; expected metres; divide by 100" in page
    assert "does not count against your quota" in page
    assert Visitor(member.api).get(f"/submissions/{key}").status_code == 404


def test_who_is_not_signed_in_is_told_to_where_theirs_may_be_hidden(visitor: Visitor, tides: Entered) -> None:
    key = tides.map(None)
    hidden, absent = (visitor.get(f"/submissions/{one}") for one in (key, "nothing"))
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert "is not public yet, or not there; if it is yours, sign in" in words(hidden.text)
    assert f'class="button" href="/sign-in?next=/submissions/{key}"' in hidden.text
    assert hidden.text.replace(key, "nothing") == absent.text
    visitor.sign_in(tides.token)
    assert "if it is yours" not in visitor.get("/submissions/nothing").text


def test_the_two_resolved_wavelengths_of_a_submission_have_two_names(
    visitor: Visitor, tides: Entered, service: Service
) -> None:
    key = tides.map(0.9)
    with service.database.transaction() as session:
        (result,) = session.query(Result).all()
        robust = {"lambda_x": {"value": 1.4, "low": 1.3, "high": 1.5, "unit": "degrees"}}
        robust["lambda_x_km"] = {"value": 120.0, "low": 110.0, "high": 130.0, "unit": "km"}
        result.evaluation = {**result.evaluation, "robust": robust}
    page = words(visitor.get(f"/submissions/{key}").text)
    assert page.count("λx in km") == 1
    assert page.count("λx") == 2


def test_official_and_robust_numbers_stand_side_by_side(visitor: Visitor, tides: Entered) -> None:
    key = tides.map(0.91234)
    page = words(visitor.get(f"/submissions/{key}").text)
    assert "µ 0.91 0.912 0.902 … 0.922" in page
    assert "10 of 10 points" in page


def test_an_official_number_outside_the_robust_interval_is_marked(
    visitor: Visitor, tides: Entered, service: Service
) -> None:
    key = tides.map(0.9)
    for path in ("/challenges/toy", f"/submissions/{key}"):
        assert "≠ 0.8" not in words(visitor.get(path).text)
    with service.database.transaction() as session:
        (result,) = session.query(Result).all()
        result.evaluation = {**result.evaluation, "official": {"mu": 0.5, "units": {"mu": "1"}}}
    ranking.refresh(service, "toy", force=True)
    for path in ("/challenges/toy", f"/submissions/{key}"):
        assert "≠ 0.890 … 0.910" in words(visitor.get(path).text)


def test_what_belongs_to_a_scored_one_is_linked_and_answers(visitor: Visitor, tides: Entered) -> None:
    key = tides.map(0.9)
    own = [
        address
        for address in Reading(visitor.get(f"/submissions/{key}").text).addresses
        if address.startswith(f"/api/v1/submissions/{key}")
    ]
    assert sorted({address.rpartition(key)[2] for address in own}) == ["", "/passport", "/report/index.html"]
    assert all(visitor.api.call("GET", address).status_code == 200 for address in own)


def test_a_private_report_is_not_linked_for_others(member: Visitor, tides: Entered) -> None:
    key = tides.map(0.9, card={"method": "mine", "report": "private"})
    assert "/report/index.html" in member.get(f"/submissions/{key}").text
    others = Visitor(member.api)
    assert "/report/index.html" not in others.get(f"/submissions/{key}").text
    assert "/report/index.html" not in others.get("/challenges/toy").text


def test_the_log_is_for_the_team_alone(member: Visitor, tides: Entered) -> None:
    key = tides.map(0.9)
    assert "What happened" in member.get(f"/submissions/{key}").text
    assert "What happened" not in Visitor(member.api).get(f"/submissions/{key}").text


def test_one_that_is_hidden_is_gone_for_others_and_told_to_its_team(
    member: Visitor, tides: Entered, service: Service
) -> None:
    key = tides.map(0.9)
    hide(service, OPERATOR, key)
    assert Visitor(member.api).get(f"/submissions/{key}").status_code == 404
    assert "An administrator has hidden it" in member.get(f"/submissions/{key}").text
