"""Discontinuities: a step of known height has a known answer; land and joints count officially only."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import convolve

from oceanbench.metrics.denoising import official_discontinuities, rough_pixels

LINES, PIXELS, MIDDLE = 30, 12, 15


def step(height: float) -> np.ndarray:
    """A wall across the swath: flat, ``height`` metres higher from line 15 on."""
    return np.where(np.arange(LINES)[:, None] >= MIDDLE, height, 0.0) + np.zeros(PIXELS)


@pytest.mark.parametrize(
    ("height", "flagged"),
    [
        (0.0401, range(12, 17)),  # curvature height/4 on lines 13..16, its edges on lines 12 and 16
        (0.0399, (12, 16)),
        (0.0101, (12, 16)),  # Roberts operator height/4
        (0.0099, ()),
    ],
)
def test_step_is_flagged_where_a_quarter_of_it_reaches_the_thresholds(height: float, flagged: range) -> None:
    lines = np.flatnonzero(official_discontinuities(step(height)).all(axis=1))
    assert lines.tolist() == list(flagged)
    assert official_discontinuities(step(height)).mean() == pytest.approx(len(flagged) / LINES)


@given(st.floats(-5.0, 5.0), st.floats(-0.1, 0.1), st.floats(-0.1, 0.1))
def test_plane_has_no_discontinuity(height: float, along: float, across: float) -> None:
    plane = height + along * np.arange(LINES)[:, None] + across * np.arange(PIXELS)
    assert not official_discontinuities(plane).any()
    assert not rough_pixels(plane, 2.0).rough.any()


def test_flags_are_those_of_the_operator_of_roberts() -> None:
    heights = 0.01 * np.random.default_rng(4).standard_normal((40, 30))
    curvature = np.sqrt(sum(np.gradient(np.gradient(heights, axis=k), axis=k) ** 2 for k in (0, 1)))
    kernels = ([[1, 0], [0, -1]], [[0, 1], [-1, 0]])
    roberts = np.sqrt(sum(convolve(curvature, np.array(k)) ** 2 for k in kernels)) / np.sqrt(2.0)
    expected = (roberts >= 0.0025) | (curvature >= 0.010)
    assert 0.2 < expected.mean() < 0.95
    np.testing.assert_array_equal(official_discontinuities(heights), expected)


def test_land_dilutes_the_official_rate_and_not_the_robust_one() -> None:
    sea = 0.02 * np.random.default_rng(5).standard_normal((40, 20))
    coast = np.hstack([sea, np.full((40, 60), np.nan)])
    whole, part = official_discontinuities(sea).mean(), official_discontinuities(coast).mean()
    assert part < 0.3 * whole
    alone, beside = rough_pixels(sea, 2.0), rough_pixels(coast, 2.0)
    assert beside.judged[:, 20:].sum() == 0
    assert beside.rough.sum() / beside.judged.sum() == pytest.approx(
        alone.rough.sum() / alone.judged.sum(), abs=0.03
    )


def test_joint_of_two_passes_is_a_wall_officially_and_nothing_robustly() -> None:
    passes = step(0.3)[:MIDDLE], step(0.3)[MIDDLE:]
    assert official_discontinuities(np.vstack(passes)).mean() == pytest.approx(5 / LINES)
    assert not any(rough_pixels(heights, 2.0).rough.any() for heights in passes)


@pytest.mark.parametrize("posting_km", [1.0, 2.0, 4.0])
@pytest.mark.parametrize(("curvature", "rough"), [(0.0026, True), (0.0024, False)])
def test_robust_threshold_is_one_of_metres_per_square_kilometre(
    posting_km: float, curvature: float, rough: bool
) -> None:
    parabola = 0.5 * curvature * (posting_km * np.arange(20)[:, None]) ** 2 + np.zeros(9)
    assert rough_pixels(parabola, posting_km).rough[5:-5, 2:-2].all() == rough
    assert rough_pixels(parabola, posting_km).rough[5:-5, 2:-2].any() == rough


def test_at_two_kilometres_both_flag_the_same_pixels() -> None:
    heights = 0.01 * np.random.default_rng(6).standard_normal((40, 30))
    heights[10:13, 5:9] = np.nan
    found = rough_pixels(heights, 2.0)
    np.testing.assert_array_equal(found.rough, official_discontinuities(heights) & found.judged)


def test_field_without_any_height_has_nothing_to_judge() -> None:
    nothing = np.full((6, 5), np.nan)
    assert not official_discontinuities(nothing).any()
    assert not rough_pixels(nothing, 2.0).judged.any()


def test_single_line_is_refused() -> None:
    with pytest.raises(ValueError, match="1 lines of 12 pixels"):
        official_discontinuities(step(0.1)[:1])
