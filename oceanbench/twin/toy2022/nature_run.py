"""Run the 1.5-layer ocean of the twin and give its sea surface height at the moments to be kept."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from oceanbench.physics import reduced_gravity_qg as qg
from oceanbench.progress import Progress
from oceanbench.twin.toy2022 import design
from oceanbench.twin.toy2022.eddy_forcing import STEP_HOURS, EddyForcing, ForcingSequence

# 256 x 256 points, 8 km, c0 = f0 Ld = 2.7 m/s
MODEL = qg.ReducedGravityQG(
    eddy_days=30.0, jet_speed=1.1, jet_width=50e3, relaxation_days=30.0, time_step=450.0
)
FORCING: Final = EddyForcing()


def _run(model: qg.ReducedGravityQG, state: qg.State, forcing: ForcingSequence, hours: int) -> qg.State:
    steps = round(STEP_HOURS * 3600 / model.time_step)
    for _ in range(hours // STEP_HOURS):
        state = qg.advance(model, state, jnp.asarray(forcing.next(), jnp.complex64), steps=steps)
    return state


def spin_up(seed: int, progress: Progress) -> tuple[qg.State, ForcingSequence]:
    """State and forcing on the final grid, statistically steady, at the start of the calendar."""
    coarse = replace(MODEL, points=MODEL.points // 2, time_step=2 * MODEL.time_step)
    progress("spin-up", 0.0)
    state = qg.start_from(coarse, coarse.equilibrium())
    state = _run(coarse, state, ForcingSequence(FORCING, coarse, (seed, 0)), 24 * design.SPIN_UP_DAYS)
    fine, state = qg.refine(coarse, state)
    if fine != MODEL:
        raise RuntimeError("the refined spin-up grid is not the grid of the nature run")
    progress("spin-up", 0.5)
    forcing = ForcingSequence(FORCING, fine, (seed, 1))
    state = _run(fine, state, forcing, 24 * design.SETTLING_DAYS)
    progress("spin-up", 1.0)
    return state, forcing


def snapshots(
    times: NDArray[np.datetime64], *, seed: int, progress: Progress
) -> Iterator[tuple[np.datetime64, NDArray[np.float64]]]:
    """Yield each moment and the SSH (n, n) in metres on the model's grid, row n // 2 on the jet's axis.

    Raises
    ------
    FloatingPointError
        If the run blows up (the time step is too long for the flow).
    """
    state, forcing = spin_up(seed, progress)
    now, span = design.START, times[-1] - design.START
    for time in times:
        state = _run(MODEL, state, forcing, int((time - now) / np.timedelta64(1, "h")))
        now = time
        ssh = np.asarray(qg.sea_surface_height(MODEL, state), np.float64)
        if not np.isfinite(ssh).all():
            raise FloatingPointError(f"the nature run blew up before {time}; shorten its time step")
        progress("nature run", float((time - design.START) / span))
        yield time, ssh
