"""Statistics of the twin's passes, and of real ones by the same functions: spectra, slopes, regimes."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import netCDF4
import numpy as np
from numpy.typing import NDArray
from scipy.signal import detrend
from scipy.signal.windows import hann

from oceanbench.twin.karin2022 import design
from oceanbench.twin.karin2022.pass_files import noise_std
from oceanbench.twin.karin2022.truth_files import PassTruth, read_truths
from oceanbench.twin.plane_spectrum import band_slopes

Array = NDArray[np.float64]

SEGMENT_LINES: Final = 256
STRIDE_LINES: Final = 192
BANDS_KM: Final = ((10, 100), (25, 100), (10, 25), (5, 10))


def segments(column: Array) -> Iterator[slice]:
    """Stretches of 256 finite values of a series, overlapping by a quarter; gaps are stepped over."""
    finite = np.isfinite(column)
    start = 0
    while start + SEGMENT_LINES <= column.size:
        window = slice(start, start + SEGMENT_LINES)
        if finite[window].all():
            yield window
            start += STRIDE_LINES
        else:
            start += int(np.flatnonzero(~finite[window])[-1]) + 1


def periodogram(series: Array) -> Array:
    """One-sided density, m²/(cycle/km), of 256 heights 2 km apart: linear trend removed, Hann window."""
    window = hann(SEGMENT_LINES, sym=False)
    power = np.abs(np.fft.rfft(detrend(series) * window)) ** 2
    return np.asarray(2 * design.LINE_KM * power / np.sum(window**2))


def periodograms(heights: Array) -> Array:
    """Density (segments, 129) of every segment of every column of a pass (lines, pixels) in metres."""
    found = [
        periodogram(heights[window, pixel])
        for pixel in range(heights.shape[1])
        for window in segments(heights[:, pixel])
    ]
    return np.array(found).reshape(-1, SEGMENT_LINES // 2 + 1)


def wavenumbers() -> Array:
    """Wavenumbers (129,) of `periodogram`, cycles per km."""
    return np.fft.rfftfreq(SEGMENT_LINES, design.LINE_KM)


def mean_spectrum(passes: Iterable[Array]) -> Array:
    """Mean density (129,) along the track of passes (lines, pixels) in metres, over all segments.

    Raises
    ------
    ValueError
        If no column of any pass has 256 finite heights in a row.
    """
    found = np.concatenate([periodograms(heights) for heights in passes])
    if not found.size:
        raise ValueError(f"no column has {SEGMENT_LINES} heights in a row; give longer passes")
    return np.asarray(found.mean(axis=0))


def slopes(density: Array, bands_km: Sequence[tuple[int, int]] = BANDS_KM) -> dict[str, float]:
    """Slopes of a density (129,) in bands of wavelengths."""
    return band_slopes(wavenumbers()[1:], density[1:], bands_km)


def read_heights(path: Path, name: str = "ssh_true") -> Array:
    """Heights (lines, pixels) in metres of a file in the layout of 2022a, NaN where missing."""
    with netCDF4.Dataset(path) as dataset:
        return np.ma.filled(dataset[name][:].astype(np.float64), np.nan)


def file_spectrum(paths: Sequence[Path]) -> Array:
    """Mean density (129,) of the truth along the track in files of the layout of 2022a, of any ocean."""
    return mean_spectrum(read_heights(path) for path in paths)


def crossing_km(density: Array, noise_variance: float) -> float:
    """Wavelength in km below which white noise of a variance (m²) first exceeds the density (129,).

    Raises
    ------
    ValueError
        If it exceeds the density everywhere or nowhere.
    """
    ratio = np.log(density[1:]) - np.log(2 * design.LINE_KM * noise_variance)
    below = np.flatnonzero(ratio < 0)
    if not below.size or below[0] == 0:
        raise ValueError(f"noise of {noise_variance} m2 does not cross the spectrum; give another")
    at = below[0]
    share = ratio[at - 1] / (ratio[at - 1] - ratio[at])
    log_k = np.log(wavenumbers()[1:])
    return float(np.exp(-(log_k[at - 1] + share * (log_k[at] - log_k[at - 1]))))


def _regime_spectra(truths: Sequence[PassTruth]) -> dict[str, Array]:
    """Mean density of the segments of which most has low variance, and of the others."""
    found: dict[str, list[Array]] = {"low variance": [], "high variance": []}
    for truth in truths:
        for pixel in range(truth.heights.shape[1]):
            for window in segments(truth.heights[:, pixel]):
                low = truth.low_variance[window, pixel].mean() > 0.5
                series = periodogram(truth.heights[window, pixel])
                found["low variance" if low else "high variance"].append(series)
    return {name: np.mean(series, axis=0) for name, series in found.items() if series}


def cycle_statistics(root: Path, cycle: design.Cycle) -> dict[str, Any]:
    """Statistics of one cycle of a twin's data folder.

    Shares of regimes are of the pixels where the truth is seen. Slopes are those of the mean spectrum along
    the track. The crossing is where the mean noise meets that spectrum.
    """
    truths = list(read_truths(root, cycle))
    heights = [truth.heights for truth in truths]
    density = mean_spectrum(heights)
    seen = np.concatenate([np.isfinite(one).ravel() for one in heights])
    low = np.concatenate([truth.low_variance.ravel() for truth in truths])[seen]
    offshore = np.concatenate([truth.swath.offshore.ravel() for truth in truths])[seen]
    land = np.concatenate([truth.swath.land.ravel() for truth in truths])
    waves = np.concatenate([truth.swath.waves.ravel() for truth in truths])[seen]
    noise = np.concatenate([noise_std(truth.swath)[np.isfinite(truth.heights)] for truth in truths])
    return {
        "passes": len(truths),
        "lines": int(sum(one.shape[0] for one in heights)),
        "height_std_m": _rounded(np.nanstd(np.concatenate(heights))),
        "share_land": _rounded(land.mean()),
        "share_coastal": _rounded(1 - offshore.mean()),
        "share_offshore_low_variance": _rounded((offshore & low).mean()),
        "share_offshore_high_variance": _rounded((offshore & ~low).mean()),
        "wave_height_m": [_rounded(value, 2) for value in np.percentile(waves, [0, 10, 50, 90, 100])],
        "noise_rms_m": _rounded(np.sqrt(np.nanmean(noise**2)), 5),
        "slopes": slopes(density),
        "slopes_by_regime": {name: slopes(one) for name, one in _regime_spectra(truths).items()},
        "noise_crossing_km": _rounded(crossing_km(density, float(np.nanmean(noise**2))), 1),
    }


def statistics(root: Path) -> dict[str, Any]:
    """Statistics of both cycles of a twin's data folder; see `cycle_statistics`."""
    names = {design.SCORED: "scored", design.TRAINING: "training"}
    return {name: cycle_statistics(root, cycle) for cycle, name in names.items()}


def write_statistics(root: Path) -> None:
    """Write `statistics` into the folder."""
    (root / design.STATISTICS_FILE).write_text(json.dumps(statistics(root), indent=1) + "\n")


def _rounded(value: float, digits: int = 3) -> float:
    return round(float(value), digits)
