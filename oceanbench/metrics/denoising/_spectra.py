"""Spectra along the columns of a swath, from runs of pixels without a gap."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import welch

__all__ = ["RunSpectrum", "contiguous_runs", "run_spectrum"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RunSpectrum:
    """Mean spectral density of runs.

    Attributes
    ----------
    wavenumber : ndarray, shape (k,)
        Cycles per km.
    density : ndarray, shape (k,)
        One-sided, unit² / (cycle/km); NaN where there is no run.
    runs : int
        How many runs were found.
    """

    wavenumber: FloatArray
    density: FloatArray
    runs: int


def contiguous_runs(values: FloatArray, length: int) -> FloatArray:
    """Cut the columns into runs of ``length`` pixels without a gap, shape (runs, length).

    Columns without any value are left out, the others are laid end to end, as challenge 2024b does: a run
    may begin in one column, or one pass, and end in the next. A gap ends a run; a full run starts a new one.

    Parameters
    ----------
    values : ndarray, shape (lines, pixels)
        NaN where missing.
    length : int
        Pixels of a run, at least 1.
    """
    present = np.isfinite(values)
    kept = present.any(axis=0)
    line, there = values[:, kept].ravel(order="F"), present[:, kept].ravel(order="F")
    edges = np.diff(np.concatenate([[False], there, [False]]).astype(np.int8))
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    first = [np.arange(a, b - length + 1, length) for a, b in zip(starts, stops, strict=True)]
    begin = np.concatenate([np.zeros(0, dtype=np.int64), *first])
    return np.asarray(line[begin[:, None] + np.arange(length)], dtype=np.float64)


def run_spectrum(values: FloatArray, length: int, posting_km: float) -> RunSpectrum:
    """Mean spectral density of the runs of a field: Hann window, mean removed, the last wavenumber left out.

    Parameters
    ----------
    values : ndarray, shape (lines, pixels)
        NaN where missing.
    length : int
        Pixels of a run, at least 4.
    posting_km : float
        Distance between two pixels of a column.

    References
    ----------
    Welch (1967), doi:10.1109/TAU.1967.1161901.
    """
    if length < 4:
        raise ValueError(f"runs of {length} pixels have no spectrum; give at least 4")
    runs = contiguous_runs(values, length)
    wavenumber = np.fft.rfftfreq(length, posting_km)
    if not len(runs):
        return RunSpectrum(wavenumber[:-1], np.full(wavenumber.size - 1, np.nan), 0)
    density = welch(runs.ravel(), 1.0 / posting_km, nperseg=length, noverlap=0)[1]
    return RunSpectrum(wavenumber[:-1], np.asarray(density[:-1], dtype=np.float64), len(runs))
