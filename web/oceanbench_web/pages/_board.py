"""The page of a board: one track of one challenge, a hundred rows at a time."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from oceanbench_leaderboard import ranking
from oceanbench_leaderboard.ranking import BoardView, Show
from oceanbench_web.dependencies import Parts
from oceanbench_web.kept import answer_kept
from oceanbench_web.pages._numbers import Column
from oceanbench_web.pages._reader import TheReader
from oceanbench_web.pages._rows import Notes, TableRow, columns_of, row_of
from oceanbench_web.pages._templates import render

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_ROWS = 100


@dataclass(frozen=True)
class _Wish:
    """What of a board is to be seen; what is None is left to the board."""

    challenge: str
    track: str | None
    version: str | None
    show: Show
    page: int
    everything: bool

    def address(self, board: BoardView, **changes: object) -> str:
        """Give the address of this page, or of one like it."""
        said = {
            "track": board.track,
            "version": self.version,
            "show": None if self.show == "best" else self.show,
            "numbers": "all" if self.everything else None,
            "page": None if self.page == 1 else self.page,
            **changes,
        }
        query = urlencode({name: value for name, value in said.items() if value is not None}, quote_via=quote)
        return f"/challenges/{board.challenge}?{query}"

    def data(self, board: BoardView, kind: str) -> str:
        """Give the address of the numbers behind the page."""
        said = {"track": board.track, "version": board.version, "show": self.show}
        if not kind and self.page > 1:
            said |= {"limit": str(_ROWS), "offset": str(_ROWS * (self.page - 1))}
        return f"/api/v1/challenges/{board.challenge}/board{kind}?{urlencode(said, quote_via=quote)}"


@dataclass(frozen=True)
class _Table:
    """A board, ready to be written."""

    board: BoardView
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    notes: tuple[str, ...]
    more_numbers: bool


@router.get("/challenges/{challenge}")
def show_board(
    reader: TheReader,
    challenge: str,
    track: Annotated[str | None, Query(max_length=160)] = None,
    version: Annotated[str | None, Query(max_length=16)] = None,
    show: Show = "best",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    numbers: Annotated[str | None, Query(max_length=3)] = None,
) -> Response:
    """Show a board."""
    wish = _Wish(challenge, track, version or None, show, page, numbers == "all")
    state = ranking.board_state(reader.parts.service, challenge, version=wish.version, track=track)
    team = reader.team
    key = ("page", wish, team, state)
    kept = reader.parts.kept.get(key, lambda: _page(reader.parts, wish, team), "text/html; charset=utf-8")
    return answer_kept(reader.request, kept, "private, no-cache" if team else "no-cache")


def _page(parts: Parts, wish: _Wish, team: str) -> bytes:
    board = ranking.board(
        parts.service,
        wish.challenge,
        track=wish.track,
        version=wish.version,
        show=wish.show,
        limit=_ROWS,
        offset=_ROWS * (wish.page - 1),
    )
    table = _table(board, wish, team)
    return render(
        "board",
        path=f"/challenges/{board.challenge}",
        team=team,
        json_twin=wish.data(board, ""),
        csv=wish.data(board, ".csv"),
        table=table,
        board=board,
        wish=wish,
        pages=max(1, -(-board.total // _ROWS)),
        first=_ROWS * (wish.page - 1) + 1,
    ).encode()


def _table(board: BoardView, wish: _Wish, team: str) -> _Table:
    columns = columns_of(board, wish.everything)
    notes = Notes()
    rows = tuple(row_of(row, columns, team, notes) for row in board.rows)
    more = len(board.metrics) > len(columns) or wish.everything
    return _Table(board, columns, rows, tuple(notes.texts), more)
