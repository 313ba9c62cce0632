"""The command that serves: it says where, keeps its worker alive, and leaves nothing behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from oceanbench_web.serving import Supervisor, claimed, listening

COMMAND = [sys.executable, "-c", "from oceanbench.cli import main; main()"]
_SECONDS = 60.0


def until(true: Callable[[], bool], seconds: float = _SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def alive(process: int) -> bool:
    """Tell whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(process: int) -> list[int]:
    """Give the processes that a process has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@contextmanager
def serving(folder: Path, *words: str, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Run the command until the block ends, however it ends."""
    log = folder.with_suffix(".log")
    command = [*COMMAND, "serve", "--port", "0", "--data", str(folder), *words]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OCEANBENCH_")}
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, stdout=stream, stderr=stream, env={**kept, "OMP_NUM_THREADS": "1", **environment}
        )
    try:
        yield process, log
    finally:
        process.kill()
        process.wait()


def address(log: Path) -> str:
    pattern = re.compile(r"http://127\.0\.0\.1:[1-9]\d*")
    until(lambda: pattern.search(log.read_text()) is not None)
    found = pattern.search(log.read_text())
    assert found is not None
    return found.group()


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/v1/health", timeout=10).is_success
    except httpx.TransportError:
        return False


@pytest.mark.slow
def test_a_first_start_says_where_it_is_and_what_to_do_next(tmp_path: Path) -> None:
    folder = tmp_path / "service"
    with serving(folder, "--no-worker") as (process, log):
        url = address(log)
        until(lambda: answers(url))
        said = log.read_text()
        assert f"folder of the service: {folder}" in said
        assert f"oceanbench admin token 'MY TEAM' --data {folder}" in said
        assert f"oceanbench submit MAP.nc --to {url}" in said
        assert oct(folder.stat().st_mode & 0o777) == "0o700"
        process.send_signal(signal.SIGTERM)
        assert process.wait(_SECONDS) == 0
    assert not (folder / "serve.json").exists()


@pytest.mark.slow
def test_a_second_one_on_the_same_folder_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    folder = tmp_path / "service"
    with serving(folder, "--no-worker") as (first, log):
        url = address(log)
        command = [*COMMAND, "serve", "--port", "0", "--no-worker", "--data", str(folder)]
        second = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        assert second.returncode == 1
        assert f"is served already at {url} by process {first.pid}" in second.stderr
    with serving(folder, "--no-worker") as (_, log):  # the first was killed: its claim went with it
        until(lambda: answers(address(log)))


@pytest.mark.slow
def test_production_with_unsafe_settings_does_not_start(tmp_path: Path) -> None:
    with serving(tmp_path / "service", "--no-worker", OCEANBENCH_MODE="production") as (process, log):
        assert process.wait(_SECONDS) == 1
        assert "OCEANBENCH_SECRET_KEY is not set" in log.read_text()


@pytest.mark.slow
def test_a_worker_that_is_killed_is_started_again_and_ends_with_the_service(tmp_path: Path) -> None:
    with serving(tmp_path / "service") as (process, log):
        until(lambda: "worker started" in log.read_text())
        (worker,) = children(process.pid)
        os.kill(worker, signal.SIGKILL)
        until(lambda: log.read_text().count("worker started") == 2)
        assert "the worker ended by signal 9; another is started in 0.5 s" in log.read_text()
        (another,) = children(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(_SECONDS) == 0
        assert not alive(another)


@pytest.mark.slow
def test_a_worker_does_not_outlive_a_service_that_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path / "service") as (process, log):
        until(lambda: "worker started" in log.read_text())
        (worker,) = children(process.pid)
        process.kill()
        process.wait()
        until(lambda: not alive(worker), 30.0)


@pytest.mark.slow
def test_what_dies_at_once_is_started_less_and_less_often() -> None:
    told: list[str] = []
    with Supervisor(["no-such-command"], told.append, first_pause=0.01) as supervisor:
        until(lambda: len(told) >= 2)
        supervisor.end()
    assert told[0] == "the no-such-command ended with code 2; another is started in 0.01 s"
    assert told[1] == "the no-such-command ended with code 2; another is started in 0.02 s"
    process = supervisor.process
    assert process is not None
    assert process.poll() is not None


def test_a_folder_is_claimed_once(tmp_path: Path) -> None:
    with claimed(tmp_path, "http://127.0.0.1:1"):
        note = json.loads((tmp_path / "serve.json").read_text())
        assert note == {"process": os.getpid(), "address": "http://127.0.0.1:1"}
        with pytest.raises(ValueError, match=r"is served already at http://127\.0\.0\.1:1 by process"):
            claimed(tmp_path, "http://127.0.0.1:2").__enter__()
    with claimed(tmp_path, "http://127.0.0.1:2"):
        pass


def test_a_port_that_is_taken_is_told() -> None:
    with listening("127.0.0.1", 0) as server:
        port = server.getsockname()[1]
        with pytest.raises(OSError, match=rf"cannot listen on 127.0.0.1 port {port}.*--port 0"):
            listening("127.0.0.1", port)
