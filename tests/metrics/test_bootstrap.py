"""Intervals from block sums: known distributions, blocks, and the cases without an interval."""

import math

import numpy as np
import pytest

from oceanbench.metrics.bootstrap import bootstrap_intervals, consecutive_blocks, sum_by_block


def mean(blocks: np.ndarray) -> np.ndarray:
    return np.asarray(blocks[:, :1] / blocks[:, 1:])


def test_interval_of_a_mean_is_the_one_of_the_normal_law() -> None:
    values = np.random.default_rng(1).standard_normal(400)
    blocks = np.column_stack([values, np.ones(400)])
    (interval,) = bootstrap_intervals(blocks, mean, replicates=4000)
    half = 1.96 * values.std() / math.sqrt(400)
    assert interval.value == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(300):
        blocks = np.column_stack([rng.standard_normal(40), np.ones(40)])
        (interval,) = bootstrap_intervals(blocks, mean, replicates=300)
        covered += interval.low < 0 < interval.high
    assert 0.89 < covered / 300 < 0.985


def test_blocks_of_correlated_items_widen_the_interval() -> None:
    noise = np.repeat(np.random.default_rng(3).standard_normal(60), 6)
    items = np.column_stack([noise, np.ones(360)])
    widths = []
    for length in (1.0, 6.0):
        (interval,) = bootstrap_intervals(sum_by_block(items, consecutive_blocks(360, length)), mean)
        widths.append(interval.high - interval.low)
    assert widths[1] == pytest.approx(widths[0] * math.sqrt(6), rel=0.1)


def test_many_statistics_of_large_blocks_do_not_depend_on_the_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocks = np.random.default_rng(4).uniform(1, 2, (9, 2))
    whole = bootstrap_intervals(blocks, mean)
    monkeypatch.setattr("oceanbench.metrics.bootstrap._BATCH", 14)
    assert bootstrap_intervals(blocks, mean) == whole


def test_three_blocks_have_a_value_and_no_interval() -> None:
    (interval,) = bootstrap_intervals(np.ones((3, 2)), mean)
    assert interval.value == 1.0
    assert math.isnan(interval.low)
    assert math.isnan(interval.high)


def test_undefined_replicates_count_as_beyond_the_upper_end() -> None:
    def fragile(blocks: np.ndarray) -> np.ndarray:
        return np.where(blocks >= 2, blocks, np.nan)

    (interval,) = bootstrap_intervals(np.array([[3.0], [0.0], [0.0], [0.0]]), fragile)
    assert (interval.value, interval.low) == (3.0, 3.0)
    assert math.isnan(interval.high)


@pytest.mark.parametrize(
    ("size", "length", "sizes"),
    [
        (42, 6.0, [6] * 7),
        (10, 6.0, [3, 2, 3, 2]),
        (3, 6.0, [1, 1, 1]),
        (0, 6.0, []),
        (601, 60.0, [61] + [60] * 9),
    ],
)
def test_blocks_are_consecutive_and_nearly_equal(size: int, length: float, sizes: list[int]) -> None:
    labels = consecutive_blocks(size, length)
    assert labels.tolist() == sorted(labels.tolist())
    assert np.bincount(labels).tolist() == sizes


def test_sums_by_block_add_up_to_the_total() -> None:
    items = np.arange(24.0).reshape(8, 3)
    sums = sum_by_block(items, consecutive_blocks(8, 2.0))
    assert sums.shape == (4, 3)
    assert sums.sum(axis=0).tolist() == items.sum(axis=0).tolist()
