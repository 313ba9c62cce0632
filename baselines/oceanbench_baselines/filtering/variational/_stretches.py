"""Parts of a pass that are filtered by themselves."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from oceanbench_baselines.filtering._pass_filter import Floats

MARGIN: Final = 5  # lines and pixels of open sea around what is measured: the sea goes on beyond the swath
LONGEST_GAP: Final = 6  # lines without any height; a longer gap parts the pass
LINES: Final = 1000  # of the longest part, which bounds the memory
OVERLAP: Final = 200  # lines that two parts of a long stretch share
UNUSED: Final = 80  # of them at the end of a part, which know too little of what follows


class Part(NamedTuple):
    """Some lines of a pass: the result is the mean of its parts with these weights along the track."""

    lines: slice
    weights: Floats


def parts(measured: NDArray[np.bool_]) -> Iterator[Part]:
    """Cut a pass at long gaps, and what is left into parts that overlap; together they have all heights.

    Parameters
    ----------
    measured : array (lines, pixels)
    """
    lines = np.flatnonzero(measured.any(axis=1))
    after = np.flatnonzero(np.diff(lines) > LONGEST_GAP + 1) + 1
    for piece in np.split(lines, after):
        yield from _cut(int(piece[0]), int(piece[-1]) + 1)


def _cut(start: int, stop: int) -> Iterator[Part]:
    """Part a stretch evenly; weights pass from one part to the next in the middle of the overlap."""
    length = stop - start
    count = 1 if length <= LINES else int(np.ceil((length - OVERLAP) / (LINES - OVERLAP)))
    edges = np.linspace(start, stop - OVERLAP, count + 1).round().astype(int) if count > 1 else [start]
    for index in range(count):
        first = int(edges[index])
        last = stop if index == count - 1 else int(edges[index + 1]) + OVERLAP
        weights = np.ones(last - first)
        ramp = np.clip((np.arange(OVERLAP) + 0.5 - UNUSED) / (OVERLAP - 2 * UNUSED), 0, 1)
        if index:
            weights[:OVERLAP] = ramp
        if index < count - 1:
            weights[-OVERLAP:] = ramp[::-1]
        yield Part(slice(first, last), weights)
