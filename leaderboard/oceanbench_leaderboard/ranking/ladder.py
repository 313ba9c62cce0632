"""What a team is told on a board whose truth is withheld: only that it has become better, and by how much.

Who may ask for many scores learns the answers from them. The Ladder of Blum and Hardt shows a new score only
where it is significantly better than the one that is shown; what is shown then hardly depends on how often
somebody asked.

References
----------
Blum and Hardt (2015), The Ladder: a reliable leaderboard for machine learning competitions, ICML,
arXiv:1502.04585.
"""

from collections.abc import Iterable

from oceanbench_leaderboard.ranking.candidates import Candidate
from oceanbench_leaderboard.ranking.ties import Duels

__all__ = ["climb"]


def climb(candidates: Iterable[Candidate], duels: Duels) -> list[Candidate]:
    """Give the submissions of one team that its row has shown, the present one last.

    The first one that has a score is shown. Each later one is shown only if it is better than the one shown
    by a one-sided paired test at the 2.5 % level; without days that could be compared, if its rounded number
    is better (the rounding is then the step of the ladder).

    Parameters
    ----------
    candidates : iterable of Candidate
        All that the team had scored, deleted and hidden ones too, in the order in which they were first
        scored: else a team could learn the score of one by deleting another, or by entering it once more.
    duels : Duels
        Remembers what was tested.
    """
    steps: list[Candidate] = []
    for candidate in candidates:
        if candidate.cost is not None and (not steps or _better(candidate, steps[-1], duels)):
            steps.append(candidate)
    return steps


def _better(new: Candidate, shown: Candidate, duels: Duels) -> bool:
    if new.blocks is None or shown.blocks is None:
        return new.counted < shown.counted
    return duels.wins(new, [shown])[0]
