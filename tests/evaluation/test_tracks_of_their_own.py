"""Tracks with boxes and days of their own, challenges that wait for their evaluation, and profiles."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.evaluation import check_map, evaluate
from oceanbench.running import run_challenge, sample_submission
from oceanbench.submission import SubmissionError

Build = Callable[[], xr.Dataset]

TRACKS = """
[[tracks]]
id = "Two weeks / west"
observations = ["obs"]
reference = "truth"
domain = { lon = [-40.0, -38.0], lat = [20.0, 23.0] }

[[tracks]]
id = "One week / west"
observations = ["obs"]
reference = "truth"
domain = { lon = [-40.0, -38.0], lat = [20.0, 23.0] }
evaluation = { start = 2015-06-04, end = 2015-06-10 }

[[tracks]]
id = "Two weeks / east"
observations = ["obs"]
reference = "truth"
domain = { lon = [-37.0, -35.0], lat = [20.0, 23.0] }
"""


@pytest.fixture
def define(
    toy_world: Path, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Define another challenge on the truth of the toy; the toy itself is then unknown."""

    def add(name: str, change: Callable[[str], str]) -> None:
        text = (toy_world / "toy" / "challenge.toml").read_text()
        folder = tmp_path / "challenges" / name
        (folder / "data").mkdir(parents=True)
        (folder / "data" / "truth.nc").symlink_to(toy)
        (folder / "challenge.toml").write_text(change(text.replace('id = "toy"', f'id = "{name}"', 1)))
        monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path / "challenges"))

    return add


@pytest.fixture
def regions(define: Callable[..., None]) -> None:
    """The toy with tracks of two regions and two windows."""

    def with_tracks(text: str) -> str:
        head, files = text[: text.index("[[tracks]]")], text[text.index("[[files]]") :]
        return head + TRACKS + files

    define("regions", with_tracks)


def west(build: Build) -> xr.Dataset:
    return build().sel(lon=slice(None, -38.0))


def test_track_that_is_asked_for_decides_box_and_days(regions: None, midnights: Build) -> None:
    result = evaluate(midnights(), challenge="regions", track="one week / WEST")
    assert result.track == "One week / west"
    assert result.coverage.points == 7 * 13 * 9
    assert result.coverage.days_robust == result.coverage.days_official == 7
    assert result.scope.startswith("-40..-38 E, 20..23 N, 2015-06-04 to 2015-06-10 of regions 1.0")
    assert result.robust["mu"].value == pytest.approx(1.0, abs=1e-9)


def test_error_outside_the_region_of_the_track_is_not_scored(regions: None, midnights: Build) -> None:
    spoilt = midnights()
    spoilt["ssh"].loc[{"lon": slice(-37.9, None)}] = 5.0
    result = evaluate(spoilt, challenge="regions", track="Two weeks / west")
    assert result.robust["mu"].value == pytest.approx(1.0, abs=1e-9)


def test_track_is_taken_from_the_attributes_of_the_map(regions: None, midnights: Build) -> None:
    named = midnights().assign_attrs(challenge="regions", track="Two weeks / east")
    result = evaluate(named)
    assert (result.challenge.id, result.track) == ("regions", "Two weeks / east")
    assert "track Two weeks / east, as the file says" in result.notes
    assert result.scope.startswith("-37..-35 E")


def test_challenge_and_track_are_guessed_from_the_boxes_and_days_of_its_tracks(
    regions: None, midnights: Build
) -> None:
    result = evaluate(west(midnights))
    assert (result.challenge.id, result.track) == ("regions", "Two weeks / west")
    assert result.notes[:1] == ("guessed challenge regions from the box and the dates of the map",)
    assert (
        "track Two weeks / west fits the box and the dates of the map best; it covers One week / west too: "
        "name yours with --track"
    ) in result.notes


def test_map_of_one_window_is_for_the_track_of_that_window(regions: None, midnights: Build) -> None:
    window = west(midnights).sel(time=slice("2015-06-04", "2015-06-10"))
    definition, notes = check_map(window, challenge="regions")
    assert definition.id == "regions"
    assert "track One week / west fits the box and the dates of the map best" in notes


def test_map_over_several_regions_is_asked_which(regions: None, midnights: Build) -> None:
    with pytest.raises(LookupError, match=r"covers the boxes of several tracks.*Two weeks / west.*--track"):
        evaluate(midnights(), challenge="regions")


def test_map_that_covers_no_track_is_told_where_they_are(regions: None, midnights: Build) -> None:
    short = west(midnights).sel(time=slice("2015-06-04", "2015-06-08"))
    message = r"covers no track of regions: 'Two weeks / west' is -40..-38 E.*'One week / west' is .*06-10"
    with pytest.raises(LookupError, match=message):
        evaluate(short, challenge="regions")


def test_map_of_another_region_than_its_track_is_refused_with_both_boxes(
    regions: None, midnights: Build
) -> None:
    with pytest.raises(SubmissionError, match=r"covers -40..-38 E, 20..23 N; expected -37..-35 E"):
        evaluate(west(midnights), challenge="regions", track="Two weeks / east")


def test_days_that_fit_no_track_are_said_beside_the_box_that_does(regions: None, midnights: Build) -> None:
    later = west(midnights)
    later = later.assign_coords(time=later.time + np.timedelta64(100, "D"))
    message = r"its days do not: regions 2015-06-01 to 2015-06-14; regions 2015-06-04 to 2015-06-10"
    with pytest.raises(LookupError, match=message):
        evaluate(later)


def test_sample_lies_in_the_box_and_the_days_of_its_track(regions: None) -> None:
    challenge = load_challenge("regions")
    sample = sample_submission(challenge, challenge.track("One week / west"))
    assert sample.maps.sizes["time"] == 7
    assert sample.maps.lon.values[[0, -1]].tolist() == [-40.0, -38.0]
    assert sample.attributes["track"] == "One week / west"
    definition, notes = check_map(sample.maps.assign_attrs(sample.attributes))
    assert (definition.id, notes[1]) == ("regions", "track One week / west, as the file says")


def test_run_maps_the_box_and_the_days_of_its_track(regions: None, tmp_path: Path) -> None:
    (tmp_path / "flat.py").write_text(
        "def flat(observations, grid):\n    return (grid.time.astype(float) + grid.lat + grid.lon)"
        ".transpose('time', 'lat', 'lon').to_dataset(name='ssh') * 0.0\n"
    )
    days = np.arange("2015-06-01", "2015-06-15", dtype="datetime64[D]").astype("datetime64[ns]")
    columns = {"lon": np.full(14, 321.0), "lat": np.full(14, 21.0), "ssh_model": np.ones(14)}
    observations = xr.Dataset({name: ("time", values) for name, values in columns.items()}, {"time": days})
    observations.to_netcdf(tmp_path / "obs.nc")
    challenge = load_challenge("regions")
    run = run_challenge(
        challenge, f"{tmp_path / 'flat.py'}:flat", challenge.track("One week / west"), data=tmp_path
    )
    assert run.observations == 7
    assert dict(run.maps.sizes) == {"time": 7, "lat": 13, "lon": 9}


def test_challenge_that_waits_for_its_evaluation_refuses_with_its_reason(
    define: Callable[..., None], midnights: Build
) -> None:
    define("later", lambda text: text.replace("[domain]", 'evaluation_pending = "no filters yet"\n[domain]'))
    challenge, message = load_challenge("later"), "^later cannot be scored yet: no filters yet; "
    for refused in (
        lambda: evaluate(midnights(), challenge="later"),
        lambda: evaluate(midnights().assign_attrs(challenge="later")),
        lambda: check_map(midnights(), challenge="later"),
        lambda: sample_submission(challenge),
        lambda: run_challenge(challenge, "oi", challenge.track()),
    ):
        with pytest.raises(LookupError, match=message):
            refused()


def test_challenge_that_waits_is_never_guessed(define: Callable[..., None], midnights: Build) -> None:
    define("later", lambda text: text.replace("[domain]", 'evaluation_pending = "no filters yet"\n[domain]'))
    with pytest.raises(LookupError, match="no challenge fits a map of"):
        evaluate(midnights())


def test_profile_is_scored_where_it_is_named_and_never_guessed(
    define: Callable[..., None], midnights: Build
) -> None:
    define("profile", lambda text: text.replace("[domain]", 'profile_of = "2020a"\n[domain]'))
    assert evaluate(midnights().assign_attrs(challenge="profile")).challenge.id == "profile"
    with pytest.raises(LookupError, match="no challenge fits a map of"):
        evaluate(midnights())
