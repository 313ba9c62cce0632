"""The ocean of the twin ``2020a-twin``, at the moments to be kept."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from oceanbench.progress import Progress
from oceanbench.twin import two_layer_run
from oceanbench.twin.osse2020 import design

MODEL = two_layer_run.GULF_STREAM


def snapshots(
    times: NDArray[np.datetime64], *, seed: int, progress: Progress
) -> Iterator[tuple[np.datetime64, NDArray[np.float64]]]:
    """Yield each moment and the SSH (n, n) in metres; see :func:`oceanbench.twin.two_layer_run.snapshots`."""
    length = two_layer_run.SpinUp(design.SPIN_UP_DAYS, design.SETTLING_DAYS)
    state = two_layer_run.spin_up(MODEL, length, seed=seed, progress=progress)
    yield from two_layer_run.snapshots(MODEL, state, times, start=design.START, progress=progress)
