"""The front page: the boards that there are."""

import time
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from oceanbench_leaderboard.metrics import metric_named
from oceanbench_leaderboard.ranking import BoardRow, BoardSummary, TrackSummary, boards
from oceanbench_web.dependencies import Parts
from oceanbench_web.kept import answer_kept
from oceanbench_web.pages._numbers import official_text, shown_unit
from oceanbench_web.pages._reader import TheReader
from oceanbench_web.pages._templates import render

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_LONGEST = 8  # characters: some tables print all sixteen digits
_SECONDS = 2.0  # for which the page is kept: it looks at every board there is


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
    parts, team = reader.parts, reader.team
    key = ("boards", team, int(time.monotonic() // _SECONDS))
    kept = parts.kept.get(key, lambda: _page(parts, team), "text/html; charset=utf-8")
    return answer_kept(reader.request, kept, "private, no-cache" if team else "no-cache")


def _page(parts: Parts, team: str) -> bytes:
    found = [_card(board) for board in boards(parts.service)]
    used = [card for card in found if card.board.submissions]
    others = [card for card in found if not card.board.submissions]
    twin = "/api/v1/challenges"
    return render("boards", path="/", team=team, json_twin=twin, used=used, others=others).encode()


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
