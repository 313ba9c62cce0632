"""The square of the models against its algebra: waves, filter, time step, padding."""

from dataclasses import asdict, dataclass

import numpy as np
import pytest

pytest.importorskip("jax")

import jax.numpy as jnp

from oceanbench.physics.periodic_plane import (
    FILTER_START,
    PeriodicPlane,
    State,
    adams_bashforth,
    exponential_filter,
    padded,
)
from oceanbench.physics.reduced_gravity_qg import ReducedGravityQG
from oceanbench.physics.surface_qg import SurfaceQG
from oceanbench.physics.two_layer_qg import TwoLayerQG


@dataclass(frozen=True)
class Square(PeriodicPlane):
    points: int = 16
    side: float = 160e3
    depth: float = 100.0
    time_step: float = 600.0


@pytest.mark.parametrize("model", [TwoLayerQG, ReducedGravityQG, SurfaceQG])
def test_a_model_keeps_the_order_of_its_own_parameters(model: type[PeriodicPlane]) -> None:
    names = list(asdict(model()))  # type: ignore[call-overload]
    assert names[:3] == ["points", "side", "f0"]
    assert names[-1] == "time_step"


def test_wavenumbers_differentiate_a_wave_of_either_direction() -> None:
    plane = Square()
    x = np.arange(plane.points) * plane.spacing
    k, m = 2 * np.pi / plane.side * np.array([3, 2])
    phase = k * x[None, :] - m * x[:, None]
    east, north = plane.wavenumbers
    spectrum = np.fft.rfft2(np.sin(phase))
    np.testing.assert_allclose(np.fft.irfft2(1j * east * spectrum), k * np.cos(phase), atol=1e-12)
    np.testing.assert_allclose(np.fft.irfft2(1j * north * spectrum), -m * np.cos(phase), atol=1e-12)
    laplacian = np.fft.irfft2(-plane.squared_wavenumber * spectrum)
    np.testing.assert_allclose(laplacian, -(k**2 + m**2) * np.sin(phase), atol=1e-12)


def test_the_filter_leaves_waves_below_its_start_and_falls_to_its_closed_form() -> None:
    plane = Square(points=64)
    factor = exponential_filter(plane)
    scaled = np.hypot(*plane.wavenumbers) * plane.spacing
    assert (factor[scaled <= FILTER_START] == 1).all()
    assert (factor[scaled > FILTER_START] < 1).all()
    assert factor[0, -1] == pytest.approx(np.exp(-23.6 * (0.35 * np.pi) ** 4))


def test_a_step_is_exact_for_a_tendency_quadratic_in_time() -> None:
    history = [jnp.asarray([3.0 * t**2 + 2.0 * t + 1.0]) for t in (-2.0, -1.0, 0.0)]
    state = State(jnp.asarray([0.0]), history[1], history[0])
    after = adams_bashforth(state, history[2], time_step=1.0, keep=jnp.asarray([1.0]))
    assert float(after.spectrum[0]) == pytest.approx(3.0, rel=1e-6)  # t³ + t² + t at 1
    assert (after.last is history[2], after.before is history[1]) == (True, True)


def test_a_step_ends_with_the_filter() -> None:
    one = jnp.asarray([1.0])
    after = adams_bashforth(State(one, 0 * one, 0 * one), 0 * one, time_step=5.0, keep=one / 4)
    assert float(after.spectrum[0]) == 0.25


def test_padding_keeps_the_field_and_every_layer_at_the_common_points() -> None:
    plane = Square()
    scaled = np.maximum(np.abs(plane.wavenumbers[0]), np.abs(plane.wavenumbers[1])) * plane.spacing
    layers = np.random.default_rng(2).normal(size=(3, 16, 16))
    spectrum = np.where(scaled < 0.99 * np.pi, np.fft.rfft2(layers), 0)
    fine = np.fft.irfft2(np.asarray(padded(jnp.asarray(spectrum, jnp.complex64), 48)))
    np.testing.assert_allclose(fine[:, ::3, ::3], np.fft.irfft2(spectrum), atol=2e-6)


def test_padding_to_fewer_points_is_refused() -> None:
    with pytest.raises(ValueError, match="points is 12; give at least the 16"):
        padded(jnp.zeros((16, 9), jnp.complex64), 12)


def test_the_zonal_mean_has_its_own_rate_and_an_infinite_time_gives_none() -> None:
    rates = Square().relaxation_rates(eddy_days=np.inf, zonal_days=2.0)
    assert (rates[:, 0] == 1 / 172800).all()
    assert (rates[:, 1:] == 0).all()


def test_the_streamfunction_of_a_jet_gives_its_speed_less_the_mean() -> None:
    plane = Square(points=64)
    psi = plane.jet_streamfunction(20e3, 0.8)
    u = np.fft.ifft(-1j * plane.wavenumbers[1][:, 0] * psi)
    jet = 0.8 / np.cosh(plane.y / 20e3) ** 2
    np.testing.assert_allclose(u, jet - jet.mean(), atol=1e-12)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"points": 15}, "points is 15"),
        ({"points": 6}, "points is 6"),
        ({"side": 0.0}, r"side is 0\.0"),
        ({"side": float("nan")}, "side is nan"),
        ({"time_step": -1.0}, r"time_step is -1\.0"),
    ],
)
def test_an_impossible_square_is_refused(wrong: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Square(**wrong)  # type: ignore[arg-type]


def test_a_length_of_the_model_itself_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match=r"deformation_radius is 0\.0"):
        TwoLayerQG(deformation_radius=0.0)
    with pytest.raises(ValueError, match=r"deformation_radius is -1\.0"):
        ReducedGravityQG(deformation_radius=-1.0)
    with pytest.raises(ValueError, match=r"front_width is 0\.0"):
        SurfaceQG(front_width=0.0)
