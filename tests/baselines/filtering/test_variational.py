"""The variational filter against closed forms, algebra and awkward passes."""

import math

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from oceanbench_baselines.filtering._pass_filter import Heights
from oceanbench_baselines.filtering.variational import Variational
from oceanbench_baselines.filtering.variational._differences import band_matrix, random_forcing, stencils
from oceanbench_baselines.filtering.variational._problem import REFERENCE_STD, Problem
from oceanbench_baselines.filtering.variational._risk import estimated_risk
from oceanbench_baselines.filtering.variational._stretches import parts

type Floats = NDArray[np.float64]

ACROSS_KM = np.arange(-70.0, 71.0, 2.0)
BEAM = (np.abs(ACROSS_KM) >= 10) & (np.abs(ACROSS_KM) <= 60)


def fixed(order: int, weight: float, *, noise: float | None = REFERENCE_STD) -> Variational:
    lambdas = {f"lambda_{one}": weight if one == order else 0.0 for one in (1, 2, 3)}
    return Variational(smoothness="fixed", noise=noise, **lambdas)


def swath(ssh: Floats) -> xr.Dataset:
    dims = ("num_lines", "num_pixels")
    across = ACROSS_KM if ssh.shape[1] == 71 else 2.0 * np.arange(ssh.shape[1])
    coords = {
        "lat": (dims, np.full(ssh.shape, 40.0)),
        "lon": (dims, np.zeros(ssh.shape)),
        "cross_track_km": ("num_pixels", across),
    }
    return xr.Dataset({"ssh": (dims, ssh)}, coords=coords)


def filtered(method: Variational, ssh: Floats) -> Floats:
    return np.asarray(method(swath(ssh))["ssh"].values)


def noise(shape: tuple[int, ...], seed: int = 0) -> Floats:
    return REFERENCE_STD * np.random.default_rng(seed).standard_normal(shape)


def two_beams(ssh: Floats) -> Floats:
    return np.where(BEAM, ssh, np.nan)


def polynomial(degree: int, lines: int = 90) -> Floats:
    along, across = np.meshgrid(np.linspace(-1, 1, lines), ACROSS_KM / 70, indexing="ij")
    terms = [along**a * across**b / (1 + a + 2 * b) for a in range(degree + 1) for b in range(degree + 1 - a)]
    return np.asarray(0.3 * sum(terms))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_differences_of_an_order_leave_polynomials_of_lower_degree(order: int) -> None:
    field = two_beams(polynomial(order - 1))
    holes = np.random.default_rng(1).random(field.shape) < 0.3
    field[holes] = np.nan
    field[40:46] = np.nan
    assert filtered(fixed(order, 300.0), field) == pytest.approx(field, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize(("order", "degree"), [(1, 0), (2, 1), (3, 2)])
def test_an_enormous_weight_gives_the_polynomial_of_least_squares(order: int, degree: int) -> None:
    along, across = np.meshgrid(np.linspace(-1, 1, 12), np.linspace(-1, 1, 13), indexing="ij")
    basis = np.stack(
        [along**a * across**b for a in range(degree + 1) for b in range(degree + 1 - a)], axis=-1
    )
    heights = basis.sum(axis=-1) / 10 + noise((12, 13))
    weights = np.random.default_rng(2).uniform(0.2, 2.0, (12, 13)) * (across != 0)
    seen = weights > 0
    root = np.sqrt(weights[seen])
    fit = np.linalg.lstsq(root[:, None] * basis[seen], root * heights[seen])[0]
    found = Problem(heights, weights).solution({order: np.full((12, 13), 1e7)}).filtered
    assert found[seen] == pytest.approx(basis[seen] @ fit, abs=1e-4)


@pytest.mark.parametrize(("order", "weight"), [(1, 5.0), (2, 10.0), (3, 100.0)])
def test_a_plane_wave_keeps_the_share_of_the_closed_form(order: int, weight: float) -> None:
    cycles = 1 / 12.0
    wave = np.tile(np.sin(2 * np.pi * cycles * np.arange(200))[:, None], (1, 11))
    gain = 1 / (1 + weight * (2 - 2 * math.cos(2 * np.pi * cycles)) ** order)
    found = Problem(wave, np.ones(wave.shape)).solution({order: np.full(wave.shape, weight)}).filtered
    assert found[80:120] == pytest.approx(gain * wave[80:120], abs=1e-6)


def test_the_banded_solution_is_the_dense_one() -> None:
    generator = np.random.default_rng(3)
    shape = (20, 15)
    weights = generator.uniform(0, 2, shape) * (generator.random(shape) < 0.7)
    penalties = {order: generator.uniform(0.5, 20, shape) for order in (1, 2, 3)}
    matrix = np.diag(weights.ravel())
    for order, penalty in penalties.items():
        for j in range(order + 1):
            along = np.diff(np.eye(20), order - j, axis=0)
            across = np.diff(np.eye(15), j, axis=0)
            mean = np.kron(np.abs(along) > 0, np.abs(across) > 0) / ((order - j + 1) * (j + 1))
            difference = np.kron(along, across)
            matrix += math.comb(order, j) * difference.T @ np.diag(mean @ penalty.ravel()) @ difference
    heights = generator.standard_normal(shape)
    dense = np.linalg.solve(matrix, (weights * heights).ravel()).reshape(shape)
    assert Problem(heights, weights).solution(penalties).filtered == pytest.approx(dense, abs=1e-6)


def test_drawn_forcings_have_the_matrix_as_covariance() -> None:
    generator = np.random.default_rng(4)
    diagonal = np.array([[1.0, 0.0, 2.0], [0.5, 3.0, 0.0], [1.0, 1.0, 1.0]])
    penalties = {2: np.full((3, 3), 0.7)}
    draws = np.array([random_forcing(diagonal, penalties, generator).ravel() for _ in range(5000)])
    band = band_matrix(diagonal, penalties)
    covariance = draws.T @ draws / len(draws)
    for offset, values in enumerate(band):
        expected = values[: 9 - offset]
        assert np.diag(covariance, -offset) == pytest.approx(expected, abs=0.08 * band[0].max())


def test_the_coefficients_of_every_difference_add_up_to_nothing() -> None:
    for order in (1, 2, 3):
        assert [float(one.coefficients.sum()) for one in stencils(order)] == [0.0] * (order + 1)
        assert sum(one.share for one in stencils(order)) == 2**order


def test_at_fixed_weights_the_filter_is_linear() -> None:
    method = fixed(3, 100.0)
    first, second = (two_beams(noise((60, 71), seed)) for seed in (1, 2))
    together = filtered(method, 2 * first - 3 * second)
    apart = 2 * filtered(method, first) - 3 * filtered(method, second)
    assert together == pytest.approx(apart, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_turned_pass_is_filtered_to_the_turned_result(axis: int) -> None:
    method = fixed(3, 100.0, noise=None)
    field = two_beams(polynomial(3, 60) + noise((60, 71)))
    field[20:25, 8:20] = np.nan
    turned = filtered(method, np.flip(field, axis))
    assert np.flip(turned, axis) == pytest.approx(filtered(method, field), abs=1e-8, nan_ok=True)


def gaussian_field(shape: tuple[int, int], seed: int) -> Floats:
    """A sea of spectrum S0 k^-6, flat beyond 100 pixels, to which lambda_3 = 100 is matched."""
    large = (512, 512)
    k = 2 * np.pi * np.hypot(np.fft.fftfreq(large[0])[:, None], np.fft.fftfreq(large[1]))
    density = REFERENCE_STD**2 / 100 / np.maximum(k, 2 * np.pi / 100) ** 6
    white = np.fft.fft2(np.random.default_rng(seed).standard_normal(large))
    return np.asarray(np.fft.ifft2(white * np.sqrt(density)).real[: shape[0], : shape[1]])


def gaussian_error(weight: float) -> float:
    inner = (slice(15, -15), slice(15, -15))
    squares = []
    for seed in range(4):
        truth = gaussian_field((200, 71), seed)
        found = filtered(fixed(3, weight), truth + noise(truth.shape, seed + 50))
        squares.append(np.mean((found - truth)[inner] ** 2))
    return float(np.sqrt(np.mean(squares)))


def test_the_matched_weight_reaches_the_error_of_the_optimal_filter() -> None:
    k = 2 * np.pi * np.hypot(np.fft.fftfreq(512)[:, None], np.fft.fftfreq(512))
    signal, white = REFERENCE_STD**2 / 100 / np.maximum(k, 2 * np.pi / 100) ** 6, REFERENCE_STD**2
    optimum = np.sqrt(np.mean(signal * white / (signal + white)))
    assert optimum == pytest.approx(1.699e-3, rel=0.01)
    assert gaussian_error(100.0) == pytest.approx(optimum, rel=0.04)


def test_other_weights_than_the_matched_one_are_worse() -> None:
    best = gaussian_error(100.0)
    assert gaussian_error(10.0) > 1.15 * best
    assert gaussian_error(1000.0) > 1.15 * best


def test_the_estimated_risk_is_the_true_one_within_its_chance() -> None:
    for weight in (10.0, 100.0, 3000.0):
        penalties = {3: np.full((200, 71), weight)}
        estimates, errors = [], []
        for seed in range(3):
            truth = gaussian_field((200, 71), seed)
            problem = Problem(truth + noise(truth.shape, seed + 80), np.ones(truth.shape))
            solution = problem.solution(penalties)
            estimates.append(estimated_risk(solution, seed=seed))
            errors.append(np.mean((solution.filtered - truth) ** 2))
        chance = REFERENCE_STD**2 * np.sqrt(2 / (3 * 200 * 71))  # of the mean of squares of the noise
        assert np.mean(estimates) == pytest.approx(np.mean(errors), abs=4 * chance)


@pytest.mark.parametrize("smoothness", ["local", "sure"])
def test_the_heights_alone_find_a_smoothness_nearly_as_good_as_the_matched_one(smoothness: str) -> None:
    truth = gaussian_field((200, 71), 5)
    noisy = truth + noise(truth.shape, 6)
    blind = Variational(smoothness=smoothness, lambda_3=1000.0, noise=REFERENCE_STD)  # type: ignore[arg-type]
    error, best = (np.std(filtered(one, noisy) - truth) for one in (blind, fixed(3, 100.0)))
    assert error < 1.06 * best


def test_a_rough_and_a_calm_sea_side_by_side_want_weights_of_their_own() -> None:
    truth = np.concatenate([gaussian_field((120, 71), 7), 0.03 * gaussian_field((120, 71), 8)])
    noisy = truth + noise(truth.shape, 9)
    local, even = (
        np.std(filtered(one, noisy) - truth) for one in (Variational(), Variational(smoothness="sure"))
    )
    assert local < 0.97 * even


def test_a_long_pass_in_parts_is_the_pass_in_one() -> None:
    truth = gaussian_field((500, 21), 1).repeat(3, axis=0)
    noisy = truth + noise(truth.shape, 3)
    whole = Problem(np.pad(noisy, 5), np.pad(np.ones(noisy.shape), 5))
    expected = whole.solution({3: np.full((1510, 31), 100.0)}).filtered[5:-5, 5:-5]
    assert filtered(fixed(3, 100.0), noisy) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("lines", [1, 1000, 1001, 1800, 1801, 4000])
def test_the_parts_of_a_pass_weigh_one_together(lines: int) -> None:
    total = np.zeros(lines + 20)
    for part in parts(np.pad(np.ones((lines, 1), dtype=bool), ((10, 10), (0, 0)))):
        assert part.lines.stop - part.lines.start <= 1001
        total[part.lines] += part.weights
    assert total[10:-10] == pytest.approx(np.ones(lines))
    assert total[:10].sum() + total[-10:].sum() == 0


def test_a_long_gap_parts_the_pass_so_that_neither_side_sees_the_other() -> None:
    field = two_beams(noise((80, 71)))
    field[35:45] = np.nan
    alone = fixed(3, 100.0)
    changed = np.where(np.arange(80)[:, None] >= 45, field + 1.0, field)
    assert filtered(alone, changed)[:35] == pytest.approx(filtered(alone, field)[:35], abs=0, nan_ok=True)


@pytest.mark.parametrize("smoothness", ["local", "sure", "fixed"])
def test_islands_empty_lines_and_lone_pixels_come_out_finite(smoothness: str) -> None:
    field = two_beams(polynomial(2, 120) + noise((120, 71)))
    field[30:60] = np.nan
    field[45, 20] = 0.1
    field[50:55] = np.nan
    field[80:90, 10:40] = np.nan
    found = filtered(Variational(smoothness=smoothness), field)  # type: ignore[arg-type]
    assert np.array_equal(np.isfinite(found), np.isfinite(field))
    assert np.nanmax(np.abs(found - field)) < 0.2


@pytest.mark.parametrize("lines", [1, 2, 5])
def test_a_pass_of_few_lines_is_filtered(lines: int) -> None:
    truth = two_beams(polynomial(2, 90)[:lines])
    noisy = truth + two_beams(noise((lines, 71)))
    found = filtered(Variational(), noisy)
    assert np.nanstd(found - truth) < np.nanstd(noisy - truth)


def test_a_pass_without_any_height_stays_empty() -> None:
    assert np.isnan(filtered(Variational(), np.full((10, 71), np.nan))).all()


def test_the_same_sea_on_finer_pixels_keeps_its_wavelength() -> None:
    gains = []
    for posting in (2.0, 1.0):
        lines = int(400 / posting)
        along = posting * np.arange(lines)
        wave = np.tile(np.sin(2 * np.pi * along / 40)[:, None], (1, 31))
        # the same noise: a mean over a larger pixel has less of it
        method = fixed(3, 100.0, noise=REFERENCE_STD * 2.0 / posting)
        across = posting * np.arange(31.0)
        found = method._filter(Heights(wave, np.zeros(wave.shape), across, posting))
        inner = slice(lines // 3, -lines // 3)
        gains.append(float(np.sum(found[inner] * wave[inner]) / np.sum(wave[inner] ** 2)))
    assert gains[0] == pytest.approx(gains[1], abs=0.01)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"lambda_3": -1.0}, "-1.0"),
        ({"lambda_3": 0.0}, "one of them positive"),
        ({"noise": 0.0}, "noise 0.0"),
        ({"neighbourhood_km": -2.0}, "neighbourhood_km -2.0"),
        ({"smoothness": "best"}, "'best'"),
    ],
)
def test_a_parameter_out_of_range_is_refused(parameters: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        filtered(Variational(**parameters), two_beams(noise((10, 71))))  # type: ignore[arg-type]
