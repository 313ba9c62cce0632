"""Thinning: block means of observations along and across the track."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.observations._canonical import assemble

GAP_STEPS = 3

type Integers = NDArray[np.int64]


@dataclass(frozen=True)
class _Blocks:
    """Where each observation goes, and how many blocks each mission has."""

    mission: Integers
    along: Integers
    across: Integers
    keep: NDArray[np.bool_]
    lines: list[int]
    pixels: list[int]

    @property
    def key(self) -> Integers:
        """One number per block, ascending by mission, then along, then across the track."""
        first = np.concatenate(([0], np.cumsum(self.lines)))[self.mission]
        return np.asarray((first + self.along) * max(self.pixels, default=1) + self.across)


def thin(observations: xr.Dataset, lines: int, pixels: int = 1, *, across_passes: bool) -> xr.Dataset:
    r"""Give the means of the observations over blocks of ``lines`` x ``pixels`` samples.

    .. math:: \bar h_b = \frac{1}{|b|} \sum_{i \in b} h_i

    and likewise for time (to the nanosecond), longitude (safe at 180) and latitude.

    Parameters
    ----------
    observations : xr.Dataset
        In the canonical form. ``line`` and ``pixel`` are what blocks are made of, not the order of rows.
    lines, pixels : int
        Size of a block along and across the track, >= 1.
    across_passes : bool
        True is the rule of the official code: blocks are counted from the first line of the full file,
        whatever lies between two lines, and incomplete blocks at the end are dropped. A block may average
        the end of one pass with the start of the next. Thin before selecting. Where heights are missing,
        the official code averages the coordinates of the whole block: read with ``keep_missing=True``.
        False never averages across a gap: blocks start anew where the time step, less that of lines that
        are missing here, exceeds 3 x the median step of the mission. A shorter block at the end of a pass
        is kept.

    Returns
    -------
    xr.Dataset, dim (obs,)
        Canonical, ordered by mission, block along, block across; ``line`` and ``pixel`` count blocks. Heights
        are means over those that are not NaN, and ``samples`` tells how many; a block without any is dropped.

    Raises
    ------
    ValueError
        Where a block size is less than 1, or greater than the width of a swath.
    """
    _check_block(observations, lines, pixels)
    rule = _official_blocks if across_passes else _blocks_within_passes
    return _means(observations, rule(observations, lines, pixels))


def _check_block(observations: xr.Dataset, lines: int, pixels: int) -> None:
    if lines < 1 or pixels < 1:
        raise ValueError(f"blocks of {lines} lines x {pixels} pixels; both must be at least 1")
    for name, width in zip(observations.attrs["missions"], observations.attrs["pixels"], strict=True):
        if pixels > width:
            raise ValueError(
                f"blocks of {pixels} pixels, but mission {name!r} has {width}; thin it alone, with fewer"
            )


def _index(observations: xr.Dataset, name: str) -> Integers:
    return observations[name].values.astype(np.int64)


def _official_blocks(observations: xr.Dataset, lines: int, pixels: int) -> _Blocks:
    line_blocks = [count // lines for count in observations.attrs["lines"]]
    pixel_blocks = [count // pixels for count in observations.attrs["pixels"]]
    mission = _index(observations, "mission")
    along = _index(observations, "line") // lines
    across = _index(observations, "pixel") // pixels
    keep = (along < np.array(line_blocks, dtype=np.int64)[mission]) & (
        across < np.array(pixel_blocks, dtype=np.int64)[mission]
    )
    return _Blocks(mission, along, across, keep, line_blocks, pixel_blocks)


def _blocks_within_passes(observations: xr.Dataset, lines: int, pixels: int) -> _Blocks:
    mission, line = _index(observations, "mission"), _index(observations, "line")
    time = observations["time"].values.astype(np.int64)
    along = np.zeros_like(line)
    counts = []
    for code in range(len(observations.attrs["missions"])):
        rows = np.flatnonzero(mission == code)
        unique, first, inverse = np.unique(line[rows], return_index=True, return_inverse=True)
        blocks, count = _cut_into_blocks(unique, time[rows][first], lines)
        along[rows] = blocks[inverse]
        counts.append(count)
    pixel_blocks = [-(-count // pixels) for count in observations.attrs["pixels"]]
    across = _index(observations, "pixel") // pixels
    return _Blocks(mission, along, across, np.ones(line.shape, dtype=bool), counts, pixel_blocks)


def _cut_into_blocks(line: Integers, time: Integers, lines: int) -> tuple[Integers, int]:
    """Number the blocks of ascending ``line`` of one mission, and count them; times in nanoseconds."""
    if line.size == 0:
        return line, 0
    starts = _starts_of_passes(line, time)
    offset = line - line[starts][np.cumsum(starts) - 1]
    begins = starts | (np.diff(offset // lines, prepend=0) != 0)
    number = np.cumsum(begins) - 1
    return number, int(number[-1]) + 1


def _starts_of_passes(line: Integers, time: Integers) -> NDArray[np.bool_]:
    starts = np.zeros(line.shape, dtype=bool)
    starts[0] = True
    if line.size > 1:
        skipped = np.diff(line)
        step = np.abs(np.diff(time)).astype(np.float64)
        median = float(np.median(step / skipped))
        # lines that are missing here (no valid sample) are no gap: their own steps are taken off first
        starts[1:] = step - (skipped - 1) * median > GAP_STEPS * median
    return starts


def _means(observations: xr.Dataset, blocks: _Blocks) -> xr.Dataset:
    rows = np.flatnonzero(blocks.keep)
    key = blocks.key[rows]
    order = np.argsort(key, kind="stable")
    rows, key = rows[order], key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1) != 0)
    ssh = observations["ssh"].values[rows]
    heights = _sum(np.isfinite(ssh).astype(np.int64), first)
    total = _sum(np.where(np.isfinite(ssh), ssh, 0.0), first)
    full = heights > 0
    head = rows[first]
    means = assemble(
        _mean_time(observations["time"].values[rows], first)[full],
        _mean_longitude(observations["lon"].values[rows], first)[full],
        _mean(observations["lat"].values[rows], first)[full],
        total[full] / heights[full],
        missions=observations.attrs["missions"],
        lines=blocks.lines,
        pixels=blocks.pixels,
        mission=blocks.mission[head][full],
        line=blocks.along[head][full],
        pixel=blocks.across[head][full],
    )
    return means.assign(samples=("obs", heights[full]))


def _sum[T: (np.int64, np.float64)](values: NDArray[T], first: NDArray[np.intp]) -> NDArray[T]:
    """Give the sum of each block, of sorted rows; ``first`` is the first row of each."""
    return np.add.reduceat(values, first) if first.size else values[:0]


def _size(values: NDArray[np.generic], first: NDArray[np.intp]) -> NDArray[np.int64]:
    return np.diff(first, append=values.shape[0])


def _mean(values: NDArray[np.float64], first: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.asarray(_sum(values, first) / _size(values, first))


def _mean_longitude(lon: NDArray[np.float64], first: NDArray[np.intp]) -> NDArray[np.float64]:
    origin = lon[first]
    offset = lon - np.repeat(origin, _size(lon, first))
    shorter = offset - 360.0 * np.round(offset / 360.0)
    return np.asarray(origin + _mean(shorter, first))


def _mean_time(time: NDArray[np.datetime64], first: NDArray[np.intp]) -> NDArray[np.datetime64]:
    nanoseconds = time.astype("datetime64[ns]").astype(np.int64)
    origin, size = nanoseconds[first], _size(time, first)
    total = _sum(nanoseconds - np.repeat(origin, size), first)
    return np.asarray((origin + (total + size // 2) // size).astype("datetime64[ns]"))
