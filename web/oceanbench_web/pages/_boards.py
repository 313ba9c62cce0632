"""The front page: the boards that there are."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from oceanbench_leaderboard.metrics import metric_named
from oceanbench_leaderboard.ranking import BoardRow, BoardSummary, TrackSummary, boards
from oceanbench_web.pages._numbers import official_text, shown_unit
from oceanbench_web.pages._reader import TheReader, answer

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_LONGEST = 8  # characters: some tables print all sixteen digits


@dataclass(frozen=True)
class _Best:
    """The first row of a track, in few words."""

    track: TrackSummary
    method: str
    team: str
    score: str


@dataclass(frozen=True)
class _Card:
    """A challenge on the front page."""

    board: BoardSummary
    ranking: str
    tracks: tuple[_Best, ...]


@router.get("/")
def show_boards(reader: TheReader) -> Response:
    """Show all boards: those that anybody submitted to first."""
    found = [_card(board) for board in boards(reader.parts.service)]
    used = [card for card in found if card.board.submissions]
    others = [card for card in found if not card.board.submissions]
    return answer(reader, "boards", json_twin="/api/v1/challenges", used=used, others=others)


def _card(board: BoardSummary) -> _Card:
    tracks = tuple(_best(board.ranking, track) for track in board.tracks if track.rows)
    return _Card(board, metric_named(board.ranking).symbol, tracks)


def _best(ranking: str, track: TrackSummary) -> _Best:
    row = track.best
    if row is None:
        return _Best(track, "", "", "")
    return _Best(track, row.method, row.team or row.provenance, _score(ranking, row))


def _score(ranking: str, row: BoardRow) -> str:
    score = row.scores.get(ranking)
    if score is None:
        return ""
    text = official_text(ranking, score.text, score.unit)
    if len(text) > _LONGEST and score.value is not None:
        text = f"{metric_named(ranking).shown_value(score.value, score.unit):.4g}"
    unit = shown_unit(ranking, score.unit)
    return f"{text} {unit}" if unit else text
