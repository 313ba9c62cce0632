"""A method on a challenge: what it sees, and the file or the folder that it leaves."""

from oceanbench.running._filtering import FilterRun, filter_challenge, given_passes, sample_passes
from oceanbench.running._mapping import (
    Run,
    mean_height,
    run_challenge,
    sample_submission,
    target_grid,
    with_mean,
)

__all__ = [
    "FilterRun",
    "Run",
    "filter_challenge",
    "given_passes",
    "mean_height",
    "run_challenge",
    "sample_passes",
    "sample_submission",
    "target_grid",
    "with_mean",
]
