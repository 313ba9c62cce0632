"""Observations of the three set-ups: their digest, their layout, their truth."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.data import read_observations_of, read_truth_of
from oceanbench.twin import DigestError
from oceanbench.twin.derived_files import DIGEST_FILE
from oceanbench.twin.toy2022 import derive, design, observation_files, observations_digest
from oceanbench.twin.toy2022.field_files import read_fields, write_fields
from oceanbench.twin.toy2022.flights import FOUR_NADIRS, REPEATED, flights
from oceanbench.twin.toy2022.observation_files import track_path
from oceanbench.twin.toy2022.truth_statistics import read_truth

DATA = Path(__file__).resolve().parents[3] / "challenges" / design.NAME / "data"
NAMES = [*FOUR_NADIRS.values(), REPEATED]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Observations made from what is shipped; the writer checks their digest."""
    folder = tmp_path_factory.mktemp("made")
    derive(DATA, folder)
    return folder


def test_observations_are_those_the_twin_was_published_with(made: Path) -> None:
    assert observations_digest(made) == (DATA / DIGEST_FILE).read_text().split()[0]
    files = {path.relative_to(made).as_posix() for path in made.rglob("*.nc")}
    assert files == {track_path(name) for name in NAMES}


def test_making_them_again_replaces_them(made: Path) -> None:
    before = sorted(made.rglob("*"))
    derive(DATA, made)
    assert sorted(made.rglob("*")) == before


def test_other_observations_are_refused_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observation_files, "FOUR_NADIRS", {})
    with pytest.raises(DigestError, match="SHA256SUMS"):
        derive(DATA, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_track_files_have_one_dimension_and_the_variable_ssh(name: str, made: Path) -> None:
    with xr.open_dataset(made / track_path(name)) as dataset:
        assert set(dataset.sizes) == {"time"}
        assert set(dataset.variables) == {"time", "lon", "lat", "ssh"}
        assert bool(np.isfinite(dataset["ssh"]).all())
        assert 293.5 <= float(dataset["lon"].min()) < float(dataset["lon"].max()) <= 306.5
        days = np.unique(dataset["time"].to_numpy().astype("datetime64[D]"))
        assert design.OBSERVED[0] <= days[0] <= design.OBSERVED[0] + np.timedelta64(1, "D")
        assert design.OBSERVED[1] - np.timedelta64(1, "D") <= days[-1] <= design.OBSERVED[1]
        assert (np.diff(dataset["time"].to_numpy()) > np.timedelta64(0, "ns")).all()


def test_the_repeated_track_sees_one_cycle_s_pattern_within_the_first_hour_of_every_day() -> None:
    samples = flights()[REPEATED]
    days = design.days(design.OBSERVED).size
    lon, lat = samples.lon.reshape(days, -1), samples.lat.reshape(days, -1)
    assert (lon == lon[0]).all()
    assert (lat == lat[0]).all()
    since_midnight = samples.seconds.reshape(days, -1) - 86400.0 * np.arange(days)[:, None]
    assert since_midnight.min() == 0
    assert since_midnight.max() < 4500
    one_cycle = flights()["jason1"].seconds < 9.9156 * 86400
    assert lon.shape[1] == pytest.approx(one_cycle.sum(), rel=0.01)


def test_tracks_near_midnight_see_the_field_of_that_midnight(made: Path) -> None:
    truth = read_truth(DATA)
    with xr.open_dataset(made / track_path(REPEATED)) as dataset:
        time = dataset["time"].to_numpy()
        midnight = time.astype("datetime64[D]")
        soon = (time - midnight < np.timedelta64(600, "s")) & (midnight >= design.EVALUATED[0])
        some = dataset.isel(time=np.flatnonzero(soon)[::20])
        field = truth.interp(
            time=some["time"].dt.floor("D").drop_vars("time"), lat=some["lat"], lon=some["lon"] - 360
        )
    inside = np.isfinite(field.to_numpy())
    assert inside.sum() > 100
    assert np.abs(field.to_numpy() - some["ssh"].to_numpy())[inside].max() < 0.02  # ten minutes of flow


def test_full_fields_are_the_truth_every_five_days() -> None:
    days = design.full_field_days()
    assert days.size == 13
    truth = read_truth(DATA)
    for day in days[days >= design.EVALUATED[0]]:
        seen = read_fields([DATA / design.field_file(design.FULL_FIELDS, day)])
        np.testing.assert_array_equal(seen.squeeze("time"), truth.sel(time=day))


def test_field_files_have_the_layout_of_2022b() -> None:
    path = DATA / "dc_qg_eval" / "dc_qg_eval_y2012m10d21h0000.nc"
    assert len(list(path.parent.iterdir())) == 43
    with xr.open_dataset(path) as field:
        assert dict(field.sizes) == {"time": 1, "y": 101, "x": 101}
        assert field["ssh"].dims == ("time", "y", "x")
        assert field["nav_lon"].dims == field["nav_lat"].dims == ("y", "x")
        assert field["lon"].dims == ("x",)
        assert field["lat"].dims == ("y",)
        np.testing.assert_array_equal(field["nav_lon"][7], field["lon"])
        np.testing.assert_array_equal(field["nav_lat"][:, 7], field["lat"])
        assert str(field["time"].to_numpy()[0])[:16] == "2012-10-21T00:00"


def test_fields_come_back_from_their_file_and_bad_ones_are_refused(tmp_path: Path) -> None:
    axis, time = np.arange(3.0), np.array(["2012-10-01", "2012-10-02"], "datetime64[ns]")
    ssh = np.linspace(-1, 1, 18).reshape(2, 3, 3)
    heights = xr.DataArray(ssh, {"time": time, "lat": axis, "lon": axis}, ("time", "lat", "lon"))
    write_fields(tmp_path / "good.nc", heights)
    back = read_fields([tmp_path / "good.nc"])
    np.testing.assert_allclose(back, ssh, atol=5.1e-4)
    assert back.dims == ("time", "lat", "lon")
    with pytest.raises(ValueError, match=r"bad\.nc: a height is not finite"):
        write_fields(tmp_path / "bad.nc", heights + np.nan)
    with pytest.raises(FileNotFoundError, match=r"gone\.nc"):
        read_fields([tmp_path / "gone.nc"])


@pytest.mark.parametrize(("track", "least"), [("A", 13 * 101 * 101), ("B", 150000), ("C", 55000)])
def test_every_set_up_is_read_as_heights_near_the_truth_s(
    track: str, least: int, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path))
    (tmp_path / design.NAME).mkdir()
    derived = tmp_path / design.NAME / f"derived-{(DATA / DIGEST_FILE).read_text()[:12]}"
    derived.symlink_to(made)
    challenge = load_challenge(design.NAME)
    seen = read_observations_of(challenge, challenge.track(track))
    assert seen.sizes["obs"] >= least
    truth = read_truth_of(challenge)
    assert float(seen["ssh"].std()) == pytest.approx(float(truth.std()), rel=0.15)
