"""The filter: the network goes along a pass window by window."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from oceanbench_baselines.filtering import PassFilter
from oceanbench_baselines.filtering._noise_level import noise_std
from oceanbench_baselines.filtering._pass_filter import Floats, Heights
from oceanbench_baselines.unet._weights import SHIPPED, read_weights

_WINDOW: Final = 256  # lines, as in training
_STRIDE: Final = 128
_TOGETHER: Final = 4  # windows in one run of the network
_POSTING_KM: Final = 2.0
_POSTING_MARGIN: Final = 0.1


@dataclass(frozen=True)
class UNet(PassFilter):
    r"""Filter by a small neural network that was trained on synthetic oceans and on KaRIn's noise.

    The network, a U-Net of 0.6 million weights, adds what a local plane fit misses. It is told how strong the
    noise is at every pixel, which the pass itself tells
    (`oceanbench_baselines.filtering._noise_level`). It goes along the pass in windows of 512 km that
    overlap by half, their answers blended by triangles; with ``flips``, it does so four times, the pass
    turned end to end and side to side, and gives the mean.

    What ships was trained for 58 minutes on two busy cores, on nothing but the twin's training cycle,
    small oceans and random fields; ``shipped/weights.json`` is the record. On the six passes of 2022a, which
    nothing was chosen by, 11.78 mm of noise become 1.62 mm.

    Parameters
    ----------
    weights : str
        ``shipped``, or the path of a file that ``oceanbench train unet`` wrote.
    flips : bool
        Four runs instead of one.

    Raises
    ------
    FileNotFoundError, ValueError
        The weights cannot be read; pixels are not 2 km apart, to a tenth.
    ImportError
        The package jax is not installed.

    References
    ----------
    Treboutte et al. 2023, KaRIn noise reduction using a convolutional neural network for the SWOT ocean
    products, Remote Sens. 15, 2183, doi 10.3390/rs15082183: the idea; network, inputs and training are ours.
    """

    COST: ClassVar[str] = "lines of the pass; a second or two for 3,700 of them on two cores"
    INPUTS: ClassVar[str] = "one pass of a swath"

    weights: str = "shipped"
    flips: bool = True

    def _filter(self, heights: Heights) -> Floats:
        if abs(heights.posting_km / _POSTING_KM - 1) > _POSTING_MARGIN:
            raise ValueError(
                f"pixels are {heights.posting_km:g} km apart; the network was trained on 2 km: average or "
                "interpolate the swath to that, or choose another filter"
            )
        run = _Runner.of(self.weights)
        level = float(np.median(heights.ssh[heights.measured]))
        measured = heights.measured
        ssh = np.where(measured, heights.ssh - level, 0.0)
        arrays = np.stack([ssh, measured, noise_std(heights)]).astype(np.float32)
        turns = _TURNS if self.flips else _TURNS[:1]
        answers = [run(arrays[:, ::lines, ::pixels])[::lines, ::pixels] for lines, pixels in turns]
        return np.asarray(level + np.mean(answers, axis=0, dtype=np.float64))


_TURNS: Final = ((1, 1), (-1, 1), (1, -1), (-1, -1))


@dataclass(frozen=True)
class _Runner:
    """A network with its weights, ready to run on passes."""

    shape: Any
    arrays: Any

    @staticmethod
    def of(weights: str) -> "_Runner":
        """Read the weights, once for each state of their file."""
        path = SHIPPED if weights == "shipped" else Path(weights)
        changed = path.stat().st_mtime_ns if path.is_file() else 0
        return _read(path, changed)

    def __call__(self, arrays: NDArray[np.float32]) -> Floats:
        """Filter heights, measured and noise (3, lines, pixels); give heights (lines, pixels) in metres."""
        lines, pixels = arrays.shape[1:]
        columns = -pixels % self.shape.multiple
        rows = max(_WINDOW - lines, 0)
        padded = np.pad(arrays, ((0, 0), (0, rows), (0, columns)))
        padded[2] = np.pad(arrays[2], ((0, rows), (0, columns)), mode="edge")
        total = np.zeros(padded.shape[1:])
        weight = np.zeros(len(total))
        for start, answer in self._windows(padded):
            total[start : start + _WINDOW] += _TRIANGLE[:, None] * answer
            weight[start : start + _WINDOW] += _TRIANGLE
        return np.asarray((total / weight[:, None])[:lines, :pixels])

    def _windows(self, padded: NDArray[np.float32]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        last = padded.shape[1] - _WINDOW
        starts = [*range(0, last, _STRIDE), last]
        for first in range(0, len(starts), _TOGETHER):
            some = starts[first : first + _TOGETHER]
            batch = [padded[:, start : start + _WINDOW] for start in some]
            batch += [np.ones_like(batch[0])] * (_TOGETHER - len(some))  # of one size, compiled once
            answers = np.asarray(_compiled()(self.shape, self.arrays, np.stack(batch, axis=1)))
            yield from zip(some, answers, strict=False)


_TRIANGLE: Final = np.minimum(np.arange(1, _WINDOW + 1), np.arange(_WINDOW, 0, -1)) / (_WINDOW / 2)


@cache
def _read(path: Path, changed: int) -> _Runner:  # the time of the change is part of the key
    return _Runner(*read_weights(path))


@cache
def _compiled() -> Any:
    """Give the network's run on a batch of windows; jax is imported here."""
    try:
        import jax
    except ImportError as error:
        raise ImportError(
            "the filter unet needs the package jax; install it with: pip install 'oceanbench[dynamics]'"
        ) from error
    from oceanbench_baselines.unet._inference import filtered_windows

    return partial(jax.jit, static_argnums=0)(filtered_windows)
