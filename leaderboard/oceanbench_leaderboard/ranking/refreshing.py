"""Make the boards of a challenge anew: outside of the transaction that writes, and never from old rows."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.ranking.fixed import has_printed
from oceanbench_leaderboard.ranking.gathering import gather, signatures
from oceanbench_leaderboard.ranking.keeping import Key, Pages, lock_standing, pack, replace_pages
from oceanbench_leaderboard.ranking.making import Head, make
from oceanbench_leaderboard.ranking.plans import (
    Plan,
    definition_of,
    older_plans,
    plans_of,
    readable_challenges,
)
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Standing

__all__ = ["outdated", "refresh"]

_TRIES = 4


def refresh(service: Service, challenge_id: str, *, force: bool = False) -> None:
    """Rank the tracks of a challenge anew, of all versions that have a board, where something changed.

    May run in several processes at once, and as often as one likes: what is kept in the end was made from all
    that was scored, and the revision grows each time that a row may have changed.

    Parameters
    ----------
    service : Service
        Whose boards.
    challenge_id : str
        The challenge.
    force : bool
        Make them although no submission, choice or rule changed; needed where a card or the name of a team
        did.

    Raises
    ------
    NotFound
        If there is no such challenge.
    Unavailable
        If the database does not answer.
    """
    present = plans_of(definition_of(challenge_id))
    with service.database.transaction(read_only=True) as session:
        plans = [*present, *older_plans(session, present[0].rules)]
    for plan in plans:
        _refresh_track(service, plan, force)


def outdated(service: Service) -> list[str]:
    """Give the challenges that :func:`refresh` would change a board of.

    Raises
    ------
    Unavailable
        If the database does not answer.
    """
    with service.database.transaction(read_only=True) as session:
        return [one.id for one in readable_challenges() if _is_outdated(session, service, one)]


def _is_outdated(session: Session, service: Service, challenge: Challenge) -> bool:
    present = plans_of(challenge)
    now = signatures(session, challenge.id)
    rows = session.execute(
        select(Standing.version, Standing.track, Standing.state).filter_by(challenge=challenge.id)
    )
    kept = {(version, track): state for version, track, state in rows}
    plans = [*present, *older_plans(session, present[0].rules)]
    return any(
        kept.get((plan.rules.version, plan.track)) != _state(service, plan, _signature(now, plan))
        for plan in plans
    )


# --- what a board is made of


def _signature(known: Mapping[tuple[str, str], str], plan: Plan) -> str:
    return known.get((plan.rules.version, plan.track), "")


def _state(service: Service, plan: Plan, signature: str) -> str:
    """Give one word for all that the rows are made of."""
    content = {
        "rules": plan.rules.model_dump(mode="json"),
        "over": plan.rules.is_over(service.now()),
        "fixed": [one.model_dump(mode="json") for one in plan.fixed],
        "signature": signature,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


# --- one track


def _refresh_track(service: Service, plan: Plan, force: bool) -> None:
    if any(_made_aside(service, plan, force) for _ in range(_TRIES)):
        return
    with service.database.transaction() as session:  # scores come in faster than rows are made: let them wait
        standing = lock_standing(session, plan.key, service.now())
        _write(session, standing, _make(session, service, plan))


def _made_aside(service: Service, plan: Plan, force: bool) -> bool:
    """Make the rows while others write; tell whether they are still right when they are ready."""
    with service.database.transaction(read_only=True) as session:
        state = _present_state(session, service, plan)
        if not force and _kept_state(session, plan.key) == state:
            return True
        ready = _make(session, service, plan)
    with service.database.transaction() as session:
        standing = lock_standing(session, plan.key, ready.made)
        if _present_state(session, service, plan) != ready.state:
            return False
        _write(session, standing, ready)
        return True


def _present_state(session: Session, service: Service, plan: Plan) -> str:
    return _state(service, plan, _signature(signatures(session, plan.rules.challenge), plan))


def _kept_state(session: Session, key: Key) -> str | None:
    return session.execute(select(Standing.state).filter_by(**key.columns)).scalar_one_or_none()


@dataclass(frozen=True)
class _Ready:
    """All that is written of a track: packed before anything is locked."""

    state: str
    head: Head
    fixed: list[Any]
    pages: Pages
    made: datetime


def _make(session: Session, service: Service, plan: Plan) -> _Ready:
    now, rules = service.now(), plan.rules
    state = _present_state(session, service, plan)
    entries = gather(session, rules, plan.track, rules.part(now), printed=has_printed(plan.fixed))
    made = make(rules, plan.fixed, entries, over=rules.is_over(now))
    fixed = [one.model_dump(mode="json", exclude_defaults=True) for one in plan.fixed]
    return _Ready(state, made.head, fixed, pack(plan.key, made.views), now)


def _write(session: Session, standing: Standing, ready: _Ready) -> None:
    replace_pages(session, Key(standing.challenge, standing.version, standing.track), ready.pages)
    standing.revision += 1
    standing.made = ready.made
    standing.state = ready.state
    standing.head = ready.head.to_json()
    standing.fixed = ready.fixed
