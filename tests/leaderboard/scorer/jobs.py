"""A job for the scorer, and the type of what writes its canonical map."""

from collections.abc import Callable
from pathlib import Path

from oceanbench_leaderboard.scorer import ScoringJob

type Canonical = Callable[..., Path]

JOB = ScoringJob(challenge="toy", track="half", sha256="ab" * 32, method="waves", card={"method": "waves"})
