"""The surface model against waves, shear and integrals known in closed form."""

import math

import numpy as np
import pytest

pytest.importorskip("jax")

import jax.numpy as jnp
from jax import Array, lax

from oceanbench.physics import surface_qg as sqg

FREE = {"relaxation_days": math.inf, "surface_days": math.inf, "front_amplitude": 0.0, "mean_gradient": 0.0}
STILL = jnp.zeros((8, 5), jnp.complex64)


def spectrum_of(field: np.ndarray) -> Array:
    return jnp.asarray(np.fft.rfft2(field), jnp.complex64)


def run(model: sqg.SurfaceQG, state: sqg.State, interior: Array, steps: int) -> sqg.State:
    return lax.scan(lambda x, _: (sqg.step(model, x, interior), None), state, length=steps)[0]


def coordinates(model: sqg.SurfaceQG) -> tuple[np.ndarray, np.ndarray]:
    along = np.arange(model.points) * model.spacing
    return along[None, :], along[:, None]


def smooth_field(model: sqg.SurfaceQG) -> np.ndarray:
    x, y = (2 * np.pi * a / model.side for a in coordinates(model))
    return 0.3 * np.cos(2 * x + y) + 0.2 * np.sin(3 * y - x) + 0.25 * np.cos(x) * np.sin(2 * y)


@pytest.mark.parametrize("cutoff", [math.inf, 300e3])
def test_a_surface_wave_travels_on_the_mean_gradient_at_its_phase_speed(cutoff: float) -> None:
    free = FREE | {"mean_gradient": 3e-6}
    model = sqg.SurfaceQG(points=32, side=1.024e6, time_step=900.0, surface_cutoff=cutoff, **free)
    number, steps = 3, 400
    x, _ = coordinates(model)
    k = 2 * np.pi * number / model.side
    start = spectrum_of(0.1 * np.cos(k * x) + 0 * x.T)
    end = run(model, sqg.start_from(model, start, STILL), STILL, steps)
    turned = np.angle(np.asarray(end.spectrum)[0, number] / np.asarray(start)[0, number])
    rate = model.mean_gradient * k * k / (k**2 + (2 * np.pi / cutoff) ** 2)
    error = (turned - rate * steps * model.time_step + np.pi) % (2 * np.pi) - np.pi
    assert error == pytest.approx(0, abs=1e-3)


def test_a_faint_field_is_carried_by_the_shear_of_the_interior() -> None:
    model = sqg.SurfaceQG(points=64, side=512e3, time_step=200.0, **FREE)
    x, y = coordinates(model)
    k = 2 * np.pi / model.side
    speed = 0.5
    interior = spectrum_of(speed / k * np.cos(k * y) + 0 * x)  # u = speed sin(ky)
    faint = 1e-4
    start = sqg.start_from(model, spectrum_of(faint * np.cos(2 * k * x) + 0 * y), interior)
    steps = 150
    end = np.fft.irfft2(np.asarray(run(model, start, interior, steps).spectrum))
    shift = speed * np.sin(k * y) * steps * model.time_step
    np.testing.assert_allclose(end, faint * np.cos(2 * k * (x - shift)), atol=2e-3 * faint)


def test_variance_and_energy_are_kept_where_nothing_feeds_or_drains() -> None:
    model = sqg.SurfaceQG(points=64, side=512e3, time_step=200.0, surface_cutoff=math.inf, **FREE)
    start = sqg.start_from(model, spectrum_of(smooth_field(model)), STILL)
    end = run(model, start, STILL, 216)
    k = np.hypot(*model.wavenumbers)
    weight = np.where(np.arange(model.points // 2 + 1) == 0, 1.0, 2.0)

    def integrals(state: sqg.State) -> tuple[float, float]:
        power = weight * np.abs(np.asarray(state.spectrum, np.complex128)) ** 2
        return float(power.sum()), float((power[k > 0] / k[k > 0]).sum())

    assert np.abs(np.asarray(end.spectrum - start.spectrum)).max() > 20  # it has moved
    assert integrals(end) == pytest.approx(integrals(start), rel=2e-3)


def test_the_front_is_warm_in_the_south_and_steepest_on_its_axis() -> None:
    model = sqg.SurfaceQG(points=128)
    front = np.fft.irfft2(np.asarray(model.equilibrium()))[:, 0]
    middle = model.points // 2
    assert np.argmin(np.diff(front)) in (middle - 1, middle)
    assert front[middle - 16] - front[middle + 16] == pytest.approx(2 * model.front_amplitude, rel=0.3)


def test_the_zonal_mean_returns_to_the_front() -> None:
    still = {"mean_gradient": 0.0, "surface_cutoff": math.inf}
    model = sqg.SurfaceQG(points=32, relaxation_days=1.0, time_step=900.0, **still)
    state = sqg.start_from(model, jnp.zeros((32, 17), jnp.complex64), STILL)
    end = np.asarray(run(model, state, STILL, 96).spectrum)[1:8, 0]
    np.testing.assert_allclose(end / np.asarray(model.equilibrium())[1:8, 0], 1 - np.exp(-1), rtol=0.01)


def test_refinement_keeps_the_field() -> None:
    model = sqg.SurfaceQG(points=32, side=512e3, time_step=400.0, **FREE)
    state = sqg.start_from(model, spectrum_of(smooth_field(model)), STILL)
    fine, refined = sqg.refine(model, state, STILL, points=96, time_step=100.0)
    assert (fine.points, fine.time_step) == (96, 100.0)
    field = np.fft.irfft2(np.asarray(refined.spectrum))
    np.testing.assert_allclose(field, smooth_field(fine), atol=1e-6)


def test_heights_are_those_of_both_flows() -> None:
    model = sqg.SurfaceQG(points=32, side=512e3, surface_cutoff=math.inf, **FREE)
    x, _ = coordinates(model)
    k = 2 * np.pi / model.side
    coarse = np.cos(k * np.arange(16) * model.side / 16)[None, :] + np.zeros((16, 1))
    surface = sqg.State(spectrum_of(k * np.cos(2 * k * x) + 0 * x.T), STILL, STILL)
    ssh = np.asarray(sqg.sea_surface_height(model, surface, spectrum_of(1e4 * coarse)))
    expected = model.f0 / model.gravity * (1e4 * np.cos(k * x) + np.cos(2 * k * x) / 2)
    np.testing.assert_allclose(ssh, expected + 0 * x.T, atol=1e-6)


@pytest.mark.parametrize(("wrong", "name"), [({"points": 31}, "31"), ({"time_step": 0.0}, "time_step")])
def test_impossible_parameters_are_refused(wrong: dict[str, float], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        sqg.SurfaceQG(**wrong)  # type: ignore[arg-type]


def test_a_field_is_never_resampled_to_fewer_points() -> None:
    with pytest.raises(ValueError, match="points is 6"):
        sqg.resampled(STILL, 6)
