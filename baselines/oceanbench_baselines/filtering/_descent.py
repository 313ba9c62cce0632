"""Accelerated gradient descent on the pixels of a pass, fast.

The fields lie in flat arrays with a rim of one pixel that repeats the edge, so that a Laplacian is four
additions of shifted slices. The lines are taken in blocks small enough for the cache, and nothing is
allocated on the way. The weights of a step are constant: the pull of the data is computed once.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from oceanbench_baselines.filtering._pass_filter import Floats

__all__ = ["Descent"]

_BLOCK_LINES: Final = 256


class Descent:
    """Steps x = keep h + pull + (a1 Δ - a2 Δ² + a3 Δ³) h with Nesterov's momentum, edges mirrored.

    Parameters
    ----------
    start : array (lines, pixels)
        First h.
    keep, pull : array (lines, pixels)
        Share of h that stays, and what is added.
    smooth : tuple of three floats
        The weights a1, a2, a3, >= 0.
    """

    def __init__(self, start: Floats, *, keep: Floats, pull: Floats, smooth: tuple[float, ...]) -> None:
        self._lines, pixels = start.shape
        self._smooth = smooth
        self._order = max((order for order, weight in enumerate(smooth, 1) if weight), default=0)
        self._keep, self._pull = np.pad(keep, 1), np.pad(pull, 1)
        self._ahead = np.pad(start, 1, "edge")  # h, where the gradient is taken
        self._following = self._ahead.copy()
        self._before, self._now = self._ahead.copy(), self._ahead.copy()  # x of the last step and of this one
        rows = min(_BLOCK_LINES, self._lines) + 2 * self._order + 2
        self._spare = np.empty((rows, pixels + 2))
        self._levels = [np.zeros((rows, pixels + 2)) for _ in range(self._order)]
        self._watched = (1, 1)

    def run(self, iterations: int, tolerance: float) -> Floats:
        """Give x after so many steps, or after the first that moves no pixel by ``tolerance``."""
        momentum = 1.0
        for _ in range(iterations):
            grown = 0.5 * (1.0 + np.sqrt(1.0 + 4.0 * momentum**2))
            self._step((momentum - 1.0) / grown)
            momentum = grown
            settled = self._settled(tolerance)
            self._ahead, self._following = self._following, self._ahead
            self._before, self._now = self._now, self._before
            if settled:
                break
        return self._before[1:-1, 1:-1].copy()

    def _step(self, momentum: float) -> None:
        for first, last in self._blocks():
            rows = np.s_[first:last]
            now, ahead, spare = self._now[rows], self._ahead[rows], self._spare[: last - first]
            np.multiply(self._keep[rows], ahead, out=now)
            now += self._pull[rows]
            if self._order:
                now += self._smoothing(first, last)
            following = self._following[rows]
            np.subtract(now, self._before[rows], out=spare)
            spare *= momentum
            np.add(now, spare, out=following)
        _mirror(self._following, above=True, below=True)

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """First row and the one after the last of each block, the rim counted."""
        for first in range(1, self._lines + 1, _BLOCK_LINES):
            yield first, min(first + _BLOCK_LINES, self._lines + 1)

    def _smoothing(self, first: int, last: int) -> Floats:
        """Rows of Δ(a1 - Δ(a2 - a3 Δ)) h, from the inside out: the inner Laplacian needs a row more."""
        field, top = self._ahead, 0
        for order in range(self._order, 0, -1):
            low, high = max(first - order + 1, 1), min(last + order - 1, self._lines + 1)
            level = self._levels[order - 1][: high - low + 2]
            inner, spare = level[1:-1], self._spare[: high - low]
            _laplacian(field[low - 1 - top : high + 1 - top], inner, spare)
            if order == self._order:
                inner *= self._smooth[order - 1]
            if order > 1:
                np.multiply(self._ahead[low:high], self._smooth[order - 2], out=spare)
                np.subtract(spare, inner, out=inner)
                _mirror(level, above=low == 1, below=high == self._lines + 1)
            field, top = level, low - 1
        return inner

    def _settled(self, tolerance: float) -> bool:
        """Whether no pixel moved by the tolerance; the one that moved most is asked first the next time."""
        if abs(self._now[self._watched] - self._before[self._watched]) >= tolerance:
            return False
        moved = np.abs(self._now[1:-1, 1:-1] - self._before[1:-1, 1:-1])
        line, pixel = np.unravel_index(np.argmax(moved), moved.shape)
        self._watched = (int(line) + 1, int(pixel) + 1)
        return bool(moved[line, pixel] < tolerance)


def _laplacian(field: Floats, out: Floats, spare: Floats) -> None:
    """Laplacian of unit steps on all rows but the first and last one; the rim of ``out`` is rubbish."""
    width = field.shape[1]
    flat, sums = field.reshape(-1), out.reshape(-1)
    centre = flat[width:-width]
    np.add(flat[: -2 * width], flat[2 * width :], out=sums)
    sums += flat[width - 1 : -width - 1]
    sums += flat[width + 1 : flat.size - width + 1]
    np.multiply(centre, 4.0, out=spare.reshape(-1))
    sums -= spare.reshape(-1)


def _mirror(field: Floats, *, above: bool, below: bool) -> None:
    """Repeat the edge in the rim: the columns, and the first and last row where they are the rim."""
    field[:, 0] = field[:, 1]
    field[:, -1] = field[:, -2]
    if above:
        field[0] = field[1]
    if below:
        field[-1] = field[-2]
