r"""Height error left in an along-track product of level 3, and the filter of such products.

What orbits, tides and the fast response to the weather leave behind is correlated over about half a minute of
flight, some 200 km. It is a stationary Gaussian process of exponential covariance,

.. math::

    \langle e(t)\,e(t')\rangle = \sigma^2 e^{-|t-t'|/\tau}, \qquad
    P(f) = \frac{4\sigma^2\tau}{1 + (2\pi f\tau)^2}

(one-sided spectrum P, f in 1/s), and on equidistant samples exactly
:math:`e_n = \rho e_{n-1} + \sigma\sqrt{1-\rho^2}\,g_n`, :math:`\rho = e^{-dt/\tau}`, with independent
standard normal g and :math:`e_0 = \sigma g_0`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from oceanbench.physics.random_signal import standard_normal

Array = NDArray[np.float64]


def correlated_error(
    samples: int, sampling_seconds: float, *, std: float, correlation_seconds: float, seed: Sequence[int]
) -> Array:
    """Correlated height error (samples,) in metres of one pass.

    Parameters
    ----------
    samples : int
        Number of equidistant samples.
    sampling_seconds : float
        Time between two of them.
    std : float
        Standard deviation, metres.
    correlation_seconds : float
        Time after which the correlation is 1/e.
    seed : sequence of int
        See `oceanbench.physics.random_signal.standard_normal`.

    Raises
    ------
    ValueError
        If a time is not positive.
    """
    if sampling_seconds <= 0 or correlation_seconds <= 0:
        raise ValueError(
            f"sampling {sampling_seconds} s, correlation {correlation_seconds} s; both must be above 0"
        )
    kept = np.exp(-sampling_seconds / correlation_seconds)
    steps = np.sqrt(1 - kept**2) * standard_normal(seed, (samples,))
    steps[:1] /= np.sqrt(1 - kept**2)  # the first sample has the variance of all
    return np.asarray(std * lfilter([1.0], [1.0, -kept], steps))


def low_pass(values: Array, spacing_km: float, *, cutoff_km: float) -> Array:
    """Values (samples,) of one pass without wavelengths below a cut-off, by Lanczos' filter.

    The weights are sinc(2 x / cutoff) sinc(x / cutoff) within one cut-off of the sample; near an end, where
    some are missing, the others are scaled to a sum of 1.

    Raises
    ------
    ValueError
        If the spacing or the cut-off is not positive.

    References
    ----------
    Duchon 1979, Lanczos filtering in one and two dimensions, J. Appl. Meteorol. 18,
    doi 10.1175/1520-0450(1979)018<1016:LFIOAT>2.0.CO;2.
    """
    if spacing_km <= 0 or cutoff_km <= 0:
        raise ValueError(f"spacing {spacing_km} km, cut-off {cutoff_km} km; both must be above 0")
    reach = int(cutoff_km / spacing_km)
    x = np.arange(-reach, reach + 1) * spacing_km / cutoff_km
    weights = np.sinc(2 * x) * np.sinc(x)
    total = np.convolve(np.ones_like(values), weights)[reach : reach + values.size]
    return np.asarray(np.convolve(values, weights)[reach : reach + values.size] / total)
