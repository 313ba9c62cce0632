"""A row that is to be ranked, with the numbers by which it is."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from oceanbench_leaderboard.published import number
from oceanbench_leaderboard.ranking.views import BoardRow

if TYPE_CHECKING:
    from oceanbench.metrics.comparison import Blocks

__all__ = ["Candidate", "as_shown", "comparable"]

FEWEST_BLOCKS = 4  # with fewer days or passes a difference has no interval
OTHER_DAYS = "not tested against the others: it was scored on other days or passes"


@dataclass(frozen=True, eq=False)
class Candidate:
    """A row without a rank.

    Attributes
    ----------
    row : BoardRow
        What is shown.
    cost : float, optional
        The ranking metric with all digits, turned so that less is better; None for a row that has no rank.
    counted : float
        The same with the digits that the table prints, by which it stands beside published rows.
    blocks : Blocks, optional
        Sums by day or pass, from which it is compared; None where there are none.
    rounded : bool
        Whether ``counted`` is all that is shown, because the truth is withheld: rows then stand in the order
        of their rounded numbers, which are not rounded all alike, so that no order contradicts or tells more
        than what is printed.
    """

    row: BoardRow
    cost: float | None = None
    counted: float = math.inf
    blocks: "Blocks | None" = None
    rounded: bool = False

    @property
    def age(self) -> tuple[str, str]:
        """What orders rows of equal numbers: the earlier first, whatever order they came in."""
        created = self.row.created.isoformat() if self.row.created else ""
        return created, self.row.submission or f"{self.row.method} {self.row.source}"

    @property
    def by_number(self) -> tuple[float, float, str, str]:
        """What orders rows by their number, the best first."""
        if self.cost is None:
            return (math.inf, math.inf, *self.age)
        return (self.counted if self.rounded else self.cost, self.cost, *self.age)

    @property
    def in_its_group(self) -> tuple[float, float, str, str]:
        """What orders the rows of one group."""
        return (self.counted, 0.0 if self.rounded or self.cost is None else self.cost, *self.age)


def as_shown(candidate: Candidate, metric: str, sign: float) -> Candidate:
    """Let a row count with the digits that are shown of its ranking metric; its cost keeps all of them."""
    score = candidate.row.scores.get(metric)
    shown = number(score.text) if score else None
    if shown is None or candidate.cost is None or candidate.rounded:
        return candidate
    return replace(candidate, counted=sign * shown)


def comparable(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leave their sums only to candidates that can be compared with each other.

    Those are the ones that were scored on the blocks that most were scored on, four or more; another of the
    rows that has sums says so in its note.
    """
    kinds = Counter(_kind(candidate) for candidate in candidates if candidate.blocks is not None)
    if not kinds:
        return list(candidates)
    usual = max(kinds, key=lambda kind: (kinds[kind], kind))
    enough = len(usual[2]) >= FEWEST_BLOCKS
    return [
        candidate if candidate.blocks is None else _kept(candidate, usual, enough) for candidate in candidates
    ]


def _kept(candidate: Candidate, usual: tuple[str, str, tuple[str, ...]], enough: bool) -> Candidate:
    if _kind(candidate) == usual:
        return candidate if enough else replace(candidate, blocks=None)
    row = candidate.row.model_copy(update={"note": OTHER_DAYS})
    return replace(candidate, row=row, blocks=None)


def _kind(candidate: Candidate) -> tuple[str, str, tuple[str, ...]]:
    blocks = candidate.blocks
    return ("", "", ()) if blocks is None else (blocks.statistic, blocks.better, blocks.labels)
