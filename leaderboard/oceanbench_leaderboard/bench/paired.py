"""Which filter wins: the error of each less that of the best, over the same passes.

Two filters meet the same ocean and the same noise, so their errors go up and down together from pass to pass:
the interval of a difference is much narrower than those of the two errors, and only it tells them apart.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from oceanbench.challenge import Challenge, Track
from oceanbench.data_files import observation_files
from oceanbench.metrics.bootstrap import Interval, bootstrap_intervals
from oceanbench.submission import open_filtered
from oceanbench.swaths import few_open_files, height_in, open_passes
from oceanbench_leaderboard.bench.rows import BenchRow

__all__ = ["Difference", "PassErrors", "compared", "differences_on", "errors_by_pass"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PassErrors:
    """Squared errors of the heights of several filters, pass by pass.

    Attributes
    ----------
    methods : tuple of str
        Their names.
    passes : tuple of int
        Pass numbers.
    squares, counts : array, shape (n_passes, n_methods)
        Σ (filtered - true)² in square metres, and over how many pixels.
    """

    methods: tuple[str, ...]
    passes: tuple[int, ...]
    squares: Floats
    counts: Floats


@dataclass(frozen=True)
class Difference:
    """RMSE of the heights of a filter less that of the best, over the same passes.

    Attributes
    ----------
    track : str
        Name of the track.
    method, best : str
        The two.
    metres : Interval
        The difference, at least zero, with its 95 % interval: passes are drawn with replacement, each draw
        the same for both. Its ends are NaN with fewer than four passes.
    """

    track: str
    method: str
    best: str
    metres: Interval

    @property
    def told_apart(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.metres.low > 0.0

    def to_json(self) -> dict[str, Any]:
        """Give it for JSON; null where there is no interval."""
        ends = (self.metres.low, self.metres.high)
        low, high = (end if math.isfinite(end) else None for end in ends)
        return {
            "track": self.track,
            "best": self.best,
            "method": self.method,
            "rmse_difference": {"value": self.metres.value, "low": low, "high": high, "unit": "m"},
            "told_apart": self.told_apart,
        }


def differences_on(
    challenge: Challenge,
    track: Track,
    rows: Sequence[BenchRow],
    *,
    data: Path | None = None,
    source: Path | None = None,
) -> tuple[Difference, ...]:
    """Compare the filters of one track with the best of them; none where fewer than two were scored.

    Parameters
    ----------
    challenge : Challenge
        Of filters, with a truth; there is no difference of another one.
    track : Track
        Its track.
    rows : sequence of BenchRow
        Of that track; their passes are read once more.
    data, source : pathlib.Path, optional
        As for :func:`~oceanbench_leaderboard.bench.rows.bench_rows`.
    """
    folders = {row.method: row.map for row in rows if row.track == track.id and row.evaluation is not None}
    if challenge.kind != "filter-osse" or len(folders) < 2:
        return ()
    return compared(track.id, errors_by_pass(challenge, track, folders, data=data, source=source))


def compared(track: str, errors: PassErrors) -> tuple[Difference, ...]:
    """Give the difference of each method to the best, the smallest first.

    Examples
    --------
    >>> squares = np.array([[1.0, 4.0], [1.0, 4.0], [1.0, 9.0], [1.0, 4.0]])
    >>> (found,) = compared("", PassErrors(("one", "other"), (1, 2, 3, 4), squares, np.ones((4, 2))))
    >>> found.best, found.method, found.told_apart, found.metres.low
    ('one', 'other', True, 1.0)
    """
    blocks = np.stack([errors.squares, errors.counts], axis=-1)
    best = int(np.nanargmin(_rmse(blocks.sum(axis=0))))

    def less_best(totals: Floats) -> Floats:
        rmse = _rmse(totals)
        return rmse - rmse[:, [best]]

    found = [
        Difference(track, method, errors.methods[best], interval)
        for method, interval in zip(errors.methods, bootstrap_intervals(blocks, less_best), strict=True)
    ]
    others = [one for place, one in enumerate(found) if place != best]
    return tuple(sorted(others, key=lambda one: one.metres.value))


def _rmse(totals: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(totals[..., 0] / totals[..., 1]))


# --- sums by pass


def errors_by_pass(
    challenge: Challenge,
    track: Track,
    folders: Mapping[str, Path],
    *,
    data: Path | None = None,
    source: Path | None = None,
) -> PassErrors:
    """Sum the squared errors of the filtered passes of several folders, one pass at a time.

    Parameters
    ----------
    challenge, track
        Whose truth is taken.
    folders : mapping of str to pathlib.Path
        Folder of the filtered passes of each method.
    data, source : pathlib.Path, optional
        As for :func:`differences_on`.
    """
    noisy, truth = challenge.file(track.observations[0]), challenge.file(track.reference)
    place = source or observation_files(challenge, truth, data)
    given = open_passes(place, layout=truth.layout)
    names = challenge.submission.variables
    opened = [
        open_filtered(folder, given, variable=None, names=names, layout=noisy.layout)
        for folder in folders.values()
    ]
    heights = track.reference_height or truth.height
    sums = []
    with few_open_files():
        for number, swath in given.items():
            true, measured = height_in(swath, heights), np.isfinite(height_in(swath, noisy.height))
            sums.append([_sums(filtered.heights(number) - true, measured) for filtered in opened])
    squares, counts = np.moveaxis(np.array(sums, dtype=np.float64), -1, 0)
    return PassErrors(tuple(folders), tuple(given), squares, counts)


def _sums(error: Floats, measured: npt.NDArray[np.bool_]) -> tuple[float, int]:
    """Σ error² and how many pixels, where there was something to filter."""
    seen = error[measured & np.isfinite(error)]
    return float(np.sum(seen**2)), seen.size
