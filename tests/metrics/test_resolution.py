"""Effective resolution read from scores of known shape."""

import math
from typing import Any

import numpy as np
import pytest

from oceanbench.metrics.resolution import (
    contour_polylines,
    first_contour_minima,
    first_crossing,
    resolved_boundary,
    resolved_limits,
    sorted_crossing,
    spectral_score,
)

FREQ = np.arange(1.0, 11.0) / 10
CASES = [
    "monotone",
    "two_crossings",
    "close_values_far_apart",
    "exact",
    "first_is_neighbour",
    "all_above",
    "all_below",
    "duplicate",
]


def limits(score: np.ndarray, power: np.ndarray | None = None) -> tuple[float, float]:
    reference = np.ones(score.shape) if power is None else power
    lon, time = resolved_limits(
        ((1 - score) * reference)[None], reference[None], FREQ[: score.shape[1]], FREQ[: score.shape[0]]
    )
    return float(lon[0]), float(time[0])


def falling(k_half: float, f_half: float) -> np.ndarray:
    """Score linear in both frequencies: 0.5 at (k_half, 0) and at (0, f_half)."""
    return 1 - 0.5 * (FREQ / k_half + FREQ[:, None] / f_half)


def test_limits_of_a_linear_score_are_exact() -> None:
    lon, time = limits(falling(0.62, 0.8))
    assert lon == pytest.approx(0.62 * (1 - 0.1 / 0.8))
    assert time == pytest.approx(0.8 * (1 - 0.1 / 0.62))


def test_region_that_reaches_the_last_bin_ends_there() -> None:
    assert limits(np.full((10, 10), 0.7)) == (1.0, 1.0)


def test_nothing_resolved_has_no_limit() -> None:
    assert all(math.isnan(limit) for limit in limits(np.full((10, 10), 0.4)))
    assert all(math.isnan(limit) for limit in limits(np.empty((0, 0))))


def test_bin_without_reference_power_is_not_resolved() -> None:
    score = np.full((10, 10), 0.9)
    power = np.ones((10, 10))
    power[:, 4:] = 0.0
    assert limits(score, power) == pytest.approx((0.4, 1.0))


def test_speck_of_small_scales_does_not_count() -> None:
    score = falling(0.42, 0.45)
    power = 1 / (FREQ**4 * FREQ[:, None] ** 4)
    speck = score.copy()
    speck[0, 8] = 0.9
    assert limits(speck, power) == limits(score, power)
    assert [len(contour_polylines(plane, FREQ, FREQ)) for plane in (score, speck)] == [1, 2]


def test_quirk_q4_hole_at_the_largest_scales_becomes_the_first_polyline() -> None:
    score = falling(0.62, 0.65)
    holed = score.copy()
    holed[0, 0] = 0.3
    official = [first_contour_minima(contour_polylines(plane, FREQ, FREQ)) for plane in (score, holed)]
    assert official[0][0] < 2
    assert official[1][0] > 5
    assert limits(holed) == limits(score)


def test_hole_inside_the_region_does_not_hide_what_lies_beyond() -> None:
    score = falling(0.9, 0.9)
    holed = score.copy()
    holed[1, 1] = 0.0
    assert limits(holed) == limits(score)
    assert len(resolved_boundary(1 - holed, np.ones((10, 10)), FREQ, FREQ)) == 4 + len(
        resolved_boundary(1 - score, np.ones((10, 10)), FREQ, FREQ)
    )


def test_diagonal_neighbours_are_not_connected() -> None:
    score = np.zeros((10, 10))
    score[0, 0], score[1, 1] = 1.0, 1.0
    power = np.ones((10, 10))
    power[0, 0] = 2.0
    assert limits(score, power) == pytest.approx((0.15, 0.15))


def test_planes_are_read_independently() -> None:
    planes = np.stack([falling(0.5, 0.7), falling(0.8, 0.4)])
    lon, time = resolved_limits(1 - planes, np.ones(planes.shape), FREQ, FREQ)
    for index, plane in enumerate(planes):
        assert (lon[index], time[index]) == limits(plane)


def test_plane_without_a_crossing_has_no_polyline() -> None:
    assert contour_polylines(np.full((10, 10), 0.9), FREQ, FREQ) == []
    assert contour_polylines(np.full((1, 10), 0.9), FREQ[:10], FREQ[:1]) == []
    assert all(math.isnan(value) for value in first_contour_minima([]))


def test_contour_is_linear_in_wavelength() -> None:
    score = np.array([[0.9, 0.1], [0.9, 0.1]])
    (line,) = contour_polylines(score, np.array([0.1, 0.2]), np.array([0.1, 0.2]))
    assert line[:, 0] == pytest.approx([7.5, 7.5])


def test_score_of_vanishing_powers_is_undefined() -> None:
    score = spectral_score(np.array([0.0, 1.0, 1.0]), np.array([0.0, 0.0, 4.0]))
    assert math.isnan(score[0])
    assert score[1:].tolist() == [-math.inf, 0.75]


@pytest.mark.parametrize("name", CASES)
def test_sorted_crossing_is_the_one_of_the_official_code(name: str, expected: dict[str, Any]) -> None:
    unit = expected["unit_crossing"]
    answer = unit["cases"][name]["lambda_x"]
    wanted = math.nan if answer == "ValueError" else float(answer)
    assert sorted_crossing(unit["cases"][name]["score"], unit["wavenumber"]) == pytest.approx(
        wanted, rel=1e-12, nan_ok=True
    )


def test_quirk_q10_late_rise_ruins_the_sorted_reading_only() -> None:
    wavenumber = np.arange(16.0) / 1000
    score = 1 - wavenumber / 0.0125
    late = score.copy()
    late[14] = 0.51
    assert sorted_crossing(score, wavenumber) == pytest.approx(160, rel=0.01)
    assert 1 / first_crossing(score[None], wavenumber)[0] == pytest.approx(160)
    assert sorted_crossing(late, wavenumber) < 85
    assert 1 / first_crossing(late[None], wavenumber)[0] == pytest.approx(160)


@pytest.mark.parametrize(
    ("score", "crossing"),
    [
        ([0.0, 0.9, 0.7, 0.3, 0.9, 0.1], 2.5),
        ([0.0, 0.9, 0.9, 0.9, 0.9, 0.9], 5.0),
        ([1.0, 0.4, 0.3, 0.2, 0.1, 0.0], math.nan),
        ([1.0, 0.4, 0.8, 0.6, 0.5, 0.4], 4.0),
        ([1.0], math.nan),
        ([1.0, 0.9], 1.0),
    ],
)
def test_first_crossing_leaves_the_mean_aside(score: list[float], crossing: float) -> None:
    found = first_crossing(np.array([score]), np.arange(float(len(score))))
    assert found[0] == pytest.approx(crossing, nan_ok=True)
