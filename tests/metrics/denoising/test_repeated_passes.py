"""Passes seen again a day later: what a filter took away, told by what comes back."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from oceanbench.metrics.denoising import (
    ROBUST_UNITS,
    PassHeights,
    matching_lines,
    repeated_pass_scores,
    rough_pixels,
)

LINES, PIXELS = 90, 40
NOISE = 0.012

Places = tuple[np.ndarray, np.ndarray]
Filter = Callable[[np.ndarray, np.ndarray], np.ndarray]


def places(lines: int = LINES, first: float = 0.0) -> Places:
    along, across = (first + np.arange(lines))[:, None], np.arange(PIXELS)
    return -50.0 + 0.0235 * across + 0.004 * along, 30.0 + 0.0175 * along - 0.002 * across


def ocean(seed: int) -> np.ndarray:
    field = gaussian_filter(np.random.default_rng(seed).standard_normal((LINES, PIXELS)), 6, mode="wrap")
    return np.asarray(0.1 * field / field.std())


def passes(made: Filter, cycles: int = 5, seed: int = 1) -> dict[tuple[int, int], PassHeights]:
    """The same ocean every day, new noise every day; ``made`` gives the denoised heights."""
    truth, rng = ocean(seed), np.random.default_rng(seed + 100)
    found = {}
    for cycle in range(500, 500 + cycles):
        noisy = truth + NOISE * rng.standard_normal(truth.shape)
        noisy[:, 18:22] = np.nan
        found[cycle, 20] = PassHeights(noisy, made(truth, noisy), *places())
    return found


def test_perfect_filter_takes_away_nothing_that_comes_back() -> None:
    scores = repeated_pass_scores(passes(lambda truth, noisy: truth), 2.0)
    assert scores["residual_std"].value == pytest.approx(NOISE, rel=0.02)
    assert abs(scores["removed_signal"].value) < 0.2 * NOISE
    assert all(abs(scores[f"ssim_residual.{name}"].value) < 0.05 for name in ("ssha", "speed", "vorticity"))
    assert all(scores[f"ssim.{name}"].value == pytest.approx(1.0) for name in ("ssha", "speed", "vorticity"))
    assert scores["discontinuity_fraction"].value < 0.01


def test_filter_that_takes_half_of_the_ocean_is_caught_by_what_comes_back() -> None:
    scores = repeated_pass_scores(passes(lambda truth, noisy: 0.5 * truth), 2.0)
    seen = np.delete(ocean(1), range(18, 22), axis=1)
    assert scores["removed_signal"].value == pytest.approx(0.5 * seen.std(), rel=0.02)
    assert scores["ssim.ssha"].value == pytest.approx(1.0)  # which looks perfect here
    assert scores["ssim_residual.ssha"].value > 0.5


def test_filter_that_does_nothing_keeps_the_noise() -> None:
    scores = repeated_pass_scores(passes(lambda truth, noisy: noisy), 2.0)
    assert scores["residual_std"].value == scores["removed_signal"].value == 0.0
    assert scores["discontinuity_fraction"].value > 0.5
    assert scores["ssim.vorticity"].value < 0.2
    assert np.isnan(scores["ssim_residual.ssha"].value)


def test_leaving_out_the_roughest_pixels_gains_nothing() -> None:
    def lazy(truth: np.ndarray, noisy: np.ndarray) -> np.ndarray:
        return np.where(np.abs(noisy - truth) > NOISE, np.nan, noisy)

    scores, honest = (repeated_pass_scores(passes(made), 2.0) for made in (lazy, lambda truth, noisy: noisy))
    for name in ROBUST_UNITS:
        np.testing.assert_equal(scores[name].value, honest[name].value)


def test_pixels_that_were_never_measured_do_not_count() -> None:
    def eager(truth: np.ndarray, noisy: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(noisy), 100.0 * np.random.default_rng(0).random(noisy.shape), truth)

    scores = repeated_pass_scores(passes(eager), 2.0)
    honest = repeated_pass_scores(passes(lambda truth, noisy: truth), 2.0)
    assert {n: scores[n].value for n in ROBUST_UNITS} == {n: honest[n].value for n in ROBUST_UNITS}


def test_rate_is_the_share_of_all_judged_pixels_of_all_passes() -> None:
    made = passes(lambda truth, noisy: 0.6 * truth + 0.4 * noisy)
    judged = [rough_pixels(heights.completed(), 2.0) for heights in made.values()]
    expected = sum(p.rough.sum() for p in judged) / sum(p.judged.sum() for p in judged)
    found = repeated_pass_scores(made, 2.0)["discontinuity_fraction"]
    assert found.value == pytest.approx(expected)
    assert found.low <= found.value <= found.high


def test_single_cycle_has_no_similarity() -> None:
    scores = repeated_pass_scores(passes(lambda truth, noisy: truth, cycles=1), 2.0)
    alone = {"discontinuity_fraction", "residual_std"}
    assert {name for name, found in scores.items() if np.isfinite(found.value)} == alone
    assert np.isnan(scores["residual_std"].low)


def test_cycles_with_a_day_between_them_are_no_pair() -> None:
    made = passes(lambda truth, noisy: truth, cycles=3)
    del made[501, 20]
    assert np.isnan(repeated_pass_scores(made, 2.0)["ssim.ssha"].value)


def test_pass_of_a_single_line_changes_nothing() -> None:
    made = passes(lambda truth, noisy: truth)
    whole = made[500, 20]
    line = PassHeights(*(field[:1] for field in (whole.noisy, whole.denoised, whole.lon, whole.lat)))
    assert repeated_pass_scores(made | {(500, 7): line}, 2.0) == repeated_pass_scores(made, 2.0)


def test_other_passes_of_the_next_cycle_are_no_pair() -> None:
    made = passes(lambda truth, noisy: truth, cycles=2)
    other = {(500, 20): made[500, 20], (501, 7): made[501, 20]}
    assert np.isnan(repeated_pass_scores(other, 2.0)["ssim.ssha"].value)


def test_intervals_hold_their_score_and_are_named_with_units() -> None:
    scores = repeated_pass_scores(passes(lambda truth, noisy: 0.7 * truth + 0.3 * noisy, cycles=6), 2.0)
    assert scores.keys() == ROBUST_UNITS.keys()
    assert all(found.low <= found.value <= found.high for found in scores.values())


def test_lines_are_paired_by_where_they_lie() -> None:
    one, two = matching_lines(places(10), places(10, first=2.8), 1.5)
    assert one.tolist() == [3, 4, 5, 6, 7, 8, 9]
    assert two.tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_similarity_does_not_mind_a_cycle_that_begins_later() -> None:
    made = passes(lambda truth, noisy: truth, cycles=2)
    late = made[501, 20]
    made[501, 20] = PassHeights(*(field[13:] for field in (late.noisy, late.denoised, late.lon, late.lat)))
    assert repeated_pass_scores(made, 2.0)["ssim.ssha"].value == pytest.approx(1.0, abs=1e-6)


def test_lines_that_lie_apart_have_no_partner() -> None:
    one, two = matching_lines(places(10), places(10, first=500.0), 2.0)
    assert one.size == two.size == 0


def test_lines_without_a_place_have_no_partner() -> None:
    lon, lat = places(10)
    lon[3] = np.nan
    one, two = matching_lines((lon, lat), places(10), 2.0)
    assert one.tolist() == two.tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert matching_lines((np.full_like(lon, np.nan), lat), places(10), 2.0)[0].size == 0
