"""The whole way from a seed to a data folder, on an ocean too coarse to be one and a shorter calendar."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

pytest.importorskip("jax")

from oceanbench.physics.two_layer_qg import TwoLayerQG
from oceanbench.twin.checksums import SUMS_FILE
from oceanbench.twin.ose2021 import build, design, nature_run, write_observations


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the nature run small, its spin-up and the years of the mean short, its truth rare."""
    monkeypatch.setattr(nature_run, "MODEL", TwoLayerQG(points=64, time_step=2700.0))
    monkeypatch.setattr(design, "SPIN_UP_DAYS", 30)
    monkeypatch.setattr(design, "SETTLING_DAYS", 5)
    monkeypatch.setattr(design, "TRUTH_STEP_HOURS", 12)
    monkeypatch.setattr(design, "START", np.datetime64("2016-07-01", "ns"))
    monkeypatch.setattr(
        design, "MEAN_YEARS", (np.datetime64("2016-07-01", "D"), np.datetime64("2016-09-30", "D"))
    )


@pytest.mark.slow
@pytest.mark.usefixtures("coarse")
def test_a_build_writes_a_folder_that_its_own_observations_accept(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    data = tmp_path / "data"
    build(data, seed=3, progress=lambda *stage: told.append(stage), keep_truth=True)
    listed = [line.split("  ") for line in (data / SUMS_FILE).read_text().splitlines()]
    assert not any(name.startswith(f"{design.TRUTH_FOLDER}/") for _, name in listed)
    for digest, name in listed:
        assert hashlib.sha256((data / name).read_bytes()).hexdigest() == digest
    assert json.loads((data / design.RUN_FILE).read_text())["seed"] == 3
    write_observations(data, tmp_path / "obs")
    assert len(list((tmp_path / "obs").iterdir())) == 6
    assert [stage for stage, done in told if done == 1.0] == [
        "spin-up",
        "nature run",
        "files, statistics and observations",
    ]
    _the_judge_sees_the_kept_truth(data)


def _the_judge_sees_the_kept_truth(data: Path) -> None:
    day = np.datetime64("2017-03-15", "D")
    judge_file = next((data / design.OBSERVATIONS_FOLDER).glob("*_c2_*.nc"))
    with (
        xr.open_dataset(judge_file) as judge,
        xr.open_dataset(data / design.TRUTH_FOLDER / design.truth_file(day)) as truth,
    ):
        noon = abs(judge["time"] - np.datetime64("2017-03-15T12", "ns")) < np.timedelta64(8, "h")
        some = judge.where(noon, drop=True)
        seen = some["sla_unfiltered"] + some["mdt"] - some["lwe"]
        there = truth["sossheig"].interp(time=some["time"], lat=some["latitude"], lon=some["longitude"] - 360)
        assert some.sizes["time"] > 50
        assert float((seen - there).std()) == pytest.approx(0.012, abs=0.004)


def test_snapshots_run_from_the_first_noon_of_the_mean_past_the_last_observed_midnight() -> None:
    times = design.snapshot_times()
    assert times.size == 730 + 397 * 4 - 2
    assert str(times[0])[:16] == "2014-01-01T12:00"
    assert str(times[730])[:16] == "2016-11-30T21:00"
    assert str(times[-1])[:16] == "2018-01-01T03:00"
    assert (np.diff(times) > np.timedelta64(0, "ns")).all()
