"""Leaderboards: what was published, what was scored on this machine, and whether the two agree."""

from oceanbench_leaderboard.metrics import Metric, metric_named
from oceanbench_leaderboard.published import PublishedScore, published_scores
from oceanbench_leaderboard.reproduce import Comparison, MapResult, reproduce
from oceanbench_leaderboard.scores import Score, book_folder, record
from oceanbench_leaderboard.table import Board, build_board

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
    "reproduce",
]
