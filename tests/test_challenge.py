"""Challenge definitions: what they say, and how a wrong one is refused."""

import tomllib
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from oceanbench.catalog import challenge_names, load_challenge, shipped_challenges
from oceanbench.challenge import ChallengeError, DataFile, Layout, read_challenge
from oceanbench.observations import LAYOUTS
from oceanbench.overview import overview

SHIPPED = ("2020a", "2020a-twin", "2021a", "2022b", "medsea-2021")


def written(folder: Path, old: str, new: str) -> Path:
    """Copy the definition of 2020a with one change."""
    text = (shipped_challenges() / "2020a" / "challenge.toml").read_text()
    assert old in text
    path = folder / "challenge.toml"
    path.write_text(text.replace(old, new, 1))
    return path


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_definition_is_read_and_carries_its_name(name: str) -> None:
    challenge = load_challenge(name)
    assert challenge.id == name
    assert challenge.metric_names[:3] == ("mu", "sigma", "lambda_x")


def test_the_catalog_lists_the_shipped_challenges() -> None:
    assert set(SHIPPED) <= set(challenge_names())


def test_2020a_scores_42_days_and_its_own_code_stops_at_midnight_of_the_last() -> None:
    period = load_challenge("2020a").periods.evaluation
    assert period.days == 42
    assert period.official_last_instant == np.datetime64("2012-12-02T00:00")
    assert period.past_end == np.datetime64("2012-12-03")


def test_no_training_or_spin_up_day_is_scored() -> None:
    for name in SHIPPED:
        periods = load_challenge(name).periods
        for other in (*periods.training, *periods.forbidden, *filter(None, [periods.spin_up])):
            assert other.end < periods.evaluation.start or other.start > periods.evaluation.end


def test_the_judge_of_a_track_is_never_among_its_observations() -> None:
    for name in SHIPPED:
        for track in load_challenge(name).tracks:
            assert track.reference not in track.observations


def test_a_twin_says_whose_twin_it_is() -> None:
    assert load_challenge("2020a-twin").twin_of == "2020a"
    assert not load_challenge("2020a").is_twin


@pytest.mark.parametrize("written_so", ["4 nadirs", "4-NADIRS", "4nadirs"])
def test_case_and_punctuation_of_a_track_do_not_matter(written_so: str) -> None:
    assert load_challenge("2020a").track(written_so).id == "4 nadirs"


@pytest.mark.parametrize(
    "written_so", ["without SARAL/AltiKa", "Without-SARAL-AltiKa", "without saral altika"]
)
def test_a_slash_in_the_name_of_a_track_may_be_left_out(written_so: str) -> None:
    assert load_challenge("medsea-2021").track(written_so).reference == "alg"


def test_an_unknown_track_is_refused_with_the_near_match_and_the_list() -> None:
    with pytest.raises(LookupError, match=r"no track '4 nadir'; did you mean 4 nadirs or 1 nadir\?"):
        load_challenge("2020a").track("4 nadir")


def test_an_unknown_challenge_is_refused_with_the_near_match() -> None:
    with pytest.raises(LookupError, match=r"no challenge is called '2020b'; did you mean .*2020a"):
        load_challenge("2020b")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ranking =", "rankin =", r"rankin = 'mu': unknown key; did you mean ranking"),
        ('version = "1.0"\n', "", r"version: missing; add it"),
        ("lon = [-65.0, -55.0]", "lon = [-55.0, -65.0]", r"domain.*runs -55.0..-65.0; write the smaller"),
        (
            "lon = [-65.0, -55.0]",
            "lon = [295.0, 305.0]",
            r"domain.lon.0 = 295.0: .*less than or equal to 180",
        ),
        ("end = 2012-12-02\n", "end = 2012-10-02\n", r"end 2012-10-02 lies before start 2012-10-22"),
        ('kind = "map-osse"', 'kind = "map"', r"kind = 'map': .*'map-osse'"),
        ('reference = "truth"', 'reference = "trut"', r"track '1 nadir' names file 'trut'; files are"),
        ('path = "dc_obs/', 'path = "../dc_obs/', r"leaves the data folder"),
        ("[gridded]", "[along_track]", r"unknown key"),
    ],
)
def test_a_wrong_definition_says_file_key_value_and_cure(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = written(tmp_path, old, new)
    with pytest.raises(ChallengeError, match=message) as refused:
        read_challenge(path)
    assert str(path) in str(refused.value)


def test_a_definition_that_is_not_toml_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "challenge.toml"
    path.write_text("id = \n")
    with pytest.raises(ChallengeError, match=r"not TOML: .*line 1"):
        read_challenge(path)


def test_an_absent_definition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChallengeError, match="no such file"):
        read_challenge(tmp_path / "challenge.toml")


def test_a_definition_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_challenge("2020a").version = "2.0"


def test_a_folder_in_the_path_variable_wins_over_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "2020a"
    folder.mkdir()
    written(folder, 'version = "1.0"', 'version = "7.0"')
    monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path))
    assert load_challenge("2020a").version == "7.0"


def test_a_path_variable_that_names_no_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCEANBENCH_PATH", "/no/such/place")
    with pytest.raises(LookupError, match="OCEANBENCH_PATH names /no/such/place"):
        challenge_names()


def test_every_shipped_definition_names_its_sources_or_ships_or_derives_its_data() -> None:
    for name in SHIPPED:
        challenge = load_challenge(name)
        for file in challenge.files:
            assert file.urls or file.archive or challenge.is_twin, f"{name}: {file.id}"


def test_every_layout_of_a_definition_has_its_reader() -> None:
    assert set(get_args(Layout)) == {"grid", "drifters", "auxiliary", *LAYOUTS}


def test_the_toml_of_a_definition_holds_data_only() -> None:
    for name in SHIPPED:
        text = (shipped_challenges() / name / "challenge.toml").read_text()
        assert tomllib.loads(text)["id"] == name
        assert "import" not in text.split()


def test_the_star_of_a_path_stands_for_each_of_its_names() -> None:
    file = DataFile(id="a", role="auxiliary", path="in/p_*.nc", layout="auxiliary", names=("003", "005"))
    assert file.paths() == ("in/p_003.nc", "in/p_005.nc")
    assert file.is_several


def test_names_without_a_star_to_stand_in_are_refused() -> None:
    with pytest.raises(ValueError, match=r"path 'in/p.nc' needs one \* for its 2 names"):
        DataFile(id="a", role="auxiliary", path="in/p.nc", layout="auxiliary", names=("003", "005"))


def test_a_folder_and_the_id_inside_it_are_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "y").mkdir()
    written(tmp_path / "y", "", "")
    monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path))
    with pytest.raises(ChallengeError, match="id = '2020a', but its folder is called 'y'"):
        load_challenge("y")


def test_one_definition_that_cannot_be_used_does_not_hide_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "challenge.toml").write_text("id = 3")
    monkeypatch.setenv("OCEANBENCH_PATH", str(tmp_path))
    shelves, (trouble,) = overview()
    assert "broken" in trouble
    assert {row.challenge.id for rows in shelves.values() for row in rows} == set(challenge_names()) - {
        "broken"
    }


def test_a_file_named_twice_in_a_track_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, 'observations = ["jason1"]', 'observations = ["jason1", "jason1"]')
    with pytest.raises(ChallengeError, match="track '1 nadir' names a file twice: jason1, jason1") as caught:
        read_challenge(path)
    assert "the whole file" not in str(caught.value)
