"""The sweep finds what was forgotten, and does it once however many sweep."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oceanbench_leaderboard.queue import MessageQueue, Workplace, make_huey, open_queue, sweep
from oceanbench_leaderboard.queue.cleaning import clean_uploads
from oceanbench_leaderboard.queue.leases import claim
from oceanbench_leaderboard.queue.steps import Hopeless
from oceanbench_leaderboard.queue.sweeping import tidy, wake_forgotten
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Run, Submission, Upload, UploadPart
from tests.leaderboard.queue.acting import (
    ACTED,
    change,
    enter,
    events_of,
    results_of,
    run_of,
    submission_of,
)
from tests.service_parts import Clock
from tests.toy_sea import DEFINITION

pytestmark = pytest.mark.usefixtures("toy_board")
DAY = 86400.0


def runs_of(service: Service, submission: str) -> list[tuple[str, int, str]]:
    with service.database.transaction(read_only=True) as session:
        runs = session.get_one(Submission, submission).runs
        return [(run.challenge_version, run.round, run.state) for run in runs]


def work_off(service: Service) -> None:
    place = Workplace(service, ACTED)
    while place.work_on_next():
        pass


@pytest.fixture
def changing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A world of its own whose toy may change."""
    (tmp_path / "world" / "toy").mkdir(parents=True)
    file = tmp_path / "world" / "toy" / "challenge.toml"
    file.write_text(DEFINITION)
    monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path / "world"))
    return file


def test_a_run_that_nobody_was_woken_for_is_found(service: Service) -> None:
    entered = enter(service, {"values": "a"})
    sweep(service, ACTED)
    assert service.queue.woken == [entered.run]  # type: ignore[attr-defined]


def test_a_run_that_is_to_wait_is_left_alone_until_then(service: Service, clock: Clock) -> None:
    entered = enter(service, {"values": "a", "trouble": "crash"})
    Workplace(service, ACTED).work_on(entered.run)
    sweep(service, ACTED)
    assert service.queue.woken == []  # type: ignore[attr-defined]
    clock.advance(5)
    sweep(service, ACTED)
    assert service.queue.woken == [entered.run]  # type: ignore[attr-defined]


def test_only_as_many_are_woken_as_messages_are_missing(service: Service) -> None:
    queue = open_queue(service.settings)
    service = replace(service, queue=queue)
    runs = [enter(service, {"values": i}).run for i in range(5)]
    queue.wake(runs[0])
    queue.wake(runs[1])
    assert wake_forgotten(service) == 3
    assert queue.pending() == 5
    assert wake_forgotten(service) == 0
    queue.close()


def test_the_run_of_a_dead_worker_waits_again_and_is_woken(service: Service, clock: Clock) -> None:
    entered = enter(service, {"values": "a"})
    claim(service, "dead", entered.run)
    clock.advance(31)
    sweep(service, ACTED)
    assert run_of(service, entered.run).state == "queued"
    assert service.queue.woken == [entered.run]  # type: ignore[attr-defined]


def test_scratch_of_dead_workers_goes_and_that_of_the_living_stays(service: Service, clock: Clock) -> None:
    dead, alive = enter(service, {"values": "a"}), enter(service, {"values": "b"})
    gone = claim(service, "w", dead.run)
    clock.advance(31)
    job = claim(service, "w", alive.run)
    assert gone is not None
    assert job is not None
    names = [gone.folder_name, job.folder_name, "notes"]
    for name in names:
        (service.settings.scratch / name).mkdir(parents=True)
        (service.settings.scratch / name / "upload").write_bytes(b"x")
    sweep(service, ACTED)
    left = sorted(path.name for path in service.settings.scratch.iterdir())
    assert left == sorted([job.folder_name, "notes"])


def test_the_report_of_a_dead_attempt_goes_with_its_scratch_and_that_of_the_score_stays(
    service: Service, clock: Clock
) -> None:
    entered = enter(service, {"values": "a", "score": 0.9})
    dead = claim(service, "dead", entered.run)
    clock.advance(31)
    work_off(service)
    run = run_of(service, entered.run)
    assert dead is not None
    service.files.write(f"{dead.store_folder}/report/index.html", b"of a worker killed after it stored it")
    for name in (dead.folder_name, f"{run.id}-{run.scored_under}"):
        (service.settings.scratch / name).mkdir()
    sweep(service, ACTED)
    assert list(service.settings.scratch.iterdir()) == []
    assert service.files.keys("runs") == [f"{run.folder}/report/index.html"]


@pytest.mark.parametrize("service_settings", ["embedded"], indirect=True)
def test_a_file_half_written_by_a_killed_process_goes_after_a_day(service: Service, clock: Clock) -> None:
    killed = service.files.sink("uploads/1/ab/0")
    killed.write(b"half")
    left = [path for path in Path(service.settings.store_url).rglob("*") if path.is_file()]
    clock.time = datetime.now(UTC)
    tidy(service)
    assert [path.exists() for path in left] == [True]
    clock.advance(DAY + 60)
    tidy(service)
    assert [path.exists() for path in left] == [False]
    killed.discard()


def unfinished(service: Service, sha256: str = "ab" * 32, *, completed: bool = False) -> int:
    """Make an upload that nobody entered, of two pieces."""
    enter(service, {"values": "somebody's"})
    with service.database.transaction() as session:
        done = service.now() if completed else None
        upload = Upload(team_id=1, sha256=sha256, size=6, created=service.now(), completed=done)
        for start in (0, 3):
            key = f"uploads/1/{sha256}/{start:012d}"
            service.files.write(key, b"abc")
            upload.parts.append(UploadPart(start=start, size=3, key=key))
        session.add(upload)
        session.flush()
        return upload.id


@pytest.mark.parametrize("completed", [False, True])
def test_an_upload_that_nobody_entered_goes_after_a_week_with_its_files(
    service: Service, clock: Clock, completed: bool
) -> None:
    key = unfinished(service, completed=completed)
    clock.advance(6 * DAY)
    sweep(service, ACTED)
    assert len(service.files.keys("uploads")) == 4
    clock.advance(2 * DAY)
    sweep(service, ACTED)
    with service.database.transaction() as session:
        assert session.get(Upload, key) is None
    assert len(service.files.keys("uploads")) == 2  # those of what was entered


def test_an_upload_whose_files_went_halfway_is_removed_by_the_next_sweep(
    service: Service, clock: Clock
) -> None:
    unfinished(service)
    service.files.delete(f"uploads/1/{'ab' * 32}/000000000000")
    clock.advance(8 * DAY)
    assert clean_uploads(service) == 1


def test_a_new_version_scores_old_submissions_anew_once_and_keeps_the_old_numbers(
    service: Service, changing: Path, clock: Clock
) -> None:
    entered = enter(service, {"values": "a", "score": 0.9})
    work_off(service)
    changing.write_text(DEFINITION.replace('version = "1.0"', 'version = "1.1"'))
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: sweep(service, ACTED), range(6)))
    assert runs_of(service, entered.submission) == [("1.0", 1, "scored"), ("1.1", 1, "queued")]
    work_off(service)
    sweep(service, ACTED)
    assert runs_of(service, entered.submission) == [("1.0", 1, "scored"), ("1.1", 1, "scored")]
    assert results_of(service, entered.run)["public"].evaluation == {"mu": 0.9}
    assert submission_of(service, entered.submission).duplicate_of is None


def test_a_worker_that_knows_an_older_version_makes_no_run_by_it(service: Service, changing: Path) -> None:
    newer = DEFINITION.replace('version = "1.0"', 'version = "1.10"')
    changing.write_text(newer)
    entered = enter(service, {"values": "a", "score": 0.9}, version="1.10")
    work_off(service)
    changing.write_text(DEFINITION.replace('version = "1.0"', 'version = "1.9"'))
    sweep(service, ACTED)
    assert runs_of(service, entered.submission) == [("1.10", 1, "scored")]


def test_a_new_version_that_an_older_worker_meets_first_is_scored_by_one_that_knows_it(
    service: Service, changing: Path, clock: Clock
) -> None:
    entered = enter(service, {"values": "a", "score": 0.9})
    work_off(service)
    changing.write_text(DEFINITION.replace('version = "1.0"', 'version = "1.1"'))
    sweep(service, ACTED)
    changing.write_text(DEFINITION)
    work_off(service)
    sweep(service, ACTED)
    assert runs_of(service, entered.submission) == [("1.0", 1, "scored"), ("1.1", 1, "queued")]
    changing.write_text(DEFINITION.replace('version = "1.0"', 'version = "1.1"'))
    clock.advance(5)
    work_off(service)
    assert runs_of(service, entered.submission) == [("1.0", 1, "scored"), ("1.1", 1, "scored")]


def test_a_scoring_anew_at_which_the_service_failed_is_tried_four_times_more_after_longer_pauses(
    service: Service, changing: Path, clock: Clock
) -> None:
    entered = enter(service, {"values": "a", "score": 0.9})
    work_off(service)
    changing.write_text(DEFINITION.replace('version = "1.0"', 'version = "1.1"'))
    slow = replace(ACTED, scorer=lambda *_: raised(Hopeless("it took too long")))
    made = []
    for pause in (600, 3600, 6 * 3600, DAY, 10 * DAY):
        sweep(service, ACTED)
        made.append(len(runs_of(service, entered.submission)))
        Workplace(service, slow).work_on_next()
        clock.advance(pause - 1)
        sweep(service, ACTED)
        assert len(runs_of(service, entered.submission)) == made[-1], "too early"
        clock.advance(1)
    sweep(service, ACTED)
    assert [*made, len(runs_of(service, entered.submission))] == [2, 3, 4, 5, 6, 6]


def raised(error: Exception) -> Any:
    raise error


def test_what_is_hidden_deleted_refused_or_a_copy_is_not_scored_anew(
    service: Service, changing: Path
) -> None:
    entered = [enter(service, {"values": name, "score": 0.9}) for name in "abc"]
    copy = enter(service, {"values": "c", "score": 0.8})
    refused = enter(service, {"values": "d", "refuse": True})
    work_off(service)
    change(service, Submission, entered[0].submission, hidden=True)
    change(service, Submission, entered[1].submission, deleted=service.now())
    changing.write_text(DEFINITION.replace('version = "1.0"', 'version = "2.0"'))
    sweep(service, ACTED)
    counts = [len(runs_of(service, one.submission)) for one in (*entered, copy, refused)]
    assert counts == [1, 1, 2, 1, 1]


@pytest.mark.parametrize("service_settings", ["embedded"], indirect=True)
def test_no_more_than_fifty_runs_of_a_new_version_wait_at_once(service: Service, changing: Path) -> None:
    for name in range(53):
        entered = enter(service, {"values": name}, pieces=1)
        change(service, Run, entered.run, state="scored", finished=service.now())
    changing.write_text(DEFINITION.replace('version = "1.0"', 'version = "2.0"'))
    sweep(service, ACTED)
    sweep(service, ACTED)
    with service.database.transaction() as session:
        assert session.query(Run).filter(Run.state == "queued").count() == 50


def test_a_copy_stands_for_itself_once_its_original_is_deleted(service: Service) -> None:
    original = enter(service, {"values": "a", "score": 0.9})
    copy = enter(service, {"values": "a", "score": 0.8})
    work_off(service)
    change(service, Submission, original.submission, deleted=service.now())
    sweep(service, ACTED)
    work_off(service)
    assert runs_of(service, copy.submission) == [("1.0", 1, "scored"), ("1.0", 2, "scored")]
    assert submission_of(service, copy.submission).duplicate_of is None
    assert events_of(service, copy.submission)[-4:] == ["queued", "checking", "scoring", "scored"]


def test_an_upload_that_goes_on_slowly_is_kept(service: Service, clock: Clock) -> None:
    key = unfinished(service)
    clock.advance(6 * DAY)
    with service.database.transaction() as session:
        session.get_one(UploadPart, (key, 3)).created = clock()
    clock.advance(6 * DAY)
    assert clean_uploads(service) == 0
    clock.advance(2 * DAY)
    assert clean_uploads(service) == 1


def test_a_file_that_was_refused_is_kept_for_a_day(service: Service, clock: Clock) -> None:
    entered = enter(service, {"values": "a"})
    change(service, Run, entered.run, state="refused", finished=clock())
    sweep(service, ACTED)
    assert submission_of(service, entered.submission).upload_id is not None
    clock.advance(DAY + 1)
    sweep(service, ACTED)
    assert submission_of(service, entered.submission).upload_id is None
    assert service.files.keys("uploads") == []


def test_a_board_that_does_not_show_what_was_scored_is_made_anew(service: Service) -> None:
    made: list[str] = []
    steps = replace(ACTED, outdated=lambda _: ["toy", "2020a"], refresh=lambda _, name: made.append(name))
    sweep(service, steps)
    assert made == ["toy", "2020a"]


def test_a_challenge_that_is_no_longer_known_keeps_no_other_from_being_scored_anew(
    service: Service, changing: Path
) -> None:
    lost = enter(service, {"values": "a"}, challenge="vanished")
    change(service, Run, lost.run, state="scored", finished=service.now())
    entered = enter(service, {"values": "b", "score": 0.9})
    work_off(service)
    changing.write_text(DEFINITION.replace('version = "1.0"', 'version = "2.0"'))
    sweep(service, ACTED)
    assert len(runs_of(service, entered.submission)) == 2


def test_what_breaks_in_a_sweep_does_not_keep_the_rest_from_being_done(service: Service) -> None:
    entered = enter(service, {"values": "a", "score": 0.9})
    work_off(service)
    waiting = enter(service, {"values": "b"})

    def fail(service: Service, challenge: str) -> None:
        raise RuntimeError("no board today")

    stale = service.settings.scratch / f"{entered.run}-{'0' * 32}"
    stale.mkdir(parents=True)
    sweep(service, replace(ACTED, refresh=fail, outdated=lambda _: ["toy"]))
    assert service.queue.woken == [waiting.run]  # type: ignore[attr-defined]
    assert not stale.exists()


def test_a_queue_that_is_away_stops_no_sweep_and_the_next_one_wakes(service: Service, clock: Clock) -> None:
    entered = enter(service, {"values": "a"})
    nowhere = service.settings.model_copy(update={"queue_url": "redis://127.0.0.1:1/0"})
    sweep(replace(service, queue=MessageQueue(make_huey(nowhere))), ACTED)
    sweep(service, ACTED)
    assert service.queue.woken == [entered.run]  # type: ignore[attr-defined]
