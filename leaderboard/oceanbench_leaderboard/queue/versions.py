"""Which version of a challenge holds, where two workers may know different ones.

While a service is brought up to date some workers know a version that others do not know yet. The newest that
a run was ever made for holds: who knows only an older one leaves such runs, and such a challenge, to others.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from oceanbench_leaderboard.store import Run, Submission

__all__ = ["is_newer", "knows_the_newest"]


def is_newer(version: str, than: str) -> bool:
    """Tell whether a version of a challenge, ``MAJOR.MINOR``, came after another."""
    return _numbers(version) > _numbers(than)


def knows_the_newest(session: Session, challenge: str, version: str) -> bool:
    """Tell whether no run of a challenge is of a version after this one."""
    made = select(Run.challenge_version).join(Run.submission).where(Submission.challenge == challenge)
    return not any(is_newer(other, version) for other in session.scalars(made.distinct()))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(word) for word in version.split("."))
