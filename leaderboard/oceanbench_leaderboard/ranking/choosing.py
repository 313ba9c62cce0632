"""Which submissions stand on a board: the best of each team, all of them, or the final entries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from oceanbench_leaderboard.ranking.candidates import Candidate
from oceanbench_leaderboard.ranking.ladder import climb
from oceanbench_leaderboard.ranking.rules import Rules
from oceanbench_leaderboard.ranking.ties import Duels

__all__ = ["Chosen", "Entry", "choose"]


@dataclass(frozen=True, eq=False)
class Entry:
    """A scored submission.

    Attributes
    ----------
    candidate : Candidate
        By the part that is shown.
    public : Candidate
        By the public part: the same, until a competition with two parts has ended.
    team_id : int
        Whose it is.
    turn : tuple of datetime and int
        When it was first scored by this version, and by which run. Nothing that a team does later changes
        it: neither deleting the submission nor entering it again.
    values : str
        Digest of what was scored; empty where nobody knows.
    selected : bool
        Whether the team chose it for the end.
    visible : bool
        Whether it may be shown: neither hidden nor deleted nor the same as another, and its team active.
    """

    candidate: Candidate
    public: Candidate
    team_id: int
    turn: tuple[datetime, int]
    values: str
    selected: bool
    visible: bool


@dataclass(frozen=True)
class Chosen:
    """The candidates of the two views."""

    best: tuple[Candidate, ...]
    all: tuple[Candidate, ...]


def choose(entries: Iterable[Entry], rules: Rules, *, over: bool, duels: Duels) -> Chosen:
    """Choose what is shown of each team.

    Where the truth is open, ``all`` are all submissions and ``best`` is the best of each team. Where it is
    withheld, only those are shown that climbed (:mod:`~oceanbench_leaderboard.ranking.ladder`), and the last
    of them is the team's row; the same values count once, where they were first scored, whatever became of
    that submission since. Once a competition has ended, a team's row is the best of its final entries: those
    it selected, at most as many as the rules allow and those first that were scored first; else the row that
    it had.

    Parameters
    ----------
    entries : iterable of Entry
        Scored submissions, those that are hidden or deleted too; where the truth is withheld, also those
        that are the same as another.
    rules : Rules
        Of the board.
    over : bool
        Whether the competition has ended.
    duels : Duels
        Remembers what was tested.
    """
    best: list[Candidate] = []
    every: list[Candidate] = []
    for team in _by_team(entries).values():
        row, others = _of_a_team(team, rules, over, duels)
        best += [row.candidate] if row else []
        every += [entry.candidate for entry in others]
    return Chosen(tuple(best), tuple(every))


def _by_team(entries: Iterable[Entry]) -> Mapping[int, list[Entry]]:
    teams: dict[int, list[Entry]] = {}
    for entry in entries:
        teams.setdefault(entry.team_id, []).append(entry)
    return teams


def _of_a_team(
    team: Sequence[Entry], rules: Rules, over: bool, duels: Duels
) -> tuple[Entry | None, Sequence[Entry]]:
    shown = _climbed(team, duels) if rules.withheld else [entry for entry in team if entry.visible]
    row = (shown[-1] if rules.withheld else _best(shown)) if shown else None
    if not over:
        return row, shown
    final = _final(team, rules) or ([row] if row else [])
    return (_best(final) if final else None), (final if rules.withheld else shown)


def _climbed(team: Sequence[Entry], duels: Duels) -> list[Entry]:
    """Give what the team's row has shown, and may show; of the same values one that may be."""
    alike = _by_values(sorted(team, key=lambda entry: entry.turn))
    firsts = {id(entries[0].public): entries for entries in alike}
    steps = [firsts[id(step)] for step in climb((entries[0].public for entries in alike), duels)]
    shown = (next((entry for entry in entries if entry.visible), None) for entries in steps)
    return [entry for entry in shown if entry]


def _by_values(team: Sequence[Entry]) -> list[list[Entry]]:
    alike: dict[object, list[Entry]] = {}
    for entry in team:
        alike.setdefault(entry.values or entry.turn, []).append(entry)
    return list(alike.values())


def _final(team: Sequence[Entry], rules: Rules) -> list[Entry]:
    chosen = [entry for entry in team if entry.selected and entry.visible]
    return sorted(chosen, key=lambda entry: entry.turn)[: rules.final_entries or 0]


def _best(entries: Sequence[Entry]) -> Entry:
    """Give the entry with the best number; of those without one, the oldest."""
    return min(entries, key=lambda entry: entry.candidate.by_number)
