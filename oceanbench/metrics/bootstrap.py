"""Confidence intervals from sums kept per block: the fields themselves are not read a second time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Interval", "bootstrap_intervals", "consecutive_blocks", "sum_by_block"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

REPLICATES = 1000
SEED = 20121022
FEWEST_BLOCKS = 4
_TAILS = (0.025, 0.975)
_BATCH = 2_000_000  # numbers held at once while the blocks are resampled


@dataclass(frozen=True)
class Interval:
    """A number and the 95 % confidence interval around it.

    Attributes
    ----------
    value : float
        The score of all data; NaN where it is undefined.
    low, high : float
        2.5 % and 97.5 % points of the resampled scores; NaN with fewer than four blocks, and where the score
        is undefined in that tail of the replicates.
    """

    value: float
    low: float
    high: float


def consecutive_blocks(size: int, length: float, fewest: int = FEWEST_BLOCKS) -> IntArray:
    """Label of the block of each of ``size`` consecutive items, 0, 0, 1, 1, ..., shape (size,).

    Blocks are as equal as they can be and about ``length`` items long; shorter when that gives fewer than
    ``fewest`` of them.
    """
    blocks = min(size, max(fewest, round(size / length))) if size else 0
    return np.arange(size, dtype=np.int64) * blocks // max(size, 1)


def sum_by_block(values: npt.ArrayLike, labels: IntArray) -> FloatArray:
    """Sum the items (first axis) that carry the same label; labels run 0..n-1, shape (n, ...)."""
    items = np.asarray(values, dtype=np.float64)
    sums = np.zeros((int(labels.max(initial=-1)) + 1, *items.shape[1:]))
    np.add.at(sums, labels, items)
    return sums


def bootstrap_intervals(
    blocks: FloatArray,
    statistic: Callable[[FloatArray], FloatArray],
    *,
    replicates: int = REPLICATES,
    seed: int = SEED,
) -> tuple[Interval, ...]:
    """Scores of the sum of all blocks, with percentile intervals over blocks drawn with replacement.

    Parameters
    ----------
    blocks : ndarray, shape (n_blocks, ...)
        Additive statistics of each block. Blocks should be long enough to be nearly independent.
    statistic : callable
        Takes summed statistics, shape (r, ...), and gives m scores each, shape (r, m).
    replicates : int
        Number of resampled data sets.
    seed : int
        Same seed, same intervals.

    Returns
    -------
    tuple of Interval, length m
        A replicate whose score is NaN counts as beyond the upper end.

    References
    ----------
    Künsch (1989), The jackknife and the bootstrap for general stationary observations,
    doi:10.1214/aos/1176347265.
    """
    values = statistic(blocks.sum(axis=0, keepdims=True))[0]
    if len(blocks) < FEWEST_BLOCKS:
        return tuple(Interval(float(value), np.nan, np.nan) for value in values)
    flat = blocks.reshape(len(blocks), -1)
    drawn = _draws(len(blocks), replicates, seed)
    batch = max(1, _BATCH // flat.shape[1])
    scores = np.concatenate(
        [statistic((part @ flat).reshape(-1, *blocks.shape[1:])) for part in _split(drawn, batch)]
    )
    ends = np.quantile(np.where(np.isnan(scores), np.inf, scores), _TAILS, axis=0, method="nearest")
    ends = np.where(np.isinf(ends), np.nan, ends)
    return tuple(Interval(float(v), float(a), float(b)) for v, a, b in zip(values, *ends, strict=True))


def _draws(n_blocks: int, replicates: int, seed: int) -> FloatArray:
    """How often each block is drawn in each replicate, shape (replicates, n_blocks)."""
    even = np.full(n_blocks, 1.0 / n_blocks)
    return np.random.default_rng(seed).multinomial(n_blocks, even, size=replicates).astype(np.float64)


def _split(rows: FloatArray, batch: int) -> list[FloatArray]:
    return [rows[start : start + batch] for start in range(0, len(rows), batch)]
