"""Files are looked for in a stated order, and read in the terms of the package."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge, DataFile
from oceanbench.data import (
    read_mean,
    read_observations_of,
    read_track_reference,
    read_training_of,
    read_truth_of,
)
from oceanbench.data_files import (
    MissingDataError,
    data_folders,
    data_home,
    find_files,
    has_reference,
    observation_files,
    of_days,
)
from oceanbench.grids import read_grid

START = np.datetime64("2012-10-01", "ns")
HOUR = np.timedelta64(1, "h")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def challenge(tmp_path: Path) -> Challenge:
    """2020a, as if its definition lay in a folder of the test."""
    return load_challenge("2020a").model_copy(update={"folder": tmp_path / "shipped"})


def touch(*parts: Path | str) -> Path:
    path = Path(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def grid(days: int = 2, first: np.datetime64 = START) -> xr.Dataset:
    lon, lat = np.arange(-66.0, -53.9, 1.0), np.arange(32.0, 44.1, 1.0)
    time = first + 24 * HOUR * np.arange(days)
    height = np.arange(days)[:, None, None] + 0.01 * lat[:, None] + 0.0001 * lon
    dims = ("time", "lat", "lon")
    return xr.Dataset(
        {"ssh": (dims, height), "tide": (dims, 0.5 + 0 * height)},
        coords={"time": time, "lat": lat, "lon": lon},
    )


def track(path: Path, times: np.ndarray) -> None:
    n = times.size
    xr.Dataset(
        {
            "lon": ("time", np.linspace(295.0, 305.0, n)),
            "lat": ("time", np.linspace(33.0, 43.0, n)),
            "ssh_model": ("time", np.full(n, 0.25)),
            "ssh_obs": ("time", np.full(n, 0.5)),
        },
        coords={"time": times},
    ).to_netcdf(path)


# --- where files are


def test_folder_of_data_is_that_of_the_variable_else_the_users_cache(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert data_home() == home
    monkeypatch.delenv("OCEANBENCH_DATA")
    assert data_home().name == "oceanbench"


def test_folders_come_in_the_stated_order(home: Path, challenge: Challenge, tmp_path: Path) -> None:
    given = tmp_path / "given"
    assert data_folders(challenge, given) == [given, home / "2020a", tmp_path / "shipped" / "data"]
    assert data_folders(challenge) == [home / "2020a", tmp_path / "shipped" / "data"]


def test_first_folder_that_holds_the_file_wins(home: Path, challenge: Challenge, tmp_path: Path) -> None:
    file = challenge.file("jason1")
    shipped = touch(tmp_path, "shipped", "data", file.path)
    assert find_files(challenge, file) == [shipped]
    at_home = touch(home, "2020a", file.path)
    assert find_files(challenge, file) == [at_home]
    given = touch(tmp_path, "given", file.path)
    assert find_files(challenge, file, tmp_path / "given") == [given]
    assert find_files(challenge, file, tmp_path / "elsewhere") == [at_home]


def test_file_is_found_at_its_path_before_it_is_found_flat(home: Path, challenge: Challenge) -> None:
    file = challenge.file("jason1")
    flat = touch(home, "2020a", Path(file.path).name)
    assert find_files(challenge, file) == [flat]
    nested = touch(home, "2020a", file.path)
    assert find_files(challenge, file) == [nested]


def test_pattern_gives_all_its_files_sorted_by_name(home: Path, challenge: Challenge) -> None:
    file = challenge.file("truth")
    paths = [touch(home, "2020a", name) for name in reversed(file.paths()[:3])]
    assert find_files(challenge, file) == sorted(paths)


def test_missing_file_is_told_with_its_places_sources_and_cure(
    home: Path, challenge: Challenge, tmp_path: Path
) -> None:
    file = challenge.file("jason1")
    with pytest.raises(MissingDataError) as caught:
        find_files(challenge, file, tmp_path / "given")
    message = str(caught.value)
    assert message.startswith(f"2020a: no file {file.path} (role observations) under {tmp_path / 'given'}, ")
    assert f"{home / '2020a'}, {tmp_path / 'shipped' / 'data'}" in message
    assert "get it with: oceanbench download 2020a; or" in message
    assert message.endswith(f"put it under {home / '2020a'}, or name its folder with --data")


def test_missing_file_without_a_source_is_told_where_to_put_it(home: Path, challenge: Challenge) -> None:
    file = challenge.file("jason1").model_copy(update={"archive": "", "urls": ()})
    with pytest.raises(
        MissingDataError, match=r"jason1.nc .*data; put it under .*, or name its folder with --data$"
    ):
        find_files(challenge, file)


def test_presence_of_the_reference_is_told(home: Path, challenge: Challenge, tmp_path: Path) -> None:
    assert not has_reference(challenge)
    touch(tmp_path, "given", Path(challenge.file("truth").path.replace("*", "2012")).name)
    assert has_reference(challenge, tmp_path / "given")
    assert not has_reference(challenge)
    assert has_reference(load_challenge("2020a-twin"))


# --- what they hold


def test_height_is_the_weighted_sum_of_variables(tmp_path: Path) -> None:
    grid().to_netcdf(tmp_path / "grid.nc")
    ssh = read_grid([tmp_path / "grid.nc"], {"ssh": 1.0, "tide": -2.0})
    np.testing.assert_allclose(ssh.values, grid()["ssh"].values - 1.0)
    assert ssh.dims == ("time", "lat", "lon")
    assert ssh.chunks is not None


def test_term_that_is_missing_leaves_the_sum_missing(tmp_path: Path) -> None:
    holed = grid()
    holed["tide"][0, 1, 2] = np.nan
    holed.to_netcdf(tmp_path / "grid.nc")
    ssh = read_grid([tmp_path / "grid.nc"], {"ssh": 1.0, "tide": 1.0})
    assert np.argwhere(np.isnan(ssh.values)).tolist() == [[0, 1, 2]]


def test_files_are_joined_in_time(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.nc" for name in "ab"]
    for path, day in zip(paths, (0, 2), strict=True):
        grid(first=START + 24 * HOUR * day).to_netcdf(path)
    ssh = read_grid(paths, {"ssh": 1.0})
    assert ((ssh.time.values - START) / (24 * HOUR)).tolist() == [0.0, 1.0, 2.0, 3.0]
    assert ssh.values[:, 0, 0] - ssh.values[0, 0, 0] == pytest.approx([0.0, 1.0, 0.0, 1.0])


def test_variable_that_is_absent_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    grid().to_netcdf(tmp_path / "grid.nc")
    with pytest.raises(ValueError, match=r"no variable \['adt'\]; it holds \['ssh', 'tide'\]"):
        read_grid([tmp_path / "grid.nc"], {"ssh": 1.0, "adt": 1.0})


def test_truth_is_cut_to_the_box_and_a_day_around_the_period() -> None:
    twin = load_challenge("2020a-twin")
    truth, period = read_truth_of(twin), twin.periods.evaluation
    assert (float(truth.lon[0]), float(truth.lon[-1])) == pytest.approx((-65.0, -55.0))
    assert (float(truth.lat[0]), float(truth.lat[-1])) == pytest.approx((33.0, 43.0))
    assert truth.time.values[0] == period.first_instant - 21 * HOUR
    assert truth.time.values[-1] == period.past_end + 21 * HOUR
    assert 0.3 < float(truth.std()) < 0.7


def test_challenge_judged_along_tracks_has_no_truth_to_read() -> None:
    with pytest.raises(ValueError, match="2021a is judged along tracks"):
        read_truth_of(load_challenge("2021a"))


def test_mean_height_carries_the_offset_of_its_definition(shared: Path) -> None:
    medsea, folder = load_challenge("medsea-2021"), shared / "data" / "mapmed_ose"
    (file,) = medsea.files_of("mean")
    mean = read_mean(medsea, folder)
    assert mean is not None
    with xr.open_dataset(folder / file.path) as raw:
        expected = float(raw["mdt"].mean()) + file.offset
    assert float(mean.mean()) == pytest.approx(expected, abs=1e-6)
    assert file.offset == -0.05
    assert mean.dims == ("lat", "lon")


def test_challenge_without_a_mean_height_gives_none() -> None:
    assert read_mean(load_challenge("2020a")) is None


@pytest.fixture
def observed(home: Path, challenge: Challenge) -> Challenge:
    """Observations of each second day of a year around the challenge."""
    times = np.datetime64("2012-07-01", "ns") + 48 * HOUR * np.arange(180)
    for name in challenge.track("4 nadirs").observations:
        path = touch(home, "2020a", challenge.file(name).path)
        track(path, times)
    return challenge


def test_method_sees_only_the_observations_of_its_track_and_of_the_periods(observed: Challenge) -> None:
    one = read_observations_of(observed, observed.track("1 nadir"))
    four = read_observations_of(observed, observed.track("4 nadirs"))
    assert one.attrs["missions"] == ["Jason-1"]
    assert four.sizes["obs"] == 4 * one.sizes["obs"]
    assert one.time.values.min() >= observed.periods.observations.first_instant
    assert one.time.values.max() < observed.periods.evaluation.past_end
    days = int((one.time.values[-1] - one.time.values[0]) / (24 * HOUR))
    assert days == 2 * (one.sizes["obs"] - 1) >= 60
    assert -65.0 <= float(one.lon.min()) < float(one.lon.max()) <= -55.0


def test_height_with_noise_is_read_where_it_is_asked_for(observed: Challenge) -> None:
    read: Callable[..., xr.Dataset] = read_observations_of
    assert set(read(observed, observed.track("1 nadir")).ssh.values) == {0.25}
    assert set(read(observed, observed.track("1 nadir"), noise=True).ssh.values) == {0.5}


def test_observations_that_are_not_derived_are_told_as_missing(home: Path, challenge: Challenge) -> None:
    with pytest.raises(MissingDataError, match="2020a_SSH_mapping_NATL60_jason1"):
        read_observations_of(challenge, challenge.track("1 nadir"))


def test_samples_of_several_files_are_read_as_one_judge(tmp_path: Path) -> None:
    for day in (1, 2):
        track(tmp_path / f"{day}.nc", START + day * 24 * HOUR + HOUR * np.arange(5))
    file = DataFile(
        id="judge",
        role="reference",
        path="*.nc",
        layout="nadir-2020a",
        mission="CryoSat-2",
        height={"ssh_model": 2.0, "ssh_obs": 1.0},
    )
    samples = read_track_reference(file, sorted(tmp_path.glob("*.nc")))
    assert samples.sizes["obs"] == 10
    assert set(samples.ssh.values) == {1.0}


def test_terms_of_mixed_units_add_up_in_metres(tmp_path: Path) -> None:
    mixed = xr.Dataset(coords=grid().coords)
    shape = tuple(mixed.sizes[name] for name in ("time", "lat", "lon"))
    mixed["sla"] = ("time", "lat", "lon"), np.full(shape, 50.0), {"units": "cm"}
    mixed["mdt"] = ("time", "lat", "lon"), np.full(shape, 1.0), {"units": "m"}
    mixed.to_netcdf(tmp_path / "mixed.nc")
    for terms in ({"sla": 1.0, "mdt": 1.0}, {"mdt": 1.0, "sla": 1.0}):
        np.testing.assert_allclose(read_grid([tmp_path / "mixed.nc"], terms), 1.5)


def test_observations_derived_from_one_truth_never_serve_another(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = load_challenge("2020a-twin")
    jason = twin.file("jason1")
    for name in ("one", "other"):
        touch(tmp_path, name, "dc_ref", "2020a-twin_y2012m10d01.6h_SSH.nc")
        (tmp_path / name / "OBSERVATIONS.sha256").write_text(f"{name * 20}  values\n")
    monkeypatch.setattr(
        "oceanbench.twin.osse2020.observation_files.derive",
        lambda root, out, progress=None: touch(out, "dc_obs", "2020a-twin_SSH_mapping_jason1.nc").write_text(
            root.name
        ),
    )
    for name in ("one", "other", "one"):
        (found,) = observation_files(twin, jason, tmp_path / name)
        assert found.read_text() == name


def test_training_fields_are_those_of_the_training_days_in_the_box() -> None:
    twin = load_challenge("2020a-twin")
    field = read_training_of(twin)
    assert str(field.time.values[0])[:10] == str(twin.periods.training[0].start)
    assert str(field.time.values[-1])[:10] == str(twin.periods.training[0].end)
    assert (float(field.lon[0]), float(field.lat[-1])) == (twin.domain.west, twin.domain.north)
    with pytest.raises(LookupError, match=r"'truth' is not for learning; those are \['training'\]"):
        read_training_of(twin, "truth")


def test_only_the_days_that_are_needed_are_opened(challenge: Challenge, home: Path) -> None:
    file = challenge.file("truth")
    paths = [touch(home, "2020a", name) for name in file.paths()]
    period = challenge.periods.evaluation
    assert len(of_days(file, paths, period)) == period.days
    assert of_days(challenge.file("jason1"), paths[:2], period) == paths[:2]
