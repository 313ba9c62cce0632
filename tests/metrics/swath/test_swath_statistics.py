"""Sums of passes: what must not change a score, and what the scores are made of."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import signal

from oceanbench.metrics.swath import QUANTITIES, REGIMES, PassFields, SwathStatistics, pass_statistics

SMALL = {"segment_km": 40.0, "robust_segment_km": 32.0}
Build = Callable[..., PassFields]
Score = Callable[..., SwathStatistics]


def joined(passes: Sequence[PassFields]) -> PassFields:
    return PassFields(*(np.concatenate(parts) for parts in zip(*passes, strict=True)))


def official_rmse(fields: PassFields, field: np.ndarray) -> dict[str, float]:
    """The official recipe on passes that lie end to end, written down once more."""
    f = 2 * 7.2921159e-5 * np.sin(np.radians(fields.lat))

    def derived(ssh: np.ndarray) -> tuple[np.ndarray, ...]:
        along, across = (9.81 / f * part for part in np.gradient(ssh, 2000.0, edge_order=2))
        curl = np.gradient(along, 2000.0, edge_order=2)[0] + np.gradient(across, 2000.0, edge_order=2)[1]
        return ssh, np.hypot(along, across), curl / f

    coastal, low = ~fields.offshore, fields.low_variability
    masks = np.ones_like(coastal), coastal, ~coastal & low, ~coastal & ~low
    return {
        f"rmse.{quantity}.{regime}": float(np.sqrt(np.nanmean(np.where(mask, (got - true) ** 2, np.nan))))
        for quantity, got, true in zip(QUANTITIES, derived(field), derived(fields.truth), strict=True)
        for regime, mask in zip(REGIMES, masks, strict=True)
    }


def close(got: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert got.keys() == wanted.keys()
    np.testing.assert_allclose(list(got.values()), list(wanted.values()), rtol=1e-10)


def values(scores: dict[str, Any]) -> dict[str, float]:
    return {name: interval.value for name, interval in scores.items()}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=st.lists(st.sampled_from([1, 2, 3, 4, 9, 30]), min_size=2, max_size=5))
def test_official_errors_are_those_of_all_passes_end_to_end_however_short_they_are(
    lengths: list[int], small_pass: Build, score: Score
) -> None:
    passes = [small_pass(60, seed=3 + k) for k in range(len(lengths))]
    cut = [PassFields(*(part[:n] for part in one)) for one, n in zip(passes, lengths, strict=True)]
    whole = joined([*cut, small_pass(40, seed=99)])
    scored = score([*cut, small_pass(40, seed=99)], **SMALL)
    close({k: v for k, v in scored.official().items() if "rmse" in k}, official_rmse(whole, whole.filtered))
    close({k: v for k, v in scored.unfiltered().items() if "rmse" in k}, official_rmse(whole, whole.noisy))


def test_more_lines_of_the_neighbours_change_nothing(small_pass: Build) -> None:
    before, one, after = (small_pass(40, seed) for seed in (1, 2, 3))
    short = [PassFields(*(part[s] for part in p)) for p, s in ((before, np.s_[-2:]), (after, np.s_[:2]))]
    long = pass_statistics(one, before=before, after=after, **SMALL)
    few = pass_statistics(one, before=short[0], after=short[1], **SMALL)
    np.testing.assert_array_equal(long.official.squares, few.official.squares)
    alone = pass_statistics(one, **SMALL)
    assert not np.array_equal(alone.official.squares, few.official.squares)
    np.testing.assert_array_equal(alone.robust.squares, few.robust.squares)


def test_passes_in_any_order_and_grouping_give_the_same_numbers(small_pass: Build) -> None:
    parts = [pass_statistics(small_pass(50 + 7 * seed, seed), **SMALL) for seed in range(6)]
    forward, backward = SwathStatistics.combine(parts), SwathStatistics.combine(reversed(parts))
    close(forward.official(), backward.official())
    close(values(forward.robust()), values(backward.robust()))
    streams = SwathStatistics.combine([*parts[:2], *SwathStatistics.combine(parts[2:]).passes])
    assert streams.robust() == forward.robust()


@pytest.mark.parametrize("flip", [np.s_[::-1], np.s_[:, ::-1], np.s_[::-1, ::-1]])
def test_a_pass_flown_the_other_way_has_the_same_robust_scores(flip: Any, small_pass: Build) -> None:
    one = small_pass(16 + 4 * 12)  # segments fit exactly, from either end
    other = PassFields(*(part[flip] for part in one))
    scores = [SwathStatistics.combine([pass_statistics(each, **SMALL)]) for each in (one, other)]
    other_way, one_way = (values(each.robust()) for each in scores)
    # the periodic window is not the same from both ends, so a wavelength may change with the direction
    kept = [name for name in one_way if "lambda" not in name or flip == np.s_[:, ::-1]]
    close({name: other_way[name] for name in kept}, {name: one_way[name] for name in kept})


def test_a_plane_under_all_heights_leaves_errors_of_ssh_velocity_and_vorticity_alone(
    small_pass: Build,
) -> None:
    one = small_pass(64)
    plane = 3.0 + 1e-3 * np.arange(64.0)[:, None] - 2e-3 * np.arange(18.0)
    tilted = one._replace(truth=one.truth + plane, noisy=one.noisy + plane, filtered=one.filtered + plane)
    level, tilt = (SwathStatistics.combine([pass_statistics(each, **SMALL)]) for each in (one, tilted))
    for quantity in ("ssh", "velocity", "vorticity"):
        for regime in REGIMES:
            name = f"rmse.{quantity}.{regime}"
            assert tilt.robust()[name].value == pytest.approx(level.robust()[name].value, rel=1e-8)
    assert tilt.robust()["rmse.speed.global"].value != pytest.approx(
        level.robust()["rmse.speed.global"].value
    )
    np.testing.assert_allclose(tilt.spectra["error"][0], level.spectra["error"][0], rtol=1e-6)


def test_spectra_are_welch_estimates_over_complete_segments(small_pass: Build) -> None:
    one = small_pass(60)
    scored = SwathStatistics.combine([pass_statistics(one, **SMALL)])
    for cut, lines, stride, last in ((scored.spectra, 20, 15, 40), (scored.robust_spectra, 16, 12, 45)):
        starts = [start for start in range(0, last, stride) if start + lines <= 60]
        pairs = [
            (one.truth[s : s + lines, c], one.filtered[s : s + lines, c]) for s in starts for c in range(18)
        ]
        whole = [(true, got) for true, got in pairs if np.isfinite(got).all()]
        assert cut["segments"].sel(quantity="ssh") == len(whole)
        true, got = (np.concatenate(series) for series in zip(*whole, strict=True))
        for name, series in (("true", true), ("filtered", got), ("error", got - true)):
            k, density = signal.welch(series, fs=0.5, nperseg=lines, noverlap=0)
            np.testing.assert_allclose(cut[name].sel(quantity="ssh"), density, rtol=1e-9)
        np.testing.assert_allclose(cut["wavenumber"], k)


def test_the_last_segment_that_fits_exactly_is_the_robust_ones_alone(small_pass: Build) -> None:
    one = small_pass(16)
    same = {"segment_km": 32.0, "robust_segment_km": 32.0}
    scored = SwathStatistics.combine([pass_statistics(one, **same)])
    assert scored.spectra["segments"].values.tolist() == [0, 0, 0]
    assert (
        scored.robust_spectra["segments"].values[0] == 11
    )  # 18 columns, 2 of the gap and 5 of land left out
    assert scored.official()["lambda_snr1.ssh"] == 1000.0
    assert scored.spectra["true"].isnull().all()


def test_the_regimes_share_out_all_pixels_and_columns_and_points_count_them(small_pass: Build) -> None:
    one = small_pass(60)
    scored = SwathStatistics.combine([pass_statistics(one, **SMALL)])
    seen = np.isfinite(one.noisy)
    count = scored.regimes["count"].sel(quantity="ssh")
    assert count.sel(regime="global") == seen.sum() == count[1:].sum() == scored.points == scored.covered
    assert count.sel(regime="offshore_low") == (seen & one.offshore & one.low_variability).sum()
    error = np.where(seen, one.filtered - one.truth, np.nan)[:, np.isfinite(one.noisy).any(axis=0)]
    columns = scored.columns["filtered"].sel(quantity="ssh").dropna("num_pixels")
    np.testing.assert_allclose(columns, np.sqrt(np.nanmean(error**2, axis=0)))
    assert scored.columns["cross_track_km"].values[[0, -1]].tolist() == [-17.0, 17.0]


def test_half_of_the_noise_left_is_six_decibels_and_the_truth_is_perfect(small_pass: Build) -> None:
    one = small_pass(60)
    half = SwathStatistics.combine([pass_statistics(one, **SMALL)])
    assert half.robust()["noise_reduction"].value == pytest.approx(20 * np.log10(2))
    assert half.official()["rmse.ssh.global"] == pytest.approx(half.unfiltered()["rmse.ssh.global"] / 2)
    found = one._replace(filtered=np.where(np.isnan(one.noisy), np.nan, one.truth))
    perfect = SwathStatistics.combine([pass_statistics(found, **SMALL)]).robust()
    assert perfect["noise_reduction"].value == np.inf
    assert perfect["rmse.vorticity.global"].value == 0
    interval = perfect["lambda_snr1.ssh"]
    assert np.isnan([interval.value, interval.low, interval.high]).all()


def test_a_wavelength_that_does_not_exist_has_no_interval_though_some_passes_have_one(
    small_pass: Build,
) -> None:
    passes = [small_pass(60, seed) for seed in range(6)]
    spoiled = [one._replace(filtered=one.filtered + 50 * (one.noisy - one.truth)) for one in passes[1:]]
    scored = SwathStatistics.combine([pass_statistics(one, **SMALL) for one in (passes[0], *spoiled)])
    interval = scored.robust()["lambda_snr1.ssh"]
    assert np.isnan([interval.value, interval.low, interval.high]).all()
    alone = SwathStatistics.combine([pass_statistics(passes[0], **SMALL)]).robust()
    assert alone["lambda_snr1.ssh"].value > 0


def test_a_pixel_without_a_filtered_height_is_counted_and_not_scored(small_pass: Build) -> None:
    one = small_pass(60)
    filtered = one.filtered.copy()
    filtered[30, 3] = np.nan
    scored = SwathStatistics.combine([pass_statistics(one._replace(filtered=filtered), **SMALL)])
    assert scored.covered == scored.points - 1
    assert scored.regimes["count"].sel(quantity="ssh", regime="global") == scored.covered


def test_a_pass_of_nothing_adds_nothing(small_pass: Build) -> None:
    one = small_pass(60)
    empty = one._replace(noisy=np.full_like(one.noisy, np.nan), filtered=np.full_like(one.noisy, np.nan))
    alone = SwathStatistics.combine([pass_statistics(one, **SMALL)])
    both = SwathStatistics.combine([pass_statistics(each, **SMALL) for each in (one, empty)])
    close(both.official(), alone.official())
    nothing = SwathStatistics.combine([pass_statistics(empty, **SMALL)])
    assert np.isnan(nothing.official()["rmse.ssh.global"])
    assert np.isnan(nothing.robust()["lambda_snr1.ssh"].value)


def test_what_cannot_be_scored_is_refused(small_pass: Build) -> None:
    one = small_pass(60)
    with pytest.raises(ValueError, match="no pass"):
        SwathStatistics.combine([])
    with pytest.raises(ValueError, match="differ in segments"):
        SwathStatistics.combine([pass_statistics(one, **SMALL), pass_statistics(one, segment_km=60.0)])
    with pytest.raises(ValueError, match=r"\(59, 18\)"):
        pass_statistics(one._replace(lat=one.lat[1:]))
    with pytest.raises(ValueError, match=r"segments of 3\.0 km"):
        pass_statistics(one, segment_km=3.0)
    with pytest.raises(ValueError, match="overlap is 1"):
        pass_statistics(one, overlap=1.0)


@pytest.mark.slow
def test_intervals_hold_the_true_error_about_as_often_as_they_say() -> None:
    rng, shape = np.random.default_rng(11), (12, 8)
    everywhere, place = np.ones(shape, dtype=bool), np.full(shape, 40.0)
    held = 0
    for _ in range(40):
        passes = []
        for _ in range(30):
            noise = rng.gamma(4.0, 0.005) * rng.standard_normal(shape)  # passes differ in noise
            passes.append(PassFields(np.zeros(shape), noise, noise, place, place, everywhere, everywhere))
        parts = [pass_statistics(one, **SMALL) for one in passes]
        interval = SwathStatistics.combine(parts).robust()["rmse.ssh.global"]
        held += interval.low <= 0.005 * np.sqrt(4.0 * 5.0) <= interval.high
    assert held >= 33  # 38 expected; few passes make the resampled interval a little short
