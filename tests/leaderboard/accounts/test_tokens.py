"""A token opens the door for as long as it is good; what is kept of it opens nothing."""

import hashlib
import hmac
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from oceanbench_leaderboard import accounts
from oceanbench_leaderboard.accounts import (
    authenticate,
    create_user,
    end_session,
    issue_token,
    make_token,
    principal_of_token,
    revoke_token,
    revoke_tokens,
    session_has_ended,
    set_active,
    tokens,
)
from oceanbench_leaderboard.errors import Conflict, Forbidden, NotFound, Unauthorised
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Team, Token
from tests.service_parts import Clock

DAY = 86_400


def test_a_token_says_whose_it_is(service: Service) -> None:
    issued = issue_token(service, "Deep Blue", label="nightly")
    who = authenticate(service, issued.secret)
    assert (who.team, who.name, who.token) == ("Deep Blue", "Deep Blue", issued.prefix)
    assert who.scopes == {"submit", "read"}
    assert not who.admin


def test_a_token_has_256_random_bits_and_its_prefix_before_them(service: Service) -> None:
    issued = issue_token(service, "Tides")
    assert re.fullmatch(rf"ob_{issued.prefix}_[A-Za-z0-9_-]{{43}}", issued.secret)
    assert issue_token(service, "Tides").secret != issued.secret


def test_the_database_keeps_the_digest_and_nothing_of_the_secret(service: Service) -> None:
    issued = issue_token(service, "Tides", label="of the tides")
    with service.database.transaction(read_only=True) as session:
        rows = session.execute(text("select * from tokens")).all()
    assert hashlib.sha256(issued.secret.encode()).hexdigest() in str(rows)
    assert issued.secret.rpartition("_")[2] not in str(rows)
    assert issued.secret[20:] not in repr(issued)


def other_last_letter(secret: str) -> str:
    return secret[:-1] + ("A" if secret[-1] != "A" else "B")


def one_letter_more(secret: str) -> str:
    return f"{secret}A"


def one_letter_less(secret: str) -> str:
    return secret[:-1]


@pytest.mark.parametrize("spoil", [other_last_letter, one_letter_more, one_letter_less])
def test_a_token_with_one_letter_off_is_refused_without_repeating_it(
    service: Service, spoil: Callable[[str], str]
) -> None:
    secret = spoil(issue_token(service, "Tides").secret)
    with pytest.raises(Unauthorised, match="not known") as refused:
        authenticate(service, secret)
    assert secret[16:] not in str(refused.value)


@pytest.mark.parametrize(
    "secret", ["", "ob_", "ob_00_x", "Bearer", "x" * 100_000, "ob_0123456789ab_" + "é" * 43, "\ud800", "a\0b"]
)
def test_what_is_no_token_is_refused(service: Service, secret: str) -> None:
    with pytest.raises(Unauthorised, match="not known"):
        authenticate(service, secret)


def test_a_digest_is_compared_in_constant_time_whether_the_prefix_is_known_or_not(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[str, str]] = []
    compare = hmac.compare_digest

    def watch(one: str, other: str) -> bool:
        compared.append((one, other))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", watch)
    secret = issue_token(service, "Tides").secret
    authenticate(service, secret)
    for wrong in (secret[:-2] + "xy", "ob_000000000000_" + "x" * 43, "nonsense"):
        with pytest.raises(Unauthorised):
            authenticate(service, wrong)
    assert len(compared) == 4
    assert all(len(one) == len(other) == 64 for one, other in compared)


def test_a_token_is_good_until_it_expires_and_not_a_second_longer(service: Service, clock: Clock) -> None:
    issued = issue_token(service, "Tides", days=1)
    clock.advance(DAY - 1)
    authenticate(service, issued.secret)
    clock.advance(1)
    with pytest.raises(Unauthorised, match="expired at 2026-06-02 12:00 UTC"):
        authenticate(service, issued.secret)


def test_a_token_without_an_end_is_good_after_many_years(service: Service, clock: Clock) -> None:
    issued = issue_token(service, "Tides", days=None)
    clock.advance(20_000 * DAY)
    assert issued.expires is None
    authenticate(service, issued.secret)


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_a_token_is_good_for_a_day_to_ten_years(service: Service, days: int) -> None:
    with pytest.raises(ValueError, match=f"days={days} is not allowed"):
        issue_token(service, "Tides", days=days)


@pytest.mark.parametrize("scopes", [(), ("root",), ("submit", "everything")])
def test_scopes_are_those_that_exist(service: Service, scopes: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"scopes \[.*\] are not allowed"):
        issue_token(service, "Tides", scopes=scopes)


def test_a_revoked_token_is_refused_at_once_and_so_is_the_session_made_with_it(service: Service) -> None:
    issued = issue_token(service, "Tides")
    who = authenticate(service, issued.secret)
    assert principal_of_token(service, issued.prefix) == who
    revoke_token(service, who, issued.prefix)
    with pytest.raises(Unauthorised, match=f"ob_{issued.prefix}_… was revoked"):
        authenticate(service, issued.secret)
    with pytest.raises(Unauthorised, match="was revoked"):
        principal_of_token(service, issued.prefix)


def test_a_team_cannot_revoke_or_see_the_tokens_of_another(service: Service) -> None:
    mine, theirs = issue_token(service, "Tides"), issue_token(service, "Waves")
    who = authenticate(service, mine.secret)
    with pytest.raises(NotFound, match=theirs.prefix):
        revoke_token(service, who, theirs.prefix)
    authenticate(service, theirs.secret)
    assert [one.prefix for one in tokens(service, team_id=who.team_id)] == [mine.prefix]


def test_an_administrator_revokes_by_prefix_and_by_team(service: Service) -> None:
    issued = [issue_token(service, "Deep Blue") for _ in range(3)]
    assert [one.prefix for one in revoke_tokens(service, issued[0].secret)] == [issued[0].prefix]
    assert len(revoke_tokens(service, "deep BLUE")) == 2
    assert revoke_tokens(service, "Deep Blue") == []
    with pytest.raises(NotFound, match="no team 'Deep Red'"):
        revoke_tokens(service, "Deep Red")


def test_nobody_gives_more_than_they_have(service: Service) -> None:
    reader = authenticate(service, issue_token(service, "Tides", scopes=("submit", "read")).secret)
    made = make_token(service, reader, scopes=("read",), days=7, label="notebook")
    assert authenticate(service, made.secret).scopes == {"read"}
    with pytest.raises(Forbidden, match="scope 'admin'"):
        make_token(service, reader, scopes=("read", "admin"))
    only_reads = authenticate(service, made.secret)
    with pytest.raises(Forbidden, match="may not change the tokens"):
        make_token(service, only_reads, scopes=("read",))


def test_a_token_lives_no_longer_than_the_one_it_was_made_with(service: Service, clock: Clock) -> None:
    parent = issue_token(service, "Tides", scopes=("submit",), days=1)
    child = make_token(service, authenticate(service, parent.secret), scopes=("submit",), days=3650)
    assert child.expires == parent.expires
    grandchild = make_token(service, authenticate(service, child.secret), scopes=("submit",), days=None)
    assert grandchild.expires == parent.expires
    clock.advance(DAY)
    with pytest.raises(Unauthorised, match="expired"):
        authenticate(service, grandchild.secret)


def test_a_token_that_never_ends_makes_tokens_that_do(service: Service) -> None:
    parent = authenticate(service, issue_token(service, "Tides", days=None).secret)
    made = make_token(service, parent, days=30)
    assert made.expires == service.now() + timedelta(days=30)
    assert make_token(service, parent, days=None).expires is None


@pytest.mark.parametrize("by", ["team", "administrator"])
def test_with_a_token_those_are_revoked_that_were_made_with_it(service: Service, by: str) -> None:
    parent = issue_token(service, "Tides")
    child = make_token(service, authenticate(service, parent.secret))
    grandchild = make_token(service, authenticate(service, child.secret))
    other = issue_token(service, "Tides")
    if by == "team":
        revoke_token(service, authenticate(service, other.secret), parent.prefix)
    else:
        assert len(revoke_tokens(service, parent.prefix)) == 3
    for gone in (parent, child, grandchild):
        with pytest.raises(Unauthorised, match="revoked"):
            authenticate(service, gone.secret)
    authenticate(service, other.secret)


def test_twenty_who_ask_at_once_do_not_make_more_than_a_team_may_have(service: Service) -> None:
    who = authenticate(service, issue_token(service, "Tides").secret)
    for _ in range(15):
        make_token(service, who)
    refused: list[Conflict] = []

    def make() -> None:
        try:
            make_token(service, who)
        except Conflict as error:
            refused.append(error)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens(service, team="Tides")) == 20
    assert len(refused) == 4


def test_a_token_that_is_good_no_more_makes_none(service: Service) -> None:
    parent = issue_token(service, "Tides")
    who = authenticate(service, parent.secret)
    revoke_tokens(service, parent.prefix)
    with pytest.raises(Unauthorised, match="revoked"):
        make_token(service, who)


def test_a_team_makes_twenty_tokens_and_more_when_some_are_gone(service: Service, clock: Clock) -> None:
    first = issue_token(service, "Tides", days=None)
    who = authenticate(service, first.secret)
    made = [make_token(service, who, days=1) for _ in range(19)]
    with pytest.raises(Conflict, match="has 20 good tokens, and may make 20; revoke one"):
        make_token(service, who)
    revoke_token(service, who, made[0].prefix)
    make_token(service, who, days=3)
    clock.advance(DAY)
    make_token(service, who)
    make_token(service, authenticate(service, issue_token(service, "Eddies").secret))


def test_a_session_that_has_ended_is_remembered_as_long_as_its_cookie_could_be_good(
    service: Service, clock: Clock
) -> None:
    end_session(service, "a", 60)
    end_session(service, "a", 60)
    assert session_has_ended(service, "a")
    assert not session_has_ended(service, "b")
    clock.advance(61)
    end_session(service, "b", 60)
    assert session_has_ended(service, "b")
    assert not session_has_ended(service, "a")


def test_the_scope_admin_makes_no_administrator_of_an_ordinary_user(service: Service) -> None:
    user = create_user(service, "A. Wave", "Tides")
    secret = issue_token(service, "Tides", scopes=("admin", "read"), user_id=user.id).secret
    assert not authenticate(service, secret).admin
    boss = create_user(service, "B. Wave", "Tides", admin=True)
    assert authenticate(
        service, issue_token(service, "Tides", scopes=("admin",), user_id=boss.id).secret
    ).admin
    assert not authenticate(service, issue_token(service, "Tides", user_id=boss.id).secret).admin


def test_a_team_or_a_person_that_is_shut_out_is_refused_until_let_in_again(service: Service) -> None:
    user = create_user(service, "A. Wave", "Tides")
    secret = issue_token(service, "Tides", user_id=user.id).secret
    set_active(service, "tides", False)
    with pytest.raises(Unauthorised, match="shut out"):
        authenticate(service, secret)
    set_active(service, "tides", True)
    authenticate(service, secret)
    accounts.change_user(service, user.id, active=False)
    with pytest.raises(Unauthorised, match="shut out"):
        authenticate(service, secret)


def test_the_last_use_is_noted_once_a_minute(service: Service, clock: Clock) -> None:
    secret = issue_token(service, "Tides").secret
    seen = []
    for seconds in (0, 59, 1, 30):
        clock.advance(seconds)
        authenticate(service, secret)
        seen.append(tokens(service)[0].last_used)
    begin = clock() - timedelta(seconds=90)
    assert seen == [begin, begin, begin + timedelta(seconds=60), begin + timedelta(seconds=60)]


def test_one_team_is_made_where_many_ask_for_it_at_once(service: Service) -> None:
    threads = [threading.Thread(target=issue_token, args=(service, name)) for name in ("Tides", "TIDES ") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with service.database.transaction(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Team)) == 1
        assert session.scalar(select(func.count()).select_from(Token)) == 8


def test_a_token_for_a_team_that_is_not_there_makes_none_if_not_asked_to(service: Service) -> None:
    with pytest.raises(NotFound, match="no team 'Tides'"):
        issue_token(service, "Tides", create_team=False)


def test_the_tokens_of_a_team_that_is_not_there_are_not_an_empty_list(service: Service) -> None:
    with pytest.raises(NotFound, match="no team 'Tides'"):
        tokens(service, team="Tides")


def test_no_secret_reaches_the_files_of_the_service(service: Service, tmp_path: Path) -> None:
    secret = issue_token(service, "Tides").secret
    authenticate(service, secret)
    inside = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert secret[20:].encode() not in inside
