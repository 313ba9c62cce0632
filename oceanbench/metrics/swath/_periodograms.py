"""Spectra along the track: every column of pixels cut into overlapping segments."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft

FloatArray = npt.NDArray[np.float64]

SERIES = ("true", "noisy", "filtered", "error", "noise")


@dataclass(frozen=True)
class Segments:
    """How the columns of a pass are cut.

    Attributes
    ----------
    posting_km : float
        Distance between two lines.
    length_km : float
        Length of a segment; it holds int(length_km / posting_km) lines.
    overlap : float
        Part of a segment that the next one shares, 0 <= overlap < 1.
    to_the_end : bool
        Whether a segment may end with the last line of the pass; the official code never uses that one.
    """

    posting_km: float
    length_km: float
    overlap: float
    to_the_end: bool

    def __post_init__(self) -> None:
        if not 0 < 2 * self.posting_km <= self.length_km:
            raise ValueError(
                f"segments of {self.length_km} km on a posting of {self.posting_km} km; expected "
                "a posting above 0 and at least two lines in a segment"
            )
        if not 0 <= self.overlap < 1:
            raise ValueError(f"overlap is {self.overlap}; expected from 0 to below 1")

    @property
    def lines(self) -> int:
        """Number of lines of a segment."""
        return int(self.length_km / self.posting_km)

    @property
    def wavenumber(self) -> FloatArray:
        """Wavenumbers of a segment, cycles per km, from 0."""
        return np.fft.rfftfreq(self.lines, self.posting_km)

    def starts(self, lines: int) -> range:
        """First lines of the segments of a pass with so many lines."""
        stride = self.lines - int(self.lines * self.overlap)
        return range(0, lines - self.lines + (1 if self.to_the_end else 0), stride)


@dataclass(frozen=True, eq=False)
class SpectrumSums:
    """Spectral densities summed over segments.

    Attributes
    ----------
    sums : ndarray, shape (n_quantities, 5, n_wavenumbers), unit²/(cycle/km)
        Σ over segments of the one-sided densities of true, noisy, filtered, error (filtered - true) and noise
        (noisy - true).
    segments : ndarray, shape (n_quantities,)
        Number of segments.
    """

    sums: FloatArray
    segments: FloatArray


def spectrum_sums(quantities: list[FloatArray], segments: Segments) -> SpectrumSums:
    """Sum the periodograms of all segments without a missing value; each quantity chooses its own.

    The mean is removed and a periodic Hann window applied; the mean over segments is Welch's estimate.

    Parameters
    ----------
    quantities : list of ndarray, shape (3, n_lines, n_pixels)
        True, noisy and filtered values of each quantity.
    segments : Segments

    References
    ----------
    Welch (1967), The use of fast Fourier transform for the estimation of power spectra,
    doi:10.1109/TAU.1967.1161901.
    """
    pairs = [_quantity_sums(values, segments) for values in quantities]
    return SpectrumSums(np.stack([sums for sums, _ in pairs]), np.array([float(count) for _, count in pairs]))


def _quantity_sums(values: FloatArray, segments: Segments) -> tuple[FloatArray, int]:
    sums, count = np.zeros((len(SERIES), segments.lines // 2 + 1)), 0
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(segments.lines) / segments.lines)
    complete = np.isfinite(values).all(axis=0)
    for start in segments.starts(values.shape[1]):
        lines = slice(start, start + segments.lines)
        columns = complete[lines].all(axis=0)
        if columns.any():
            sums += _power(values[:, lines, columns], window)
            count += int(columns.sum())
    sums *= segments.posting_km / (window**2).sum()
    sums[:, 1 : (segments.lines + 1) // 2] *= 2.0  # the negative wavenumbers; mean and Nyquist have none
    return sums, count


def _power(values: FloatArray, window: FloatArray) -> FloatArray:
    """Σ |transform|² over columns (last axis) of the five series, shape (5, n_wavenumbers)."""
    anomaly = values - values.mean(axis=1, keepdims=True)
    true, noisy, filtered = scipy.fft.rfft(anomaly * window[:, None], axis=1)
    series = (true, noisy, filtered, filtered - true, noisy - true)  # differences, since it is linear
    return np.stack(
        [np.einsum("kc,kc->k", s.real, s.real) + np.einsum("kc,kc->k", s.imag, s.imag) for s in series]
    )
