"""Teams: found by a name that reads the same, made when asked for."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from oceanbench_leaderboard.accounts._names import team_key, team_name
from oceanbench_leaderboard.errors import NotFound
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Submission, Team

__all__ = ["TeamView", "find_or_make_team", "find_team", "set_active", "team_named", "teams"]


class TeamView(BaseModel):
    """A team, as an administrator sees it."""

    model_config = ConfigDict(frozen=True)

    id: int
    name: str
    created: datetime
    active: bool
    submissions: int


def find_team(session: Session, name: str) -> Team | None:
    """Give the team whose name reads the same, if there is one."""
    return session.scalar(select(Team).where(Team.key == team_key(name)))


def team_named(session: Session, name: str) -> Team:
    """Give the team whose name reads the same.

    Raises
    ------
    NotFound
        If there is none.
    """
    team = find_team(session, name)
    if team is None:
        raise NotFound(f"there is no team {name!r}; see: oceanbench admin team list")
    return team


def find_or_make_team(session: Session, name: str, now: datetime) -> Team:
    """Give the team of that name; make it if there is none, also when another process does so just now.

    Raises
    ------
    ValueError
        If it cannot be a name of a team.
    """
    shown = team_name(name)
    found = find_team(session, shown)
    if found is not None:
        return found
    _insert_if_absent(session, shown, now)
    return team_named(session, shown)


def _insert_if_absent(session: Session, name: str, now: datetime) -> None:
    values = {"name": name, "key": team_key(name), "created": now, "active": True}
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        session.execute(postgresql_insert(Team).values(values).on_conflict_do_nothing())
    else:
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert

        session.execute(sqlite_insert(Team).values(values).on_conflict_do_nothing())


def teams(service: Service) -> list[TeamView]:
    """Give all teams, with how many submissions each has, in the order of their names."""
    counted = func.count(Submission.id)
    statement = (
        select(Team, counted)
        .outerjoin(Submission, (Submission.team_id == Team.id) & Submission.deleted.is_(None))
        .group_by(Team.id)
        .order_by(Team.key)
    )
    with service.database.transaction(read_only=True) as session:
        return [
            TeamView(id=team.id, name=team.name, created=team.created, active=team.active, submissions=number)
            for team, number in session.execute(statement)
        ]


def set_active(service: Service, name: str, active: bool) -> TeamView:
    """Let a team take part, or shut it out: its tokens are then refused, its rows leave the boards.

    Raises
    ------
    NotFound
        If there is no such team.
    """
    with service.database.transaction() as session:
        team = team_named(session, name)
        team.active = active
        key = team.id
    return next(view for view in teams(service) if view.id == key)
