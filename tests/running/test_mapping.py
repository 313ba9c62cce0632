"""A method on a challenge: the grid it gets, what it sees, and what its file says of it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.catalog import challenge_names, load_challenge
from oceanbench.challenge import Challenge
from oceanbench.data import read_mean
from oceanbench.data_files import MissingDataError
from oceanbench.methods import load_method
from oceanbench.running import run_challenge, sample_submission, target_grid

DAY = np.timedelta64(1, "D")

METHOD = '''
from dataclasses import dataclass
from typing import Callable, ClassVar

import numpy as np
import xarray as xr


@dataclass(frozen=True)
class Level:
    """A level sea."""

    PRESETS: ClassVar = {"medsea-2021": {"height": 0.125}}
    height: float = 0.25
    progress: Callable | None = None

    def __call__(self, observations, grid):
        if self.progress:
            self.progress("levelling", 1.0)
        shape = tuple(grid.sizes[name] for name in ("time", "lat", "lon"))
        dims = ("time", "lat", "lon")
        error = np.full(shape, float(observations["ssh"].std()))
        data = {"ssh": (dims, np.full(shape, self.height)), "ssh_error": (dims, error)}
        return xr.Dataset(data, coords=grid.coords)


def unfinished(observations, grid):
    maps = Level()(observations, grid)
    maps["ssh"][0, 0, 0] = np.nan
    return maps
'''


@pytest.fixture(scope="session")
def level(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("methods") / "level.py"
    path.write_text(METHOD)
    return f"{path}:Level"


@pytest.fixture(scope="session")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Observations of 2020a by Jason-1: a sample each hour, half of them long before the challenge."""
    folder = tmp_path_factory.mktemp("dc_obs")
    times = np.concatenate(
        [
            np.datetime64(day, "ns") + np.arange(50) * np.timedelta64(1, "h")
            for day in ("2012-05-01", "2012-11-01")
        ]
    )
    heights = np.linspace(-1.0, 1.0, 100)
    xr.Dataset(
        {
            "lon": ("time", np.linspace(296.0, 304.0, 100)),
            "lat": ("time", np.linspace(34.0, 42.0, 100)),
            "ssh_model": ("time", heights),
            "ssh_obs": ("time", heights + 0.1),
        },
        coords={"time": times},
    ).to_netcdf(folder / "2020a_SSH_mapping_NATL60_jason1.nc")
    return folder


@pytest.fixture
def nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path))


@dataclass
class Listener:
    told: list[tuple[str, float]]

    def __call__(self, sentence: str, fraction: float) -> None:
        self.told.append((sentence, fraction))


# --- the grid


@pytest.mark.parametrize("name", challenge_names())
def test_grid_covers_the_closed_box_and_every_day(name: str) -> None:
    challenge = load_challenge(name)
    grid, box, period = target_grid(challenge), challenge.domain, challenge.periods.evaluation
    for axis, low, high in (("lon", box.west, box.east), ("lat", box.south, box.north)):
        steps = np.diff(grid[axis].values)
        assert steps == pytest.approx(challenge.submission.step_degrees, abs=1e-8)
        assert grid[axis].values[0] == low
        assert high - 1e-9 <= grid[axis].values[-1] < high + challenge.submission.step_degrees
    assert grid.time.values[0] == period.first_instant
    assert set(np.diff(grid.time.values)) == {DAY}
    more = 0 if challenge.kind == "map-osse" else 1
    assert grid.sizes["time"] == period.days + more


def test_step_that_does_not_divide_the_box_ends_beyond_it() -> None:
    challenge = load_challenge("2020a")
    coarse = challenge.submission.model_copy(update={"step_degrees": 0.3})
    grid = target_grid(challenge.model_copy(update={"submission": coarse}))
    assert grid.lon.values[[0, -1]].tolist() == [-65.0, -54.8]


# --- a run


def test_run_gives_the_method_what_it_may_see_and_keeps_its_map(
    nothing_else: None, tracks: Path, level: str
) -> None:
    challenge = load_challenge("2020a")
    run = run_challenge(challenge, level, challenge.track("1 nadir"), data=tracks)
    assert run.observations == 50
    assert dict(run.maps.sizes) == {"time": 42, "lat": 51, "lon": 51}
    assert set(run.maps["ssh"].values.ravel()) == {0.25}
    seen = np.linspace(-1.0, 1.0, 100)[50:]
    assert float(run.maps["ssh_error"][0, 0, 0]) == pytest.approx(seen.std())
    assert run.seconds >= 0.0


def test_run_says_what_made_the_map(nothing_else: None, tracks: Path, level: str) -> None:
    challenge = load_challenge("2020a")
    run = run_challenge(challenge, level, challenge.track("1 nadir"), settings={"height": "0.5"}, data=tracks)
    said = run.attributes
    assert (said["challenge"], said["challenge_version"], said["track"]) == ("2020a", "1.0", "1 nadir")
    assert said["method"].endswith("Level")
    assert json.loads(said["method_parameters"])["height"] == 0.5
    assert said["observations"] == "as the published rows used them"
    (path,) = tracks.iterdir()
    assert json.loads(said["inputs"]) == {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}
    assert {"python", "numpy"} <= json.loads(said["software"]).keys()
    assert set(run.maps["ssh"].values.ravel()) == {0.5}


def test_run_with_noise_says_so(nothing_else: None, tracks: Path, level: str) -> None:
    challenge = load_challenge("2020a")
    run = run_challenge(challenge, level, challenge.track("1 nadir"), noise=True, data=tracks)
    assert run.attributes["observations"] == "with error"


def test_method_that_can_tell_its_progress_does_so(nothing_else: None, tracks: Path, level: str) -> None:
    challenge, listener = load_challenge("2020a"), Listener([])
    run_challenge(challenge, level, challenge.track("1 nadir"), data=tracks, progress=listener)
    assert ("levelling", 1.0) in listener.told


def test_hole_that_a_method_leaves_is_kept_and_counted(nothing_else: None, tracks: Path, level: str) -> None:
    challenge, unfinished = load_challenge("2020a"), level.replace(":Level", ":unfinished")
    run = run_challenge(challenge, unfinished, challenge.track("1 nadir"), data=tracks)
    assert np.argwhere(np.isnan(run.maps["ssh"].values)).tolist() == [[0, 0, 0]]
    assert run.maps["ssh"].attrs["missing_count"] == 1


def test_run_without_its_observations_is_refused_before_the_method_works(
    nothing_else: None, level: str
) -> None:
    challenge, listener = load_challenge("2020a"), Listener([])
    with pytest.raises(MissingDataError, match="jason1"):
        run_challenge(challenge, level, challenge.track("1 nadir"), progress=listener)
    assert listener.told == []


def test_parameters_of_a_challenge_come_before_the_defaults_and_after_the_callers() -> None:
    assert load_method("oi").Lx == 1.0  # type: ignore[attr-defined]
    assert load_method("oi", challenge="medsea-2021").Lx == 1.13  # type: ignore[attr-defined]
    told = load_method("oi", {"Lx": "2"}, challenge="medsea-2021")
    assert (told.Lx, told.Lt) == (2.0, 8.0)  # type: ignore[attr-defined]


# --- anomalies


def test_mean_height_is_added_to_a_map_of_anomalies(nothing_else: None, shared: Path, level: str) -> None:
    medsea, folder = load_challenge("medsea-2021"), shared / "data" / "mapmed_ose"
    run = run_challenge(medsea, level, medsea.track("without Sentinel-3B"), data=folder)
    mean = read_mean(medsea, folder)
    assert mean is not None
    assert set(run.maps["sla"].values.ravel()) == {0.125}  # the preset of the method for this challenge
    added = run.maps["ssh"] - 0.125
    assert np.isfinite(added).all()
    place = {"lat": 38.0, "lon": 6.0}
    assert float(added.isel(time=0).sel(place, method="nearest")) == pytest.approx(
        float(mean.interp(place)), abs=1e-3
    )


def test_map_of_anomalies_needs_a_mean_height(nothing_else: None, tracks: Path, level: str) -> None:
    anomalies: Challenge = load_challenge("2020a").model_copy(update={"observed": "sla"})
    with pytest.raises(ValueError, match="2020a maps anomalies but defines no mean height"):
        run_challenge(anomalies, level, anomalies.track("1 nadir"), data=tracks)


# --- samples


def test_sample_is_flat_where_there_is_no_mean(nothing_else: None) -> None:
    sample = sample_submission(load_challenge("2020a"))
    assert set(sample.maps["ssh"].values.ravel()) == {0.0}
    assert sample.maps.sizes == target_grid(load_challenge("2020a")).sizes
    assert sample.attributes["challenge"] == "2020a"


def test_sample_is_the_mean_height_of_every_day_where_there_is_one(nothing_else: None) -> None:
    twin = load_challenge("2020a-twin")
    sample, mean = sample_submission(twin), read_mean(twin)
    assert mean is not None
    assert list(sample.maps.data_vars) == ["ssh"]
    assert float(sample.maps["ssh"].std("time").max()) < 1e-12
    expected = mean.interp(lat=sample.maps.lat, lon=sample.maps.lon).transpose("lat", "lon")
    np.testing.assert_allclose(sample.maps["ssh"][0].transpose("lat", "lon"), expected, atol=1e-9)


def test_the_grid_says_where_maps_are_compared_with_daily_means() -> None:
    told = {
        name: target_grid(load_challenge(name)).attrs["each_map"] for name in ("2020a-twin", "medsea-2021")
    }
    assert told == {"2020a-twin": "mean of the day from its time", "medsea-2021": "its instant"}
