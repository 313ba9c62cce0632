"""The forcing's variance, memory, wavelengths and place."""

import numpy as np
import pytest

pytest.importorskip("jax")

from oceanbench.physics.reduced_gravity_qg import ReducedGravityQG
from oceanbench.twin.toy2022.eddy_forcing import EddyForcing, ForcingSequence

MODEL = ReducedGravityQG(points=64)
EVERYWHERE = EddyForcing(amplitude=1.0, wavelength=200e3, memory_days=2.0, half_width=1e12)


def fields(forcing: EddyForcing, count: int, *, seed: tuple[int, ...] = (1,)) -> np.ndarray:
    """The forcing (count, n, n) of consecutive six hours."""
    sequence = ForcingSequence(forcing, MODEL, seed)
    return np.stack([np.fft.irfft2(sequence.next(), s=(64, 64)) for _ in range(count)])


def test_the_forcing_has_its_amplitude_and_no_mean() -> None:
    drawn = fields(EVERYWHERE, 200)
    assert drawn.std() == pytest.approx(1.0, rel=0.03)
    assert np.abs(drawn.mean(axis=(1, 2))).max() < 1e-12


def test_the_forcing_forgets_in_its_memory() -> None:
    drawn = fields(EVERYWHERE, 600)
    for steps in (4, 8):
        correlation = np.mean(drawn[steps:] * drawn[:-steps]) / drawn.var()
        assert correlation == pytest.approx(np.exp(-steps * 0.25 / 2.0), abs=0.04)


def test_the_forcing_has_wavelengths_around_its_own() -> None:
    power = np.abs(np.fft.fft2(fields(EVERYWHERE, 50))) ** 2
    index = np.fft.fftfreq(64, 1 / 64)
    wavenumber = np.hypot(index[:, None], index) / 2048e3
    mean = (power * wavenumber).sum() / power.sum()
    assert 1 / mean == pytest.approx(200e3, rel=0.1)


def test_the_forcing_stays_near_the_jet() -> None:
    drawn = fields(EddyForcing(amplitude=1.0, half_width=300e3), 300)
    by_row = drawn.std(axis=(0, 2))
    expected = np.exp(-((MODEL.y / 300e3) ** 2))
    np.testing.assert_allclose(by_row, expected, atol=0.08)


def test_the_same_seed_gives_the_same_forcing_and_another_seed_another() -> None:
    first, again, other = (fields(EVERYWHERE, 2, seed=s) for s in ((1,), (1,), (2,)))
    np.testing.assert_array_equal(first, again)
    assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 0.2


def test_the_forcing_is_the_same_process_on_a_finer_grid() -> None:
    fine = ForcingSequence(EVERYWHERE, ReducedGravityQG(points=128), (1,))
    drawn = np.stack([np.fft.irfft2(fine.next(), s=(128, 128)) for _ in range(100)])
    assert drawn.std() == pytest.approx(1.0, rel=0.05)
