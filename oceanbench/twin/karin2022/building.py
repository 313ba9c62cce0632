"""Build the twin: run an ocean for each cycle, and write truth, statistics, picture, digest and checksums."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from oceanbench.progress import Progress, silent
from oceanbench.twin.checksums import write_checksums
from oceanbench.twin.karin2022 import design
from oceanbench.twin.karin2022.pass_files import write_digest
from oceanbench.twin.karin2022.pass_statistics import write_statistics
from oceanbench.twin.karin2022.picture import draw_picture
from oceanbench.twin.karin2022.sampling import sample_heights, sample_variance
from oceanbench.twin.karin2022.swaths import swaths
from oceanbench.twin.karin2022.truth_files import PassTruth, write_truth


def build(out: Path, *, seed: int = design.SEED, progress: Progress | None = None) -> None:
    """Make the twin's data folder from nothing; the same seed gives the same oceans.

    Parameters
    ----------
    out : Path
        Folder to fill; made if missing.
    seed : int
        Seed of the first state of the scored cycle's ocean; the training cycle's follows from it.
    progress : callable, optional
        Called with the name of the stage and how much of it is done, 0..1.

    Raises
    ------
    ImportError
        If jax is not installed (the extra ``twin`` brings it).
    FloatingPointError
        If a run blows up.
    """
    tell = progress or silent
    runs = [_build_cycle(out, cycle, seed + cycle.ocean, tell) for cycle in design.CYCLES]
    tell("files, statistics and picture", 0.0)
    (out / design.RUN_FILE).write_text(json.dumps({"seed": seed, "cycles": runs}, indent=1) + "\n")
    write_digest(out)
    write_statistics(out)
    draw_picture(out)
    write_checksums(out)
    tell("files, statistics and picture", 1.0)


def _build_cycle(out: Path, cycle: design.Cycle, seed: int, progress: Progress) -> dict[str, Any]:
    """Run the ocean of a cycle, write the truth of its passes, and tell what was run."""
    from oceanbench.twin.karin2022 import ocean  # brings jax, which only a build needs

    def tell(stage: str, done: float) -> None:
        progress(f"cycle {cycle.number}: {stage}", done)

    passes = swaths(cycle)
    step = ocean.SURFACE.time_step
    run = ocean.Run(seed, start=step * (passes[0].seconds[0] // step), progress=tell)
    first, last = run.seconds, passes[-1].seconds[-1]
    for swath in passes:
        run.advance_to(
            float(swath.seconds[0]), progress=lambda now: tell("passes", (now - first) / (last - first))
        )
        heights = sample_heights(run, swath)
        low = (sample_variance(run.variance, swath) < design.LOW_VARIANCE) | swath.land
        write_truth(PassTruth(cycle, swath, heights, low), out / design.TRUTH_FOLDER)
    tell("passes", 1.0)
    return {
        "cycle": cycle.number,
        "seed": seed,
        "layers": asdict(ocean.LAYERS),
        "surface": asdict(ocean.SURFACE),
        "high_variance_share": round(float(np.mean(run.variance >= design.LOW_VARIANCE)), 3),
        "height_std_m": round(float(run.heights().std()), 4),
    }
