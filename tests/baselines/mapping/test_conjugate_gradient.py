"""Conjugate gradients against a direct solution, and what they say of themselves."""

import numpy as np
import pytest
from numpy.typing import NDArray

from oceanbench_baselines.mapping._conjugate_gradient import conjugate_gradient

type Floats = NDArray[np.float64]


def system(size: int = 40) -> tuple[Floats, Floats]:
    random = np.random.default_rng(0)
    root = random.standard_normal((size, size))
    return np.eye(size) + root @ root.T, random.standard_normal(size)


def test_the_solution_is_that_of_a_direct_solver() -> None:
    matrix, right = system()
    found = conjugate_gradient(lambda x: matrix @ x, right, tolerance=1e-12)
    assert found.converged
    assert found.x == pytest.approx(np.linalg.solve(matrix, right), abs=1e-9)


def test_the_cost_falls_at_every_iteration_to_that_of_the_solution() -> None:
    matrix, right = system()
    found = conjugate_gradient(lambda x: matrix @ x, right, tolerance=1e-10)
    assert (
        np.diff(found.cost) <= 1e-12 * abs(found.cost[-1])
    ).all()  # at the end it falls by less than rounding
    assert (np.diff(found.cost[:20]) < 0).all()
    assert found.cost[-1] == pytest.approx(0.5 * found.x @ matrix @ found.x - found.x @ right)


def test_the_ratio_is_that_of_the_true_residual() -> None:
    matrix, right = system()
    found = conjugate_gradient(lambda x: matrix @ x, right, tolerance=1e-4)
    true = np.linalg.norm(right - matrix @ found.x) / np.linalg.norm(right)
    assert found.ratio == pytest.approx(true, rel=1e-6)
    assert found.ratio < 1e-4


def test_the_error_is_below_the_residual_where_no_eigenvalue_is_below_1() -> None:
    matrix, right = system()
    found = conjugate_gradient(lambda x: matrix @ x, right, tolerance=1e-2)
    error = np.linalg.norm(found.x - np.linalg.solve(matrix, right))
    assert error <= found.ratio * np.linalg.norm(right)


def test_the_identity_takes_one_iteration() -> None:
    _, right = system()
    found = conjugate_gradient(lambda x: x, right)
    assert found.iterations == 1
    assert found.x == pytest.approx(right)


def test_nothing_is_iterated_for_a_right_hand_side_of_zero() -> None:
    found = conjugate_gradient(lambda x: x, np.zeros(5))
    assert (found.iterations, found.ratio, found.converged) == (0, 0.0, True)
    assert not found.x.any()


def test_it_says_when_it_stopped_early() -> None:
    matrix, right = system()
    found = conjugate_gradient(lambda x: matrix @ x, right, tolerance=1e-12, most_iterations=3)
    assert (found.iterations, found.converged) == (3, False)


def test_each_iteration_is_told() -> None:
    matrix, right = system()
    told: list[tuple[int, float]] = []
    found = conjugate_gradient(
        lambda x: matrix @ x, right, watch=lambda iteration, ratio: told.append((iteration, ratio))
    )
    assert [iteration for iteration, _ in told] == list(range(1, found.iterations + 1))
    assert told[-1][1] == found.ratio


def test_a_matrix_that_is_not_positive_definite_is_refused() -> None:
    with pytest.raises(ValueError, match="not positive definite: a search direction has the curvature -"):
        conjugate_gradient(lambda x: -x, np.ones(3))


def test_a_right_hand_side_with_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="holds 1 values that are not finite"):
        conjugate_gradient(lambda x: x, np.array([1.0, np.nan]))
