"""Errors of a level-3 product against their covariance and spectrum in closed form."""

import numpy as np
import pytest

from oceanbench.physics.l3_errors import correlated_error, low_pass


def draws(count: int, samples: int) -> np.ndarray:
    """Independent passes (count, samples) of 1 cm and 30 s."""
    return np.stack(
        [
            correlated_error(samples, 1.0, std=0.01, correlation_seconds=30.0, seed=[4, n])
            for n in range(count)
        ]
    )


def test_the_covariance_of_the_error_falls_to_1_over_e_in_its_correlation_time() -> None:
    error = draws(3000, 91)
    for start, lag in ((0, 0), (0, 30), (60, 30), (0, 90), (90, 0)):
        covariance = np.mean(error[:, start] * error[:, start + lag])
        assert covariance == pytest.approx(1e-4 * np.exp(-lag / 30), abs=6e-6)


def test_the_spectrum_of_the_error_is_the_one_announced() -> None:
    error, tau = draws(200, 4096), 30.0
    density = 2 * np.mean(np.abs(np.fft.rfft(error)) ** 2, axis=0)[1:-1] / 4096
    frequency = np.fft.rfftfreq(4096, 1.0)[1:-1]
    expected = 4e-4 * tau / (1 + (2 * np.pi * frequency * tau) ** 2)
    for low, high in ((1e-3, 3e-3), (3e-3, 1e-2), (1e-2, 3e-2)):
        band = (frequency >= low) & (frequency < high)
        assert density[band].mean() == pytest.approx(expected[band].mean(), rel=0.07)


def test_the_same_seed_gives_the_same_error_however_long_the_pass_is() -> None:
    long = correlated_error(9, 1.0, std=0.01, correlation_seconds=30.0, seed=[1, 2])
    again = correlated_error(9, 1.0, std=0.01, correlation_seconds=30.0, seed=[1, 2])
    np.testing.assert_array_equal(long, again)
    assert correlated_error(1, 1.0, std=0.01, correlation_seconds=30.0, seed=[1, 2]).shape == (1,)


def test_a_correlation_time_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match=r"correlation 0\.0 s"):
        correlated_error(5, 1.0, std=0.01, correlation_seconds=0.0, seed=[1])


def test_the_filter_keeps_long_waves_and_removes_short_ones() -> None:
    x = 6.5 * np.arange(400)
    for wavelength, gain in ((1000, 1.0), (500, 1.0), (25, 0.0), (18, 0.0)):
        wave = np.cos(2 * np.pi * x / wavelength)
        filtered = low_pass(wave, 6.5, cutoff_km=65.0)[50:-50]
        assert np.std(filtered) / np.std(wave[50:-50]) == pytest.approx(gain, abs=0.03)


def test_the_filter_keeps_a_constant_to_the_ends_of_a_short_pass() -> None:
    np.testing.assert_allclose(low_pass(np.full(7, 0.3), 6.5, cutoff_km=65.0), 0.3)
    assert low_pass(np.array([0.2]), 6.5, cutoff_km=65.0) == pytest.approx(0.2)


def test_a_filter_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cut-off 0\.0 km"):
        low_pass(np.zeros(3), 6.5, cutoff_km=0.0)
