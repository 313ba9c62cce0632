"""Where noise meets signal: wavelengths read from a ratio of two spectra."""

import warnings

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

NO_CROSSING_KM = 1000.0  # what the official code says where there is none, whatever the segments


def wavelength_snr1_official(ratio: npt.ArrayLike, frequency: npt.ArrayLike) -> float:
    """Official λ(SNR = 1): the longest wavelength at which PSD(error) / PSD(true) crosses 1.

    Upward or downward, linear in the logarithm of the wavenumber. One bin of large scales can decide it.

    Parameters
    ----------
    ratio, frequency : array_like, shape (n,)
        Wavenumbers in cycles per km, ascending from 0.

    Returns
    -------
    float, km
        1000 where nothing crosses 1 (and without any bin); NaN where all crossings touch wavenumber 0 or a
        missing ratio.
    """
    above = np.asarray(ratio, dtype=np.float64) - 1.0
    bins = np.asarray(frequency, dtype=np.float64)
    crossings = np.flatnonzero(np.diff(np.sign(above)) != 0)
    if not crossings.size:
        return NO_CROSSING_KM
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN", RuntimeWarning)
        start, stop = np.log(bins[crossings]), np.log(bins[crossings + 1])
        fraction = above[crossings] / (above[crossings] - above[crossings + 1])
        return float(np.nanmax(1.0 / np.exp(start - fraction * (start - stop))))


def wavelength_of_ratio(ratio: npt.ArrayLike, frequency: npt.ArrayLike, level: float = 1.0) -> float:
    """Robust λ: the wavelength at which PSD(error) / PSD(true) first rises to a level.

    Read from the large scales down, wavenumber 0 left aside (the mean of each segment is removed): the first
    bin below the level whose successor is not, and between the two linear in the logarithm of the wavenumber.
    What lies beyond, at smaller scales, does not matter. Large scales that are above the level from the start
    are passed over: the ocean has next to no vorticity there, and hardly any error is small beside it. A
    missing ratio counts as not below.

    Parameters
    ----------
    ratio, frequency : array_like, shape (n,)
        Wavenumbers in cycles per km, ascending from 0.
    level : float
        1 for λ(SNR = 1); 0.5 for λ(SNR = 2), the effective resolution of maps.

    Returns
    -------
    float, km
        NaN where the ratio never rises to the level: because it is nowhere below, or below to the end.
    """
    ratios, bins = np.asarray(ratio, dtype=np.float64), np.asarray(frequency, dtype=np.float64)
    wavelength = resolved_wavelengths(ratios[None], bins, level)[0]
    return float(wavelength) if wavelength else float("nan")


def resolved_wavelengths(ratio: FloatArray, frequency: FloatArray, level: float) -> FloatArray:
    """Read many ratios as `wavelength_of_ratio` does, shape (r, n) to (r,), km.

    NaN where the ratio does not rise because it ends above the level, 0 where it ends below.
    """
    ratios, bins = ratio[:, 1:], frequency[1:]
    if bins.size < 2:
        return np.full(len(ratio), np.nan)
    below = ratios < level
    rises = below[:, :-1] & ~below[:, 1:]
    rows, inside = np.arange(len(ratios)), rises.argmax(axis=1)
    low, high = ratios[rows, inside], ratios[rows, inside + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        fraction = np.clip(np.nan_to_num((level - low) / (high - low)), 0.0, 1.0)
    start, stop = np.log(bins[inside]), np.log(bins[inside + 1])
    crossing = np.exp(-(start + fraction * (stop - start)))
    return np.where(rises.any(axis=1), crossing, np.where(below[:, -1], 0.0, np.nan))
