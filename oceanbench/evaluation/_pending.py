"""Challenges that are defined but that this version of the program cannot score."""

from oceanbench.challenge import Challenge

__all__ = ["refuse_pending"]


def refuse_pending(challenge: Challenge) -> None:
    """Refuse a challenge whose evaluation is not built yet, with the reason that its definition gives.

    Raises
    ------
    LookupError
        If it cannot be scored: a map for it has nowhere to go yet.
    """
    if challenge.evaluation_pending:
        raise LookupError(
            f"{challenge.id} cannot be scored yet: {challenge.evaluation_pending.rstrip('.')}; "
            "choose another challenge of: oceanbench list"
        )
