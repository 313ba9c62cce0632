"""Real engines for tests: PostgreSQL, Redis and an S3 server, started on this machine and ended with it.

Each is started once for a run of the tests, below one folder, on ports and sockets of its own. They keep what
they were told when they are killed; a loss of power they need not survive, which would make them wait for
the disk.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Engines", "Postgres", "RedisServer", "missing_engines", "start_engines"]

_SECONDS = 60.0
_KEY = "testing"


@dataclass
class Postgres:
    """A PostgreSQL cluster in ``folder``; it never runs as root, which the server refuses."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    template: str = ""

    def create(self) -> None:
        """Make the cluster."""
        self.folder.mkdir(parents=True)
        owner = _unprivileged()
        if owner is not None:
            os.chown(self.folder, *owner)
        command = [
            _binary("initdb"),
            "-D",
            str(self.folder / "cluster"),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-N",
        ]
        subprocess.run([*command, "-E", "UTF8"], check=True, capture_output=True, **_as(owner))

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "shared_buffers": "32MB",
            "fsync": "off",
            "autovacuum": "off",
        }
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [_binary("postgres"), "-D", str(self.folder / "cluster"), *flags]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, **_as(_unprivileged())
            )
        _wait_for(self._answers, self.process, self.folder / "log")

    def kill(self) -> None:
        """End the server and all its children at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """End the server at once, but in order: what it holds is written down nowhere any more."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(_SECONDS)

    def new_database(self, *, migrated: bool = False) -> str:
        """Make a database, and give its address: empty, or with the tables of the service."""
        return self._url(self._copy(self._template() if migrated else "template1"))

    def _template(self) -> str:
        """Give the database whose tables the others are copied from; they are made only once."""
        from oceanbench_leaderboard.store import Database

        if not self.template:
            name = self._copy("template1")
            database = Database(self._url(name))
            database.create()
            database.close()  # nothing can be copied while somebody is in it
            self.template = name
        return self.template

    def _copy(self, template: str) -> str:
        import psycopg

        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name} template {template}".encode())
        return name

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def _address(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}?connect_timeout=5"

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self._address("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True


@dataclass
class RedisServer:
    """A Redis server that keeps what it is told, so that it can be killed and started again."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        flags = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", ""]
        kept = ["--appendonly", "yes", "--appendfsync", "no", "--databases", "512"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [_binary("redis-server"), *flags, *kept], stdout=log, stderr=log, start_new_session=True
            )
        _wait_for(self._answers, self.process, self.folder / "log")

    def kill(self) -> None:
        """End the server at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    stop = kill

    def address(self, number: int) -> str:
        """Give the address of one of its databases."""
        return f"redis://127.0.0.1:{self.port}/{number}"

    def _answers(self) -> bool:
        import redis

        client = redis.Redis(port=self.port, socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False
        finally:
            client.close()


@dataclass
class Engines:
    """The three servers; the S3 server listens at ``s3_address``."""

    postgres: Postgres
    redis: RedisServer
    s3_address: str
    handed_out: int = 0
    bucket: str = ""

    def redis_url(self) -> str:
        """Give the address of a Redis database that no other test uses."""
        self.handed_out += 1
        return self.redis.address(self.handed_out % 512)

    def new_bucket(self) -> str:
        """Give the address of an empty place in a bucket; ``s3_environment`` says how to reach it."""
        if not self.bucket:
            self.bucket = self._make_bucket()
        return f"s3://{self.bucket}/{uuid.uuid4().hex}"

    def _make_bucket(self) -> str:
        import boto3

        name = f"b{uuid.uuid4().hex}"
        client = boto3.client(
            "s3",
            endpoint_url=self.s3_address,
            aws_access_key_id=_KEY,
            aws_secret_access_key=_KEY,
            region_name="us-east-1",
        )
        client.create_bucket(Bucket=name)
        client.close()
        return name

    def s3_environment(self) -> dict[str, str]:
        """Give what a client of S3 reads from its environment."""
        return {
            "AWS_ENDPOINT_URL": self.s3_address,
            "AWS_ACCESS_KEY_ID": _KEY,
            "AWS_SECRET_ACCESS_KEY": _KEY,
            "AWS_DEFAULT_REGION": "us-east-1",
        }


def missing_engines() -> str:
    """Say what is missing on this machine, in words; empty where nothing is."""
    absent = [name for name in ("initdb", "postgres", "redis-server") if not _found(name)]
    return f"no {', '.join(absent)} on this machine; install PostgreSQL and Redis" if absent else ""


@contextmanager
def start_engines(folder: Path) -> Iterator[Engines]:
    """Start all servers; Redis and S3 keep their things below ``folder``. They end with the block."""
    redis = RedisServer(folder / "redis", _free_port())
    with _s3_server(folder) as s3_address, _open_folder() as opened:
        postgres = Postgres(opened / "postgres", _free_port())
        try:
            postgres.create()
            postgres.start()
            redis.start()
            yield Engines(postgres, redis, s3_address)
        finally:
            postgres.stop()
            redis.stop()


@contextmanager
def _open_folder() -> Iterator[Path]:
    """Give a folder that the owner of the cluster reaches, until the end of the block.

    Not one of pytest, which closes those above it whenever another run of the tests begins.
    """
    with tempfile.TemporaryDirectory(prefix="oceanbench-engines-", ignore_cleanup_errors=True) as name:
        _let_pass(Path(name))
        yield Path(name)


@contextmanager
def _s3_server(folder: Path) -> Iterator[str]:
    """Run moto's server in a process of its own: its threads would outlive a test that watches them."""
    import sys

    port = _free_port()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "s3.log").open("ab") as log:
        command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for(lambda: _listens(port), process, folder / "s3.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _let_pass(folder: Path) -> None:
    """Let the owner of the cluster reach it: folders of tests are closed to others."""
    if _unprivileged() is None:
        return
    for above in (folder, *folder.parents):
        if above.stat().st_uid == os.getuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)


@cache
def _unprivileged() -> tuple[int, int] | None:
    """Give the user and the group that PostgreSQL runs as where we are root; None where we are not."""
    import pwd

    if os.getuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return entry.pw_uid, entry.pw_gid


def _as(owner: tuple[int, int] | None) -> dict[str, object]:
    return {} if owner is None else {"user": owner[0], "group": owner[1], "extra_groups": [], "cwd": "/"}


def _found(name: str) -> str | None:
    """Find a program: on the path, or where Debian keeps those of PostgreSQL."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next(filter(None, (shutil.which(name, path=path) for path in (None, *map(str, homes)))), None)


def _binary(name: str) -> str:
    path = _found(name)
    if path is None:
        raise FileNotFoundError(f"there is no {name} on this machine; install it")
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_for(answers: object, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if callable(answers) and answers():
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not start: {log.read_text(errors='replace')[-2000:]}")
