"""Run the two-layer ocean of the twin and give its sea surface height at the moments to be kept."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from oceanbench.physics import two_layer_qg
from oceanbench.progress import Progress
from oceanbench.twin.osse2020 import design

# 256 x 256 points, 8 km: of the settings tried, the nearest to the spread of heights in eNATL60
MODEL = two_layer_qg.TwoLayerQG(jet_speed=1.15, deformation_radius=27e3)
CHUNK_HOURS = 3  # every moment kept is a multiple of this, so that one compiled loop serves


def _run(model: two_layer_qg.TwoLayerQG, state: two_layer_qg.State, hours: int) -> two_layer_qg.State:
    steps = round(CHUNK_HOURS * 3600 / model.time_step)
    for _ in range(hours // CHUNK_HOURS):
        state = two_layer_qg.advance(model, state, steps=steps)
    return state


def spin_up(seed: int, progress: Progress) -> two_layer_qg.State:
    """State of the model on its final grid, statistically steady, at the start of the calendar."""
    coarse = replace(MODEL, points=MODEL.points // 2, time_step=2 * MODEL.time_step)
    progress("spin-up", 0.0)
    state = _run(coarse, two_layer_qg.initial_state(coarse, seed=seed), 24 * design.SPIN_UP_DAYS)
    fine, state = two_layer_qg.refine(coarse, state)
    if fine != MODEL:
        raise RuntimeError("the refined spin-up grid is not the grid of the nature run")
    progress("spin-up", 0.5)  # about: a coarse day costs a tenth of a fine one
    state = _run(fine, state, 24 * design.SETTLING_DAYS)
    progress("spin-up", 1.0)
    return state


def snapshots(
    times: NDArray[np.datetime64], *, seed: int, progress: Progress
) -> Iterator[tuple[np.datetime64, NDArray[np.float64]]]:
    """Yield each moment and the SSH (n, n) in metres on the model's grid, row n // 2 on the jet's axis.

    Raises
    ------
    FloatingPointError
        If the run blows up (the time step is too long for the flow).
    """
    state = spin_up(seed, progress)
    now, span = design.START, times[-1] - design.START
    for time in times:
        state = _run(MODEL, state, int((time - now) / np.timedelta64(1, "h")))
        now = time
        ssh = np.asarray(two_layer_qg.sea_surface_height(MODEL, state), np.float64)
        if not np.isfinite(ssh).all():
            raise FloatingPointError(f"the nature run blew up before {time}; shorten its time step")
        progress("nature run", float((time - design.START) / span))
        yield time, ssh
