"""Canonical maps of the toy, open and withheld, and a scorer in this process."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.evaluation._checking import open_for_track
from oceanbench.submission import canonical_sha256
from oceanbench_leaderboard.intake.header import MapHeader
from tests.leaderboard.scorer.jobs import Canonical
from tests.toy_sea import DEFINITION, SIX_HOURLY, waves

PARTS = """
[competition]
public = { start = 2015-06-01, end = 2015-06-07 }
private = { start = 2015-06-08, end = 2015-06-14 }
"""


@pytest.fixture
def canonical(tmp_path: Path) -> Canonical:
    """Write a map as the intake leaves it."""

    def write(maps: xr.Dataset, challenge: str = "toy", notes: tuple[str, ...] = ()) -> Path:
        folder = tmp_path / "canonical"
        folder.mkdir()
        ssh = open_for_track(maps, load_challenge(challenge), "half", None, "official")[0].ssh
        header = MapHeader(
            shape=ssh.shape,
            lon=ssh.lon.values.tolist(),
            lat=ssh.lat.values.tolist(),
            time_ns=ssh.time.values.astype(np.int64).tolist(),
            variable="ssh",
            notes=list(notes),
            attributes={name: str(value) for name, value in maps.attrs.items()},
            canonical_sha256=canonical_sha256(ssh),
        )
        (folder / "header.json").write_text(header.model_dump_json())
        (folder / "values.f8").write_bytes(ssh.values.astype("<f8").tobytes())
        return folder

    return write


@pytest.fixture
def define(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Define the toy anew, with changes; gives the folder for its withheld truth, which is empty."""

    def write(*changes: tuple[str, str], tail: str = "") -> Path:
        text = DEFINITION
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / "world" / "toy").mkdir(parents=True)
        (tmp_path / "world" / "toy" / "challenge.toml").write_text(text + tail)
        monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path / "world"))
        monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path / "secret"))
        (tmp_path / "secret" / "toy").mkdir(parents=True)
        return tmp_path / "secret" / "toy"

    return write


@pytest.fixture
def withheld(define: Callable[..., Path]) -> Path:
    """The toy with a truth that only this machine has, in two blocks; gives the file of the truth."""
    folder = define(('licence = "BSD-3-Clause"', 'licence = "none"\ntruth = "withheld"'), tail=PARTS)
    waves(SIX_HOURLY).to_dataset().to_netcdf(folder / "truth.nc")
    return folder / "truth.nc"
