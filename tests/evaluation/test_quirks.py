"""The official numbers keep the quirks of the challenge's code; the robust ones beside them do not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.evaluation import evaluate
from oceanbench.score import Evaluation
from oceanbench.submission import SubmissionError

Build = Callable[[], xr.Dataset]


def robust(result: Evaluation) -> dict[str, float]:
    return {name: interval.value for name, interval in result.robust.items()}


def test_quirk_q1_a_map_wrong_on_the_last_day_only_keeps_its_official_score(
    toy: Path, blurred: Build
) -> None:
    spoilt = blurred()
    spoilt["ssh"][-1] = 1.0
    right, wrong = evaluate(blurred(), challenge="toy"), evaluate(spoilt, challenge="toy")
    assert wrong.official == right.official
    assert robust(wrong)["mu"] < robust(right)["mu"] - 0.1
    assert (wrong.coverage.days_official, wrong.coverage.days_robust) == (13, 14)
    assert "the official code scores 13 days, the robust numbers 14" in wrong.scope


def test_quirk_q2_a_map_equal_to_the_truth_at_its_own_instants_is_officially_half_a_day_late(
    toy: Path, midnights: Build
) -> None:
    result = evaluate(midnights(), challenge="toy")
    assert robust(result)["mu"] == pytest.approx(1.0, abs=1e-9)
    assert 0.3 < result.official["mu"] < 0.95


def test_quirk_q2_a_map_with_the_time_steps_of_the_truth_has_no_half_day_to_lose(toy: Path) -> None:
    with xr.open_dataset(toy) as truth:
        result = evaluate(truth.rename(sossheig="ssh").load(), challenge="toy")
    assert result.official["mu"] == pytest.approx(1.0, abs=1e-12)
    assert robust(result)["mu"] == pytest.approx(1.0, abs=1e-12)


def test_quirk_q3_an_offset_of_truth_and_map_raises_mu_and_leaves_explained_variance(
    toy: Path, midnights: Build, blurred: Build, tmp_path: Path
) -> None:
    scores = []
    for offset in (0.0, 2.0):
        path = tmp_path / f"truth {offset}.nc"
        (midnights() + offset).to_netcdf(path)
        scores.append(evaluate(blurred() + offset, challenge="toy", reference=[path]))
    low, high = scores
    assert high.official["mu"] > low.official["mu"] + 0.1
    assert robust(high)["mu"] > robust(low)["mu"] + 0.1
    assert robust(high)["explained_variance"] == pytest.approx(robust(low)["explained_variance"], abs=1e-9)
    assert robust(high)["lambda_x"] == pytest.approx(robust(low)["lambda_x"], rel=1e-6)


def test_quirk_q8_maps_of_any_grid_are_scored_at_the_same_points(toy: Path, midnights: Build) -> None:
    fine = evaluate(midnights(), challenge="toy")
    coarse = evaluate(midnights().isel(lat=slice(None, None, 2), lon=slice(None, None, 2)), challenge="toy")
    assert coarse.coverage.points == fine.coverage.points == 14 * 13 * 21
    assert coarse.coverage.fraction == fine.coverage.fraction == 1.0
    assert robust(coarse)["mu"] < robust(fine)["mu"] - 0.02


def test_quirk_q8_a_map_cropped_to_its_good_part_is_refused(toy: Path, blurred: Build) -> None:
    with pytest.raises(SubmissionError, match=r"the map covers .* 21\.5\.\.23 N; expected .* 20\.\.23 N"):
        evaluate(blurred().sel(lat=slice(21.5, None)), challenge="toy")


def test_quirk_q9_the_official_mean_of_daily_ratios_lies_below_the_robust_ratio(
    golden: Path, tmp_path: Path
) -> None:
    result = evaluate(
        golden / "cases/ose_map.nc", challenge="2021a", reference=[golden / "cases/ose_track.nc"]
    )
    assert result.official["mu"] == pytest.approx(robust(result)["mu_daily"], abs=0.01)
    assert robust(result)["mu"] > robust(result)["mu_daily"]


def test_blanking_the_hard_half_raises_the_official_score_and_lowers_the_robust_one(
    toy: Path, blurred: Build
) -> None:
    whole = evaluate(blurred(), challenge="toy")
    blanked = blurred().where(blurred().lat >= 21.5)
    result = evaluate(blanked, challenge="toy", holes="official")
    assert result.official["mu"] > whole.official["mu"] + 0.02
    assert robust(result)["mu"] < robust(whole)["mu"] - 0.1
    assert result.coverage.fraction == pytest.approx(7 / 13)
    assert result.coverage.holes == "official"


def test_blanks_scored_as_zero_lower_both_scores(toy: Path, blurred: Build) -> None:
    whole = evaluate(blurred(), challenge="toy")
    blanked = evaluate(blurred().where(blurred().lat >= 21.5), challenge="toy", holes="zero")
    zeros = evaluate(blurred().where(blurred().lat >= 21.5, 0.0), challenge="toy")
    assert blanked.official == zeros.official
    for name in ("mu", "sigma", "explained_variance"):
        assert robust(blanked)[name] == robust(zeros)[name]
    assert blanked.official["mu"] < whole.official["mu"]


def test_a_single_hole_is_refused_with_its_place_and_the_ways_out(toy: Path, blurred: Build) -> None:
    pricked = blurred()
    pricked["ssh"][3, 4, 5] = np.nan
    message = r"no value at 1 of the 3822 points .* 2015-06-04, 21.000 N, -38.750 E.*--holes zero"
    with pytest.raises(SubmissionError, match=message):
        evaluate(pricked, challenge="toy")
