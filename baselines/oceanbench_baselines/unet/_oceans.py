"""Synthetic oceans to learn from: the two flows of the twin 2022a, on a smaller square, with other seeds.

A two-layer ocean on 8 km steps carries a surface flow on 2 km steps (`oceanbench.physics`), which makes
fronts, filaments and eddies down to 6 km. Every ocean has a jet, a mean gradient and a seed of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from oceanbench.physics import surface_qg, two_layer_qg
from oceanbench.physics.periodic_plane import SECONDS_PER_DAY
from oceanbench.progress import Progress
from oceanbench.twin.two_layer_run import SpinUp, spin_up

type Floats = NDArray[np.float32]

_SIDE: Final = 768e3
_SPIN_UP: Final = SpinUp(coarse_days=600, settling_days=40)


@dataclass(frozen=True)
class Ocean:
    """What sets one ocean apart from another.

    Parameters
    ----------
    jet_speed : float
        Of the upper layer, m/s.
    mean_gradient : float
        What feeds the small scales everywhere, 1/s, see `oceanbench.physics.surface_qg`.
    front_amplitude : float
        What feeds them along the jet, m/s.
    deformation_radius : float
        Metres.
    """

    jet_speed: float
    mean_gradient: float
    front_amplitude: float
    deformation_radius: float


OCEANS: Final = (
    Ocean(0.75, 1.5e-6, 0.6, 27e3),
    Ocean(0.45, 2.2e-6, 0.3, 18e3),
    Ocean(0.6, 1.0e-6, 0.9, 22e3),
    Ocean(0.3, 1.5e-6, 0.2, 14e3),
    Ocean(0.9, 0.8e-6, 0.5, 30e3),
    Ocean(0.5, 2.5e-6, 0.6, 24e3),
    Ocean(0.35, 1.2e-6, 0.4, 16e3),
    Ocean(0.6, 1.8e-6, 0.3, 20e3),
)


@dataclass(frozen=True)
class Stage:
    """Days of both flows with so many points of the surface; `snapshots` of them are kept, evenly spaced."""

    points: int
    time_step: float
    days: int
    snapshots: int = 0


STAGES: Final = (Stage(192, 600.0, 30), Stage(384, 300.0, 6), Stage(384, 300.0, 16, snapshots=8))


@partial(jax.jit, static_argnames=("layers", "surface", "steps"))
def _advance(
    layers: two_layer_qg.TwoLayerQG,
    surface: surface_qg.SurfaceQG,
    state: tuple[two_layer_qg.State, surface_qg.State],
    *,
    steps: int,
) -> tuple[two_layer_qg.State, surface_qg.State]:
    def step(
        now: tuple[two_layer_qg.State, surface_qg.State], _: None
    ) -> tuple[tuple[two_layer_qg.State, surface_qg.State], None]:
        below, above = now
        above = surface_qg.step(surface, above, _interior(layers, below))
        return (two_layer_qg.advance(layers, below, steps=1), above), None

    return jax.lax.scan(step, state, length=steps)[0]


def _interior(layers: two_layer_qg.TwoLayerQG, state: two_layer_qg.State) -> jax.Array:
    return two_layer_qg.streamfunctions(layers, state.spectrum)[0]


def ocean_heights(
    ocean: Ocean,
    *,
    seed: int,
    progress: Progress,
    spin_up_days: SpinUp = _SPIN_UP,
    stages: Sequence[Stage] = STAGES,
) -> Floats:
    """Run one ocean and give snapshots of its heights.

    Parameters
    ----------
    ocean : Ocean
    seed : int
        Of its first state.
    progress : callable
        Called with the name of the stage and how much of it is done, 0..1.
    spin_up_days, stages :
        How long it runs, and on which grids.

    Returns
    -------
    array (snapshots, n, n), metres, 2 km apart, periodic; rows south to north

    Raises
    ------
    FloatingPointError
        If the run blows up.
    """
    layers = two_layer_qg.TwoLayerQG(
        points=96,
        side=_SIDE,
        jet_speed=ocean.jet_speed,
        deformation_radius=ocean.deformation_radius,
        surface_amplitude=ocean.front_amplitude,
    )
    below = spin_up(layers, spin_up_days, seed=seed, progress=progress)
    spectrum, above = below.spectrum, below.spectrum[2]
    kept: list[Floats] = []
    for stage in stages:
        spectrum, above, heights = _run(ocean, layers, stage, spectrum, above, progress)
        kept += heights
    return np.stack(kept)


def _run(
    ocean: Ocean,
    layers: two_layer_qg.TwoLayerQG,
    stage: Stage,
    spectrum: jax.Array,
    above: jax.Array,
    progress: Progress,
) -> tuple[jax.Array, jax.Array, list[Floats]]:
    """Run both flows through one stage; give their spectra and the heights that are kept."""
    layers = replace(layers, time_step=stage.time_step)
    surface = _surface(ocean, stage)
    below = two_layer_qg.start_from(layers, spectrum)
    resampled = surface_qg.resampled(above, stage.points)
    state = (below, surface_qg.start_from(surface, resampled, _interior(layers, below)))
    kept: list[Floats] = []
    for day in range(1, stage.days + 1):
        state = _advance(layers, surface, state, steps=round(SECONDS_PER_DAY / stage.time_step))
        if stage.snapshots and day % (stage.days // stage.snapshots) == 0:
            kept.append(_heights(layers, surface, state))
        progress(f"ocean on {stage.points} points", day / stage.days)
    return state[0].spectrum, state[1].spectrum, kept


def _surface(ocean: Ocean, stage: Stage) -> surface_qg.SurfaceQG:
    return surface_qg.SurfaceQG(
        points=stage.points,
        side=_SIDE,
        time_step=stage.time_step,
        mean_gradient=ocean.mean_gradient,
        front_amplitude=ocean.front_amplitude,
    )


def _heights(
    layers: two_layer_qg.TwoLayerQG,
    surface: surface_qg.SurfaceQG,
    state: tuple[two_layer_qg.State, surface_qg.State],
) -> Floats:
    heights = surface_qg.sea_surface_height(surface, state[1], _interior(layers, state[0]))
    if not bool(jnp.isfinite(heights).all()):
        raise FloatingPointError(
            f"the ocean blew up on {surface.points} points with steps of {surface.time_step} s; "
            "use shorter ones"
        )
    return np.asarray(heights, np.float32)
