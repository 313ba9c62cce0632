"""The whole way from a seed to a data folder, on oceans too coarse to be one."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jax")

from oceanbench.physics import two_layer_qg
from oceanbench.progress import silent
from oceanbench.twin import build, derive
from oceanbench.twin.checksums import SUMS_FILE
from oceanbench.twin.karin2022 import design, ocean
from oceanbench.twin.two_layer_run import SpinUp


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the oceans small, their spin-ups short and their cycles three days long."""
    layers = replace(ocean.LAYERS, points=48, time_step=2400.0)
    monkeypatch.setattr(ocean, "LAYERS", layers)
    monkeypatch.setattr(ocean, "SURFACE", replace(ocean.SURFACE, points=96, time_step=900.0))
    monkeypatch.setattr(ocean, "LAYERS_SPIN_UP", SpinUp(coarse_days=40, settling_days=10))
    monkeypatch.setattr(ocean, "VARIANCE_DAYS", 20)
    stages = (ocean.Stage(64, 1200.0, 2), ocean.Stage(96, 900.0, 1))
    monkeypatch.setattr(ocean, "STAGES", stages)
    cycles = (replace(design.SCORED, last=3.4), replace(design.TRAINING, last=2.4))
    monkeypatch.setattr(design, "CYCLES", cycles)


@pytest.mark.slow
@pytest.mark.usefixtures("coarse")
def test_a_build_writes_a_folder_that_its_own_passes_accept(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    data = tmp_path / "data"
    build(design.NAME, data, seed=3, progress=lambda *stage: told.append(stage))
    for line in (data / SUMS_FILE).read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((data / name).read_bytes()).hexdigest() == digest
    run = json.loads((data / design.RUN_FILE).read_text())
    assert [one["seed"] for one in run["cycles"]] == [3, 1_000_003]
    assert (data / design.PICTURE_FILE).stat().st_size > 10_000
    derive(design.NAME, data, tmp_path)
    names = sorted(path.name for path in (tmp_path / design.INPUT_FOLDER).iterdir())
    assert names[-1] == "input_ssh_karin_013_093.nc"
    assert any(name.startswith("input_ssh_karin_001_") for name in names)
    finished = [stage for stage, done in told if done == 1.0]
    assert finished[-1] == "files, statistics and picture"
    assert "cycle 13: passes" in finished
    assert all(0 <= done <= 1 for _, done in told)


@pytest.mark.slow
@pytest.mark.usefixtures("coarse")
def test_the_same_seed_gives_the_same_ocean_and_another_seed_another() -> None:
    def heights(seed: int) -> np.ndarray:
        run = ocean.Run(seed, start=0.0, progress=silent)
        run.advance_to(2000.0)
        assert run.seconds == 1800.0
        return run.heights()

    first = heights(1)
    assert np.array_equal(heights(1), first)
    assert np.std(heights(2) - first) > 0.01 * np.std(first)


@pytest.mark.slow
@pytest.mark.usefixtures("coarse")
def test_a_run_that_blows_up_is_told() -> None:
    layers = two_layer_qg.initial_state(ocean.LAYERS, seed=1)
    model, state = ocean.settle(layers, (ocean.Stage(64, 1200.0, 0),), progress=silent)
    broken = state._replace(surface=state.surface._replace(spectrum=state.surface.spectrum * np.nan))
    assert np.isfinite(ocean.heights(model, state)).all()
    with pytest.raises(FloatingPointError, match="time step"):
        ocean.heights(model, broken)


def test_no_stage_is_refused() -> None:
    layers = two_layer_qg.initial_state(replace(ocean.LAYERS, points=16), seed=1)
    with pytest.raises(ValueError, match="stages is empty"):
        ocean.settle(layers, (), progress=silent)
