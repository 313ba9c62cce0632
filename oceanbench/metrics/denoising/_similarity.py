r"""Structural similarity of two fields: officially over all pixels at once, and window by window.

.. math:: \mathrm{SSIM} = \frac{2\mu_1\mu_2 + c_1}{\mu_1^2 + \mu_2^2 + c_1}
   \cdot \frac{2\sigma_1\sigma_2 + c_2}{\sigma_1^2 + \sigma_2^2 + c_2}
   \cdot \frac{\sigma_{12} + c_3}{\sigma_1\sigma_2 + c_3},
   \quad c_1 = (0.01 L)^2,\; c_2 = (0.03 L)^2,\; c_3 = c_2 / 2

with L the range of the values.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter

__all__ = ["global_similarity", "windowed_similarity"]

FloatArray = npt.NDArray[np.float64]

_K1, _K2 = 0.01, 0.03
_TAILS = (1.0, 99.0)  # percent: the range of a field is not that of its two worst pixels


def global_similarity(first: FloatArray, second: FloatArray) -> float:
    """Similarity as challenge 2024b computes it, one window over all pixels; NaN where nothing is common.

    The longer field is cut to the lines of the shorter one. Mean and standard deviation (ddof 0) of a field
    are those of its own pixels, the mean without its sign; the covariance (ddof 1) is that of the common
    pixels; L is the range of the second field. Exchanging the fields changes the number.

    Parameters
    ----------
    first, second : ndarray, shapes (lines, pixels) and (other lines, pixels)
        NaN where missing.

    References
    ----------
    Wang et al. (2004), Image quality assessment: from error visibility to structural similarity,
    doi:10.1109/TIP.2003.819861, eq. 6-12. The choices above: code of challenge 2024b.
    """
    lines = min(len(first), len(second))
    one, two = first[:lines], second[:lines]
    common = np.isfinite(one) & np.isfinite(two)
    if common.sum() < 2:
        return np.nan
    (mean1, std1), (mean2, std2) = _moments(one), _moments(two)
    covariance = np.cov(one[common], two[common])[0, 1]
    c1, c2 = _constants(float(np.nanmax(two) - np.nanmin(two)))
    with np.errstate(invalid="ignore", divide="ignore"):
        luminance = (2 * mean1 * mean2 + c1) / (mean1**2 + mean2**2 + c1)
        contrast = (2 * std1 * std2 + c2) / (std1**2 + std2**2 + c2)
        return float(luminance * contrast * (covariance + c2 / 2) / (std1 * std2 + c2 / 2))


def windowed_similarity(first: FloatArray, second: FloatArray, window: int) -> FloatArray:
    """Similarity in the window around each common pixel, shape (lines, pixels).

    All moments are those of the pixels of the window that both fields have (ddof 0), L is the range of both
    fields together, from its 1 % to its 99 % point: exchanging the fields changes nothing. Means of opposite
    sign are not alike: their term is zero, lest it turn an anticorrelation into a likeness. Windows less than
    half full are left out, and fields without any range, which have no structure.

    Parameters
    ----------
    first, second : ndarray, shape (lines, pixels)
        NaN where missing.
    window : int
        Pixels along each side of the window; odd.

    Returns
    -------
    ndarray, shape (lines, pixels)
        In -1..1; NaN where a field is missing or the window is too empty.

    References
    ----------
    Wang et al. (2004), doi:10.1109/TIP.2003.819861, eq. 13.
    """
    if first.shape != second.shape:
        raise ValueError(f"fields of shapes {first.shape} and {second.shape}; give the same lines and pixels")
    if window < 3 or window % 2 == 0:
        raise ValueError(f"the window has {window} pixels along a side; give an odd number, 3 or more")
    common = np.isfinite(first) & np.isfinite(second)
    if not common.any():
        return np.full(first.shape, np.nan)
    both = np.concatenate([first[common], second[common]])
    mean, spread = both.mean(), float(np.ptp(np.percentile(both, _TAILS)))
    if not spread:
        return np.full(first.shape, np.nan)
    share = _sums(common.astype(np.float64), window)
    enough = common & (share >= 0.5 - 1e-9)
    # moments about the mean of both fields lose fewer digits
    one, two = (np.where(common, field - mean, 0.0) for field in (first, second))
    values = _similarity(one, two, mean, np.maximum(share, 1e-9), spread, window)
    return np.where(enough, values, np.nan)


def _similarity(
    one: FloatArray, two: FloatArray, mean: float, share: FloatArray, spread: float, window: int
) -> FloatArray:
    def average(field: FloatArray) -> FloatArray:
        return _sums(field, window) / share

    c1, c2 = _constants(spread)
    mean1, mean2 = average(one), average(two)
    variance = _variance(average, one, mean1) + _variance(average, two, mean2)
    covariance = average(one * two) - mean1 * mean2
    mean1, mean2 = mean1 + mean, mean2 + mean
    luminance = np.maximum((2 * mean1 * mean2 + c1) / (mean1**2 + mean2**2 + c1), 0.0)
    return luminance * (2 * covariance + c2) / (variance + c2)


def _variance(average: Callable[[FloatArray], FloatArray], field: FloatArray, mean: FloatArray) -> FloatArray:
    return np.maximum(average(field**2) - mean**2, 0.0)


def _sums(field: FloatArray, window: int) -> FloatArray:
    return np.asarray(uniform_filter(field, window, mode="constant"), dtype=np.float64)


def _constants(spread: float) -> tuple[float, float]:
    return (_K1 * spread) ** 2, (_K2 * spread) ** 2


def _moments(field: FloatArray) -> tuple[np.float64, np.float64]:
    there = field[np.isfinite(field)]
    return np.abs(there.mean()), there.std()
