"""What is shipped of the twin: statistics, checksums, size, independence of the mean."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.twin.checksums import SUMS_FILE
from oceanbench.twin.ose2021 import design, track_statistics
from oceanbench.twin.ose2021.fleet import JUDGE
from oceanbench.twin.ose2021.truth_statistics import statistics_of_truth

DATA = Path(__file__).resolve().parents[3] / "challenges" / design.NAME / "data"
JUDGE_FILE = DATA / design.OBSERVATIONS_FOLDER / JUDGE.file_name


@pytest.fixture(scope="module")
def shown() -> dict[str, dict[str, dict[str, float]]]:
    """Statistics written when the twin was built."""
    return json.loads((DATA / design.STATISTICS_FILE).read_text())


def test_the_statistics_along_tracks_are_those_of_the_shipped_files(
    shown: dict[str, dict[str, dict[str, float]]],
) -> None:
    for name, along in track_statistics(DATA).items():
        assert along == pytest.approx(shown["tracks"][name], rel=1e-3), name


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("std_m", 0.35, 0.5),
        ("anomaly_std_m", 0.25, 0.40),
        ("anomaly_to_mdt_std_m", 0.25, 0.40),
        ("kinetic_energy_cm2_s2", 1000, 3000),
        ("eddy_kinetic_energy_cm2_s2", 1000, 3000),
        ("rossby_number", 0.1, 0.4),
    ],
)
def test_the_truth_is_as_energetic_as_the_real_ocean(
    name: str, least: float, most: float, shown: dict[str, dict[str, float]]
) -> None:
    assert least <= shown["truth"][name] <= most


@pytest.mark.parametrize("along", ["slope_along_meridians", "slope_along_parallels"])
def test_the_spectrum_of_the_truth_is_as_steep_as_the_real_ocean(
    along: str, shown: dict[str, dict[str, dict[str, float]]]
) -> None:
    assert -5.0 <= shown["truth"][along]["50-300 km"] <= -4.5


def test_the_truth_forgets_itself_as_fast_as_the_default_run(
    shown: dict[str, dict[str, dict[str, float]]],
) -> None:
    assert 0.5 <= shown["truth"]["autocorrelation"]["5 d"] <= 0.75


def test_the_judge_sees_the_truth_that_the_statistics_describe(shown: dict[str, dict[str, float]]) -> None:
    with xr.open_dataset(JUDGE_FILE) as judge:
        box = (judge["longitude"] >= 295) & (judge["longitude"] <= 305)
        box &= (judge["latitude"] >= 33) & (judge["latitude"] <= 43)
        box &= judge["time"] >= np.datetime64(design.SCORED[0])
        heights = (judge["sla_unfiltered"] + judge["mdt"] - judge["lwe"]).where(box)
        anomaly = judge["sla_unfiltered"].where(box)
        assert float(np.sqrt((heights**2).mean())) == pytest.approx(shown["truth"]["rms_m"], rel=0.03)
        assert float(anomaly.std()) == pytest.approx(shown["truth"]["anomaly_to_mdt_std_m"], rel=0.03)
        assert 45000 < int(box.sum()) < 60000  # the real CryoSat-2 has 50196 in this box and year


def test_the_mean_is_not_that_of_the_scored_year() -> None:
    with xr.open_dataset(JUDGE_FILE) as judge:
        scored = (judge["time"] >= np.datetime64(design.SCORED[0])).to_numpy()
        anomaly = judge["sla_unfiltered"].to_numpy()[scored].astype(np.float64)
        row = np.floor(judge["latitude"].to_numpy()[scored]).astype(int)
    means = np.bincount(row, anomaly)[33:43] / np.bincount(row)[33:43]
    assert np.abs(means).max() > 0.03  # anomalies about the year's own mean would average to nothing


def test_every_shipped_file_has_its_checksum_and_all_together_four_megabytes_at_most() -> None:
    lines = (DATA / SUMS_FILE).read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {path.relative_to(DATA).as_posix(): path for path in DATA.rglob("*") if path.is_file()}
    assert set(files) - {SUMS_FILE} == set(listed)
    for name, digest in listed.items():
        assert hashlib.sha256(files[name].read_bytes()).hexdigest() == digest, name
    assert sum(path.stat().st_size for path in files.values()) <= 4e6


def test_statistics_of_a_standing_wave_have_their_closed_form() -> None:
    lat, lon = 38 + np.arange(-50, 51) * 0.1, -60 + np.arange(-50, 51) * 0.1
    time = np.arange("2017-01-01", "2017-02-10", dtype="datetime64[D]").astype("datetime64[ns]")
    swing = np.cos(2 * np.pi * np.arange(40) / 20)
    wave = 0.2 * np.cos(2 * np.pi * (lat - 33) / 2.5)[None, :, None] * swing[:, None, None]
    heights = xr.DataArray(
        0.3 + wave + np.zeros((1, 1, 101)), {"time": time, "lat": lat, "lon": lon}, ("time", "lat", "lon")
    )
    mean = heights[0].drop_vars("time") * 0 + 0.1
    found = statistics_of_truth(heights, mean)
    std = float(wave.std())
    assert found["anomaly_std_m"] == pytest.approx(std, abs=1e-4)
    assert found["rms_m"] == pytest.approx(np.sqrt(float(np.mean((0.3 + wave) ** 2))), abs=1e-4)
    for lag in (2, 5, 10):
        correlation = np.mean(swing[lag:] * swing[:-lag]) / np.mean(swing**2)
        assert found["autocorrelation"][f"{lag} d"] == pytest.approx(correlation, abs=1e-3)
