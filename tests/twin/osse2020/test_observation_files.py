"""Observations of the twin: their digest, their layout and their truth."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.twin import DigestError
from oceanbench.twin.derived_files import DIGEST_FILE
from oceanbench.twin.osse2020 import design, observation_files, observations_digest, write_observations
from oceanbench.twin.osse2020.fleet import FLEET, Altimeter
from oceanbench.twin.osse2020.truth_files import read_truth
from oceanbench.twin.sampling import Truth

DATA = Path(__file__).resolve().parents[3] / "challenges" / design.NAME / "data"
NADIRS = [altimeter for altimeter in FLEET if not altimeter.swath]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Observations made from the shipped truth; the writer checks their digest."""
    folder = tmp_path_factory.mktemp("dc_obs")
    write_observations(DATA / design.TRUTH_FOLDER, folder)
    return folder


def test_observations_are_those_the_twin_was_published_with(made: Path) -> None:
    assert observations_digest(made) == (DATA / DIGEST_FILE).read_text().split()[0]
    assert sorted(path.name for path in made.iterdir()) == sorted(altimeter.file_name for altimeter in FLEET)


def test_other_observations_are_refused_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observation_files, "FLEET", FLEET[:1])
    with pytest.raises(DigestError, match="SHA256SUMS"):
        write_observations(DATA, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("altimeter", NADIRS, ids=lambda altimeter: altimeter.name)
def test_nadir_files_have_the_archive_s_layout(altimeter: Altimeter, made: Path) -> None:
    with xr.open_dataset(made / altimeter.file_name) as dataset:
        assert set(dataset.sizes) == {"time", "cycle"}
        assert dataset.sizes["cycle"] == 1
        kinds = {"lon": "f8", "lat": "f8", "x_al": "f4", "model_index": "f4", "ncycle": "f4"}
        kinds |= {"ssh_obs": "f8", "ssh_model": "f8", "nadir_err": "f8"}
        assert {name: variable.dtype.str[1:] for name, variable in dataset.data_vars.items()} == kinds
        assert dataset["lon"].min() >= 293.5
        assert dataset["lon"].max() <= 306.5
        assert bool(np.isfinite(dataset["ssh_model"]).all())
        days = np.unique(dataset["time"].to_numpy().astype("datetime64[D]"))
        assert days.min() >= np.datetime64("2012-10-01")
        assert days.max() <= np.datetime64("2012-12-02")
        assert (np.diff(dataset["time"].to_numpy()) > np.timedelta64(0, "ns")).all()


def test_karin_has_the_archive_s_layout(made: Path) -> None:
    with xr.open_dataset(made / "2020a-twin_SSH_mapping_karin_swot.nc") as dataset:
        assert dict(dataset.sizes) == {"time": dataset.sizes["time"], "nC": 52}
        assert dataset["lon"].dims == dataset["lat"].dims == dataset["ssh_obs"].dims == ("time", "nC")
        assert dataset["x_al"].dims == dataset["model_index"].dims == ("time",)
        np.testing.assert_array_equal(dataset["x_ac"], [*range(-60, -9, 2), *range(10, 61, 2)])
        seen = np.isfinite(dataset["ssh_model"])
        inside = (dataset["lon"] >= 293.5) & (dataset["lon"] <= 306.5)
        inside &= (dataset["lat"] >= 31.5) & (dataset["lat"] <= 44.5)
        assert float((seen == inside).mean()) > 0.9999  # pixels on the edge round to either side
        assert 0.8 < float(seen.mean()) < 1


def test_observed_heights_are_the_truth_and_every_error(made: Path) -> None:
    for altimeter in FLEET:
        with xr.open_dataset(made / altimeter.file_name) as dataset:
            errors = [name for name in dataset.data_vars if str(name).endswith(("_err", "_err_2b"))]
            total = sum((dataset[name] for name in errors), dataset["ssh_model"])
            assert len(errors) == (6 if altimeter.swath else 1)
            assert float(np.abs(dataset["ssh_obs"] - total).max()) < 1e-9


def test_errors_have_the_size_of_their_instruments(made: Path) -> None:
    for altimeter in NADIRS:
        with xr.open_dataset(made / altimeter.file_name) as dataset:
            assert float(dataset["nadir_err"].std()) == pytest.approx(
                np.hypot(altimeter.white_std, 0.0153), rel=0.06
            )
    with xr.open_dataset(made / "2020a-twin_SSH_mapping_karin_swot.nc") as dataset:
        assert float(dataset["karin_err"].std()) == pytest.approx(0.0123, rel=0.01)


def test_model_heights_are_the_truth_at_the_written_place_and_time(made: Path) -> None:
    truth = Truth(read_truth(DATA), design.EPOCH)
    for name in ("jason1", "karin_swot"):
        with xr.open_dataset(made / f"2020a-twin_SSH_mapping_{name}.nc") as dataset:
            some = dataset.isel(time=slice(0, None, 50))
            seconds = (some["time"].to_numpy() - design.EPOCH) / np.timedelta64(1, "s")
            seconds = seconds if some["lon"].ndim == 1 else seconds[:, None]
            again = truth.sample(seconds, some["lon"].to_numpy() - 360, some["lat"].to_numpy())
            both = np.isfinite(again) & np.isfinite(some["ssh_model"].to_numpy())
            assert both.mean() > 0.8
            assert np.abs(again - some["ssh_model"].to_numpy())[both].max() < 1.2e-4


def test_neighbouring_lines_and_pixels_of_karin_are_two_kilometres_apart(made: Path) -> None:
    with xr.open_dataset(made / "2020a-twin_SSH_mapping_karin_swot.nc") as dataset:
        lon, lat = (np.radians(dataset[name].to_numpy()) for name in ("lon", "lat"))
        within = np.diff(dataset["time"].to_numpy()) < np.timedelta64(1, "s")

    def distance(axis: int) -> np.ndarray:
        mean = (
            np.take(lat, range(1, lat.shape[axis]), axis) + np.take(lat, range(lat.shape[axis] - 1), axis)
        ) / 2
        return 6371 * np.hypot(np.diff(lat, axis=axis), np.cos(mean) * np.diff(lon, axis=axis))

    across = distance(1)
    np.testing.assert_allclose(np.delete(across, 25, axis=1), 2.0, atol=5e-3)
    np.testing.assert_allclose(across[:, 25], 20.0, atol=2e-2)
    assert np.median(distance(0)[within]) == pytest.approx(2.0, abs=0.01)
