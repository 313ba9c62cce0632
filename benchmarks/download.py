"""Seconds to fetch one large file from a server on this machine, by curl and by ours, in one run.

    python benchmarks/download.py [--megabytes 1000] [--repeat 7]

The server is a process of its own and sends with ``sendfile``, so that it is never the slowest. The sides
take turns, each writes the file to the same disk, and a first round is not counted. Ours also digests every
byte (SHA-256) and records the file in the lock, neither of which curl does; the time to start Python and to
import is left out.
"""

import argparse
import os
import platform
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import oceanbench.download.http  # noqa: F401  imported before the clock runs
from oceanbench.download import Artefact, Candidate, Lock, fetch

CALM = 0.15  # cores that others may take in a run that is called calm
_HEAD = b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: "one"\r\nConnection: close\r\n\r\n'


def serve(path: Path) -> None:
    """Print a port, then send the file to everybody who asks there."""
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=send, args=(listening.accept()[0], path), daemon=True).start()


def send(connection: socket.socket, path: Path) -> None:
    """Answer one request, whatever it asks for."""
    with connection, path.open("rb") as file:
        connection.recv(1 << 16)
        connection.sendall(_HEAD % path.stat().st_size)
        connection.sendfile(file)


def by_curl(url: str, folder: Path) -> None:
    """Fetch by the program ``curl``."""
    subprocess.run(["curl", "--silent", "--fail", "--output", folder / "file.nc", url], check=True)


def by_ours(url: str, folder: Path) -> None:
    """Fetch by the library."""
    fetch([Artefact("file.nc", folder / "file.nc", (Candidate(url, "here"),))], lock=Lock(folder))


@dataclass(frozen=True)
class Run:
    """Wall and CPU seconds of one fetch, and the cores that other processes took meanwhile."""

    wall: float
    cpu: float
    others: float


def timed(side: Callable[[str, Path], None], url: str, folder: Path, server: int) -> Run:
    """Fetch once into an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    wall, cpu, known, all_busy = time.perf_counter(), own_seconds(), server_seconds(server), busy_seconds()
    side(url, folder)
    wall, cpu = time.perf_counter() - wall, own_seconds() - cpu
    others = busy_seconds() - all_busy - cpu - (server_seconds(server) - known)
    return Run(wall, cpu, others / wall)


def own_seconds() -> float:
    """CPU seconds of this process and of those it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def server_seconds(process: int) -> float:
    """CPU seconds of the server so far (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def busy_seconds() -> float:
    """CPU seconds of the whole machine so far (Linux)."""
    user, nice, system, _, _, interrupts, soft, stolen = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + interrupts + soft + stolen) / os.sysconf("SC_CLK_TCK")


def write_random(path: Path, megabytes: int) -> None:
    """Write a file that does not compress."""
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(1_000_000))


def compare(url: str, folder: Path, source: Path, repeat: int, server: int) -> None:
    """Let both sides take turns, check what they fetched, print one line for each and the ratios."""
    sides = {"curl": by_curl, "ours": by_ours}
    runs: dict[str, list[Run]] = {name: [] for name in sides}
    for turn in range(repeat + 1):
        for name, side in sides.items():
            run = timed(side, url, folder, server)
            if turn:
                runs[name].append(run)
            else:
                subprocess.run(["cmp", folder / "file.nc", source], check=True)
    report("all runs", runs)
    calm = {name: [run for run in some if run.others < CALM] for name, some in runs.items()}
    if min(map(len, calm.values())) >= 3:
        report(f"runs in which others took less than {CALM:g} cores", calm)


def report(what: str, runs: dict[str, list[Run]]) -> None:
    """Print the medians of each side and their ratio."""
    print(what)
    for name, some in runs.items():
        walls = [run.wall for run in some]
        spread = f"{len(some)}, {min(walls):.2f} to {max(walls):.2f}"
        cpu, others = median(run.cpu for run in some), median(run.others for run in some)
        print(f"  {name}  {median(walls):.2f} s wall ({spread}), {cpu:.2f} s CPU, others {others:.2f} cores")
    ours, curl = (median(run.wall for run in runs[name]) for name in ("ours", "curl"))
    print(f"  ratio {ours / curl:.2f}")


def main() -> None:
    """Make the file, start the server, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options.serve)
    curl = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    print(f"{options.megabytes} MB, {os.cpu_count()} cores, curl {curl}, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        write_random(source, options.megabytes)
        command = [sys.executable, __file__, "--serve", str(source)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                port = int(server.stdout.readline()) if server.stdout else 0
                compare(
                    f"http://127.0.0.1:{port}/file.nc",
                    Path(folder) / "into",
                    source,
                    options.repeat,
                    server.pid,
                )
            finally:
                server.kill()
    return None


if __name__ == "__main__":
    main()
