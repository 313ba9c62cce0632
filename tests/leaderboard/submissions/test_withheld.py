"""Where the truth is withheld little is told: no report, rounded numbers, and only those on the board."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from oceanbench_leaderboard.accounts import OPERATOR
from oceanbench_leaderboard.errors import Closed, Conflict, NotFound
from oceanbench_leaderboard.ranking import refresh
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Result
from oceanbench_leaderboard.submissions import (
    mine,
    passport,
    report_file,
    report_keys,
    select,
    view,
    withholds_truth,
)
from tests.leaderboard.submissions.entries import enter_bytes, evaluation, finish, someone
from tests.service_parts import Clock

pytestmark = pytest.mark.usefixtures("secret")

RULES = """
[competition]
closes = 2026-07-01T00:00:00Z
final_entries = 1
[competition.public]
start = 2015-06-01
end = 2015-06-07
[competition.private]
start = 2015-06-08
end = 2015-06-14
"""


@pytest.fixture
def secret(toy_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The challenge ``secret``: as ``toy``, its truth withheld, split in two, open until July."""
    text = (toy_world / "toy" / "challenge.toml").read_text()
    folder = tmp_path / "worlds" / "secret"
    folder.mkdir(parents=True)
    hidden = text.replace('id = "toy"', 'id = "secret"\ntruth = "withheld"')
    (folder / "challenge.toml").write_text(hidden + RULES)
    monkeypatch.setenv("OCEANBENCH_PATH", str(folder.parent))


def scored(service: Service, data: bytes, mu: float, private: float) -> str:
    one = enter_bytes(service, someone(service), data, "secret").id
    run = finish(service, one, mu=mu)
    with service.database.transaction() as session:
        kept = {"run_id": run, "comparison": {}, "created": service.now()}
        session.add(Result(part="private", evaluation=evaluation(private), **kept))
    return one


def test_a_score_is_told_once_it_stands_on_the_board_and_no_finer_than_its_noise(service: Service) -> None:
    one = scored(service, b"1", 0.8765432109, 0.5)
    who = someone(service)
    waiting = view(service, who, one)
    assert (waiting.state, waiting.scores) == ("scored", None)
    assert "its score is not told: the truth is withheld" in waiting.reason
    with pytest.raises(NotFound, match="is not told: the truth is withheld"):
        passport(service, who, one)
    refresh(service, "secret")
    told = view(service, None, one).scores
    assert told
    assert (told["official"]["mu"], told["part"]) == (0.88, "public")
    assert passport(service, None, one)["official"]["mu"] == 0.88


def test_a_score_that_is_not_better_is_not_told_to_its_own_team_either(
    service: Service, clock: Clock
) -> None:
    first = scored(service, b"1", 0.9, 0.5)
    clock.advance(60)
    worse = scored(service, b"2", 0.8, 0.5)
    refresh(service, "secret")
    who = someone(service)
    assert view(service, who, first).scores
    assert view(service, who, worse).scores is None
    assert [one.scores is None for one in mine(service, who)] == [True, False]
    with pytest.raises(NotFound):
        passport(service, who, worse)


def test_there_is_no_report_for_anybody(service: Service) -> None:
    one = scored(service, b"1", 0.9, 0.5)
    refresh(service, "secret")
    for somebody in (None, someone(service), OPERATOR):
        assert not view(service, somebody, one).report
        for look in (
            lambda who: report_file(service, who, one, "index.html"),
            lambda who: report_keys(service, who, one),
        ):
            with pytest.raises(NotFound):
                look(somebody)


def test_the_private_part_is_told_when_the_competition_has_closed(service: Service, clock: Clock) -> None:
    one = scored(service, b"1", 0.9, 0.5)
    refresh(service, "secret")
    clock.time = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)
    assert passport(service, None, one)["official"]["mu"] == 0.9
    clock.advance(1)
    refresh(service, "secret")
    told = view(service, None, one).scores
    assert told
    assert (told["official"]["mu"], told["part"]) == (0.5, "private")


def test_a_team_chooses_its_final_entries_until_the_end(service: Service, clock: Clock) -> None:
    who = someone(service)
    one, other = scored(service, b"1", 0.9, 0.5), scored(service, b"2", 0.8, 0.6)
    assert select(service, who, one).selected
    with pytest.raises(Conflict, match="chosen 1 of 1 final entries on 'all'; take one back"):
        select(service, who, other)
    assert not select(service, who, one, False).selected
    assert select(service, who, other).selected
    assert select(service, who, other).selected
    clock.time = datetime(2026, 7, 1, tzinfo=UTC)
    with pytest.raises(Closed, match="closed at 2026-07-01 00:00:00 UTC"):
        select(service, who, other, False)


def test_a_challenge_that_is_not_known_is_taken_to_keep_its_truth() -> None:
    assert withholds_truth("secret")
    assert withholds_truth("nowhere")
    assert not withholds_truth("2020a")
