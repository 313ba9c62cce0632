"""Localised wave packets: a reduced basis for heights in space and time, its values, adjoint and derivatives.

A packet of wavenumber (kx, ky) about the centre (x0, y0, t0) is, with w(u) = cos²(pi u / 2) for |u| < 1::

    a w((x - x0) / D) w((y - y0) / D) w((t - t0) / T) cos(kx x + ky y - phase)

The carriers of all packets of one wave are one plane wave: cosine and sine in each packet span all phases.
So the sum over packets is first the smooth envelope of each wave, interpolated by the windows, and then the
sum over waves of envelope times carrier. An observation touches 2D/step places per axis and as many times;
each of them holds the coefficients of all waves, side by side in memory. With T and S sparse and C dense::

    G = sum over columns of C * (S T),  T: coefficients to (pass, place),  S: (pass, place) to observations

Observations of one time share T: an altimeter crosses a regional box in minutes. Memory is a few hundred
bytes per observation and wavelength, where the plain sparse matrix takes 2 kB.

References
----------
Ubelmann, C. and others (2021), J. Geophys. Res. Oceans 126, e2020JC016560, doi:10.1029/2020JC016560.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["Axis", "Packets", "SampledPackets", "directions", "wavelengths"]

type Floats = NDArray[np.floating[Any]]
type Derivative = Literal["none", "x", "y"]

_MEAN_SQUARE = 0.75  # of the window, summed over centres one half-width apart: the mean over positions


def wavelengths(shortest_km: float, longest_km: float, npsp: float, facpsp: float) -> NDArray[np.float64]:
    """Wavelengths in km from ``shortest_km`` by factors of 1 + facpsp / npsp, none above ``longest_km``."""
    ratio = 1.0 + facpsp / npsp
    count = int(np.floor(np.log(longest_km / shortest_km) / np.log(ratio) + 1e-9)) + 1
    return np.asarray(shortest_km * ratio ** np.arange(count, dtype=np.float64))


def directions(npsp: float) -> NDArray[np.float64]:
    """Directions of the waves in radians over half a circle; the two phases carry the other half."""
    count = max(2, int(np.pi * npsp) - 1)
    return np.pi * np.arange(count, dtype=np.float64) / count


@dataclass(frozen=True)
class Axis:
    """Centres of windows along x, y (km) or time (days): ``count`` of them, ``step`` apart."""

    first: float
    step: float
    count: int
    half_width: float

    @classmethod
    def covering(cls, low: float, high: float, half_width: float, per_half_width: float) -> "Axis":
        """Give the centres, symmetric about the middle, whose windows meet low..high."""
        step, middle = half_width / per_half_width, (low + high) / 2.0
        reach = (high - low) / 2.0 + half_width
        aside = max(0, int(np.ceil(reach / step - 1e-9)) - 1)
        return cls(middle - aside * step, step, 2 * aside + 1, half_width)

    @property
    def centres(self) -> NDArray[np.float64]:
        """Centres of the windows, (count,)."""
        return np.asarray(self.first + self.step * np.arange(self.count), dtype=np.float64)

    def touching(self, at: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Give the indices of the windows that hold each of n points, and their values there; both (n, k).

        Where fewer than k windows hold a point, the rest have the value 0 and an index inside the axis.
        """
        width = int(np.ceil(2.0 * self.half_width / self.step - 1e-9))
        lowest = np.floor((at - self.half_width - self.first) / self.step + 1e-12).astype(np.int64) + 1
        index = lowest[:, None] + np.arange(width)
        values = _window((at[:, None] - self.first - self.step * index) / self.half_width)
        outside = (index < 0) | (index >= self.count)
        return np.clip(index, 0, self.count - 1), np.where(outside, 0.0, values)

    def table(self, at: Floats) -> Floats:
        """Values of all windows at n points, (n, count)."""
        return _window((at[:, None] - self.centres) / self.half_width)

    def slopes(self, at: Floats) -> Floats:
        """Derivatives of all windows at n points, per km or day, (n, count)."""
        u = (at[:, None] - self.centres) / self.half_width
        inside = np.abs(u) < 1.0
        return np.where(inside, -0.5 * np.pi / self.half_width * np.sin(np.pi * u), 0.0)


def _window(u: Floats) -> Floats:
    return np.asarray(np.where(np.abs(u) < 1.0, np.cos(0.5 * np.pi * u) ** 2, 0.0))


@dataclass(frozen=True)
class Packets:
    """All packets of one wavelength, with their prior standard deviation.

    Attributes
    ----------
    x, y, t : Axis
        Centres and half-widths, km and days.
    kx, ky : array, (waves,)
        Wavenumbers in rad/km; a single (0, 0) makes windows without a wave.
    scale : array, (y.count * x.count,)
        Amplitude of a packet times the prior standard deviation of its coefficient, m: coefficients are
        counted in units of their standard deviation.
    """

    x: Axis
    y: Axis
    t: Axis
    kx: NDArray[np.float64]
    ky: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def with_variance(
        cls,
        axes: tuple[Axis, Axis, Axis],
        waves: tuple[Floats, Floats],
        variance: float | Floats,
    ) -> "Packets":
        """Packets whose sum has that prior variance (m²), a number or one per place (y.count * x.count,).

        The sum of the squared windows varies between places where the centres are one half-width apart (a
        factor of 2 per axis); its mean is what is scaled.
        """
        x, y, t = axes
        kx, ky = (np.atleast_1d(np.asarray(k, dtype=np.float64)) for k in waves)
        overlap = np.prod([_MEAN_SQUARE * axis.half_width / axis.step for axis in axes])
        each = np.broadcast_to(np.asarray(variance, dtype=np.float64), (x.count * y.count,))
        return cls(x, y, t, kx, ky, np.sqrt(each / (overlap * kx.size)))

    @property
    def columns(self) -> int:
        """Coefficients per place and time: cosines of all waves, then sines."""
        return 1 if self._plain else 2 * self.kx.size

    @property
    def places(self) -> int:
        """Number of centres in the plane."""
        return self.x.count * self.y.count

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return self.t.count * self.places * self.columns

    @property
    def _plain(self) -> bool:
        return self.kx.size == 1 and self.kx[0] == 0.0 and self.ky[0] == 0.0

    def sampled(self, x: Floats, y: Floats, days: Floats, dtype: DTypeLike = np.float32) -> "SampledPackets":
        """Give the packets at n points (km, km, days) as an operator."""
        return SampledPackets(self, x, y, days, dtype)

    def carriers(self, x: Floats, y: Floats) -> Floats:
        """Cosines and sines of all waves at n points, (n, columns)."""
        if self._plain:
            return np.ones((x.size, 1))
        phase = np.outer(x, self.kx) + np.outer(y, self.ky)
        return np.concatenate([np.cos(phase), np.sin(phase)], axis=1)

    def maps(
        self, coefficients: Floats, x: Floats, y: Floats, days: Floats, derivative: Derivative = "none"
    ) -> NDArray[np.float64]:
        """Sum of the packets on a grid: (days, y, x), metres, or metres per km for a derivative.

        With complex envelopes and carriers the sum over places is a product of two small matrices per wave.
        """
        envelopes = self._envelopes(coefficients)
        left = self._side(self.y, self.ky, y, derivative == "y")  # (waves, Y, y.count)
        right = self._side(self.x, self.kx, x, derivative == "x").transpose(0, 2, 1)
        flat = left.transpose(1, 0, 2).reshape(y.size, -1)
        index, weight = self.t.touching(np.asarray(days, dtype=np.float64))
        result = np.empty((len(days), y.size, x.size))
        for day in range(len(days)):
            envelope = np.tensordot(weight[day], envelopes[index[day]], axes=1)  # (waves, y.count, x.count)
            result[day] = (flat @ (envelope @ right).reshape(-1, x.size)).real
        return result

    def _envelopes(self, coefficients: Floats) -> NDArray[np.complex128]:
        """Complex envelopes (t, waves, y, x): cosine less i times sine."""
        given = coefficients.astype(np.float64).reshape(self.t.count, self.places, self.columns)
        scaled = given * self.scale[:, None]
        waves = self.kx.size
        values: NDArray[np.complex128] = scaled[..., :waves].astype(np.complex128)
        if self.columns > waves:
            values -= 1j * scaled[..., waves:]
        shaped = values.reshape(self.t.count, self.y.count, self.x.count, waves)
        return np.ascontiguousarray(shaped.transpose(0, 3, 1, 2), dtype=np.complex128)

    @staticmethod
    def _side(axis: Axis, k: NDArray[np.float64], at: Floats, slope: bool) -> NDArray[np.complex128]:
        """Windows times carriers along one axis, or their derivative: (waves, points, centres)."""
        wave = np.exp(1j * k[:, None] * at)[:, :, None]
        window = axis.table(at)
        return np.asarray(
            wave * (axis.slopes(at) + 1j * k[:, None, None] * window) if slope else wave * window
        )

    def variance(self, x: Floats, y: Floats, days: Floats) -> NDArray[np.float64]:
        """Prior variance of the sum at n points, m²."""
        links = self.sampled(x, y, days, np.float64)
        return np.asarray(links.envelope_variance() * self.kx.size)


class SampledPackets:
    """Packets at observation points: a linear operator and its adjoint.

    Parameters
    ----------
    packets : Packets
    x, y, days : array, (n,)
        Points in km and days. Points of equal days share work.
    dtype : dtype
        Precision of the stored windows and carriers.
    """

    def __init__(self, packets: Packets, x: Floats, y: Floats, days: Floats, dtype: DTypeLike) -> None:
        from scipy.sparse import csr_array

        self.packets, self.dtype = packets, np.dtype(dtype)
        epochs, epoch = np.unique(days, return_inverse=True)
        place, weight = _places(packets, x, y)
        keys, column = np.unique(epoch[:, None] * packets.places + place, return_inverse=True)
        self._to_points = _sparse(weight, column.reshape(weight.shape), keys.size, self.dtype)
        epoch_of, place_of = np.divmod(keys, packets.places)
        index, values = packets.t.touching(epochs)
        values = values[epoch_of] * packets.scale[place_of, None]
        target = index[epoch_of] * packets.places + place_of[:, None]
        self._to_pairs = _sparse(values, target, packets.t.count * packets.places, self.dtype)
        self._from_points, self._from_pairs = csr_array(self._to_points.T), csr_array(self._to_pairs.T)
        self._carriers = packets.carriers(x, y).astype(self.dtype)

    @property
    def size(self) -> int:
        """Number of coefficients."""
        return self.packets.size

    def forward(self, coefficients: Floats) -> Floats:
        """Heights at the points, (n,), of normalised coefficients (size,)."""
        given = coefficients.astype(self.dtype, copy=False).reshape(-1, self.packets.columns)
        envelopes = self._to_points @ (self._to_pairs @ given)
        return np.asarray(np.einsum("nc,nc->n", envelopes, self._carriers))

    def adjoint(self, values: Floats) -> Floats:
        """Transpose of `forward`: (n,) to (size,)."""
        spread = self._carriers * values.astype(self.dtype, copy=False)[:, None]
        return np.asarray(self._from_pairs @ (self._from_points @ spread)).reshape(-1)

    def envelope_variance(self) -> Floats:
        """Prior variance of one wave at the points, (n,), m²."""
        ones = np.ones(self._to_pairs.shape[1], dtype=self.dtype)
        return np.asarray(self._to_points.power(2) @ (self._to_pairs.power(2) @ ones))

    def matrix(self) -> Any:
        """Give the plain sparse matrix, (n, size): for small cases and for comparison."""
        from scipy.sparse import csr_array, kron

        product = self._to_points @ self._to_pairs
        parts = [kron(product, csr_array(column[None, :])) for column in np.eye(self.packets.columns)]
        return csr_array(sum(part * self._carriers[:, [i]] for i, part in enumerate(parts)))


def _places(packets: Packets, x: Floats, y: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Places whose windows hold each point, (n, k), and the product of their windows."""
    (ix, wx), (iy, wy) = packets.x.touching(x), packets.y.touching(y)
    place = iy[:, :, None] * packets.x.count + ix[:, None, :]
    weight = wy[:, :, None] * wx[:, None, :]
    each = ix.shape[1] * iy.shape[1]
    return place.reshape(x.size, each), weight.reshape(x.size, each)


def _sparse(values: Floats, columns: NDArray[np.int64], width: int, dtype: np.dtype[Any]) -> Any:
    """CSR matrix of (n, k) values in (n, k) columns, zeros left out."""
    from scipy.sparse import csr_array

    keep = values != 0.0
    starts = np.concatenate([[0], np.cumsum(keep.sum(axis=1))])
    given = (values[keep].astype(dtype), columns[keep].astype(np.int32), starts.astype(np.int32))
    return csr_array(given, shape=(len(values), width))
