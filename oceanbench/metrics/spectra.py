"""Power of maps in the plane (frequency, zonal wavenumber), summed over latitude rows.

Each latitude row is a plane (time, lon): its mean (or its best plane) is removed, it is tapered by the
product of two windows, and transformed. Powers are not normalised, since every score is a ratio of two
of them.
"""

from dataclasses import dataclass, fields
from typing import Literal, Self, cast, get_args

import numpy as np
import numpy.typing as npt
import scipy.fft

__all__ = ["PlanePower", "RowTransform", "SlabPower", "positive_frequencies", "taper"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

Detrend = Literal["constant", "linear"]
Window = Literal["periodic", "symmetric", "tukey"]

_TUKEY_SHARE = 0.5  # of a Tukey window is not flat


@dataclass(frozen=True, eq=False)
class SlabPower:
    """Power of some latitude rows, laid out as one block of `PlanePower`."""

    westward: FloatArray
    complete: FloatArray
    both: FloatArray


@dataclass(frozen=True, eq=False)
class PlanePower:
    """Power of error and reference in blocks of adjacent latitude rows; ``+`` joins blocks of other rows.

    Attributes
    ----------
    lat : ndarray, shape (n_blocks,)
        Mean latitude of the rows of each block, degrees north.
    rows, cosine : ndarray, shape (n_blocks,)
        Number of latitude rows of each block, and sum of the cosines of their latitudes.
    westward : ndarray, shape (n_blocks, 2, n_time, n_lon)
        Σ |FFT|² of (error, reference) over rows without any missing value, for waves cos(2π(kx + ft)) with
        k, f > 0, which travel west: the one quadrant the official code keeps.
    complete : ndarray, shape (n_blocks, 2)
        How many rows entered, for error and for reference.
    both : ndarray, shape (n_blocks, 2, n_time, n_lon)
        Σ |FFT|² over the rows on which the reference is complete, westward and eastward added. A row that
        meets land is left out of both: the jump at the coast would put power into every wavelength.
    """

    lat: FloatArray
    rows: FloatArray
    cosine: FloatArray
    westward: FloatArray
    complete: FloatArray
    both: FloatArray

    @classmethod
    def zeros(cls, lat: FloatArray, blocks: npt.NDArray[np.int64], shape: tuple[int, int]) -> Self:
        """Power of no row yet, in blocks; ``blocks`` holds the block of each row of ``lat``."""
        rows = np.bincount(blocks).astype(np.float64)
        centres = np.bincount(blocks, weights=lat) / rows
        planes = (rows.size, 2, *shape)
        cosine = np.bincount(blocks, weights=np.cos(np.radians(lat)))
        return cls(centres, rows, cosine, np.zeros(planes), np.zeros((rows.size, 2)), np.zeros(planes))

    def enter(self, block: int, part: SlabPower) -> None:
        """Add the power of some rows of a block."""
        self.westward[block] += part.westward
        self.complete[block] += part.complete
        self.both[block] += part.both

    def __add__(self, other: Self) -> Self:
        order = np.argsort(np.concatenate([self.lat, other.lat]), kind="stable")
        names = [field.name for field in fields(self)]
        return type(self)(*(np.concatenate([getattr(self, n), getattr(other, n)])[order] for n in names))

    def westward_mean(self) -> tuple[FloatArray, FloatArray]:
        """Mean power of error and of reference over complete rows; NaN where no row is complete."""
        with np.errstate(invalid="ignore"):
            mean = self.westward.sum(axis=0) / self.complete.sum(axis=0)[:, None, None]
        return mean[0], mean[1]


@dataclass(frozen=True, eq=False)
class RowTransform:
    """How the (time, lon) planes of latitude rows become powers at positive frequencies.

    Attributes
    ----------
    n_time, n_lon : int
        Lengths of the two axes.
    detrend : {"constant", "linear"}
        What is removed from each row: its mean, or its least-squares plane in index space.
    window : {"periodic", "symmetric", "tukey"}
        Hann window 0.5 - 0.5 cos(2πn/N), with N the length, or the length less one; or a periodic Tukey
        window: Hann over the first and the last quarter, 1 between them.
    """

    n_time: int
    n_lon: int
    detrend: Detrend = "constant"
    window: Window = "periodic"

    def __post_init__(self) -> None:
        if self.detrend not in ("constant", "linear"):
            raise ValueError(f"detrend is {self.detrend!r}; choose 'constant' or 'linear'")
        if self.window not in get_args(Window):
            raise ValueError(f"window is {self.window!r}; choose one of {', '.join(get_args(Window))}")

    @property
    def shape(self) -> tuple[int, int]:
        """Number of strictly positive frequencies along time and lon, Nyquist left out."""
        return (self.n_time - 1) // 2, (self.n_lon - 1) // 2

    def powers(self, rows: FloatArray, valid: BoolArray | None = None) -> FloatArray:
        """Σ over rows of |FFT|², westward then eastward.

        Two rows a, b share one complex transform z = a + ib, since only their sum is wanted:
        |A(k)|² + |B(k)|² = (|Z(k)|² + |Z(-k)|²) / 2.

        Parameters
        ----------
        rows : ndarray, shape (n_time, n_rows, n_lon)
            Finite; changed in place.
        valid : ndarray of bool, same shape, optional
            Points to use; the others are zero after the detrending.

        Returns
        -------
        ndarray, shape (2, n_time', n_lon') with positive frequencies only
        """
        count_time, count_lon = self.shape
        if not count_time or not count_lon:
            return np.zeros((2, count_time, count_lon))
        self._remove_trend(rows, valid)
        transform = scipy.fft.fft(self._tapered_pairs(rows), axis=2, overwrite_x=True)
        transform = scipy.fft.fft(transform, axis=0, overwrite_x=True)
        power = sum(np.einsum("tjx,tjx->tx", part, part) for part in (transform.real, transform.imag))
        up, down = slice(1, count_time + 1), slice(None, -count_time - 1, -1)
        east, west = slice(1, count_lon + 1), slice(None, -count_lon - 1, -1)
        return np.stack([power[up, east] + power[down, west], power[down, east] + power[up, west]]) / 2.0

    def _tapered_pairs(self, rows: FloatArray) -> npt.NDArray[np.complex128]:
        """Every second row as real part and the next one as imaginary part, times the window."""
        weight = taper(self.n_time, self.window)[:, None, None] * taper(self.n_lon, self.window)
        count = rows.shape[1]
        pairs = np.zeros((self.n_time, (count + 1) // 2, self.n_lon), dtype=np.complex128)
        np.multiply(rows[:, ::2], weight, out=pairs.real)
        np.multiply(rows[:, 1::2], weight, out=pairs.imag[:, : count // 2])
        return pairs

    def _remove_trend(self, rows: FloatArray, valid: BoolArray | None) -> None:
        if self.detrend == "linear":
            rows -= self._planes(rows, valid)
        elif valid is None:
            rows -= rows.mean(axis=(0, 2), keepdims=True)
        else:
            count = np.maximum(valid.sum(axis=(0, 2), keepdims=True), 1)
            rows -= np.where(valid, rows, 0.0).sum(axis=(0, 2), keepdims=True) / count
        if valid is not None:
            rows *= valid

    def _planes(self, rows: FloatArray, valid: BoolArray | None) -> FloatArray:
        """Least-squares plane a + b t + c x of each row over its valid points."""
        axes = np.linspace(-1, 1, self.n_time), np.linspace(-1, 1, self.n_lon)
        time, lon = np.meshgrid(*axes, indexing="ij")
        basis = np.stack([np.ones_like(time), time, lon])
        weight = np.ones(rows.shape) if valid is None else valid.astype(np.float64)
        normal = np.einsum("atx,btx,trx->rab", basis, basis, weight, optimize=True)
        right = np.einsum("atx,trx->ra", basis, np.where(weight > 0, rows, 0.0), optimize=True)
        coefficients = (np.linalg.pinv(normal, hermitian=True) @ right[..., None])[..., 0]
        return cast(FloatArray, np.einsum("ra,atx->trx", coefficients, basis, optimize=True))


def positive_frequencies(size: int, step: float) -> FloatArray:
    """Strictly positive Fourier frequencies of ``size`` samples ``step`` apart, Nyquist left out."""
    return np.arange(1, (size - 1) // 2 + 1) / (size * step)


def taper(size: int, window: Window) -> FloatArray:
    """Window of ``size`` samples; the kinds are those of `RowTransform`."""
    if window == "tukey":
        from_end = np.minimum(np.arange(size), size - np.arange(size)) / size
        rise = 0.5 - 0.5 * np.cos(2.0 * np.pi * from_end / _TUKEY_SHARE)
        return np.where(from_end < _TUKEY_SHARE / 2.0, rise, 1.0)
    period = size if window == "periodic" else max(size - 1, 1)
    return 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(size) / period)
