"""The command gives the numbers of the official code, digit by digit, in the promised JSON."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from oceanbench.cli import cli

MAPS = ["map_a_good", "map_a_medium", "map_a_poor", "map_c_pieces_holed", "map_c_pieces_patchy"]
GAPPY_MAPS = ["map_b_gaps_good", "map_b_gaps_medium", "map_b_gaps_poor"]
PROMISED = {"challenge", "version", "track", "official", "robust", "coverage", "passport"}
ALSO = {"own_reference", "scope", "notes"}

Answer = dict[str, Any]


@pytest.fixture(scope="module")
def answers(golden: Path) -> Answer:
    """What the official code answers."""
    content: Answer = json.loads((golden / "expected.json").read_text())["cases"]
    return content


@pytest.fixture
def evaluated(golden: Path) -> Callable[..., Answer]:
    """Run ``oceanbench evaluate --json`` on golden files."""

    def run(map_name: str, truth: str, challenge: str, *options: str) -> Answer:
        cases = golden / "cases"
        words = [f"{cases / map_name}.nc", "--challenge", challenge, "--reference", f"{cases / truth}.nc"]
        result = CliRunner().invoke(cli, ["evaluate", *words, "--json", *options], catch_exceptions=False)
        assert result.exit_code == 0
        content: Answer = json.loads(result.stdout)
        return content

    return run


def check_map(content: Answer, answer: Answer) -> None:
    official = content["official"]
    assert official["mu"] == pytest.approx(answer["leaderboard_rmse"], rel=1e-9)
    assert official["sigma"] == pytest.approx(answer["error_variability"], rel=1e-9)
    assert official["lambda_x"] == pytest.approx(answer["lambda_x_deg"], rel=1e-6)
    assert official["lambda_t"] == pytest.approx(answer["lambda_t_days"], rel=1e-6)


@pytest.mark.parametrize("name", MAPS)
def test_golden_map_gives_the_official_digits(
    name: str, answers: Answer, evaluated: Callable[..., Answer]
) -> None:
    case, estimate = name.rsplit("_", 1)
    options = ("--holes", "official") if estimate == "holed" else ()
    content = evaluated(name, f"{case}_truth", "2020a", *options)
    check_map(content, answers[case]["expected"][estimate])


@pytest.mark.parametrize("name", GAPPY_MAPS)
def test_golden_map_with_gaps_gives_the_official_digits(
    name: str, answers: Answer, evaluated: Callable[..., Answer]
) -> None:
    case, estimate = name.rsplit("_", 1)
    content = evaluated(name, f"{case}_truth", "2020a", "--holes", "official")
    check_map(content, answers[case]["expected"][estimate])
    assert content["coverage"]["holes"] == "official"


@pytest.mark.parametrize("name", ["ose", "ose_short"])
def test_golden_track_gives_the_official_digits(
    name: str, answers: Answer, evaluated: Callable[..., Answer]
) -> None:
    content, answer = evaluated(f"{name}_map", f"{name}_track", "2021a"), answers[name]["expected"]
    official = content["official"]
    assert official["mu"] == pytest.approx(answer["rmse_score_mean"], rel=1e-9)
    assert official["sigma"] == pytest.approx(answer["rmse_score_std"], rel=1e-9)
    assert official["lambda_x"] == pytest.approx(answer["lambda_x_km"], rel=1e-6)
    days = len([count for count in answer["count_daily"] if count and count >= 10])
    assert content["coverage"]["days_official"] == days


def test_json_of_a_map_has_the_promised_keys(evaluated: Callable[..., Answer]) -> None:
    content = evaluated("map_c_pieces_patchy", "map_c_pieces_truth", "2020a", "--track", "4 Nadirs")
    assert content.keys() == PROMISED | ALSO
    assert (content["challenge"], content["version"], content["track"]) == ("2020a", "1.0", "4 nadirs")
    assert content["official"].keys() == {"mu", "sigma", "lambda_x", "lambda_t", "units"}
    assert content["official"]["units"] == {
        "mu": "1",
        "sigma": "1",
        "lambda_x": "degrees of longitude",
        "lambda_t": "days",
    }
    robust = {"mu", "sigma", "explained_variance", "lambda_x", "lambda_x_km", "lambda_t"}
    assert content["robust"].keys() == robust
    assert all(block.keys() == {"value", "low", "high", "unit"} for block in content["robust"].values())
    assert content["coverage"].keys() == {
        "points",
        "covered",
        "fraction",
        "days_official",
        "days_robust",
        "holes",
    }


def test_json_of_a_track_has_the_promised_keys_and_no_scale_in_time(
    evaluated: Callable[..., Answer],
) -> None:
    content = evaluated("ose_short_map", "ose_short_track", "2021a")
    assert content.keys() == PROMISED | ALSO
    assert content["official"].keys() == {"mu", "sigma", "lambda_x", "units"}
    assert content["official"]["units"] == {"mu": "1", "sigma": "1", "lambda_x": "km"}
    assert content["robust"].keys() == {"mu", "mu_daily", "sigma", "explained_variance", "lambda_x"}


def test_passport_of_a_golden_map_says_what_made_the_numbers(evaluated: Callable[..., Answer]) -> None:
    passport = evaluated("ose_short_map", "ose_short_track", "2021a")["passport"]
    assert passport["submission"]["name"] == "ose_short_map.nc"
    digests = [
        passport["submission"]["sha256"],
        passport["reference"]["sha256"],
        passport["metric_code_sha256"],
    ]
    assert all(len(digest) == 64 for digest in digests)
    assert passport["software"].keys() >= {"python", "oceanbench", "numpy", "xarray"}
    assert passport["challenge_version"] == "1.0"


def test_score_on_a_truth_of_ones_own_is_said_not_to_be_one_of_the_challenge(
    evaluated: Callable[..., Answer],
) -> None:
    content = evaluated("ose_short_map", "ose_short_track", "2021a")
    assert content["own_reference"] is True
    assert content["scope"].endswith("not a score of 2021a")
