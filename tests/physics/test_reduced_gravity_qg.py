"""The 1.5-layer model against closed forms and conservation laws."""

import numpy as np
import pytest

pytest.importorskip("jax")

import jax.numpy as jnp

from oceanbench.physics import reduced_gravity_qg as qg
from oceanbench.physics.random_signal import standard_normal

FREE = qg.ReducedGravityQG(
    points=64, eddy_days=np.inf, relaxation_days=np.inf, jet_speed=0.0, time_step=900.0
)


def spectrum_of(field: np.ndarray) -> jnp.ndarray:
    """Spectrum of a field (n, n)."""
    return jnp.asarray(np.fft.rfft2(field), jnp.complex64)


def random_psi(model: qg.ReducedGravityQG, *, scale: float) -> jnp.ndarray:
    """Spectrum of a smooth random streamfunction of a standard deviation of ``scale`` m²/s."""
    east, north = model.wavenumbers
    smooth = np.fft.rfft2(standard_normal([5], (model.points, model.points)))
    smooth = smooth * np.exp(-(east**2 + north**2) * 60e3**2)
    smooth[0, 0] = 0
    field = np.fft.irfft2(smooth, s=(model.points, model.points))
    return spectrum_of(scale * field / field.std())


def test_potential_vorticity_and_streamfunction_are_inverse() -> None:
    psi = random_psi(FREE, scale=2e4)
    again = qg.streamfunction(FREE, qg.potential_vorticity(FREE, psi))
    assert float(jnp.abs(again - psi).max() / jnp.abs(psi).max()) < 1e-6


def test_potential_vorticity_of_a_wave_is_minus_its_stretched_wavenumber_squared() -> None:
    k = 2 * np.pi * 4 / FREE.side
    x = np.arange(64) * FREE.spacing
    psi = np.broadcast_to(1e4 * np.cos(k * x), (64, 64))
    q = np.fft.irfft2(qg.potential_vorticity(FREE, spectrum_of(psi)), s=(64, 64))
    np.testing.assert_allclose(q, -(k**2 + 1 / 30e3**2) * psi, atol=1e-10)


@pytest.mark.parametrize(("along", "across"), [(3, 0), (5, 4)])
def test_a_rossby_wave_moves_west_at_its_phase_speed(along: int, across: int) -> None:
    unit = 2 * np.pi / FREE.side
    axis = np.arange(64) * FREE.spacing
    phase = unit * (along * axis[None, :] + across * axis[:, None])
    start = qg.start_from(FREE, qg.potential_vorticity(FREE, spectrum_of(1e3 * np.cos(phase))))
    end = qg.advance(FREE, start, jnp.zeros_like(start.spectrum), steps=960)
    turned = np.angle(complex(end.spectrum[across, along] / start.spectrum[across, along]))
    speed = -FREE.beta / ((along**2 + across**2) * unit**2 + 1 / FREE.deformation_radius**2)
    assert turned == pytest.approx(-along * unit * speed * 960 * 900, rel=2e-4)


def test_free_turbulence_conserves_energy_and_nearly_enstrophy() -> None:
    model = qg.ReducedGravityQG(
        points=128, eddy_days=np.inf, relaxation_days=np.inf, jet_speed=0.0, time_step=900.0
    )
    start = qg.start_from(model, qg.potential_vorticity(model, random_psi(model, scale=2e4)))
    end = qg.advance(model, start, jnp.zeros_like(start.spectrum), steps=480)
    (before, rough), (after, smooth) = (qg.energy_and_enstrophy(model, s.spectrum) for s in (start, end))
    assert after == pytest.approx(before, rel=1e-3)
    assert smooth <= rough * (1 + 1e-5)
    assert smooth == pytest.approx(rough, rel=1e-2)


def test_energy_and_enstrophy_of_a_wave_have_their_closed_form() -> None:
    k = 2 * np.pi * 4 / FREE.side
    psi = np.broadcast_to(1e4 * np.cos(k * np.arange(64) * FREE.spacing), (64, 64))
    stretched = k**2 + 1 / 30e3**2
    energy, enstrophy = qg.energy_and_enstrophy(FREE, qg.potential_vorticity(FREE, spectrum_of(psi)))
    assert energy == pytest.approx(1e8 * stretched / 4, rel=1e-5)
    assert enstrophy == pytest.approx(1e8 * stretched**2 / 4, rel=1e-5)


def test_the_equilibrium_is_the_jet_without_its_mean() -> None:
    model = qg.ReducedGravityQG(points=64, jet_speed=1.1, jet_width=100e3)
    psi = qg.streamfunction(model, model.equilibrium())
    u = np.fft.irfft2(-1j * model.wavenumbers[1] * np.asarray(psi), s=(64, 64))
    jet = 1.1 / np.cosh(model.y / 100e3) ** 2
    np.testing.assert_allclose(u, np.broadcast_to((jet - jet.mean())[:, None], (64, 64)), atol=2e-3)


def test_without_eddies_the_zonal_mean_relaxes_to_the_jet_at_its_rate() -> None:
    model = qg.ReducedGravityQG(
        points=64, eddy_days=np.inf, relaxation_days=10.0, jet_width=150e3, time_step=1800.0
    )
    start = qg.start_from(model, jnp.zeros_like(model.equilibrium()))
    end = qg.advance(model, start, jnp.zeros_like(start.spectrum), steps=480)  # 10 days
    share = complex(end.spectrum[1, 0] / model.equilibrium()[1, 0]).real
    assert share == pytest.approx(1 - np.exp(-1), rel=3e-3)


def test_an_eddy_decays_at_its_rate() -> None:
    model = qg.ReducedGravityQG(
        points=64, beta=0.0, eddy_days=20.0, relaxation_days=np.inf, jet_speed=0.0, time_step=1800.0
    )
    k = 2 * np.pi * 8 / model.side
    psi = np.broadcast_to(1e3 * np.cos(k * np.arange(64) * model.spacing), (64, 64))
    start = qg.start_from(model, qg.potential_vorticity(model, spectrum_of(psi)))
    end = qg.advance(model, start, jnp.zeros_like(start.spectrum), steps=480)
    left = abs(complex(end.spectrum[0, 8] / start.spectrum[0, 8]))
    assert left == pytest.approx(np.exp(-10 / 20), rel=2e-3)


def test_a_constant_forcing_adds_its_potential_vorticity() -> None:
    still = qg.start_from(FREE, jnp.zeros_like(FREE.equilibrium()))
    forcing = np.zeros((64, 33), complex)
    forcing[2, 0] = forcing[-2, 0] = 1e-12 * 64**2  # zonal: no advection, no beta
    end = qg.advance(FREE, still, jnp.asarray(forcing, jnp.complex64), steps=96)
    # the first step knows a history of rest and so misses 11/12, the second regains 4/12 of it
    assert complex(end.spectrum[2, 0]).real == pytest.approx(forcing[2, 0].real * 86400, rel=1e-2)


def test_refining_keeps_the_field() -> None:
    start = qg.start_from(FREE, qg.potential_vorticity(FREE, random_psi(FREE, scale=2e4)))
    fine, state = qg.refine(FREE, start)
    coarse_ssh, fine_ssh = (
        np.asarray(qg.sea_surface_height(m, s)) for m, s in ((FREE, start), (fine, state))
    )
    assert fine.time_step == 450.0
    np.testing.assert_allclose(fine_ssh[::2, ::2], coarse_ssh, atol=1e-5 * np.abs(coarse_ssh).max())


def test_height_is_the_streamfunction_times_f_over_g() -> None:
    psi = random_psi(FREE, scale=2e4)
    ssh = qg.sea_surface_height(FREE, qg.start_from(FREE, qg.potential_vorticity(FREE, psi)))
    assert float(np.asarray(ssh).std()) == pytest.approx(2e4 * 8.98e-5 / 9.81, rel=1e-4)


def test_wrong_grids_and_factors_are_refused() -> None:
    with pytest.raises(ValueError, match="points is 63"):
        qg.ReducedGravityQG(points=63)
    with pytest.raises(ValueError, match="must be positive"):
        qg.ReducedGravityQG(time_step=0.0)
    with pytest.raises(ValueError, match="factor is 0"):
        qg.refine(FREE, qg.start_from(FREE, FREE.equilibrium()), factor=0)
