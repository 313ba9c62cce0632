"""Statistics of heights on a regular grid of longitudes and latitudes: energy, vorticity, memory, spectra."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal.windows import hann

Array = NDArray[np.float64]

GRAVITY: Final = 9.81
EARTH_ROTATION: Final = 7.292115e-5  # rad/s
EARTH_RADIUS: Final = 6.371e6  # m


def grid_steps(lat: Array, lon: Array) -> tuple[float, Array]:
    """Steps in metres of a regular grid: northward, and eastward as (lat, 1)."""
    unit = np.radians(1.0) * EARTH_RADIUS
    north = float(lat[1] - lat[0]) * unit
    return north, float(lon[1] - lon[0]) * unit * np.cos(np.radians(lat))[:, None]


def geostrophic_velocity(heights: Array, lat: Array, lon: Array) -> tuple[Array, Array]:
    """Eastward and northward geostrophic velocity (m/s), (..., lat, lon), of heights in metres.

    u = -g/f dh/dy and v = g/f dh/dx, f = 2 Omega sin(lat), centred differences.
    """
    north, east = grid_steps(lat, lon)
    factor = GRAVITY / (2 * EARTH_ROTATION * np.sin(np.radians(lat)))[:, None]
    return -factor * np.gradient(heights, north, axis=-2), factor * np.gradient(heights, axis=-1) / east


def kinetic_energy(heights: Array, lat: Array, lon: Array) -> float:
    """Mean kinetic energy per unit mass of the geostrophic flow, cm² s⁻²."""
    u, v = geostrophic_velocity(heights, lat, lon)
    return float((u**2 + v**2).mean() / 2 * 1e4)


def rossby_number(heights: Array, lat: Array, lon: Array) -> float:
    """Root-mean-square of (dv/dx - du/dy)/f of the geostrophic flow."""
    north, east = grid_steps(lat, lon)
    u, v = geostrophic_velocity(heights, lat, lon)
    vorticity = np.gradient(v, axis=-1) / east - np.gradient(u, north, axis=-2)
    f = 2 * EARTH_ROTATION * np.sin(np.radians(lat))[:, None]
    return float(np.sqrt(np.mean((vorticity / f) ** 2)))


def autocorrelation(anomaly: Array, steps: Sequence[int]) -> list[float]:
    """Correlation of anomalies (time, lat, lon) with those of each number of steps later, over all points."""
    variance = np.mean(anomaly**2)
    return [float(np.mean(anomaly[step:] * anomaly[:-step]) / variance) for step in steps]


def box_spectrum(heights: Array, lat: Array, lon: Array, *, axis: int) -> tuple[Array, Array]:
    """Wavenumbers (cycles/km) and mean density (m²/(cycle/km)) along meridians (axis 1) or parallels (2).

    Each row loses its mean and gets a Hann window. Parallels use the length of the box's middle one.
    """
    north, east = grid_steps(lat, lon)
    spacing_km = (north if axis == 1 else float(east[lat.size // 2, 0])) / 1e3
    rows = np.moveaxis(heights, axis, -1)
    window = hann(rows.shape[-1], sym=False)
    spectra = np.abs(np.fft.rfft((rows - rows.mean(axis=-1, keepdims=True)) * window)) ** 2
    density = 2 * spacing_km / np.sum(window**2) * spectra.reshape(-1, spectra.shape[-1]).mean(axis=0)
    return np.fft.rfftfreq(rows.shape[-1], spacing_km)[1:], density[1:]
