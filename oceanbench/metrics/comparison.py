"""Whether one entry is better than another: sums kept per block of days or passes, resampled together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from oceanbench.metrics.bootstrap import FEWEST_BLOCKS, REPLICATES, SEED, Interval
from oceanbench.metrics.persistence import half_width, suitable_length

__all__ = ["Better", "Blocks", "Statistic", "difference", "differences", "replicates"]

type Statistic = Literal["one_minus_root_ratio", "mean_of_days", "root_mean", "rate"]
type Better = Literal["higher", "lower"]

FloatArray = npt.NDArray[np.float64]

_TAILS = (0.025, 0.975)
_NORMAL = 1.959963984540054  # 97.5 % point of the normal distribution
_BATCH = 4_000_000  # resampled sums held at once
_COLUMNS: Mapping[str, int] = {"one_minus_root_ratio": 4, "mean_of_days": 2, "root_mean": 2, "rate": 2}


@dataclass(frozen=True, eq=False)
class Blocks:
    """The sums behind one score, block by block in the order of time.

    Attributes
    ----------
    statistic : str
        How the score follows from sums over blocks: ``one_minus_root_ratio`` of (Σ e², points, Σ reference²,
        points), ``1 - √(mean e²) / √(mean reference²)``; ``mean_of_days`` of (daily score, 1), zeros on a day
        without; ``root_mean`` of (Σ e², points); ``rate`` of (flagged, all).
    better : str
        Whether ``higher`` or ``lower`` scores are better.
    labels : tuple of str
        Names of the blocks: ISO days, or passes.
    sums : array_like, shape (n_blocks, n_columns)
        Finite.

    Raises
    ------
    ValueError
        If the shape does not fit, or a sum is not finite.
    """

    statistic: Statistic
    better: Better
    labels: tuple[str, ...]
    sums: npt.ArrayLike

    def __post_init__(self) -> None:
        if self.statistic not in _COLUMNS:
            raise ValueError(f"statistic {self.statistic!r} is not known; known: {', '.join(_COLUMNS)}")
        if self.better not in ("higher", "lower"):
            raise ValueError(f"better is {self.better!r}; write higher or lower")
        expected = (len(self.labels), _COLUMNS[self.statistic])
        if self.table.shape != expected:
            raise ValueError(f"sums of {self.statistic} have shape {self.table.shape}; expected {expected}")
        if not np.isfinite(self.table).all():
            raise ValueError("a sum is not finite; leave a block without points at zero")

    @cached_property
    def table(self) -> FloatArray:
        """The sums, shape (n_blocks, n_columns)."""
        table = np.asarray(self.sums, dtype=np.float64)
        return table if table.size else table.reshape(0, _COLUMNS[self.statistic])

    def value(self) -> float:
        """The score of all blocks; NaN where there is nothing to score."""
        return float(_scores(self.statistic, self.table.sum(axis=0)))

    def to_json(self) -> dict[str, Any]:
        """Give a form that JSON can hold."""
        return {
            "statistic": self.statistic,
            "better": self.better,
            "labels": list(self.labels),
            "sums": self.table.tolist(),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave.

        Raises
        ------
        ValueError
            If it is no such document.
        """
        try:
            return cls(
                document["statistic"],
                document["better"],
                tuple(map(str, document["labels"])),
                np.array(document["sums"], dtype=np.float64),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not the sums of a comparison: {error!r} of {sorted(document)}") from error


def difference(a: Blocks, b: Blocks, replicates: int = REPLICATES, seed: int = SEED) -> Interval:
    """Score of ``a`` less that of ``b``, with the 95 % interval of paired resampling.

    Both are resampled with the same blocks, so that what makes a day hard for both cancels. Days are drawn in
    stretches whose length follows the autocorrelation of the difference (`suitable_length` of
    `oceanbench.metrics.persistence`): drawn one by one, errors that last would pass for independent ones, and
    chance for skill. Stretches alone still say too little on few days; where the interval is narrower than
    that of the mean of a series with the lag-one autocorrelation of the difference (`half_width` there), it
    is widened to that.

    Parameters
    ----------
    a, b : Blocks
        Of the same statistic and the same blocks.
    replicates : int
        Number of resampled data sets.
    seed : int
        Same seed, same interval.

    Returns
    -------
    Interval
        The two differ where it leaves out zero. Ends are NaN with fewer than four blocks.

    Raises
    ------
    ValueError
        If the two were not scored on the same blocks, or by the same statistic.

    References
    ----------
    Politis and Romano (1992), A circular block-resampling procedure for stationary data, in: Exploring the
    limits of bootstrap, Wiley.
    """
    return differences(a, [b], replicates, seed)[0]


def differences(
    a: Blocks, others: Sequence[Blocks], replicates: int = REPLICATES, seed: int = SEED
) -> list[Interval]:
    """Give `difference` of ``a`` and each of ``others``: the same intervals, with the work shared.

    Raises
    ------
    ValueError
        If they were not all scored on the same blocks and by the same statistic.
    """
    _check_same([a, *others])
    apart = [a.value() - other.value() for other in others]
    if len(a.labels) < FEWEST_BLOCKS:
        return [Interval(value, np.nan, np.nan) for value in apart]
    mine = _influence(a)
    series = [mine - _influence(other) for other in others]
    spans = np.array([_span(suitable_length(one), one.size) for one in series], dtype=np.int64)
    intervals: dict[int, Interval] = {}
    for span in np.unique(spans):
        weights = _draws(len(a.labels), replicates, int(span), seed)
        first = _resampled([a], weights)[0]
        for places in _batches(np.flatnonzero(spans == span), replicates):
            drawn = first - _resampled([others[place] for place in places], weights)
            for place, scores in zip(places, drawn, strict=True):
                intervals[int(place)] = _interval(apart[place], scores, series[place])
    return [intervals[place] for place in range(len(others))]


def replicates(
    many: Sequence[Blocks],
    replicates: int = REPLICATES,
    seed: int = SEED,
    length: float | None = None,
) -> FloatArray:
    """Resampled scores of entries that were scored on the same blocks, drawn once for all of them.

    Parameters
    ----------
    many : sequence of Blocks
        Of the same statistic and the same blocks.
    replicates : int
        Number of resampled data sets.
    seed : int
        Same seed, same draws.
    length : float, optional
        Length of the stretches of blocks; if not given, the median of what suits the differences between
        each entry and the next.

    Returns
    -------
    ndarray, shape (n_entries, n_replicates)
        Their differences are narrower than `difference` says where days are few and alike.

    Raises
    ------
    ValueError
        If there is no entry, or they differ in blocks or statistic.
    """
    if not many:
        raise ValueError("no entry was given; give one or more")
    _check_same(many)
    if length is None:
        series = [_influence(one) for one in many]
        lengths = [suitable_length(one - other) for one, other in pairwise(series)]
        length = float(np.median(lengths or [suitable_length(series[0])]))
    size = len(many[0].labels)
    return _resampled(many, _draws(size, replicates, _span(length, size), seed))


def _interval(value: float, resampled: FloatArray, series: FloatArray) -> Interval:
    """Percentiles of resampled differences, widened about the difference where they are too narrow."""
    seen = resampled[np.isfinite(resampled)]
    if not seen.size or not np.isfinite(value):
        return Interval(value, np.nan, np.nan)
    ends = np.quantile(seen, _TAILS)
    deviation = float(seen.std())
    wider = max(1.0, half_width(series) / (_NORMAL * deviation)) if deviation > 0.0 else 1.0
    low, high = value + wider * (ends - value)
    return Interval(value, float(low), float(high))


def _influence(blocks: Blocks) -> FloatArray:
    """How much each block moves the score: n times what the score loses without it, shape (n_blocks,)."""
    total = blocks.table.sum(axis=0)
    moved = _scores(blocks.statistic, total) - _scores(blocks.statistic, total - blocks.table)
    return np.asarray(np.nan_to_num(len(blocks.labels) * moved, posinf=0.0, neginf=0.0))


def _span(length: float, size: int) -> int:
    return max(1, min(round(length), size))


@lru_cache(maxsize=16)
def _draws(size: int, count: int, span: int, seed: int) -> FloatArray:
    """How often each block is drawn in each replicate, in stretches round the circle, shape (count, size)."""
    starts = np.random.default_rng(seed).integers(size, size=(count, -(-size // span)))
    places = ((starts[:, :, None] + np.arange(span)) % size).reshape(count, -1)[:, :size]
    weights = np.zeros((count, size))
    np.add.at(weights, (np.arange(count)[:, None], places), 1.0)
    weights.setflags(write=False)
    return weights


def _resampled(many: Sequence[Blocks], weights: FloatArray) -> FloatArray:
    """Scores of entries in each replicate, shape (n_entries, n_replicates)."""
    scores = []
    for places in _batches(np.arange(len(many)), len(weights)):
        tables = np.stack([many[place].table for place in places], axis=1)
        sums = weights @ tables.reshape(weights.shape[1], -1)
        scores.append(_scores(many[0].statistic, sums.reshape(len(weights), len(places), -1)).T)
    return np.concatenate(scores)


def _batches(places: npt.NDArray[np.int64], count: int) -> list[npt.NDArray[np.int64]]:
    most = max(1, _BATCH // (count * max(_COLUMNS.values())))
    return [places[start : start + most] for start in range(0, places.size, most)]


def _check_same(many: Sequence[Blocks]) -> None:
    first = many[0]
    for one in many[1:]:
        if one.labels != first.labels:
            raise ValueError(
                f"the entries were not scored on the same blocks: {_extent(first)}, and {_extent(one)}; "
                "compare scores of one version of one track"
            )
        if (one.statistic, one.better) != (first.statistic, first.better):
            raise ValueError(
                f"{first.statistic} ({first.better} is better) cannot be compared with {one.statistic} "
                f"({one.better} is better); compare scores of one metric"
            )


def _extent(blocks: Blocks) -> str:
    labels = blocks.labels
    return f"{len(labels)} from {labels[0]} to {labels[-1]}" if labels else "none"


def _scores(statistic: Statistic, sums: FloatArray) -> FloatArray:
    """The score of summed blocks, last axis the columns."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums[..., 0] / sums[..., 1]
        if statistic == "one_minus_root_ratio":
            return np.asarray(1.0 - np.sqrt(mean) / np.sqrt(sums[..., 2] / sums[..., 3]))
        return np.asarray(np.sqrt(mean) if statistic == "root_mean" else mean)
