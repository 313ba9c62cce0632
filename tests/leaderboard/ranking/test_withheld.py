"""A truth that nobody has: what is told of it, the ladder, and the end of a competition."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from oceanbench_leaderboard import ranking
from oceanbench_leaderboard.ranking.candidates import Candidate
from oceanbench_leaderboard.ranking.ladder import climb
from oceanbench_leaderboard.ranking.ties import Duels
from oceanbench_leaderboard.ranking.views import BoardRow, BoardView
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Submission
from tests.leaderboard.ranking.scored import blocks_of, enter_scored, errors
from tests.leaderboard.ranking.test_ties import entry
from tests.service_parts import Clock

COMPETITION = """
[competition]
opens = 2026-01-01T00:00:00Z
closes = 2026-07-01T00:00:00Z
final_entries = 2

[competition.public]
start = 2015-06-01
end = 2015-06-07

[competition.private]
start = 2015-06-08
end = 2015-06-14
"""


@pytest.fixture
def secret(toy_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy, its truth withheld, as a competition that ends a month from now."""
    text = (toy_world / "toy" / "challenge.toml").read_text()
    (tmp_path / "world" / "toy").mkdir(parents=True)
    text = text.replace('version = "1.0"', 'version = "1.0"\ntruth = "withheld"') + COMPETITION
    (tmp_path / "world" / "toy" / "challenge.toml").write_text(text)
    monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path / "world"))


def fresh(service: Service, **wish: object) -> BoardView:
    ranking.refresh(service, "toy")
    return ranking.board(service, "toy", **wish)  # type: ignore[arg-type]


def names(board: BoardView) -> list[str | None]:
    return [row.submission for row in board.rows]


def change(service: Service, submission: str, **values: object) -> None:
    with service.database.transaction() as session:
        session.execute(update(Submission).where(Submission.id == submission).values(**values))


# --- the ladder


def test_first_score_is_shown_and_then_only_what_is_significantly_better() -> None:
    base = errors(0.5, seed=1, spread=0.8)
    first = entry("first", base, age=1)
    by_chance = entry("by chance", base * (1 + 0.3 * errors(1.0, seed=2, spread=1.0) - 0.31), age=2)
    better = entry("better", 0.9 * base, age=3)
    worse = entry("worse", 1.2 * base, age=4)
    best = entry("best", 0.8 * base, age=5)
    steps = climb([first, by_chance, better, worse, best], Duels())
    assert [step.row.method for step in steps] == ["first", "better", "best"]


def test_who_asks_many_times_by_chance_gains_less_than_half_of_what_the_best_would_give() -> None:
    gained, offered, steps = [], [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        asked = [entry(str(n), np.exp(rng.normal(0.0, 0.5, 30)), age=n) for n in range(60)]
        shown = [one.cost or 0.0 for one in climb(asked, Duels())]
        gained.append(shown[0] - shown[-1])
        offered.append(shown[0] - min(one.cost or 0.0 for one in asked))
        steps.append(len(shown))
    assert sum(gained) < 0.5 * sum(offered)
    assert np.mean(steps) < 2.0


def test_without_days_to_compare_the_rounded_number_must_be_better() -> None:
    def row(name: str, cost: float, counted: float, age: int) -> Candidate:
        return Candidate(entry(name, errors(0.5), age=age).row, cost, counted)

    steps = climb([row("a", -0.501, -0.5, 1), row("b", -0.504, -0.5, 2), row("c", -0.52, -0.52, 3)], Duels())
    assert [step.row.method for step in steps] == ["a", "c"]


def test_submission_without_a_number_is_no_step() -> None:
    silent = Candidate(BoardRow(method="silent", provenance="scored here"))
    assert climb([silent], Duels()) == []


@given(st.lists(st.tuples(st.sampled_from([0.2, 0.3, 0.31, 0.5]), st.integers(0, 5)), max_size=8))
@settings(max_examples=40)
def test_what_is_shown_never_becomes_worse(made: list[tuple[float, int]]) -> None:
    entries = [entry(str(n), errors(rms, seed=seed, days=12), age=n) for n, (rms, seed) in enumerate(made)]
    costs = [step.cost for step in climb(entries, Duels()) if step.cost is not None]
    assert costs == sorted(set(costs), reverse=True)
    assert bool(costs) == bool(entries)


# --- boards of a withheld truth


@pytest.mark.usefixtures("secret")
def test_rows_of_a_withheld_truth_are_rounded_and_only_those_that_climbed_are_shown(service: Service) -> None:
    base = errors(0.3137, seed=1, spread=0.8)
    first = enter_scored(service, "Tides", base, private=errors(0.9))
    unlucky = enter_scored(service, "Tides", base * 1.3, private=errors(0.1))
    better = enter_scored(service, "Tides", base * 0.7, private=errors(0.2))
    board = fresh(service)
    assert (board.truth, board.part, board.rows[0].attempts) == ("withheld", "public", 3)
    assert names(board) == [better]
    assert names(ranking.board(service, "toy", show="all")) == [better, first]
    exact, told = blocks_of(base * 0.7).value(), board.rows[0].scores["mu"].value
    assert told == round(exact, 2) != exact  # half an interval is 0.01
    assert not board.rows[0].report
    shown = {
        one: ranking.score_is_shown(service, "toy", "1.0", "all", one) for one in (first, unlucky, better)
    }
    assert shown == {first: True, unlucky: False, better: True}
    assert any("Ladder" in note for note in board.notes)


@pytest.mark.usefixtures("secret")
def test_score_of_a_withheld_truth_is_not_told_before_the_board_was_made_with_it(service: Service) -> None:
    name = enter_scored(service, "Tides", errors(0.3))
    assert not ranking.score_is_shown(service, "toy", "1.0", "all", name)
    ranking.refresh(service, "toy")
    assert ranking.score_is_shown(service, "toy", "1.0", "all", name)


@pytest.mark.usefixtures("toy_board")
def test_score_of_an_open_truth_may_always_be_told(service: Service) -> None:
    name = enter_scored(service, "Tides", None)
    assert ranking.score_is_shown(service, "toy", "1.0", "all", name)
    ranking.refresh(service, "toy")
    assert ranking.score_is_shown(service, "toy", "1.0", "all", name)


def test_score_of_a_version_whose_truth_was_open_may_be_told_still(
    service: Service, toy_board: Path, toy_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = enter_scored(service, "Tides", errors(0.3))
    ranking.refresh(service, "toy")
    text = (toy_world / "toy" / "challenge.toml").read_text()
    (tmp_path / "world" / "toy").mkdir(parents=True)
    text = text.replace('version = "1.0"', 'version = "1.1"\ntruth = "withheld"')
    (tmp_path / "world" / "toy" / "challenge.toml").write_text(text)
    monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path / "world"))
    ranking.refresh(service, "toy")
    assert ranking.score_is_shown(service, "toy", "1.0", "all", name)
    assert not ranking.score_is_shown(service, "toy", "1.1", "all", name)


@pytest.mark.usefixtures("secret")
def test_deleting_the_row_that_is_shown_tells_the_score_of_no_other(service: Service, clock: Clock) -> None:
    base = errors(0.3, seed=1, spread=0.8)
    first = enter_scored(service, "Tides", base)
    better = enter_scored(service, "Tides", base * 0.7)
    unlucky = enter_scored(service, "Tides", base * 0.71)
    assert names(fresh(service)) == [better]
    change(service, better, deleted=clock())
    assert names(fresh(service, show="all")) == [first]
    assert not ranking.score_is_shown(service, "toy", "1.0", "all", unlucky)


@pytest.mark.usefixtures("secret")
def test_order_of_the_rows_follows_the_numbers_that_are_shown(service: Service) -> None:
    for seed in range(6):
        enter_scored(service, f"T{seed}", errors(0.3 + 0.004 * seed, seed=seed, spread=1.0))
    rows = fresh(service).rows
    told = [row.scores["mu"].value or 0.0 for row in rows]
    assert told == sorted(told, reverse=True)
    assert [row.rank for row in rows] == sorted(row.rank or 0 for row in rows)


# --- the end


@pytest.mark.usefixtures("secret")
def test_private_part_ranks_the_selected_entries_once_the_competition_has_ended(
    service: Service, clock: Clock
) -> None:
    base = errors(0.5, seed=1, spread=0.8)
    chosen = [
        enter_scored(service, "Tides", base * (1 - 0.1 * n), private=errors(rms), selected=True)
        for n, rms in enumerate((0.4, 0.2, 0.1))
    ]
    late = enter_scored(service, "Tides", base * 0.5, private=errors(0.01))
    other = enter_scored(service, "Eddies", base * 0.9, private=errors(0.3))
    enter_scored(service, "Eddies", base * 1.5, private=errors(0.001))
    before = fresh(service)
    assert (names(before), before.part) == ([late, other], "public")
    clock.time = before.closes or clock.time
    assert "toy" in ranking.outdated(service)
    after = fresh(service)
    assert (after.part, after.revision) == ("private", before.revision + 1)
    assert names(after) == [chosen[1], other]  # two final entries count; who chose none keeps the one shown
    assert after.rows[0].scores["mu"].value == pytest.approx(0.8, abs=0.05)
    assert names(ranking.board(service, "toy", show="all")) == [chosen[1], other, chosen[0]]
    assert not ranking.score_is_shown(service, "toy", "1.0", "all", late)


@pytest.mark.usefixtures("secret")
def test_private_part_is_not_shown_a_second_before_the_end(service: Service, clock: Clock) -> None:
    name = enter_scored(service, "Tides", errors(0.5, spread=0.0), private=errors(0.1, spread=0.0))
    closes = fresh(service).closes
    assert closes is not None
    clock.time = closes - timedelta(seconds=1)
    assert fresh(service).rows[0].scores["mu"].value == pytest.approx(0.5)
    clock.advance(1)
    (row,) = fresh(service).rows
    assert (row.submission, row.scores["mu"].value) == (name, pytest.approx(0.9))


@pytest.mark.usefixtures("secret")
def test_selected_entry_that_was_hidden_does_not_count(service: Service, clock: Clock) -> None:
    first = enter_scored(service, "Tides", errors(0.5), private=errors(0.5), selected=True)
    second = enter_scored(service, "Tides", errors(0.6), private=errors(0.1), selected=True, hidden=True)
    clock.time = fresh(service).closes or clock.time
    assert names(fresh(service, show="all")) == [first]
    change(service, second, hidden=False)
    assert names(fresh(service)) == [second]


def test_final_entries_of_an_open_truth_rank_at_the_end_and_all_stay_to_be_seen(
    service: Service, toy_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    rules = "\n[competition]\ncloses = 2026-07-01T00:00:00Z\nfinal_entries = 1\n"
    (tmp_path / "world" / "toy").mkdir(parents=True)
    text = (toy_world / "toy" / "challenge.toml").read_text() + rules
    (tmp_path / "world" / "toy" / "challenge.toml").write_text(text)
    monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path / "world"))
    chosen = enter_scored(service, "Tides", errors(0.5), selected=True)
    better = enter_scored(service, "Tides", errors(0.3))
    board = fresh(service)
    assert names(board) == [better]
    clock.time = board.closes or clock.time
    assert names(fresh(service)) == [chosen]
    assert names(ranking.board(service, "toy", show="all")) == [better, chosen]
