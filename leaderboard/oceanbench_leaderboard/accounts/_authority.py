"""What somebody may do: one function, one table, and nothing that the table does not allow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from oceanbench_leaderboard.errors import Forbidden, NotFound, Unauthorised

__all__ = ["OPERATOR", "Deed", "Principal", "Scope", "may", "require"]

type Scope = Literal["submit", "read", "admin"]
type Deed = Literal["submit", "see", "see report", "see file", "see log", "change", "administer"]


@dataclass(frozen=True)
class Principal:
    """Somebody who was recognised.

    Attributes
    ----------
    team_id : int
        Team in whose name everything is done; 0 for the operator of the machine, who is of none.
    team : str
        Its name.
    user_id : int or None
        The person, where one is known: a token may belong to the team alone.
    name : str
        What to call them.
    scopes : frozenset of str
        ``submit``, ``read``, ``admin``.
    admin : bool
        Whether they are an administrator, here and now: a token needs the scope for it as well.
    token : str
        Prefix of the token with which they came; empty where they signed in.
    """

    team_id: int
    team: str
    user_id: int | None
    name: str
    scopes: frozenset[str]
    admin: bool
    token: str = ""


# Whoever can run the administrator's command can read and write the database anyway.
OPERATOR = Principal(0, "", None, "operator of the machine", frozenset({"admin", "read"}), admin=True)

type _Rule = Callable[[Principal, bool, bool], bool]  # somebody, whether it is their team's, whether public


def _submitter(somebody: Principal, own: bool, public: bool) -> bool:
    return own and "submit" in somebody.scopes


def _reader_or_admin(somebody: Principal, own: bool, public: bool) -> bool:
    return somebody.admin or (own and "read" in somebody.scopes)


def _anybody_if_public(somebody: Principal, own: bool, public: bool) -> bool:
    return public or _reader_or_admin(somebody, own, public)


def _follower(somebody: Principal, own: bool, public: bool) -> bool:
    """Tell whether somebody may follow what is entered: who may enter it may do that too."""
    return _reader_or_admin(somebody, own, public) or _submitter(somebody, own, public)


def _anybody_or_follower(somebody: Principal, own: bool, public: bool) -> bool:
    return public or _follower(somebody, own, public)


def _owner_or_admin(somebody: Principal, own: bool, public: bool) -> bool:
    return somebody.admin or _submitter(somebody, own, public)


def _admin(somebody: Principal, own: bool, public: bool) -> bool:
    return somebody.admin


_RULES: Mapping[str, _Rule] = {
    "submit": _submitter,
    "see": _anybody_or_follower,
    "see report": _anybody_if_public,
    "see file": _reader_or_admin,
    "see log": _follower,
    "change": _owner_or_admin,
    "administer": _admin,
}
_FOR_ALL_IF_PUBLIC = ("see", "see report")
_LOOKS = ("see", "see report", "see file", "see log")
_TAKES: Mapping[str, str] = {
    **dict.fromkeys(("see report", "see file"), "a token of its team with the scope 'read'"),
    **dict.fromkeys(("see", "see log"), "a token of its team with the scope 'read' or 'submit'"),
    "submit": "a token with the scope 'submit'",
    "change": "a token of its team with the scope 'submit'",
    "administer": "an administrator",
}


def may(principal: Principal | None, deed: Deed, *, team_id: int | None = None, public: bool = False) -> bool:
    """Tell whether somebody may do something to a thing of a team.

    Parameters
    ----------
    principal : Principal or None
        Who asks; None for nobody in particular.
    deed : str
        ``submit``, ``see``, ``see report``, ``see file``, ``see log``, ``change`` or ``administer``.
    team_id : int, optional
        Whose thing it is; that of the asker if not given.
    public : bool
        Whether all the world may see it (and its report, where that is asked for).

    Returns
    -------
    bool
        False for every deed that is not in the list.
    """
    rule = _RULES.get(deed)
    if rule is None:
        return False
    if principal is None:
        return public and deed in _FOR_ALL_IF_PUBLIC
    return rule(principal, team_id is None or team_id == principal.team_id, public)


def require(
    principal: Principal | None, deed: Deed, what: str, *, team_id: int | None = None, public: bool = False
) -> None:
    """Refuse what :func:`may` does not allow, so that nobody learns of what they may not see.

    Parameters
    ----------
    what : str
        The thing in words, for the message: ``submission ab12``.
    principal, deed, team_id, public
        As in :func:`may`.

    Raises
    ------
    NotFound
        Where the asker may not even see the thing.
    Unauthorised
        Where nobody in particular asks to do what needs somebody.
    Forbidden
        Where the asker may see the thing, but not do this.
    """
    if may(principal, deed, team_id=team_id, public=public):
        return
    own = principal is not None and team_id == principal.team_id
    if not (own or team_id is None or (public and deed not in _LOOKS)):
        raise NotFound(f"there is no {what} that you may see; check its name, and whose token you use")
    if principal is None:
        raise Unauthorised(f"to {deed} {what} takes a token or a sign-in; send one")
    raise Forbidden(f"you may not {deed} {what}: that takes {_TAKES.get(deed, 'more rights')}")
