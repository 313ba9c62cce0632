"""Run a two-layer ocean of a twin through its calendar and give its sea surface height at chosen moments."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from oceanbench.physics import two_layer_qg
from oceanbench.progress import Progress

# 256 x 256 points, 8 km: of the settings tried, the nearest to the spread of heights in eNATL60
GULF_STREAM: Final = two_layer_qg.TwoLayerQG(jet_speed=1.15, deformation_radius=27e3)
CHUNK_HOURS: Final = 3  # every moment kept is a multiple of this, so that one compiled loop serves


@dataclass(frozen=True)
class SpinUp:
    """Days before the calendar begins: on a grid twice as coarse, then on the final one."""

    coarse_days: int
    settling_days: int


def _run(model: two_layer_qg.TwoLayerQG, state: two_layer_qg.State, hours: int) -> two_layer_qg.State:
    steps = round(CHUNK_HOURS * 3600 / model.time_step)
    for _ in range(hours // CHUNK_HOURS):
        state = two_layer_qg.advance(model, state, steps=steps)
    return state


def spin_up(
    model: two_layer_qg.TwoLayerQG, length: SpinUp, *, seed: int, progress: Progress
) -> two_layer_qg.State:
    """State of the model on its final grid, statistically steady, at the start of the calendar."""
    coarse = replace(model, points=model.points // 2, time_step=2 * model.time_step)
    progress("spin-up", 0.0)
    state = _run(coarse, two_layer_qg.initial_state(coarse, seed=seed), 24 * length.coarse_days)
    fine, state = two_layer_qg.refine(coarse, state)
    if fine != model:
        raise RuntimeError("the refined spin-up grid is not the grid of the nature run")
    progress("spin-up", 0.5)  # about: a coarse day costs a tenth of a fine one
    state = _run(fine, state, 24 * length.settling_days)
    progress("spin-up", 1.0)
    return state


def snapshots(
    model: two_layer_qg.TwoLayerQG,
    state: two_layer_qg.State,
    times: NDArray[np.datetime64],
    *,
    start: np.datetime64,
    progress: Progress,
) -> Iterator[tuple[np.datetime64, NDArray[np.float64]]]:
    """Yield each moment and the SSH (n, n) in metres on the model's grid, row n // 2 on the jet's axis.

    Parameters
    ----------
    model, state
        Ocean, and its state at ``start``.
    times : array of datetime64, ascending
        Moments to give, whole multiples of `CHUNK_HOURS` after ``start``.
    start : datetime64
        First moment of the calendar.
    progress : callable
        Called with "nature run" and how much of it is done, 0..1.

    Raises
    ------
    FloatingPointError
        If the run blows up (the time step is too long for the flow).
    """
    now, span = start, times[-1] - start
    for time in times:
        state = _run(model, state, int((time - now) / np.timedelta64(1, "h")))
        now = time
        ssh = np.asarray(two_layer_qg.sea_surface_height(model, state), np.float64)
        if not np.isfinite(ssh).all():
            raise FloatingPointError(f"the nature run blew up before {time}; shorten its time step")
        progress("nature run", float((time - start) / span))
        yield time, ssh
