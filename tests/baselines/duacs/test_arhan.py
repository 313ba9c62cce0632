"""The covariance of Arhan & Colin de Verdière against its published properties and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from oceanbench_baselines.duacs._arhan import (
    PER_ZERO,
    Arhan,
    Places,
    Sum,
    arhan_correlation,
    arhan_slope,
    arhan_slope_over_distance,
)

Floats = NDArray[np.float64]


def cloud(size: int, seed: int = 0, *, km: float = 600.0, days: float = 20.0) -> Places:
    draw = np.random.default_rng(seed)
    return Places(draw.uniform(-km, km, size), draw.uniform(-km, km, size), draw.uniform(-days, days, size))


def test_the_correlation_has_its_closed_form() -> None:
    expected = [1.0, 2.0 / np.e, 7.0 / 3.0 * np.exp(-2.0), -0.0718714]
    assert arhan_correlation(np.array([0.0, 1.0, 2.0, 5.0])) == pytest.approx(expected, abs=1e-7)


def test_the_correlation_crosses_zero_where_it_is_said_to() -> None:
    from scipy.optimize import brentq

    zero = brentq(lambda a: float(arhan_correlation(np.array(a))), 3.0, 4.0)
    assert zero == pytest.approx(3.336912, abs=1e-6)
    assert zero / PER_ZERO == pytest.approx(0.9991, abs=1e-4)


def test_the_negative_lobe_is_deepest_at_2_plus_2_root_2() -> None:
    deepest = 2.0 + 2.0 * np.sqrt(2.0)
    assert arhan_slope(np.array(deepest)) == pytest.approx(0.0, abs=1e-15)
    assert arhan_correlation(np.array(deepest)) == pytest.approx(-0.0723708, abs=1e-7)
    assert deepest / PER_ZERO == pytest.approx(1.446, abs=1e-3)


@given(st.floats(0.01, 20.0))
def test_the_slope_is_the_derivative(a: float) -> None:
    difference = np.diff(arhan_correlation(np.array([a - 1e-5, a + 1e-5])))[0] / 2e-5
    assert arhan_slope(np.array(a)) == pytest.approx(difference, abs=1e-9)


def test_the_curvature_at_the_origin_is_minus_two_thirds() -> None:
    assert arhan_slope_over_distance(np.array(0.0)) == pytest.approx(-2.0 / 3.0)


@pytest.mark.parametrize(("k", "expected"), [(0.5, 10.0707744), (1.5, 1.2300572), (3.0, 0.0312939)])
def test_the_spectrum_in_the_plane_is_the_published_one(k: float, expected: float) -> None:
    from scipy.integrate import quad
    from scipy.special import j0

    integrand = lambda a: 2.0 * np.pi * a * float(arhan_correlation(np.array(a))) * j0(k * a)  # noqa: E731
    assert quad(integrand, 0.0, 60.0, limit=400)[0] == pytest.approx(expected, abs=1e-6)
    assert 35.0 * np.pi * k**2 / (1.0 + k**2) ** 4.5 == pytest.approx(expected, abs=1e-6)


@given(st.integers(0, 1000), st.floats(0.5, 2.0), st.floats(-10.0, 10.0))
def test_matrices_of_a_plane_and_time_are_positive_semidefinite(seed: int, ratio: float, cx: float) -> None:
    prior = Arhan(1.0, 200.0 * ratio, 200.0 / ratio, 8.0, cx, -cx / 2)
    points = cloud(80, seed)
    assert np.linalg.eigvalsh(prior.covariance(points, points)).min() >= -1e-10


def test_time_inside_the_radius_would_not_be_a_covariance() -> None:
    draw = np.random.default_rng(1)
    places = draw.uniform(-1.0, 1.0, (600, 3))
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    assert np.linalg.eigvalsh(arhan_correlation(PER_ZERO * 2.0 * apart)).min() < -0.1
    points = Places(300.0 * places[:, 0], 300.0 * places[:, 1], 10.0 * places[:, 2])
    ours = Arhan(1.0, 150.0, 150.0, 5.0).covariance(points, points)
    assert np.linalg.eigvalsh(ours).min() >= -1e-10


def test_the_lower_triangle_is_that_of_the_full_matrix() -> None:
    prior = Sum((Arhan(0.7, 150.0, 120.0, 9.0, 2.0), Arhan(0.3, 500.0, 500.0, 30.0)))
    points = cloud(150)
    np.testing.assert_allclose(
        np.tril(prior.lower(points)), np.tril(prior.covariance(points, points)), atol=1e-13
    )


@pytest.mark.parametrize("cx", [0.0, 3.0])
def test_maps_are_the_covariance_times_the_weights(cx: float) -> None:
    prior, grid, data = (
        Sum((Arhan(0.04, 150.0, 120.0, 9.0, cx, 1.0 if cx else 0.0),)),
        cloud(70),
        cloud(90, 2),
    )
    weights, days = np.random.default_rng(3).normal(size=90), np.array([-2.0, 0.5, 4.0])
    expected = [prior.covariance(grid.at(day), data) @ weights for day in days]
    np.testing.assert_allclose(prior.maps(grid, days, data, weights), expected, atol=1e-13)


@pytest.mark.parametrize("cx", [0.0, 3.0])
def test_gradients_are_the_derivatives_of_the_maps(cx: float) -> None:
    prior, grid, data = Arhan(0.04, 150.0, 120.0, 9.0, cx, -cx), cloud(40), cloud(60, 2)
    weights, days = np.random.default_rng(3).normal(size=60), np.array([-2.0, 4.0])

    def moved(x: float, y: float) -> Floats:
        return prior.maps(grid._replace(x=grid.x + x, y=grid.y + y), days, data, weights)

    east, north = prior.gradients(grid, days, data, weights)
    np.testing.assert_allclose(east, (moved(1e-3, 0) - moved(-1e-3, 0)) / 2e-3, atol=1e-9)
    np.testing.assert_allclose(north, (moved(0, 1e-3) - moved(0, -1e-3)) / 2e-3, atol=1e-9)


def test_the_velocity_of_the_prior_has_the_variance_of_the_formula() -> None:
    # Standard deviation 0.1 m, L 150 km at 38 degrees: 0.199 m/s for each component of the current.
    points = cloud(900, 5, km=450.0, days=0.0)
    prior = Arhan(0.01, 150.0, 150.0, 10.0)
    matrix = prior.covariance(points, points) + 1e-9 * np.eye(900)
    draws = np.linalg.cholesky(matrix) @ np.random.default_rng(6).normal(size=(900, 30))
    inside = cloud(100, 7, km=250.0, days=0.0)
    slopes = []
    for draw in draws.T:
        weights = np.linalg.solve(matrix, draw)
        slopes.append(prior.gradients(inside, np.zeros(1), points, weights))
    speed = 9.81 / 8.98e-5 * np.array(slopes) / 1000.0
    assert speed.std() == pytest.approx(0.199, rel=0.06)


def test_what_travels_with_the_given_velocity_stands_still_in_its_frame() -> None:
    moving, still = Arhan(1.0, 150.0, 150.0, 1e6, cx=4.0, cy=-1.0), Arhan(1.0, 150.0, 150.0, 1e6)
    data, grid, weights = cloud(50), cloud(30, 1), np.random.default_rng(2).normal(size=50)
    shifted = data._replace(x=data.x - 4.0 * data.t, y=data.y + data.t)
    day = np.array([3.0])
    frame = grid._replace(x=grid.x - 12.0, y=grid.y + 3.0)
    np.testing.assert_allclose(
        moving.maps(grid, day, data, weights), still.maps(frame, day, shifted, weights), atol=1e-8
    )
