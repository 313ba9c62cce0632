"""Scores of maps: the official digits, the robust numbers beside them, and what must not change either."""

import json
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from oceanbench.metrics import MapStatistics, error_sums, map_statistics

Fields = tuple[xr.DataArray, xr.DataArray]
LEADERBOARD = {
    "mu": "leaderboard_rmse",
    "sigma": "error_variability",
    "lambda_x": "lambda_x_deg",
    "lambda_t": "lambda_t_days",
}
SMALL = [f"small_{number}" for number in range(1, 11)]
DAY_SCORES = ("mu", "sigma", "explained_variance")
SCALES = ("lambda_x", "lambda_x_km", "lambda_t")


def golden_maps(case: dict[str, Any], name: str) -> Fields:
    coords = {dim: case[dim] for dim in ("time", "lat", "lon")}
    estimate, reference = (xr.DataArray(case[n], coords, ("time", "lat", "lon")) for n in (name, "truth"))
    return estimate, reference


def values(statistics: MapStatistics) -> dict[str, float]:
    return {name: interval.value for name, interval in statistics.robust(replicates=2).items()}


def check_samples(field: np.ndarray, block: dict[str, Any]) -> None:
    assert list(field.shape) == block["shape"]
    assert int(np.isnan(field).sum()) == block["n_nan"]
    for index, value in block["samples"]:
        wanted = np.nan if value is None else value
        assert field[tuple(index)] == pytest.approx(wanted, rel=1e-9, abs=1e-12, nan_ok=True)


# --- the official digits


def test_sum_of_waves_has_the_scores_of_the_official_code(wave_sums: Fields) -> None:
    statistics = map_statistics(*wave_sums)
    assert statistics.official() == pytest.approx(
        {
            "mu": 0.844109433518921,
            "sigma": 0.029005570271909115,
            "lambda_x": 1.3166897210030,
            "lambda_t": 6.4237683287074,
        },
        rel=1e-10,
    )
    assert statistics.daily_scores.values[:3] == pytest.approx([0.83267381, 0.83340618, 0.86335854], abs=5e-9)
    assert float(statistics.rmse_map[0, 0]) == pytest.approx(0.056305356863990984, rel=1e-10)
    assert statistics.official_plane.shape == (20, 49)
    assert statistics.official_plane.values[0, :3] == pytest.approx(
        [0.99991034, 0.99962209, 0.99673088], abs=5e-9
    )


@pytest.mark.parametrize("name", ["map_a", "map_b_gaps", "map_c_pieces"])
def test_golden_map_gives_the_official_digits(
    name: str, expected: dict[str, Any], golden_case: Callable[[str], dict[str, Any]]
) -> None:
    case = golden_case(name)
    for estimate, answer in expected["cases"][name]["expected"].items():
        statistics = map_statistics(*golden_maps(case, estimate))
        official = statistics.official()
        for ours, theirs in LEADERBOARD.items():
            assert official[ours] == pytest.approx(answer[theirs], rel=1e-9)
        assert statistics.daily_scores.values == pytest.approx(np.array(answer["rmse_t"], float), rel=1e-9)
        check_samples(statistics.rmse_map.values, answer["rmse_xy"])
        check_samples(statistics.official_plane.values, answer["psd_score"])
        assert statistics.freq_lon == pytest.approx(np.array(answer["freq_lon"]), rel=1e-12)
        assert statistics.freq_time == pytest.approx(np.array(answer["freq_time"]), rel=1e-12)
        assert [len(piece) for piece in statistics.contours] == answer["contour"]["n_vertices"]
        assert [piece[:, 0].min() for piece in statistics.contours] == pytest.approx(
            answer["contour"]["min_x_by_path"], rel=1e-6
        )


@pytest.mark.parametrize("name", SMALL)
def test_small_golden_map_gives_the_official_digits(
    name: str, expected: dict[str, Any], golden_case: Callable[[str], dict[str, Any]]
) -> None:
    case = golden_case(name)
    for estimate, answer in expected["maps_small"][name]["expected"].items():
        official = map_statistics(*golden_maps(case, estimate)).official()
        for ours, theirs in LEADERBOARD.items():
            assert official[ours] == pytest.approx(answer[theirs], rel=1e-9)


def test_quirk_q6_symmetric_window_moves_the_official_scales(wave_sums: Fields) -> None:
    symmetric = map_statistics(*wave_sums, window="symmetric").official()
    assert symmetric["lambda_x"] == pytest.approx(1.3175747854589, rel=1e-10)
    assert symmetric["lambda_t"] == pytest.approx(6.4215288831578, rel=1e-10)


def test_quirk_q6_symmetric_window_gives_what_old_xrft_gave(
    expected: dict[str, Any], golden_case: Callable[[str], dict[str, Any]]
) -> None:
    case = golden_case("map_a")
    entry = next(e for e in expected["version_sensitivity"] if "xrft_0.2.3" in e)
    for estimate, (lambda_x, lambda_t) in entry["xrft_0.2.3"].items():
        official = map_statistics(*golden_maps(case, estimate), window="symmetric").official()
        assert (official["lambda_x"], official["lambda_t"]) == pytest.approx((lambda_x, lambda_t), rel=1e-9)


def test_quirk_q7_linear_detrend_changes_nothing_for_waves_without_trend(wave_sums: Fields) -> None:
    linear, constant = map_statistics(*wave_sums, detrend="linear"), map_statistics(*wave_sums)
    assert linear.official() == pytest.approx(constant.official(), rel=1e-10)


def test_quirk_q7_linear_detrend_is_blind_to_a_tilted_error(ocean: Callable[..., Fields]) -> None:
    estimate, reference = ocean()
    tilt = 0.02 * xr.DataArray(np.arange(24), dims="time") + 0.05 * xr.DataArray(np.arange(40), dims="lon")
    tilted = (estimate + tilt).transpose("time", "lat", "lon")
    linear, constant = (
        [
            map_statistics(field, reference, detrend=detrend).official()["lambda_x"]
            for field in (estimate, tilted)
        ]
        for detrend in ("linear", "constant")
    )
    assert linear[1] == pytest.approx(linear[0], rel=1e-9)
    assert abs(constant[1] / constant[0] - 1) > 1e-3


# --- quirks: the official number and the robust one side by side


def test_quirk_q3_offset_inflates_mu_but_not_the_explained_variance(ocean: Callable[..., Fields]) -> None:
    estimate, reference = ocean()
    plain, raised = map_statistics(estimate, reference), map_statistics(estimate + 5.0, reference + 5.0)
    assert plain.official()["mu"] == pytest.approx(0.835, abs=0.001)
    assert raised.official()["mu"] == pytest.approx(0.986, abs=0.001)
    assert values(raised)["explained_variance"] == pytest.approx(
        values(plain)["explained_variance"], rel=1e-9
    )


def test_quirk_q3_robust_mu_weighs_rows_by_their_area(make_map: Callable[..., xr.DataArray]) -> None:
    lat = np.array([0.0, 60.0])
    truth = make_map(np.ones((8, 2, 5)), np.arange(5.0), lat)
    error = xr.DataArray([0.1, 0.3], {"lat": lat}, ("lat",))
    statistics = map_statistics((truth + error).transpose("time", "lat", "lon"), truth)
    assert statistics.official()["mu"] == pytest.approx(1 - math.sqrt((0.01 + 0.09) / 2), rel=1e-12)
    assert values(statistics)["mu"] == pytest.approx(1 - math.sqrt((0.01 + 0.5 * 0.09) / 1.5), rel=1e-12)


def test_quirk_q4_stray_contour_decides_the_official_scale_only(
    golden_case: Callable[[str], dict[str, Any]],
) -> None:
    statistics = map_statistics(*golden_maps(golden_case("map_c_pieces"), "patchy"))
    official, robust = statistics.official(), values(statistics)
    assert (official["lambda_x"], official["lambda_t"]) == pytest.approx(
        (2.20693600624872, 39.344844627566275)
    )
    assert robust["lambda_x"] == pytest.approx(0.6509, abs=1e-4)
    assert robust["lambda_t"] == pytest.approx(3.8833, abs=1e-4)


def test_quirk_q5_eastward_error_is_unseen_by_the_official_scales(ocean: Callable[..., Fields]) -> None:
    _, reference = ocean()
    x, t = reference["lon"] - reference["lon"][0], xr.DataArray(np.arange(24.0), dims="time")
    eastward, westward = (
        (reference + 0.05 * np.cos(2 * np.pi * (0.4 * x + sign * t / 6))).transpose("time", "lat", "lon")
        for sign in (-1, 1)
    )
    east, west = map_statistics(eastward, reference), map_statistics(westward, reference)
    power = [statistics.power.westward_mean()[0].sum() for statistics in (east, west)]
    assert power[0] < 0.01 * power[1]
    both = [statistics.power.both[:, 0].sum() for statistics in (east, west)]
    assert both[0] == pytest.approx(both[1], rel=0.01)
    assert values(east)["lambda_x"] == pytest.approx(values(west)["lambda_x"], rel=0.05)
    assert west.official()["lambda_x"] == pytest.approx(1.674, abs=0.001)
    assert math.isnan(east.official()["lambda_x"])  # no bin of the plane falls below 0.5


def test_mirroring_longitude_changes_official_scales_and_no_robust_score(
    ocean: Callable[..., Fields],
) -> None:
    fields = ocean()
    mirrored = [field.copy(data=field.values[:, :, ::-1]) for field in fields]
    plain, mirror = map_statistics(*fields), map_statistics(*mirrored)
    # the periodic window is not symmetric on its N points, which leaves a small difference
    assert values(mirror) == pytest.approx(values(plain), rel=0.05)
    assert abs(mirror.official()["lambda_t"] / plain.official()["lambda_t"] - 1) > 0.005


# --- robust resolution


def test_perfect_map_is_resolved_to_the_limit_of_the_grid(ocean: Callable[..., Fields]) -> None:
    _, reference = ocean()
    statistics = map_statistics(reference, reference)
    robust = values(statistics)
    assert robust["mu"] == 1.0
    assert robust["explained_variance"] == 1.0
    assert robust["lambda_x"] == pytest.approx(1 / statistics.freq_lon[-1])
    assert robust["lambda_t"] == pytest.approx(1 / statistics.freq_time[-1])
    assert math.isnan(statistics.official()["lambda_x"])


def test_map_of_zeros_scores_zero_and_resolves_nothing(ocean: Callable[..., Fields]) -> None:
    _, reference = ocean()
    statistics = map_statistics(xr.zeros_like(reference), reference)
    assert statistics.official()["mu"] == 0.0
    assert all(math.isnan(values(statistics)[name]) for name in SCALES)


def test_scale_in_km_follows_the_mean_cosine_of_latitude(ocean: Callable[..., Fields]) -> None:
    statistics = map_statistics(*ocean())
    robust = values(statistics)
    cosine = float(np.cos(np.radians(statistics.sums.lat)).mean())
    assert robust["lambda_x_km"] == pytest.approx(robust["lambda_x"] * 111.19493 * cosine, rel=1e-4)


def test_boundary_reaches_exactly_the_robust_scales(ocean: Callable[..., Fields]) -> None:
    statistics = map_statistics(*ocean())
    farthest = statistics.boundary.max(axis=0)
    assert 1 / farthest[0] == pytest.approx(values(statistics)["lambda_x"])
    assert 1 / farthest[1] == pytest.approx(values(statistics)["lambda_t"])


# --- holes


def hole(estimate: xr.DataArray, rng: np.random.Generator) -> tuple[slice, ...]:
    box = tuple(slice(*sorted(rng.integers(0, size + 1, 2))) for size in estimate.shape)
    return box if rng.random() < 0.5 else (slice(None), *box[1:])


def blank(estimate: xr.DataArray, box: tuple[slice, ...]) -> xr.DataArray:
    holed = estimate.copy(deep=True)
    holed.values[box] = 0.0
    return holed


def test_blanking_with_zeros_raises_no_daily_score_unless_the_map_was_worse_than_zero(
    ocean: Callable[..., Fields],
) -> None:
    estimate, reference = ocean()
    rng = np.random.default_rng(0)
    before = values(map_statistics(estimate, reference))
    weight = np.cos(np.radians(reference["lat"])) * xr.ones_like(reference)
    worse = []
    for _ in range(150):
        box = hole(estimate, rng)
        after = values(map_statistics(blank(estimate, box), reference))
        lost = float((weight * (reference**2 - (estimate - reference) ** 2))[box].sum())
        worse.append(lost < 0)
        for name in ("mu", "explained_variance"):
            assert (after[name] > before[name] + 1e-12) == (lost < -1e-9)
    assert np.mean(worse) < 0.05


def test_blanking_with_zeros_seldom_improves_a_scale_and_never_all_scores(
    ocean: Callable[..., Fields],
) -> None:
    # at scales the map does not resolve, zero can be nearer to the truth than noise: one scale alone may gain
    estimate, reference = ocean()
    rng = np.random.default_rng(1)
    before = values(map_statistics(estimate, reference))
    gains = []
    for _ in range(150):
        after = values(map_statistics(blank(estimate, hole(estimate, rng)), reference))
        gains.append([after[name] < 0.99 * before[name] for name in ("lambda_x", "lambda_t")])
    shares = np.mean(gains, axis=0)
    assert shares.max() < 0.1
    assert not np.all(gains, axis=1).any()


def test_leaving_out_bad_points_raises_the_official_score_and_stops_the_robust_one(
    ocean: Callable[..., Fields],
) -> None:
    estimate, reference = ocean()
    chosen = map_statistics(estimate.where(abs(estimate - reference) < 0.1), reference)
    assert chosen.official()["mu"] > map_statistics(estimate, reference).official()["mu"]
    with pytest.raises(ValueError, match=f"missing at {chosen.sums.missing} of the {reference.size} points"):
        chosen.robust()


def test_land_in_the_reference_is_not_scored(ocean: Callable[..., Fields]) -> None:
    estimate, reference = ocean()
    land = (reference["lon"] < -62) & (reference["lat"] > 36)
    coast = reference.where(~land)
    nonsense = estimate.where(~land, 1e3)
    first, second = map_statistics(estimate, coast), map_statistics(nonsense, coast)
    assert values(second) == values(first)
    assert all(np.isfinite(value) for value in values(first).values())
    assert int(first.power.complete.sum()) == 2 * int((~land.any("lon")).sum())


def test_land_on_some_rows_leaves_the_robust_scales_to_the_others(ocean: Callable[..., Fields]) -> None:
    estimate, reference = ocean()
    land = (reference["lon"] < -62) & (reference["lat"] > reference["lat"].values[-4])
    coast, rest = reference.where(~land), reference["lat"].values[:-3]
    kept = map_statistics(estimate.sel(lat=rest), reference.sel(lat=rest))
    assert values(map_statistics(estimate, coast))["lambda_x"] == pytest.approx(values(kept)["lambda_x"])


def test_land_on_every_row_leaves_no_scale_at_all(
    ocean: Callable[..., Fields],
) -> None:
    estimate, reference = ocean()
    statistics = map_statistics(estimate, reference.where(reference["lon"] > -64))
    assert math.isnan(statistics.official()["lambda_x"])
    assert all(math.isnan(values(statistics)[name]) for name in SCALES)
    assert math.isfinite(values(statistics)["mu"])


# --- chunks, order, units


def same_statistics(left: MapStatistics, right: MapStatistics) -> None:
    assert left.official() == pytest.approx(right.official(), rel=1e-12)
    assert values(left) == pytest.approx(values(right), rel=1e-9)
    assert left.rmse_map.values == pytest.approx(right.rmse_map.values, rel=1e-12)


@pytest.mark.parametrize("cuts", [(7,), (1, 13), (5, 10, 15)])
def test_statistics_of_bands_of_rows_add_up_in_any_order(
    cuts: tuple[int, ...], ocean: Callable[..., Fields]
) -> None:
    fields = ocean()
    bands = [map_statistics(*parts) for parts in zip(*(split(field, cuts) for field in fields), strict=True)]
    total = bands[-1]
    for band in bands[:-1]:
        total = total + band
    same_statistics(total, map_statistics(*fields))


def split(field: xr.DataArray, cuts: tuple[int, ...]) -> list[xr.DataArray]:
    edges = [0, *cuts, field.sizes["lat"]]
    return [field.isel(lat=slice(a, b)) for a, b in pairwise(edges)]


def test_sums_of_squares_of_periods_add_up_in_any_order(ocean: Callable[..., Fields]) -> None:
    fields = ocean()
    first, second = (
        error_sums(*(field.isel(time=days) for field in fields)) for days in (slice(0, 9), slice(9, None))
    )
    total = second + first
    whole = map_statistics(*fields).sums
    assert total.score() == pytest.approx(whole.score(), rel=1e-13)
    assert total.daily_scores() == pytest.approx(whole.daily_scores(), rel=1e-13)
    assert total.pixel_rmse() == pytest.approx(whole.pixel_rmse(), rel=1e-13)


def test_sums_that_overlap_cannot_be_added(ocean: Callable[..., Fields]) -> None:
    sums = error_sums(*ocean())
    with pytest.raises(ValueError, match="24 and 24 days"):
        sums + sums


@pytest.mark.parametrize("chunks", [{"lat": 3}, {"lat": 7, "lon": 11}, {"time": 5}])
def test_dask_chunks_do_not_change_the_scores(chunks: dict[str, int], ocean: Callable[..., Fields]) -> None:
    estimate, reference = ocean()
    same_statistics(map_statistics(estimate.chunk(chunks), reference.chunk(lat=4)), map_statistics(*ocean()))


def test_every_dask_chunk_is_computed_once_and_few_at_a_time(ocean: Callable[..., Fields]) -> None:
    estimate, reference = ocean()
    seen: list[tuple[int, ...]] = []

    def note(block: np.ndarray, block_info: Any = None) -> np.ndarray:
        seen.append(tuple(block_info[0]["chunk-location"]))
        return block

    lazy = estimate.chunk(lat=5).data.map_blocks(note, meta=np.empty((0, 0, 0)))
    field = estimate.copy(data=lazy)
    assert not seen
    map_statistics(field, reference)
    assert sorted(seen) == [(0, row, 0) for row in range(4)]


def test_order_of_dimensions_does_not_matter(ocean: Callable[..., Fields]) -> None:
    estimate, reference = ocean()
    turned = map_statistics(
        estimate.transpose("lon", "time", "lat"), reference.transpose("lat", "lon", "time")
    )
    same_statistics(turned, map_statistics(estimate, reference))


def test_single_precision_maps_are_summed_in_double_precision(ocean: Callable[..., Fields]) -> None:
    single = [field.astype(np.float32) for field in ocean()]
    double = [field.astype(np.float64) for field in single]
    assert map_statistics(*single).official() == pytest.approx(map_statistics(*double).official(), rel=1e-13)


@settings(max_examples=10)
@given(gain=st.floats(0.01, 100))
def test_scores_are_blind_to_units(gain: float, ocean: Callable[..., Fields]) -> None:
    estimate, reference = ocean()
    plain, scaled = map_statistics(estimate, reference), map_statistics(gain * estimate, gain * reference)
    assert scaled.official() == pytest.approx(plain.official(), rel=1e-9)
    assert values(scaled) == pytest.approx(values(plain), rel=1e-9)


def test_inputs_are_left_untouched(ocean: Callable[..., Fields]) -> None:
    fields = ocean()
    copies = [field.copy(deep=True) for field in fields]
    map_statistics(*fields)
    for field, copy in zip(fields, copies, strict=True):
        xr.testing.assert_identical(field, copy)


# --- intervals


def test_intervals_hold_the_value_and_repeat(ocean: Callable[..., Fields]) -> None:
    statistics = map_statistics(*ocean(42, 32, 40))
    robust = statistics.robust()
    for interval in robust.values():
        assert interval.low < interval.value < interval.high
    assert statistics.robust() == robust
    assert statistics.robust(seed=1) != robust


def test_intervals_shrink_with_more_days(make_map: Callable[..., xr.DataArray]) -> None:
    rng = np.random.default_rng(5)
    lon, lat = np.arange(20.0), np.arange(8.0)
    reference = make_map(rng.standard_normal((480, 8, 20)), lon, lat)
    noise = make_map(rng.standard_normal((480, 8, 20)) * rng.uniform(0.2, 0.6, (480, 1, 1)), lon, lat)
    widths = []
    for days in (60, 480):
        part = slice(0, days)
        interval = map_statistics((reference + noise)[part], reference[part]).robust()["mu"]
        widths.append(interval.high - interval.low)
    assert widths[1] == pytest.approx(widths[0] / math.sqrt(8), rel=0.35)


def test_too_few_days_or_rows_give_values_without_interval(ocean: Callable[..., Fields]) -> None:
    estimate, reference = ocean(3, 3, 40)
    robust = map_statistics(estimate, reference).robust()
    assert all(math.isfinite(robust[name].value) for name in DAY_SCORES)
    assert all(math.isnan(interval.low) and math.isnan(interval.high) for interval in robust.values())


@pytest.mark.parametrize("shape", [(1, 1, 1), (24, 1, 1), (1, 1, 40), (24, 1, 40), (2, 2, 2)])
def test_tiny_domain_gives_numbers_or_nan_and_no_error(
    shape: tuple[int, int, int], ocean: Callable[..., Fields]
) -> None:
    fields = [field[: shape[0], : shape[1], : shape[2]] for field in ocean()]
    statistics = map_statistics(*fields)
    robust = statistics.robust()
    assert math.isfinite(statistics.official()["mu"])
    assert math.isfinite(robust["mu"].value)
    spectra = shape[0] > 2 and shape[2] > 2
    assert math.isfinite(robust["lambda_x"].value) == spectra


def test_day_without_reference_is_left_out(ocean: Callable[..., Fields]) -> None:
    estimate, reference = ocean()
    gone = reference.where(reference["time"] != reference["time"][5])
    statistics = map_statistics(estimate, gone)
    days = [day for day in range(24) if day != 5]
    kept = map_statistics(estimate.isel(time=days[:5]), reference.isel(time=days[:5]))
    assert np.isnan(statistics.daily_scores.values[5])
    assert statistics.daily_scores.values[:5] == pytest.approx(kept.daily_scores.values)
    assert values(statistics)["sigma"] > 0


# --- errors


def test_other_grid_is_refused(ocean: Callable[..., Fields]) -> None:
    estimate, reference = ocean()
    with pytest.raises(ValueError, match=r"lon of the estimate \(40 nodes, -64\.99"):
        map_statistics(estimate.assign_coords(lon=estimate["lon"] + 0.01), reference)
    with pytest.raises(ValueError, match=r"time of the estimate \(23 nodes"):
        map_statistics(estimate[1:], reference)


def test_other_dimensions_are_refused(ocean: Callable[..., Fields]) -> None:
    estimate, reference = ocean()
    with pytest.raises(ValueError, match="the estimate has dims"):
        map_statistics(estimate.isel(time=0), reference)
    with pytest.raises(ValueError, match="the reference has no coordinate lat"):
        map_statistics(estimate, reference.drop_vars("lat"))


def test_uneven_days_are_refused(ocean: Callable[..., Fields]) -> None:
    days = [0, 1, 2, 4, 5]
    with pytest.raises(ValueError, match="time is not evenly spaced: the first step is 1, step 2 is 2"):
        map_statistics(*(field.isel(time=days) for field in ocean()))


def test_infinite_heights_are_refused(ocean: Callable[..., Fields]) -> None:
    estimate, reference = ocean()
    broken = estimate.copy(deep=True)
    broken[0, 0, :3] = np.inf
    with pytest.raises(ValueError, match="the estimate holds 3 infinite values"):
        map_statistics(broken, reference)


@pytest.mark.parametrize("option", [{"detrend": "cubic"}, {"window": "hamming"}])
def test_unknown_option_is_refused(option: dict[str, Any], ocean: Callable[..., Fields]) -> None:
    with pytest.raises(ValueError, match=next(iter(option.values()))):
        map_statistics(*ocean(), **option)


def test_official_numbers_can_be_written_as_json(ocean: Callable[..., Fields]) -> None:
    official = map_statistics(*ocean()).official()
    assert json.loads(json.dumps(official)) == official
