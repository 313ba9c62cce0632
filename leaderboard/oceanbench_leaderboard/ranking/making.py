"""Make the ranked rows of one track, and what stands above them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from oceanbench_leaderboard.ranking.candidates import Candidate, as_shown
from oceanbench_leaderboard.ranking.choosing import Entry, choose
from oceanbench_leaderboard.ranking.fixed import FixedRow, fixed_candidates, has_printed
from oceanbench_leaderboard.ranking.rules import Rules
from oceanbench_leaderboard.ranking.ties import Duels, ranked
from oceanbench_leaderboard.ranking.views import BoardRow, Show
from oceanbench_leaderboard.store.models import Part

__all__ = ["Head", "Made", "make"]


class Head(BaseModel):
    """What stands above the rows of a track.

    Attributes
    ----------
    rules : Rules
        By which they were ranked.
    over : bool
        Whether the competition had ended.
    part : str
        The part whose numbers are shown.
    metrics : tuple of str
        Metrics of the rows, in the order of columns.
    totals : dict of str to int
        Rows of each view.
    teams : tuple of str
        Those that have a row.
    submissions : int
        Rows that were submitted.
    best : BoardRow, optional
        The first ranked row.
    shown : tuple of str, optional
        Where the truth is withheld: the submissions whose scores may be shown.
    """

    model_config = ConfigDict(frozen=True)

    rules: Rules
    over: bool
    part: Part
    metrics: tuple[str, ...]
    totals: dict[Show, int]
    teams: tuple[str, ...]
    submissions: int
    best: BoardRow | None = None
    shown: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """Give it as it is kept."""
        return self.model_dump(mode="json", exclude_defaults=True)


@dataclass(frozen=True)
class Made:
    """The ranked rows of a track, by view."""

    head: Head
    views: dict[Show, list[BoardRow]]


def make(rules: Rules, fixed: Sequence[FixedRow], entries: Sequence[Entry], *, over: bool) -> Made:
    """Rank the rows of a track twice: with the best of each team, and with all submissions.

    Parameters
    ----------
    rules : Rules
        Of the version.
    fixed : sequence of FixedRow
        Published rows and baselines.
    entries : sequence of Entry
        Scored submissions, hidden and deleted ones too.
    over : bool
        Whether the competition has ended.
    """
    duels = Duels()
    chosen = choose(entries, rules, over=over, duels=duels)
    views: dict[Show, list[BoardRow]] = {
        "best": ranked(_counted(rules, fixed, chosen.best, everything=False), duels),
        "all": ranked(_counted(rules, fixed, chosen.all, everything=True), duels),
    }
    return Made(_head(rules, views, over), views)


def _counted(
    rules: Rules, fixed: Sequence[FixedRow], chosen: Sequence[Candidate], *, everything: bool
) -> list[Candidate]:
    """Let rows beside baselines count with the digits of the printed table, else with those shown."""
    beside = fixed_candidates(fixed, rules, everything=everything)
    rows = [*beside, *chosen]
    if not beside or rules.sign is None or rules.withheld or has_printed(fixed):
        return rows
    return [as_shown(row, rules.ranking, rules.sign) for row in rows]


def _head(rules: Rules, views: dict[Show, list[BoardRow]], over: bool) -> Head:
    best, every = views["best"], views["all"]
    submitted = [row.submission for row in every if row.submission]
    return Head(
        rules=rules,
        over=over,
        part="private" if rules.split and over else "public",
        metrics=tuple(_metrics(rules, every)),
        totals={"best": len(best), "all": len(every)},
        teams=tuple(sorted({row.team for row in every if row.team})),
        submissions=len(submitted),
        best=best[0] if best and best[0].rank else None,
        shown=tuple(submitted) if rules.withheld else None,
    )


def _metrics(rules: Rules, rows: Sequence[BoardRow]) -> Iterator[str]:
    present = {name: None for row in rows for name in row.scores}
    yield from (name for name in rules.metrics if name in present)
    yield from (name for name in present if name not in rules.metrics)
