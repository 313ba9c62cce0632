"""Medians over windows of a pass.

A median asks for the order of the heights only. So the heights of a pass are ranked once, and the windows
hold small whole numbers, which NumPy sorts many times faster than it sorts heights with gaps.
"""

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from oceanbench_baselines.filtering._pass_filter import Floats, Heights, PassFilter
from oceanbench_baselines.mapping._observed import require

__all__ = ["Median"]

type Ranks = NDArray[np.int32]

_PAD_MODES: Final = {"reflect": "symmetric", "missing": "constant"}
_SAMPLES_AT_ONCE: Final = 1 << 18  # of all windows of some lines: one megabyte, which stays in the cache


@dataclass(frozen=True)
class Median(PassFilter):
    """Median of a square window, missing pixels left out; by default the one of the challenge 2022a.

    An even ``size`` looks one pixel farther back than ahead, along and across the track: it moves the sea by
    half a pixel. An odd size with ``edges="missing"`` is the better filter.

    Parameters
    ----------
    size : int
        Lines and pixels of the window, >= 1. Pixel i sees i - size // 2 to i + (size - 1) // 2.
    edges : {"reflect", "missing"}
        What windows see beyond the first and last lines and pixels: the pass mirrored there, as in the
        challenge, or nothing.

    Raises
    ------
    ValueError
        A parameter out of its range.

    Notes
    -----
    White noise of standard deviation σ leaves about 1.25 σ / size. The crests of eddies are cut.

    References
    ----------
    Challenge 2022a, the baseline MEDIAN: ``scipy.ndimage.generic_filter`` of ``numpy.nanmedian``, size 10.
    """

    INPUTS: ClassVar[str] = "one pass of a swath"
    COST: ClassVar[str] = "pixels x size² x log(size)"

    size: int = 10
    edges: Literal["reflect", "missing"] = "reflect"

    def __post_init__(self) -> None:
        """Refuse windows without a pixel, and edges that are not known."""
        require(self, "size", self.size >= 1, "a whole number from 1")
        require(self, "edges", self.edges in _PAD_MODES, "'reflect' or 'missing'")

    def _filter(self, heights: Heights) -> Floats:
        measured = heights.measured
        ascending, ranks = _ranked(heights.ssh, measured)
        missing = ascending.size
        beyond = {} if self.edges == "reflect" else {"constant_values": missing}
        reach = (self.size // 2, (self.size - 1) // 2)
        padded = np.pad(ranks, (reach, reach), _PAD_MODES[self.edges], **beyond)  # type: ignore[call-overload]
        windows = sliding_window_view(padded, (self.size, self.size))
        lines = max(_SAMPLES_AT_ONCE // (ranks.shape[1] * self.size**2), 1)
        for start in range(0, ranks.shape[0], lines):
            here = np.s_[start : start + lines]
            seen = windows[here][measured[here]].reshape(-1, self.size**2)
            heights.ssh[here][measured[here]] = _medians(ascending, seen)
        return heights.ssh


def _ranked(ssh: Floats, measured: NDArray[np.bool_]) -> tuple[Floats, Ranks]:
    """Give the heights in ascending order, and the place of each pixel among them; missing ones come last."""
    values = ssh[measured]
    order = np.argsort(values)
    ranks = np.full(ssh.shape, values.size, dtype=np.int32)
    places = np.empty(values.size, dtype=np.int32)
    places[order] = np.arange(values.size, dtype=np.int32)
    ranks[measured] = places
    return values[order], ranks


def _medians(ascending: Floats, seen: Ranks) -> Floats:
    """Give the median height of each row of ranks; the ranks are sorted in place."""
    count = np.count_nonzero(seen < ascending.size, axis=1)
    seen.sort(axis=1)
    rows = np.arange(count.size)
    lower, upper = (ascending[seen[rows, place]] for place in ((count - 1) // 2, count // 2))
    return np.asarray(0.5 * (lower + upper))
