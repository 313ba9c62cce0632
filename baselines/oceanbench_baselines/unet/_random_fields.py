r"""Gaussian random fields: heights of any slope and strength, without end.

The power of a wave of k cycles per pixel is that of an isotropic field whose one-dimensional spectrum falls
as :math:`k^{-p}` and meets that of white noise of 1.18 cm at the wavelength :math:`L_x`,

.. math:: S(k) = \sigma_{ref}^2\,(k L_x)^{-(p+1)},

flat beyond 150 pixels. Stretching the waves makes fronts of a direction; multiplying two fields by smooth
weights makes a sea that is quiet here and energetic there.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from oceanbench_baselines.unet._features import SIGMA_REF

type Floats = NDArray[np.float32]

LINES, PIXELS = 384, 160  # of the periodic field of which a piece is taken
_FLAT: Final = 1 / 150  # cycles per pixel


@dataclass(frozen=True)
class FieldRanges:
    """Between which bounds a field is drawn.

    Parameters
    ----------
    slope : pair
        p, of the one-dimensional spectrum.
    crossing_km : pair
        L_x, drawn evenly in its logarithm.
    stretch : float
        Along a random direction waves are up to so many times longer.
    patchwork : float
        Share of the fields that are quiet here and energetic there.
    """

    slope: tuple[float, float] = (3.5, 5.6)
    crossing_km: tuple[float, float] = (14.0, 55.0)
    stretch: float = 2.0
    patchwork: float = 0.5


@cache
def _wavenumbers() -> tuple[Floats, Floats]:
    along = fft.fftfreq(LINES).astype(np.float32)[:, None]
    across = fft.fftfreq(PIXELS).astype(np.float32)[None, :]
    return along, across


def random_field(rng: np.random.Generator, ranges: FieldRanges, *, posting_km: float = 2.0) -> Floats:
    """Draw one field.

    Parameters
    ----------
    rng : numpy generator
    ranges : FieldRanges
    posting_km : float
        Distance between pixels.

    Returns
    -------
    array (LINES, PIXELS), metres
    """
    first, second = _pair(rng, ranges, posting_km)
    if rng.random() < 1 - ranges.patchwork:
        return first
    quiet = rng.uniform(0.2, 1.0)
    weight = _smooth_weight(rng)
    return first * weight + quiet * second * (1 - weight)


def _pair(rng: np.random.Generator, ranges: FieldRanges, posting_km: float) -> tuple[Floats, Floats]:
    """Two independent fields of one spectrum: the parts of a complex one."""
    amplitude = _amplitude(rng, ranges, posting_km)
    draws = rng.standard_normal((2, LINES, PIXELS), dtype=np.float32)
    spectrum = (draws[0] + 1j * draws[1]) * (amplitude * np.float32(np.sqrt(LINES * PIXELS)))
    field = fft.ifft2(spectrum, overwrite_x=True)
    return np.ascontiguousarray(field.real), np.ascontiguousarray(field.imag)


def _amplitude(rng: np.random.Generator, ranges: FieldRanges, posting_km: float) -> Floats:
    slope = rng.uniform(*ranges.slope)
    low, high = np.log(ranges.crossing_km)
    crossing = np.exp(rng.uniform(low, high)) / posting_km
    stretch = np.exp(rng.uniform(0, np.log(ranges.stretch)))
    angle = rng.uniform(0, np.pi)
    along, across = _wavenumbers()
    one = np.float32(np.sqrt(stretch)) * (np.cos(angle) * along + np.sin(angle) * across)
    other = np.float32(1 / np.sqrt(stretch)) * (np.cos(angle) * across - np.sin(angle) * along)
    size = np.sqrt(one**2 + other**2 + _FLAT**2).astype(np.float32)
    amplitude = SIGMA_REF * (size * np.float32(crossing)) ** np.float32(-(slope + 1) / 2)
    amplitude[0, 0] = 0.0
    return np.asarray(amplitude, np.float32)


def _smooth_weight(rng: np.random.Generator) -> Floats:
    """Weights 0..1 that change over 20 to 80 pixels across a wavy line of random direction."""
    line = np.arange(LINES, dtype=np.float32)[:, None]
    pixel = np.arange(PIXELS, dtype=np.float32)[None, :]
    angle, width = rng.uniform(0, 2 * np.pi), rng.uniform(10, 40)
    middle = rng.uniform(0.2, 0.8) * LINES, rng.uniform(0.3, 0.7) * PIXELS
    apart = np.cos(angle) * (line - middle[0]) + np.sin(angle) * (pixel - middle[1])
    wave = rng.uniform(0, 30) * np.sin(2 * np.pi * line / rng.uniform(80, 300) + rng.uniform(0, 2 * np.pi))
    return np.asarray(1 / (1 + np.exp(-(apart + wave) / width)), np.float32)
