"""Damaged files of every format: the intake always ends in time, and what it accepts is a map."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from oceanbench_leaderboard.intake import Verdict, read_canonical
from tests.leaderboard.intake.mutations import damaged, whole_files

Intake = Callable[..., Verdict]

_SECONDS = 10
_FILES = 98  # twice each kind of damage to each format; ten thousand are in benchmarks/intake_fuzz.py


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files before they are damaged."""
    return whole_files(tmp_path_factory.mktemp("whole"))


def test_every_format_is_taken_before_it_is_damaged(
    whole: dict[str, bytes], intake: Intake, tmp_path: Path
) -> None:
    digests = set()
    for name, content in whole.items():
        (tmp_path / "upload.nc").write_bytes(content)
        verdict = intake(tmp_path / "upload.nc")
        assert verdict.accepted, f"{name}: {verdict.reason}"
        assert verdict.header is not None
        if name != "packed":  # in single precision
            digests.add(verdict.header["canonical_sha256"])
    assert len(digests) == 1


@pytest.mark.slow
def test_damage_ends_in_time_and_is_the_fault_of_the_file(
    whole: dict[str, bytes], intake: Intake, tmp_path: Path, job: Path
) -> None:
    intake(Path(__file__))  # the libraries are loaded before the clock runs
    accepted = 0
    for number in range(_FILES):
        what, content = damaged(whole, number)
        (tmp_path / "upload.nc").write_bytes(content)
        began = time.monotonic()
        verdict = intake(tmp_path / "upload.nc", intake_seconds=_SECONDS, intake_memory=2 << 30)
        assert time.monotonic() - began < _SECONDS + 5.0, f"{number}: {what}"
        if verdict.accepted:
            accepted += 1
            ssh = read_canonical(job).ssh.values
            assert np.abs(ssh).max() <= 20.0, f"{number}: {what}"
        else:
            assert (verdict.fault, bool(verdict.reason)) == ("submission", True), f"{number}: {what}"
    assert 0 < accepted < _FILES


@pytest.mark.parametrize("number", [2517, 2720])  # of ten thousand, those at which netCDF 4.10.1 hangs
def test_a_file_at_which_the_library_hangs_is_given_up_in_time(
    number: int, whole: dict[str, bytes], intake: Intake, tmp_path: Path
) -> None:
    (tmp_path / "upload.nc").write_bytes(damaged(whole, number)[1])
    intake(Path(__file__))  # the libraries are loaded before the clock runs
    began = time.monotonic()
    verdict = intake(tmp_path / "upload.nc", intake_seconds=1)
    assert time.monotonic() - began < 11.0
    assert not verdict.accepted
    assert verdict.fault == "submission"


def test_a_damaged_file_is_the_same_at_each_call(whole: dict[str, bytes]) -> None:
    assert damaged(whole, 3) == damaged(whole, 3)
    assert damaged(whole, 3) != damaged(whole, 3 + 49)
