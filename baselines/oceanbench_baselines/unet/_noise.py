"""Noise and holes, drawn anew for every patch that the network learns from."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from oceanbench.physics.karin_noise import FARTHEST_KM, NEAREST_KM, karin_noise_std

type Floats = NDArray[np.float32]
type Flags = NDArray[np.bool_]

PIXELS: Final = 71
ACROSS_KM: Final = 2.0 * np.arange(PIXELS) - 70.0
MEASURED: Flags = (np.abs(ACROSS_KM) >= NEAREST_KM) & (np.abs(ACROSS_KM) <= FARTHEST_KM)
_WAVES: Final = np.linspace(0.0, 8.0, 33)
_CALM, _ROUGH = 0.3, 7.0  # wave heights, metres


@cache
def _table() -> Floats:
    """Standard deviation (waves, pixels) in metres, of pixels of 2 km; others count as the nearest."""
    distance = np.clip(np.abs(ACROSS_KM), NEAREST_KM, FARTHEST_KM)
    return np.asarray(karin_noise_std(distance, wave_height=_WAVES[:, None]), np.float32)


def draw_noise_std(rng: np.random.Generator, lines: int) -> Floats:
    """Standard deviation (lines, pixels) in metres: KaRIn's table at waves that change along the track.

    Calm seas are drawn more often than rough ones; the table is taken 0.9 to 1.2 times, and in one patch of
    five down to half, as the instrument in flight does better.
    """
    ends = _CALM + (_ROUGH - _CALM) * rng.random() ** 2 + rng.uniform(-0.7, 0.7, 3)
    waves = np.interp(np.arange(lines), np.linspace(0, lines - 1, 3), np.clip(ends, _CALM, _ROUGH))
    place = waves / (_WAVES[1] - _WAVES[0])
    below = place.astype(int)
    weight = (place - below).astype(np.float32)[:, None]
    std = (1 - weight) * _table()[below] + weight * _table()[below + 1]
    factor = rng.uniform(0.9, 1.2) if rng.random() < 0.8 else rng.uniform(0.5, 0.9)
    return np.asarray(np.float32(factor) * std, np.float32)


def draw_measured(rng: np.random.Generator, lines: int) -> Flags:
    """Where a patch is measured, (lines, pixels): two sides of the swath less land and missing lines."""
    seen = np.broadcast_to(MEASURED, (lines, PIXELS)).copy()
    if rng.random() < 0.25:
        seen &= ~_coast(rng, lines)
    if rng.random() < 0.15:
        _cut_rectangle(rng, seen)
    if rng.random() < 0.15:
        seen &= ~_islands(rng, lines)
    if rng.random() < 0.1:
        start = rng.integers(0, lines)
        seen[start : start + rng.integers(1, 40)] = False
    if rng.random() < 0.05:
        seen[:, : PIXELS // 2] = False
    if rng.random() < 0.1:
        seen &= rng.random(seen.shape) > rng.uniform(0.005, 0.1)
    return seen


def _coast(rng: np.random.Generator, lines: int) -> Flags:
    """Land on one side of a rough line of any direction."""
    along, across = np.arange(lines)[:, None], np.arange(PIXELS)[None, :]
    angle = rng.uniform(0, 2 * np.pi)
    inland = np.cos(angle) * (along - rng.uniform(0, lines)) + np.sin(angle) * (
        across - rng.uniform(0, PIXELS)
    )
    for length in (120, 50, 20, 8):
        phase = rng.uniform(0, 2 * np.pi)
        inland = inland + 0.12 * length * np.sin(2 * np.pi * (along + 0.3 * across) / length + phase)
    return np.asarray(inland > 0)


def _cut_rectangle(rng: np.random.Generator, seen: Flags) -> None:
    lines, pixels = seen.shape
    start, side = rng.integers(0, lines), rng.integers(0, pixels)
    seen[start : start + rng.integers(3, 60), side : side + rng.integers(3, 40)] = False


def _islands(rng: np.random.Generator, lines: int) -> Flags:
    rough = gaussian_filter(rng.standard_normal((lines, PIXELS), dtype=np.float32), rng.uniform(2, 6))
    return np.asarray(rough > np.quantile(rough, rng.uniform(0.9, 0.99)))
