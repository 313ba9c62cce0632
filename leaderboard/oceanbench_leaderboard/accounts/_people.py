"""People: made by an administrator, or found when they sign in with another service."""

from contextlib import suppress
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from oceanbench_leaderboard.accounts._authority import Principal
from oceanbench_leaderboard.accounts._names import clean_name, team_key, team_name
from oceanbench_leaderboard.accounts._teams import find_or_make_team, find_team
from oceanbench_leaderboard.errors import Conflict, NotFound, Unauthorised
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Team, User

__all__ = ["UserView", "change_user", "create_user", "principal_of_user", "sign_in", "users"]

_LOCAL = "local"
_LONGEST = 160
_TRIES = 5
_ROOM = 72  # characters of a name, so that a number can follow it


class UserView(BaseModel):
    """A person, as an administrator sees one."""

    model_config = ConfigDict(frozen=True)

    id: int
    name: str
    team: str
    provider: str
    subject: str
    admin: bool
    active: bool
    created: datetime


def create_user(service: Service, name: str, team: str, *, admin: bool = False) -> UserView:
    """Make a person of a team, who will use tokens.

    Raises
    ------
    ValueError
        If a name is not allowed.
    Conflict
        If there is one of that name already.
    """
    shown = clean_name(name, "name of a user", longest=_LONGEST)
    with service.database.transaction() as session:
        if _find(session, _LOCAL, shown) is not None:
            raise Conflict(f"there is a user {shown!r} already; choose another name")
        user = User(
            team=find_or_make_team(session, team, service.now()),
            name=shown,
            provider=_LOCAL,
            subject=shown,
            admin=admin,
            created=service.now(),
        )
        session.add(user)
        session.flush()
        return _view(user)


def change_user(
    service: Service, user_id: int, *, active: bool | None = None, admin: bool | None = None
) -> UserView:
    """Let somebody in or shut them out, make them an administrator or an ordinary user.

    Raises
    ------
    NotFound
        If there is no such user.
    """
    with service.database.transaction() as session:
        user = session.get(User, user_id)
        if user is None:
            raise NotFound(f"there is no user {user_id}; see: oceanbench admin users")
        user.active = user.active if active is None else active
        user.admin = user.admin if admin is None else admin
        return _view(user)


def users(service: Service) -> list[UserView]:
    """Give all people, in the order in which they came."""
    statement = select(User).options(joinedload(User.team)).order_by(User.id)
    with service.database.transaction(read_only=True) as session:
        return [_view(user) for user in session.scalars(statement)]


def _view(user: User) -> UserView:
    return UserView(
        id=user.id,
        name=user.name,
        team=user.team.name,
        provider=user.provider,
        subject=user.subject,
        admin=user.admin,
        active=user.active,
        created=user.created,
    )


def sign_in(service: Service, provider: str, subject: str, name: str) -> Principal:
    """Recognise somebody whom another service has recognised; the first time, make a user and a team.

    Parameters
    ----------
    provider : str
        ``orcid`` or ``github``.
    subject : str
        Who it is, as the provider says: the same for ever, unlike a name.
    name : str
        What to call them, as the provider says; the team is called so too, with a number if another has the
        name.

    Raises
    ------
    Unauthorised
        If the user or the team was shut out.
    ValueError
        If ``provider`` or ``subject`` is empty or too long.
    Conflict
        If others of the same name sign in for the first time at the same moment, again and again.
    """
    if not provider or len(provider) > 32 or not subject or len(subject) > _LONGEST:
        raise ValueError(f"provider {provider!r} and subject {subject!r} do not say who it is; give both")
    for _ in range(_TRIES):
        with suppress(IntegrityError), service.database.transaction() as session:
            user = _find(session, provider, subject)
            return _principal(user or _make(session, provider, subject, name, service.now()))
    raise Conflict("others signed in at the same moment; try again")


def _make(session: Session, provider: str, subject: str, name: str, now: datetime) -> User:
    """Make a user with a team of their own.

    Raises
    ------
    IntegrityError
        If another process has made the user, or a team of that name, just now: nobody gets into it by that.
    """
    shown = _presentable(name, f"{provider} {subject}")
    own = _free_team_name(session, shown)
    team = Team(name=own, key=team_key(own), created=now, active=True)
    user = User(
        team=team, name=shown, provider=provider, subject=subject, admin=False, active=True, created=now
    )
    session.add_all([team, user])
    session.flush()
    return user


def _presentable(name: str, otherwise: str) -> str:
    """Give the name of a person, or another where theirs cannot be shown: nobody is kept out by a name."""
    try:
        return team_name(clean_name(name, "name", longest=_ROOM))
    except ValueError:
        return team_name(otherwise[:_ROOM])


def _free_team_name(session: Session, name: str) -> str:
    candidate, number = name, 1
    while find_team(session, candidate) is not None:
        number += 1
        candidate = f"{name} {number}"
    return candidate


def principal_of_user(service: Service, user_id: int) -> Principal:
    """Recognise somebody who signed in before, by the number in their session.

    Raises
    ------
    Unauthorised
        If there is no such user, or one that was shut out.
    """
    with service.database.transaction(read_only=True) as session:
        user = session.get(User, user_id)
        if user is None:
            raise Unauthorised("the user of this session is not known any more; sign in again")
        return _principal(user)


def _find(session: Session, provider: str, subject: str) -> User | None:
    return session.scalar(
        select(User).where(User.provider == provider, User.subject == subject).options(joinedload(User.team))
    )


def _principal(user: User) -> Principal:
    team: Team = user.team
    if not user.active or not team.active:
        raise Unauthorised(f"{user.name} or the team {team.name} was shut out; ask the administrators")
    scopes = {"submit", "read", *(["admin"] if user.admin else [])}
    return Principal(team.id, team.name, user.id, user.name, frozenset(scopes), user.admin)
