"""The page of filtered swaths and the files beside it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from oceanbench.report import write_report
from oceanbench.score import SwathCoverage
from tests.report.filtered_swaths import denoising_evaluation, swath_evaluation
from tests.report.test_page import read


@pytest.fixture(scope="module")
def swath_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of many filtered passes of the twin."""
    many = replace(swath_evaluation("2022a-twin"), coverage=SwathCoverage(20, 1000, 999))
    return write_report(many, tmp_path_factory.mktemp("swaths"))


@pytest.fixture(scope="module")
def denoising_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of swaths without a truth."""
    return write_report(denoising_evaluation(), tmp_path_factory.mktemp("denoising"))


def pictures(page: Path) -> set[str]:
    return {path.stem for path in page.parent.glob("*.png")}


def test_the_page_of_swaths_has_numbers_by_region_cautions_and_meanings(swath_page: Path) -> None:
    text = read(swath_page).text
    for part in (
        "Synthetic twin of 2022a: these are not scores of 2022a.",
        "RMSE of sea surface height (m) global 0.01178 0.00213456",
        "0.00210 [0.00200 … 0.00220]",
        "λ(SNR 1) (km) SSH",
        "comes near 1 from below",
        "≥ 1000: the official code says 1000 km",
        "999 of the 1,000 pixels",
    ):
        assert part in text


def test_many_passes_are_drawn_on_a_map_and_few_are_not(swath_page: Path, tmp_path: Path) -> None:
    assert pictures(swath_page) == {"heights", "currents", "spectra", "across", "errors"}
    few = write_report(swath_evaluation(), tmp_path)
    assert pictures(few) == {"heights", "currents", "spectra", "across"}


def test_every_picture_is_on_the_page_with_a_caption(swath_page: Path, denoising_page: Path) -> None:
    for page in (swath_page, denoising_page):
        content = read(page)
        images = list(content.all("img"))
        assert len(images) == len(pictures(page)) == len(list(content.all("figcaption")))
        assert all(len(image["alt"] or "") > 10 for image in images)


def test_the_page_without_truth_says_that_its_numbers_reward_smoothing(denoising_page: Path) -> None:
    text = read(denoising_page).text
    assert "These numbers reward smoothing" in text
    assert "discontinuities (share of the pixels) SSHA 0.2443 0.00291230 board 0.0029" in text
    assert pictures(denoising_page) == {"denoised", "densities", "histograms", "similarity"}


def test_the_scores_beside_the_page_are_nested(swath_page: Path) -> None:
    scores = json.loads((swath_page.parent / "score.json").read_text(encoding="utf-8"))
    assert scores["official"]["rmse"]["ssh"]["global"] == 0.00213456
    assert scores["robust"]["lambda_snr1"]["vorticity"]["value"] is None
    assert scores["unfiltered"]["rmse"]["speed"]["coastal"] == 0.0117812
