r"""Path delay left over by the wet troposphere after the correction of a two-beam radiometer.

The delay w is an isotropic Gaussian field. A one-sided spectrum :math:`c f^{-p}` along any line belongs to
the two-dimensional density

.. math:: S_2(k) = \frac{c}{2}\,\frac{\Gamma((p+1)/2)}{\sqrt\pi\,\Gamma(p/2)}\;k^{-(p+1)}

Each beam sees w through a Gaussian footprint, with radiometer noise, smoothed along the track; the
correction is the straight line across the swath through the two beams, and the residual is w minus this
line. The field is periodic over a strip of 512 km across: its largest scales are coarse, but the correction
removes them.

References
----------
Esteban-Fernandez et al. 2014, SWOT project: mission performance and error budget, JPL D-79084.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import gamma

from oceanbench.physics.random_signal import random_signal, standard_normal

Array = NDArray[np.float64]

BEAM_KM: Final = 20.0
FOOTPRINT_KM: Final = 6.0  # standard deviation of a beam's footprint, cut at two of them
SMOOTHING_KM: Final = 30.0  # standard deviation of the along-track filter of each beam
ACROSS_POINTS: Final = 256  # of the periodic strip


def _plane_density(k: Array) -> Array:
    """Two-sided density S2 (cm² km²) at wavenumbers in cycles/km; the law changes at 100 km."""
    density = np.zeros_like(k)
    long = (k > 0) & (k < 0.01)
    for where, level, power in ((long, 3.156e-5, 8 / 3), (k >= 0.01, 1.4875e-4, 2.33)):
        factor = 0.5 * level * gamma((power + 1) / 2) / (np.sqrt(np.pi) * gamma(power / 2))
        density[where] = factor * k[where] ** -(power + 1)
    return density


def _path_delay(lines: int, spacing_km: float, seed: Sequence[int]) -> Array:
    """Wet path delay (lines, ACROSS_POINTS) in metres, periodic in both directions, on square cells."""
    k = np.hypot(np.fft.fftfreq(lines, spacing_km)[:, None], np.fft.fftfreq(ACROSS_POINTS, spacing_km))
    white = np.fft.fft2(standard_normal(seed, (lines, ACROSS_POINTS)))
    return np.fft.ifft2(white * np.sqrt(_plane_density(k)) / spacing_km).real / 100


def radiometer_spectrum(frequency: Array) -> Array:
    """One-sided noise spectrum of one beam, cm²/(cycle/km), at frequencies in cycles/km."""
    low = 9.5e-5 * np.maximum(frequency, 1e-3) ** -1.79
    return np.where(frequency <= 0.0023, low, np.where(frequency <= 0.0683, 0.036 * frequency**-0.814, 0.32))


def _gaussian(distance: Array, std: float) -> Array:
    weight = np.exp(-0.5 * (distance / std) ** 2)
    return np.asarray(weight / weight.sum())


def _beam(delay: Array, across: Array, centre: float, spacing_km: float, seed: Sequence[int]) -> Array:
    """Along-track series (lines,) in metres of one beam: footprint, noise, smoothing."""
    lines = delay.shape[0]
    along = np.fft.fftfreq(lines, 1 / lines) * spacing_km
    radius = np.hypot(along[:, None], across - centre)
    footprint = np.where(radius <= 2 * FOOTPRINT_KM, np.exp(-0.5 * (radius / FOOTPRINT_KM) ** 2), 0.0)
    footprint /= footprint.sum()
    smoothing = np.fft.rfft(_gaussian(along, SMOOTHING_KM))
    seen = (np.fft.rfft(delay, axis=0) * np.fft.rfft(footprint, axis=0)).sum(axis=1)
    noise = random_signal(radiometer_spectrum, lines, spacing_km, seed) / 100
    return np.fft.irfft((seen + np.fft.rfft(noise)) * smoothing, lines)


def residual_path_delay(
    lines: int, across_km: Array, seed: Sequence[int], *, spacing_km: float = 2.0
) -> Array:
    """Height error (lines, across) in metres left by a two-beam radiometer.

    Parameters
    ----------
    lines : int
        Lines of the pass.
    across_km : array
        Distances from nadir, on the grid of ``spacing_km`` and at most 100 km.
    seed : sequence of int
        See `oceanbench.physics.random_signal.standard_normal`.

    Raises
    ------
    ValueError
        If a distance is off the grid or beyond 100 km.
    """
    half = ACROSS_POINTS // 2
    column = np.asarray(across_km) / spacing_km + half
    if np.abs(column - np.rint(column)).max() > 1e-6 or np.abs(across_km).max() > 100:
        raise ValueError(f"distances must be multiples of {spacing_km} km within 100 km of nadir")
    ring = 2 ** int(np.ceil(np.log2(max(lines, 1024))))
    delay = _path_delay(ring, spacing_km, [*seed, 0])
    across = np.asarray((np.arange(ACROSS_POINTS) - half) * spacing_km, np.float64)
    left, right = (
        _beam(delay, across, side * BEAM_KM, spacing_km, [*seed, 1 + (side > 0)])[:lines, None]
        for side in (-1, 1)
    )
    share = (np.asarray(across_km) + BEAM_KM) / (2 * BEAM_KM)
    correction = (1 - share) * left + share * right
    return np.asarray(delay[:lines, np.rint(column).astype(int)] - correction)
