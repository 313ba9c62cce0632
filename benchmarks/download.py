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
from pathlib import Path
from statistics import median

import oceanbench.download.http  # noqa: F401  imported before the clock runs
from oceanbench.download import Artefact, Candidate, Lock, fetch

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


def timed(side: Callable[[str, Path], None], url: str, folder: Path) -> tuple[float, float]:
    """Wall and CPU seconds of one fetch into an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    wall, cpu = time.perf_counter(), cpu_seconds()
    side(url, folder)
    return time.perf_counter() - wall, cpu_seconds() - cpu


def cpu_seconds() -> float:
    """CPU seconds of this process and of those it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def write_random(path: Path, megabytes: int) -> None:
    """Write a file that does not compress."""
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(1_000_000))


def compare(url: str, folder: Path, source: Path, repeat: int) -> None:
    """Let both sides take turns, check what they fetched, print one line for each."""
    sides = {"curl": by_curl, "ours": by_ours}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for turn in range(repeat + 1):
        for name, side in sides.items():
            seconds = timed(side, url, folder)
            if turn:
                taken[name].append(seconds)
            else:
                subprocess.run(["cmp", folder / "file.nc", source], check=True)
    walls = {name: median(wall for wall, _ in times) for name, times in taken.items()}
    for name, times in taken.items():
        spread = f"{min(wall for wall, _ in times):.2f} to {max(wall for wall, _ in times):.2f}"
        cpu = median(cpu for _, cpu in times)
        print(f"{name}  {walls[name]:.2f} s wall (median of {repeat}, {spread}), {cpu:.2f} s CPU")
    fastest = {name: min(wall for wall, _ in times) for name, times in taken.items()}
    best = fastest["ours"] / fastest["curl"]
    print(f"ratio {walls['ours'] / walls['curl']:.2f} of the medians, {best:.2f} of the fastest")


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
                compare(f"http://127.0.0.1:{port}/file.nc", Path(folder) / "into", source, options.repeat)
            finally:
                server.kill()
    return None


if __name__ == "__main__":
    main()
