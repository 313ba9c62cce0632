"""What is shipped of the twin: statistics, checksums, size, independence of the training days."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from oceanbench.twin.checksums import SUMS_FILE
from oceanbench.twin.toy2022 import design, statistics
from oceanbench.twin.toy2022.field_files import read_fields
from oceanbench.twin.toy2022.truth_statistics import read_truth

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
        ("std_m", 0.35, 0.70),
        ("anomaly_std_m", 0.15, 0.40),
        ("training_anomaly_std_m", 0.15, 0.40),
        ("kinetic_energy_cm2_s2", 1000, 4500),
        ("eddy_kinetic_energy_cm2_s2", 1000, 3000),
        ("rossby_number", 0.1, 0.4),
    ],
)
def test_the_truth_has_a_jet_and_eddies_of_the_gulf_stream_s_strength(
    name: str, least: float, most: float, shipped: dict[str, float]
) -> None:
    assert least <= shipped[name] <= most


@pytest.mark.parametrize("along", ["slope_along_meridians", "slope_along_parallels", "slope_on_model_plane"])
def test_the_spectrum_is_as_steep_as_that_of_one_layer(
    along: str, shipped: dict[str, dict[str, float]]
) -> None:
    assert -6.5 <= shipped[along]["50-300 km"] <= -5.0


def test_the_truth_forgets_itself_in_days(shipped: dict[str, dict[str, float]]) -> None:
    assert 0.3 <= shipped["autocorrelation"]["5 d"] <= 0.75


def test_training_days_lie_a_year_before_and_do_not_resemble_the_truth() -> None:
    training = read_fields([DATA / design.TRAINING_FILE])
    assert training.sizes == {"time": 63, "lat": 101, "lon": 101}
    assert set(training["time"].dt.year.to_numpy()) == {2011}
    truth = read_truth(DATA).to_numpy()
    anomalies = [(part - part.mean(axis=0))[:43].ravel() for part in (training.to_numpy(), truth)]
    assert abs(np.corrcoef(*anomalies)[0, 1]) < 0.15


def test_every_shipped_file_has_its_checksum_and_all_together_four_megabytes_at_most() -> None:
    lines = (DATA / SUMS_FILE).read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {path.relative_to(DATA).as_posix(): path for path in DATA.rglob("*") if path.is_file()}
    assert set(files) - {SUMS_FILE} == set(listed)
    for name, digest in listed.items():
        assert hashlib.sha256(files[name].read_bytes()).hexdigest() == digest, name
    assert sum(path.stat().st_size for path in files.values()) <= 4e6
