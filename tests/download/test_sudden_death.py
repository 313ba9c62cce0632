"""Processes that are killed, and processes that want the same file at the same time."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oceanbench.download import Artefact, Candidate, Lock, fetch

# Everything is imported once; each line of the input then starts a process that fetches one file, and says
# after how many seconds it is killed ("never": it may finish).
_NURSERY = """
import os, signal, sys, time
from pathlib import Path
from oceanbench.download import Artefact, Candidate, Lock, fetch
import oceanbench.download.anywhere, oceanbench.download.http
url, folder = sys.argv[1], Path(sys.argv[2])
artefact = Artefact("x.nc", folder / "x.nc", (Candidate(url, "here"),))
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        outcome = fetch([artefact], lock=Lock(folder))[0]
        print("done", outcome.how, outcome.resumed_at, flush=True)
        os._exit(0)
    print("born", child, flush=True)
    if line.strip() != "never":
        time.sleep(float(line))
        os.kill(child, signal.SIGKILL)  # it is ours until it is waited for: no other process has its number
    status = os.waitpid(child, 0)[1]
    print("dead", status, flush=True)
"""


class Nursery:
    """Starts processes that fetch, one after the other."""

    def __init__(self, url: str, folder: Path) -> None:
        command = [sys.executable, "-c", _NURSERY, url, str(folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self, killed_after: float | None = None) -> int:
        """Start one and give its number."""
        assert self._process.stdin
        self._process.stdin.write("never\n" if killed_after is None else f"{killed_after}\n")
        self._process.stdin.flush()
        return int(self.line().split()[1])

    def line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()

    def end(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()


@pytest.fixture
def nursery() -> Iterator[Callable[[str, Path], Nursery]]:
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    nurseries: list[Nursery] = []

    def make(url: str, folder: Path) -> Nursery:
        nurseries.append(Nursery(url, folder))
        return nurseries[-1]

    yield make
    for one in nurseries:
        one.end()


@pytest.mark.parametrize(
    ("kills", "named"),
    [
        pytest.param(5, True, id="5, version named"),
        pytest.param(3, False, id="3, no version"),
        pytest.param(50, True, id="50, version named", marks=pytest.mark.slow),
        pytest.param(25, False, id="25, no version", marks=pytest.mark.slow),
    ],
)
def test_killed_at_random_moments_a_download_is_right_in_the_end(server, tmp_path, nursery, kills, named):
    """No moment leaves anything but a true beginning, and what is left is used where its version is named."""
    body = random.Random(9).randbytes(400_000)
    url = server.add("/x.nc", body, etag='"v1"' if named else None, seconds_per_block=0.006)
    target, rng = tmp_path / "x.nc", random.Random(kills)
    process = nursery(url, tmp_path)
    killed = 0
    while killed < kills:
        process.start(killed_after=rng.uniform(0.0, 0.4))
        while (line := process.line().split())[0] != "dead":
            assert target.read_bytes() == body  # it was faster
        killed += int(line[1]) == signal.SIGKILL
        _assert_true_beginning(tmp_path, body)
        if target.exists() and rng.random() < 0.8:
            target.unlink()
    if not target.exists():
        process.start()
        assert process.line().startswith("done")
        process.line()
    assert target.read_bytes() == body
    assert Lock(tmp_path).check(target, deep=True) == "ok"
    assert any(server.ranges()) or not named


def _assert_true_beginning(folder: Path, body: bytes) -> None:
    part, target = folder / "x.nc.part", folder / "x.nc"
    assert not target.exists() or target.read_bytes() == body
    assert not part.exists() or body.startswith(part.read_bytes())
    if (folder / "oceanbench-lock.json").exists():
        json.loads((folder / "oceanbench-lock.json").read_text())


_INTERRUPTED = """
import sys
from pathlib import Path
from oceanbench.download import Artefact, Candidate, Lock, fetch
folder = Path(sys.argv[2])
fetch([Artefact("x.nc", folder / "x.nc", (Candidate(sys.argv[1], "here"),))], lock=Lock(folder))
"""


def test_ctrl_c_ends_a_transfer_that_stands_still_and_keeps_its_part(server, tmp_path, body):
    url = server.add("/x.nc", body, etag='"v1"', stalls=[20_000])
    command = [sys.executable, "-c", _INTERRUPTED, url, str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while not (tmp_path / "x.nc.part").exists() or not (tmp_path / "x.nc.part").stat().st_size:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        told = process.communicate()[1]
    assert time.monotonic() - start < 4  # the server stands still for 5, and 60 would be waited
    assert told.rstrip().endswith("KeyboardInterrupt")
    assert body.startswith((tmp_path / "x.nc.part").read_bytes())
    assert not (tmp_path / "x.nc").exists()


def test_two_processes_that_want_one_file_fetch_it_once(server, tmp_path, nursery, body):
    url = server.add("/x.nc", body, etag='"v1"', seconds_per_block=0.05)
    first, second = nursery(url, tmp_path), nursery(url, tmp_path)
    first.start(), second.start()
    told = sorted([first.line().strip(), second.line().strip()])
    assert told == ["done already here 0", "done downloaded 0"]
    assert (tmp_path / "x.nc").read_bytes() == body
    assert len(server.asked) == 1


def test_who_waits_for_another_process_takes_over_when_it_is_killed(
    server, tmp_path, nursery, body, quick, diary
):
    url = server.add("/x.nc", body, etag='"v1"', stalls=[20_000])
    child = nursery(url, tmp_path).start()
    while not server.asked or not (tmp_path / "x.nc.part").exists():
        time.sleep(0.01)
    artefact = Artefact("x.nc", tmp_path / "x.nc", (Candidate(url, "here"),))

    def say(sentence: str) -> None:
        diary.sentences.append(sentence)
        if "another process" in sentence:
            os.kill(child, signal.SIGKILL)

    watching = type("Watching", (), {"show": diary.show, "say": staticmethod(say)})()
    outcome = fetch([artefact], lock=Lock(tmp_path), patience=quick, progress=watching)[0]
    assert diary.sentences[0] == "x.nc: another process is fetching it, waiting for it"
    assert outcome.how == "downloaded"
    assert (tmp_path / "x.nc").read_bytes() == body
