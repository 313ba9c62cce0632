"""Level-3 observations of the twin: their digest, their layout, their errors and their tracks."""

from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.data import read_observations_of
from oceanbench.twin import DigestError
from oceanbench.twin.derived_files import DIGEST_FILE
from oceanbench.twin.ose2021 import design, observation_files, observations_digest, write_observations
from oceanbench.twin.ose2021.fleet import ESTIMATED_STD, JUDGE, MAPPED, REMAINING_STD, WHITE_LEFT
from oceanbench.twin.ose2021.l3_files import read_mean, write_l3
from oceanbench.twin.track_heights import COUNT, read_track_heights

DATA = Path(__file__).resolve().parents[3] / "challenges" / design.NAME / "data"
NAMES = ["sla_unfiltered", "sla_filtered", "mdt", "lwe", "dac", "ocean_tide"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Observations made from what is shipped; the writer checks their digest."""
    folder = tmp_path_factory.mktemp("dc_obs")
    write_observations(DATA, folder)
    return folder


@pytest.fixture(scope="module")
def files(made: Path) -> dict[str, Path]:
    """File of each altimeter, the judge's from the shipped data."""
    judge = DATA / design.OBSERVATIONS_FOLDER / JUDGE.file_name
    return {a.name: made / a.file_name for a in MAPPED} | {JUDGE.name: judge}


def test_observations_are_those_the_twin_was_published_with(made: Path) -> None:
    assert observations_digest(made) == (DATA / DIGEST_FILE).read_text().split()[0]
    assert sorted(path.name for path in made.iterdir()) == sorted(a.file_name for a in MAPPED)


def test_other_observations_are_refused_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observation_files, "MAPPED", MAPPED[3:4])
    with pytest.raises(DigestError, match="SHA256SUMS"):
        write_observations(DATA, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_files_have_the_layout_of_2021a(files: dict[str, Path]) -> None:
    for path in files.values():
        with xr.open_dataset(path) as dataset:
            assert set(dataset.sizes) == {"time"}
            assert set(dataset.variables) == {"time", "longitude", "latitude", "cycle", "track", *NAMES}
            assert all(dataset[name].dtype == np.float32 for name in [*NAMES, "cycle", "track"])
            assert dataset["longitude"].dtype == dataset["latitude"].dtype == np.float64
            assert 293.5 <= float(dataset["longitude"].min()) < float(dataset["longitude"].max()) <= 306.5
            assert all(bool(np.isfinite(dataset[name]).all()) for name in NAMES)
            assert (np.diff(dataset["time"].to_numpy()) > np.timedelta64(0, "ns")).all()
            assert not dataset["dac"].any()
            assert not dataset["ocean_tide"].any()


def test_missions_fly_on_their_days(files: dict[str, Path]) -> None:
    expected = dict.fromkeys(files, ("2016-12-01", "2017-12-31"))
    expected |= {"j2g": ("2017-07-11", "2017-12-31"), "j2n": ("2016-12-01", "2017-05-17")}
    for name, path in files.items():
        with xr.open_dataset(path) as dataset:
            days = dataset["time"].to_numpy()[[0, -1]].astype("datetime64[D]")
        assert np.abs((days - np.array(expected[name], "datetime64[D]")).astype(int)).max() <= 1, name
        assert str(days[0]) >= expected[name][0]
        assert str(days[1]) <= expected[name][1]


def test_what_the_official_reference_adds_up_to_is_the_truth_and_the_unknown_error(
    files: dict[str, Path],
) -> None:
    heights = read_track_heights(DATA / design.HEIGHTS_FILE)
    for altimeter in (*MAPPED, JUDGE):
        with xr.open_dataset(files[altimeter.name]) as dataset:
            reference = (dataset["sla_unfiltered"] + dataset["mdt"] - dataset["lwe"]).to_numpy()
            observed = (dataset["sla_unfiltered"] + dataset["mdt"]).to_numpy()
            lwe = dataset["lwe"].to_numpy()
        truth = heights[altimeter.name] * COUNT
        unknown = np.hypot(REMAINING_STD, WHITE_LEFT * altimeter.white_1hz)
        assert np.std(reference - truth) == pytest.approx(unknown, rel=0.04)
        assert lwe.std() == pytest.approx(ESTIMATED_STD, rel=0.04)
        total = np.hypot(unknown, ESTIMATED_STD)
        assert np.std(observed - truth) == pytest.approx(total, rel=0.04)
        assert 0.01 <= total <= 0.03


def test_the_estimated_error_is_correlated_over_thirty_seconds(files: dict[str, Path]) -> None:
    with xr.open_dataset(files["s3a"]) as dataset:
        lwe, time = dataset["lwe"].to_numpy().astype(np.float64), dataset["time"].to_numpy()
    for lag in (10, 30, 60):
        same_pass = time[lag:] - time[:-lag] < np.timedelta64(lag * 1000 + 500, "ms")
        product = (lwe[lag:] * lwe[:-lag])[same_pass].mean()
        assert product / lwe.var() == pytest.approx(np.exp(-lag / 30), abs=0.07)


def test_the_filter_takes_white_noise_and_keeps_the_ocean(files: dict[str, Path]) -> None:
    with xr.open_dataset(files["h2g"]) as dataset:
        raw, smooth = (
            dataset[name].to_numpy().astype(np.float64) for name in ("sla_unfiltered", "sla_filtered")
        )
        track = dataset["track"].to_numpy()
    assert np.corrcoef(raw, smooth)[0, 1] > 0.995
    assert 0.005 < np.std(raw - smooth) < 0.02
    within = np.diff(track[1:]) == 0
    within &= np.diff(track[:-1]) == 0
    assert np.std(np.diff(smooth, 2)[within]) < 0.5 * np.std(np.diff(raw, 2)[within])


def test_no_two_missions_share_an_error(files: dict[str, Path]) -> None:
    parts = []
    for path in files.values():
        with xr.open_dataset(path) as dataset:
            parts.append(dataset["lwe"].to_numpy()[:40000])
    correlations = np.corrcoef(parts) - np.eye(len(parts))
    assert np.abs(correlations).max() < 0.1


def test_the_mean_along_the_track_is_the_gridded_one(files: dict[str, Path]) -> None:
    with xr.open_dataset(files["c2"]) as dataset, xr.open_dataset(DATA / design.MEAN_FILE) as mean:
        some = dataset.isel(time=slice(0, None, 50))
        gridded = mean["mdt"].interp(lat=some["latitude"], lon=some["longitude"] - 360)
        np.testing.assert_allclose(some["mdt"], gridded, atol=6e-4)


def test_samples_follow_each_other_at_the_mission_s_pace(files: dict[str, Path]) -> None:
    for altimeter in (*MAPPED, JUDGE):
        with netCDF4.Dataset(files[altimeter.name]) as dataset:
            steps = np.diff(np.asarray(dataset["time"][:])) * 86400
        assert np.median(steps) == pytest.approx(altimeter.sampling_seconds, abs=2e-3)


def test_heights_that_do_not_fit_the_samples_are_refused(tmp_path: Path) -> None:
    from oceanbench.twin.ose2021.flights import fly

    flight = fly(MAPPED[3])
    with pytest.raises(ValueError, match="3 heights for"):
        write_l3(tmp_path / "bad.nc", MAPPED[3], flight, np.zeros(3, np.int64), read_mean(DATA))


def test_a_folder_without_heights_or_mean_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"truth_along_tracks\.nc"):
        read_track_heights(tmp_path / design.HEIGHTS_FILE)
    with pytest.raises(FileNotFoundError, match=r"mdt\.nc"):
        read_mean(tmp_path)


def test_a_method_sees_the_six_missions_and_not_the_judge(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path))
    derived = tmp_path / design.NAME / f"derived-{(DATA / DIGEST_FILE).read_text()[:12]}"
    derived.mkdir(parents=True)
    (derived / design.OBSERVATIONS_FOLDER).symlink_to(made)
    challenge = load_challenge(design.NAME)
    seen = read_observations_of(challenge, challenge.track("6 nadirs"))
    assert seen.attrs["missions"] == [file.mission for file in challenge.files_of("observations")]
    assert "CryoSat-2" not in seen.attrs["missions"]
    assert seen.sizes["obs"] == sum(
        h.size for name, h in read_track_heights(DATA / design.HEIGHTS_FILE).items() if name != "c2"
    )
