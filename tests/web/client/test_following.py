"""A submission is followed to its end, and each step is told once."""

from typing import Any

import pytest

from oceanbench_web.client import finished, follow
from tests.web.client.conftest import Pretender


def view(state: str, position: int | None = None) -> dict[str, Any]:
    return {"id": "abc123", "state": state, "position": position}


def test_a_submission_is_followed_until_it_is_scored(pretender: Pretender) -> None:
    pretender.states = [
        view("queued", 2),
        view("queued", 1),
        view("checking"),
        view("scoring"),
        view("scored"),
    ]
    told: list[dict[str, Any]] = []
    with pretender.connect() as connection:
        assert follow(connection, "abc123", told.append) == view("scored")
    assert [(one["state"], one["position"]) for one in told] == [
        ("queued", 2),
        ("queued", 1),
        ("checking", None),
        ("scoring", None),
        ("scored", None),
    ]


def test_a_step_that_lasts_is_told_once_and_asked_for_less_and_less_often(pretender: Pretender) -> None:
    pretender.states = [*[view("scoring")] * 20, view("scored")]
    told: list[dict[str, Any]] = []
    with pretender.connect() as connection:
        follow(connection, "abc123", told.append)
    assert [one["state"] for one in told] == ["scoring", "scored"]
    assert pretender.slept == sorted(pretender.slept)
    assert pretender.slept[-1] == 5.0


def test_a_restart_of_the_service_does_not_end_the_following(pretender: Pretender) -> None:
    pretender.states = [view("scoring"), view("scored")]
    pretender.will("GET", "/submissions/abc123", 502, "<html>no upstream</html>")
    pretender.will("GET", "/submissions/abc123", 503, "<html>starting</html>")
    with pretender.connect() as connection:
        assert follow(connection, "abc123")["state"] == "scored"


@pytest.mark.parametrize(
    ("state", "end"),
    [
        ("queued", False),
        ("checking", False),
        ("scoring", False),
        ("scored", True),
        ("refused", True),
        ("failed", True),
    ],
)
def test_three_states_are_the_end(state: str, end: bool) -> None:
    assert finished(view(state)) is end
