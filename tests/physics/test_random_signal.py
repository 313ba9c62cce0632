"""Random numbers and signals against the distributions they claim."""

import numpy as np
import pytest

from oceanbench.physics.random_signal import random_signal, standard_normal


def red(frequency: np.ndarray) -> np.ndarray:
    """A spectrum to draw from."""
    return np.asarray(2.0 * frequency**-2.0)


def test_normal_numbers_have_the_moments_of_a_standard_normal() -> None:
    drawn = standard_normal([1, 2], (400_000,))
    moments = [np.mean(drawn**power) for power in (1, 2, 3, 4)]
    np.testing.assert_allclose(moments, [0, 1, 0, 3], atol=0.05)


def test_normal_numbers_depend_on_their_seed_words_alone() -> None:
    first = standard_normal([7, 0], (3, 5))
    standard_normal([7, 1], (100,))
    assert np.array_equal(first, standard_normal([7, 0], (3, 5)))
    assert abs(np.corrcoef(standard_normal([7, 0], (20000,)), standard_normal([7, 1], (20000,)))[0, 1]) < 0.03


def test_signals_have_the_spectrum_asked_for_in_every_octave() -> None:
    count, spacing = 512, 2.0
    signals = np.stack([random_signal(red, count, spacing, [3, draw]) for draw in range(400)])
    density = 2 * spacing / count * np.mean(np.abs(np.fft.rfft(signals)) ** 2, axis=0)
    frequency = np.fft.rfftfreq(count, spacing)
    for low in (2, 4, 8, 16, 32, 64, 128):
        octave = slice(low, 2 * low)
        assert np.mean(density[octave] / red(frequency[octave])) == pytest.approx(1, abs=0.1)


def test_the_variance_of_signals_is_the_integral_of_their_spectrum() -> None:
    signals = np.stack([random_signal(red, 256, 4.0, [4, draw]) for draw in range(2000)])
    frequency = np.fft.rfftfreq(256, 4.0)[1:-1]
    assert signals.var() == pytest.approx(np.sum(red(frequency)) * frequency[0], rel=0.05)


@pytest.mark.parametrize(("count", "spacing"), [(1, 2.0), (10, 0.0)])
def test_a_signal_without_length_is_refused(count: int, spacing: float) -> None:
    with pytest.raises(ValueError, match=f"{count} values every {spacing} km"):
        random_signal(red, count, spacing, [1])
