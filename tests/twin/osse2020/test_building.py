"""The whole way from a seed to a data folder, on an ocean too coarse to be one."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

pytest.importorskip("jax")

from oceanbench.physics.two_layer_qg import TwoLayerQG
from oceanbench.twin.checksums import SUMS_FILE
from oceanbench.twin.osse2020 import build, design, nature_run, write_observations
from oceanbench.twin.osse2020.truth_files import read_truth


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the nature run small and its spin-up short."""
    monkeypatch.setattr(nature_run, "MODEL", TwoLayerQG(points=64, time_step=2700.0))
    monkeypatch.setattr(design, "SPIN_UP_DAYS", 30)
    monkeypatch.setattr(design, "SETTLING_DAYS", 5)


@pytest.mark.slow
@pytest.mark.usefixtures("coarse")
def test_a_build_writes_a_folder_that_its_own_observations_accept(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    build(tmp_path / "data", seed=3, progress=lambda *stage: told.append(stage))
    data = tmp_path / "data"
    for line in (data / SUMS_FILE).read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((data / name).read_bytes()).hexdigest() == digest
    assert json.loads((data / design.RUN_FILE).read_text())["seed"] == 3
    assert read_truth(data).sizes == {"time": 260, "lat": 131, "lon": 131}
    with (
        xr.open_dataset(data / design.MEAN_FILE) as mean,
        xr.open_dataset(data / design.TRAINING_FILE) as training,
    ):
        difference = mean["mdt"].sel(lat=training["lat"], lon=training["lon"]) - training["sossheig"].mean(
            "time"
        )
        assert float(abs(difference).mean()) < 0.5 * float(training["sossheig"].std())
    write_observations(data, tmp_path / "obs")
    assert len(list((tmp_path / "obs").iterdir())) == 6
    assert [stage for stage, done in told if done == 1.0] == [
        "spin-up",
        "nature run",
        "files, statistics and observations",
    ]


def test_snapshots_run_from_noon_of_the_first_day_to_the_last_evening() -> None:
    times = design.snapshot_times()
    assert times.size == 365 + 65 * 4
    assert str(times[0])[:16] == "2011-01-01T12:00"
    assert str(times[-1])[:16] == "2012-12-03T21:00"
    assert (np.diff(times) > np.timedelta64(0, "ns")).all()
