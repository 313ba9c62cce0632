"""The statistics of fields in closed form, and those of the truth that is shipped."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.twin.osse2020 import design, statistics
from oceanbench.twin.osse2020 import truth_statistics as stats
from oceanbench.twin.osse2020.truth_files import height_array, read_truth, write_heights
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
    lines = (DATA / design.SUMS_FILE).read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {path.relative_to(DATA).as_posix(): path for path in DATA.rglob("*") if path.is_file()}
    assert set(files) - {design.SUMS_FILE} == set(listed)
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


def slope_of_one(lat: np.ndarray, lon: np.ndarray, *, u: float, v: float) -> np.ndarray:
    """Heights whose geostrophic flow is u, v (m/s) on the parallel of 38 N."""
    f = 2 * stats.EARTH_ROTATION * np.sin(np.radians(38))
    metre = np.radians(1) * stats.EARTH_RADIUS
    north, east = (lat - 38) * metre, lon * metre * np.cos(np.radians(38))
    return np.asarray(f / stats.GRAVITY * (v * east[None, :] - u * north[:, None]))


def test_geostrophic_flow_has_its_speed_and_sign() -> None:
    lat, lon = 38 + np.arange(-2, 3) * 0.1, np.arange(5) * 0.1
    u, v = stats.geostrophic_velocity(slope_of_one(lat, lon, u=0.5, v=-0.2), lat, lon)
    np.testing.assert_allclose(u[2], 0.5)
    np.testing.assert_allclose(v[2], -0.2)


def test_kinetic_energy_is_half_the_squared_speed() -> None:
    lat, lon = 38 + np.arange(-2, 3) * 1e-3, np.arange(5) * 1e-3
    energy = stats.kinetic_energy(slope_of_one(lat, lon, u=0.3, v=0.4), lat, lon)
    assert energy == pytest.approx(0.5 * 0.25 * 1e4, rel=1e-3)


def test_rossby_number_of_a_parabolic_eddy_is_its_vorticity_over_f() -> None:
    lat, lon = 38 + np.arange(-40, 41) * 0.01, np.arange(-40, 41) * 0.01
    metre = np.radians(1) * stats.EARTH_RADIUS
    square = ((lat - 38)[:, None] * metre) ** 2 + (lon[None, :] * metre * np.cos(np.radians(38))) ** 2
    curvature = 2e-10  # height = curvature r^2, so vorticity = 4 g curvature / f
    f = 2 * stats.EARTH_ROTATION * np.sin(np.radians(38))
    heights = curvature * square
    inner = stats.rossby_number(heights, lat, lon)
    assert inner == pytest.approx(4 * stats.GRAVITY * curvature / f**2, rel=0.06)


def test_autocorrelation_of_a_slow_wave_is_its_cosine() -> None:
    time = np.arange(4 * 400) / 4
    anomaly = np.cos(2 * np.pi * (time[:, None, None] / 40 + np.arange(8)[None, None, :] / 8))
    expected = [np.cos(2 * np.pi * lag / 40) for lag in stats.LAGS_DAYS]
    np.testing.assert_allclose(stats.autocorrelation(anomaly), expected, atol=1e-9)


@pytest.mark.parametrize("axis", [1, 2])
def test_spectra_of_the_box_integrate_to_the_variance_of_a_wave(axis: int) -> None:
    lat, lon = 38 + np.arange(-60, 60) * 0.1, np.arange(120) * 0.1
    phase = 2 * np.pi * 12 * np.arange(120) / 120
    rows = 0.2 * np.sqrt(2) * np.cos(phase)
    heights = np.broadcast_to(rows[:, None] if axis == 1 else rows, (3, 120, 120))
    wavenumber, density = stats.box_spectrum(heights, lat, lon, axis=axis)
    assert np.sum(density) * wavenumber[0] == pytest.approx(0.04, rel=1e-6)
    assert np.argmax(density) == 11


def test_heights_that_do_not_fit_their_file_are_refused(tmp_path: Path) -> None:
    axis, time = np.arange(3.0), np.array(["2012-10-01"], "datetime64[ns]")
    for bad in (40.0, np.nan):
        with pytest.raises(ValueError, match=f"largest height is {bad}"):
            write_heights(height_array(np.full((1, 3, 3), bad), axis, axis, time), tmp_path / "bad.nc")


def test_a_truth_with_a_missing_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="2012-09-30"):
        read_truth(tmp_path)
