"""The client and the service, each as it is: what one sends the other takes, also across a restart."""

import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from click.testing import CliRunner
from fastapi import FastAPI

from oceanbench_leaderboard.accounts import issue_token
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.settings import Settings
from oceanbench_leaderboard.store import Submission, Upload
from oceanbench_web.app import create_app
from oceanbench_web.client import Connection, follow, sha256_of, upload
from oceanbench_web.client.command import submit
from oceanbench_web.serving import listening
from oceanbench_web.settings import WebSettings
from tests.toy_sea import write_map
from tests.web.api.calling import finish

BYTES = hashlib.shake_256(b"a map").digest(3_000_000)


@pytest.fixture
def service_settings(tmp_path: Path) -> Settings:
    """Settings of an embedded service."""
    return Settings.from_environment(tmp_path / "service", {})


@dataclass
class Server:
    """A server of an app on this machine that can be stopped and started again."""

    app: FastAPI
    port: int = 0
    thread: threading.Thread = field(default_factory=threading.Thread)
    running: uvicorn.Server | None = None

    def start(self) -> None:
        """Listen, on the same port as before."""
        socket = listening("127.0.0.1", self.port)
        self.port = socket.getsockname()[1]
        config = uvicorn.Config(
            self.app,
            log_config=None,
            access_log=False,
            ws="none",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self.running = server = uvicorn.Server(config)

        def run() -> None:
            with socket:
                server.run([socket])

        self.thread = threading.Thread(target=run)
        self.thread.start()
        while not server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        """End it, with what is under way."""
        if self.running is not None:
            self.running.should_exit = True
            self.running = None
            self.thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def server(service: Service, toy_board: Path) -> Iterator[Server]:
    """A running service that knows the challenge ``toy``."""
    server = Server(create_app(service, WebSettings()))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def token(service: Service) -> str:
    return issue_token(service, "Tides").secret


def test_a_restart_of_the_service_in_the_middle_of_an_upload_costs_no_byte_that_was_safe(
    server: Server, token: str, tmp_path: Path
) -> None:
    path = tmp_path / "map.nc"
    path.write_bytes(BYTES)
    restarted: list[float] = []

    def restart_once(stage: str, done: float) -> None:
        if stage == "sending" and done >= 0.5 and not restarted:
            restarted.append(done)
            server.stop()
            server.start()

    with Connection(server.url, token) as connection:
        digest = sha256_of(path)
        upload(connection, path, digest, restart_once, piece=500_000)
        state = connection.ask("GET", f"/uploads/{digest}")
    assert restarted
    assert state == {"sha256": digest, "size": len(BYTES), "offset": len(BYTES), "complete": True}


def test_the_same_file_is_sent_once(server: Server, token: str, tmp_path: Path) -> None:
    path = tmp_path / "map.nc"
    path.write_bytes(BYTES)
    with Connection(server.url, token) as connection:
        upload(connection, path, sha256_of(path))
        sent: list[float] = []
        upload(connection, path, sha256_of(path), lambda _, done: sent.append(done))
    assert sent == [1.0]


def test_the_command_enters_a_map_that_the_service_takes(
    server: Server, service: Service, token: str, tmp_path: Path
) -> None:
    path = write_map(tmp_path / "my_map.nc")
    words = ["--challenge", "toy", "--track", "half", "--method", "waves"]
    done = CliRunner().invoke(submit, [str(path), *words, "--to", server.url, "--token", token])
    assert done.exit_code == 0, done.output
    last = done.stdout.strip().splitlines()[-1]  # the service of this process logs there too
    key, _, address = last.partition(": ")
    assert address == f"{server.url}/submissions/{key}"
    with service.database.transaction(read_only=True) as session:
        submission = session.get_one(Submission, key)
        assert (submission.track, submission.method, submission.file_name) == ("half", "waves", "my_map.nc")
        assert submission.sha256 == sha256_of(path)
    finish(service, key, 0.9)
    with Connection(server.url, token) as connection:
        assert follow(connection, key)["scores"]["official"]["mu"] == 0.9


def test_an_unknown_challenge_is_refused_in_the_words_of_the_service(
    server: Server, token: str, tmp_path: Path
) -> None:
    (tmp_path / "map.nc").write_bytes(b"a map")
    words = ["--challenge", "nothing", "--track", "all", "--method", "waves", "--no-check"]
    done = CliRunner().invoke(
        submit, [str(tmp_path / "map.nc"), *words, "--to", server.url, "--token", token]
    )
    assert done.exit_code == 1
    assert "there is no challenge of that name" in str(done.exception)


def test_nothing_is_sent_to_a_challenge_that_is_closed(
    server: Server,
    service: Service,
    token: str,
    tmp_path: Path,
    toy_board: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = tmp_path / "world" / "toy"
    world.mkdir(parents=True)
    definition = (toy_board.parents[1] / "challenge.toml").read_text()
    (world / "challenge.toml").write_text(f"{definition}\n[competition]\ncloses = 2020-01-01T00:00:00Z\n")
    monkeypatch.setenv("OCEANBENCH_PATH", str(world.parent))
    (tmp_path / "map.nc").write_bytes(b"a map")
    words = ["--challenge", "toy", "--track", "all", "--method", "waves", "--no-check"]
    done = CliRunner().invoke(
        submit, [str(tmp_path / "map.nc"), *words, "--to", server.url, "--token", token]
    )
    assert "toy takes no submissions: it closed at 2020-01-01 00:00 UTC; nothing was sent" in str(
        done.exception
    )
    with service.database.transaction(read_only=True) as session:
        assert session.query(Upload).count() == 0
