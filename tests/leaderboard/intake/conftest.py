"""The toy challenge, and the intake as a test calls it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from oceanbench_leaderboard.intake import Verdict, run_intake
from oceanbench_leaderboard.settings import Limits

from oceanbench.challenge import Challenge, read_challenge
from tests.toy_sea import write_world

type Intake = Callable[..., Verdict]


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Challenge:
    """The definition of the toy challenge."""
    world = write_world(tmp_path_factory.mktemp("toy world"))
    return read_challenge(world / "toy" / "challenge.toml")


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """The folder that takes the canonical form."""
    return tmp_path / "job"


@pytest.fixture
def intake(toy: Challenge, job: Path) -> Intake:
    """Let the intake read a file."""

    def read(upload: Path, **limits: int) -> Verdict:
        return run_intake(upload, job, toy, "all", Limits(**limits))

    return read
