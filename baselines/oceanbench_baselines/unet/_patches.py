"""Patches to learn from: true heights of a source, turned and scaled, with noise and holes of their own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates, spline_filter

from oceanbench_baselines.unet import _random_fields as random_fields
from oceanbench_baselines.unet._features import SIGMA_REF
from oceanbench_baselines.unet._noise import MEASURED, PIXELS, draw_measured, draw_noise_std

type Floats = NDArray[np.float32]
type Flags = NDArray[np.bool_]
type Truth = tuple[Floats, Flags]
type Source = Callable[[np.random.Generator], Truth]

LINES: Final = 256
COLUMNS: Final = 72  # one more than a pass has, so that the network can halve them three times
_AMPLITUDE: Final = (0.25, 3.0)
_ZOOM: Final = (0.7, 1.4)
_SIGMA_ERROR: Final = 0.04  # of the noise that a filter is told, as a share
_SPLINE: Final = 3


class Batch(NamedTuple):
    """Arrays (patches, LINES, COLUMNS), all but `measured` in units of `SIGMA_REF`."""

    noisy: Floats
    measured: Floats
    sigma: Floats
    truth: Floats


@dataclass(frozen=True)
class Mixture:
    """Sources and how often each is drawn from.

    Parameters
    ----------
    sources : sequence of callables
        Each takes a generator and gives true heights (LINES, PIXELS) in metres, and where they exist.
    shares : sequence of float
        Of sum 1.
    """

    sources: Sequence[Source]
    shares: Sequence[float]

    def draw(self, rng: np.random.Generator, patches: int) -> Batch:
        """Draw a batch."""
        chosen = rng.choice(len(self.sources), size=patches, p=np.asarray(self.shares))
        drawn = [_observed(rng, *self.sources[number](rng)) for number in chosen]
        return Batch(*(np.stack(arrays) for arrays in zip(*drawn, strict=True)))


def _observed(rng: np.random.Generator, truth: Floats, known: Flags) -> Batch:
    """One patch, turned upside down at random, as KaRIn would see it."""
    truth = np.float32(rng.choice([-1.0, 1.0])) * truth
    measured = draw_measured(rng, LINES) & known
    std = draw_noise_std(rng, LINES)
    noisy = truth + std * rng.standard_normal(truth.shape, dtype=np.float32)
    told = std * np.float32(np.exp(_SIGMA_ERROR * rng.standard_normal()))
    return as_batch(noisy, measured, told, truth)


def as_batch(noisy: Floats, measured: Flags, std: Floats, truth: Floats) -> Batch:
    """Pad one patch to COLUMNS, less the mean of what is measured, in units of `SIGMA_REF`."""
    mean = noisy[measured].mean(dtype=np.float64) if measured.any() else 0.0
    heights = np.where(measured, noisy - mean, 0.0) / SIGMA_REF
    true = np.where(measured, truth - mean, 0.0) / SIGMA_REF
    pads = ((0, 0), (0, COLUMNS - noisy.shape[1]))
    return Batch(
        np.pad(heights, pads).astype(np.float32),
        np.pad(measured, pads).astype(np.float32),
        np.pad(std / SIGMA_REF, pads, mode="edge").astype(np.float32),
        np.pad(true, pads).astype(np.float32),
    )


@dataclass(frozen=True)
class PassSource:
    """Pieces of passes whose truth is known, in proportion to their lengths.

    Parameters
    ----------
    passes : sequence of array (lines, PIXELS), metres
        NaN where there is no truth; shorter ones than LINES are lengthened by lines without truth.
    """

    passes: Sequence[Floats]

    def __call__(self, rng: np.random.Generator) -> Truth:
        """Draw one piece."""
        lengths = np.array([len(one) for one in self.passes], dtype=np.float64)
        whole = self.passes[rng.choice(lengths.size, p=lengths / lengths.sum())]
        piece = whole[_start(rng, len(whole)) :][:LINES]
        piece = np.pad(piece, ((0, LINES - len(piece)), (0, 0)), constant_values=np.nan)
        piece = piece[:: rng.choice([-1, 1]), :: rng.choice([-1, 1])]
        return _scaled(rng, np.nan_to_num(piece)), np.isfinite(piece)


def _start(rng: np.random.Generator, lines: int) -> int:
    return int(rng.integers(0, max(lines - LINES, 0) + 1))


@dataclass(frozen=True)
class OceanSource:
    """Pieces of periodic oceans 2 km apart, in any direction, stretched or squeezed.

    Parameters
    ----------
    heights : array (snapshots, n, n), metres
    """

    heights: Floats
    _splines: list[Floats] = field(init=False, repr=False, compare=False, default_factory=list)

    def __post_init__(self) -> None:
        splines = [
            spline_filter(one, order=_SPLINE, mode="grid-wrap", output=np.float32) for one in self.heights
        ]
        self._splines.extend(splines)

    def __call__(self, rng: np.random.Generator) -> Truth:
        """Draw one piece."""
        spline = self._splines[rng.integers(len(self._splines))]
        piece = map_coordinates(
            spline, _places(rng, len(spline)), order=_SPLINE, mode="grid-wrap", prefilter=False
        )
        return _scaled(rng, piece), np.ones(piece.shape, dtype=bool)


def _places(rng: np.random.Generator, points: int) -> Floats:
    """Rows and columns (2, LINES, PIXELS) of a patch that lies anywhere, in any direction."""
    low, high = np.log(_ZOOM)
    steps = np.exp(rng.uniform(low, high)) * np.exp(rng.uniform(-0.15, 0.15, 2) * [1, -1])
    along = steps[0] * np.arange(LINES, dtype=np.float32)[:, None]
    across = steps[1] * np.arange(PIXELS, dtype=np.float32)[None, :] * rng.choice([-1, 1])
    angle, start = rng.uniform(0, 2 * np.pi), rng.uniform(0, points, 2)
    row = start[0] + np.cos(angle) * along - np.sin(angle) * across
    column = start[1] + np.sin(angle) * along + np.cos(angle) * across
    return np.stack([row, column]).astype(np.float32)


def _scaled(rng: np.random.Generator, values: Floats) -> Floats:
    low, high = np.log(_AMPLITUDE)
    return np.float32(np.exp(rng.uniform(low, high))) * values


@dataclass(frozen=True)
class RandomSource:
    """Pieces of Gaussian random fields, each field drawn anew."""

    ranges: random_fields.FieldRanges = field(default_factory=random_fields.FieldRanges)

    def __call__(self, rng: np.random.Generator) -> Truth:
        """Draw one piece."""
        whole = random_fields.random_field(rng, self.ranges)
        line = rng.integers(0, random_fields.LINES - LINES + 1)
        pixel = rng.integers(0, random_fields.PIXELS - PIXELS + 1)
        piece = whole[line : line + LINES, pixel : pixel + PIXELS]
        return np.ascontiguousarray(piece), np.ones(piece.shape, dtype=bool)


def without_nadir_gap(truth: Floats) -> Floats:
    """Fill missing pixels (lines, PIXELS) that have two known neighbours on either side, by a cubic."""
    filled = truth.copy()
    near = [np.roll(truth, shift, axis=1) for shift in (2, 1, -1, -2)]
    between = (9 * (near[1] + near[2]) - near[0] - near[3]) / 16
    between[:, :2], between[:, -2:] = np.nan, np.nan
    gap = np.isnan(truth) & ~MEASURED
    filled[gap] = between[gap]
    return filled
