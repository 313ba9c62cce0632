"""Everybody sees what is public; the rest does not exist for them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from oceanbench_leaderboard import submissions
from oceanbench_leaderboard.accounts import OPERATOR, Principal, set_active
from oceanbench_leaderboard.errors import Conflict, Forbidden, NotFound
from oceanbench_leaderboard.ranking import board, refresh
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Action, Run, Submission, Upload
from oceanbench_leaderboard.submissions import (
    delete,
    every,
    hide,
    history,
    mine,
    passport,
    report_file,
    rescore,
    view,
)
from tests.leaderboard.submissions.entries import EMBEDDED, enter_bytes, evaluation, finish, sha256, someone
from tests.service_parts import Clock

pytestmark = pytest.mark.usefixtures("toy_board", "_no_boards")

# every way to look at a submission, and whether all the world may use it once there is a public score
LOOKS: dict[str, tuple[Callable[[Service, Any, str], object], bool]] = {
    "view": (view, True),
    "passport": (passport, True),
    "report": (lambda service, who, one: report_file(service, who, one, "index.html"), True),
    "report keys": (submissions.report_keys, True),
    "file": (submissions.file_keys, False),
    "log": (history, False),
}
CHANGES: dict[str, Callable[[Service, Any, str], object]] = {
    "delete": delete,
    "hide": hide,
    "rescore": rescore,
    "select": submissions.select,
}


@pytest.fixture
def _no_boards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make no boards: what stands on them is tested where they are made."""
    monkeypatch.setattr("oceanbench_leaderboard.ranking.refresh", lambda *_: None)


@pytest.fixture
def owner(service: Service) -> Principal:
    return someone(service)


@pytest.fixture
def others(service: Service) -> list[Principal | None]:
    return [None, someone(service, "Waves")]


@EMBEDDED
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", ["queued", "checking", "scoring", "refused", "failed"])
def test_what_has_no_score_does_not_exist_for_others(
    service: Service, owner: Principal, others: list[Principal | None], look: str, state: str
) -> None:
    one = enter_bytes(service, owner, b"map").id
    finish(service, one, state, report=False)
    for somebody in others:
        with pytest.raises(NotFound):
            LOOKS[look][0](service, somebody, one)


@pytest.mark.parametrize("look", LOOKS)
def test_what_is_scored_is_for_all_but_for_the_bytes_and_the_log(
    service: Service, owner: Principal, others: list[Principal | None], look: str
) -> None:
    one = enter_bytes(service, owner, b"map").id
    finish(service, one)
    use, public = LOOKS[look]
    for somebody in (owner, OPERATOR, *others):
        if public or somebody in (owner, OPERATOR):
            assert use(service, somebody, one)
        else:
            with pytest.raises(NotFound):
                use(service, somebody, one)


@EMBEDDED
@pytest.mark.parametrize("look", LOOKS)
def test_what_is_hidden_or_deleted_or_of_a_team_shut_out_does_not_exist_for_others(
    service: Service, owner: Principal, others: list[Principal | None], look: str
) -> None:
    hidden, deleted = (enter_bytes(service, owner, data).id for data in (b"1", b"2"))
    for one in (hidden, deleted):
        finish(service, one)
    hide(service, OPERATOR, hidden)
    delete(service, owner, deleted)
    for somebody in others:
        for one in (hidden, deleted):
            with pytest.raises(NotFound):
                LOOKS[look][0](service, somebody, one)
    hide(service, OPERATOR, hidden, hidden=False)
    assert view(service, None, hidden).state == "scored"
    set_active(service, "Tides", False)
    with pytest.raises(NotFound):
        LOOKS[look][0](service, None, hidden)


@EMBEDDED
@pytest.mark.parametrize("change", CHANGES)
def test_others_change_nothing(
    service: Service, owner: Principal, others: list[Principal | None], change: str
) -> None:
    private, public = (enter_bytes(service, owner, data).id for data in (b"1", b"2"))
    finish(service, public)
    before = [view(service, owner, one) for one in (private, public)]
    for somebody in others:
        with pytest.raises(NotFound):
            CHANGES[change](service, somebody, private)
        with pytest.raises((NotFound, Forbidden)) if somebody else pytest.raises(Exception, match="token"):
            CHANGES[change](service, somebody, public)
    assert [view(service, owner, one) for one in (private, public)] == before


@EMBEDDED
@pytest.mark.parametrize("change", ["hide", "rescore"])
def test_a_team_does_not_do_what_administrators_do(service: Service, owner: Principal, change: str) -> None:
    one = enter_bytes(service, owner, b"map").id
    finish(service, one)
    with pytest.raises(Forbidden, match="takes an administrator"):
        CHANGES[change](service, owner, one)


@pytest.mark.parametrize("name", ["nothing", "", "a" * 33, "' or 1=1 --", "../../x", "\0"])
def test_an_id_that_does_not_exist_is_answered_like_one_that_is_private(
    service: Service, owner: Principal, name: str
) -> None:
    private = enter_bytes(service, owner, b"map").id
    with pytest.raises(NotFound) as hidden:
        view(service, None, private)
    with pytest.raises(NotFound) as missing:
        view(service, None, name)
    assert str(hidden.value).replace(private, "") == str(missing.value).replace(name, "")


@EMBEDDED
def test_a_report_that_the_team_keeps_private_is_for_the_team(
    service: Service, owner: Principal, others: list[Principal | None]
) -> None:
    one = enter_bytes(service, owner, b"map", report="private").id
    finish(service, one)
    assert report_file(service, owner, one, "index.html").endswith("/report/index.html")
    assert view(service, owner, one).report
    for somebody in others:
        assert view(service, somebody, one).scores
        assert not view(service, somebody, one).report
        with pytest.raises(NotFound):
            report_file(service, somebody, one, "index.html")


@pytest.mark.parametrize(
    "name", ["", "..", "../index.html", "a/../../x", "/etc/passwd", "x\0", "no.html", "a//b", "\\x"]
)
def test_a_report_has_the_files_that_it_has(service: Service, owner: Principal, name: str) -> None:
    one = enter_bytes(service, owner, b"map").id
    finish(service, one)
    with pytest.raises(NotFound, match=f"report of submission {one} has no file"):
        report_file(service, owner, one, name)


@EMBEDDED
def test_what_is_the_teams_own_business_is_not_in_the_view_of_others(
    service: Service, owner: Principal
) -> None:
    one = enter_bytes(service, owner, b"map").id
    finish(service, one)
    assert view(service, owner, one).file_name == "map.nc"
    assert view(service, None, one).file_name == ""


@EMBEDDED
def test_a_score_is_shown_as_the_evaluation_gives_it(service: Service, owner: Principal) -> None:
    one = enter_bytes(service, owner, b"map").id
    finish(service, one, mu=0.8765432109)
    scores = view(service, None, one).scores
    assert scores
    assert (scores["official"]["mu"], scores["part"]) == (0.8765432109, "public")
    assert "passport" not in scores
    assert passport(service, None, one) == evaluation(0.8765432109)


def test_a_refused_one_says_why_to_its_team(service: Service, owner: Principal) -> None:
    one = enter_bytes(service, owner, b"map").id
    wrong = {"what_given": "cm", "expected": "m", "fix": "divide by 100"}
    finish(service, one, "refused", reason="it is no map", problems=[wrong])
    shown = view(service, owner, one)
    assert (shown.state, shown.reason, shown.problems, shown.scores) == (
        "refused",
        "it is no map",
        [wrong],
        None,
    )
    with pytest.raises(NotFound, match="has no score"):
        passport(service, owner, one)


def test_old_scores_are_shown_until_new_ones_are_there(service: Service, owner: Principal) -> None:
    one = enter_bytes(service, owner, b"map").id
    finish(service, one, mu=0.5)
    assert rescore(service, OPERATOR, one).rescoring
    waiting = view(service, None, one)
    assert (waiting.state, waiting.rescoring, waiting.scores and waiting.scores["official"]["mu"]) == (
        "scored",
        True,
        0.5,
    )
    with pytest.raises(Conflict, match=f"submission {one} is not finished"):
        rescore(service, OPERATOR, one)
    finish(service, one, mu=0.6)
    now = view(service, None, one)
    assert (now.rescoring, now.scores and now.scores["official"]["mu"]) == (False, 0.6)
    with service.database.transaction(read_only=True) as session:
        rounds = session.execute(select(Run.round, Run.state).order_by(Run.id)).all()
    assert [tuple(row) for row in rounds] == [(1, "scored"), (2, "scored")]


def test_a_scoring_anew_that_fails_leaves_the_old_score(service: Service, owner: Principal) -> None:
    one = enter_bytes(service, owner, b"map").id
    finish(service, one, mu=0.5)
    rescore(service, OPERATOR, one)
    finish(service, one, "failed")
    shown = view(service, None, one)
    assert (shown.state, shown.rescoring) == ("scored", False)
    assert passport(service, None, one)["official"]["mu"] == 0.5


def test_a_first_score_is_told_when_its_row_stands_on_the_board(service: Service, owner: Principal) -> None:
    one = enter_bytes(service, owner, b"map").id
    finish(service, one, finished=service.now())
    waiting = view(service, owner, one)
    assert (waiting.state, waiting.scores, waiting.report) == ("scoring", None, False)
    refresh(service, "toy")
    assert [row.submission for row in board(service, "toy", track="all").rows] == [one]
    assert view(service, owner, one).state == "scored"


def test_a_score_whose_board_cannot_be_made_is_told_all_the_same_after_a_minute(
    service: Service, owner: Principal, clock: Clock
) -> None:
    one = enter_bytes(service, owner, b"map").id
    finish(service, one, finished=service.now())
    clock.advance(61)
    assert view(service, owner, one).state == "scored"


def test_a_duplicate_shows_the_report_of_the_first(service: Service, owner: Principal) -> None:
    first, second = (enter_bytes(service, owner, data).id for data in (b"1", b"2"))
    run = finish(service, first)
    finish(service, second, report=False)
    with service.database.transaction() as session:
        session.get_one(Submission, second).duplicate_of = first
    assert report_file(service, None, second, "index.html") == f"runs/{run}/report/index.html"
    assert view(service, None, second).duplicate_of == first


def test_a_duplicate_shows_the_numbers_of_the_first_also_when_that_was_scored_anew(
    service: Service, owner: Principal
) -> None:
    first, second = (enter_bytes(service, owner, data).id for data in (b"1", b"2"))
    finish(service, first, mu=0.5)
    finish(service, second, mu=0.5, report=False)
    with service.database.transaction() as session:
        session.get_one(Submission, second).duplicate_of = first
    rescore(service, OPERATOR, first)
    finish(service, first, mu=0.6, challenge_version="1.1", flags=["holes"])
    shown = view(service, None, second)
    assert shown.scores is not None
    assert (shown.scores["official"]["mu"], shown.version, shown.flags) == (0.6, "1.1", ["holes"])
    assert passport(service, None, second)["official"]["mu"] == 0.6


def test_deleting_leaves_a_line_and_nothing_else(service: Service, owner: Principal, clock: Clock) -> None:
    one = enter_bytes(service, owner, b"map", contact="me@sea.org").id
    finish(service, one)
    gone = delete(service, owner, one)
    assert gone.deleted == clock()
    assert service.files.keys("uploads") == service.files.keys("runs") == []
    assert view(service, owner, one).card == {"method": "mine", "report": "public"}
    assert [step.what for step in history(service, owner, one)] == ["entered", "deleted"]
    assert mine(service, owner) == []
    with pytest.raises(NotFound, match="was deleted"):
        submissions.file_keys(service, owner, one)
    with pytest.raises(Conflict, match=r"bytes of submission .* were deleted"):
        rescore(service, OPERATOR, one)
    with service.database.transaction(read_only=True) as session:
        assert session.scalars(select(Upload)).all() == []


def test_bytes_that_another_track_needs_stay(service: Service, owner: Principal) -> None:
    one = enter_bytes(service, owner, b"map").id
    other = enter_bytes(service, owner, b"map", track="half").id
    delete(service, owner, one)
    assert b"".join(service.files.read(key) for key in submissions.file_keys(service, owner, other)) == b"map"
    delete(service, owner, other)
    assert service.files.keys("uploads") == []


def test_deleting_takes_the_run_out_of_the_workers_hands(service: Service, owner: Principal) -> None:
    one = enter_bytes(service, owner, b"map").id
    finish(service, one, "scoring", report=False, lease="held", finished=None)
    delete(service, owner, one)
    with service.database.transaction(read_only=True) as session:
        run = session.scalars(select(Run)).one()
        assert (run.state, run.lease, run.reason) == ("failed", None, "the submission was deleted")


def test_deleting_twice_removes_what_a_failure_left(
    service: Service, owner: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = enter_bytes(service, owner, b"map").id
    finish(service, one)
    with monkeypatch.context() as broken:
        broken.setattr(type(service.files), "delete_below", lambda *_: (_ for _ in ()).throw(OSError("gone")))
        with pytest.raises(OSError, match="gone"):
            delete(service, owner, one)
    assert service.files.keys("runs")
    assert view(service, owner, one).deleted
    delete(service, owner, one)
    assert service.files.keys("runs") == []


def test_lists_are_of_the_own_team_the_newest_first_in_pages(
    service: Service, owner: Principal, clock: Clock
) -> None:
    ids = []
    for number in range(5):
        ids.append(enter_bytes(service, owner, b"%d" % number).id)
        clock.advance(number % 2)  # some at the same instant
    theirs = enter_bytes(service, someone(service, "Waves"), b"theirs").id
    pages: list[str] = []
    while page := mine(service, owner, limit=2, after=pages[-1] if pages else None):
        pages += [one.id for one in page]
    assert sorted(pages) == sorted(ids)
    assert len(pages) == 5
    assert {one.id for one in every(service, OPERATOR)} == {*ids, theirs}
    assert mine(service, owner, challenge="other") == []
    with pytest.raises(Forbidden, match="administrator"):
        every(service, owner)


def test_administrators_leave_a_line_in_the_book(service: Service, owner: Principal) -> None:
    one = enter_bytes(service, owner, b"map").id
    finish(service, one)
    hide(service, OPERATOR, one)
    hide(service, OPERATOR, one, hidden=False)
    rescore(service, OPERATOR, one)
    delete(service, OPERATOR, one)
    with service.database.transaction(read_only=True) as session:
        book = [(row.who, row.what) for row in session.scalars(select(Action).order_by(Action.id))]
    assert book == [
        ("operator of the machine", f"{what} submission {one}")
        for what in ("hidden", "unhidden", "rescore", "deleted")
    ]
    notes = [(step.what, step.note) for step in history(service, owner, one)]
    assert ("hidden", "by an administrator") in notes
    assert not any("operator" in note for _, note in notes)


def test_the_world_forgets_no_challenge_that_left_the_catalog(
    service: Service, owner: Principal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = enter_bytes(service, owner, b"map").id
    finish(service, one)
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path / "empty"))
    shown = view(service, None, one)
    assert (shown.state, shown.scores, shown.report) == ("scored", None, False)


def test_a_digest_is_that_of_the_bytes(service: Service, owner: Principal) -> None:
    assert enter_bytes(service, owner, b"map").sha256 == sha256(b"map")
