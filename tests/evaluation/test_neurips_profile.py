"""The profile of OceanBench (NeurIPS 2023), from a file to its scores."""

import json
import math
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.interpolate import RegularGridInterpolator

from oceanbench.challenge import Box, GriddedProtocol, TrackProtocol
from oceanbench.evaluation import evaluate
from oceanbench.evaluation._along_track import TrackScope, score_along_track
from oceanbench.evaluation._neurips_grid import neurips_pair
from oceanbench.evaluation._pair import GridScope
from oceanbench.interpolation import daily_mean, fill_gauss_seidel
from oceanbench.metrics.neurips import neurips_statistics
from oceanbench.observations import assemble

Build = Callable[[], xr.Dataset]

OFFICIAL = {"nrmse", "lambda_x_isotrop", "lambda_x_spacetime", "lambda_t_spacetime"}
BOX = Box(lon=(-40.0, -35.0), lat=(20.0, 23.0))


@pytest.fixture
def neurips(toy_world: Path, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The toy judged by the other scores on a grid of 0.2 degrees; gives the file of its truth."""
    text = (toy_world / "toy" / "challenge.toml").read_text()
    table = '[gridded]\nprofile = "neurips"\ngrid_step_degrees = 0.2\ndigits = 3\n'
    text = text.replace("[gridded]\n", table).replace(
        'id = "toy"', 'id = "toy-neurips"\nranking = "nrmse"', 1
    )
    text = text.replace("official_end = 2015-06-14T00:00:00\n", "")
    folder = tmp_path / "challenges" / "toy-neurips"
    folder.mkdir(parents=True)
    (folder / "challenge.toml").write_text(text)
    (folder / "data").symlink_to(toy.parent)
    monkeypatch.setenv("OCEANBENCH_PATH", f"{tmp_path / 'challenges'}{os.pathsep}{toy_world}")
    return toy


def by_hand(field: xr.DataArray) -> xr.DataArray:
    """Bilinear on the grid of 0.2 degrees, by scipy."""
    lon, lat = np.arange(-40.0, -35.0, 0.2), np.arange(20.0, 23.0, 0.2)
    places = np.stack(np.meshgrid(lat, lon, indexing="ij"), axis=-1)
    nodes = (field.lat.values, field.lon.values)
    planes = [RegularGridInterpolator(nodes, day)(places) for day in field.values]
    coords = {"time": field.time.values, "lat": lat, "lon": lon}
    return xr.DataArray(np.array(planes), coords, ("time", "lat", "lon"))


def test_map_and_truth_are_compared_as_daily_means_on_the_grid_of_the_profile(
    neurips: Path, blurred: Build
) -> None:
    result = evaluate(blurred(), challenge="toy-neurips")
    with xr.open_dataset(neurips) as dataset:
        truth = daily_mean(dataset["sossheig"].sel(time=slice("2015-06-01", "2015-06-14")).load())
    expected = neurips_statistics(by_hand(blurred()["ssh"]), by_hand(truth)).official()
    assert result.official == pytest.approx(expected, rel=1e-9)
    assert result.coverage.days_official == result.coverage.days_robust == 14


def test_json_has_the_published_names_and_the_robust_ones_of_every_map(neurips: Path, blurred: Build) -> None:
    content = evaluate(blurred(), challenge="toy-neurips").to_json()
    assert content["official"].keys() == {*OFFICIAL, "units"}
    assert content["official"]["units"] == {
        "nrmse": "1",
        "lambda_x_isotrop": "km",
        "lambda_x_spacetime": "km",
        "lambda_t_spacetime": "days",
    }
    robust = {"mu", "sigma", "explained_variance", "lambda_x", "lambda_x_km", "lambda_t", "lambda_x_isotrop"}
    assert content["robust"].keys() == robust
    assert json.loads(json.dumps(content, allow_nan=False)) == content


def test_robust_numbers_are_those_of_the_challenge_and_one_more(neurips: Path, blurred: Build) -> None:
    result = evaluate(blurred(), challenge="toy-neurips").to_json()["robust"]
    assert result.pop("lambda_x_isotrop")["unit"] == "km"
    assert result == evaluate(blurred(), challenge="toy").to_json()["robust"]


def test_nodes_beyond_those_in_the_closed_box_are_filled_in_both_fields(blurred: Build) -> None:
    truth, ssh = blurred()["ssh"], blurred()["ssh"].isel(lon=slice(2, None))
    pair = neurips_pair(ssh, truth, GridScope(BOX, None, None), GriddedProtocol(grid_step_degrees=0.2))
    filled = pair.estimate.lon.values < -39.55
    assert np.isfinite(pair.estimate.values).all()
    assert pair.estimate.values[:, :, ~filled] == pytest.approx(
        pair.reference.values[:, :, ~filled], abs=1e-12
    )
    assert np.abs(pair.estimate.values - pair.reference.values)[:, :, filled].max() > 0.01
    holes = pair.estimate.where(pair.estimate.lon > -39.55)
    assert pair.estimate.values == pytest.approx(fill_gauss_seidel(holes).values, abs=1e-12)


def test_nodes_of_the_map_outside_the_closed_box_are_not_used(blurred: Build) -> None:
    truth = blurred()["ssh"]
    box = Box(lon=(-39.9, -35.6), lat=(20.1, 22.9))
    protocol = GriddedProtocol(grid_step_degrees=0.2)
    spoilt = truth.where(
        (truth.lon > -39.9) & (truth.lon < -35.6) & (truth.lat > 20.1) & (truth.lat < 22.9), 9.0
    )
    pairs = [neurips_pair(field, field, GridScope(box, None, None), protocol) for field in (truth, spoilt)]
    assert np.array_equal(pairs[0].estimate.values, pairs[1].estimate.values)
    assert pairs[0].estimate.lon.values[[0, -1]] == pytest.approx([-39.9, -35.7])


def test_map_without_a_field_on_a_day_is_refused_with_the_day(blurred: Build) -> None:
    truth = blurred()["ssh"]
    scope = GridScope(None, None, None)
    with pytest.raises(ValueError, match="no field on 2015-06-04 and 10 more days"):
        neurips_pair(truth.isel(time=slice(0, 3)), truth, scope, GriddedProtocol())


def test_land_leaves_no_robust_isotropic_scale_and_the_official_one_is_filled(
    neurips: Path, midnights: Build, tmp_path: Path
) -> None:
    coast = midnights().where(midnights().lon < -36.0)
    coast.to_netcdf(tmp_path / "coast.nc")
    smooth = midnights().rolling(lon=3, center=True, min_periods=1).mean()
    result = evaluate(smooth, challenge="toy-neurips", reference=[tmp_path / "coast.nc"])
    assert math.isnan(result.robust["lambda_x_isotrop"].value)
    assert np.isfinite(result.official["nrmse"])


def test_track_is_scored_to_the_rim_by_one_ratio_over_whole_days(midnights: Build) -> None:
    """Samples near the edge and on the last day count, unlike in 2021a."""
    time = np.arange("2015-06-01T01", "2015-06-14T00", 7, dtype="datetime64[m]").astype("datetime64[ns]")
    lat = 20.0 + 3.0 * np.abs(np.sin(np.arange(time.size)))
    samples = assemble(
        time, np.full(time.size, -39.99), lat, np.full(time.size, 0.5), missions=["x"], lines=[time.size]
    )
    scope = TrackScope(
        BOX,
        np.datetime64("2015-06-01", "ns"),
        np.datetime64("2015-06-13", "ns"),
        np.datetime64("2015-06-13T23:59", "ns"),
    )
    level = xr.full_like(midnights()["ssh"], 0.4)
    protocol = TrackProtocol(
        profile="neurips", spacing_km=6.386818, segment_km=850.0, inset_degrees=0.0, min_daily_samples=1
    )
    scores = score_along_track(level, samples, scope, protocol, "refuse")
    assert scores.official.keys() == {"nrmse", "lambda_x_alongtrack"}
    assert scores.official_units == {"nrmse": "1", "lambda_x_alongtrack": "km"}
    assert scores.official["nrmse"] == pytest.approx(0.8, abs=1e-12)
    assert scores.details.time.size == time.size


def test_golden_track_is_scored_by_the_other_profile_on_its_whole_last_day(golden: Path) -> None:
    cases = golden / "cases"
    result, usual = (
        evaluate(cases / "ose_short_map.nc", challenge=name, reference=[cases / "ose_short_track.nc"])
        for name in ("2021a-neurips", "2021a")
    )
    assert result.official.keys() == {"nrmse", "lambda_x_alongtrack"}
    assert result.coverage.points > usual.coverage.points
    assert (result.coverage.days_official, result.coverage.days_robust) == (8, 8)
    assert (usual.coverage.days_official, usual.coverage.days_robust) == (6, 7)
    assert result.official["nrmse"] == pytest.approx(result.robust["mu"].value, abs=1e-12)
