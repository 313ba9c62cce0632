"""The two-layer model against waves, growth rates and integrals known in closed form."""

import math

import numpy as np
import pytest

pytest.importorskip("jax")

import jax.numpy as jnp

from oceanbench.physics import two_layer_qg as qg

FREE = {
    "drag_days": math.inf,
    "relaxation_days": math.inf,
    "surface_days": math.inf,
    "surface_amplitude": 0.0,
    "jet_speed": 0.0,
}


def wave(model: qg.TwoLayerQG, upper: float, lower: float, *, number: int) -> qg.State:
    """Streamfunctions upper and lower times cos(kx), without surface buoyancy."""
    psi = np.zeros((2, model.points, model.points // 2 + 1), np.complex64)
    psi[0, 0, number], psi[1, 0, number] = (a * model.points**2 / 2 for a in (upper, lower))
    q = qg.potential_vorticity(model, jnp.asarray(psi))
    return qg.start_from(model, jnp.concatenate([q, jnp.zeros_like(q[:1])]))


def energy(model: qg.TwoLayerQG, state: qg.State) -> float:
    """Total energy per unit mass, up to a constant factor: - sum over layers of h_i psi_i q_i."""
    psi = np.fft.irfft2(np.asarray(qg.streamfunctions(model, state.spectrum)[:2], np.complex128))
    q = np.fft.irfft2(np.asarray(state.spectrum[:2], np.complex128))
    share = np.array([model.depth_ratio, 1.0])[:, None, None] / (1 + model.depth_ratio)
    return float(-(share * psi * q).sum())


def test_inversion_undoes_the_definition_of_potential_vorticity() -> None:
    model = qg.TwoLayerQG(points=32)
    spectrum = qg.initial_state(model, seed=1).spectrum
    again = qg.potential_vorticity(model, qg.streamfunctions(model, spectrum))
    error = np.abs(np.asarray(again - spectrum[:2])).max()
    assert error < 1e-6 * np.abs(np.asarray(spectrum[:2])).max()


@pytest.mark.parametrize(("lower", "baroclinic"), [(1.0, False), (-0.25, True)])
def test_a_single_rossby_wave_travels_west_at_its_phase_speed(lower: float, baroclinic: bool) -> None:
    model = qg.TwoLayerQG(points=32, side=1.024e6, time_step=1800.0, **FREE)
    number = 2
    k = 2 * np.pi * number / model.side
    speed = -model.beta / (k**2 + (model.deformation_radius**-2 if baroclinic else 0.0))
    start = wave(model, 1e3, lower * 1e3, number=number)
    steps = 480
    end = qg.advance(model, start, steps=steps)
    turned = np.angle(np.asarray(end.spectrum)[0, 0, number] / np.asarray(start.spectrum)[0, 0, number])
    expected = -k * speed * steps * model.time_step
    assert (turned - expected + np.pi) % (2 * np.pi) - np.pi == pytest.approx(0, abs=1e-3 * abs(expected))


def enstrophy(state: qg.State) -> float:
    """Sum of squared potential vorticity of the two layers."""
    return float(np.sum(np.fft.irfft2(np.asarray(state.spectrum[:2], np.complex128)) ** 2))


def test_turbulence_keeps_its_energy_and_loses_only_enstrophy_without_forcing_and_drag() -> None:
    model = qg.TwoLayerQG(points=64, side=0.512e6, time_step=450.0, **(FREE | {"beta": 0.0}))
    start = qg.start_from(model, 1e3 * qg.initial_state(model, seed=2).spectrum)
    end = qg.advance(model, start, steps=1920)
    assert energy(model, end) == pytest.approx(energy(model, start), rel=1e-3)
    assert 0.5 * enstrophy(start) < enstrophy(end) < enstrophy(start)
    changed = np.abs(np.asarray(end.spectrum - start.spectrum)).max()
    assert changed > 0.5 * np.abs(np.asarray(start.spectrum)).max()


@pytest.mark.parametrize("scaled", [0.4, 0.6, 0.8])
def test_sheared_layers_grow_at_the_rate_of_phillips(scaled: float) -> None:
    radius, shear = 30e3, 1.0
    side = 2 * np.pi * radius / scaled
    free = FREE | {"beta": 0.0, "depth_ratio": 1.0, "mean_shear": shear}
    model = qg.TwoLayerQG(points=16, side=side, deformation_radius=radius, time_step=450.0, **free)
    k = 2 * np.pi / side
    rate = k * shear / 2 * math.sqrt((1 - scaled**2) / (1 + scaled**2))
    spun = qg.advance(model, wave(model, 1.0, 0.0, number=1), steps=round(8 / rate / 450))
    later = qg.advance(model, spun, steps=192)
    amplitude = [abs(complex(np.asarray(state.spectrum)[0, 0, 1])) for state in (spun, later)]
    assert math.log(amplitude[1] / amplitude[0]) / 86400 == pytest.approx(rate, rel=2e-3)


def test_sheared_layers_do_not_grow_beyond_the_short_wave_cutoff() -> None:
    free = FREE | {"beta": 0.0, "depth_ratio": 1.0, "mean_shear": 1.0}
    model = qg.TwoLayerQG(points=16, side=2 * np.pi * 30e3 / 1.2, time_step=450.0, **free)
    start = wave(model, 1.0, 0.0, number=1)
    end = qg.advance(model, start, steps=3840)
    assert abs(complex(end.spectrum[0, 0, 1])) < 3 * abs(complex(start.spectrum[0, 0, 1]))


def test_refining_keeps_the_field_at_the_common_points() -> None:
    model = qg.TwoLayerQG(points=32)
    state = qg.advance(model, qg.initial_state(model, seed=3), steps=8)
    fine, refined = qg.refine(model, state)
    coarse_ssh = np.asarray(qg.sea_surface_height(model, state))
    fine_ssh = np.asarray(qg.sea_surface_height(fine, refined))
    assert fine.time_step == model.time_step / 2
    assert fine_ssh.var() == pytest.approx(coarse_ssh.var(), rel=1e-5)
    np.testing.assert_allclose(fine_ssh[::2, ::2], coarse_ssh, atol=1e-5 * np.abs(coarse_ssh).max())


def test_height_is_the_streamfunction_of_the_upper_layer_times_f_over_g() -> None:
    model = qg.TwoLayerQG(points=32, **FREE)
    ssh = np.asarray(qg.sea_surface_height(model, wave(model, 5e3, 2e3, number=3)))
    x = np.arange(32) * model.spacing
    expected = 8.98e-5 / 9.81 * 5e3 * np.cos(2 * np.pi * 3 * x / model.side)
    np.testing.assert_allclose(ssh, np.broadcast_to(expected, ssh.shape), atol=1e-6)


def test_equilibrium_jet_flows_east_with_its_speed_at_the_middle_row() -> None:
    model = qg.TwoLayerQG(points=256)
    psi1 = np.fft.irfft2(np.asarray(qg.streamfunctions(model, model.equilibrium())[0], np.complex128))
    u = -np.gradient(psi1[:, 0], model.spacing)
    shape = 1 / np.cosh(model.y / model.jet_width) ** 2
    np.testing.assert_allclose(u[2:-2], model.jet_speed * (shape - shape.mean())[2:-2], atol=0.02)
    assert np.argmax(u) == 128


def test_surface_buoyancy_falls_northwards_across_the_jet_by_twice_its_amplitude() -> None:
    model = qg.TwoLayerQG(points=256)
    s = np.fft.irfft2(np.asarray(model.equilibrium()[2], np.complex128))[:, 0]
    # the domain mean of the slope is taken out, which gives back 2 As * 4 w / side between the two points
    far = round(2 * model.jet_width / model.spacing)
    drop = s[128 - far] - s[128 + far]
    returned = 2 * model.surface_amplitude * 4 * model.jet_width / model.side
    assert drop == pytest.approx(2 * model.surface_amplitude * math.tanh(2) - returned, rel=0.02)


def test_the_same_seed_gives_the_same_bits_and_another_seed_another_ocean() -> None:
    model = qg.TwoLayerQG(points=16)
    first, again, other = (
        np.asarray(qg.advance(model, qg.initial_state(model, seed=seed), steps=4).spectrum)
        for seed in (5, 5, 6)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("points", [7, 6, 33])
def test_a_grid_without_an_even_number_of_points_is_refused(points: int) -> None:
    with pytest.raises(ValueError, match=str(points)):
        qg.TwoLayerQG(points=points)
