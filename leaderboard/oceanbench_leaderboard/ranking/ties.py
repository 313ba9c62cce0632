"""Ranks: rows whose difference is not significant share one.

A published row has no days that could be compared, so it is placed by its printed digits, after the groups of
those that can be tested were made: what is published ties nobody and parts nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from oceanbench_leaderboard.ranking.candidates import Candidate
from oceanbench_leaderboard.ranking.views import BoardRow

__all__ = ["Duels", "ranked"]

_AT_ONCE = 16  # entries that are compared with the first of a group; more are wasted where the group ends


class Duels:
    """Whether one entry is significantly better than another; each pair is tested once.

    The test is :func:`oceanbench.metrics.comparison.difference`: paired by day or pass, with their
    autocorrelation counted; two entries differ where its 95 % interval leaves out zero.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bool] = {}

    def wins(self, leader: Candidate, others: Sequence[Candidate]) -> list[bool]:
        """Tell for each of the others whether ``leader`` is better than it.

        Raises
        ------
        ValueError
            If one has no sums, or they were not scored on the same days.
        """
        keys = [(id(leader.blocks), id(other.blocks)) for other in others]
        new = [place for place, key in enumerate(keys) if key not in self._known]
        if new:
            for place, won in zip(new, _wins(leader, [others[place] for place in new]), strict=True):
                self._known[keys[place]] = won
        return [self._known[key] for key in keys]


def _wins(leader: Candidate, others: Sequence[Candidate]) -> list[bool]:
    from oceanbench.metrics.comparison import differences  # loads SciPy, which readers of boards do without

    mine, theirs = leader.blocks, [other.blocks for other in others if other.blocks is not None]
    if mine is None or len(theirs) < len(others):
        raise ValueError("an entry without sums by day or pass cannot be tested; place it by its digits")
    apart = differences(mine, theirs)
    return [each.low > 0.0 if mine.better == "higher" else each.high < 0.0 for each in apart]


@dataclass
class _Group:
    members: list[Candidate]
    best: float  # counted numbers of those who were tested
    worst: float
    leader: Candidate

    @classmethod
    def of(cls, members: Sequence[Candidate]) -> "_Group":
        return cls(list(members), members[0].counted, members[-1].counted, members[0])


def ranked(candidates: Iterable[Candidate], duels: Duels) -> list[BoardRow]:
    """Give the rows with their ranks, the best first and those without a rank last.

    Entries with sums by day or pass are walked down in the order of their numbers: the first leads a group,
    and each of the next belongs to it unless the leader is significantly better; then it leads a group of
    its own. A row without sums (published, or a baseline) enters a group between whose best and worst number
    its printed digits stand: of several the last that is led by no worse number, else the first. Without such
    a group it makes one with those of the same digits. The result does not depend on the order of
    ``candidates``, and no row has a better number than one of a better rank.

    Parameters
    ----------
    candidates : iterable of Candidate
        Those with sums were scored on the same blocks, see
        :func:`~oceanbench_leaderboard.ranking.candidates.comparable`.
    duels : Duels
        Remembers what was tested.
    """
    ordered = sorted(candidates, key=lambda candidate: candidate.by_number)
    able = [candidate for candidate in ordered if candidate.cost is not None]
    rows: list[BoardRow] = []
    for number, group in enumerate(_groups(able, duels), 1):
        place = {"rank": len(rows) + 1, "tied": len(group) > 1, "group": number}
        rows += [candidate.row.model_copy(update=place) for candidate in group]
    return rows + [candidate.row for candidate in ordered if candidate.cost is None]


def _groups(ordered: Sequence[Candidate], duels: Duels) -> list[list[Candidate]]:
    tested = [candidate for candidate in ordered if candidate.blocks is not None]
    groups = [_Group.of(members) for members in _walk(tested, duels)]
    own: list[_Group] = []
    plain = sorted((one for one in ordered if one.blocks is None), key=lambda one: one.counted)
    for counted, alike in groupby(plain, lambda one: one.counted):
        around = [group for group in groups if group.best <= counted <= group.worst]
        if not around:
            own.append(_Group.of(list(alike)))
            continue
        for one in alike:
            _place_of(one, around).members.append(one)
    # of equal best numbers the one that was made first: groups of the walk overlap at their ends
    every = sorted([*groups, *own], key=lambda group: group.best)
    return [sorted(group.members, key=lambda one: one.in_its_group) for group in every]


def _place_of(one: Candidate, around: Sequence[_Group]) -> _Group:
    """Choose by all digits among groups that print the same, so that no better number stands behind."""
    led = [group for group in around if group.leader.by_number[0] <= one.by_number[0]]
    return led[-1] if led else around[0]


def _walk(tested: Sequence[Candidate], duels: Duels) -> Iterator[list[Candidate]]:
    start = 0
    while start < len(tested):
        end = _end_of_group(tested, start, duels)
        yield list(tested[start:end])
        start = end


def _end_of_group(tested: Sequence[Candidate], start: int, duels: Duels) -> int:
    end = start + 1
    while end < len(tested):
        beaten = duels.wins(tested[start], tested[end : end + _AT_ONCE])
        if any(beaten):
            return end + beaten.index(True)
        end += len(beaten)
    return end
