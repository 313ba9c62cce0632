"""Tokens: 256 random bits, shown once, kept as a digest."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from oceanbench_leaderboard.accounts._authority import Principal, require
from oceanbench_leaderboard.accounts._names import clean_name
from oceanbench_leaderboard.accounts._teams import find_or_make_team, team_named
from oceanbench_leaderboard.errors import Conflict, Forbidden, NotFound, Unauthorised, Unavailable
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Team, Token

__all__ = [
    "SCOPES",
    "IssuedToken",
    "TokenView",
    "authenticate",
    "issue_token",
    "make_token",
    "principal_of_token",
    "revoke_token",
    "revoke_tokens",
    "tokens",
]

SCOPES = ("submit", "read", "admin")
_PREFIX = re.compile("[0-9a-f]{12}")
_SECRET = re.compile(r"ob_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NO_TOKEN = hashlib.sha256(b"no token has this digest").hexdigest()
_LONGEST_DAYS = 3650
_MOST = 20  # good tokens of a team that it may make by itself
_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class IssuedToken:
    """A new token; ``secret`` is nowhere else and cannot be asked for again.

    Attributes
    ----------
    secret : str
        What the client sends.
    prefix : str
        What it is called by, in lists and when it is revoked.
    expires : datetime or None
        From then on it is refused; None: never.
    """

    secret: str = field(repr=False)
    prefix: str
    expires: datetime | None


class TokenView(BaseModel):
    """What may be shown of a token."""

    model_config = ConfigDict(frozen=True)

    prefix: str
    team: str
    label: str
    scopes: list[str]
    created: datetime
    expires: datetime | None
    revoked: datetime | None
    last_used: datetime | None


def issue_token(
    service: Service,
    team: str,
    *,
    scopes: Collection[str] = ("submit", "read"),
    days: int | None = 365,
    label: str = "",
    create_team: bool = True,
    user_id: int | None = None,
) -> IssuedToken:
    """Make a token for a team; this is for administrators, who may give any scope.

    Parameters
    ----------
    team : str
        Name of the team.
    scopes : collection of str
        Of ``submit``, ``read``, ``admin``; at least one.
    days : int or None
        For how long it is good, 1 to 3650; None: until it is revoked.
    label : str
        What it is for, in the words of its owner.
    create_team : bool
        Make the team if there is none.
    user_id : int, optional
        The person who will use it.

    Raises
    ------
    ValueError
        If a scope or the number of days is not allowed, or the name cannot be that of a team.
    NotFound
        If there is no such team and none is to be made.
    """
    _check_terms(scopes, days)
    words = clean_name(label, "label", longest=160, shortest=0)
    with service.database.transaction() as session:
        now = service.now()
        owner = find_or_make_team(session, team, now) if create_team else team_named(session, team)
        return _add(session, owner, user_id, scopes, days, words, now)


def _check_terms(scopes: Collection[str], days: int | None) -> None:
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise ValueError(f"scopes {list(scopes)} are not allowed; give one or more of {', '.join(SCOPES)}")
    if days is not None and not 1 <= days <= _LONGEST_DAYS:
        raise ValueError(f"days={days} is not allowed; give 1 to {_LONGEST_DAYS}")


def _add(
    session: Session,
    team: Team,
    user_id: int | None,
    scopes: Collection[str],
    days: int | None,
    label: str,
    now: datetime,
    maker: Token | None = None,
) -> IssuedToken:
    prefix = secrets.token_hex(6)
    secret = f"ob_{prefix}_{secrets.token_urlsafe(32)}"
    ends = [None if days is None else now + timedelta(days=days), None if maker is None else maker.expires]
    expires = min((end for end in ends if end is not None), default=None)
    session.add(
        Token(
            team_id=team.id,
            user_id=user_id,
            label=label,
            prefix=prefix,
            sha256=_digest(secret),
            scopes=" ".join(scope for scope in SCOPES if scope in scopes),
            created=now,
            expires=expires,
            made_by=None if maker is None else maker.id,
        )
    )
    return IssuedToken(secret, prefix, expires)


def _digest(secret: str) -> str:
    # 256 random bits cannot be guessed, so that a slow hash would only cost time
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def make_token(
    service: Service,
    principal: Principal,
    *,
    scopes: Collection[str] = ("submit", "read"),
    days: int | None = 365,
    label: str = "",
) -> IssuedToken:
    """Make a token for the asker's own team, with no more rights than the asker has.

    One that is made with a token, or in a session that a token began, ends with that token at the latest, and
    is revoked with it.

    Raises
    ------
    ValueError
        If a scope or the number of days is not allowed.
    Forbidden
        If the asker may not, or lacks one of the scopes.
    Unauthorised
        If the token of the asker is no longer good.
    Conflict
        If the team has as many good tokens as it may make.
    """
    require(principal, "change", "the tokens of a team")
    _check_terms(scopes, days)
    beyond = sorted(set(scopes) - principal.scopes)
    if beyond:
        raise Forbidden(f"you cannot give the scope {beyond[0]!r}, which you have not; leave it out")
    words = clean_name(label, "label", longest=160, shortest=0)
    with service.database.transaction() as session:
        now = service.now()
        team = _hold_team(session, principal.team_id)
        if team is None:
            raise NotFound("you are of no team; make a token with: oceanbench admin token TEAM")
        maker = _maker(session, principal, now)
        _refuse_too_many(session, team, now)
        return _add(session, team, principal.user_id, scopes, days, words, now, maker)


def _maker(session: Session, principal: Principal, now: datetime) -> Token | None:
    """Give the token with which the asker came, if it was one, and is still good."""
    if not principal.token:
        return None
    maker = _find(session, principal.token)
    if maker is None:
        raise Unauthorised("your token is not known any more; sign in again")
    _principal(maker, now)
    return maker


def _refuse_too_many(session: Session, team: Team, now: datetime) -> None:
    good = (
        Token.team_id == team.id,
        Token.revoked.is_(None),
        or_(Token.expires.is_(None), Token.expires > now),
    )
    number = session.scalar(select(func.count()).select_from(Token).where(*good)) or 0
    if number >= _MOST:
        raise Conflict(f"your team has {number} good tokens, and may make {_MOST}; revoke one of them first")


def authenticate(service: Service, secret: str) -> Principal:
    """Recognise somebody by a token.

    The time that a refusal takes does not tell whether the prefix is known.

    Raises
    ------
    Unauthorised
        If the token is unknown, expired, revoked, or of a team or person that is shut out. The message does
        not repeat it.
    """
    shape = _SECRET.fullmatch(secret)
    with service.database.transaction(read_only=True) as session:
        token = _find(session, shape.group(1) if shape else "")
        good = hmac.compare_digest(_digest(secret), token.sha256 if token else _NO_TOKEN)
        if token is None or not good:
            raise Unauthorised("this token is not known; ask for one, or check that it is whole")
        principal = _principal(token, service.now())
    _note_use(service, token)
    return principal


def principal_of_token(service: Service, prefix: str) -> Principal:
    """Recognise somebody who has shown a token before, by its prefix: a session that was signed with it.

    Raises
    ------
    Unauthorised
        If the token was revoked, or is no longer good.
    """
    with service.database.transaction(read_only=True) as session:
        token = _find(session, prefix)
        if token is None:
            raise Unauthorised("the token of this session is not known any more; sign in again")
        return _principal(token, service.now())


def _find(session: Session, prefix: str) -> Token | None:
    if not _PREFIX.fullmatch(prefix):
        return None
    whose = joinedload(Token.team), joinedload(Token.user)
    return session.scalar(select(Token).where(Token.prefix == prefix).options(*whose))


def _principal(token: Token, now: datetime) -> Principal:
    user = token.user
    if token.revoked is not None:
        raise Unauthorised(f"the token ob_{token.prefix}_… was revoked; make another")
    if token.expires is not None and token.expires <= now:
        raise Unauthorised(
            f"the token ob_{token.prefix}_… expired at {token.expires:%Y-%m-%d %H:%M} UTC; make another"
        )
    if not token.team.active or (user is not None and not user.active):
        raise Unauthorised("the team or the person of this token was shut out; ask the administrators")
    scopes = frozenset(token.scopes.split())
    admin = "admin" in scopes and (user is None or user.admin)
    name = token.team.name if user is None else user.name
    return Principal(token.team_id, token.team.name, token.user_id, name, scopes, admin, token.prefix)


def _note_use(service: Service, token: Token) -> None:
    now = service.now()
    if token.last_used is not None and now - token.last_used < _USED_EVERY:
        return
    # who may come in does not hang on whether this can be written down
    with suppress(Unavailable), service.database.transaction() as session:
        session.execute(update(Token).where(Token.id == token.id).values(last_used=now))


def tokens(service: Service, *, team: str | None = None, team_id: int | None = None) -> list[TokenView]:
    """Give the tokens of a team, or of all, the newest first; never a secret.

    Raises
    ------
    NotFound
        If there is no team of that name.
    """
    statement = select(Token).options(joinedload(Token.team)).order_by(Token.id.desc())
    if team_id is not None:
        statement = statement.where(Token.team_id == team_id)
    with service.database.transaction(read_only=True) as session:
        if team is not None:
            statement = statement.where(Token.team_id == team_named(session, team).id)
        return [_view(token) for token in session.scalars(statement)]


def _view(token: Token) -> TokenView:
    return TokenView(
        prefix=token.prefix,
        team=token.team.name,
        label=token.label,
        scopes=token.scopes.split(),
        created=token.created,
        expires=token.expires,
        revoked=token.revoked,
        last_used=token.last_used,
    )


def revoke_token(service: Service, principal: Principal, prefix: str) -> TokenView:
    """Make a token useless, for ever, and all that were made with it; doing so twice changes nothing.

    Raises
    ------
    NotFound
        If the asker's team has no such token.
    """
    with service.database.transaction() as session:
        token = _find(session, _bare(prefix))
        if token is None:
            raise NotFound(f"there is no token {prefix!r} that you may see; see the list of tokens")
        require(principal, "change", f"token {token.prefix}", team_id=token.team_id)
        _hold_team(session, token.team_id)
        for one in _with_made(session, token):
            one.revoked = one.revoked or service.now()
        return _view(token)


def _with_made(session: Session, token: Token) -> Iterator[Token]:
    """Give a token, the good ones that were made with it, and those that were made with them."""
    yield token
    made = select(Token).where(Token.made_by == token.id, Token.revoked.is_(None))
    for one in session.scalars(made):
        yield from _with_made(session, one)


def _hold_team(session: Session, team_id: int) -> Team | None:
    """Hold the row of a team, so that tokens are made and revoked one after the other."""
    return session.get(Team, team_id, with_for_update=True)


def revoke_tokens(service: Service, which: str) -> list[TokenView]:
    """Revoke one token by its prefix, with those it made, or all of a team by its name; for administrators.

    Raises
    ------
    NotFound
        If there is neither such a token nor such a team.
    """
    with service.database.transaction() as session:
        token = _find(session, _bare(which))
        if token is not None:
            _hold_team(session, token.team_id)
            found = list(_with_made(session, token))
        else:
            team = team_named(session, which)
            _hold_team(session, team.id)
            found = list(session.scalars(select(Token).where(Token.team_id == team.id)))
        fresh = [one for one in found if one.revoked is None]
        for one in fresh:
            one.revoked = service.now()
        return [_view(one) for one in fresh]


def _bare(prefix: str) -> str:
    """Give the prefix alone where somebody pasted it as it begins a token."""
    return prefix.removeprefix("ob_").partition("_")[0]
