"""Along-track spectra: a track cut at gaps into pieces, pieces into overlapping segments."""

from dataclasses import dataclass, fields
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

__all__ = ["PieceSpectra", "Segmentation", "piece_spectra"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
TimeArray = npt.NDArray[np.datetime64]

_BATCH = 4096  # segments transformed at once


@dataclass(frozen=True)
class Segmentation:
    """How a track is cut.

    Attributes
    ----------
    spacing_km : float
        Distance between successive samples.
    segment_km : float
        Length of a segment; it holds int(segment_km / spacing_km) samples.
    max_gap : numpy.timedelta64
        Successive samples further apart in time belong to different pieces.
    stride_fraction : float
        Distance between the starts of successive segments of a piece, as a fraction of their length:
        0.25 makes them overlap by 75 %.
    """

    spacing_km: float
    segment_km: float
    max_gap: np.timedelta64
    stride_fraction: float = 0.25

    def __post_init__(self) -> None:
        if not 0 < self.spacing_km <= self.segment_km:
            raise ValueError(
                f"spacing {self.spacing_km} km and segments of {self.segment_km} km: 0 < spacing <= segment"
            )
        if not 0 < self.stride_fraction <= 1:
            raise ValueError(f"stride_fraction is {self.stride_fraction}; expected above 0 and up to 1")

    @property
    def samples(self) -> int:
        """Number of samples of a segment."""
        return int(self.segment_km / self.spacing_km)

    @property
    def stride(self) -> int:
        """Number of samples between the starts of successive segments."""
        return max(1, int(self.samples * self.stride_fraction))

    @property
    def wavenumber(self) -> FloatArray:
        """Wavenumbers of a segment, cycles per km, from 0."""
        return np.fft.rfftfreq(self.samples, self.spacing_km)

    def starts(self, time: TimeArray, reading: Literal["official", "robust"]) -> list[IntArray]:
        """First sample of each segment, for each piece that holds one.

        The robust reading starts a piece after the gap, and uses the last piece. The official one starts it
        with the last sample *before* the gap, demands one sample more than a segment, and never uses what
        follows the last gap: a track without a gap gives no segment.
        """
        breaks = np.flatnonzero(np.diff(time) > self.max_gap)
        if reading == "official":
            edges, spare = np.concatenate([[0], breaks]), 0
        else:
            edges, spare = np.concatenate([[0], breaks + 1, [time.size]]), 1
        pieces = [
            np.arange(first, last - self.samples + spare, self.stride)
            for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        ]
        return [piece for piece in pieces if piece.size]


@dataclass(frozen=True, eq=False)
class PieceSpectra:
    """Spectral densities summed over the segments of each piece; ``+`` joins the pieces of other tracks.

    Attributes
    ----------
    sums : ndarray, shape (n_pieces, 3, n_wavenumbers), m²/(cycle/km)
        Σ over segments of the densities of reference, estimate, and estimate - reference.
    segments : ndarray, shape (n_pieces,)
        Number of segments of each piece.
    lon, lat : ndarray, shape (n_segments,)
        Median position of each segment, degrees.
    """

    sums: FloatArray
    segments: FloatArray
    lon: FloatArray
    lat: FloatArray

    def __add__(self, other: Self) -> Self:
        names = [field.name for field in fields(self)]
        return type(self)(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in names))

    def mean(self) -> FloatArray:
        """Mean density of reference, estimate and difference, shape (3, n); NaN without a segment."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.sums.sum(axis=0) / self.segments.sum())


def piece_spectra(
    estimate: FloatArray,
    reference: FloatArray,
    lon: FloatArray,
    lat: FloatArray,
    starts: list[IntArray],
    segmentation: Segmentation,
) -> PieceSpectra:
    """Periodograms of all segments: mean removed, periodic Hann window, one-sided density.

    Their average over segments is Welch's estimate.

    Parameters
    ----------
    estimate, reference, lon, lat : ndarray, shape (n,)
    starts : list of ndarray
        From `Segmentation.starts`.
    segmentation : Segmentation

    References
    ----------
    Welch (1967), The use of fast Fourier transform for the estimation of power spectra,
    doi:10.1109/TAU.1967.1161901.
    """
    series = (reference, estimate, estimate - reference)
    sums = np.zeros((len(starts), len(series), segmentation.wavenumber.size))
    counts = np.array([piece.size for piece in starts], dtype=np.int64)
    flat = np.concatenate([*starts, np.empty(0, dtype=np.int64)])
    piece = np.repeat(np.arange(len(starts)), counts)
    middle_lon, middle_lat = np.empty(flat.size), np.empty(flat.size)
    for at in range(0, flat.size, _BATCH):
        batch = slice(at, at + _BATCH)
        samples = flat[batch, None] + np.arange(segmentation.samples)
        for index, values in enumerate(series):
            np.add.at(sums[:, index], piece[batch], _periodograms(values[samples], segmentation.spacing_km))
        middle_lon[batch] = _middle_longitude(lon[samples])
        middle_lat[batch] = np.median(lat[samples], axis=1)
    return PieceSpectra(sums, counts.astype(np.float64), middle_lon, middle_lat)


def _periodograms(segments: FloatArray, spacing: float) -> FloatArray:
    """One-sided spectral density of each row, unit²·spacing."""
    size = segments.shape[1]
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(size) / size)
    anomaly = segments - segments.mean(axis=1, keepdims=True)
    density = np.abs(np.fft.rfft(anomaly * window, axis=1)) ** 2 * spacing / (window**2).sum()
    density[:, 1 : (size + 1) // 2] *= 2.0  # the negative wavenumbers; mean and Nyquist have none
    return np.asarray(density)


def _middle_longitude(lon: FloatArray) -> FloatArray:
    """Median of each row, -180..180, across the date line too."""
    middle = np.median(np.unwrap(lon, period=360.0, axis=1), axis=1)
    return np.asarray((middle + 180.0) % 360.0 - 180.0)
