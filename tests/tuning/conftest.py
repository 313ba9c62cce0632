"""The challenge of a sloping sea, written once."""

from pathlib import Path

import pytest

from oceanbench.challenge import Challenge, read_challenge
from tests.tuning.sloping_sea import DEFINITION, flight, training_truth


@pytest.fixture(scope="session")
def slope_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the challenge ``slope``; its truth and its mean height are not there: nobody needs them."""
    folder = tmp_path_factory.mktemp("challenges") / "slope"
    (folder / "data").mkdir(parents=True)
    (folder / "challenge.toml").write_text(DEFINITION)
    training_truth().to_dataset().to_netcdf(folder / "data" / "training.nc")
    flight().to_netcdf(folder / "data" / "nadir.nc")
    return folder


@pytest.fixture
def sea(slope_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Challenge:
    """The challenge ``slope``, known to the program by its name too."""
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path / "home"))
    monkeypatch.setenv("OCEANBENCH_PATH", str(slope_folder.parent))
    return read_challenge(slope_folder / "challenge.toml")
