"""Wave packets against their definition, their own adjoint and closed forms."""

import numpy as np
import pytest
from numpy.typing import NDArray

from oceanbench_baselines.miost._wave_packets import Axis, Packets, directions, wavelengths

type Floats = NDArray[np.float64]


def band(
    wavelength: float = 60.0, facns: float = 1.0, facnlt: float = 2.0, variance: float = 0.01
) -> Packets:
    half, k, theta = 1.75 * wavelength, 2.0 * np.pi / wavelength, directions(3.5)
    axes = (
        Axis.covering(0.0, 300.0, half, facns),
        Axis.covering(0.0, 200.0, half, facns),
        Axis.covering(0.0, 20.0, 5.0, facnlt),
    )
    return Packets.with_variance(axes, (k * np.cos(theta), k * np.sin(theta)), variance)


def large_scale(std: float = 0.04) -> Packets:
    axes = (
        Axis.covering(0.0, 300.0, 970.0, 3.0),
        Axis.covering(0.0, 200.0, 970.0, 3.0),
        Axis.covering(0.0, 20.0, 25.0, 3.0),
    )
    return Packets.with_variance(axes, (np.zeros(1), np.zeros(1)), std**2)


def points(count: int = 60, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    random = np.random.default_rng(seed)
    days = np.repeat(random.uniform(0.0, 20.0, count // 4), 4)  # passes of four samples
    return random.uniform(0.0, 300.0, count), random.uniform(0.0, 200.0, count), days


def test_wavelengths_of_the_public_settings() -> None:
    lengths = wavelengths(80.0, 970.0, 3.5, 1.5)
    assert np.rint(lengths).tolist() == [80, 114, 163, 233, 333, 476, 680]


def test_a_wavelength_equal_to_the_longest_is_kept() -> None:
    assert wavelengths(100.0, 400.0, 1.0, 1.0).tolist() == [100.0, 200.0, 400.0]


def test_nine_directions_over_half_a_circle() -> None:
    theta = directions(3.5)
    assert theta.size == 9
    assert theta[1] == pytest.approx(np.pi / 9)
    assert theta[-1] < np.pi


@pytest.mark.parametrize("per_half_width", [2.0, 3.0])
def test_squared_windows_sum_to_a_constant_when_they_overlap_enough(per_half_width: float) -> None:
    axis = Axis.covering(0.0, 1000.0, 140.0, per_half_width)
    sums = (axis.table(np.linspace(0.0, 1000.0, 333)) ** 2).sum(axis=1)
    assert sums == pytest.approx(0.75 * per_half_width, rel=1e-12)


def test_squared_windows_one_half_width_apart_vary_by_two_about_the_same_mean() -> None:
    axis = Axis.covering(0.0, 1000.0, 140.0, 1.0)
    at = axis.centres[2] + 140.0 * np.arange(1000) / 1000
    sums = (axis.table(at) ** 2).sum(axis=1)
    assert [sums.min(), sums.max()] == pytest.approx([0.5, 1.0], abs=1e-5)
    assert np.mean(np.outer(sums, sums)) == pytest.approx(0.5625, abs=1e-4)


def test_windows_that_touch_a_point_are_those_of_the_full_table() -> None:
    axis = Axis.covering(0.0, 500.0, 70.0, 1.5)
    at = np.linspace(-30.0, 530.0, 77)
    index, value = axis.touching(at)
    table = np.zeros((at.size, axis.count))
    np.add.at(table, (np.arange(at.size)[:, None], index), value)
    assert np.allclose(table, axis.table(at), atol=1e-14)


def test_no_window_outside_the_range_is_made() -> None:
    axis = Axis.covering(0.0, 500.0, 70.0, 2.0)
    assert -70.0 < axis.centres[0] <= -35.0
    assert 535.0 <= axis.centres[-1] < 570.0


def test_an_observation_touches_288_packets_of_a_band() -> None:
    x, y, days = points()
    matrix = band().sampled(x, y, days).matrix()
    assert matrix.nnz == 60 * 4 * 4 * 18


def test_a_packet_is_windows_times_a_plane_wave() -> None:
    packets, (x, y, days) = band(), points()
    which = np.ravel_multi_index((3, 1 * packets.x.count + 1, 4), (packets.t.count, packets.places, 18))
    coefficients = np.zeros(packets.size)
    coefficients[which] = 1.0

    def window(u: Floats) -> Floats:
        return np.where(np.abs(u) < 1, np.cos(np.pi * u / 2) ** 2, 0.0)

    x0, y0, t0 = packets.x.centres[1], packets.y.centres[1], packets.t.centres[3]
    wave = np.cos(packets.kx[4] * x + packets.ky[4] * y)
    envelope = window((x - x0) / 105.0) * window((y - y0) / 105.0) * window((days - t0) / 5.0)
    expected = packets.scale[0] * envelope * wave
    assert np.abs(expected).max() > 0
    assert packets.sampled(x, y, days, np.float64).forward(coefficients) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(("dtype", "limit"), [(np.float64, 1e-12), (np.float32, 1e-5)])
@pytest.mark.parametrize("packets", [band(), band(facns=1.5), band(facns=2.0, facnlt=3.0), large_scale()])
def test_the_adjoint_is_the_transpose(packets: Packets, dtype: type, limit: float) -> None:
    sampled, random = packets.sampled(*points(), dtype), np.random.default_rng(1)
    coefficients, values = random.standard_normal(packets.size), random.standard_normal(60)
    forward, adjoint = sampled.forward(coefficients), sampled.adjoint(values)
    size = float(np.linalg.norm(forward) * np.linalg.norm(values))
    assert abs(float(forward @ values) - float(coefficients @ adjoint)) < limit * size


def test_the_factorised_operator_equals_the_sparse_matrix() -> None:
    for packets in (band(), large_scale()):
        sampled, random = packets.sampled(*points(), np.float64), np.random.default_rng(2)
        coefficients, values = random.standard_normal(packets.size), random.standard_normal(60)
        matrix = sampled.matrix()
        assert sampled.forward(coefficients) == pytest.approx(matrix @ coefficients, abs=1e-12)
        assert sampled.adjoint(values) == pytest.approx(matrix.T @ values, abs=1e-12)


def test_the_prior_variance_is_the_one_asked_for_at_every_point_when_packets_overlap_enough() -> None:
    packets, (x, y, days) = band(facns=2.0, variance=0.03), points()
    squares = packets.sampled(x, y, days, np.float64).matrix().power(2).sum(axis=1)
    assert squares == pytest.approx(0.03, rel=1e-10)
    assert packets.variance(x, y, days) == pytest.approx(squares, rel=1e-10)


def test_the_prior_variance_is_right_on_average_and_within_four_ninths_otherwise() -> None:
    packets = band(facns=1.0, variance=0.03)
    x, y = np.meshgrid(
        np.linspace(0.0, 105.0, 40, endpoint=False), np.linspace(0.0, 105.0, 40, endpoint=False)
    )
    variance = packets.variance(x.ravel(), y.ravel(), np.full(x.size, 7.0)) / 0.03
    assert variance.mean() == pytest.approx(1.0, rel=1e-3)
    assert [variance.min(), variance.max()] == pytest.approx([0.444, 1.778], abs=0.01)


def test_the_large_scale_has_its_standard_deviation() -> None:
    assert large_scale(0.04).variance(*points()) == pytest.approx(0.04**2, rel=1e-10)


def test_the_variance_may_differ_between_places() -> None:
    packets = band()
    local = np.linspace(0.1, 3.0, packets.places)
    scaled = Packets.with_variance((packets.x, packets.y, packets.t), (packets.kx, packets.ky), 0.01 * local)
    assert scaled.scale**2 == pytest.approx(packets.scale**2 * local)


@pytest.mark.parametrize("packets", [band(), large_scale()])
def test_maps_equal_the_values_at_points(packets: Packets) -> None:
    x, y, days = points(16)
    coefficients = np.random.default_rng(3).standard_normal(packets.size)
    maps = packets.maps(coefficients, x, y, days)
    each = np.arange(16)
    values = packets.sampled(x, y, days, np.float64).forward(coefficients)
    assert maps[each, each, each] == pytest.approx(values, abs=1e-12)


@pytest.mark.parametrize("packets", [band(), large_scale()])
def test_analytic_derivatives_equal_finite_differences(packets: Packets) -> None:
    x, y, days = points(8)
    coefficients, step = np.random.default_rng(4).standard_normal(packets.size), 1e-3
    east = packets.maps(coefficients, x + step, y, days) - packets.maps(coefficients, x - step, y, days)
    north = packets.maps(coefficients, x, y + step, days) - packets.maps(coefficients, x, y - step, days)
    found = [packets.maps(coefficients, x, y, days, axis) for axis in ("x", "y")]
    assert found[0] == pytest.approx(east / (2 * step), abs=1e-8)
    assert found[1] == pytest.approx(north / (2 * step), abs=1e-8)


def test_there_may_be_no_point() -> None:
    none = np.empty(0)
    sampled = band().sampled(none, none, none)
    assert sampled.forward(np.ones(sampled.size)).size == 0
    assert not sampled.adjoint(none).any()
