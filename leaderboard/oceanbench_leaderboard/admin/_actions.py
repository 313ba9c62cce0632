"""The book of what administrators did."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from oceanbench_leaderboard.accounts import Principal
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Action

__all__ = ["ActionView", "actions", "note"]


class ActionView(BaseModel):
    """One deed of an administrator."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    who: str
    what: str


def note(service: Service, principal: Principal, what: str) -> None:
    """Write down what an administrator did."""
    with service.database.transaction() as session:
        session.add(Action(at=service.now(), who=principal.name, what=what))


def actions(service: Service, limit: int = 100) -> list[ActionView]:
    """Give the last deeds, the newest first."""
    with service.database.transaction(read_only=True) as session:
        found = session.scalars(select(Action).order_by(Action.id.desc()).limit(limit))
        return [ActionView(at=one.at, who=one.who, what=one.what) for one in found]
