"""Claims, heartbeats, giving back: one worker at a time, and never a write by another."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oceanbench_leaderboard.queue.leases import (
    Job,
    LeaseLost,
    claim,
    claim_next,
    count_ready,
    end,
    give_back,
    renew,
    resume,
    set_state,
    take_from_the_dead,
)
from oceanbench_leaderboard.service import Service, open_service
from oceanbench_leaderboard.settings import Settings
from oceanbench_leaderboard.store import Run, Submission, database_now
from tests.leaderboard.queue.acting import add_run, change, enter, events_of, run_of
from tests.service_parts import Clock

LEASE = 30.0


def taken(service: Service, run_id: int, worker: str = "w") -> Job:
    job = claim(service, worker, run_id)
    assert job is not None
    return job


def test_a_claimed_run_is_checked_by_that_worker_and_no_other_can_have_it(service: Service) -> None:
    entered = enter(service, {"values": 1})
    job = taken(service, entered.run)
    run = run_of(service, entered.run)
    assert (run.state, run.lease, run.worker, run.attempts) == ("checking", job.lease, "w", 1)
    assert run.lease_until is not None
    assert (run.lease_until - service.now()).total_seconds() == LEASE
    assert claim(service, "other", entered.run) is None
    assert claim_next(service, "other") is None


def test_a_job_knows_what_was_sent_and_where_its_pieces_lie_in_order(service: Service) -> None:
    entered = enter(service, {"values": "x" * 50}, track="half", pieces=3)
    job = taken(service, entered.run)
    assert (job.submission_id, job.team_id, job.track) == (entered.submission, entered.team, "half")
    assert len(b"".join(service.files.read(key) for key in job.parts)) == job.size
    assert len(job.parts) == 3


def test_twenty_workers_at_once_get_a_run_once(service: Service) -> None:
    entered = enter(service, {"values": 1})
    with ThreadPoolExecutor(20) as pool:
        jobs = list(pool.map(lambda i: claim(service, f"w{i}", entered.run), range(20)))
    assert sum(job is not None for job in jobs) == 1
    assert run_of(service, entered.run).attempts == 1


def test_eight_workers_at_once_share_what_waits_without_an_overlap(service: Service) -> None:
    runs = {enter(service, {"values": i}).run for i in range(12)}
    with ThreadPoolExecutor(8) as pool:
        jobs = [job for job in pool.map(lambda i: claim_next(service, f"w{i}"), range(16)) if job]
    assert len(jobs) == len(runs)
    assert {job.run_id for job in jobs} == runs


def test_runs_come_in_order_of_entry_and_those_scored_before_come_last(service: Service) -> None:
    first, second = enter(service, {"values": 1}), enter(service, {"values": 2})
    change(service, Run, first.run, state="scored")
    again = add_run(service, first.submission)
    third = enter(service, {"values": 3})
    order = [claim_next(service, "w") for _ in range(4)]
    assert [job and job.run_id for job in order] == [second.run, third.run, again, None]


def test_a_renewed_lease_lasts_longer(service: Service, clock: Clock) -> None:
    entered = enter(service, {"values": 1})
    job = taken(service, entered.run)
    clock.advance(LEASE - 1)
    assert renew(service, job)
    clock.advance(LEASE - 1)
    assert claim(service, "other", entered.run) is None


@pytest.mark.parametrize("service_settings", ["engines"], indirect=True)
def test_workers_whose_clocks_differ_by_a_minute_take_no_run_from_each_other(
    service: Service, clock: Clock
) -> None:
    entered = enter(service, {"values": 1})
    fast = replace(service, now=lambda: clock() + timedelta(minutes=1))
    slow = replace(service, now=clock)
    job = taken(slow, entered.run)
    assert claim(fast, "fast", entered.run) is not None, "the clock of each machine would not do"
    one_clock = [replace(each, shared_now=database_now) for each in (slow, fast)]
    change(service, Run, entered.run, state="queued", lease=None, lease_until=None)
    job = taken(one_clock[0], entered.run)
    assert claim(one_clock[1], "fast", entered.run) is None
    assert take_from_the_dead(one_clock[1]) == 0
    assert renew(one_clock[1], job)
    until = run_of(service, entered.run).lease_until
    assert until is not None
    assert 0 < (until - datetime.now(UTC)).total_seconds() < LEASE + 5


@pytest.mark.parametrize("service_settings", ["engines"], indirect=True)
def test_a_service_on_a_server_counts_leases_by_the_clock_of_the_server(service_settings: Settings) -> None:
    with closing(open_service(service_settings)) as opened:
        assert opened.shared_now is database_now
        with opened.database.transaction() as session:
            assert abs((opened.lease_time(session) - datetime.now(UTC)).total_seconds()) < 60


def test_a_worker_given_up_for_dead_can_write_nothing(service: Service, clock: Clock) -> None:
    entered = enter(service, {"values": 1})
    dead = taken(service, entered.run, "dead")
    clock.advance(LEASE + 1)
    heir = taken(service, entered.run, "heir")
    assert not renew(service, dead)
    for write in (
        lambda: set_state(service, dead, "scoring"),
        lambda: end(service, dead, "refused", "no"),
        lambda: give_back(service, dead, "no", counts=True),
        lambda: resume(service, dead),
    ):
        with pytest.raises(LeaseLost, match=f"run {entered.run}"):
            write()
    run = run_of(service, entered.run)
    assert (run.lease, run.state, run.attempts, run.reason) == (heir.lease, "checking", 2, "")
    assert events_of(service, entered.submission) == ["checking", "checking"]


def test_a_silent_worker_loses_its_run_in_the_sweep_and_the_run_waits_again(
    service: Service, clock: Clock
) -> None:
    entered = enter(service, {"values": 1})
    taken(service, entered.run)
    assert take_from_the_dead(service) == 0
    clock.advance(LEASE + 1)
    assert take_from_the_dead(service) == 1
    run = run_of(service, entered.run)
    assert (run.state, run.lease, run.worker, run.attempts) == ("queued", None, "", 1)
    assert taken(service, entered.run).attempt == 2


def test_a_run_that_outlives_all_its_workers_fails_with_words(service: Service, clock: Clock) -> None:
    entered = enter(service, {"values": 1})
    most = service.settings.limits.attempts
    for _ in range(most):
        taken(service, entered.run)
        clock.advance(LEASE + 1)
    assert claim_next(service, "w") is None
    run = run_of(service, entered.run)
    assert run.state == "failed"
    assert f"failed {most} times; it does not count against your quota" in run.reason
    assert run.finished == service.now()


def test_the_sweep_fails_such_a_run_too(service: Service, clock: Clock) -> None:
    entered = enter(service, {"values": 1})
    change(service, Run, entered.run, attempts=service.settings.limits.attempts - 1)
    taken(service, entered.run)
    clock.advance(LEASE + 1)
    assert take_from_the_dead(service) == 1
    assert run_of(service, entered.run).state == "failed"


def test_after_a_failure_a_run_waits_longer_each_time(service: Service, clock: Clock) -> None:
    entered = enter(service, {"values": 1})
    most = service.settings.limits.attempts
    for pause in (5.0, 10.0, 20.0, 40.0, 80.0, 160.0, *[300.0] * most)[: most - 1]:
        give_back(service, taken(service, entered.run), "it broke", counts=True)
        with service.database.transaction() as session:
            assert count_ready(service, session) == 0
        clock.advance(pause - 0.5)
        assert claim_next(service, "w") is None
        clock.advance(0.5)
    give_back(service, taken(service, entered.run), "it broke", counts=True)
    assert run_of(service, entered.run).state == "failed"
    assert events_of(service, entered.submission).count("failure") == most - 1


def test_an_outage_costs_no_attempt_and_a_day_of_them_ends_the_run(service: Service, clock: Clock) -> None:
    entered = enter(service, {"values": 1})
    rounds = 0
    start = service.now()
    while run_of(service, entered.run).state == "queued":
        give_back(service, taken(service, entered.run), "the store was away", counts=False)
        rounds += 1
        clock.advance(300)
    run = run_of(service, entered.run)
    assert rounds > service.settings.limits.attempts
    assert (service.now() - start).total_seconds() >= 86400
    assert run.state == "failed"


def test_a_stopped_worker_leaves_a_run_as_if_it_had_never_taken_it(service: Service) -> None:
    entered = enter(service, {"values": 1})
    resume(service, taken(service, entered.run))
    run = run_of(service, entered.run)
    assert (run.state, run.lease, run.lease_until, run.attempts) == ("queued", None, None, 0)
    assert taken(service, entered.run).attempt == 1


def test_a_deleted_submission_is_not_scored(service: Service) -> None:
    entered = enter(service, {"values": 1})
    change(service, Submission, entered.submission, deleted=service.now())
    assert claim_next(service, "w") is None
    assert run_of(service, entered.run).reason == "the submission was deleted"


def test_a_submission_whose_file_is_gone_fails_with_words(service: Service) -> None:
    entered = enter(service, {"values": 1})
    change(service, Submission, entered.submission, upload_id=None)
    assert claim_next(service, "w") is None
    assert "submit it again" in run_of(service, entered.run).reason
