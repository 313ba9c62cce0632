"""The toy challenge, the intake as a test calls it, and readers that misbehave."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oceanbench.challenge import Challenge, read_challenge
from oceanbench_leaderboard.intake import Reader, Verdict, reader, run_intake
from oceanbench_leaderboard.settings import Limits
from tests.toy_sea import write_map, write_world

type Intake = Callable[..., Verdict]

# runs in place of the reading of the file, in a process that is confined as ever
_MISBEHAVING = """
import ctypes, errno, json, os, signal, socket, subprocess, sys, time
from oceanbench_leaderboard.intake import _child, _host
def misbehave(upload, job, values, times):
{deed}
_child._read = misbehave
{before}
_host.main()
"""


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Challenge:
    """The definition of the toy challenge."""
    world = write_world(tmp_path_factory.mktemp("toy world"))
    return read_challenge(world / "toy" / "challenge.toml")


@pytest.fixture(scope="session")
def warm() -> Iterator[Reader]:
    """A reader that waits with all libraries loaded."""
    with Reader() as waiting:
        yield waiting


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """The folder that takes the canonical form."""
    return tmp_path / "job"


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    """A map that nothing is wrong with."""
    return write_map(tmp_path / "sent.nc")


@pytest.fixture
def intake(toy: Challenge, job: Path, warm: Reader) -> Intake:
    """Let the intake read a file."""

    def read(upload: Path, using: Reader | None = None, **limits: int) -> Verdict:
        return run_intake(upload, job, toy, "all", Limits(**limits), reader=using or warm)

    return read


@pytest.fixture
def misbehaving(
    toy: Challenge, job: Path, upload: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Verdict]:
    """Let a file be read by a process that, once confined, does something else."""

    def read(deed: str, *, before: str = "", using: Reader | None = None, **limits: int) -> Verdict:
        script = _MISBEHAVING.format(
            deed="\n".join(f"    {line}" for line in deed.splitlines()), before=before
        )
        monkeypatch.setattr(reader, "_command", lambda warm: [sys.executable, "-I", "-B", "-c", script])
        return run_intake(upload, job, toy, "all", Limits(**limits), reader=using)

    return read
