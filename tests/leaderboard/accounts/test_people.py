"""People who sign in are found again by what their provider calls them."""

import threading

import pytest

from oceanbench_leaderboard.accounts import (
    change_user,
    create_user,
    principal_of_user,
    set_active,
    sign_in,
    teams,
    users,
)
from oceanbench_leaderboard.errors import Conflict, NotFound, Unauthorised
from oceanbench_leaderboard.service import Service


def test_somebody_who_signs_in_twice_is_the_same_person_under_a_new_name_too(service: Service) -> None:
    first = sign_in(service, "orcid", "0000-0001", "A. Wave")
    again = sign_in(service, "orcid", "0000-0001", "A. Wave-Sea")
    assert first == again
    assert first.scopes == {"submit", "read"}
    assert principal_of_user(service, first.user_id or 0) == first


def test_the_same_subject_of_another_provider_is_somebody_else(service: Service) -> None:
    one, other = sign_in(service, "orcid", "1", "A. Wave"), sign_in(service, "github", "1", "A. Wave")
    assert one.user_id != other.user_id
    assert (one.team, other.team) == ("A. Wave", "A. Wave 2")


def test_nobody_gets_into_a_team_by_being_called_like_it(service: Service) -> None:
    create_user(service, "Boss", "Deep Blue", admin=True)
    assert sign_in(service, "github", "7", "deep BLUE").team == "deep BLUE 2"


def test_people_of_one_name_who_sign_in_at_once_each_get_a_team_of_their_own(service: Service) -> None:
    came: list[tuple[str, str]] = []

    def come(subject: str) -> None:
        who = sign_in(service, "orcid", subject, "A. Wave")
        came.append((subject, who.team))

    threads = [threading.Thread(target=come, args=(subject,)) for subject in "1122"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(came) == 4
    assert len(set(came)) == len(users(service)) == len(teams(service)) == 2


@pytest.mark.parametrize("name", ["", "x", "\N{RIGHT-TO-LEFT OVERRIDE}evil", "n" * 10_000, "!?", "\ud800"])
def test_a_name_that_cannot_be_shown_keeps_nobody_out(service: Service, name: str) -> None:
    assert sign_in(service, "github", "42", name).name == "github 42"


@pytest.mark.parametrize(("provider", "subject"), [("", "1"), ("orcid", ""), ("orcid", "x" * 161)])
def test_who_is_not_named_is_refused(service: Service, provider: str, subject: str) -> None:
    with pytest.raises(ValueError, match="do not say who it is"):
        sign_in(service, provider, subject, "A. Wave")


def test_who_is_shut_out_does_not_sign_in(service: Service) -> None:
    who = sign_in(service, "orcid", "1", "A. Wave")
    change_user(service, who.user_id or 0, active=False)
    with pytest.raises(Unauthorised, match=r"A\. Wave or the team"):
        sign_in(service, "orcid", "1", "A. Wave")
    change_user(service, who.user_id or 0, active=True)
    set_active(service, who.team, False)
    with pytest.raises(Unauthorised, match="shut out"):
        principal_of_user(service, who.user_id or 0)


def test_an_administrator_is_one_as_long_as_the_row_says_so(service: Service) -> None:
    who = sign_in(service, "orcid", "1", "A. Wave")
    change_user(service, who.user_id or 0, admin=True)
    assert principal_of_user(service, who.user_id or 0).admin
    change_user(service, who.user_id or 0, admin=False)
    assert not principal_of_user(service, who.user_id or 0).admin


def test_a_user_is_made_once(service: Service) -> None:
    made = create_user(service, "A. Wave", "Tides")
    with pytest.raises(Conflict, match=r"user 'A\. Wave' already"):
        create_user(service, "A.  Wave", "Waves")
    assert users(service) == [made]


def test_a_user_or_a_team_that_is_not_there_is_named(service: Service) -> None:
    with pytest.raises(NotFound, match="no user 99"):
        change_user(service, 99, active=False)
    with pytest.raises(NotFound, match="no team 'Nowhere'"):
        set_active(service, "Nowhere", False)
    with pytest.raises(Unauthorised, match="not known any more"):
        principal_of_user(service, 99)


def test_teams_are_listed_with_their_submissions(service: Service) -> None:
    create_user(service, "A. Wave", "Waves")
    create_user(service, "B. Wave", "Tides")
    assert [(one.name, one.submissions, one.active) for one in teams(service)] == [
        ("Tides", 0, True),
        ("Waves", 0, True),
    ]
