"""The ocean below the twin: two layers on 8 km steps, and a surface flow on 1.2 km steps that they carry.

Both advance together, by the same time step; the layers do not feel the surface. Spin-up goes from coarse to
fine grids, as small scales are quick to come and dear to keep.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray

from oceanbench.physics import surface_qg, two_layer_qg
from oceanbench.physics.periodic_plane import SECONDS_PER_DAY
from oceanbench.progress import Progress
from oceanbench.twin.karin2022.design import SIDE
from oceanbench.twin.two_layer_run import SpinUp, spin_up

Array = NDArray[np.float64]

# Of the jets, fronts and gradients tried, those nearest to the slopes of the real passes
LAYERS: Final = two_layer_qg.TwoLayerQG(
    points=192, side=SIDE, jet_speed=0.75, deformation_radius=27e3, surface_amplitude=0.6
)
SURFACE: Final = surface_qg.SurfaceQG(
    points=1280,
    side=SIDE,
    f0=LAYERS.f0,
    gravity=LAYERS.gravity,
    mean_gradient=1.5e-6,
    front_amplitude=LAYERS.surface_amplitude,
    front_width=LAYERS.jet_width,
    surface_cutoff=LAYERS.surface_cutoff,
    time_step=120.0,
)
LAYERS_SPIN_UP: Final = SpinUp(coarse_days=730, settling_days=60)
VARIANCE_DAYS: Final = 240
VARIANCE_STEP_DAYS: Final = 4


@dataclass(frozen=True)
class Stage:
    """Days of both flows before the calendar begins, with so many points of the surface."""

    points: int
    time_step: float
    days: int


STAGES: Final = (Stage(384, 300.0, 40), Stage(768, 180.0, 8), Stage(SURFACE.points, SURFACE.time_step, 3))


@dataclass(frozen=True)
class Model:
    """Both flows; their time steps are equal."""

    layers: two_layer_qg.TwoLayerQG
    surface: surface_qg.SurfaceQG


class State(NamedTuple):
    """State of both flows."""

    layers: two_layer_qg.State
    surface: surface_qg.State


def interior(model: Model, state: two_layer_qg.State) -> jax.Array:
    """Spectrum of the upper layer's streamfunction, m²/s."""
    return two_layer_qg.streamfunctions(model.layers, state.spectrum)[0]


@partial(jax.jit, static_argnames=("model", "steps"))
def advance(model: Model, state: State, *, steps: int) -> State:
    """State of both flows after a number of time steps."""

    def step(now: State, _: None) -> tuple[State, None]:
        surface = surface_qg.step(model.surface, now.surface, interior(model, now.layers))
        return State(two_layer_qg.advance(model.layers, now.layers, steps=1), surface), None

    return jax.lax.scan(step, state, length=steps)[0]


@partial(jax.jit, static_argnames=("model",))
def _heights(model: Model, state: State) -> jax.Array:
    return surface_qg.sea_surface_height(model.surface, state.surface, interior(model, state.layers))


def heights(model: Model, state: State) -> Array:
    """SSH (n, n) in metres, rows south to north, row and column n // 2 at the centre; its mean is zero.

    Raises
    ------
    FloatingPointError
        If the run has blown up (the time step is too long for the flow).
    """
    ssh = np.asarray(_heights(model, state), np.float64)
    if not np.isfinite(ssh).all():
        raise FloatingPointError("the nature run blew up; shorten its time step")
    return ssh


def vary(state: two_layer_qg.State, *, progress: Progress) -> tuple[two_layer_qg.State, Array]:
    """State after `VARIANCE_DAYS`, and the variance of SSH (n, n) in m² on the way, of the layers' grid."""
    count = VARIANCE_DAYS // VARIANCE_STEP_DAYS
    steps = round(VARIANCE_STEP_DAYS * SECONDS_PER_DAY / LAYERS.time_step)
    fields = []
    for number in range(count):
        progress("variance of heights", number / count)
        state = two_layer_qg.advance(LAYERS, state, steps=steps)
        fields.append(np.asarray(two_layer_qg.sea_surface_height(LAYERS, state), np.float64))
    progress("variance of heights", 1.0)
    return state, np.var(np.stack(fields), axis=0)


def settle(layers: two_layer_qg.State, stages: Iterable[Stage], *, progress: Progress) -> tuple[Model, State]:
    """Both flows on the finest grid, statistically steady, from the layers and their own passive surface."""
    stages = tuple(stages)
    days = sum(stage.days for stage in stages)
    done, last, surface = 0, layers, layers.spectrum[2]
    model = None
    for stage in stages:
        model, state = _start(stage, last, surface)
        for _ in range(stage.days):
            progress("small scales", done / days)
            state = advance(model, state, steps=round(SECONDS_PER_DAY / stage.time_step))
            done += 1
        last, surface = state.layers, state.surface.spectrum
    if model is None:
        raise ValueError("stages is empty; give at least one")
    progress("small scales", 1.0)
    return model, state


def _start(stage: Stage, layers: two_layer_qg.State, surface: jax.Array) -> tuple[Model, State]:
    model = Model(
        replace(LAYERS, time_step=stage.time_step),
        replace(SURFACE, points=stage.points, time_step=stage.time_step),
    )
    below = two_layer_qg.start_from(model.layers, layers.spectrum)
    above = surface_qg.resampled(surface, stage.points)
    return model, State(below, surface_qg.start_from(model.surface, above, interior(model, below)))


class Run:
    """An ocean that has been spun up, and its clock.

    Parameters
    ----------
    seed : int
        Of the first state.
    start : float
        What the clock shows after the spin-up, seconds.
    progress : callable
        Called with the name of a stage and how much of it is done, 0..1.

    Attributes
    ----------
    variance : array (n, n)
        Variance of SSH in time, m², on the layers' grid.
    """

    def __init__(self, seed: int, *, start: float, progress: Progress) -> None:
        layers = spin_up(LAYERS, LAYERS_SPIN_UP, seed=seed, progress=progress)
        layers, self.variance = vary(layers, progress=progress)
        self.model, self._state = settle(layers, STAGES, progress=progress)
        self.seconds = start

    @property
    def time_step(self) -> float:
        """Seconds."""
        return self.model.surface.time_step

    def advance_to(self, seconds: float, *, progress: Callable[[float], None] | None = None) -> None:
        """Run to the last time step that is not after a moment, telling the clock every hour or so."""
        steps = int((seconds - self.seconds) // self.time_step)
        hour = round(3600 / self.time_step)
        for size in [hour] * (steps // hour) + [1] * (steps % hour):
            self._state = advance(self.model, self._state, steps=size)
            self.seconds += size * self.time_step
            if progress and size == hour:
                progress(self.seconds)

    def heights(self) -> Array:
        """SSH (n, n) in metres; see :func:`heights`."""
        return heights(self.model, self._state)
