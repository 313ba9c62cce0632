"""Printed digits: how many there are, and when a number agrees with them."""

from hypothesis import given
from hypothesis import strategies as st

from oceanbench.catalog import load_challenge
from oceanbench_leaderboard.digits import (
    CUT,
    agrees,
    as_published,
    board_decimals,
    decimals,
    printed_decimals,
)
from oceanbench_leaderboard.published import published_scores


@given(st.floats(-1e4, 1e4), st.integers(0, 6))
def test_number_agrees_with_its_own_print(value: float, places: int) -> None:
    assert agrees(value, float(as_published(value, places)), places)


@given(st.floats(0, 1e4))
def test_number_agrees_with_its_own_cut_and_with_no_other_integer(value: float) -> None:
    cut = float(as_published(value, CUT))
    assert agrees(value, cut, CUT)
    assert not agrees(value, cut + 1, CUT)


@given(st.floats(-10, 10), st.integers(0, 6))
def test_number_one_digit_off_does_not_agree(value: float, places: int) -> None:
    assert not agrees(value, float(as_published(value, places)) + 1.1 * 10.0**-places, places)


def test_trailing_zeros_that_were_dropped_are_counted() -> None:
    table = published_scores(load_challenge("2020a"))
    bfn = next(score for score in table if score.text == "1.")
    assert decimals(bfn.text) == 0
    assert printed_decimals(bfn, table) == 2


def test_period_of_miost_was_printed_with_two_decimals_others_with_three() -> None:
    table = published_scores(load_challenge("2023-natl60"))
    places = {score.method: printed_decimals(score, table) for score in table if score.metric == "lambda_t"}
    assert places.pop("MIOST") == 2
    assert set(places.values()) == {3}


def test_board_prints_as_the_published_table_does() -> None:
    neurips = load_challenge("2020a-neurips")
    places = board_decimals(neurips, published_scores(neurips))
    assert (places["nrmse"], places["lambda_x_isotrop"]) == (3, 2)
    assert board_decimals(load_challenge("2021a"), ())["lambda_x"] == CUT
    assert board_decimals(load_challenge("2020a-twin"), ())["mu"] == 2
