r"""Random numbers and along-track signals that come out the same in every version of NumPy.

A one-sided spectrum P(f), f in cycles per km, integrates to the variance over f. A Gaussian signal with this
spectrum and period :math:`n\,dx` is

.. math::

    h = \mathrm{irfft}(H), \qquad H_i = n \sqrt{P(f_i)\,df/2}\; \gamma_i, \qquad
    \gamma_i = (a + ib)/\sqrt2

with independent standard normal a and b.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Spectrum = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def standard_normal(seed: Sequence[int], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Independent standard normal numbers of the given shape, a function of the seed words alone.

    NumPy promises that the raw bits of a generator never change, not the normal numbers made of them: these
    are made here, by the transform of Box and Muller.

    Parameters
    ----------
    seed : sequence of int
        Words >= 0; the same words give the same numbers, whatever was drawn before.
    shape : tuple of int
    """
    count = int(np.prod(shape))
    pairs = (count + 1) // 2
    raw = np.random.PCG64(np.random.SeedSequence(list(seed))).random_raw(2 * pairs)
    uniform = ((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53  # never 0: its logarithm is taken
    radius = np.sqrt(-2 * np.log(uniform[:pairs]))
    angle = 2 * np.pi * uniform[pairs:]
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:count].reshape(shape)


def random_signal(
    spectrum: Spectrum, count: int, spacing_km: float, seed: Sequence[int]
) -> NDArray[np.float64]:
    """Gaussian signal of ``count`` equidistant values with a given spectrum, periodic over its length.

    Parameters
    ----------
    spectrum : callable
        One-sided density P(f) >= 0 in unit²/(cycle/km), of frequencies f > 0 in cycles/km.
    count : int
        Number of values, at least 2.
    spacing_km : float
        Distance between two values.
    seed : sequence of int
        See `standard_normal`.

    Returns
    -------
    array of (count,), in the unit of the spectrum; its mean is zero

    Raises
    ------
    ValueError
        If there are fewer than two values or the spacing is not positive.
    """
    if count < 2 or spacing_km <= 0:
        raise ValueError(
            f"{count} values every {spacing_km} km; give at least 2 values and a positive spacing"
        )
    frequency = np.fft.rfftfreq(count, spacing_km)
    density = np.zeros_like(frequency)
    density[1:] = spectrum(frequency[1:])
    if not count % 2:
        density[-1] = 0  # at the Nyquist frequency a real signal has no free phase
    real, imaginary = standard_normal(seed, (2, frequency.size))
    amplitude = count * np.sqrt(density * frequency[1] / 2)
    return np.fft.irfft(amplitude * (real + 1j * imaginary) / np.sqrt(2), count)
