"""Prior variance of each band of wave packets, fitted to the spectrum of fields or of tracks.

The spectrum that the packets of one band have in the window of the data is computed exactly; the variances
are the non-negative numbers with which these spectra add up to that of the data, in relative least squares: a
spectrum falls by orders of magnitude, and its tail matters.
"""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench_baselines.miost._ring_spectra import RingSpectra
from oceanbench_baselines.miost._wave_packets import directions

__all__ = ["fit_band_variances", "fit_band_variances_along_track", "overlap", "relative_fit"]

type Floats = NDArray[np.floating[Any]]

_FINEST = 0.8  # share of the shortest wavelength down to which the spectrum along a track is fitted


def fit_band_variances(
    fields: xr.DataArray,
    wavelengths_km: Floats,
    *,
    npsp: float = 3.5,
    facns: float = 2.0,
    mean: xr.DataArray | None = None,
) -> tuple[float, ...]:
    """Variances of the bands, m², that give the spectrum of training fields.

    Parameters
    ----------
    fields : xr.DataArray, dims (time, lat, lon), metres
        Without gaps; regular axes. Every field counts: thin them in time if there are many.
    wavelengths_km : array, (bands,)
    npsp, facns : float
        See `Miost`.
    mean : xr.DataArray, dims (lat, lon), optional
        Mean height on the grid of the fields. None: their mean in time.

    Raises
    ------
    ValueError
        The fields have gaps, or fewer than 8 points along an axis.
    """
    spectra = RingSpectra.of(fields, wavelengths_km, npsp=npsp, facns=facns, mean=mean)
    return relative_fit(spectra.covariances([0])[0], list(spectra.bands))


def relative_fit(seen: Floats, bands: list[Floats]) -> tuple[float, ...]:
    from scipy.optimize import nnls

    matrix = np.stack(bands, axis=1) / seen[:, None]
    return tuple(float(value) for value in nnls(matrix, np.ones(seen.size))[0])


def fit_band_variances_along_track(
    segments: Floats, spacing_km: float, wavelengths_km: Floats, *, npsp: float = 3.5
) -> tuple[tuple[float, ...], float]:
    """Variances of the bands, and of white noise, that give the spectrum along tracks.

    Parameters
    ----------
    segments : array, (segments, samples), metres
        Anomalies along stretches of equal length without gaps.
    spacing_km : float
        Between samples.
    wavelengths_km : array, (bands,)
    npsp : float

    Returns
    -------
    variances : tuple of float, m², one per band
    noise : float
        Variance of the white noise of one sample, m².
    """
    count = segments.shape[1]
    window = np.hanning(count + 2)[1:-1]
    seen = np.mean(np.abs(np.fft.rfft(segments * window, axis=1)) ** 2, axis=0)
    overlap = np.correlate(window, window, "full")[count - 1 :]
    lags = spacing_km * np.arange(count)
    bands = [_line_spectrum(overlap * _covariance(lags, length, npsp)) for length in wavelengths_km]
    white = np.full(seen.size, float(overlap[0]))
    last = min(seen.size - 1, int(count * spacing_km / (_FINEST * float(np.min(wavelengths_km)))))
    used = slice(1, last + 1)  # the mean of a stretch is not part of any band
    fitted = relative_fit(seen[used], [band[used] for band in [*bands, white]])
    return fitted[:-1], fitted[-1]


def _line_spectrum(covariance: Floats) -> NDArray[np.float64]:
    """Expected periodogram of a windowed line from its covariance at lags 0, 1, ..."""
    both = np.concatenate([covariance, [0.0], covariance[:0:-1]])
    return np.asarray(np.maximum(np.fft.fft(both).real[::2], 0.0)[: covariance.size // 2 + 1])


def _covariance(lags_km: Floats, wavelength: float, npsp: float) -> NDArray[np.float64]:
    """Correlation of one band, over all places and directions of the line, at distances in km."""
    half, k, theta = npsp * wavelength / 2.0, 2.0 * np.pi / wavelength, directions(npsp)
    heading = np.pi * (np.arange(32) + 0.5) / 32
    east, north = np.outer(lags_km, np.cos(heading)), np.outer(lags_km, np.sin(heading))
    wave = np.mean([np.cos(k * (np.cos(t) * east + np.sin(t) * north)) for t in theta], axis=0)
    return np.asarray((wave * overlap(east / half) * overlap(north / half)).mean(axis=1))


def overlap(v: Floats) -> NDArray[np.float64]:
    """Overlap of two windows cos²(pi u / 2) that are v half-widths apart, 1 at v = 0."""
    a = np.minimum(np.abs(v), 2.0)
    return np.asarray(((2.0 - a) * (1.0 + 0.5 * np.cos(np.pi * a)) + 1.5 / np.pi * np.sin(np.pi * a)) / 3.0)
