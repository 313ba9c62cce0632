"""The 1.5-layer quasi-geostrophic ocean in a region, against closed forms of its equations."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy
qg = pytest.importorskip("oceanbench.physics.open_qg")

DAY = 86400.0
F0, BETA, GRAVITY = 8.98e-5, 1.80e-11, 9.81


@pytest.fixture(autouse=True)
def _double() -> Iterator[None]:
    """Compute in double precision, so that closed forms are met to their own accuracy."""
    with jax.enable_x64(True):
        yield


def _axes(model) -> tuple[np.ndarray, np.ndarray]:
    y = model.spacing * (np.arange(model.rows) - (model.rows - 1) / 2)
    x = model.spacing * (np.arange(model.columns) - (model.columns - 1) / 2)
    return x[None, :], y[:, None]


def _eddies(model, seed: int = 0, amplitude: float = 0.1) -> np.ndarray:
    """Some smooth waves of 300 km and more."""
    x, y = _axes(model)
    random = np.random.default_rng(seed)
    field = np.zeros((model.rows, model.columns))
    for east, north, phase in random.uniform(-2 * np.pi / 3e5, 2 * np.pi / 3e5, (8, 3)):
        field += np.cos(east * x + north * y + 1e6 * phase)
    return amplitude * field / field.std()


def _vortex(model, amplitude: float, radius: float) -> np.ndarray:
    x, y = _axes(model)
    return amplitude * np.exp(-(x**2 + y**2) / radius**2)


def _still(field: np.ndarray, times: int) -> np.ndarray:
    return np.broadcast_to(field, (times, *field.shape))


def _speed(model, wavelength: float, flow: float, days: int = 10) -> float:
    """Speed of a wave on a uniform flow, m/s, from its phase in the middle of the region."""
    x, y = _axes(model)
    k, radius = 2 * np.pi / wavelength, model.deformation_radius
    exact = flow - (model.beta + flow / radius**2) / (k**2 + radius**-2)

    def wave(t: float) -> np.ndarray:
        return -model.f0 * flow / model.gravity * y + 0.01 * np.cos(k * (x - exact * t))

    boundary = np.stack([wave(t) for t in np.arange(days + 1) * DAY])
    end = np.asarray(qg.heights(model, boundary[0], boundary, seconds=DAY))[-1]
    middle = slice(model.columns // 2 - model.columns // 5, model.columns // 2 + model.columns // 5)
    values = (end + model.f0 * flow / model.gravity * y)[model.rows // 2, middle]
    place = x[0, middle]
    cosine, sine = np.linalg.lstsq(
        np.column_stack([np.cos(k * place), np.sin(k * place)]), values, rcond=None
    )[0]
    moved = np.angle(np.exp(1j * (np.arctan2(sine, cosine) - k * exact * days * DAY))) / k
    return exact + moved / (days * DAY)


def _channel(wavelength: float):
    """Four wavelengths from west to east, thirty points each."""
    return qg.OpenQG(41, 121, spacing=wavelength / 30, wave_speed=30.1e3 * F0, band=0.0)


@pytest.mark.parametrize(
    ("wavelength", "published"), [(100e3, -0.00356), (200e3, -0.00860), (400e3, -0.01330)]
)
def test_rossby_wave_travels_at_the_speed_of_its_dispersion_relation(wavelength, published):
    assert _speed(_channel(wavelength), wavelength, flow=0.0) == pytest.approx(published, rel=0.02)


@pytest.mark.parametrize(("wavelength", "published"), [(100e3, 0.1527), (300e3, 0.0451)])
def test_wave_on_a_uniform_flow_feels_the_gradient_that_the_flow_has_itself(wavelength, published):
    assert _speed(_channel(wavelength), wavelength, flow=0.20) == pytest.approx(published, abs=0.01 * 0.20)


def test_round_vortex_without_beta_stands_still_and_keeps_its_speed():
    model = qg.OpenQG(41, 41, spacing=15e3, beta=0.0, time_step=1800.0)
    start = _vortex(model, 0.2, 130e3)
    path = qg.heights(model, start, _still(np.zeros_like(start), 11), seconds=DAY)
    slopes = np.diff(np.asarray(path)[:, 20, 20:30], axis=1)
    assert np.abs(slopes[-1]).max() == pytest.approx(np.abs(slopes[0]).max(), rel=0.01)
    assert np.asarray(path)[-1] == pytest.approx(start, abs=0.002)


def test_five_days_forward_and_back_return_to_the_start():
    model = qg.OpenQG(57, 71, spacing=15e3, time_step=1800.0)
    x, y = _axes(model)
    calm = np.exp(-((np.hypot(x, y) / 300e3) ** 4))  # away from the rim, where both ways are drawn to it
    start = _eddies(model, amplitude=0.08) * calm
    rim = _still(np.zeros_like(start), 6)
    there = np.asarray(qg.heights(model, start, rim, seconds=DAY))[-1]
    back = np.asarray(qg.heights(model, there, rim, -1.0, seconds=DAY))[-1]
    assert np.std(there - start) > 0.08 * np.std(start)
    assert np.std(back - start) < 0.02 * np.std(start)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_potential_vorticity_only_loses_variance_both_ways_in_time(sign):
    model = qg.OpenQG(41, 41, spacing=15e3, beta=0.0, band=0.0, time_step=1800.0)
    x, y = _axes(model)
    start = _eddies(model, amplitude=0.3) * np.exp(-((np.hypot(x, y) / 150e3) ** 4))
    path = qg.heights(model, start, _still(np.zeros_like(start), 9), sign, seconds=DAY)
    variance = [float((qg.potential_vorticity(model, h) ** 2).sum()) for h in path]
    assert all(np.diff(variance) < 0)
    assert variance[-1] < 0.99 * variance[0]


def test_height_and_potential_vorticity_are_each_other_s_inverse():
    model = qg.OpenQG(20, 30, spacing=20e3)
    height, rim = _eddies(model, 1), _eddies(model, 2)
    height[[0, -1]], height[:, [0, -1]] = rim[[0, -1]], rim[:, [0, -1]]
    anomaly = qg.potential_vorticity(model, height) - qg.potential_vorticity(model, rim)
    assert np.asarray(qg.height_of(model, anomaly[1:-1, 1:-1], rim)) == pytest.approx(height, abs=1e-12)


def test_southern_ocean_is_the_mirror_image_of_the_northern():
    north = qg.OpenQG(20, 30, spacing=20e3)
    south = qg.OpenQG(20, 30, spacing=20e3, f0=-F0)
    start = _eddies(north)
    mirrored = np.asarray(qg.heights(south, start[::-1], _still(start[::-1], 5), seconds=DAY))[:, ::-1]
    assert mirrored == pytest.approx(np.asarray(qg.heights(north, start, _still(start, 5), seconds=DAY)))


def test_one_long_interval_equals_several_short_ones():
    model = qg.OpenQG(20, 24, spacing=20e3)
    start = _eddies(model)
    short = np.asarray(qg.heights(model, start, _still(start, 5), seconds=DAY / 4))
    long = np.asarray(qg.heights(model, start, _still(start, 2), seconds=DAY))
    assert short[-1] == pytest.approx(long[-1], abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_adjoint_is_the_transpose_of_the_tangent(sign):
    model = qg.OpenQG(16, 20, spacing=20e3)
    random = np.random.default_rng(3)
    start, change = _eddies(model, 4), random.normal(size=(16, 20))
    weights = random.normal(size=(9, 16, 20))
    boundary = _still(start, 9)
    _, derivative = qg.linearised(model, start, boundary, sign, seconds=DAY / 2)
    moved, pulled = np.asarray(qg.tangent(derivative, change)), np.asarray(qg.adjoint(derivative, weights))
    assert (moved * weights).sum() == pytest.approx((change * pulled).sum(), rel=1e-10)


@pytest.mark.slow
def test_tangent_is_the_limit_of_finite_differences():
    model = qg.OpenQG(16, 20, spacing=20e3)
    start, change = _eddies(model, 4), _eddies(model, 5)
    boundary = _still(start, 9)
    run: Callable[[np.ndarray], np.ndarray] = lambda h: np.asarray(  # noqa: E731
        qg.heights(model, h, boundary, seconds=DAY / 2)
    )
    moved = np.asarray(qg.tangent(qg.linearised(model, start, boundary, seconds=DAY / 2)[1], change))
    errors = [
        np.abs((run(start + e * change) - run(start)) / e - moved).max() / np.abs(moved).max()
        for e in (1e-2, 1e-3, 1e-4)
    ]
    assert errors[1] / errors[0] == pytest.approx(0.1, rel=0.2)
    assert errors[2] / errors[1] == pytest.approx(0.1, rel=0.2)


def test_gaspari_and_cohn_s_function_is_continuous_and_ends_at_two():
    values = qg.gaspari_cohn(np.array([0.0, 1 - 1e-9, 1 + 1e-9, 2 - 1e-9, 2.0, 3.0]))
    assert values == pytest.approx([1.0, 5 / 24, 5 / 24, 0.0, 0.0, 0.0], abs=1e-8)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"rows": 7}, "rows is 7"),
        ({"columns": 2}, "columns is 2"),
        ({"f0": 0.0}, "f0 is 0.0"),
        ({"wave_speed": -1.0}, "wave_speed is -1.0"),
        ({"band": -1.0}, "band -1.0"),
    ],
)
def test_parameters_that_define_no_model_are_refused(wrong, told):
    with pytest.raises(ValueError, match=told):
        qg.OpenQG(**({"rows": 20, "columns": 20} | wrong))
