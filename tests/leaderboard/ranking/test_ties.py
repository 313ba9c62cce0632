"""Ranks are groups: who is tied with whom, whatever the order in which they came."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oceanbench_leaderboard.ranking.candidates import OTHER_DAYS, Candidate, comparable
from oceanbench_leaderboard.ranking.fixed import FixedRow, fixed_candidates
from oceanbench_leaderboard.ranking.making import _counted
from oceanbench_leaderboard.ranking.rules import Rules
from oceanbench_leaderboard.ranking.ties import Duels, ranked
from oceanbench_leaderboard.ranking.views import BoardRow, ShownScore
from oceanbench_leaderboard.table import Provenance
from tests.leaderboard.ranking.scored import blocks_of, errors

START = datetime(2026, 6, 1, tzinfo=UTC)


def entry(name: str, squares: Sequence[float], *, places: int = 15, age: int = 0) -> Candidate:
    """A submission that can be tested."""
    blocks = blocks_of(squares)
    row = BoardRow(
        method=name, submission=name, provenance="scored here", created=START + timedelta(seconds=age)
    )
    return Candidate(row, -blocks.value(), -round(blocks.value(), places), blocks)


def printed(name: str, value: float | None) -> Candidate:
    """A published row."""
    row = BoardRow(method=name, provenance="published")
    return Candidate(row) if value is None else Candidate(row, -value, -value)


def places(candidates: Sequence[Candidate]) -> dict[str, tuple[int | None, bool]]:
    return {row.method: (row.rank, row.tied) for row in ranked(candidates, Duels())}


def test_entries_that_differ_by_chance_are_tied_and_a_better_one_is_not() -> None:
    same = [entry(name, errors(0.3, seed=seed, spread=1.0)) for seed, name in enumerate("abc")]
    best, worst = entry("best", errors(0.1, seed=8)), entry("worst", errors(0.9, seed=9))
    found = places([worst, *same, best])
    assert found["best"] == (1, False)
    assert {found[name] for name in "abc"} == {(2, True)}
    assert found["worst"] == (5, False)


def test_small_difference_that_is_there_every_day_is_no_tie() -> None:
    squares = errors(0.3, seed=1, spread=1.0)
    assert places([entry("a", squares), entry("b", 1.02 * squares)]) == {"a": (1, False), "b": (2, False)}


def test_tie_is_one_with_the_first_of_the_group_not_with_the_neighbour() -> None:
    days = errors(0.3, spread=0.0)
    steps = [days * (1.0 + 0.01 * step) + 0.02 * errors(0.3, seed=step, spread=1.0) for step in range(7)]
    rows = ranked([entry(str(step), one) for step, one in enumerate(steps)], Duels())
    duels = Duels()
    by_name = {str(step): entry(str(step), one) for step, one in enumerate(steps)}
    leaders: dict[int, str] = {}
    for row in rows:
        assert row.group is not None
        leader = leaders.setdefault(row.group, row.method)
        if leader != row.method:
            assert duels.wins(by_name[leader], [by_name[row.method]]) == [False]
    for group, leader in leaders.items():
        if group > 1:
            assert duels.wins(by_name[leaders[group - 1]], [by_name[leader]]) == [True]


def test_published_row_is_tied_where_its_printed_digits_agree() -> None:
    ours = entry("ours", errors(0.3, seed=1), places=2)
    assert ours.cost is not None
    equal = printed("equal", -ours.counted)
    better, worse = printed("better", -ours.counted + 0.01), printed("worse", -ours.counted - 0.01)
    assert places([ours, worse, equal, better]) == {
        "better": (1, False),
        "equal": (2, True),
        "ours": (2, True),
        "worse": (4, False),
    }


def test_published_row_between_two_that_are_tied_shares_their_rank_and_parts_them_not() -> None:
    first, second = (
        entry("first", errors(0.3, seed=1, spread=1.5)),
        entry("second", errors(0.32, seed=2, spread=1.5)),
    )
    if first.cost > second.cost:  # type: ignore[operator]
        first, second = second, first
    assert set(places([first, second]).values()) == {(1, True)}
    middle = printed("middle", -(first.cost + second.cost) / 2)  # type: ignore[operator]
    assert set(places([first, second, middle]).values()) == {(1, True)}


def test_row_without_a_number_comes_last_and_has_no_rank() -> None:
    found = ranked([printed("silent", None), printed("b", 0.1), entry("a", errors(0.5))], Duels())
    assert [(row.method, row.rank, row.group) for row in found] == [
        ("a", 1, 1),
        ("b", 2, 2),
        ("silent", None, None),
    ]


def test_no_rows_and_one_row_are_ranked() -> None:
    assert ranked([], Duels()) == []
    assert places([entry("a", errors(0.5))]) == {"a": (1, False)}
    assert places([printed("a", None)]) == {"a": (None, False)}


def test_equal_numbers_stand_in_the_order_in_which_they_were_entered() -> None:
    squares = errors(0.4)
    late, early = entry("a late", squares, age=5), entry("b early", squares, age=1)
    assert [row.method for row in ranked([late, early], Duels())] == ["b early", "a late"]


def test_order_within_a_group_tells_no_more_than_rounded_numbers_where_the_truth_is_withheld() -> None:
    better, worse = (
        entry(name, errors(rms, seed=3, spread=0.0)) for name, rms in (("x", 0.3000), ("y", 0.3001))
    )
    secret = [
        Candidate(
            one.row.model_copy(update={"created": START + timedelta(days=age)}),
            one.cost,
            -0.7,
            None,
            rounded=True,
        )
        for age, one in enumerate((worse, better))
    ]
    assert [row.method for row in ranked(secret[::-1], Duels())] == ["y", "x"]
    assert [row.method for row in ranked([better, worse], Duels())] == ["x", "y"]


def test_order_contradicts_no_rounded_number_where_one_is_rounded_more_than_another() -> None:
    made = [("coarse", 0.086, -0.9), ("fine", 0.088, -0.91)]
    secret = [
        replace(entry(name, errors(rms, spread=0.0)), counted=counted, rounded=True)
        for name, rms, counted in made
    ]
    rows = ranked(secret, Duels())
    assert [(row.method, row.rank, row.tied) for row in rows] == [("fine", 1, True), ("coarse", 1, True)]


def test_entry_of_other_days_is_placed_by_its_number_and_says_so() -> None:
    usual = [entry(name, errors(0.3, seed=seed)) for seed, name in enumerate("abc")]
    other = entry("other", errors(0.2, days=20))
    kept = {one.row.method: one for one in comparable([*usual, other])}
    assert kept["other"].blocks is None
    assert kept["other"].row.note == OTHER_DAYS
    assert all(kept[name].blocks is not None and not kept[name].row.note for name in "abc")
    assert places(list(kept.values()))["other"] == (1, False)


def test_fewer_than_four_days_cannot_be_tested() -> None:
    kept = comparable([entry("a", errors(0.3, days=3)), entry("b", errors(0.30001, days=3))])
    assert [one.blocks for one in kept] == [None, None]
    assert set(places(kept).values()) == {(1, False), (2, False)}


def test_entry_without_sums_cannot_be_tested() -> None:
    with pytest.raises(ValueError, match="without sums"):
        Duels().wins(entry("a", errors(0.3)), [printed("b", 0.5)])


@pytest.mark.parametrize(("beside", "cost"), [("published", -0.92), ("baseline of ours", -0.9249)])
def test_baseline_counts_with_the_printed_digits_only_beside_a_printed_table(
    beside: Provenance, cost: float
) -> None:
    rules = Rules(
        challenge="c", version="1.0", title="", tracks=("t",), metrics=("mu",), ranking="mu", decimals={}
    )
    ours = FixedRow(row=BoardRow(method="ours", provenance="baseline of ours"), value=0.9249, counted=0.92)
    other = FixedRow(row=BoardRow(method="other", provenance=beside), value=0.5, counted=0.5)
    first, _ = fixed_candidates([ours, other], rules, everything=False)
    assert (first.cost, first.counted) == (cost, cost)


def scored_row(name: str, value: float, provenance: Provenance) -> BoardRow:
    return BoardRow(
        method=name, provenance=provenance, scores={"mu": ShownScore(text=f"{value:.2f}", value=value)}
    )


@pytest.mark.parametrize(("value", "order"), [(0.656938934, ["ours", "b"]), (0.658, ["b", "ours"])])
def test_baseline_that_prints_the_digits_of_an_entry_is_tied_with_it_where_no_table_was_published(
    value: float, order: list[str]
) -> None:
    rules = Rules(
        challenge="c", version="1.0", title="", tracks=("t",), metrics=("mu",), ranking="mu", decimals={}
    )
    baseline = FixedRow(row=scored_row("b", value, "baseline of ours"), value=value, counted=0.66)
    mine = replace(
        entry("ours", errors(0.3)), row=scored_row("ours", 0.656940571, "scored here"), cost=-0.656940571
    )
    rows = ranked(_counted(rules, [baseline], [mine], everything=False), Duels())
    assert [(row.method, row.rank, row.tied) for row in rows] == [(name, 1, True) for name in order]


def test_baseline_whose_digits_are_those_of_two_groups_stands_by_its_number() -> None:
    squares = errors(0.34, seed=1, spread=0.0)
    first, second = entry("first", squares), entry("second", 1.004 * squares)
    assert first.cost is not None
    assert second.cost is not None
    pair = [replace(one, counted=-0.66) for one in (first, second)]
    for cost, order in (
        (first.cost - 1e-5, ["b", "first", "second"]),
        ((first.cost + second.cost) / 2, ["first", "b", "second"]),
        (second.cost + 1e-5, ["first", "second", "b"]),
    ):
        baseline = Candidate(BoardRow(method="b", provenance="baseline of ours"), cost, -0.66)
        rows = ranked([*pair, baseline], Duels())
        assert [row.method for row in rows] == order
        assert [row.tied for row in rows].count(True) == 2


@st.composite
def boards(draw: st.DrawFn) -> list[Candidate]:
    sizes = st.sampled_from([0.2, 0.25, 0.26, 0.3, 0.301, 0.5])
    ours = draw(st.lists(st.tuples(sizes, st.integers(0, 3)), max_size=7))
    theirs = draw(st.lists(st.sampled_from([0.5, 0.69, 0.7, 0.71, 0.74, 0.75, 0.8, None]), max_size=5))
    made = [
        entry(f"e{n}", errors(rms, seed=seed, spread=0.5, days=12), places=2, age=n)
        for n, (rms, seed) in enumerate(ours)
    ]
    return [*made, *(printed(f"p{n}", value) for n, value in enumerate(theirs))]


@given(boards(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_ranks_do_not_depend_on_the_order_of_the_rows(candidates: list[Candidate], random: object) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ranked(shuffled, Duels()) == ranked(candidates, Duels())


@given(boards())
@settings(max_examples=60)
def test_no_row_stands_before_one_with_a_better_number(candidates: list[Candidate]) -> None:
    rows = ranked(candidates, Duels())
    of = {one.row.method: one for one in candidates}
    able = [(row, of[row.method]) for row in rows if row.rank is not None]
    assert [row.rank is None for row in rows] == sorted(row.rank is None for row in rows)
    assert len(able) == sum(one.cost is not None for one in candidates)
    for place, (row, one) in enumerate(able):
        better = sum(1 for other, _ in able if (other.group or 0) < (row.group or 0))
        assert row.rank == better + 1
        assert row.tied == (sum(other.group == row.group for other, _ in able) > 1)
        for later, worse in able[place + 1 :]:
            assert (row.rank or 0) <= (later.rank or 0)
            assert one.counted <= worse.counted
            if one.blocks is not None and worse.blocks is not None:
                assert (one.cost or 0.0) <= (worse.cost or 0.0) or one.counted < worse.counted
    assert all(math.isfinite(one.counted) for _, one in able)
