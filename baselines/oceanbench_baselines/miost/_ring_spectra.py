"""Spectra of fields over rings of equal wavenumber, seen and as each band of wave packets would give them.

The spectrum of a finite box depends on its window: what a band gives is computed in the window (Hann) of the
data, so that the leakage of long waves into the rings of shorter ones is in both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench_baselines.mapping._plane import Plane
from oceanbench_baselines.miost._wave_packets import Axis, Packets, directions

__all__ = ["RingSpectra"]

type Floats = NDArray[np.floating[Any]]

_FINEST = 0.8  # share of the shortest wavelength down to which spectra are compared


@dataclass(frozen=True, eq=False)
class RingSpectra:
    """Windowed anomalies of training fields, ready for comparison with bands of packets.

    Attributes
    ----------
    transforms : array, (time, y, x), complex
        Of the windowed anomalies.
    bands : array, (bands, rings)
        Mean power in each ring that a band gives with a variance of 1 m².
    ring : array of int, (y, x)
        Number of the ring of each wavenumber; ring 0 is the mean.
    """

    transforms: NDArray[np.complex128]
    bands: Floats
    ring: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        fields: xr.DataArray,
        wavelengths_km: Floats,
        *,
        npsp: float,
        facns: float,
        mean: xr.DataArray | None,
    ) -> Self:
        """Transform the anomalies of fields (time, lat, lon), in metres; see `fit_band_variances`."""
        ordered = fields.transpose("time", "lat", "lon")
        _check_fields(ordered)
        anomalies = (ordered - (ordered.mean("time") if mean is None else mean)).values.astype(np.float64)
        x, y = _kilometres(ordered)
        window = np.hanning(y.size + 2)[1:-1, None] * np.hanning(x.size + 2)[1:-1]
        ring, last = _rings(x, y, float(np.min(wavelengths_km)))
        bands = [_expected(x, y, window, float(length), npsp, facns) for length in wavelengths_km]
        means = np.stack([_ring_means(band, ring, last) for band in bands])
        return cls(np.fft.fft2(anomalies * window), means, ring)

    def covariances(self, lags: Sequence[int]) -> NDArray[np.float64]:
        """Mean product in each ring of fields ``lags`` steps apart, (lags, rings); lag 0 is the power."""
        return np.stack([self._covariance(lag) for lag in lags])

    def _covariance(self, lag: int) -> NDArray[np.float64]:
        earlier = self.transforms[: len(self.transforms) - lag]
        products = (self.transforms[lag:] * earlier.conj()).real.mean(axis=0)
        return _ring_means(products, self.ring, self.bands.shape[1])


def _check_fields(fields: xr.DataArray) -> None:
    if min(fields.sizes["lat"], fields.sizes["lon"]) < 8:
        raise ValueError(
            f"the training fields have {fields.sizes['lat']} x {fields.sizes['lon']} points; "
            "a spectrum takes at least 8 along each axis"
        )
    missing = int(fields.isnull().sum())
    if missing:
        raise ValueError(f"{missing} values of the training fields are NaN; fill them, or fit along tracks")


def _kilometres(fields: xr.DataArray) -> tuple[Floats, Floats]:
    lon, lat = fields["lon"].values, fields["lat"].values
    plane = Plane(float(lon.mean()), float(lat.mean()))
    return plane.x(lon), plane.y(lat)


def _rings(x: Floats, y: Floats, shortest_km: float) -> tuple[NDArray[np.int64], int]:
    """Ring of each wavenumber of a transform, and how many rings the bands reach."""
    k = np.hypot(np.fft.fftfreq(y.size, y[1] - y[0])[:, None], np.fft.fftfreq(x.size, x[1] - x[0]))
    spacing = 1.0 / max(x[-1] - x[0], y[-1] - y[0])
    return np.rint(k / spacing).astype(np.int64), int(1.0 / (_FINEST * shortest_km * spacing))


def _ring_means(power: Floats, ring: NDArray[np.int64], last: int) -> NDArray[np.float64]:
    inside = (ring >= 1) & (ring <= last)
    sums = np.bincount(ring[inside], power[inside], last + 1)[1:]
    return np.asarray(sums / np.bincount(ring[inside], minlength=last + 1)[1:])


def _expected(
    x: Floats, y: Floats, window: Floats, wavelength: float, npsp: float, facns: float
) -> NDArray[np.float64]:
    """Mean periodogram, in that window, of a band with the variance 1: separable for each wave."""
    half, k, theta = npsp * wavelength / 2.0, 2.0 * np.pi / wavelength, directions(npsp)
    axes = (Axis.covering(x[0], x[-1], half, facns), Axis.covering(y[0], y[-1], half, facns))
    still = Axis(0.0, 0.75, 1, 1.0)  # a time axis that leaves the variance as it is
    packets = Packets.with_variance((*axes, still), (k * np.cos(theta), k * np.sin(theta)), 1.0)
    power = np.zeros((y.size, x.size))
    for kx, ky in zip(packets.kx, packets.ky, strict=True):
        power += np.outer(
            _power(packets.y, ky, y, window[:, x.size // 2]), _power(packets.x, kx, x, window[y.size // 2])
        )
    power *= float(packets.scale[0]) ** 2
    return 0.5 * (power + np.roll(power[::-1, ::-1], (1, 1), axis=(0, 1)))


def _power(axis: Axis, k: float, at: Floats, window: Floats) -> NDArray[np.float64]:
    waves = (window * np.exp(1j * k * at))[:, None] * axis.table(at)
    return np.asarray((np.abs(np.fft.fft(waves, axis=0)) ** 2).sum(axis=1))
