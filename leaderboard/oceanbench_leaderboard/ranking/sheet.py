"""A board as comma-separated values, one line for each row: what a spreadsheet opens."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from oceanbench_leaderboard.published import number
from oceanbench_leaderboard.ranking.views import BoardRow, BoardView, ShownScore

__all__ = ["to_csv"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_OF_A_SCORE = ("", "_text", "_unit", "_robust", "_low", "_high")
_OF_A_CARD = ("authors", "paper", "code", "inputs", "training", "licence")


def to_csv(board: BoardView) -> Iterator[str]:
    """Give the lines of a board, the header first.

    ``oceanbench leaderboard --csv`` prints one line for each number; here each row is one line, for those who
    sort and plot in a spreadsheet. Columns are named as there; each metric has its own: ``mu`` is the
    number, then come ``mu_text`` as it is printed, ``mu_unit``, and the robust number of the same quantity
    with its interval, ``mu_robust``, ``mu_low`` and ``mu_high``.

    Parameters
    ----------
    board : BoardView
        Those of its rows are printed that it holds.

    Yields
    ------
    str
        One line with its end. A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    names = [*_row(board, BoardRow(method="", provenance="published"))]
    yield _line([*names, *(f"{metric}{what}" for metric in board.metrics for what in _OF_A_SCORE)])
    for row in board.rows:
        numbers = (cell for metric in board.metrics for cell in _score(row.scores.get(metric)))
        yield _line([*_row(board, row).values(), *numbers])


def _row(board: BoardView, row: BoardRow) -> dict[str, Any]:
    return {
        "challenge": board.challenge,
        "version": board.version,
        "track": board.track,
        "rank": row.rank,
        "tied": row.tied,
        "method": row.method,
        "team": row.team,
        "submission": row.submission,
        "created": row.created.isoformat() if row.created else None,
        "attempts": row.attempts if row.submission else None,
        "flags": "; ".join(row.flags),
        "provenance": row.provenance,
        "twin_of": board.twin_of,
        "status": row.status,
        "source": row.source,
        "note": row.note,
        **{name: _in_words(row.card.get(name)) for name in _OF_A_CARD},
    }


def _in_words(said: Any) -> str:
    if isinstance(said, list | tuple):
        return "; ".join(map(str, said))
    return "" if said is None else str(said)


def _score(score: ShownScore | None) -> tuple[Any, ...]:
    if score is None:
        return (None,) * len(_OF_A_SCORE)
    robust = score.robust
    interval = (robust.value, robust.low, robust.high) if robust else (None, None, None)
    return (score.value, score.text, score.unit, *interval)


def _line(cells: list[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(map(_harmless, cells))
    return text.getvalue()


def _harmless(cell: Any) -> Any:
    if not isinstance(cell, str) or not cell.startswith(_FORMULA) or cell == "-" or number(cell) is not None:
        return cell
    return f"'{cell}"
