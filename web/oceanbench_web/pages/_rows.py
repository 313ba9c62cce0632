"""Rows of a board as a table shows them: texts, badges and addresses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from oceanbench_leaderboard.metrics import metric_named
from oceanbench_leaderboard.ranking import BoardRow, BoardView, ShownScore
from oceanbench_web.pages._numbers import Column, Robustly, column, differs, official_text, robustly

__all__ = ["Notes", "Number", "TableRow", "columns_of", "links_of", "number_of", "rank_of", "row_of"]

_BADGES = {"published": "", "baseline of ours": "ours", "scored here": "here"}


@dataclass(frozen=True)
class Number:
    """One cell."""

    official: str
    robust: Robustly
    misprint: bool = False
    note: int = 0
    differs: bool = False


@dataclass(frozen=True)
class TableRow:
    """One row, ready to be written.

    Attributes
    ----------
    rank : str
        ``2=`` where it is tied, ``–`` where it is not ranked.
    badge : str
        Where its numbers come from, as a style knows it.
    links : tuple of (str, str)
        Word and address.
    note : int
        Number of what is known of the row, below the table; zero where there is nothing.
    own : bool
        Whether it is the reader's team's.
    """

    rank: str
    row: BoardRow
    badge: str
    inputs: str
    numbers: tuple[Number | None, ...]
    links: tuple[tuple[str, str], ...]
    own: bool
    note: int


class Notes:
    """What is said below a table, once each, by number."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def number(self, text: str) -> int:
        """Give the number of a text, from 1 on; zero for none."""
        if not text:
            return 0
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text) + 1


def columns_of(board: BoardView, everything: bool) -> tuple[Column, ...]:
    """Give the columns: the scores that stand for themselves, or all numbers."""
    alone = [name for name in board.metrics if metric_named(name).headline]
    names = board.metrics if everything or not alone else alone
    units: dict[str, str] = {}
    for row in board.rows:
        for name, score in row.scores.items():
            units.setdefault(name, score.unit)
    return tuple(column(name, units.get(name, "1"), board.ranking) for name in names)


def row_of(row: BoardRow, columns: Iterable[Column], team: str, notes: Notes) -> TableRow:
    """Make a row of a table; what is to be said of it goes to ``notes``."""
    return TableRow(
        rank=rank_of(row),
        note=notes.number(row.note),
        row=row,
        badge=_BADGES[row.provenance],
        inputs=", ".join(str(one) for one in row.card.get("inputs") or ()),
        numbers=tuple(number_of(one.metric, row.scores.get(one.metric), notes) for one in columns),
        links=tuple(links_of(row.submission, row.card, row.report)),
        own=bool(team) and row.team == team,
    )


def rank_of(row: BoardRow) -> str:
    """Give the rank as text.

    Examples
    --------
    >>> rank_of(BoardRow(method="OI", provenance="published", rank=2, tied=True))
    '2='
    >>> rank_of(BoardRow(method="OI", provenance="published"))
    '–'
    """
    return "–" if row.rank is None else f"{row.rank}{'=' if row.tied else ''}"


def number_of(metric: str, score: ShownScore | None, notes: Notes) -> Number | None:
    """Make a cell; None where there is no number."""
    if score is None:
        return None
    robust, apart = Robustly(), False
    if score.robust is not None:
        own = score.robust
        robust = robustly(metric, own.value, own.low, own.high, own.unit)
        apart = differs(score.value, score.unit, own.low, own.high, own.unit)
    text = official_text(metric, score.text, score.unit)
    return Number(text, robust, score.misprint, notes.number(score.note), apart)


def links_of(submission: str | None, card: Mapping[str, Any], report: bool) -> Iterable[tuple[str, str]]:
    """Give what there is to read of a row: addresses that a team wrote are taken only where they are http."""
    for word in ("paper", "code"):
        address = card.get(word)
        if isinstance(address, str) and address.startswith(("https://", "http://")):
            yield word, address
    if submission and report:
        yield "report", f"/api/v1/submissions/{submission}/report/index.html"
    if submission:
        yield "passport", f"/api/v1/submissions/{submission}/passport"
