"""Training: Adam on batches drawn anew, a rate that falls as a cosine, and a running mean of the weights."""

import math
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from oceanbench_baselines.unet._features import SIGMA_REF, features
from oceanbench_baselines.unet._network import Weights, apply_network, initial_weights
from oceanbench_baselines.unet._patches import Batch, Mixture
from oceanbench_baselines.unet._shape import Shape

_AT_ONCE: Final = 8  # patches looked at
_AHEAD: Final = 4  # batches drawn before they are asked for
_FIRST_MOMENT, _SECOND_MOMENT, _TINY = 0.9, 0.99, 1e-8
_RISING_STEPS: Final = 200
_LEAST_RATE: Final = 1e-5
_LARGEST_GRADIENT: Final = 1.0
_SMALLEST_LOSS: Final = 1e-4


@dataclass(frozen=True)
class Course:
    """How the training runs.

    Parameters
    ----------
    steps : int or None
        Steps of the optimiser; None where time alone ends the training.
    minutes : float or None
        Time; where both are given, whichever ends first.
    seed : int
        Of the first weights and of every patch.
    batch : int
        Patches in a step.
    rate : float
        Largest step of Adam; it falls to 1e-5 in the end.
    gradient_weight : float
        Weight of the squared differences of the error between neighbours, beside the squared error: errors
        of currents count so.
    mean_steps : int
        Over about so many last steps weights are averaged.
    check_every : int
        Steps between two looks at the held-out patches.
    """

    steps: int | None = None
    minutes: float | None = None
    seed: int = 0
    batch: int = 8
    rate: float = 1.5e-3
    gradient_weight: float = 2.0
    mean_steps: int = 1000
    check_every: int = 200

    def __post_init__(self) -> None:
        if self.steps is None and self.minutes is None:
            raise ValueError("neither steps nor minutes are given; say when the training ends")
        for name in ("steps", "minutes", "batch", "check_every"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} is {value}; it must be positive")

    def done(self, step: int, seconds: float) -> float:
        """How much of the training is over, 0..1, after so many steps and seconds."""
        by_steps = step / self.steps if self.steps is not None else 0.0
        by_time = seconds / (60 * self.minutes) if self.minutes is not None else 0.0
        return min(max(by_steps, by_time), 1.0)

    def rate_at(self, done: float, step: int) -> float:
        """Step of Adam when so much is over: a rise over the first steps, then a cosine."""
        rise = min(step / _RISING_STEPS, 1.0)
        return rise * (_LEAST_RATE + (self.rate - _LEAST_RATE) * 0.5 * (1 + math.cos(math.pi * done)))


class Checked(NamedTuple):
    """What a look at the training says.

    Attributes
    ----------
    step : int
    seconds : float
        Since the start.
    done : float
        How much is over, 0..1.
    loss : float
        Mean over the steps since the last look.
    rmse_mm, noise_mm : float
        Errors of the held-out patches, filtered and not.
    weights : Weights
        The running mean.
    """

    step: int
    seconds: float
    done: float
    loss: float
    rmse_mm: float
    noise_mm: float
    weights: Weights


class State(NamedTuple):
    """Weights, their running mean, and the moments of Adam."""

    weights: Weights
    mean: Weights
    first: Weights
    second: Weights
    step: jax.Array


def fit(shape: Shape, mixture: Mixture, held_out: Batch, course: Course) -> Iterator[Checked]:
    """Train a network, and look at it now and then.

    Parameters
    ----------
    shape : Shape
    mixture : Mixture
        What it learns from.
    held_out : Batch
        What it is looked at with, never learned from.
    course : Course

    Yields
    ------
    Checked
        The last one when the training is over.
    """
    weights = initial_weights(shape, seed=course.seed)
    zeros = {name: jnp.zeros_like(value) for name, value in weights.items()}
    state = State(weights, weights, zeros, zeros, jnp.zeros((), jnp.int32))
    started, losses, done = time.monotonic(), [], 0.0
    with _drawn_ahead(mixture, course) as batches:
        for step, batch in enumerate(batches, start=1):
            rate = course.rate_at(done, step)
            state, loss = _step(shape, course.gradient_weight, course.mean_steps, state, batch, rate)
            losses.append(float(loss))
            done = course.done(step, time.monotonic() - started)
            if step % course.check_every == 0 or done >= 1:
                errors = rmse_mm(shape, state.mean, held_out)
                seconds = time.monotonic() - started
                yield Checked(step, seconds, done, float(np.mean(losses)), *errors, state.mean)
                losses.clear()
            if done >= 1:
                return


@contextmanager
def _drawn_ahead(mixture: Mixture, course: Course) -> Iterator[Iterator[Batch]]:
    """Draw batches in a second thread while the network learns; each has the seed of its number."""
    with ThreadPoolExecutor(max_workers=1) as pool:

        def draw(number: int) -> Future[Batch]:
            return pool.submit(
                lambda: mixture.draw(np.random.default_rng([course.seed, number]), course.batch)
            )

        def batches() -> Iterator[Batch]:
            waiting = deque(draw(number) for number in range(_AHEAD))
            for number in count(_AHEAD):
                waiting.append(draw(number))
                yield waiting.popleft().result()

        try:
            yield batches()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@partial(jax.jit, static_argnums=(0, 1, 2))
def _step(
    shape: Shape, gradient_weight: float, mean_steps: int, state: State, batch: Batch, rate: float
) -> tuple[State, jax.Array]:
    """One step of Adam, its gradient cut to a largest length."""
    loss, gradient = jax.value_and_grad(partial(_loss, shape, gradient_weight))(state.weights, batch)
    length = jnp.sqrt(sum(jnp.sum(one**2) for one in gradient.values()))
    gradient = {
        k: one * jnp.minimum(1.0, _LARGEST_GRADIENT / (length + _TINY)) for k, one in gradient.items()
    }
    step = state.step + 1
    first = {k: _FIRST_MOMENT * state.first[k] + (1 - _FIRST_MOMENT) * one for k, one in gradient.items()}
    second = {
        k: _SECOND_MOMENT * state.second[k] + (1 - _SECOND_MOMENT) * one**2 for k, one in gradient.items()
    }
    early = (1 - _FIRST_MOMENT**step, 1 - _SECOND_MOMENT**step)
    weights = {
        k: w - rate * (first[k] / early[0]) / (jnp.sqrt(second[k] / early[1]) + _TINY)
        for k, w in state.weights.items()
    }
    keep = jnp.minimum(1 - 1 / mean_steps, (1.0 + step) / (10.0 + step))
    mean = {k: keep * state.mean[k] + (1 - keep) * w for k, w in weights.items()}
    return State(weights, mean, first, second, step), loss


def _loss(shape: Shape, gradient_weight: float, weights: Weights, batch: Batch) -> jax.Array:
    """Root of the squared error of each patch, so that quiet and energetic seas count alike."""
    error = (estimate(shape, weights, batch) - batch.truth) * batch.measured
    squares = _mean(error**2, batch.measured)
    for axis in (1, 2):
        both = _cut(batch.measured, axis, 1) * _cut(batch.measured, axis, 0)
        differences = (_cut(error, axis, 1) - _cut(error, axis, 0)) ** 2 * both
        squares += gradient_weight * _mean(differences, both)
    share = batch.measured.mean(axis=(1, 2))
    return jnp.asarray(jnp.sum(share * jnp.sqrt(squares + _SMALLEST_LOSS)) / (jnp.sum(share) + _TINY))


def _cut(values: jax.Array | np.ndarray, axis: int, start: int) -> jax.Array:
    return jax.lax.slice_in_dim(jnp.asarray(values), start, values.shape[axis] - 1 + start, axis=axis)


def _mean(values: jax.Array, weights: jax.Array | np.ndarray) -> jax.Array:
    return values.sum(axis=(1, 2)) / (weights.sum(axis=(1, 2)) + 1.0)


def estimate(shape: Shape, weights: Weights, batch: Batch) -> jax.Array:
    """Filtered heights (patches, lines, columns) in units of `SIGMA_REF`; the truth is not looked at."""
    channels, smooth = features(*(jnp.asarray(one) for one in batch[:3]))
    return smooth + apply_network(shape, weights, channels)


_estimate = partial(jax.jit, static_argnums=0)(estimate)


def rmse_mm(shape: Shape, weights: Weights, batch: Batch) -> tuple[float, float]:
    """Root mean square errors of the filtered and of the noisy heights, millimetres."""
    starts = range(0, len(batch.noisy), _AT_ONCE)
    parts = (Batch(*(array[start : start + _AT_ONCE] for array in batch)) for start in starts)
    filtered = np.concatenate([np.asarray(_estimate(shape, weights, part)) for part in parts])
    return _root_mean(filtered, batch), _root_mean(batch.noisy, batch)


def _root_mean(heights: np.ndarray, batch: Batch) -> float:
    error = (heights - batch.truth)[batch.measured > 0]
    return float(1e3 * SIGMA_REF * np.sqrt(np.mean(error.astype(np.float64) ** 2)))
