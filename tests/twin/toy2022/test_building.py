"""The whole way from a seed to a data folder, on an ocean too coarse to be one."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jax")

from oceanbench.twin.checksums import SUMS_FILE
from oceanbench.twin.toy2022 import build, derive, design, nature_run


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the nature run small, its spin-up short and the year between training and truth half."""
    model = replace(nature_run.MODEL, points=64, jet_width=100e3, time_step=1800.0)
    monkeypatch.setattr(nature_run, "MODEL", model)
    monkeypatch.setattr(design, "SPIN_UP_DAYS", 30)
    monkeypatch.setattr(design, "SETTLING_DAYS", 5)


@pytest.mark.slow
@pytest.mark.usefixtures("coarse")
def test_a_build_writes_a_folder_that_its_own_observations_accept(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    data = tmp_path / "data"
    build(data, seed=5, progress=lambda *stage: told.append(stage))
    for line in (data / SUMS_FILE).read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((data / name).read_bytes()).hexdigest() == digest
    assert json.loads((data / design.RUN_FILE).read_text())["seed"] == 5
    derive(data, tmp_path / "made")
    assert len(list((tmp_path / "made").rglob("*.nc"))) == 5
    assert [stage for stage, done in told if done == 1.0] == [
        "spin-up",
        "nature run",
        "files, statistics and observations",
    ]


def test_snapshots_are_the_midnights_of_training_and_four_a_day_of_the_truth() -> None:
    times = design.snapshot_times()
    assert times.size == 63 + 63 * 4 + 1
    assert str(times[0])[:16] == "2011-10-01T00:00"
    assert str(times[63])[:16] == "2012-10-01T00:00"
    assert str(times[-1])[:16] == "2012-12-03T00:00"
    assert (np.diff(times) > np.timedelta64(0, "ns")).all()
