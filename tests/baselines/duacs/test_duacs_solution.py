"""The solution of one tile against closed forms, other solvers and its own statistics."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from oceanbench_baselines.duacs._arhan import PER_ZERO, Arhan, Places, Sum, arhan_correlation
from oceanbench_baselines.duacs._pass_errors import PassErrors, pass_coefficients, solve_with_pass_errors
from oceanbench_baselines.duacs._tile_solution import Solution, solve

Floats = NDArray[np.float64]

PRIOR = Sum((Arhan(0.01, 150.0, 150.0, 10.0),))
NOW = np.zeros(1)


def places(*rows: tuple[float, float, float]) -> Places:
    return Places(*np.array(rows, dtype=np.float64).T)


def cloud(size: int, seed: int = 0, *, km: float = 300.0, days: float = 10.0) -> Places:
    draw = np.random.default_rng(seed)
    return Places(draw.uniform(-km, km, size), draw.uniform(-km, km, size), draw.uniform(-days, days, size))


def no_pass_errors(size: int) -> PassErrors:
    return pass_errors(np.zeros(size, np.int64), 0.0)


def pass_errors(passes: NDArray[np.int64], common: float) -> PassErrors:
    zeros = np.zeros(passes.size)
    return PassErrors.of(zeros, zeros > 0, passes, common=common, tilt=0.0)


def solved(data: Places, values: Floats, variance: float, prior: Sum = PRIOR) -> Solution:
    size = values.size
    return solve(prior, data, values, np.full(size, variance), no_pass_errors(size))


def test_one_observation_spreads_as_the_correlation() -> None:
    solution = solved(places((0, 0, 0)), np.array([0.2]), 0.0004)
    grid = places((60, 80, 0))
    rho = float(arhan_correlation(np.array(PER_ZERO * 100 / 150))) * np.exp(-((3 / 10) ** 2))
    assert solution.maps(grid, np.array([3.0])) == pytest.approx(0.01 * rho / 0.0104 * 0.2)
    left = solution.error_variance(grid, np.array([3.0]))
    assert left == pytest.approx(0.01 - (0.01 * rho) ** 2 / 0.0104)


def at_correlation(wanted: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(lambda a: float(arhan_correlation(np.array(a))) - wanted, 0.0, 3.3)) * 150 / PER_ZERO


def test_two_observations_give_the_worked_example() -> None:
    # Mutual correlation 0.5, correlations with the point 0.8 and 0.6: a triangle of three distances.
    between, first, second = (at_correlation(value) for value in (0.5, 0.8, 0.6))
    x = (first**2 - second**2 + between**2) / (2 * between)
    grid = places((x, np.sqrt(first**2 - x**2), 0))
    prior = Sum((Arhan(1.0, 150.0, 150.0, 10.0),))
    solution = solved(places((0, 0, 0), (between, 0, 0)), np.array([1.0, 2.0]), 0.1, prior)
    assert solution.maps(grid, NOW) == pytest.approx(55 / 48)
    assert solution.error_variance(grid, NOW) == pytest.approx(17 / 48)


def test_many_observations_at_one_place_have_the_gain_of_their_mean() -> None:
    solution = solved(places(*[(10, 10, 0)] * 25), np.full(25, 0.1), 0.0025)
    assert solution.maps(places((10, 10, 0)), NOW) == pytest.approx(0.1 * 0.01 / (0.01 + 0.0025 / 25))


def test_exact_observations_are_passed_through() -> None:
    data = cloud(60, km=600.0)
    values = np.random.default_rng(1).normal(size=60)
    solution = solved(data, values, 0.0)
    for index in range(0, 60, 7):
        here = data.part([index])
        assert solution.maps(here, here.t) == pytest.approx(values[index], abs=1e-8)
        assert solution.error_variance(here, here.t) == pytest.approx(0.0, abs=1e-10)


def test_out_of_reach_the_map_is_zero_and_the_error_that_of_the_prior() -> None:
    solution = solved(places((0, 0, 0)), np.array([0.2]), 0.0004)
    assert solution.maps(places((0, 0, 0)), np.array([80.0])) == pytest.approx(0.0, abs=1e-12)
    assert solution.error_variance(places((0, 0, 0)), np.array([80.0])) == pytest.approx(0.01)


def test_a_plane_observed_everywhere_is_filtered_as_by_wiener() -> None:
    # Periodic plane of 24 x 24 nodes every 60 km; the solution on the plane with its images is the filter's.
    side, step, noise = 24, 60.0, 0.004
    axis = step * np.arange(side)
    offset = np.minimum(axis, side * step - axis)
    apart = np.hypot(offset[:, None], offset)
    row = 0.01 * arhan_correlation(PER_ZERO * apart / 150.0)
    spectrum = np.fft.fft2(row).real
    heights = np.random.default_rng(2).normal(size=(side, side))
    heights -= heights.mean()  # the prior has no mean, images that go on for ever would
    expected = np.fft.ifft2(spectrum / (spectrum + noise) * np.fft.fft2(heights)).real
    images = np.concatenate([axis - side * step, axis, axis + side * step])
    keep = np.abs(images - side * step / 2) < side * step / 2 + 500.0
    x, y = np.meshgrid(images[keep], images[keep])
    values = np.tile(heights, (3, 3))[np.ix_(keep, keep)].ravel()
    solution = solved(Places(x.ravel(), y.ravel(), np.zeros(x.size)), values, noise)
    inner = slice(8, 16)
    gx, gy = np.meshgrid(axis[inner], axis[inner])
    found = solution.maps(Places(gx.ravel(), gy.ravel(), np.zeros(gx.size)), NOW)
    np.testing.assert_allclose(found.reshape(8, 8), expected[inner, inner], atol=2e-3)


def test_order_and_origin_do_not_matter_and_the_map_is_linear() -> None:
    data, values = cloud(120), np.random.default_rng(3).normal(size=120)
    grid, days = cloud(30, 4), np.array([-1.0, 2.0])
    once = solved(data, values, 0.001)
    mixed = np.random.default_rng(5).permutation(120)
    again = solved(data.part(mixed), 3.0 * values[mixed], 0.001)
    np.testing.assert_allclose(again.maps(grid, days), 3.0 * once.maps(grid, days), atol=1e-9)
    np.testing.assert_allclose(again.error_variance(grid, days), once.error_variance(grid, days), atol=1e-12)
    away = solved(Places(data.x + 900.0, data.y - 70.0, data.t + 40.0), values, 0.001)
    there = Places(grid.x + 900.0, grid.y - 70.0, grid.t)
    np.testing.assert_allclose(away.maps(there, days + 40.0), once.maps(grid, days), atol=1e-9)


def test_it_equals_the_information_form() -> None:
    # C = B Bᵀ on observations and grid together: (Gᵀ R⁻¹ G + 1)⁻¹ Gᵀ R⁻¹ y, mapped by B of the grid.
    data, grid = cloud(80), cloud(20, 6)
    both = Places(*(np.concatenate([a, b]) for a, b in zip(data, grid.at(0.0), strict=True)))
    basis = np.linalg.cholesky(PRIOR.covariance(both, both) + 1e-14 * np.eye(100))
    values, noise = np.random.default_rng(7).normal(size=80), 0.003
    information = basis[:80].T @ basis[:80] / noise + np.eye(100)
    expected = basis[80:] @ np.linalg.solve(information, basis[:80].T @ values / noise)
    np.testing.assert_allclose(solved(data, values, noise).maps(grid, NOW)[0], expected, rtol=1e-7, atol=1e-9)


def test_errors_of_prior_draws_have_the_formal_variance() -> None:
    data, grid, noise, draws = cloud(70), cloud(40, 8).at(0.0), 0.0004, 300
    both = Places(*(np.concatenate([a, b]) for a, b in zip(data, grid, strict=True)))
    root = np.linalg.cholesky(PRIOR.covariance(both, both) + 1e-12 * np.eye(110))
    random = np.random.default_rng(9)
    truth = root @ random.normal(size=(110, draws))
    observed = truth[:70] + np.sqrt(noise) * random.normal(size=(70, draws))
    maps = np.column_stack([solved(data, each, noise).maps(grid, NOW)[0] for each in observed.T])
    expected = solved(data, observed[:, 0], noise).error_variance(grid, NOW)[0]
    ratio = ((maps - truth[70:]) ** 2).mean(axis=1) / expected
    assert ratio.mean() == pytest.approx(1.0, abs=0.1)
    chi2 = [each @ solved(data, each, noise).weights / 70 for each in observed.T]
    assert np.mean(chi2) == pytest.approx(1.0, abs=0.05)


def test_it_equals_gaussian_process_regression() -> None:
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import Kernel, StationaryKernelMixin

    class Covariance(StationaryKernelMixin, Kernel):  # type: ignore[misc]
        """Points are (x, y, t) in units of L / 3.34 and T; written anew, pair by pair."""

        def __init__(self) -> None:
            """Take no parameters: asked for by the way kernels are copied."""

        def __call__(self, X: Floats, Y: Floats | None = None, eval_gradient: bool = False) -> Floats:
            assert not eval_gradient
            return np.array([[self.of(a, b) for b in (X if Y is None else Y)] for a in X])

        def diag(self, X: Floats) -> Floats:
            return np.full(len(X), 0.01)

        @staticmethod
        def of(first: Floats, second: Floats) -> float:
            a = float(np.linalg.norm(first[:2] - second[:2]))
            rho = (1 + a + a * a / 6 - a**3 / 6) * np.exp(-a)
            return float(0.01 * rho * np.exp(-((first[2] - second[2]) ** 2)))

    def scaled(points: Places) -> Floats:
        return np.column_stack([points.x * PER_ZERO / 150, points.y * PER_ZERO / 150, points.t / 10])

    data, grid = cloud(40), cloud(15, 10).at(2.5)
    values = np.random.default_rng(11).normal(scale=0.1, size=40)
    variance = np.random.default_rng(12).uniform(1e-4, 9e-4, 40)
    theirs = GaussianProcessRegressor(Covariance(), alpha=variance, optimizer=None).fit(scaled(data), values)
    mean, deviation = theirs.predict(scaled(grid), return_std=True)
    ours = solve(PRIOR, data, values, variance, no_pass_errors(40))
    np.testing.assert_allclose(ours.maps(grid, np.array([2.5]))[0], mean, atol=1e-10)
    np.testing.assert_allclose(ours.error_variance(grid, np.array([2.5]))[0], deviation**2, atol=1e-10)


def test_coincident_exact_observations_are_refused_with_the_cure() -> None:
    with pytest.raises(ValueError, match=r"3 observations .* not positive definite.*raise representativity"):
        solved(places((0, 0, 0), (0, 0, 0), (9, 9, 0)), np.array([1.0, 2.0, 3.0]), 0.0)


# --- errors that passes share


def without_passes(data: Places, variance: Floats) -> Callable[[Floats], Floats]:
    matrix = PRIOR.covariance(data, data) + np.diag(variance)
    return lambda columns: np.asarray(np.linalg.solve(matrix, columns))


def test_dense_woodbury_and_augmented_solutions_agree() -> None:
    data, values, variance = cloud(90), np.random.default_rng(0).normal(size=90), np.full(90, 4e-4)
    passes = np.random.default_rng(1).integers(0, 7, 90)
    across = np.random.default_rng(2).choice([-45.0, -15.0, 25.0, 55.0], 90)
    errors = PassErrors.of(across, passes > 3, passes, common=0.03, tilt=0.05)
    dense = solve(PRIOR, data, values, variance, errors).weights
    columns, variances = errors.columns()
    inner = without_passes(data, variance)
    np.testing.assert_allclose(solve_with_pass_errors(inner, columns, variances, values), dense, rtol=1e-8)
    coefficients = pass_coefficients(inner, columns, variances, values)
    corrected = inner((values - columns @ coefficients)[:, None])[:, 0]
    np.testing.assert_allclose(corrected, dense, rtol=1e-8)


def test_the_shapes_are_those_of_a_nadir_track_and_of_a_swath() -> None:
    across = np.array([0.0, -60.0, -30.0, 30.0, 60.0])
    swath = np.array([False, True, True, True, True])
    errors = PassErrors.of(across, swath, np.array([0, 1, 1, 1, 1]), common=0.1, tilt=0.2)
    matrix = np.zeros((5, 5))
    errors.add_to(matrix)
    # Opposite halves share only what grows as the square.
    assert matrix[0].tolist() == pytest.approx([0.01, 0, 0, 0, 0])
    assert matrix[1, 2] == pytest.approx(0.01 + 0.04 * 0.5 + 0.01 * 0.25)
    assert matrix[1, 4] == pytest.approx(0.01)
    assert matrix[4, 4] == pytest.approx(0.01 + 0.04 + 0.01)


def test_ten_samples_of_one_pass_have_the_gain_with_its_error() -> None:
    errors = pass_errors(np.zeros(10, np.int64), 0.03)
    solution = solve(PRIOR, places(*[(0, 0, 0)] * 10), np.ones(10), np.full(10, 0.02**2), errors)
    assert solution.maps(places((0, 0, 0)), NOW) == pytest.approx(0.9140768, abs=1e-7)


def crossing() -> tuple[Places, Floats, NDArray[np.int64]]:
    along = np.linspace(-500.0, 500.0, 60)
    x, y = np.concatenate([along, along]), np.concatenate([along, -along])
    return Places(x, y, np.zeros(120)), np.repeat([0.05, -0.05], 60), np.repeat([0, 1], 60)


def test_offsets_of_crossing_passes_are_taken_for_their_errors() -> None:
    data, values, passes = crossing()
    prior = Sum((Arhan(1e-4, 150.0, 150.0, 10.0),))
    with_errors = solve(prior, data, values, np.full(120, 4e-4), pass_errors(passes, 0.05))
    assert np.abs(with_errors.maps(data, NOW)).max() < 5e-4
    without = solve(prior, data, values, np.full(120, 4e-4), pass_errors(passes, 0.0))
    assert np.abs(without.maps(data, NOW)).max() > 5e-3
    columns, variances = pass_errors(passes, 0.05).columns()
    matrix = prior.covariance(data, data) + 4e-4 * np.eye(120)
    inner = lambda values: np.asarray(np.linalg.solve(matrix, values))  # noqa: E731
    offsets = pass_coefficients(inner, columns, variances, values)
    assert offsets == pytest.approx([0.0496, -0.0496], abs=2e-4)
