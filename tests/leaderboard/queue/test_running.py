"""Worker processes: started, told to stop, killed at once, and cut from what they need."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from oceanbench_leaderboard.queue import open_queue
from oceanbench_leaderboard.service import Service, open_service
from oceanbench_leaderboard.settings import Limits, Settings
from oceanbench_leaderboard.store import Event, Result, Run
from tests.leaderboard.queue.acting import enter, events_of, run_of, until

ROOT = Path(__file__).resolve().parents[3]
type Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def settings(service_settings: Settings) -> Settings:
    """Settings whose leases are short, so that a dead worker is soon found out."""
    return service_settings.model_copy(update={"limits": Limits(lease_seconds=1.5, attempts=50)})


@pytest.fixture
def opened(settings: Settings, toy_board: Path) -> Iterator[Service]:
    """A real service with a real queue and a clock that runs."""
    service = open_service(settings)
    yield service
    service.queue.close()  # type: ignore[attr-defined]
    service.close()


@pytest.fixture
def start(settings: Settings, toy_board: Path, tmp_path: Path) -> Iterator[Start]:
    """Start worker processes that act; whatever is left of them ends with the test."""
    started: list[subprocess.Popen[bytes]] = []
    log = tmp_path / "worker.log"

    def begin(workers: int = 2, sweep_seconds: float = 0.3) -> subprocess.Popen[bytes]:
        environment = os.environ | {"SETTINGS": settings.model_dump_json(), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "tests.leaderboard.queue.acting", str(workers), str(sweep_seconds)]
        with log.open("ab") as stream:
            started.append(subprocess.Popen(command, env=environment, stderr=stream, cwd=ROOT))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()
    assert b"Traceback" not in log.read_bytes(), log.read_text()[-5000:]


def states(service: Service) -> list[str]:
    with service.database.transaction(read_only=True) as session:
        return sorted(session.scalars(select(Run.state)))


def all_scored(service: Service, count: int) -> Callable[[], bool]:
    return lambda: states(service) == ["scored"] * count


def results(service: Service) -> list[tuple[int, str]]:
    with service.database.transaction(read_only=True) as session:
        return sorted((row.run_id, row.part) for row in session.scalars(select(Result)))


def times_scored(service: Service) -> list[int]:
    with service.database.transaction(read_only=True) as session:
        return sorted(session.scalars(select(Event.run_id).where(Event.what == "scored")))


def test_a_worker_scores_what_it_is_woken_for_and_is_seen(opened: Service, start: Start) -> None:
    start(sweep_seconds=0.5)
    until(lambda: opened.queue.workers())  # type: ignore[attr-defined]
    entered = enter(opened, {"values": "a", "score": 0.9})
    opened.queue.wake(entered.run)
    until(all_scored(opened, 1))
    assert run_of(opened, entered.run).attempts == 1


def test_a_worker_finds_what_waited_before_it_came(opened: Service, start: Start) -> None:
    for i in range(4):
        enter(opened, {"values": i, "score": 0.9})
    start()
    until(all_scored(opened, 4))


def test_a_worker_told_to_stop_gives_back_its_run_at_once_and_leaves_nothing_running(
    opened: Service, start: Start
) -> None:
    entered = enter(opened, {"values": "a", "score": 0.9, "seconds": 600})
    worker = start()
    until(lambda: states(opened) == ["scoring"])
    until(lambda: children(worker.pid))
    began = time.monotonic()
    grandchildren = children(worker.pid)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(120) == 0
    assert time.monotonic() - began < 60  # the run would take ten minutes
    run = run_of(opened, entered.run)
    assert (run.state, run.attempts, run.lease) == ("queued", 0, None)
    assert not any(Path(f"/proc/{child}").exists() for child in grandchildren)
    assert list(opened.settings.scratch.iterdir()) == []
    assert opened.queue.workers() == []  # type: ignore[attr-defined]


def children(process: int) -> list[int]:
    """Give the processes that the threads of a process started."""
    found: list[int] = []
    for thread in Path(f"/proc/{process}/task").iterdir():
        with suppress(OSError):
            found += map(int, (thread / "children").read_text().split())
    return found


def test_what_a_killed_worker_held_is_scored_once_by_the_next(opened: Service, start: Start) -> None:
    entered = enter(opened, {"values": "a", "score": 0.9, "seconds": 1})
    first = start(workers=1)
    until(lambda: states(opened) == ["scoring"])
    first.kill()
    first.wait()
    start()
    until(all_scored(opened, 1))
    assert run_of(opened, entered.run).attempts == 2
    assert results(opened) == [(entered.run, "public")]
    until(lambda: list(opened.settings.scratch.iterdir()) == [])


def test_a_worker_that_slept_through_its_lease_writes_nothing_when_it_wakes(
    opened: Service, start: Start, tmp_path: Path
) -> None:
    entered = enter(opened, {"values": "a", "score": 0.9, "seconds": 0.5})
    sleeper = start(workers=1)
    until(lambda: states(opened) == ["scoring"])
    sleeper.send_signal(signal.SIGSTOP)
    start(workers=1)
    until(all_scored(opened, 1))
    sleeper.send_signal(signal.SIGCONT)
    until(lambda: b"left to another worker" in (tmp_path / "worker.log").read_bytes())
    assert times_scored(opened) == [entered.run]
    assert events_of(opened, entered.submission).count("scored") == 1


@pytest.mark.slow
def test_workers_killed_at_random_moments_lose_no_run_and_score_none_twice(
    opened: Service, start: Start
) -> None:
    chance = random.Random(7)
    runs = [enter(opened, {"values": i, "score": 0.9, "seconds": 0.2}).run for i in range(10)]
    workers = [start(workers=1), start(workers=1)]
    for _ in range(6):
        until(lambda: {"checking", "scoring"} & set(states(opened)), 60)
        time.sleep(chance.uniform(0.0, 0.5))
        victim = chance.randrange(2)
        workers[victim].kill()
        workers[victim].wait()
        workers[victim] = start(workers=1)
    until(all_scored(opened, 10), 90)
    assert times_scored(opened) == runs
    assert results(opened) == [(run, "public") for run in runs]


@pytest.mark.slow
def test_a_database_killed_and_started_again_is_gone_on_with_without_a_hand(
    engines: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toy_board: Path
) -> None:
    for name, value in engines.s3_environment().items():
        monkeypatch.setenv(name, value)
    settings = Settings.from_environment(
        tmp_path / "service",
        {"OCEANBENCH_DATABASE_URL": engines.postgres.new_database(),
         "OCEANBENCH_QUEUE_URL": engines.redis_url(), "OCEANBENCH_STORE": engines.new_bucket()},
        limits=Limits(lease_seconds=2, attempts=50),
    )  # fmt: skip
    service = open_service(settings)
    runs = [enter(service, {"values": i, "score": 0.9, "seconds": 0.3}).run for i in range(8)]
    worker = _start(settings, tmp_path)
    try:
        until(lambda: "scored" in states(service))
        engines.postgres.kill()
        time.sleep(1)
        engines.redis.kill()
        time.sleep(1)
        engines.postgres.start()
        engines.redis.start()
        until(all_scored(service, 8), 60)
        assert worker.poll() is None
        assert times_scored(service) == runs
        assert results(service) == [(run, "public") for run in runs]
    finally:
        worker.kill()
        worker.wait()
        open_queue(settings).close()
        service.queue.close()  # type: ignore[attr-defined]
        service.close()


def _start(settings: Settings, folder: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"SETTINGS": settings.model_dump_json(), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.leaderboard.queue.acting", "2", "0.3"]
    with (folder / "worker.log").open("ab") as stream:
        return subprocess.Popen(command, env=environment, stderr=stream, cwd=ROOT)
