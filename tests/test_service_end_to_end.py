"""From nothing to a row on the board: the commands of the README, each in a process of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.engines import Engines
from tests.toy_sea import write_map

_SECONDS = 120.0
_COMMAND = (sys.executable, "-c", "from oceanbench.cli import main; main()")
CARD = """
method = "noisy truth"
summary = "The truth and a smooth error."
inputs = ["model"]
"""

type Environment = Mapping[str, str]


def oceanbench(*words: str | Path, environment: Environment) -> subprocess.CompletedProcess[str]:
    command = [*_COMMAND, *map(str, words)]
    return subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=_SECONDS)


@contextmanager
def running(*words: str | Path, environment: Environment, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [*_COMMAND, *map(str, words)]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, env=dict(environment), stdout=stream, stderr=stream)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_SECONDS)


def address_in(log: Path) -> str:
    """Wait until the service says where it listens."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        found = re.search(r"http://127\.0\.0\.1:[1-9]\d*", log.read_text())
        if found and _is_ready(found.group()):
            return found.group()
        time.sleep(0.1)
    raise AssertionError(f"the service did not come up: {log.read_text()}")


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/v1/health", timeout=5).is_success
    except httpx.TransportError:
        return False


def submitted(path: Path, url: str, token: str, environment: Environment) -> dict[str, Any]:
    card = path.with_suffix(".toml")
    card.write_text(CARD)
    options = ["--challenge", "toy", "--track", "all", "--method-card", card, "--to", url, "--token", token]
    done = oceanbench("submit", path, *options, "--wait", "--json", environment=environment)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def new_token(team: str, data: Path, environment: Environment) -> str:
    done = oceanbench("admin", "token", team, "--data", data, environment=environment)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == 1
    return done.stdout.strip()


@pytest.fixture
def environment(toy_board: Path, tmp_path: Path) -> dict[str, str]:
    """What the processes of a test see: the toy challenge, and nothing of the user's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OCEANBENCH_")}
    own = {name: os.environ[name] for name in ("OCEANBENCH_PATH", "OCEANBENCH_DATA")}
    return {**kept, **own, "OCEANBENCH_SCORES": str(tmp_path / "scores"), "OMP_NUM_THREADS": "1"}


def test_a_map_that_is_submitted_stands_on_the_board_with_its_report_and_can_be_verified(
    environment: dict[str, str], tmp_path: Path
) -> None:
    data, log = tmp_path / "service", tmp_path / "serve.log"
    path = write_map(tmp_path / "my_map.nc", error_m=0.05)
    with running("serve", "--port", "0", "--data", data, environment=environment, log=log):
        url = address_in(log)
        token = new_token("Tide and Seek", data, environment)
        said = submitted(path, url, token, environment)
        assert said["state"] == "scored", said
        board = httpx.get(f"{url}/api/v1/challenges/toy/board", params={"track": "all"}).json()
        rows = [row for row in board["rows"] if row["provenance"] == "scored here"]
        assert [(row["rank"], row["method"], row["team"]) for row in rows] == [
            (1, "noisy truth", "Tide and Seek")
        ]
        page = httpx.get(f"{url}/challenges/toy", params={"track": "all"})
        assert "noisy truth" in page.text
        assert "Tide and Seek" in page.text
        report = httpx.get(f"{url}/api/v1/submissions/{said['id']}/report/index.html")
        assert report.is_success
        passport = httpx.get(f"{url}/api/v1/submissions/{said['id']}/passport")
        (tmp_path / "passport.json").write_bytes(passport.content)
        assert token not in log.read_text()
    verified = oceanbench("verify", tmp_path / "passport.json", path, environment=environment)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    other = write_map(tmp_path / "other.nc", error_m=0.06)
    assert oceanbench("verify", tmp_path / "passport.json", other, environment=environment).returncode == 1


@pytest.mark.slow
def test_two_workers_on_postgresql_redis_and_s3_score_what_is_submitted(
    environment: dict[str, str], engines: Engines, tmp_path: Path
) -> None:
    environment |= engines.s3_environment() | {
        "OCEANBENCH_DATABASE_URL": engines.postgres.new_database(),
        "OCEANBENCH_QUEUE_URL": engines.redis_url(),
        "OCEANBENCH_STORE": engines.new_bucket(),
    }
    maps = [write_map(tmp_path / f"map{n}.nc", error_m=0.05 + 0.05 * n, seed=n) for n in range(3)]
    with ExitStack() as stack:
        for name in ("one", "two"):
            log = tmp_path / f"{name}.log"
            stack.enter_context(
                running("worker", "--data", tmp_path / name, environment=environment, log=log)
            )
        log, data = tmp_path / "web.log", tmp_path / "web"
        words = ("serve", "--no-worker", "--port", "0", "--data", data)
        stack.enter_context(running(*words, environment=environment, log=log))
        url = address_in(log)
        token = new_token("Two Workers", data, environment)
        said = [submitted(path, url, token, environment) for path in maps]
        assert [one["state"] for one in said] == ["scored"] * 3
        query = {"track": "all", "show": "all"}
        board = httpx.get(f"{url}/api/v1/challenges/toy/board", params=query).json()
    assert [row["submission"] for row in board["rows"]] == [one["id"] for one in said]
