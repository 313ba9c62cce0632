"""The trainer of unet: which seas it learns from, and how long.

A quarter of what is drawn are Gaussian random fields, of which there is no end; fronts and eddies, which no
such field has, come from the passes of the challenge's training cycle and from small oceans that are run
here. Every eighth pass is held out: by it the training is looked at, nothing more.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oceanbench.progress import Progress, silent
from oceanbench.training import Lessons, Limits, Look
from oceanbench_baselines.unet._noise import PIXELS
from oceanbench_baselines.unet._oceans import OCEANS, ocean_heights
from oceanbench_baselines.unet._patches import (
    Batch,
    Mixture,
    OceanSource,
    PassSource,
    RandomSource,
    without_nadir_gap,
)
from oceanbench_baselines.unet._shape import Shape
from oceanbench_baselines.unet._training import Checked, Course, fit
from oceanbench_baselines.unet._weights import write_weights

type Floats = NDArray[np.float32]

SHARES: Final = (0.35, 0.4, 0.25)
"""Of passes, oceans and random fields in what is drawn."""

_HELD_OUT_OF, _FIRST_HELD_OUT = 8, 3
_HELD_OUT_PATCHES: Final = 16
_FIRST_OCEAN_SEED: Final = 100

type Oceans = Callable[[int, Progress], Floats]


def train(
    lessons: Lessons, limits: Limits, *, progress: Progress = silent, oceans: Oceans | None = None
) -> Iterator[Look]:
    """Train the network of the filter unet.

    Parameters
    ----------
    lessons : Lessons
        Passes of 71 pixels, 2 km apart, with their truth.
    limits : Limits
        How long, and with which seed.
    progress : callable
        Called with the name of the stage and how much of it is done, 0..1.
    oceans : callable, optional
        Takes a seed and a progress and gives snapshots (n, side, side) in metres, 2 km apart, periodic; those
        of `oceanbench_baselines.unet._oceans` unless given.

    Yields
    ------
    Look
        Every 200 steps, and at the end.

    Raises
    ------
    ValueError
        If there are fewer than four passes, or they have another number of pixels.
    """
    passes = [without_nadir_gap(one.astype(np.float32)) for one in _checked(lessons)]
    held = passes[_FIRST_HELD_OUT::_HELD_OUT_OF]
    learned = [one for number, one in enumerate(passes) if number % _HELD_OUT_OF != _FIRST_HELD_OUT]
    snapshots = (oceans or run_oceans)(limits.seed, progress)
    mixture = Mixture([PassSource(learned), OceanSource(snapshots), RandomSource()], SHARES)
    course = Course(steps=limits.steps, minutes=limits.minutes, seed=limits.seed)
    for checked in fit(Shape(), mixture, _patches(held, limits.seed), course):
        progress("training", checked.done)
        yield _look(checked)


def _checked(lessons: Lessons) -> list[NDArray[np.float64]]:
    wrong = [one.shape for one in lessons.heights if one.ndim != 2 or one.shape[1] != PIXELS]
    if wrong:
        raise ValueError(f"a pass has the shape {wrong[0]}; the network learns from lines of {PIXELS} pixels")
    if len(lessons.heights) <= _FIRST_HELD_OUT:
        raise ValueError(
            f"there are {len(lessons.heights)} passes; at least {_FIRST_HELD_OUT + 1} are needed, as one of "
            f"{_HELD_OUT_OF} is held out"
        )
    return list(lessons.heights)


def _patches(passes: list[Floats], seed: int) -> Batch:
    return Mixture([PassSource(passes)], [1.0]).draw(np.random.default_rng([seed, 1]), _HELD_OUT_PATCHES)


def run_oceans(seed: int, progress: Progress) -> Floats:
    """Run every ocean of `OCEANS`; about half a minute for each on two cores."""
    snapshots = []
    for number, ocean in enumerate(OCEANS):
        named = partial(_named, progress, f"ocean {number + 1} of {len(OCEANS)}")
        first = 1000 * seed + _FIRST_OCEAN_SEED
        snapshots.append(ocean_heights(ocean, seed=first + number, progress=named))
    return np.concatenate(snapshots)


def _named(progress: Progress, name: str, stage: str, done: float) -> None:
    progress(f"{name}: {stage}", done)


def _look(checked: Checked) -> Look:
    return Look(
        step=checked.step,
        seconds=checked.seconds,
        done=checked.done,
        loss=checked.loss,
        held_out=1e-3 * checked.rmse_mm,
        untreated=1e-3 * checked.noise_mm,
        write=lambda path: write_weights(path, Shape(), checked.weights),
    )
