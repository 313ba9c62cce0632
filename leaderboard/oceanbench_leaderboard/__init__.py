"""Leaderboards: what was published, what was scored on this machine, and whether the two agree.

The names below are loaded when they are first used: to show a board nothing that scores is imported.
"""

from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench_leaderboard.metrics import Metric as Metric
    from oceanbench_leaderboard.metrics import metric_named as metric_named
    from oceanbench_leaderboard.published import PublishedScore as PublishedScore
    from oceanbench_leaderboard.published import published_scores as published_scores
    from oceanbench_leaderboard.reproduce import Comparison as Comparison
    from oceanbench_leaderboard.reproduce import MapResult as MapResult
    from oceanbench_leaderboard.reproduce import score_published as score_published
    from oceanbench_leaderboard.reproduce import wanted_maps as wanted_maps
    from oceanbench_leaderboard.scores import Score as Score
    from oceanbench_leaderboard.scores import book_folder as book_folder
    from oceanbench_leaderboard.scores import record as record
    from oceanbench_leaderboard.scores import scores_here as scores_here
    from oceanbench_leaderboard.table import Board as Board
    from oceanbench_leaderboard.table import build_board as build_board

_HOMES = {
    "Board": "table",
    "Comparison": "reproduce",
    "MapResult": "reproduce",
    "Metric": "metrics",
    "PublishedScore": "published",
    "Score": "scores",
    "book_folder": "scores",
    "build_board": "table",
    "metric_named": "metrics",
    "published_scores": "published",
    "record": "scores",
    "score_published": "reproduce",
    "scores_here": "scores",
    "wanted_maps": "reproduce",
}

__all__ = [
    "Board",
    "Comparison",
    "MapResult",
    "Metric",
    "PublishedScore",
    "Score",
    "book_folder",
    "build_board",
    "metric_named",
    "published_scores",
    "record",
    "score_published",
    "scores_here",
    "wanted_maps",
]


__getattr__ = lazy_names(__name__, _HOMES)
