"""A board: who stands where, and what never stands there."""

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge
from oceanbench.metrics.bootstrap import Interval
from oceanbench.score import Evaluation
from oceanbench_leaderboard.scores import record
from oceanbench_leaderboard.table import Cell, Row, _full, _ranked, build_board

Make = Callable[..., Evaluation]
HEADER = "track,method,metric,value,unit,source,status,meant,note\n"


def challenge_with(folder: Path, *lines: str) -> Challenge:
    """2020a with another published table."""
    (folder / "published.csv").write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return load_challenge("2020a").model_copy(update={"folder": folder})


def ranks(challenge: Challenge, track: str = "4 nadirs") -> dict[str, tuple[int | None, bool]]:
    (table,) = build_board(challenge, track=track, everything=True).tables
    return {row.method: (row.rank, row.tied) for row in table.rows}


def test_published_order_is_that_of_the_ranking_metric_and_ties_share_a_place(book: Path) -> None:
    (table,) = build_board(load_challenge("2021a"), track="6 nadirs").tables
    assert [(row.rank, row.tied) for row in table.rows[:5]] == [(1, True)] * 4 + [(5, True)]
    assert table.rows[-1].method == "BASELINE OI"
    assert (table.rows[-1].rank, table.rows[-1].tied) == (11, False)


def test_missing_score_is_never_ranked(book: Path, tmp_path: Path) -> None:
    challenge = challenge_with(
        tmp_path,
        "4 nadirs,silent,lambda_x,0.1,degrees,,,,",
        "4 nadirs,nan,mu,NaN,1,,,,",
        "4 nadirs,bound,mu,>=0.99,1,,,,",
        "4 nadirs,worst,mu,-5,1,,,,",
    )
    assert ranks(challenge) == {
        "worst": (1, False),
        "silent": (None, False),
        "nan": (None, False),
        "bound": (None, False),
    }


def test_superseded_row_and_one_printed_elsewhere_have_no_rank(book: Path, tmp_path: Path) -> None:
    challenge = challenge_with(
        tmp_path,
        "4 nadirs,old,mu,0.99,1,a,superseded,,",
        "4 nadirs,other,mu,0.98,1,b,elsewhere,,",
        "4 nadirs,now,mu,0.5,1,c,current,,",
    )
    assert ranks(challenge) == {"now": (1, False), "old": (None, False), "other": (None, False)}
    board = build_board(challenge, track="4 nadirs")
    assert [row.method for row in board.tables[0].rows] == ["now"]
    assert board.left_out == {"4 nadirs": 2}


def test_misprint_counts_as_what_was_meant_and_one_without_that_not_at_all(
    book: Path, tmp_path: Path
) -> None:
    challenge = challenge_with(
        tmp_path,
        "4 nadirs,high,mu,9.1,1,a,typo,0.1,",
        "4 nadirs,lost,mu,9.2,1,a,typo,,",
        "4 nadirs,middle,mu,0.5,1,a,current,,",
    )
    assert ranks(challenge) == {"middle": (1, False), "high": (2, False), "lost": (None, False)}


def test_lower_is_better_where_that_is_so(book: Path, tmp_path: Path) -> None:
    challenge = challenge_with(tmp_path, "4 nadirs,a,lambda_x,2,km,,,,", "4 nadirs,b,lambda_x,1,km,,,,")
    by_length = challenge.model_copy(update={"ranking": "lambda_x"})
    assert ranks(by_length) == {"b": (1, False), "a": (2, False)}


def test_score_made_here_counts_with_the_digits_that_are_printed(book: Path, make_evaluation: Make) -> None:
    record(make_evaluation(official={"mu": 0.9449, "lambda_x": 0.7}))
    (table,) = build_board(load_challenge("2020a"), track="4 nadirs").tables
    mine = next(row for row in table.rows if row.provenance == "scored here")
    assert (mine.cells["mu"].text, mine.cells["mu"].value) == ("0.94", 0.9449)
    assert (mine.rank, mine.tied) == (2, True)  # with 4DVarNet, not above it
    assert mine.source == "my_map.nc"


def test_wavelength_along_a_track_is_cut_as_the_table_cuts_it(book: Path, make_evaluation: Make) -> None:
    record(make_evaluation("2021a", "6 nadirs", official={"mu": 0.9, "sigma": 0.06, "lambda_x": 152.9}))
    (table,) = build_board(load_challenge("2021a")).tables
    mine = next(row for row in table.rows if row.provenance == "scored here")
    assert mine.cells["lambda_x"].text == "152"


def test_interval_is_that_of_the_like_quantity_in_the_same_unit(book: Path, make_evaluation: Make) -> None:
    robust = {
        "mu": Interval(0.91, 0.90, 0.92),
        "mu_daily": Interval(0.9, 0.88, 0.91),
        "lambda_x": Interval(100.0, 90.0, 120.0),
    }
    record(make_evaluation("2021a", "6 nadirs", official={"mu": 0.9, "lambda_x": 152.9}, robust=robust))
    (table,) = build_board(load_challenge("2021a")).tables
    cells = next(row.cells for row in table.rows if row.provenance == "scored here")
    found = cells["mu"].robust
    assert found is not None
    assert (found.low, found.high) == (0.88, 0.91)


def test_score_of_a_twin_is_never_on_the_real_board(book: Path, make_evaluation: Make) -> None:
    record(make_evaluation("2020a-twin", official={"mu": 0.999}))
    real = build_board(load_challenge("2020a"), everything=True)
    assert {row.provenance for table in real.tables for row in table.rows} == {"published"}
    twin = build_board(load_challenge("2020a-twin"), track="4 nadirs")
    assert [row.method for row in twin.tables[0].rows if row.provenance == "scored here"] == ["mine"]


def test_empty_board_and_board_of_nothing_but_missing_scores_can_be_built(
    book: Path, make_evaluation: Make
) -> None:
    challenge = load_challenge("2022b")
    empty = build_board(challenge)
    assert empty.tables == ()
    assert set(empty.empty_tracks) == {track.id for track in challenge.tracks}
    nan = float("nan")
    record(make_evaluation("2022b", challenge.tracks[0].id, official={"mu": nan, "lambda_x": nan}))
    (table,) = build_board(challenge).tables
    assert [(row.rank, row.cells["mu"].text) for row in table.rows] == [(None, "-")]


def test_damaged_record_is_a_warning_of_the_board(book: Path) -> None:
    (book / "2020a").mkdir(parents=True)
    (book / "2020a" / "x.json").write_text("{")
    board = build_board(load_challenge("2020a"))
    assert "x.json: left out" in board.warnings[0]
    assert board.tables


def test_track_is_found_whatever_its_case_and_an_unknown_one_is_told(book: Path) -> None:
    assert build_board(load_challenge("2020a"), track="4-NADIRS").tables[0].track == "4 nadirs"
    assert build_board(load_challenge("2021a"), track="January 2017 only").tables[0].rows
    with pytest.raises(LookupError, match="no track '5 nadirs'; did you mean 4 nadirs"):
        build_board(load_challenge("2020a"), track="5 nadirs")


@given(st.lists(st.one_of(st.none(), st.floats(-5, 1)), max_size=12))
def test_ranks_count_who_is_better(values: list[float | None]) -> None:
    cells = [MappingProxyType({"mu": Cell("", value, "1")}) for value in values]
    rows = [Row(str(place), "published", "current", "", cell) for place, cell in enumerate(cells)]
    ranked = _ranked(rows, "mu", _full)
    assert sorted(row.method for row in ranked) == sorted(row.method for row in rows)
    known = [value for value in values if value is not None]
    for row in ranked:
        value = values[int(row.method)]
        better = None if value is None else sum(other > value for other in known) + 1
        assert row.rank == better
        assert row.tied == (value is not None and known.count(value) > 1)
