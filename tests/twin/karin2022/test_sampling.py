"""Sampling of a field that moves, against its closed form."""

import numpy as np
import pytest

from oceanbench.twin.karin2022 import design
from oceanbench.twin.karin2022.sampling import sample_heights, sample_variance
from oceanbench.twin.karin2022.swaths import Swath, swaths


class Wave:
    """A plane wave whose amplitude grows in time, on the model's grid."""

    time_step = 120.0

    def __init__(self, points: int, number: int, start: float) -> None:
        axis = 2 * np.pi * number / points * (np.arange(points) - points // 2)
        self.pattern = np.sin(axis[None, :] - 2 * axis[:, None])
        self.seconds, self.start = start, start

    def advance_to(self, seconds: float) -> None:
        self.seconds += self.time_step * ((seconds - self.seconds) // self.time_step)

    def heights(self) -> np.ndarray:
        return (1 + (self.seconds - self.start) / 1e3) * self.pattern


@pytest.fixture(scope="module")
def swath() -> Swath:
    return swaths(design.SCORED)[5]


def expected(swath: Swath, number: int, start: float) -> np.ndarray:
    east, north = design.plane_position(*swath.position)
    k = 2 * np.pi * number / (design.SIDE / 1e3)
    growth = 1 + (swath.seconds[:, None] - start) / 1e3
    return np.where(swath.seen, growth * np.sin(k * (east - 2 * north)), np.nan)


def test_a_wave_that_grows_is_sampled_at_the_place_and_time_of_each_pixel(swath: Swath) -> None:
    start = 120.0 * (swath.seconds[0] // 120)
    heights = sample_heights(Wave(128, 3, start), swath)
    np.testing.assert_allclose(heights, expected(swath, 3, start), atol=1e-5)


def test_waves_of_under_five_grid_steps_keep_their_height(swath: Swath) -> None:
    start = 120.0 * (swath.seconds[0] // 120)
    short = (
        29  # 128 / (29 * sqrt(1 + 2^2)): waves of 2.0 steps along the diagonal, 2.2 and 4.4 along the axes
    )
    number = short // 2
    heights = sample_heights(Wave(128, number, start), swath)
    truth = expected(swath, number, start)
    assert np.nanstd(heights - truth) < 0.03 * np.nanstd(truth)


def test_a_swath_that_spans_several_steps_leaves_no_line_out(swath: Swath) -> None:
    heights = sample_heights(Wave(32, 1, 120.0 * (swath.seconds[0] // 120) - 1200.0), swath)
    assert np.array_equal(np.isfinite(heights), swath.seen)


def test_variance_is_taken_at_the_nearest_points(swath: Swath) -> None:
    points = 64
    rows = np.arange(points)[:, None] - points // 2 + np.zeros(points)
    _, north = design.plane_position(*swath.position)
    inside = np.abs(north) < 700
    found = sample_variance(rows, swath)[inside]
    np.testing.assert_allclose(found, north[inside] * 1e3 * points / design.SIDE, atol=1e-9)
