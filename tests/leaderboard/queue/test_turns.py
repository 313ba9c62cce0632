"""Whose turn it is: teams in turn, and places in the queue that come true."""

import random

import pytest

from oceanbench_leaderboard.queue.leases import claim_next, end
from oceanbench_leaderboard.queue.turns import position
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Run
from tests.leaderboard.queue.acting import add_run, change, enter, run_of
from tests.service_parts import Clock

HOUR = 3600.0


def taken_in_turn(service: Service) -> list[int]:
    """Take up, and refuse, all that waits; give the runs in the order of their turns."""
    order = []
    while (job := claim_next(service, "w")) is not None:
        end(service, job, "refused", "no map")
        order.append(job.run_id)
    return order


def place_of(service: Service, run_id: int) -> int:
    with service.database.transaction(read_only=True) as session:
        return position(session, session.get_one(Run, run_id), service.now())


def test_a_team_that_enters_many_lets_one_that_enters_few_go_between(service: Service) -> None:
    many = [enter(service, {"values": i}, team="Tides").run for i in range(4)]
    few = [enter(service, {"values": i}, team="Waves").run for i in range(2)]
    assert taken_in_turn(service) == [many[0], few[0], many[1], few[1], many[2], many[3]]


def test_who_had_turns_within_the_last_hour_waits_and_who_had_them_earlier_does_not(
    service: Service, clock: Clock
) -> None:
    for i in range(3):
        enter(service, {"values": i}, team="Tides")
    taken_in_turn(service)
    first = enter(service, {"values": "x"}, team="Tides").run
    second = enter(service, {"values": "x"}, team="Waves").run
    assert [place_of(service, run) for run in (first, second)] == [2, 1]
    clock.advance(HOUR + 1)
    assert [place_of(service, run) for run in (first, second)] == [1, 2]
    assert taken_in_turn(service) == [first, second]


def test_what_the_service_scores_anew_waits_for_all_others_and_counts_against_no_team(
    service: Service,
) -> None:
    scored = enter(service, {"values": 0}, team="Tides")
    change(service, Run, scored.run, state="scored")
    again = add_run(service, scored.submission)
    change(service, Run, again, state="refused", started=service.now())
    again = add_run(service, scored.submission, round=3)
    first, second = (enter(service, {"values": 1}, team=team).run for team in ("Tides", "Waves"))
    assert [place_of(service, run) for run in (again, first, second)] == [3, 1, 2]
    assert taken_in_turn(service) == [first, second, again]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_places_that_are_told_are_the_order_in_which_runs_are_taken_up(
    service: Service, seed: int
) -> None:
    chance = random.Random(seed)
    runs = [enter(service, {"values": i}, team=chance.choice("ABC"), pieces=1).run for i in range(12)]
    for run in chance.sample(runs, 4):
        change(service, Run, run, state="refused", started=service.now())
    waiting = [run for run in runs if run_of(service, run).state == "queued"]
    told = sorted(waiting, key=lambda run: place_of(service, run))
    assert sorted(place_of(service, run) for run in waiting) == list(range(1, len(waiting) + 1))
    assert taken_in_turn(service) == told
