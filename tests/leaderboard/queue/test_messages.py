"""The queue on its three kinds of storage: it wakes, it counts, it tells which workers are there."""

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.queue import MessageQueue, WorkerSeen, make_huey, open_queue
from oceanbench_leaderboard.queue.messages import score_task
from oceanbench_leaderboard.settings import Settings

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def settings_for(folder: Path, url: str = "") -> Settings:
    return Settings.from_environment(folder, {"OCEANBENCH_QUEUE_URL": url})


@pytest.fixture(params=["sqlite", "redis", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a service whose queue is empty."""
    if request.param == "sqlite":
        return settings_for(tmp_path / "service")
    engines = request.getfixturevalue("engines")
    url = engines.redis_url() if request.param == "redis" else engines.postgres.new_database()
    return settings_for(tmp_path / "service", url)


@pytest.fixture
def queue(settings: Settings) -> Iterator[MessageQueue]:
    """The queue of those settings."""
    opened = open_queue(settings)
    yield opened
    opened.close()


def take(settings: Settings) -> list[int]:
    """Take all messages, as a worker does."""
    taken: list[int] = []
    huey = make_huey(settings)
    score_task(huey, taken.append)
    while task := huey.dequeue():
        huey.execute(task)
    huey.storage.close()
    return taken


def test_who_is_woken_is_told_of_the_run_and_once(settings: Settings, queue: MessageQueue) -> None:
    for run in (3, 1, 2):
        queue.wake(run)
    assert queue.pending() == 3
    assert take(settings) == [3, 1, 2]
    assert queue.pending() == 0
    assert take(settings) == []


def test_a_worker_that_told_of_itself_is_seen_by_others_until_it_says_goodbye(
    settings: Settings, queue: MessageQueue
) -> None:
    early = WorkerSeen("a:1", NOON - timedelta(hours=1), {"network": "namespace"})
    late = WorkerSeen("b:2", NOON, {"network": "none: no kernel for it"})
    other = open_queue(settings)
    for worker in (early, late):
        other.tell(worker)
    assert queue.workers() == [late, early]
    other.forget_workers(NOON - timedelta(minutes=1))
    assert queue.workers() == [late]
    other.dismiss("b:2")
    assert queue.workers() == []
    other.close()


def test_many_processes_may_make_the_tables_of_a_new_queue_at_once(settings: Settings) -> None:
    def wake(run: int) -> None:
        opened = open_queue(settings)
        opened.wake(run)
        opened.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(wake, range(8)))
    assert sorted(take(settings)) == list(range(8))


def test_messages_are_json_so_that_who_writes_into_the_queue_runs_no_code(
    settings: Settings, tmp_path: Path
) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "ran",)

    huey = make_huey(settings)
    huey.storage.enqueue(pickle.dumps(Evil()))
    with pytest.raises((ValueError, UnicodeDecodeError)):
        huey.dequeue()
    assert not (tmp_path / "ran").exists()
    score_task(huey, print)(7)
    assert json.loads(bytes(huey.storage.dequeue()))[6] == [7]
    huey.storage.close()


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:1/0", "postgresql://nobody@127.0.0.1:1/x", "sqlite:////dev/null/queue.sqlite"]
)
def test_a_queue_that_does_not_answer_is_opened_and_then_says_so(tmp_path: Path, url: str) -> None:
    queue = open_queue(settings_for(tmp_path, url))
    for ask in (queue.ping, lambda: queue.wake(1), queue.workers):
        with pytest.raises(Unavailable, match=r"the queue does not answer: .*; try again later"):
            ask()


@pytest.mark.parametrize("url", ["amqp://localhost", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_an_address_of_no_queue_is_refused_with_those_allowed(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match=r"OCEANBENCH_QUEUE_URL.*give sqlite:///FILE, redis://"):
        open_queue(settings_for(tmp_path, url))


def test_who_only_wakes_cannot_do_the_work(tmp_path: Path) -> None:
    huey = make_huey(settings_for(tmp_path))
    with pytest.raises(RuntimeError, match="start oceanbench worker"):
        score_task(huey).call_local(1)


def test_a_redis_that_was_away_is_used_again_when_it_is_back(engines: Any, tmp_path: Path) -> None:
    queue = open_queue(settings_for(tmp_path, engines.redis_url()))
    queue.wake(1)
    engines.redis.kill()
    try:
        with pytest.raises(Unavailable, match="the queue does not answer"):
            queue.wake(2)
    finally:
        engines.redis.start()
    queue.wake(3)
    assert queue.pending() == 2
    queue.close()


def test_to_wake_a_worker_nothing_is_imported_that_reads_maps() -> None:
    code = (
        "import sys\n"
        "from oceanbench_leaderboard.queue import open_queue\n"
        "import oceanbench_leaderboard.queue.messages\n"
        "print(*(name for name in ('numpy', 'xarray', 'h5py', 'netCDF4', 'scipy') if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
