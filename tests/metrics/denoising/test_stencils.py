"""Derivatives by stencils: exact for polynomials, lower in order near gaps, never across them."""

import numpy as np
import pytest

from oceanbench.metrics.denoising import differentiate

LINES = 21
X = np.linspace(-1.0, 1.0, LINES)
STEP = X[1] - X[0]


def column(degree: int) -> np.ndarray:
    return (X**degree)[:, None]


def slope(degree: int) -> np.ndarray:
    return degree * X ** max(degree - 1, 0)


def derivative(values: np.ndarray) -> np.ndarray:
    return differentiate(values, np.full(values.shape, STEP), 0)[:, 0]


@pytest.mark.parametrize("degree", range(9))
def test_nine_pixels_are_exact_up_to_degree_eight(degree: int) -> None:
    np.testing.assert_allclose(derivative(column(degree))[4:-4], slope(degree)[4:-4], atol=1e-13)


def test_degree_nine_is_beyond_nine_pixels() -> None:
    assert np.abs(derivative(column(9)) - slope(9))[4:-4].min() > 1e-8


@pytest.mark.parametrize(("distance", "degree"), [(1, 2), (2, 4), (3, 6), (4, 8)])
def test_order_falls_towards_a_gap(distance: int, degree: int) -> None:
    gap = 10
    values = {power: column(power) for power in (degree, degree + 1)}
    for field in values.values():
        field[gap] = np.nan
    line = gap - 1 - distance  # this many pixels on its side before the gap
    assert derivative(values[degree])[line] == pytest.approx(slope(degree)[line], abs=1e-12)
    assert abs(derivative(values[degree + 1])[line] - slope(degree + 1)[line]) > 1e-9


def test_pixels_beside_a_gap_take_the_difference_to_their_only_neighbour() -> None:
    values = column(2)
    values[10] = np.nan
    found = derivative(values)
    assert found[9] == pytest.approx((values[9, 0] - values[8, 0]) / STEP)
    assert found[11] == pytest.approx((values[12, 0] - values[11, 0]) / STEP)
    assert found[0] == pytest.approx((values[1, 0] - values[0, 0]) / STEP)
    assert found[-1] == pytest.approx((values[-1, 0] - values[-2, 0]) / STEP)


def test_missing_and_lonely_pixels_have_no_derivative() -> None:
    values = column(1)
    values[[8, 9, 11, 12]] = np.nan
    found = derivative(values)
    assert np.isnan(found[8:13]).all()
    np.testing.assert_allclose(np.delete(found, range(8, 13)), 1.0)


def test_both_axes_are_treated_alike() -> None:
    values = np.random.default_rng(1).standard_normal((12, 9))
    values[5, 4] = np.nan
    steps = np.random.default_rng(2).uniform(1.0, 2.0, values.shape)
    np.testing.assert_array_equal(differentiate(values, steps, 1), differentiate(values.T, steps.T, 0).T)


def test_columns_without_any_value_leave_the_others_alone() -> None:
    values = np.hstack([column(3), np.full((LINES, 1), np.nan), column(3)])
    found = differentiate(values, np.full(values.shape, STEP), 0)
    assert np.isnan(found[:, 1]).all()
    np.testing.assert_array_equal(found[:, 0], derivative(column(3)))
