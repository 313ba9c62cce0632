"""Scores of filtered swaths as text, in the terminal and row by row."""

import io
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from oceanbench.metrics.bootstrap import Interval
from oceanbench.report import print_evaluation
from oceanbench.report.wording import ScoreRow, banner, cautions, explanations, meanings, score_rows
from oceanbench.score import Evaluation
from tests.report.filtered_swaths import denoising_evaluation, swath_evaluation


def rows_of(evaluation: Evaluation) -> dict[str, ScoreRow]:
    return {row.name: row for row in score_rows(evaluation)}


def printed(evaluation: Evaluation) -> list[str]:
    stream = io.StringIO()
    print_evaluation(evaluation, Console(file=stream, width=80, no_color=True, highlight=False))
    return stream.getvalue().splitlines()


def test_each_score_of_a_swath_has_one_row_under_the_heading_of_its_quantity() -> None:
    evaluation = swath_evaluation()
    rows = score_rows(evaluation)
    assert {row.name for row in rows} == {*evaluation.official, *evaluation.robust}
    assert len(rows) == len({row.name for row in rows}) == 23
    groups = list(dict.fromkeys(row.group for row in rows))
    assert groups == [
        "RMSE of sea surface height (m)",
        "RMSE of geostrophic speed (m/s)",
        "RMSE of geostrophic velocity (m/s)",
        "RMSE of vorticity over f",
        "λ(SNR 1) (km)",
        "λ(SNR 2) (km)",
        "noise reduction (dB)",
    ]
    assert [row.symbol for row in rows[:4]] == ["global", "coastal", "low var.", "high var."]


def test_a_row_of_a_swath_holds_noisy_official_board_and_robust_numbers() -> None:
    row = rows_of(swath_evaluation())["rmse.ssh.coastal"]
    assert (row.unfiltered, row.official, row.published) == ("0.01178", "0.00213456", "0.002")
    assert (row.robust, row.interval) == ("0.00210", "0.00200 … 0.00220")


def test_no_crossing_is_not_printed_as_a_wavelength_and_is_explained() -> None:
    row = rows_of(swath_evaluation())["lambda_snr1.vorticity"]
    assert (row.unfiltered, row.official, row.robust) == ("≥ 1000", "≥ 1000", "not resolved")
    said = explanations(swath_evaluation())
    assert [text.partition(":")[0] for text in said] == ["≥ 1000", "Not resolved"]


def test_a_rmse_of_a_thousand_is_a_number() -> None:
    evaluation = swath_evaluation()
    many = replace(evaluation, official={**evaluation.official, "rmse.vorticity.global": 1000.0})
    assert rows_of(many)["rmse.vorticity.global"].official == "1000.00"


def test_a_region_without_pixels_has_no_number() -> None:
    evaluation = swath_evaluation()
    empty = replace(
        evaluation,
        official={**evaluation.official, "rmse.ssh.coastal": np.nan},
        robust={**evaluation.robust, "rmse.ssh.coastal": Interval(np.nan, np.nan, np.nan)},
    )
    row = rows_of(empty)["rmse.ssh.coastal"]
    assert (row.official, row.published, row.robust, row.differs) == (
        "not defined",
        "",
        "not defined",
        False,
    )
    assert any("without a single pixel" in text for text in explanations(empty))


def test_an_official_wavelength_outside_the_robust_interval_is_marked() -> None:
    rows = rows_of(swath_evaluation())
    assert (rows["lambda_snr1.ssh"].differs, rows["lambda_snr1.speed"].differs) == (True, False)


@pytest.mark.parametrize("evaluation", [swath_evaluation(), denoising_evaluation()])
def test_the_table_fits_80_columns_with_its_columns_in_line(evaluation: Evaluation) -> None:
    lines = printed(evaluation)
    assert max(map(len, lines)) <= 80
    header = next(line for line in lines if "no filter" in line)
    end = header.index("official") + len("official")
    for row in score_rows(evaluation):
        if row.official:
            assert any(line[:end].endswith(f" {row.official}") for line in lines)


def test_an_unknown_score_of_a_swath_is_still_listed_with_its_unit() -> None:
    evaluation = swath_evaluation()
    more = replace(
        evaluation,
        official={**evaluation.official, "skill": 0.25},
        official_units={**evaluation.official_units, "skill": "m2"},
    )
    row = score_rows(more)[-1]
    assert (row.symbol, row.group, row.official) == ("skill", "skill (m2)", "0.250000")


def test_no_board_has_a_place_for_an_own_reference_or_an_unpublished_track() -> None:
    evaluation = swath_evaluation()
    for other in (replace(evaluation, own_reference=True), replace(evaluation, track="119 passes")):
        assert {row.published for row in score_rows(other)} == {""}
        assert not any("board" in line for line in printed(other))
    assert "these are not scores of 2022a" in banner(replace(evaluation, own_reference=True))


def test_a_twin_of_swaths_says_so() -> None:
    assert banner(swath_evaluation("2022a-twin")).startswith("Synthetic twin of 2022a")


def test_the_trap_of_the_wavelength_and_of_missing_truth_stand_below_the_numbers() -> None:
    assert "comes near 1 from below" in cautions(swath_evaluation())[0]
    assert "These numbers reward smoothing" in cautions(denoising_evaluation())[0]
    assert "These numbers reward smoothing" in " ".join(printed(denoising_evaluation()))


def test_every_heading_is_explained_once() -> None:
    for evaluation in (swath_evaluation(), denoising_evaluation()):
        rows = score_rows(evaluation)
        assert [name for name, _ in meanings(rows)] == list(dict.fromkeys(row.group for row in rows))


def test_denoised_swaths_stand_beside_the_published_table_and_never_differ_by_another_measure() -> None:
    evaluation = denoising_evaluation()
    rows = rows_of(evaluation)
    first = rows["roberts_discontinuity_fraction"]
    assert (first.unfiltered, first.official, first.published) == ("0.2443", "0.00291230", "0.0029")
    assert first.robust == "0.00291"
    other = replace(evaluation, robust={**evaluation.robust, "ssim.ssha": Interval(0.5, 0.4, 0.6)})
    assert not any(row.differs for row in score_rows(other))
    assert rows["removed_signal"].symbol == "comes back"
