"""Scores as text."""

import math
from dataclasses import replace

import pytest

from oceanbench.catalog import load_challenge
from oceanbench.metrics.bootstrap import Interval
from oceanbench.report.wording import (
    ScoreRow,
    banner,
    coverage_sentences,
    explanations,
    format_value,
    score_rows,
)
from oceanbench.score import Coverage, Evaluation


def rows_of(evaluation: Evaluation) -> dict[str, ScoreRow]:
    return {row.name: row for row in score_rows(evaluation)}


def test_rows_follow_the_order_of_the_published_tables(map_evaluation: Evaluation) -> None:
    names = [row.name for row in score_rows(map_evaluation)]
    assert names == ["mu", "sigma", "lambda_x", "lambda_x_km", "lambda_t", "explained_variance"]


def test_an_unknown_score_is_still_listed_last(map_evaluation: Evaluation) -> None:
    more = replace(
        map_evaluation,
        official={**map_evaluation.official, "skill": 0.25},
        official_units={**map_evaluation.official_units, "skill": "m/s"},
    )
    row = score_rows(more)[-1]
    assert (row.symbol, row.official, row.official_unit.strip()) == ("skill", "0.250000", "m/s")


def test_the_board_rounds_gridded_scores_to_the_digits_of_the_challenge(map_evaluation: Evaluation) -> None:
    published = [row.published for row in score_rows(map_evaluation)]
    assert published == ["0.88", "0.01", "1.42", "", "4.10", ""]


def test_the_board_of_a_track_cuts_its_wavelength_to_an_integer(track_evaluation: Evaluation) -> None:
    assert rows_of(track_evaluation)["lambda_x"].published == "152"


def test_no_board_has_a_place_for_scores_against_an_own_reference(map_evaluation: Evaluation) -> None:
    own = replace(map_evaluation, own_reference=True)
    assert {row.published for row in score_rows(own)} == {""}
    assert "these are not scores of 2020a" in banner(own)


def test_scores_along_an_own_track_are_explained_as_such_whatever_the_challenge(
    track_evaluation: Evaluation,
) -> None:
    own = replace(track_evaluation, challenge=load_challenge("2020a"), own_reference=True)
    assert "along the track" in rows_of(own)["lambda_x"].meaning


def test_official_numbers_outside_the_robust_interval_are_marked(map_evaluation: Evaluation) -> None:
    differing = [row.name for row in score_rows(map_evaluation) if row.differs]
    assert differing == ["lambda_x"]


def test_numbers_of_different_units_are_never_said_to_differ(map_evaluation: Evaluation) -> None:
    units = {**map_evaluation.robust_units, "lambda_x": "km"}
    assert not rows_of(replace(map_evaluation, robust_units=units))["lambda_x"].differs


@pytest.mark.parametrize(
    ("interval", "value", "ends"),
    [
        (Interval(0.87123, 0.86111, 0.88222), "0.871", "0.861 … 0.882"),
        (Interval(152.3, 120.0, 190.0), "152", "120 … 190"),
        (Interval(0.012344, 0.01231, 0.01238), "0.01234", "0.01231 … 0.01238"),
        (Interval(1.55, math.nan, math.nan), "1.55", ""),
        (Interval(1.55, 1.4, math.nan), "1.55", "1.40 … not resolved"),
    ],
)
def test_a_robust_number_has_as_many_digits_as_its_interval_allows(
    map_evaluation: Evaluation, interval: Interval, value: str, ends: str
) -> None:
    robust = {**map_evaluation.robust, "lambda_x": interval}
    row = rows_of(replace(map_evaluation, robust=robust))["lambda_x"]
    assert (row.robust, row.interval) == (value, ends)


def test_a_number_that_does_not_exist_has_words_and_no_unit(map_evaluation: Evaluation) -> None:
    nothing = replace(
        map_evaluation,
        official={"mu": math.nan, "lambda_x": math.nan, "lambda_t": math.inf},
        robust={"lambda_x": Interval(math.nan, math.nan, math.nan)},
    )
    rows = rows_of(nothing)
    assert rows["mu"].official == "not defined"
    assert (rows["lambda_x"].official, rows["lambda_x"].official_unit) == ("no crossing", "")
    assert (rows["lambda_x"].robust, rows["lambda_x"].robust_unit) == ("not resolved", "")
    assert (rows["lambda_t"].official, rows["lambda_t"].official_unit) == ("∞", "")
    meant = [meaning.partition(":")[0] for meaning in explanations(nothing)]
    assert meant == ["No crossing", "Not resolved", "∞", "Not defined"]
    assert explanations(map_evaluation) == ()


def test_official_numbers_show_six_significant_digits() -> None:
    assert [format_value("mu", value) for value in (0.844109433, 0.012, 148.0)] == [
        "0.844109",
        "0.0120000",
        "148.000",
    ]


def test_one_missing_point_of_a_million_is_not_full_coverage() -> None:
    nearly = coverage_sentences(Coverage(10**6, 10**6 - 1, 41, 42, "zero"))
    assert "999,999 of the 1,000,000" in nearly[0]
    assert "(99.99 %)" in nearly[0]
    assert "height of zero" in nearly[2]
    assert "(100 %)" in coverage_sentences(Coverage(10, 10, 1, 1, "refuse"))[0]


def test_nothing_to_score_is_no_coverage() -> None:
    assert "(0.00 %)" in coverage_sentences(Coverage(0, 0, 0, 0, "refuse"))[0]


def test_a_twin_says_that_its_scores_are_not_those_of_the_original(map_evaluation: Evaluation) -> None:
    twin = replace(map_evaluation, challenge=load_challenge("2020a-twin"))
    assert banner(twin) == "Synthetic twin of 2020a: these are not scores of 2020a."
    assert banner(map_evaluation) == ""


def test_the_official_score_of_a_track_is_compared_with_the_mean_of_days(
    track_evaluation: Evaluation,
) -> None:
    daily = replace(track_evaluation, robust={**track_evaluation.robust, "mu_daily": Interval(0.8, 0.7, 0.9)})
    apart = replace(daily, robust={**daily.robust, "mu": Interval(0.95, 0.94, 0.96)}, official={"mu": 0.8})
    assert not rows_of(apart)["mu"].differs
    assert rows_of(replace(apart, official={"mu": 0.95}))["mu"].differs


# --- the scores of OceanBench (NeurIPS 2023)


def test_scores_of_the_other_profile_stand_beside_their_like_in_kilometres(
    neurips_evaluation: Evaluation,
) -> None:
    rows = rows_of(neurips_evaluation)
    assert list(rows) == [
        "nrmse",
        "sigma",
        "lambda_x_isotrop",
        "lambda_x_spacetime",
        "lambda_t_spacetime",
        "lambda_x",
        "explained_variance",
    ]
    row = rows["lambda_x_spacetime"]
    assert (row.official, row.official_unit.strip()) == ("157.543", "km")
    assert (row.robust, row.interval, row.robust_unit.strip()) == ("136", "130 … 141", "km")
    assert row.differs
    assert (rows["nrmse"].robust, rows["nrmse"].differs) == ("0.871", False)
    assert rows["lambda_x"].official == ""
    assert rows["lambda_x"].meaning == "The robust λx in degrees of longitude."
    assert all(row.meaning for row in rows.values())


def test_the_board_of_the_other_profile_has_three_digits_of_a_score_and_two_of_a_scale(
    neurips_evaluation: Evaluation,
) -> None:
    published = {name: row.published for name, row in rows_of(neurips_evaluation).items()}
    assert {name: value for name, value in published.items() if value} == {
        "nrmse": "0.877",
        "lambda_x_isotrop": "98.77",
        "lambda_x_spacetime": "157.54",
        "lambda_t_spacetime": "4.10",
    }


def test_a_track_by_the_other_profile_keeps_its_wavelength_whole(track_evaluation: Evaluation) -> None:
    other = replace(
        track_evaluation,
        challenge=load_challenge("2021a-neurips"),
        track="ose_gf",
        official={"nrmse": 0.876543, "lambda_x_alongtrack": 152.934},
        official_units={"nrmse": "1", "lambda_x_alongtrack": "km"},
    )
    rows = rows_of(other)
    assert list(rows) == ["nrmse", "mu_daily", "sigma", "lambda_x_alongtrack", "explained_variance"]
    assert (rows["nrmse"].published, rows["lambda_x_alongtrack"].published) == ("0.877", "152.93")
    assert rows["lambda_x_alongtrack"].robust == "100"
    far = replace(other, official={"nrmse": 0.4, "lambda_x_alongtrack": 3.8e16})
    assert rows_of(far)["lambda_x_alongtrack"].published == ""


def test_a_scale_that_is_infinite_by_the_official_code_is_explained(neurips_evaluation: Evaluation) -> None:
    official = {**neurips_evaluation.official, "lambda_x_spacetime": math.inf}
    endless = replace(neurips_evaluation, official=official)
    row = rows_of(endless)["lambda_x_spacetime"]
    assert (row.official, row.published, row.official_unit) == ("∞", "", "")
    assert "crosses 0.5 nowhere" in explanations(endless)[0]
