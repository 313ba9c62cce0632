"""Who wins: differences over the same passes, in closed cases."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceanbench.metrics.bootstrap import Interval, bootstrap_intervals
from oceanbench_leaderboard.bench.paired import Difference, PassErrors, compared
from oceanbench_leaderboard.bench.words import sentence_about


def errors(*rmse: list[float]) -> PassErrors:
    """Sums of filters whose RMSE of each pass is given, over a hundred pixels each."""
    by_pass = np.array(rmse, dtype=np.float64).T
    names = tuple("abcdef"[: len(rmse)])
    counts = np.full(by_pass.shape, 100.0)
    return PassErrors(names, tuple(range(len(by_pass))), 100.0 * by_pass**2, counts)


def test_constant_errors_differ_by_a_constant_whatever_passes_are_drawn() -> None:
    (found,) = compared("track", errors([3.0] * 5, [2.0] * 5))
    assert (found.best, found.method, found.track) == ("b", "a", "track")
    assert [found.metres.value, found.metres.low, found.metres.high] == pytest.approx([1.0, 1.0, 1.0])
    assert found.told_apart


def test_equal_filters_are_not_told_apart() -> None:
    (found,) = compared("", errors([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]))
    assert (found.metres.value, found.told_apart) == (0.0, False)


def test_filters_that_win_a_pass_each_are_not_told_apart() -> None:
    (found,) = compared("", errors([1.0, 2.0, 1.0, 2.0, 1.0], [2.0, 1.0, 2.0, 1.0, 2.0]))
    assert found.metres.low < 0 < found.metres.high
    assert not found.told_apart


def test_passes_of_very_different_noise_hide_the_winner_from_single_intervals_only() -> None:
    noise = [1.0, 9.0, 2.0, 7.0, 3.0, 8.0]
    one, other = noise, [1.02 * value for value in noise]
    (found,) = compared("", errors(one, other))
    assert (found.best, found.told_apart) == ("a", True)
    alone = [
        bootstrap_intervals(np.square(series)[:, None] / len(series), lambda totals: np.sqrt(totals))[0]
        for series in (np.array(one), np.array(other))
    ]
    assert alone[0].high > alone[1].low


def test_fewer_than_four_passes_give_no_interval() -> None:
    (found,) = compared("", errors([1.0] * 3, [2.0] * 3))
    assert found.metres.value == 1.0
    assert math.isnan(found.metres.low)
    assert not found.told_apart
    content = found.to_json()["rmse_difference"]
    assert (content["low"], content["high"]) == (None, None)
    assert sentence_about(found) == "a and b: −1000.00 mm, too few passes for an interval"


@given(st.permutations([1.0, 2.0, 3.0]))
def test_the_best_and_the_order_do_not_depend_on_who_is_named_first(levels: list[float]) -> None:
    found = compared("", errors(*([level] * 4 for level in levels)))
    assert {one.best for one in found} == {"abc"[levels.index(1.0)]}
    assert [one.metres.value for one in found] == pytest.approx([1.0, 2.0])


def test_pass_with_more_pixels_counts_for_more() -> None:
    squares, counts = np.array([[1.0, 4.0], [4.0, 1.0]]), np.ones((2, 2))
    even = compared("", PassErrors(("a", "b"), (1, 2), squares, counts))[0]
    longer = np.array([[3.0], [1.0]])
    uneven = compared("", PassErrors(("a", "b"), (1, 2), longer * squares, longer * counts))[0]
    assert even.metres.value == 0.0
    assert uneven.best == "a"
    assert uneven.metres.value == pytest.approx(math.sqrt(13 / 4) - math.sqrt(7 / 4))


def test_sentence_tells_the_sign_of_a_win_and_of_a_draw() -> None:
    win = Difference("", "median", "unet", Interval(0.0003, 0.0002, 0.0004))
    assert sentence_about(win) == "unet beats median: −0.30 mm [−0.40, −0.20]"
    draw = Difference("", "median", "unet", Interval(0.0001, -0.00005, 0.0002))
    assert sentence_about(draw) == "unet and median are not told apart: −0.10 mm [−0.20, 0.05]"
