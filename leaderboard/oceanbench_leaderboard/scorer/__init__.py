"""Scores of a canonical map, computed by a process of its own that never sees the user's file.

The names below are loaded when they are first used: to speak of an outcome nothing of a map is imported.
"""

from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench_leaderboard.scorer.job import ScoringJob as ScoringJob
    from oceanbench_leaderboard.scorer.outcome import NotScored as NotScored
    from oceanbench_leaderboard.scorer.outcome import Scored as Scored
    from oceanbench_leaderboard.scorer.running import run_scorer as run_scorer
    from oceanbench_leaderboard.scorer.warm import WarmScorer as WarmScorer

_HOMES = {
    "NotScored": "outcome",
    "Scored": "outcome",
    "ScoringJob": "job",
    "WarmScorer": "warm",
    "run_scorer": "running",
}

__all__ = ["NotScored", "Scored", "ScoringJob", "WarmScorer", "run_scorer"]

__getattr__ = lazy_names(__name__, _HOMES)
