r"""Weighted means over windows of a pass, with the same weights everywhere: Gaussian, boxcar, Lanczos.

.. math:: \hat h = \frac{K * (m y)}{K * m}

with the kernel K, the measured heights y and m = 1 where there is one, else 0. The mean over what is measured
keeps a constant whatever is missing. A kernel that reaches across the gap under the satellite (20 km) lets
the two halves of the swath see each other; a narrower one does not.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d, label
from scipy.signal import oaconvolve
from scipy.special import j1

from oceanbench_baselines.filtering._pass_filter import Floats, Heights, PassFilter
from oceanbench_baselines.mapping._observed import require

__all__ = ["Boxcar", "Gaussian", "Lanczos"]

_CUT: Final = 4.0  # standard deviations, along each axis
_LOBES: Final = 3.0  # cutoff wavelengths within which the Lanczos kernel is not zero
_LEAST_SHARE: Final = 0.25  # of the weights that positive and negative ones must leave


@dataclass(frozen=True)
class Gaussian(PassFilter):
    """Mean with Gaussian weights of the distance, over what is measured.

    Parameters
    ----------
    sigma_km : float
        Standard deviation of the weights, > 0; they end four of them away. A wave of length L keeps
        exp(-2 π² sigma² / L²) of its amplitude, one half at 5.3 sigma. By default the best on the cycle to
        learn from of 2022a-twin: heights are missed there by 3.40, 3.33, 3.33, 3.38 and 3.63 mm with 2.75,
        3, 3.25, 3.5 and 4 km.

    Raises
    ------
    ValueError
        A parameter out of its range.

    Notes
    -----
    White noise keeps posting / (2 √π sigma) of its standard deviation.
    """

    INPUTS: ClassVar[str] = "one pass of a swath"
    COST: ClassVar[str] = "pixels x sigma"

    sigma_km: float = 3.0

    def __post_init__(self) -> None:
        """Refuse weights without a width."""
        require(self, "sigma_km", self.sigma_km > 0, "a number above 0")

    def _filter(self, heights: Heights) -> Floats:
        sigma = self.sigma_km / heights.posting_km
        away = np.arange(-int(_CUT * sigma + 0.5), int(_CUT * sigma + 0.5) + 1)
        return _separable_mean(heights, np.exp(-0.5 * (away / sigma) ** 2))


@dataclass(frozen=True)
class Boxcar(PassFilter):
    """Mean of a square window, over what is measured.

    Parameters
    ----------
    size : int
        Lines and pixels of the window, odd, so that the sea does not move. By default the best on the cycle
        to learn from of 2022a-twin: 4.71, 3.49, 4.00 and 5.27 mm with 3, 5, 7 and 9.

    Raises
    ------
    ValueError
        A parameter out of its range.

    Notes
    -----
    White noise keeps 1 / size of its standard deviation. Waves somewhat shorter than the window come out
    upside down.
    """

    INPUTS: ClassVar[str] = "one pass of a swath"
    COST: ClassVar[str] = "pixels x size"

    size: int = 5

    def __post_init__(self) -> None:
        """Refuse windows without a centre."""
        require(self, "size", self.size >= 1 and self.size % 2 == 1, "an odd whole number from 1")

    def _filter(self, heights: Heights) -> Floats:
        return _separable_mean(heights, np.ones(self.size))


@dataclass(frozen=True)
class Lanczos(PassFilter):
    r"""Low-pass filter with a sharp cut in wavelength, over what is measured.

    The kernel of a low-pass in two dimensions, tapered to zero by the Lanczos window at R = 3 cutoffs:

    .. math:: K(x, y) = \frac{J_1(2\pi r/L)}{L r}\,\mathrm{sinc}(x/R)\,\mathrm{sinc}(y/R), \qquad r \le R

    Parameters
    ----------
    cutoff_km : float
        Wavelength L of which half the amplitude is kept, > 0. By default the best on the cycle to learn from
        of 2022a-twin: 3.28, 3.11, 3.11 and 3.27 mm with 16, 17, 18 and 19 km.

    Raises
    ------
    ValueError
        A parameter out of its range.

    Notes
    -----
    The kernel has negative weights. Where so little is measured that they take away more than three quarters
    of the positive ones (or leave less than nothing), the mean is that of the main lobe alone.

    References
    ----------
    Duchon, C. E. (1979), J. Appl. Meteor. 18, 1016-1022,
    doi:10.1175/1520-0450(1979)018<1016:LFIOAT>2.0.CO;2.
    """

    INPUTS: ClassVar[str] = "one pass of a swath"
    COST: ClassVar[str] = "pixels x log(cutoff)"

    cutoff_km: float = 18.0

    def __post_init__(self) -> None:
        """Refuse kernels without a width."""
        require(self, "cutoff_km", self.cutoff_km > 0, "a number above 0")

    def _filter(self, heights: Heights) -> Floats:
        seen = heights.measured.astype(np.float64)
        mean = heights.ssh[heights.measured].mean()
        above = np.where(heights.measured, heights.ssh - mean, 0.0)
        kernel = _lanczos_kernel(self.cutoff_km / heights.posting_km)
        positive, negative = np.maximum(kernel, 0.0), np.maximum(-kernel, 0.0)
        gained, lost = _convolved(seen, positive), _convolved(seen, negative)
        cancelled = gained - lost < _LEAST_SHARE * gained
        sums, weights = _convolved(above, kernel), gained - lost
        if cancelled[heights.measured].any():
            lobe = _main_lobe(kernel)
            sums[cancelled] = _convolved(above, lobe)[cancelled]
            weights[cancelled] = _convolved(seen, lobe)[cancelled]
        return mean + _ratio(sums, weights, heights.measured)


def _separable_mean(heights: Heights, weights: Floats) -> Floats:
    """Mean with the weights, odd in number, along both axes."""
    sums, seen = (
        correlate1d(correlate1d(field, weights, 0, mode="constant"), weights, 1, mode="constant")
        for field in (np.where(heights.measured, heights.ssh, 0.0), heights.measured.astype(np.float64))
    )
    return _ratio(sums, seen, heights.measured)


def _ratio(sums: Floats, weights: Floats, wanted: NDArray[np.bool_]) -> Floats:
    return np.divide(sums, weights, out=np.zeros_like(sums), where=wanted)


def _convolved(field: Floats, kernel: Floats) -> Floats:
    return np.asarray(oaconvolve(field, kernel, mode="same", axes=(0, 1)))


def _lanczos_kernel(cutoff: float) -> Floats:
    """Weights in steps of one pixel, odd in number along both axes; ``cutoff`` in pixels."""
    reach = _LOBES * cutoff
    away = np.arange(-int(reach), int(reach) + 1)
    distance = np.hypot(away[:, None], away)
    centre = away.size // 2
    distance[centre, centre] = 1.0  # the limit there is set below
    low_pass = j1(2.0 * np.pi * distance / cutoff) / (cutoff * distance)
    low_pass[centre, centre] = np.pi / cutoff**2
    kernel = low_pass * np.sinc(away / reach)[:, None] * np.sinc(away / reach)
    kernel[np.hypot(away[:, None], away) > reach] = 0.0
    return np.asarray(kernel / kernel.sum())


def _main_lobe(kernel: Floats) -> Floats:
    """The positive weights around the centre, those beyond the first negative ones left out."""
    regions, _ = label(kernel > 0)
    centre = kernel.shape[0] // 2
    return np.where(regions == regions[centre, centre], kernel, 0.0)
