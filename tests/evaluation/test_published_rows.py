"""Settings that published rows were made with move the official numbers, and say that they do."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy.interpolate import RectBivariateSpline

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Box, Challenge, GriddedProtocol, Scoring
from oceanbench.evaluation import evaluate
from oceanbench.evaluation._official_grid import official_pair
from oceanbench.evaluation._pair import GridScope
from oceanbench.interpolation import daily_mean
from oceanbench.metrics import map_statistics
from oceanbench.submission import SubmissionError

Build = Callable[[], xr.Dataset]
WHOLE_DAYS = slice("2015-06-01", "2015-06-13")


@pytest.fixture
def truth(toy: Path) -> xr.DataArray:
    with xr.open_dataset(toy) as dataset:
        return dataset["sossheig"].load()


def official(estimate: xr.DataArray, reference: xr.DataArray, **settings: Any) -> dict[str, float]:
    estimate = estimate.sel(time=reference.time).interp(lon=reference.lon, lat=reference.lat)
    return map_statistics(estimate, reference, **settings).official()


def test_crop_of_a_row_cuts_the_truth_at_the_nodes_as_they_are_stored(
    truth: xr.DataArray, blurred: Build
) -> None:
    scoring = Scoring(domain=Box(lon=(-39.6, -36.1), lat=(20.25, 22.75)))
    result = evaluate(blurred(), challenge="toy", scoring=scoring)
    part = daily_mean(truth.sel(time=WHOLE_DAYS)).sel(lon=slice(-39.6, -36.1), lat=slice(20.25, 22.75))
    assert result.official == pytest.approx(official(blurred()["ssh"], part), rel=1e-9)
    assert result.coverage.points == 14 * 11 * 14
    assert result.scope.startswith("-39.6..-36.1 E, 20.25..22.75 N")


def test_node_a_rounding_error_outside_the_crop_is_not_scored(truth: xr.DataArray) -> None:
    stored = truth.assign_coords(lon=truth.lon - 1e-12)
    box = Box(lon=(-40.0, -35.0), lat=(20.0, 23.0))
    for crop, count in ((None, 21), (box, 20)):
        pair = official_pair(stored, stored, GridScope(box, None, crop), GriddedProtocol())
        assert pair.reference.sizes["lon"] == count


@pytest.mark.usefixtures("toy")
def test_official_end_of_a_row_adds_its_last_day(blurred: Build) -> None:
    spoilt = blurred()
    spoilt["ssh"][-1] = 1.0
    plain = evaluate(spoilt, challenge="toy")
    scoring = Scoring(official_end=datetime(2015, 6, 15))
    longer = evaluate(spoilt, challenge="toy", scoring=scoring)
    assert (plain.coverage.days_official, longer.coverage.days_official) == (13, 14)
    assert longer.official["mu"] < plain.official["mu"] - 0.05
    assert longer.to_json()["robust"] == plain.to_json()["robust"]


def test_stride_of_a_row_takes_some_nodes_of_the_whole_truth_before_its_crop(
    truth: xr.DataArray, blurred: Build
) -> None:
    scoring = Scoring(truth_offset=2, truth_stride=3, domain=Box(lon=(-39.6, -35.0), lat=(20.0, 22.6)))
    result = evaluate(blurred(), challenge="toy", scoring=scoring)
    nodes = daily_mean(truth.sel(time=WHOLE_DAYS)).isel(lat=slice(2, None, 3), lon=slice(2, None, 3))
    nodes = nodes.sel(lon=slice(-39.6, None), lat=slice(None, 22.6))
    assert nodes.shape == (13, 3, 7)
    assert result.official == pytest.approx(official(blurred()["ssh"], nodes), rel=1e-9, nan_ok=True)


def test_detrending_and_window_of_a_row_are_used(truth: xr.DataArray, blurred: Build) -> None:
    scoring = Scoring(detrend="linear", window="symmetric")
    result = evaluate(blurred(), challenge="toy", scoring=scoring)
    days = daily_mean(truth.sel(time=WHOLE_DAYS))
    expected = official(blurred()["ssh"], days, detrend="linear", window="symmetric")
    assert result.official == pytest.approx(expected, rel=1e-9)
    plain = evaluate(blurred(), challenge="toy")
    assert result.official["lambda_x"] != pytest.approx(plain.official["lambda_x"], rel=1e-6)
    assert result.to_json()["robust"] == plain.to_json()["robust"]


def test_row_of_fields_at_their_own_times_has_no_half_day_to_lose(
    truth: xr.DataArray, midnights: Build
) -> None:
    result = evaluate(midnights(), challenge="toy", scoring=Scoring(daily=False))
    fields = truth.sel(time=slice("2015-06-01", "2015-06-14T00:00"))
    seen = midnights()["ssh"].interp(time=fields.time)
    assert fields.sizes["time"] == 52
    assert result.official == pytest.approx(official(seen, fields), rel=1e-9)
    assert result.official["mu"] > evaluate(midnights(), challenge="toy").official["mu"]
    assert result.coverage.days_official == 13


@pytest.mark.usefixtures("toy")
def test_fields_beyond_those_of_the_map_are_refused_rather_than_filled(midnights: Build) -> None:
    late = midnights().sel(time=slice("2015-06-01", None))
    late = late.assign_coords(time=late.time + np.timedelta64(12, "h"))
    with pytest.raises(ValueError, match=r"fields from 2015-06-01T12.*the truth from 2015-06-01T03"):
        evaluate(late, challenge="toy", scoring=Scoring(daily=False))


@pytest.mark.usefixtures("toy")
def test_settings_of_a_row_stand_in_scope_and_passport(blurred: Build) -> None:
    scoring = Scoring(detrend="linear", truth_offset=2, truth_stride=3, note="an old release")
    result = evaluate(blurred(), challenge="toy", scoring=scoring)
    assert result.scope.endswith(
        "; settings of a published row: linear detrending, truth nodes 2::3 along each axis"
    )
    said = {"detrend": "linear", "truth_offset": 2, "truth_stride": 3, "note": "an old release"}
    assert json.loads(json.dumps(result.passport["scoring"])) == said
    assert evaluate(blurred(), challenge="toy").passport["scoring"] is None


@pytest.mark.usefixtures("toy")
def test_stride_that_leaves_no_grid_is_refused(blurred: Build) -> None:
    with pytest.raises(ValueError, match=r"of the 13 lat nodes of the truth, 1 remain .* truth_stride 20"):
        evaluate(blurred(), challenge="toy", scoring=Scoring(truth_stride=20))


def test_settings_of_a_row_and_a_truth_of_ones_own_are_refused_together(toy: Path, blurred: Build) -> None:
    with pytest.raises(ValueError, match=r"truth nodes 0::3 .* belong to the truth of toy.*leave out"):
        evaluate(blurred(), challenge="toy", reference=[toy], scoring=Scoring(truth_stride=3))


# --- cubic splines


@pytest.fixture
def cubic(monkeypatch: pytest.MonkeyPatch, toy: Path) -> None:
    """The toy, with cubic splines from the map to the truth."""

    def load(name: str) -> Challenge:
        challenge = load_challenge(name)
        protocol = GriddedProtocol(interpolation="cubic", digits=3)
        return challenge.model_copy(update={"gridded": protocol})

    monkeypatch.setattr("oceanbench.evaluation._finding.load_challenge", load)


def coarse(build: Build) -> xr.Dataset:
    return build().isel(lat=slice(None, None, 2), lon=slice(None, None, 2))


@pytest.mark.usefixtures("cubic")
def test_coarse_map_goes_through_splines_and_a_map_on_the_nodes_stays_as_it_is(
    truth: xr.DataArray, midnights: Build
) -> None:
    days = daily_mean(truth.sel(time=WHOLE_DAYS))
    splined = evaluate(coarse(midnights), challenge="toy").official
    nodes = coarse(midnights)["ssh"].sel(time=days.time)
    heights = [RectBivariateSpline(nodes.lat, nodes.lon, day)(days.lat, days.lon) for day in nodes.values]
    through = days.copy(data=np.array(heights))
    assert splined == pytest.approx(official(through, days), rel=1e-9)
    assert evaluate(midnights(), challenge="toy").official == pytest.approx(
        official(midnights()["ssh"], days), rel=1e-12
    )


@pytest.mark.usefixtures("cubic")
def test_splines_through_holes_are_refused_and_holes_scored_as_zero_are_not(midnights: Build) -> None:
    holed = coarse(midnights)
    holed["ssh"][3, 2, 2] = np.nan
    with pytest.raises(SubmissionError, match=r"cubic splines leave \d+ of the 3549 points .*--holes zero"):
        evaluate(holed, challenge="toy", holes="official")
    with pytest.raises(SubmissionError, match="no value at 32 of the 3822 points"):
        evaluate(holed, challenge="toy")
    assert np.isfinite(evaluate(holed, challenge="toy", holes="zero").official["mu"])


@pytest.mark.usefixtures("cubic")
def test_splines_do_not_reach_beyond_the_map(midnights: Build) -> None:
    short = coarse(midnights).isel(lon=slice(1, None))
    with pytest.raises(SubmissionError, match="cubic splines leave"):
        evaluate(short, challenge="toy", holes="official")


@pytest.mark.usefixtures("toy")
def test_map_need_cover_no_more_than_the_box_of_its_row(blurred: Build) -> None:
    part = blurred().sel(lon=slice(-39.0, -36.0))
    scoring = Scoring(domain=Box(lon=(-39.0, -36.0), lat=(20.0, 23.0)))
    result = evaluate(part, challenge="toy", scoring=scoring)
    whole = evaluate(blurred(), challenge="toy", scoring=scoring)
    assert result.official == pytest.approx(whole.official, rel=1e-12)
    with pytest.raises(SubmissionError, match=r"covers -39..-36 E"):
        evaluate(part, challenge="toy")
