"""The way of one run through the pipeline, with steps that act."""

import errno
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from oceanbench_leaderboard.accounts import Principal
from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.queue import Steps, Workplace, real_steps
from oceanbench_leaderboard.queue.duplicates import SAME_AS_ANOTHER
from oceanbench_leaderboard.queue.leases import claim
from oceanbench_leaderboard.queue.steps import Scores
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import FileStore, Run, Standing, Submission, Team
from oceanbench_leaderboard.submissions import delete
from tests.leaderboard.queue.acting import (
    ACTED,
    PROBLEM,
    add_run,
    change,
    enter,
    events_of,
    results_of,
    run_of,
    submission_of,
)
from tests.service_parts import Clock

pytestmark = pytest.mark.usefixtures("toy_board")


def work(service: Service, run_id: int, steps: Steps = ACTED) -> Run:
    """Let a worker take up a run, and read what came of it."""
    assert Workplace(service, steps).work_on(run_id)
    return run_of(service, run_id)


def acting(**changes: Any) -> Steps:
    return replace(ACTED, **changes)


def test_a_submission_gets_its_score_report_digest_and_history(service: Service) -> None:
    entered = enter(service, {"values": "a", "score": 0.9, "flags": ["holes"]})
    run = work(service, entered.run)
    assert (run.state, run.reason, run.flags, run.lease) == ("scored", "", ["holes"], None)
    assert run.finished == service.now()
    results = results_of(service, entered.run)
    assert results["public"].evaluation == {"mu": 0.9}
    assert results["public"].comparison == {"sums": [0.9]}
    assert service.files.read(f"{run.folder}/report/index.html") == b"<p>0.9</p>"
    digest = hashlib.sha256(b"a").hexdigest()
    assert submission_of(service, entered.submission).canonical_sha256 == digest
    assert events_of(service, entered.submission) == ["checking", "scoring", "scored"]


def test_both_parts_of_a_withheld_truth_are_kept(service: Service) -> None:
    entered = enter(service, {"values": "a", "score": 0.9, "parts": ["public", "private"]})
    work(service, entered.run)
    assert set(results_of(service, entered.run)) == {"public", "private"}


def test_the_board_is_made_anew_after_the_score_is_written(service: Service) -> None:
    seen = []
    entered = enter(service, {"values": "a", "score": 0.9})
    look = lambda service, challenge: seen.append((challenge, run_of(service, entered.run).state))  # noqa: E731
    work(service, entered.run, acting(refresh=look))
    assert seen == [("toy", "scored")]


def test_a_board_that_cannot_be_made_leaves_the_score_alone(service: Service) -> None:
    def fail(service: Service, challenge: str) -> None:
        raise RuntimeError("no board today")

    entered = enter(service, {"values": "a", "score": 0.9})
    assert work(service, entered.run, acting(refresh=fail)).state == "scored"


@pytest.mark.parametrize(
    ("said", "reason"), [({"refuse": True}, "centimetres"), ({"trouble": "hole"}, "holes")]
)
def test_a_file_that_cannot_be_scored_is_refused_with_all_problems(
    service: Service, said: dict[str, Any], reason: str
) -> None:
    entered = enter(service, {"values": "a", **said})
    run = work(service, entered.run)
    assert run.state == "refused"
    assert reason in run.reason
    assert run.problems == [PROBLEM]
    assert results_of(service, entered.run) == {}


@pytest.mark.parametrize("said", [{"intake_fails": True}, {"trouble": "crash"}, {"trouble": "bug"}])
def test_a_failure_of_the_service_lets_the_run_wait_and_counts_as_an_attempt(
    service: Service, said: dict[str, Any]
) -> None:
    entered = enter(service, {"values": "a", **said})
    run = work(service, entered.run)
    assert (run.state, run.attempts, run.lease) == ("queued", 1, None)
    assert events_of(service, entered.submission)[-1] == "failure"


def test_what_a_team_reads_of_a_bug_names_nothing_of_the_machine(service: Service) -> None:
    from sqlalchemy import select

    from oceanbench_leaderboard.store import Event

    entered = enter(service, {"values": "a", "trouble": "bug"})
    work(service, entered.run)
    with service.database.transaction() as session:
        words = session.scalars(select(Event.note).where(Event.what == "failure")).one()
    assert words == "the service failed; it is tried again"


@pytest.mark.parametrize("trouble", ["away", "full"])
def test_an_outage_lets_the_run_wait_and_costs_nothing(service: Service, trouble: str, clock: Clock) -> None:
    entered = enter(service, {"values": "a", "trouble": trouble})
    for _ in range(service.settings.limits.attempts + 1):
        run = work(service, entered.run)
        assert (run.state, run.attempts) == ("queued", 0)
        clock.advance(300)


@pytest.mark.parametrize("said", [{"intake_fails": True}, {"trouble": "crash"}, {"trouble": "slow"}])
def test_where_the_disk_is_full_no_failure_is_held_against_the_run(
    service: Service, said: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = enter(service, {"values": "a", **said})
    usage = shutil.disk_usage("/")._replace(free=1 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    run = work(service, entered.run)
    assert (run.state, run.attempts) == ("queued", 0)
    assert events_of(service, entered.submission)[-1] == "outage"


def test_a_scorer_that_took_too_long_fails_at_once_with_words(service: Service) -> None:
    entered = enter(service, {"values": "a", "trouble": "slow"})
    run = work(service, entered.run)
    assert (run.state, run.reason) == ("failed", "scoring it took more than 3600 s")


def test_a_damaged_copy_of_the_file_is_not_scored_nor_held_against_the_team(service: Service) -> None:
    entered = enter(service, {"values": "a", "score": 0.9})
    key = service.files.keys("uploads")[0]
    service.files.write(key, service.files.read(key)[::-1])
    run = work(service, entered.run)
    assert (run.state, run.problems) == ("queued", [])
    assert events_of(service, entered.submission)[-1] == "failure"


def test_a_lost_piece_of_the_file_is_a_failure_of_the_service(service: Service) -> None:
    entered = enter(service, {"values": "a", "score": 0.9})
    service.files.delete(service.files.keys("uploads")[1])
    assert work(service, entered.run).state == "queued"
    assert results_of(service, entered.run) == {}


@pytest.mark.parametrize("said", [{"score": 0.9}, {"refuse": 1}, {"trouble": "bug"}, {"trouble": "full"}])
def test_nothing_is_left_in_scratch_space(service: Service, said: dict[str, Any]) -> None:
    work(service, enter(service, {"values": "a", **said}).run)
    assert list(service.settings.scratch.iterdir()) == []


def test_a_worker_that_lost_its_lease_while_scoring_writes_no_score(service: Service, clock: Clock) -> None:
    heir = []

    def sleep_too_long(canonical: Path, out: Path, job: Any, limits: Any) -> Scores:
        clock.advance(31)
        heir.append(claim(service, "heir", job.run_id))
        return ACTED.scorer(canonical, out, job, limits)

    entered = enter(service, {"values": "a", "score": 0.9})
    run = work(service, entered.run, acting(scorer=sleep_too_long))
    assert heir[0] is not None
    assert (run.state, run.lease, run.worker) == ("checking", heir[0].lease, "heir")
    assert results_of(service, entered.run) == {}


def test_the_heartbeat_holds_a_run_that_takes_longer_than_its_lease(
    service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from oceanbench_leaderboard.queue import pulse

    renewed = threading.Event()
    real = pulse.renew

    def renew(service: Service, job: Any) -> bool:
        held = real(service, job)
        renewed.set()
        return held

    def take_long(canonical: Path, out: Path, job: Any, limits: Any) -> Scores:
        for _ in range(3):
            clock.advance(20)
            renewed.clear()
            assert renewed.wait(10)
        return ACTED.scorer(canonical, out, job, limits)

    monkeypatch.setattr(pulse, "renew", renew)
    monkeypatch.setattr(pulse, "_BEATS_PER_LEASE", 600)
    entered = enter(service, {"values": "a", "score": 0.9})
    assert work(service, entered.run, acting(scorer=take_long)).state == "scored"


def test_the_same_values_in_another_file_are_the_same_record(service: Service) -> None:
    first = enter(service, {"values": "a", "score": 0.9})
    work(service, first.run)
    second = enter(service, {"values": "a", "score": 0.1})
    run = work(service, second.run)
    assert run.state == "scored"
    assert submission_of(service, second.submission).duplicate_of == first.submission
    assert results_of(service, second.run)["public"].evaluation == {"mu": 0.9}
    assert events_of(service, second.submission) == ["checking", "scored", "duplicate"]


def test_the_same_values_on_another_track_are_another_record(service: Service) -> None:
    work(service, enter(service, {"values": "a", "score": 0.9}).run)
    other = enter(service, {"values": "a", "score": 0.1}, track="half")
    work(service, other.run)
    assert submission_of(service, other.submission).duplicate_of is None
    assert results_of(service, other.run)["public"].evaluation == {"mu": 0.1}


def test_two_files_of_the_same_values_scored_at_once_make_one_row(service: Service) -> None:
    first, second = (enter(service, {"values": "a", "score": score}) for score in (0.9, 0.8))

    def overtaken(canonical: Path, out: Path, job: Any, limits: Any) -> Scores:
        work(service, second.run)
        return ACTED.scorer(canonical, out, job, limits)

    work(service, first.run, acting(scorer=overtaken))
    copies = [submission_of(service, entered.submission).duplicate_of for entered in (first, second)]
    assert copies == [second.submission, None]


def test_values_that_another_team_had_first_are_flagged_and_keep_their_own_score(
    service: Service, clock: Clock
) -> None:
    first = enter(service, {"values": "a", "score": 0.9})
    clock.advance(60)
    second = enter(service, {"values": "a", "score": 0.9}, team="Waves")
    assert work(service, first.run).flags == []
    run = work(service, second.run)
    assert run.flags == [SAME_AS_ANOTHER]
    assert submission_of(service, second.submission).duplicate_of is None
    assert "Tides" not in str(run.flags)


@pytest.mark.parametrize("gone", ["hidden", "deleted", "of a team shut out"])
def test_values_of_another_team_that_count_no_more_are_told_to_nobody(
    service: Service, clock: Clock, gone: str
) -> None:
    first = enter(service, {"values": "a", "score": 0.9})
    work(service, first.run)
    if gone == "of a team shut out":
        change(service, Team, first.team, active=False)
    else:
        values = {"hidden": True} if gone == "hidden" else {"deleted": clock()}
        change(service, Submission, first.submission, **values)
    clock.advance(60)
    assert work(service, enter(service, {"values": "a", "score": 0.9}, team="Waves").run).flags == []


def test_who_was_first_is_not_flagged_for_being_scored_later(service: Service, clock: Clock) -> None:
    first = enter(service, {"values": "a", "score": 0.9})
    clock.advance(60)
    second = enter(service, {"values": "a", "score": 0.9}, team="Waves")
    work(service, second.run)
    assert work(service, first.run).flags == []


def test_a_run_that_waited_while_its_challenge_changed_is_scored_by_the_new_version(service: Service) -> None:
    entered = enter(service, {"values": "a", "score": 0.9}, version="0.9")
    run = work(service, entered.run)
    assert (run.state, run.challenge_version) == ("scored", "1.0")


def test_a_run_of_an_old_version_beside_one_of_the_new_ends_with_words(service: Service) -> None:
    entered = enter(service, {"values": "a", "score": 0.9}, version="0.9")
    add_run(service, entered.submission, version="1.0", round=1)
    run = work(service, entered.run)
    assert run.state == "failed"
    assert "version 1.0 of toy replaced version 0.9" in run.reason


def test_a_run_of_a_version_that_this_worker_does_not_know_yet_is_left_to_others_and_costs_nothing(
    service: Service, clock: Clock
) -> None:
    entered = enter(service, {"values": "a", "score": 0.9}, version="1.10")
    for _ in range(service.settings.limits.attempts + 1):
        run = work(service, entered.run)
        assert (run.state, run.attempts, run.challenge_version) == ("queued", 0, "1.10")
        clock.advance(300)
    assert events_of(service, entered.submission)[-1] == "outage"


def test_a_run_that_moves_to_a_version_at_which_the_service_failed_takes_the_next_round(
    service: Service,
) -> None:
    entered = enter(service, {"values": "a", "score": 0.9}, version="0.9")
    failed = add_run(service, entered.submission, version="1.0", round=1)
    change(service, Run, failed, state="failed")
    run = work(service, entered.run)
    assert (run.state, run.challenge_version, run.round) == ("scored", "1.0", 2)


def test_the_report_of_an_attempt_that_was_overtaken_replaces_nothing_and_goes(
    service: Service, clock: Clock
) -> None:
    winner = []

    def overtaken(canonical: Path, out: Path, job: Any, limits: Any) -> Scores:
        scores = ACTED.scorer(canonical, out, job, limits)
        clock.advance(31)
        winner.append(work(service, entered.run))
        (out / "index.html").write_text("late")
        return scores

    entered = enter(service, {"values": "a", "score": 0.9})
    run = work(service, entered.run, acting(scorer=overtaken))
    assert run.scored_under == winner[0].scored_under != ""
    assert service.files.keys("runs") == [f"{run.folder}/report/index.html"]
    assert service.files.read(f"{run.folder}/report/index.html") == b"<p>0.9</p>"


def test_what_earlier_attempts_left_of_a_report_goes_when_the_run_is_scored(service: Service) -> None:
    entered = enter(service, {"values": "a", "score": 0.9})
    service.files.write(f"runs/{entered.run}/{'0' * 32}/report/index.html", b"half")
    run = work(service, entered.run)
    assert service.files.keys("runs") == [f"{run.folder}/report/index.html"]


def test_a_submission_that_its_team_deletes_while_it_is_scored_leaves_no_file(service: Service) -> None:
    entered = enter(service, {"values": "a", "score": 0.9})
    owner = Principal(entered.team, "Tides", None, "Tides", frozenset({"submit", "read"}), admin=False)

    def deleted(canonical: Path, out: Path, job: Any, limits: Any) -> Scores:
        delete(service, owner, entered.submission)
        return ACTED.scorer(canonical, out, job, limits)

    run = work(service, entered.run, acting(scorer=deleted))
    assert (run.state, run.reason) == ("failed", "the submission was deleted")
    assert service.files.keys() == []


def test_a_submission_deleted_while_it_is_scored_gets_no_score_and_no_report(service: Service) -> None:
    entered = enter(service, {"values": "a", "score": 0.9})

    def deleted(canonical: Path, out: Path, job: Any, limits: Any) -> Scores:
        change(service, Submission, entered.submission, deleted=service.now())
        return ACTED.scorer(canonical, out, job, limits)

    run = work(service, entered.run, acting(scorer=deleted))
    assert (run.state, run.reason) == ("failed", "the submission was deleted while it was scored")
    assert results_of(service, entered.run) == {}
    assert service.files.keys("runs") == []


def test_a_challenge_that_is_no_longer_there_is_a_failure_of_the_service(service: Service) -> None:
    entered = enter(service, {"values": "a"}, challenge="vanished")
    run = work(service, entered.run)
    assert run.state == "queued"
    assert events_of(service, entered.submission)[-1] == "failure"


class FullStore(FileStore):
    """A store without room."""

    full = True

    @contextmanager
    def writing(self, key: str) -> Iterator[Any]:
        if self.full and key.startswith("runs/"):
            raise Unavailable(f"{key} cannot be stored: {errno.ENOSPC}; try again later")
        with super().writing(key) as sink:
            yield sink


def test_a_full_store_keeps_nothing_half_and_the_run_goes_on_when_there_is_room(
    service: Service, clock: Clock
) -> None:
    entered = enter(service, {"values": "a", "score": 0.9})
    full = FullStore(service.settings.store_url)
    service = replace(service, files=full)
    assert work(service, entered.run).state == "queued"
    assert results_of(service, entered.run) == {}
    full.full = False
    clock.advance(300)
    assert work(service, entered.run).state == "scored"
    assert len(results_of(service, entered.run)) == 1


def test_a_worker_that_leaves_gives_back_what_it_holds_and_takes_no_more(service: Service) -> None:
    entered = enter(service, {"values": "a", "score": 0.9})
    other = enter(service, {"values": "b", "score": 0.9})
    place = Workplace(service, ACTED)

    def leave(canonical: Path, out: Path, job: Any, limits: Any) -> Scores:
        assert len(place.leave()) == 1
        return ACTED.scorer(canonical, out, job, limits)

    place.steps = acting(scorer=leave)
    assert place.work_on(entered.run)
    run = run_of(service, entered.run)
    assert (run.state, run.attempts, run.lease) == ("queued", 0, None)
    assert results_of(service, entered.run) == {}
    assert not place.work_on(other.run)
    assert not place.work_on_next()


@pytest.fixture
def full_scratch(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Scratch space with no room for a file; the call makes room."""
    scratch = service.settings.scratch
    scratch.mkdir(parents=True)
    mounted = _mount(scratch)
    if not mounted:  # only root may mount: then the file system says what a full one would
        monkeypatch.setattr(FileStore, "join", _no_room)
    yield lambda: _unmount(scratch) if mounted else monkeypatch.undo()
    _unmount(scratch)


def _mount(folder: Path) -> bool:
    """Put a file system of four pages over a folder, if we may."""
    command = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    return shutil.which("mount") is not None and subprocess.run(command, capture_output=True).returncode == 0


def _unmount(folder: Path) -> None:
    if os.path.ismount(folder):
        subprocess.run(["umount", str(folder)], check=True, capture_output=True)


def _no_room(self: FileStore, keys: Any, path: Path) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def test_a_full_disk_keeps_nothing_half_and_the_run_goes_on_when_there_is_room(
    service: Service, clock: Clock, full_scratch: Callable[[], None]
) -> None:
    entered = enter(service, {"values": "a", "score": 0.9, "padding": "x" * 50_000})
    run = work(service, entered.run)
    assert (run.state, run.attempts) == ("queued", 0)
    assert events_of(service, entered.submission)[-1] == "outage"
    assert list(service.settings.scratch.iterdir()) == []
    full_scratch()
    clock.advance(300)
    assert work(service, entered.run).state == "scored"


@pytest.mark.slow
def test_the_real_steps_score_a_map_as_the_command_does(service: Service, tmp_path: Path) -> None:
    from oceanbench.evaluation import evaluate
    from tests.toy_sea import write_map

    path = write_map(tmp_path / "map.nc", error_m=0.05)
    entered = enter(service, path.read_bytes())
    run = work(service, entered.run, real_steps())
    assert (run.state, run.flags) == ("scored", [])
    here = evaluate(path, challenge="toy", track="all").to_json()["official"]
    there = results_of(service, entered.run)["public"].evaluation["official"]
    assert there.pop("units") == here.pop("units")
    assert there == pytest.approx(here, rel=1e-9)
    names = service.files.keys(f"{run.folder}/report")
    assert f"{run.folder}/report/index.html" in names
    with service.database.transaction(read_only=True) as session:
        tracks = session.scalars(select(Standing.track).where(Standing.challenge == "toy"))
        assert set(tracks) == {"all", "half"}


@pytest.mark.slow
def test_the_real_steps_refuse_what_is_no_map_with_words(service: Service) -> None:
    entered = enter(service, b"<html>no map</html>")
    run = work(service, entered.run, real_steps())
    assert run.state == "refused"
    assert run.problems


@pytest.mark.slow
@pytest.mark.parametrize("service_settings", ["embedded"], indirect=True)
def test_steps_that_keep_their_processes_warm_score_as_those_that_do_not(
    service: Service, tmp_path: Path
) -> None:
    from tests.toy_sea import write_map

    paths = [write_map(tmp_path / f"{seed}.nc", error_m=0.05, seed=seed) for seed in (1, 2)]
    entered = [enter(service, path.read_bytes()) for path in paths]
    warm = real_steps(warm=True)
    try:
        hosts = []
        for one in entered:
            assert work(service, one.run, warm).state == "scored"
            hosts.append(warm.scorer._own.scorer.process_id)  # type: ignore[attr-defined]
        assert hosts[0] == hosts[1] is not None
    finally:
        warm.scorer._own.scorer.close()  # type: ignore[attr-defined]
        warm.intake._own.reader.close()  # type: ignore[attr-defined]
    again = add_run(service, entered[0].submission)
    work(service, again, real_steps())
    numbers = [results_of(service, run)["public"].evaluation["official"] for run in (entered[0].run, again)]
    assert numbers[0] == numbers[1]
