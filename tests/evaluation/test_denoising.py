"""Denoised swaths without a truth: from the files of a region to scores, and where both families differ."""

import numpy as np
import pytest
import xarray as xr
from scipy.ndimage import gaussian_filter

from oceanbench.challenge import SwathProtocol
from oceanbench.evaluation._denoising import OFFICIAL_UNITS, score_denoising
from oceanbench.metrics.denoising import ROBUST_UNITS

LINES, PIXELS = 60, 30
DIMS = ("num_lines", "num_pixels")
NOISE = 0.012
PROTOCOL = SwathProtocol(segment_km=80.0)
START = np.datetime64("2023-05-01", "ns")
QUANTITIES = ("ssha", "speed", "vorticity")

Region = tuple[xr.Dataset, xr.Dataset]


def coordinates(cycle: int, number: int) -> dict[str, object]:
    along, across = np.arange(LINES)[:, None], np.arange(PIXELS)
    north = 0.0175 if number % 2 else -0.0175
    return {
        "time": (
            DIMS[0],
            START + np.timedelta64(24 * cycle + number, "h") + np.arange(LINES) * np.timedelta64(300, "ms"),
        ),
        "lon": (DIMS, -50.0 + number / 10 + 0.0235 * across + 0.004 * along),
        "lat": (DIMS, 35.0 + north * along - 0.002 * across),
    }


def made_pass(cycle: int, number: int) -> tuple[xr.Dataset, np.ndarray]:
    """One pass with noise, a gap at nadir and a hole, and its truth, which lasts from day to day."""
    rough = np.random.default_rng(number).standard_normal((LINES, PIXELS))
    truth = gaussian_filter(rough, 6, mode="wrap")
    truth *= 0.06 / truth.std()
    noisy = truth + NOISE * np.random.default_rng([cycle, number]).standard_normal(truth.shape)
    noisy[:, 14:17] = np.nan
    noisy[20 + cycle % 7, 3] = np.nan
    numbers = {
        name: (DIMS[0], np.full(LINES, value, np.float32))
        for name, value in (("cycle_number", cycle), ("pass_number", number))
    }
    return xr.Dataset({"height": (DIMS, noisy), **numbers}, coordinates(cycle, number)), truth


def region(cycles: range = range(507, 512), numbers: tuple[int, ...] = (7, 20)) -> Region:
    """A file of the challenge, and its truth where it was measured as denoised heights."""
    made = [made_pass(cycle, number) for cycle in cycles for number in numbers]
    noisy = xr.concat([swath for swath, _ in made], "num_lines")
    truth = np.concatenate([field for _, field in made])
    denoised = noisy[["height"]].rename(height="ssh").copy(data={"ssh": truth})
    return noisy, denoised.where(noisy["height"].notnull())


def test_perfect_heights_have_the_best_scores_of_both_families() -> None:
    noisy, truth = region()
    scores = score_denoising(truth, noisy, PROTOCOL, similarity_pass=20)
    assert scores.official.keys() == scores.official_units.keys() == OFFICIAL_UNITS.keys()
    assert scores.robust.keys() == scores.robust_units.keys() == ROBUST_UNITS.keys()
    rates = [kind["roberts_discontinuity_fraction"] for kind in (scores.official, scores.unfiltered)]
    assert rates[0] < 0.2 < 0.4 < rates[1]
    for name in QUANTITIES:
        assert scores.official[f"ssim.{name}"] > 0.95 > scores.unfiltered[f"ssim.{name}"] - 0.05
        assert scores.official[f"ssim.{name}"] > scores.unfiltered[f"ssim.{name}"]
        assert scores.robust[f"ssim.{name}"].value == pytest.approx(1.0, abs=0.01)
        assert abs(scores.robust[f"ssim_residual.{name}"].value) < 0.1
    assert abs(scores.official["ssim_residual.ssha"]) < 0.1
    assert scores.robust["residual_std"].value == pytest.approx(NOISE, rel=0.03)


def test_joints_of_passes_count_officially_only() -> None:
    noisy, truth = region()
    scores = score_denoising(truth, noisy, PROTOCOL)
    assert scores.robust["discontinuity_fraction"].value < 0.01
    joints = 9 * 5  # lines around the nine joints, of 600
    assert scores.official["roberts_discontinuity_fraction"] > 0.5 * joints / 600


def test_land_lowers_the_official_rate_and_not_the_robust_one() -> None:
    noisy, _ = region()
    sea = score_denoising(noisy.rename(height="ssh")[["ssh"]], noisy, PROTOCOL)
    land = noisy.assign(height=noisy["height"].where(np.arange(PIXELS) < 14))
    coast = score_denoising(land.rename(height="ssh")[["ssh"]], land, PROTOCOL)
    name = "roberts_discontinuity_fraction"
    assert coast.official[name] < 0.6 * sea.official[name]
    rates = [scores.robust["discontinuity_fraction"].value for scores in (sea, coast)]
    assert rates[1] == pytest.approx(rates[0], abs=0.03)


def test_columns_that_were_never_measured_change_no_similarity() -> None:
    noisy, truth = region()
    border = {"num_pixels": (4, 4)}
    wide = noisy.pad(border, mode="reflect", reflect_type="odd").assign(height=noisy["height"].pad(border))
    wider = score_denoising(truth.pad(border), wide, PROTOCOL, similarity_pass=20)
    found = score_denoising(truth, noisy, PROTOCOL, similarity_pass=20)
    for name in ("ssha", "speed"):
        assert wider.official[f"ssim.{name}"] == pytest.approx(found.official[f"ssim.{name}"], rel=1e-6)
    segments = [scores.details.spectra["segments"].sel(quantity="ssha") for scores in (wider, found)]
    np.testing.assert_array_equal(*segments)


def test_official_similarity_is_the_mean_over_the_pairs_of_one_pass() -> None:
    noisy, truth = region()
    one = score_denoising(truth, noisy, PROTOCOL, similarity_pass=20)
    similarity = one.details.similarity
    assert similarity["pair"].values.tolist() == [507, 508, 509, 510]
    assert set(similarity["pass_number"].values) == {20}
    expected = float(similarity["denoised"].sel(quantity="speed").mean())
    assert one.official["ssim.speed"] == pytest.approx(expected)
    every = score_denoising(truth, noisy, PROTOCOL).details.similarity
    assert every["pass_number"].values.tolist() == [7] * 4 + [20] * 4


def test_pass_that_the_region_lacks_has_no_similarity() -> None:
    noisy, truth = region()
    scores = score_denoising(truth, noisy, PROTOCOL, similarity_pass=16)
    assert all(np.isnan(scores.official[f"ssim.{name}"]) for name in QUANTITIES)
    assert np.isfinite(scores.robust["ssim.ssha"].value)


def test_single_cycle_has_rates_and_no_similarity() -> None:
    noisy, truth = region(cycles=range(507, 508))
    scores = score_denoising(truth, noisy, PROTOCOL)
    finite = {name for name, value in scores.official.items() if np.isfinite(value)}
    assert finite == {"roberts_discontinuity_fraction"}
    assert np.isnan(scores.robust["ssim.ssha"].value)
    assert np.isfinite(scores.robust["discontinuity_fraction"].value)


def test_swath_that_took_nothing_away_scores_as_the_noisy_one() -> None:
    noisy, _ = region()
    scores = score_denoising(noisy.rename(height="ssh")[["ssh"]], noisy, PROTOCOL, similarity_pass=20)
    for name, value in scores.unfiltered.items():
        assert scores.official[name] == value
    assert np.isnan(scores.official["ssim_residual.ssha"])


def test_coverage_counts_what_was_left_out() -> None:
    noisy, truth = region()
    holes = truth.assign(ssh=truth["ssh"].where(np.arange(LINES * 10)[:, None] % 10 > 0))
    coverage = score_denoising(holes, noisy, PROTOCOL).coverage
    assert coverage.passes == 10
    assert coverage.points == int(noisy["height"].notnull().sum())
    assert coverage.fraction == pytest.approx(0.9, abs=0.01)


def test_details_are_ready_to_be_drawn() -> None:
    noisy, truth = region()
    details = score_denoising(
        truth, noisy.assign_coords(cross_track_km=("num_pixels", 2.0 * np.arange(PIXELS))), PROTOCOL
    ).details
    fields = {"noisy", "denoised", "residual"}
    assert set(details.shown.data_vars) == fields | {"discontinuity_noisy", "discontinuity_denoised"}
    assert set(details.shown.coords) == {"time", "lon", "lat", "cross_track_km"}
    assert details.shown.attrs["pass_number"] in (7, 20)
    assert details.shown.sizes == {"num_lines": LINES, "num_pixels": PIXELS}
    assert details.shown["discontinuity_noisy"].dtype == bool
    assert details.spectra["quantity"].values.tolist() == ["ssha", "gradient", "laplacian"]
    assert fields < set(details.spectra.data_vars)
    assert np.isfinite(details.spectra["residual"]).all()
    white = details.spectra["residual"].sel(quantity="ssha")[3:]
    np.testing.assert_allclose(white.mean(), 2 * NOISE**2 * 2.0, rtol=0.1)
    assert (details.spectra["segments"].sel(field="noisy") > 0).all()
    assert fields == set(details.histograms.data_vars)
    assert details.histograms["centre"].dims == ("quantity", "bin")
    assert np.isfinite(details.histograms["centre"]).all()
    assert fields == set(details.similarity.data_vars)


def test_spectra_of_gradients_are_clear_of_the_joints_pass_by_pass() -> None:
    noisy, truth = region()
    jumps = 0.5 * (noisy["pass_number"] == 20)  # one of two passes lies half a metre higher
    raised = noisy.assign(height=noisy["height"] + jumps)
    protocol = SwathProtocol(segment_km=80.0, robust_segment_km=80.0)
    plain, high = (
        score_denoising(heights[["ssh"]], swath, protocol).details.spectra.sel(quantity="gradient")
        for heights, swath in ((truth, noisy), (truth.assign(ssh=truth["ssh"] + jumps), raised))
    )
    assert (high["denoised"] > 5 * plain["denoised"]).any()
    np.testing.assert_allclose(high["denoised_by_pass"], plain["denoised_by_pass"], rtol=1e-9)


def test_runs_pass_by_pass_lie_within_one_column_of_one_pass() -> None:
    noisy, truth = region(cycles=range(507, 509), numbers=(7,))
    full = noisy.assign(height=noisy["height"].fillna(0.0))
    protocol = SwathProtocol(segment_km=100.0, robust_segment_km=100.0)
    spectra = score_denoising(truth.fillna(0.0), full, protocol).details.spectra
    segments = spectra.sel(quantity="ssha", field="noisy")
    assert int(segments["segments"]) == 2 * LINES * PIXELS // 50
    assert int(segments["segments_by_pass"]) == 2 * PIXELS


def test_lazy_swaths_give_the_same_numbers() -> None:
    noisy, truth = region(cycles=range(507, 509))
    lazy = score_denoising(truth.chunk(num_lines=50), noisy.chunk(num_lines=70), PROTOCOL)
    assert lazy.official == pytest.approx(score_denoising(truth, noisy, PROTOCOL).official, nan_ok=True)


def test_other_number_of_lines_is_refused() -> None:
    noisy, truth = region()
    with pytest.raises(ValueError, match="599 x 30 pixels and the region 600 x 30"):
        score_denoising(truth.isel(num_lines=slice(599)), noisy, PROTOCOL)


def test_lines_in_another_order_are_refused() -> None:
    noisy, truth = region()
    with pytest.raises(ValueError, match=r"line 0 of the denoised swath is at 2024-.*order"):
        score_denoising(truth.isel(num_lines=slice(None, None, -1)), noisy, PROTOCOL)


def test_region_with_two_heights_is_refused() -> None:
    noisy, truth = region()
    with pytest.raises(ValueError, match=r"2 fields of lines and pixels \(height, residuals\)"):
        score_denoising(truth, noisy.assign(residuals=noisy["height"]), PROTOCOL)


def test_swath_without_ssh_is_refused() -> None:
    noisy, truth = region()
    with pytest.raises(ValueError, match="holds ssha_method_denoised; expected ssh"):
        score_denoising(truth.rename(ssh="ssha_method_denoised"), noisy, PROTOCOL)


def test_lines_of_no_pass_are_refused() -> None:
    noisy, truth = region()
    with pytest.raises(ValueError, match="has no variable pass_number"):
        score_denoising(truth, noisy.drop_vars("pass_number"), PROTOCOL)
