"""The challenge and track of a map: what the file says, else what its box and dates fit, said in a note."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.evaluation import check_map, evaluate
from oceanbench.evaluation._finding import find_challenge
from oceanbench.submission import open_map

Build = Callable[[], xr.Dataset]


def gulf_stream(first: str, last: str, west: float = -65.0) -> xr.Dataset:
    end = np.datetime64(last) + np.timedelta64(1, "D")
    days = np.arange(np.datetime64(first), end).astype("datetime64[ns]")
    lon, lat = west + np.arange(0.0, 10.1, 0.5), np.arange(33.0, 43.1, 0.5)
    heights = np.random.default_rng(1).standard_normal((days.size, lat.size, lon.size))
    return xr.Dataset(
        {"ssh": (("time", "lat", "lon"), heights)}, coords={"time": days, "lat": lat, "lon": lon}
    )


@pytest.fixture
def nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path))


def test_challenge_and_track_named_by_the_file_are_taken(toy: Path, blurred: Build) -> None:
    result = evaluate(blurred().assign_attrs(challenge="toy", track="half"))
    assert (result.challenge.id, result.track) == ("toy", "half")
    assert "challenge toy, as the file says" in result.notes
    assert "track half, as the file says" in result.notes


def test_challenge_that_the_caller_names_goes_before_that_of_the_file(toy: Path, blurred: Build) -> None:
    result = evaluate(blurred().assign_attrs(challenge="2020a", track="4 nadirs"), challenge="toy")
    assert (result.challenge.id, result.track) == ("toy", "all")
    assert any(note.endswith("taken as 'all'; name yours with --track") for note in result.notes)


def test_map_that_says_nothing_is_guessed_from_its_box_and_dates(toy: Path, blurred: Build) -> None:
    result = evaluate(blurred())
    assert result.notes[0] == "guessed challenge toy from the box and the dates of the map"


def test_unknown_challenge_in_a_file_is_said_before_the_guess(toy: Path, blurred: Build) -> None:
    result = evaluate(blurred().assign_attrs(challenge="toys"))
    assert result.notes[0] == (
        "the file names the challenge 'toys', which is not known here; "
        "guessed challenge toy from the box and the dates of the map"
    )


def test_of_several_that_fit_the_one_whose_truth_is_here_is_taken_and_the_others_named(
    toy: Path, toy_world: Path, blurred: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (toy_world / "toy" / "challenge.toml").read_text()
    for name in ("absent", "missing"):
        (tmp_path / name).mkdir()
        other = text.replace('id = "toy"', f'id = "{name}"', 1)
        (tmp_path / name / "challenge.toml").write_text(other)
    monkeypatch.setenv("OCEANBENCH_PATH", f"{tmp_path}{os.pathsep}{toy_world}")
    definition, notes = check_map(blurred())
    assert definition.id == "toy"
    assert notes[0] == (
        "guessed challenge toy from the box and the dates of the map; absent, missing would fit too, "
        "whose data are not on this machine: name the one you mean with --challenge"
    )


def test_of_an_original_and_its_twin_the_original_goes_first_where_no_data_are_asked_for(
    nothing_else: None,
) -> None:
    submission = open_map(gulf_stream("2012-10-22", "2012-12-02"))
    assert find_challenge(submission, needs_data=False)[0].id == "2020a"
    assert find_challenge(submission)[0].id == "2020a-twin"


def test_same_box_in_another_year_is_another_challenge(nothing_else: None) -> None:
    definition, why = find_challenge(open_map(gulf_stream("2017-01-01", "2017-12-31")), needs_data=False)
    assert definition.id == "2021a"
    assert why.startswith("guessed challenge 2021a from the box and the dates")


@pytest.mark.parametrize(
    ("first", "last", "west"), [("2012-10-22", "2012-11-20", -65.0), ("2012-10-22", "2012-12-02", -45.0)]
)
def test_map_that_fits_nowhere_is_told_the_names_and_the_way_out(
    nothing_else: None, first: str, last: str, west: float
) -> None:
    message = rf"no challenge fits a map of {west:.2f}.* {first} to {last}.*2020a-twin.*--reference"
    with pytest.raises(LookupError, match=message):
        evaluate(gulf_stream(first, last, west))


def test_own_reference_beside_no_challenge_uses_the_protocol_and_says_so(
    toy: Path, midnights: Build, tmp_path: Path
) -> None:
    moved = midnights().assign_coords(lat=midnights().lat + 10.0)
    moved.to_netcdf(tmp_path / "truth.nc")
    result = evaluate(0.9 * moved, reference=[tmp_path / "truth.nc"])
    assert result.notes[0] == "no challenge fits the map: the protocol of 2020a is used"
    assert result.own_reference
    assert result.scope.endswith("not a score of 2020a")
    assert result.official["mu"] == pytest.approx(0.9, abs=1e-12)


def test_reference_of_other_days_is_refused(toy: Path, midnights: Build, tmp_path: Path) -> None:
    later = midnights().assign_coords(time=midnights().time + np.timedelta64(100, "D"))
    later.to_netcdf(tmp_path / "truth.nc")
    with pytest.raises(ValueError, match="2015-09-09"):
        evaluate(midnights(), challenge="toy", reference=[tmp_path / "truth.nc"])
