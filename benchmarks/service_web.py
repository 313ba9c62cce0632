"""Memory of the web process under uploads, and how soon it shows a board.

    python benchmarks/service_web.py uploads [--number 50] [--megabytes 200]
    python benchmarks/service_web.py board [--submissions 10000] [--clients 20] [--requests 2000]

Both start ``oceanbench serve`` as a process of its own, without a worker, in a new folder, and talk to it
over sockets of this machine. Uploads are sent whole, all at once, each by a team of its own; the peak of the
resident memory is what the kernel has seen of the web process. The board has made-up submissions straight
from the database; each client asks again as soon as it has its answer, so that the server is never idle.
"""

import argparse
import hashlib
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import quote, urlsplit

from ranking import CHALLENGE, TRACK, fill, open_bare

from oceanbench_leaderboard import ranking
from oceanbench_leaderboard.accounts import issue_token

_BLOCK = os.urandom(1 << 20)
_MANY = {
    "OCEANBENCH_WEB_REQUESTS_PER_MINUTE": "10000000",
    "OCEANBENCH_WEB_CONNECTIONS_PER_ADDRESS": "1000",
    "OMP_NUM_THREADS": "1",
}


@dataclass(frozen=True)
class Web:
    """A web process, and where it listens."""

    process: int
    host: str
    port: int

    def memory(self, name: str) -> float:
        """Give ``VmHWM`` (the peak) or ``VmRSS`` (now) of the process, in MB."""
        for line in Path(f"/proc/{self.process}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024 / 1e6
        raise LookupError(f"the kernel tells no {name} of process {self.process}")

    def worked(self) -> float:
        """Give the processor seconds that the process has used."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def connect(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection((self.host, self.port), timeout=600)


@contextmanager
def serve(folder: Path) -> Iterator[Web]:
    """Run ``oceanbench serve`` on a folder."""
    program = Path(sys.executable).with_name("oceanbench")
    command = [str(program), "serve", "--port", "0", "--data", str(folder), "--no-worker"]
    environment = {**os.environ, **_MANY, "PYTHONUNBUFFERED": "1"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment, text=True)
    try:
        said = process.stdout.readline() if process.stdout else ""
        if not said:
            raise RuntimeError(f"serve did not start: {(folder / 'log').read_text()[-2000:]}")
        address = urlsplit(said.split()[-1])
        web = Web(process.pid, str(address.hostname), int(address.port or 0))
        _wait_until_it_answers(web)
        yield web
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_until_it_answers(web: Web) -> None:
    for _ in range(600):
        try:
            with web.connect() as connection:
                if ask(connection, "/api/v1/health")[0] == 200:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the web process does not answer; see its log")


def ask(connection: socket.socket, path: str) -> tuple[int, int]:
    """Get a path; give the status and the number of bytes of the body."""
    words = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n\r\n"
    connection.sendall(words.encode())
    return _read(connection)


def _read(connection: socket.socket) -> tuple[int, int]:
    got = b""
    while b"\r\n\r\n" not in got:
        part = connection.recv(1 << 18)
        if not part:
            raise ConnectionError("the server closed the connection before it answered")
        got += part
    head, _, body = got.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length:"))
    left = length - len(body)
    while left > 0:
        left -= len(connection.recv(1 << 18))
    return int(lines[0].split()[1]), length


def together(number: int, what: Callable[[int], None]) -> float:
    """Do something in so many threads at once; give the seconds until the last has ended."""
    failed: list[BaseException] = []
    barrier = threading.Barrier(number + 1)

    def run(index: int) -> None:
        barrier.wait()
        try:
            what(index)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    barrier.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return time.perf_counter() - begun


def measure_uploads(number: int, megabytes: int, folder: Path) -> dict[str, Any]:
    """Send files all at once."""
    service = open_bare(folder, None)
    tokens = [issue_token(service, f"Team {index}").secret for index in range(number)]
    service.close()
    shared = hashlib.sha256(_BLOCK)
    for _ in range(megabytes - 2):
        shared.update(_BLOCK)
    with serve(folder) as web:
        before = web.memory("VmRSS")
        seconds = together(number, lambda index: _send(web, tokens[index], index, megabytes, shared))
        peak, after = web.memory("VmHWM"), web.memory("VmRSS")
        worked = web.worked()
    sent = number * megabytes * len(_BLOCK)
    return {
        "uploads": number,
        "megabytes_each": round(megabytes * len(_BLOCK) / 1e6, 1),
        "memory_before_mb": round(before, 1),
        "memory_peak_mb": round(peak, 1),
        "memory_after_mb": round(after, 1),
        "seconds": round(seconds, 1),
        "megabytes_per_second": round(sent / 1e6 / seconds, 1),
        "cpu_seconds_of_the_web_process": worked,
    }


def _send(web: Web, token: str, index: int, megabytes: int, shared: Any) -> None:
    """Send one file: the same blocks for all, and a last one of its own."""
    last = index.to_bytes(8, "little") * (len(_BLOCK) // 8)
    digest = shared.copy()
    digest.update(last)
    words = [
        f"PUT /api/v1/uploads/{digest.hexdigest()} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        f"Content-Length: {megabytes * len(_BLOCK)}",
    ]
    with web.connect() as connection:
        connection.sendall("\r\n".join([*words, "", ""]).encode())
        for _ in range(megabytes - 1):
            connection.sendall(_BLOCK)
        connection.sendall(last)
        status, _ = _read(connection)
    if status != 200:
        raise RuntimeError(f"upload {index} was answered {status}")


def measure_board(submissions: int, clients: int, requests: int, folder: Path) -> dict[str, Any]:
    """Ask for a board by many at once."""
    service = open_bare(folder, None)
    fill(service, submissions=submissions, teams=200)
    ranking.refresh(service, CHALLENGE)
    service.close()
    track = quote(TRACK)
    paths = {
        "page": f"/challenges/{CHALLENGE}?track={track}&show=all",
        "json": f"/api/v1/challenges/{CHALLENGE}/board?track={track}&show=all",
    }
    figures: dict[str, Any] = {"submissions": submissions, "clients": clients}
    with serve(folder) as web:
        for name, path in paths.items():
            figures[name] = _ask_often(web, path, clients, requests)
        figures["memory_peak_mb"] = round(web.memory("VmHWM"), 1)
    return figures


def _ask_often(web: Web, path: str, clients: int, requests: int) -> dict[str, float]:
    taken: list[float] = []

    def client(_: int) -> None:
        with web.connect() as connection:
            for _ in range(requests // clients):
                begun = time.perf_counter()
                status, _ = ask(connection, path)
                taken.append(time.perf_counter() - begun)
                if status != 200:
                    raise RuntimeError(f"{path} was answered {status}")

    with web.connect() as connection:
        begun = time.perf_counter()
        _, size = ask(connection, path)
        first = time.perf_counter() - begun
    worked = web.worked()
    seconds = together(clients, client)
    worked = web.worked() - worked
    return {
        "first_ms": round(1000 * first, 1),
        **_percentiles(taken),
        "requests_per_second": round(len(taken) / seconds, 1),
        "cpu_ms_per_request": round(1000 * worked / len(taken), 2),
        "bytes_packed": size,
    }


def _percentiles(taken: Sequence[float]) -> dict[str, float]:
    cuts = quantiles(taken, n=100)
    return {f"p{level}_ms": round(1000 * cuts[level - 1], 1) for level in (50, 95, 99)}


def main() -> None:
    """Measure, and print the figures as JSON."""
    shown = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shown)
    parser.add_argument("what", choices=["uploads", "board"])
    parser.add_argument("--number", type=int, default=50)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--submissions", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--requests", type=int, default=2000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.what == "uploads":
            figures = measure_uploads(given.number, given.megabytes, Path(folder))
        else:
            figures = measure_board(given.submissions, given.clients, given.requests, Path(folder))
    load = f"{os.getloadavg()[0]:.1f} of {os.cpu_count()} cores"
    print(json.dumps({"machine": platform.machine(), "load": load, **figures}, indent=1))


if __name__ == "__main__":
    main()
