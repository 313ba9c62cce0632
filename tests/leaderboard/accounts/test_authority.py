"""One function says what somebody may do, and everything that it does not name is refused."""

from itertools import product
from typing import cast

import pytest

from oceanbench_leaderboard.accounts import OPERATOR, Deed, Principal, may, require
from oceanbench_leaderboard.errors import Forbidden, NotFound, Unauthorised

DEEDS: tuple[Deed, ...] = (
    "submit",
    "see",
    "see report",
    "see file",
    "see log",
    "change",
    "administer",
)


def principal(*scopes: str, team_id: int = 1, admin: bool = False) -> Principal:
    return Principal(team_id, f"team {team_id}", None, "somebody", frozenset(scopes), admin)


NOBODY = None
OWNER = principal("submit", "read")
READER = principal("read")
SENDER = principal("submit")
STRANGER = principal("submit", "read", team_id=2)
ADMIN = principal("submit", "read", "admin", team_id=3, admin=True)
NOT_ADMIN_ANY_MORE = principal("submit", "read", "admin", team_id=3, admin=False)

# what each may do to a thing of team 1: while it is private, and once it is public
ALLOWED = {
    "nobody": (NOBODY, set(), {"see", "see report"}),
    "owner": (OWNER, {"submit", "see", "see report", "see file", "see log", "change"}, None),
    "own token that only reads": (READER, {"see", "see report", "see file", "see log"}, None),
    "own token that only submits": (
        SENDER,
        {"submit", "change", "see", "see log"},
        {"submit", "change", "see", "see log", "see report"},
    ),
    "another team": (STRANGER, set(), {"see", "see report"}),
    "administrator": (
        ADMIN,
        {"see", "see report", "see file", "see log", "change", "administer"},
        None,
    ),
    "somebody who was an administrator": (NOT_ADMIN_ANY_MORE, set(), {"see", "see report"}),
}


@pytest.mark.parametrize(("who", "deed", "public"), list(product(ALLOWED, DEEDS, (False, True))))
def test_may_is_the_table(who: str, deed: Deed, public: bool) -> None:
    somebody, private, if_public = ALLOWED[who]
    allowed = private if if_public is None or not public else if_public
    assert may(somebody, deed, team_id=1, public=public) is (deed in allowed)


@pytest.mark.parametrize("somebody", [NOBODY, OWNER, ADMIN, OPERATOR])
def test_a_deed_that_is_not_in_the_table_is_refused_to_everybody(somebody: Principal | None) -> None:
    assert not may(somebody, cast(Deed, "drop tables"), team_id=1, public=True)


@pytest.mark.parametrize("somebody", [OWNER, READER, SENDER, STRANGER, ADMIN, NOT_ADMIN_ANY_MORE])
@pytest.mark.parametrize(("deed", "public"), list(product(DEEDS, (False, True))))
def test_somebody_never_sees_less_than_nobody_does(somebody: Principal, deed: Deed, public: bool) -> None:
    if may(NOBODY, deed, team_id=1, public=public):
        assert may(somebody, deed, team_id=1, public=public)


def test_without_a_team_the_askers_own_is_meant() -> None:
    assert may(SENDER, "submit")
    assert not may(READER, "submit")
    assert not may(NOBODY, "submit")


def test_the_operator_administers_and_submits_nothing() -> None:
    assert may(OPERATOR, "administer", team_id=1)
    assert may(OPERATOR, "change", team_id=1)
    assert not may(OPERATOR, "submit")


@pytest.mark.parametrize("deed", [deed for deed in DEEDS if deed != "submit"])
@pytest.mark.parametrize("somebody", [NOBODY, STRANGER])
def test_what_is_private_does_not_exist_for_others(somebody: Principal | None, deed: Deed) -> None:
    with pytest.raises(NotFound, match="there is no submission ab12 that you may see"):
        require(somebody, deed, "submission ab12", team_id=1)


@pytest.mark.parametrize("deed", ["see file", "see log"])
@pytest.mark.parametrize("somebody", [NOBODY, STRANGER])
def test_the_file_and_the_log_of_a_public_row_do_not_exist_for_others(
    somebody: Principal | None, deed: Deed
) -> None:
    with pytest.raises(NotFound, match="ab12"):
        require(somebody, deed, "submission ab12", team_id=1, public=True)


@pytest.mark.parametrize("deed", ["change", "administer"])
def test_who_sees_a_row_and_may_not_change_it_is_told_so(deed: Deed) -> None:
    with pytest.raises(Forbidden, match=f"may not {deed} submission ab12"):
        require(STRANGER, deed, "submission ab12", team_id=1, public=True)
    with pytest.raises(Unauthorised, match="takes a token"):
        require(NOBODY, deed, "submission ab12", team_id=1, public=True)


def test_a_team_is_told_which_scope_its_token_lacks() -> None:
    with pytest.raises(Forbidden, match="scope 'submit'"):
        require(READER, "change", "submission ab12", team_id=1)
    with pytest.raises(Forbidden, match="scope 'read'"):
        require(SENDER, "see file", "submission ab12", team_id=1)
    with pytest.raises(Forbidden, match="scope 'read' or 'submit'"):
        require(principal("admin"), "see log", "submission ab12", team_id=1)
    with pytest.raises(Forbidden, match="takes an administrator"):
        require(OWNER, "administer", "submission ab12", team_id=1)


def test_nobody_is_asked_for_a_token_where_there_is_nothing_to_hide() -> None:
    with pytest.raises(Unauthorised, match="to submit files takes a token"):
        require(NOBODY, "submit", "files")
