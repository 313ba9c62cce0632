"""Submissions to a service whose processes are killed at random moments: is any lost, is any scored twice?

    python benchmarks/service_reliability.py [--submissions 200] [--engines embedded|postgres] [--seed 1]
        [--workers 2] [--every 12] [--attempts 10] [--lease 30] [--keep FOLDER]

Starts ``oceanbench serve --no-worker`` and some ``oceanbench worker``, on SQLite and a folder or on
PostgreSQL, Redis and an S3 server, and sends small maps of a toy challenge by HTTP as a stubborn client does:
it goes on until each is accepted. Meanwhile SIGKILL ends the web process, a worker, or (not on SQLite, which
has none) the database or the queue, at moments drawn from the seed, and each is started again a little later.
It goes on until every submission has come to its end. Then it fails unless each that was accepted is there,
has one run, one result and one line "scored" in its history, a report and a row on the board. ``--attempts``
lifts the number of deaths of its worker that a run may outlive: here workers die for no fault of its.
"""

import argparse
import hashlib
import os
import platform
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from oceanbench_leaderboard.accounts import issue_token
from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.service import Service, open_service
from oceanbench_leaderboard.settings import Settings
from oceanbench_leaderboard.store import FINISHED, Event, Result, Run, Submission
from tests.engines import Engines, start_engines
from tests.toy_sea import map_of, write_world

PER_TEAM = 10
SENDERS = 4
COMMAND = (sys.executable, "-c", "from oceanbench.cli import main; main()")


@dataclass
class Program:
    """A command of ours that is started, killed and started again."""

    name: str
    words: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; whether it answers is for those to find out who need it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, *self.words], env=dict(self.environment), stdout=log, stderr=log
            )

    def kill(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """End it in order."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        self.kill()


@dataclass
class Server:
    """PostgreSQL or Redis, which are started by the test suite's own means."""

    name: str
    engine: Any

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.engine.start()

    def kill(self) -> None:
        """End it at once."""
        self.engine.kill()


@dataclass
class Killer:
    """Kills one of several at random moments, and starts it again, until told to stop."""

    victims: Sequence[Program | Server]
    chance: random.Random
    every: float
    kills: Counter[str] = field(default_factory=Counter)
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Kill and start again."""
        while not self.stopped.wait(self.chance.uniform(0.2, 1.8) * self.every):
            victim = self.chance.choice(self.victims)
            victim.kill()
            self.kills[victim.name] += 1
            time.sleep(self.chance.uniform(0.0, 2.0))
            victim.start()


@dataclass
class Sender:
    """A client that sends a map until it is accepted, whatever happens on the way."""

    url: str
    tokens: Sequence[str]
    troubles: Counter[str] = field(default_factory=Counter)

    def send(self, number: int, data: bytes) -> str:
        """Give the id of the submission, once the service told it."""
        sha256 = hashlib.sha256(data).hexdigest()
        headers = {"Authorization": f"Bearer {self.tokens[number // PER_TEAM]}"}
        entry = {"challenge": "toy", "track": "all", "sha256": sha256, "card": {"method": f"map {number}"}}
        with httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=60) as client:
            while True:
                try:
                    if (answer := self._try(client, sha256, data, entry)) is not None:
                        return answer
                except httpx.TransportError as error:
                    self.troubles[type(error).__name__] += 1
                time.sleep(0.5)

    def _try(self, client: httpx.Client, sha256: str, data: bytes, entry: dict[str, Any]) -> str | None:
        put = client.put(f"/uploads/{sha256}", content=data)
        if put.status_code not in (200, 201, 409):
            self._wait(put)
            return None
        post = client.post("/submissions", json=entry)
        if post.status_code not in (200, 202):
            self._wait(post)
            return None
        return str(post.json()["id"])

    def _wait(self, answer: httpx.Response) -> None:
        if answer.status_code not in (409, 429, 502, 503):
            raise RuntimeError(f"{answer.status_code}: {answer.text}")
        self.troubles[str(answer.status_code)] += 1
        time.sleep(min(float(answer.headers.get("Retry-After", 0)), 5.0))


def maps(count: int) -> Iterator[bytes]:
    """Give that many maps of the toy, each with other values."""
    one = map_of(0.05)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.nc"
        for number in range(count):
            (one + 1e-4 * number).assign(
                {"ssh": (one.ssh + 1e-4 * number).assign_attrs(units="m")}
            ).to_netcdf(path)
            yield path.read_bytes()


def send_all(sender: Sender, count: int) -> list[str]:
    """Send that many maps from several clients at once, and give the ids."""
    with ThreadPoolExecutor(SENDERS) as pool:
        return list(pool.map(sender.send, range(count), maps(count)))


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment_for(folder: Path, engines: Engines | None, arguments: argparse.Namespace) -> dict[str, str]:
    """Give what the processes of the service read."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OCEANBENCH_")}
    own = {
        "OCEANBENCH_PATH": str(write_world(folder / "world")),
        "OCEANBENCH_DATA": str(folder / "nothing"),
        "OCEANBENCH_SCORES": str(folder / "scores"),
        "OCEANBENCH_SERVICE": str(folder / "service"),
        "OCEANBENCH_LIMIT_ATTEMPTS": str(arguments.attempts),
        "OCEANBENCH_LIMIT_LEASE_SECONDS": str(arguments.lease),
        "OMP_NUM_THREADS": "1",
    }
    if engines is not None:
        own |= engines.s3_environment() | {
            "OCEANBENCH_DATABASE_URL": engines.postgres.new_database(),
            "OCEANBENCH_QUEUE_URL": engines.redis_url(),
            "OCEANBENCH_STORE": engines.new_bucket(),
        }
    return kept | own


def programs_for(folder: Path, environment: Mapping[str, str], workers: int) -> tuple[str, list[Program]]:
    """Give the address of the web process, and all processes of the service."""
    port = free_port()
    web = Program("web", ["serve", "--no-worker", "--port", str(port)], environment, folder / "web.log")
    others = [Program("worker", ["worker"], environment, folder / f"worker{i}.log") for i in range(workers)]
    return f"http://127.0.0.1:{port}", [web, *others]


def unfinished(service: Service) -> int:
    """Count the runs that have not come to their end; all, where the database is away."""
    with suppress(Unavailable), service.database.transaction(read_only=True) as session:
        wanted = select(func.count()).select_from(Run).where(Run.state.not_in(FINISHED))
        return session.scalar(wanted) or 0
    return -1


def wait_for_the_end(service: Service, seconds: float) -> None:
    """Wait until every run has come to its end.

    Raises
    ------
    TimeoutError
        If one has not for so long.
    """
    end = time.monotonic() + seconds
    while (left := unfinished(service)) != 0:
        if time.monotonic() > end:
            raise TimeoutError(f"{left} runs have not come to their end after {seconds} s")
        time.sleep(1)


def complaints(service: Service, accepted: Sequence[str]) -> list[str]:
    """Say what was lost, or done twice; nothing, if all is well."""
    with service.database.transaction(read_only=True) as session:
        known = set(session.scalars(select(Submission.id)))
        runs = {run.submission_id: run for run in session.scalars(select(Run))}
        counts = Counter(session.scalars(select(Run.submission_id)))
        results = Counter(session.scalars(select(Result.run_id)))
        told = Counter(session.scalars(select(Event.run_id).where(Event.what == "scored")))
    found = [f"{key} was accepted and is lost" for key in set(accepted) - known]
    found += [f"{key} is there and nobody was told so" for key in known - set(accepted)]
    for key in sorted(known):
        run = runs[key]
        numbers = (counts[key], results[run.id], told[run.id])
        if run.state != "scored" or numbers != (1, 1, 1):
            found.append(f"{key}: {run.state} {run.reason}; runs, results, times scored: {numbers}")
        elif f"{run.folder}/report/index.html" not in service.files.keys(f"runs/{run.id}"):
            found.append(f"{key}: no report")
    return found


def rows_on_the_board(url: str) -> int:
    """Count the rows that were scored here."""
    rows: list[dict[str, Any]] = []
    while True:
        asked: dict[str, str | int] = {"track": "all", "show": "all", "limit": 100, "offset": len(rows)}
        page = httpx.get(f"{url}/api/v1/challenges/toy/board", params=asked, timeout=60).json()["rows"]
        rows += page
        if not page:
            return sum(row["provenance"] == "scored here" for row in rows)


def wait_for_board(url: str, count: int) -> int:
    """Wait until the board has so many rows; the sweep makes it anew where a worker was killed before."""
    end = time.monotonic() + 120
    rows = -1
    while rows != count and time.monotonic() < end:
        with suppress(httpx.TransportError, KeyError):
            rows = rows_on_the_board(url)
        time.sleep(1)
    return rows


@contextmanager
def in_environment(environment: Mapping[str, str]) -> Iterator[None]:
    """Let this process see what those of the service see."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def report(service: Service, killer: Killer, sender: Sender, seconds: float, count: int) -> None:
    """Print the figures."""
    with service.database.transaction(read_only=True) as session:
        attempts = Counter(session.scalars(select(Run.attempts)))
        events = Counter(session.scalars(select(Event.what)))
    killed = ", ".join(f"{name} {times}" for name, times in sorted(killer.kills.items()))
    print(f"{count} submissions in {seconds:.0f} s; killed: {killed or 'nothing'}")
    print(f"attempts: {dict(sorted(attempts.items()))}; events: {dict(sorted(events.items()))}")
    print(f"troubles of the clients: {dict(sorted(sender.troubles.items()))}")


def measure(folder: Path, engines: Engines | None, arguments: argparse.Namespace) -> list[str]:
    """Run it all below a folder, and give the complaints."""
    environment = environment_for(folder, engines, arguments)
    url, programs = programs_for(folder, environment, arguments.workers)
    servers = [Server("postgres", engines.postgres), Server("redis", engines.redis)] if engines else []
    with in_environment(environment):
        service = open_service(Settings.from_environment())
        teams = -(-arguments.submissions // PER_TEAM)
        tokens = [issue_token(service, f"Team {i}").secret for i in range(teams)]
        sender = Sender(url, tokens)
        killer = Killer([*programs, *servers], random.Random(arguments.seed), arguments.every)
        hunt = threading.Thread(target=killer.run)
        began = time.monotonic()
        try:
            for program in programs:
                program.start()
            hunt.start()
            with ThreadPoolExecutor(SENDERS) as pool:
                accepted = list(
                    pool.map(sender.send, range(arguments.submissions), maps(arguments.submissions))
                )
            wait_for_the_end(service, arguments.patience)
            seconds = time.monotonic() - began
            killer.stopped.set()
            hunt.join()
            found = complaints(service, accepted)
            if (rows := wait_for_board(url, arguments.submissions)) != arguments.submissions:
                found.append(f"the board has {rows} rows")
            report(service, killer, sender, seconds, arguments.submissions)
        finally:
            killer.stopped.set()
            if hunt.is_alive():
                hunt.join()
            for program in programs:
                program.stop()
            service.close()
    return found


def read_arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--engines", choices=["embedded", "postgres"], default="embedded")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=float, default=12.0, help="mean seconds between two kills")
    parser.add_argument("--attempts", type=int, default=10)
    parser.add_argument("--lease", type=float, default=30.0)
    parser.add_argument("--patience", type=float, default=7200.0, help="seconds after which it gives up")
    parser.add_argument("--keep", type=Path, help="folder for logs and data, kept")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, and tell by the exit status whether all is well."""
    arguments = read_arguments(words)
    place = nullcontext(arguments.keep) if arguments.keep else tempfile.TemporaryDirectory()
    with place as name:
        folder = Path(name).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        servers = start_engines(folder / "engines") if arguments.engines == "postgres" else nullcontext()
        with servers as engines:
            found = measure(folder, engines, arguments)
    print(f"{platform.machine()}, {os.cpu_count()} cores, engines: {arguments.engines}")
    print("\n".join(found) or "none lost, none scored twice")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
