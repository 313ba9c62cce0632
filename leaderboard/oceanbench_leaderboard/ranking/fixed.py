"""The rows that nobody submitted, as a standing keeps them: versions outlive the files they came from."""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict

from oceanbench_leaderboard.ranking.candidates import Candidate
from oceanbench_leaderboard.ranking.rules import Rules
from oceanbench_leaderboard.ranking.views import BoardRow, RobustShown, ShownScore
from oceanbench_leaderboard.table import Cell, FixedRows, Row

__all__ = ["FixedRow", "fixed_candidates", "fixed_of", "has_printed", "shown_scores"]


class FixedRow(BaseModel):
    """A published row, or one of our baselines.

    Attributes
    ----------
    row : BoardRow
        What is shown.
    value : float, optional
        Its number of the ranking metric; None for a row that has no rank.
    counted : float, optional
        The same with the digits that are printed.
    in_best : bool
        Whether it stands beside the best of each team, or only where everything is shown.
    """

    model_config = ConfigDict(frozen=True)

    row: BoardRow
    value: float | None = None
    counted: float | None = None
    in_best: bool = True

    @classmethod
    def of(cls, row: Row, rules: Rules, *, in_best: bool) -> Self:
        """Make one of a row of the tables."""
        shown = BoardRow(
            method=row.method,
            provenance=row.provenance,
            twin=bool(rules.twin_of),
            status=row.status,
            source=row.source,
            note=row.note,
            scores=shown_scores(row.cells.items()),
        )
        cell = row.cells.get(rules.ranking) if row.status == "current" else None
        if cell is None:
            return cls(row=shown, in_best=in_best)
        return cls(row=shown, value=cell.value, counted=cell.counted, in_best=in_best)


def shown_scores(cells: Iterable[tuple[str, Cell]]) -> dict[str, ShownScore]:
    """Give the numbers of a row as they are shown."""
    return {
        name: ShownScore(
            text=cell.text,
            value=cell.value,
            unit=cell.unit,
            robust=RobustShown(**cell.robust.model_dump()) if cell.robust else None,
            misprint=cell.misprint,
            note=cell.note,
        )
        for name, cell in cells
    }


def fixed_of(fixed: FixedRows, rules: Rules, track: str) -> list[FixedRow]:
    """Give the rows of one track; superseded ones are beside the best only where there are no others."""
    current = fixed.shown(track, everything=False)
    printed = [
        FixedRow.of(row, rules, in_best=row.status == "current" or not current)
        for row in fixed.shown(track, everything=True)
    ]
    baselines = [FixedRow.of(row, rules, in_best=True) for of, row in fixed.baselines if of == track]
    return [*printed, *baselines]


def has_printed(fixed: Iterable[FixedRow]) -> bool:
    """Tell whether a table was published: numbers then count with the digits that it prints."""
    return any(one.row.provenance == "published" and one.in_best for one in fixed)


def fixed_candidates(fixed: Iterable[FixedRow], rules: Rules, *, everything: bool) -> list[Candidate]:
    """Give the rows to be ranked."""
    rows = list(fixed)
    printed = has_printed(rows)
    return [_candidate(one, rules, printed) for one in rows if everything or one.in_best]


def _candidate(one: FixedRow, rules: Rules, printed: bool) -> Candidate:
    value = one.counted if printed else one.value
    if value is None or rules.sign is None:
        return Candidate(one.row)
    return Candidate(one.row, rules.sign * value, rules.sign * value)
