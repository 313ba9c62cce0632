"""Paired comparison of two entries from sums per block."""

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceanbench.metrics.comparison import Blocks, Statistic, difference, differences, replicates
from oceanbench.metrics.persistence import half_width, suitable_length

Floats = npt.NDArray[np.float64]


def days(count: int) -> tuple[str, ...]:
    return tuple(str(day) for day in np.datetime64("2012-10-22") + np.arange(count))


def daily(scores: npt.ArrayLike) -> Blocks:
    """Give an entry by its daily scores."""
    table = np.column_stack([scores, np.ones(np.size(scores))])
    return Blocks("mean_of_days", "higher", days(len(table)), table)


def gridded(error: Floats, reference: Floats) -> Blocks:
    """Give an entry by its errors (day, point)."""
    points = np.full(len(error), error.shape[1])
    table = np.column_stack([(error**2).sum(1), points, (reference**2).sum(1), points])
    return Blocks("one_minus_root_ratio", "higher", days(len(error)), table)


def persistent(phi: float, shape: tuple[int, int], seed: int) -> Floats:
    """Give stationary AR(1) series of unit variance, one in each row."""
    noise = np.random.default_rng(seed).standard_normal(shape)
    series = noise.copy()
    for day in range(1, shape[1]):
        series[:, day] = phi * series[:, day - 1] + np.sqrt(1 - phi**2) * noise[:, day]
    return series


def differ(a: Blocks, b: Blocks) -> bool:
    interval = difference(a, b, 400)
    return interval.low > 0 or interval.high < 0


def test_a_ratio_of_roots_over_all_points_is_the_score_of_the_sums() -> None:
    rng = np.random.default_rng(0)
    error, reference = rng.normal(size=(2, 9, 50))
    expected = 1 - np.sqrt(np.mean(error**2)) / np.sqrt(np.mean(reference**2))
    assert gridded(error, reference).value() == pytest.approx(expected, abs=1e-15)


def test_days_without_a_score_do_not_enter_the_mean_of_days() -> None:
    table = [[0.5, 1.0], [0.0, 0.0], [0.7, 1.0]]
    assert Blocks("mean_of_days", "higher", days(3), table).value() == pytest.approx(0.6)


def test_a_root_mean_square_weighs_passes_by_their_pixels() -> None:
    assert Blocks("root_mean", "lower", ("1", "2"), [[4.0, 1], [12.0, 3]]).value() == 2.0


def test_a_rate_is_what_is_flagged_over_all() -> None:
    assert Blocks("rate", "lower", ("1", "2"), [[1, 10], [3, 30]]).value() == 0.1


def test_a_comparison_survives_strict_json() -> None:
    blocks = daily([0.1, 0.2, 0.7])
    again = Blocks.from_json(json.loads(json.dumps(blocks.to_json(), allow_nan=False)))
    assert again.to_json() == blocks.to_json()
    assert again.value() == blocks.value()


def test_the_difference_of_two_is_that_of_their_scores_and_turns_with_their_order() -> None:
    a, b = (daily(0.9 + 0.02 * row) for row in persistent(0.5, (2, 42), 1))
    there, back = difference(a, b), difference(b, a)
    assert there.value == a.value() - b.value()
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_an_entry_does_not_differ_from_itself() -> None:
    a = daily(np.random.default_rng(0).normal(size=20))
    interval = difference(a, a)
    assert (interval.value, interval.low, interval.high) == (0, 0, 0)


def test_an_entry_that_is_better_by_the_same_every_day_is_better() -> None:
    scores = np.random.default_rng(0).normal(size=20)
    interval = difference(daily(scores + 0.01), daily(scores))
    assert interval.low == pytest.approx(0.01)
    assert interval.high == pytest.approx(0.01)


def test_pairs_tell_apart_what_their_own_intervals_do_not() -> None:
    weather = np.random.default_rng(1).normal(scale=0.1, size=42)
    noise = np.random.default_rng(2).normal(scale=0.001, size=42)
    a, b = daily(0.8 + weather + noise), daily(0.798 + weather)
    assert differ(a, b)
    alone = replicates([a, b])
    assert np.quantile(alone[0], 0.025) < np.quantile(alone[1], 0.975)


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
def test_two_equally_good_entries_with_errors_that_last_are_told_apart_about_one_time_in_twenty(
    phi: float,
) -> None:
    pairs = zip(persistent(phi, (300, 42), 10), persistent(phi, (300, 42), 11), strict=True)
    share = np.mean([differ(daily(0.9 + 0.02 * a), daily(0.9 + 0.02 * b)) for a, b in pairs])
    assert 0.01 <= share <= 0.085


def test_dependence_that_skips_a_day_is_seen_too() -> None:
    # e(t) + 0.8 e(t-2) + 0.8 e(t-4): nothing from one day to the next, which is all that a lag of one sees
    noise = np.random.default_rng(18).standard_normal((2, 200, 369))
    series = noise[..., 4:] + 0.8 * noise[..., 2:-2] + 0.8 * noise[..., :-4]
    share = np.mean(
        [differ(daily(0.9 + 0.02 * a), daily(0.9 + 0.02 * b)) for a, b in zip(*series, strict=True)]
    )
    assert share < 0.12


def test_days_drawn_one_by_one_would_tell_apart_what_is_equally_good() -> None:
    series = persistent(0.8, (300, 42), 12)
    ends = [np.quantile(replicates([daily(row)], 400, length=1.0)[0], (0.025, 0.975)) for row in series]
    assert np.mean([low > 0 or high < 0 for low, high in ends]) > 0.3


def test_a_clear_difference_is_found_although_errors_last() -> None:
    pairs = zip(persistent(0.5, (60, 42), 13), persistent(0.5, (60, 42), 14), strict=True)
    share = np.mean([differ(daily(0.94 + 0.02 * a), daily(0.9 + 0.02 * b)) for a, b in pairs])
    assert share > 0.95


@pytest.mark.parametrize("phi", [0.5, 0.8])
def test_the_suitable_length_follows_the_autocorrelation(phi: float) -> None:
    # Politis and White: (2 G² / (4/3 g²) n)^(1/3) with G = 2 Σ k φᵏ, g = (1 + φ) / (1 - φ)
    slope, spectrum = 2 * phi / (1 - phi) ** 2, (1 + phi) / (1 - phi)
    expected = (1.5 * (slope / spectrum) ** 2 * 2000) ** (1 / 3)
    found = [suitable_length(row) for row in persistent(phi, (20, 2000), 15)]
    assert np.median(found) == pytest.approx(expected, rel=0.15)


def test_a_series_that_forgets_at_once_needs_no_stretches() -> None:
    found = [suitable_length(row) for row in persistent(0.0, (20, 2000), 16)]
    assert np.median(found) < 1.5


def test_the_half_width_of_independent_values_is_that_of_students_t() -> None:
    values = np.tile([1.0, -1.0], 500)  # alternating: no persistence but the correction for bias, 1 / n
    expected = 1.96 * values.std() / np.sqrt(1000)
    assert half_width(values) == pytest.approx(expected, rel=0.01)
    assert half_width(np.ones(10)) == 0.0


def test_many_differences_are_those_of_the_pairs() -> None:
    rows = persistent(0.6, (6, 30), 17) * 0.02 + np.linspace(0.8, 0.9, 6)[:, None]
    leader, *others = map(daily, rows)
    together = differences(leader, others, 200)
    assert together == [difference(leader, other, 200) for other in others]


def test_resampled_scores_have_one_row_for_each_entry_and_the_same_draws() -> None:
    scores = np.random.default_rng(3).normal(size=25)
    drawn = replicates([daily(scores), daily(scores + 1.0)], 50)
    assert drawn.shape == (2, 50)
    assert np.allclose(drawn[1] - drawn[0], 1.0)


def test_resampled_means_of_independent_days_scatter_as_the_mean_does() -> None:
    scores = np.random.default_rng(4).normal(size=400)
    drawn = replicates([daily(scores)], 2000, length=1.0)[0]
    assert drawn.std() == pytest.approx(scores.std() / 20, rel=0.05)


def test_three_blocks_give_no_interval() -> None:
    interval = difference(daily([1.0, 2, 3]), daily([3.0, 2, 2]))
    assert interval.value == pytest.approx(-1 / 3)
    assert np.isnan([interval.low, interval.high]).all()


def test_a_score_that_does_not_exist_has_no_difference() -> None:
    nothing = Blocks("mean_of_days", "higher", days(5), np.zeros((5, 2)))
    interval = difference(nothing, daily(np.arange(5.0)))
    assert np.isnan([interval.value, interval.low, interval.high]).all()


def test_a_perfect_map_is_better_than_another() -> None:
    error, reference = np.random.default_rng(5).normal(size=(2, 12, 30))
    interval = difference(gridded(error * 0, reference), gridded(error * 0.1, reference))
    assert interval.low > 0.05


@given(scale=st.floats(1e-6, 1e6))
def test_a_comparison_is_blind_to_units(scale: float) -> None:
    error, other, reference = np.random.default_rng(6).normal(size=(3, 12, 30))
    plain = difference(gridded(error, reference), gridded(other, reference), 100)
    scaled = difference(
        gridded(scale * error, scale * reference), gridded(scale * other, scale * reference), 100
    )
    assert (scaled.value, scaled.low, scaled.high) == pytest.approx(
        (plain.value, plain.low, plain.high), abs=1e-9
    )


def test_entries_of_other_days_are_not_compared() -> None:
    with pytest.raises(ValueError, match="20 from 2012-10-22 to 2012-11-10, and 21 from"):
        difference(daily(np.ones(20)), daily(np.ones(21)))


def test_entries_of_other_metrics_are_not_compared() -> None:
    other = Blocks("root_mean", "lower", days(4), np.ones((4, 2)))
    with pytest.raises(ValueError, match=r"mean_of_days .* cannot be compared with root_mean"):
        replicates([daily(np.ones(4)), other])


def test_resampling_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no entry was given"):
        replicates([])


@pytest.mark.parametrize(
    ("statistic", "better", "sums", "message"),
    [
        ("mean", "higher", np.ones((2, 2)), "statistic 'mean' is not known; known: one_minus"),
        ("rate", "best", np.ones((2, 2)), "better is 'best'; write higher or lower"),
        ("rate", "lower", np.ones((3, 2)), r"shape \(3, 2\); expected \(2, 2\)"),
        ("rate", "lower", [[1.0, np.nan], [1, 1]], "a sum is not finite"),
    ],
)
def test_sums_that_are_none_are_refused(statistic: Any, better: Any, sums: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Blocks(statistic, better, ("1", "2"), sums)


def test_a_document_without_sums_is_refused() -> None:
    kind: Statistic = "rate"
    with pytest.raises(ValueError, match=r"not the sums of a comparison: KeyError\('better'\)"):
        Blocks.from_json({"statistic": kind})
