"""What a track of a board is made of, but for its submissions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from oceanbench.catalog import challenge_names, load_challenge
from oceanbench.challenge import Challenge
from oceanbench_leaderboard.errors import NotFound
from oceanbench_leaderboard.ranking.fixed import FixedRow, fixed_of
from oceanbench_leaderboard.ranking.gathering import signatures
from oceanbench_leaderboard.ranking.keeping import Key
from oceanbench_leaderboard.ranking.making import Head
from oceanbench_leaderboard.ranking.rules import Rules
from oceanbench_leaderboard.store import Standing
from oceanbench_leaderboard.table import fixed_rows

__all__ = ["Plan", "definition_of", "older_plans", "plans_of", "readable_challenges"]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Plan:
    """Rules, and the rows that nobody submitted, of one track of one version."""

    rules: Rules
    track: str
    fixed: tuple[FixedRow, ...]

    @property
    def key(self) -> Key:
        """Where its rows are kept."""
        return Key(self.rules.challenge, self.rules.version, self.track)


@dataclass(frozen=True)
class _Definition:
    """A challenge told apart by identity: the catalog gives the same one until its file changes."""

    identity: int
    challenge: Challenge = field(compare=False)


def definition_of(challenge_id: str) -> Challenge:
    """Give a challenge as it is now.

    Raises
    ------
    NotFound
        If there is no such challenge.
    """
    try:
        return load_challenge(challenge_id)
    except LookupError as error:
        raise NotFound(str(error.args[0])) from None


def plans_of(challenge: Challenge) -> tuple[Plan, ...]:
    """Give the plans of all tracks of a challenge as it is now.

    Published tables and baselines are read again only when the definition changes, or the process is new.

    Raises
    ------
    ValueError
        If its published table cannot be used.
    """
    return _plans(_Definition(id(challenge), challenge))


def readable_challenges() -> Iterator[Challenge]:
    """Give the known challenges; one that cannot be read is told to the log, and hides no other."""
    for name in challenge_names():
        try:
            challenge = definition_of(name)
            plans_of(challenge)
        except ValueError as error:
            _log.error("challenge has no board", challenge=name, why=str(error))
        else:
            yield challenge


@lru_cache(maxsize=64)
def _plans(definition: _Definition) -> tuple[Plan, ...]:
    fixed = fixed_rows(definition.challenge)
    rules = Rules.of(definition.challenge, fixed)
    return tuple(Plan(rules, track, tuple(fixed_of(fixed, rules, track))) for track in rules.tracks)


def older_plans(session: Session, present: Rules) -> Iterator[Plan]:
    """Give the plans of versions that are no longer the present one, by the rules that they had.

    Of a version that was never ranked while it was the present one nothing but the numbers is known: those
    are ranked by the present rules, without published rows.
    """
    query = select(Standing.version, Standing.track, Standing.head, Standing.fixed).where(
        Standing.challenge == present.challenge, Standing.version != present.version, Standing.revision > 0
    )
    known = set()
    for version, track, head, fixed in session.execute(query):
        known.add((version, track))
        yield Plan(Head.model_validate(head).rules, track, tuple(map(FixedRow.model_validate, fixed)))
    for version, track in signatures(session, present.challenge):
        if version != present.version and (version, track) not in known:
            yield Plan(present.model_copy(update={"version": version}), track, ())
