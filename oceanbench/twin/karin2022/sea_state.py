r"""Wave height over the twin: smooth in space and time, from one to six metres.

A Gaussian field g of unit variance with covariance :math:`e^{-d^2/2\ell^2 - t^2/2\tau^2}` is a sum of waves
with normal wavenumbers and frequencies; the wave height is a smooth step of it:

.. math:: H = 1 + 5/(1 + e^{a - b g}) \quad \mathrm{metres}

References
----------
Rahimi and Recht 2007, Random features for large-scale kernel machines, NIPS 20.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from oceanbench.physics.random_signal import standard_normal
from oceanbench.twin.karin2022.design import plane_position

Array = NDArray[np.float64]

LOWEST, HIGHEST = 1.0, 6.0  # metres
LENGTH_KM: Final = 300.0
DAYS: Final = 1.0
_WAVES: Final = 64
_CALM, _CONTRAST = 1.0, 1.6  # a and b
_SEED: Final = (2022, 8)


def wave_height(seconds: Array, lon: Array, lat: Array, *, cycle: int) -> Array:
    """Significant wave height in metres, 1 to 6; half of the sea has less than 2.4.

    Parameters
    ----------
    seconds : array
        Since the start of the cycle.
    lon, lat : array
        Degrees; all three broadcast.
    cycle : int
        Every cycle has weather of its own.
    """
    east, north = plane_position(lon, lat)
    rates = standard_normal([*_SEED, cycle, 0], (3, _WAVES))
    draws = standard_normal([*_SEED, cycle, 1], (2, _WAVES))
    phases = np.arctan2(draws[0], draws[1])
    days = np.asarray(seconds) / 86400
    total = np.zeros(np.broadcast_shapes(east.shape, north.shape, days.shape))
    for (kx, ky, omega), phase in zip(rates.T, phases, strict=True):
        total += np.cos(kx * east / LENGTH_KM + ky * north / LENGTH_KM + omega * days / DAYS + phase)
    field = total * np.sqrt(2 / _WAVES)
    return np.asarray(LOWEST + (HIGHEST - LOWEST) / (1 + np.exp(_CALM - _CONTRAST * field)))
