r"""Height error of a nadir altimeter along one pass: white noise of the 1 Hz values and a red part.

The red part has the one-sided spectrum :math:`1.05\cdot10^{-4} f^{-2.2}` cm²/(cycle/km), f in cycles/km, at
wavelengths up to 3000 km (1.5 cm rms); the white noise is a property of the altimeter and the sea state.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oceanbench.physics.random_signal import random_signal, standard_normal

Array = NDArray[np.float64]

LONGEST_KM: Final = 3000.0


def red_spectrum(frequency: Array) -> Array:
    """One-sided spectrum of the correlated part, cm²/(cycle/km), at frequencies in cycles/km."""
    return np.asarray(1.05e-4 * frequency**-2.2)


def nadir_noise(samples: int, spacing_km: float, white_std: float, seed: Sequence[int]) -> Array:
    """Height error (samples,) in metres along one pass shorter than 3000 km.

    Parameters
    ----------
    samples : int
        Number of 1 Hz values.
    spacing_km : float
        Distance between them.
    white_std : float
        Standard deviation of the white part, metres.
    seed : sequence of int
        See `oceanbench.physics.random_signal.standard_normal`.

    Raises
    ------
    ValueError
        If the pass is longer than the longest wavelength of the red part: it would repeat itself.
    """
    period = round(LONGEST_KM / spacing_km)
    if samples > period:
        raise ValueError(f"{samples} samples every {spacing_km} km exceed {LONGEST_KM} km; split the pass")
    red = random_signal(red_spectrum, period, spacing_km, [*seed, 0])[:samples] / 100
    return red + white_std * standard_normal([*seed, 1], (samples,))
