"""The boards of the service: who stands where on each track, made anew whenever a score comes in.

Readers load nothing that scores: the tests behind the ranks run where :func:`refresh` does.
"""

from oceanbench_leaderboard.ranking.board import (
    BoardState,
    board,
    board_revision,
    board_state,
    boards,
    score_is_shown,
)
from oceanbench_leaderboard.ranking.refreshing import outdated, refresh
from oceanbench_leaderboard.ranking.sheet import to_csv
from oceanbench_leaderboard.ranking.views import (
    BoardRow,
    BoardSummary,
    BoardView,
    RobustShown,
    Show,
    ShownScore,
    TrackSummary,
    Truth,
)

__all__ = [
    "BoardRow",
    "BoardState",
    "BoardSummary",
    "BoardView",
    "RobustShown",
    "Show",
    "ShownScore",
    "TrackSummary",
    "Truth",
    "board",
    "board_revision",
    "board_state",
    "boards",
    "outdated",
    "refresh",
    "score_is_shown",
    "to_csv",
]
