"""A track that ten thousand submissions were made to."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.ranking import CHALLENGE, TRACK, fill, open_bare
from oceanbench_leaderboard import ranking
from oceanbench_leaderboard.service import Service

pytestmark = pytest.mark.slow


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Service]:
    """A service with ten thousand submissions of two hundred teams on one track."""
    service = open_bare(tmp_path, None)
    fill(service, submissions=10_000, teams=200, days=20)
    yield service
    service.close()


def test_ten_thousand_submissions_are_ranked_in_seconds_and_read_by_the_page(
    crowded: Service,
) -> None:
    started = time.process_time()
    ranking.refresh(crowded, CHALLENGE)
    assert time.process_time() - started < 60.0
    board = ranking.board(crowded, CHALLENGE, track=TRACK, show="all", limit=100)
    assert (board.total, len(board.rows), board.revision) == (10_004, 100, 1)  # four baselines of ours
    started = time.process_time()
    last = ranking.board(crowded, CHALLENGE, track=TRACK, show="all", limit=100, offset=10_000)
    assert time.process_time() - started < 0.5
    assert len(last.rows) == 4
    ranks = [row.rank for row in ranking.board(crowded, CHALLENGE, track=TRACK, show="all").rows]
    assert ranks == sorted(rank for rank in ranks if rank is not None)
    assert ranking.board(crowded, CHALLENGE, track=TRACK).total == 204
