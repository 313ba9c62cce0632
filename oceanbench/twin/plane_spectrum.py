"""Azimuthally integrated spectrum of fields on the doubly periodic plane of the nature run."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

BANDS_KM: Final = ((50, 300), (100, 300), (60, 200), (30, 100))


def azimuthal_spectrum(
    fields: NDArray[np.float64], side_km: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wavenumbers (cycles/km) and spectral density (unit²/(cycle/km)) summed over rings of width 1/side.

    The rings end at half the sampling frequency; a white field has slope +1.

    Parameters
    ----------
    fields : array (..., n, n)
        Periodic fields; the density is the mean over the leading axes.
    side_km : float
        Length of the square.
    """
    n = fields.shape[-1]
    power = np.abs(np.fft.fft2(fields) / n**2) ** 2
    power = power.reshape(-1, n, n).mean(axis=0)
    index = np.fft.fftfreq(n, 1 / n)
    ring = np.rint(np.hypot(index[:, None], index)).astype(int)
    total = np.bincount(ring.ravel(), power.ravel())
    numbers = np.arange(1, n // 2)
    return numbers / side_km, total[numbers] * side_km


def spectral_slope(
    wavenumber: NDArray[np.float64], density: NDArray[np.float64], *, shortest_km: float, longest_km: float
) -> float:
    """Least-squares slope of log density on log wavenumber between two wavelengths.

    Raises
    ------
    ValueError
        If fewer than three wavenumbers fall between the wavelengths.
    """
    inside = (wavenumber >= 1 / longest_km) & (wavenumber <= 1 / shortest_km)
    if inside.sum() < 3:
        raise ValueError(
            f"{inside.sum()} wavenumbers between {shortest_km} and {longest_km} km; at least 3 needed"
        )
    return float(np.polyfit(np.log(wavenumber[inside]), np.log(density[inside]), 1)[0])


def band_slopes(
    wavenumber: NDArray[np.float64],
    density: NDArray[np.float64],
    bands_km: Sequence[tuple[int, int]] = BANDS_KM,
) -> dict[str, float]:
    """Slope in each band of wavelengths, rounded to 0.001, under a name such as ``50-300 km``."""
    return {
        f"{short}-{long} km": round(
            spectral_slope(wavenumber, density, shortest_km=short, longest_km=long), 3
        )
        for short, long in bands_km
    }
