"""The statistics of the truth that is shipped."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.twin import height_statistics as stats
from oceanbench.twin.checksums import SUMS_FILE
from oceanbench.twin.osse2020 import design, statistics
from oceanbench.twin.osse2020.truth_files import read_truth
from oceanbench.twin.plane_spectrum import band_slopes

DATA = Path(__file__).resolve().parents[3] / "challenges" / design.NAME / "data"


@pytest.fixture(scope="module")
def shipped() -> dict[str, object]:
    """Statistics computed from the shipped truth."""
    return statistics(DATA)


def test_the_statistics_shown_are_those_of_the_shipped_truth(shipped: dict[str, object]) -> None:
    shown = json.loads((DATA / design.STATISTICS_FILE).read_text())
    assert shown.keys() == shipped.keys()
    for name, value in shown.items():
        assert shipped[name] == pytest.approx(value, rel=1e-3), name


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("anomaly_std_m", 0.25, 0.40),
        ("anomaly_to_2011_std_m", 0.25, 0.40),
        ("kinetic_energy_cm2_s2", 1000, 3000),
        ("eddy_kinetic_energy_cm2_s2", 1000, 3000),
        ("rossby_number", 0.1, 0.4),
    ],
)
def test_the_truth_is_as_energetic_as_the_real_ocean(
    name: str, least: float, most: float, shipped: dict[str, float]
) -> None:
    assert least <= shipped[name] <= most


@pytest.mark.parametrize("along", ["slope_along_meridians", "slope_along_parallels", "slope_on_model_plane"])
def test_the_spectrum_of_the_truth_is_as_steep_as_the_real_ocean(
    along: str, shipped: dict[str, dict[str, float]]
) -> None:
    assert -5.0 <= shipped[along]["50-300 km"] <= -4.5


@pytest.mark.parametrize("snapshot", ["BLB002_y2009m07d01", "BLB002_y2010m02d01"])
def test_the_real_ocean_model_passes_the_same_test_of_steepness(snapshot: str, shared: Path) -> None:
    with xr.open_dataset(shared / "data" / "enatl60" / f"eNATL60GULFSTREAM-{snapshot}_hr.nc") as dataset:
        heights = dataset["sossheig"].squeeze().to_numpy()[None].astype(np.float64)
        lat, lon = dataset["nav_lat"].to_numpy()[:, 0], dataset["nav_lon"].to_numpy()[0]
    for axis in (1, 2):
        wavenumber, density = stats.box_spectrum(heights, lat, lon, axis=axis)
        assert -5.0 <= band_slopes(wavenumber, density)["50-300 km"] <= -4.5
    assert 1000 <= stats.kinetic_energy(heights, lat, lon) <= 3000


def test_the_truth_forgets_itself_as_fast_as_the_default_run(shipped: dict[str, dict[str, float]]) -> None:
    assert 0.5 <= shipped["autocorrelation"]["5 d"] <= 0.75


def test_every_shipped_file_has_its_checksum_and_all_together_ten_megabytes_at_most() -> None:
    lines = (DATA / SUMS_FILE).read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {path.relative_to(DATA).as_posix(): path for path in DATA.rglob("*") if path.is_file()}
    assert set(files) - {SUMS_FILE} == set(listed)
    for name, digest in listed.items():
        assert hashlib.sha256(files[name].read_bytes()).hexdigest() == digest, name
    assert sum(path.stat().st_size for path in files.values()) <= 10e6


def test_training_and_mean_come_from_another_year_than_the_truth() -> None:
    with xr.open_dataset(DATA / design.TRAINING_FILE) as training:
        assert set(training["time"].dt.year.to_numpy()) == {2011}
        assert training.sizes == {"time": 272, "lat": 101, "lon": 101}
    truth = read_truth(DATA)
    assert set(truth["time"].dt.year.to_numpy()) == {2012}
    with xr.open_dataset(DATA / design.MEAN_FILE) as mean:
        assert float(abs(mean["mdt"] - truth.mean("time")).mean()) > 0.05


def test_the_truth_has_the_archive_s_layout_with_its_margin() -> None:
    path = DATA / design.TRUTH_FOLDER / "2020a-twin_y2012m10d22.6h_SSH.nc"
    with xr.open_dataset(path) as day:
        assert day["sossheig"].dims == ("time", "lat", "lon")
        assert day["time"].dt.hour.to_numpy().tolist() == [3, 9, 15, 21]
        assert day["lat"].dtype == day["lon"].dtype == np.float64
        np.testing.assert_allclose(day["lat"][[0, -1]], [31.5, 44.5])
        np.testing.assert_allclose(day["lon"][[0, -1]], [-66.5, -53.5])
        np.testing.assert_allclose(day["lat"].diff("lat"), 0.1)


def test_a_truth_with_a_missing_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="2012-09-30"):
        read_truth(tmp_path)
