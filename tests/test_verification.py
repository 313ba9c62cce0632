"""A score is computed again from its passport and its map, and every difference is told."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Scoring
from oceanbench.cli import cli
from oceanbench.evaluation import evaluate
from oceanbench.rounding import rounded_to_noise
from oceanbench.submission import canonical_sha256, open_map
from oceanbench.verification import verify
from tests.toy_sea import DEFINITION, SIX_HOURLY, map_of, waves, write_map

pytestmark = pytest.mark.usefixtures("toy_board")

Json = dict[str, Any]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A map in a file."""
    return write_map(tmp_path / "mine.nc")


def passport_of(source: Path | xr.Dataset, **settings: Any) -> Json:
    document: Json = json.loads(
        json.dumps(evaluate(source, challenge="toy", track="half", **settings).to_json())
    )
    return document


@pytest.fixture
def document(mine: Path) -> Json:
    """Its passport."""
    return passport_of(mine)


def test_a_passport_holds_for_its_map(document: Json, mine: Path) -> None:
    found = verify(document, mine)
    assert found.holds
    assert (found.same_bytes, found.numbers, found.grounds) == (True, (), ())
    robust = 3 * len(document["robust"])
    assert found.compared == 4 + robust + 5
    assert next(found.lines()) == "verified: the scores of toy 1.0, track half"


@pytest.mark.parametrize(
    ("family", "name", "end"),
    [
        ("official", "mu", None),
        ("official", "lambda_t", None),
        ("robust", "lambda_x_km", "value"),
        ("robust", "mu", "low"),
        ("robust", "sigma", "high"),
        ("coverage", "covered", None),
    ],
)
def test_every_number_that_was_changed_is_named(
    document: Json, mine: Path, family: str, name: str, end: str | None
) -> None:
    place = document[family] if end is None else document[family][name]
    key = name if end is None else end
    place[key] *= 1 + 1e-7
    found = verify(document, mine)
    assert not found.holds
    whole = ".".join(filter(None, (family, name, end)))
    assert [one.name for one in found.numbers] == [whole]
    assert found.numbers[0].passport == place[key]


def test_a_number_may_differ_by_rounding(document: Json, mine: Path) -> None:
    document["official"]["mu"] *= 1 + 1e-11
    assert verify(document, mine).holds


@pytest.mark.parametrize("value", [None, "0.66", True])
def test_a_number_that_is_none_differs_from_one(document: Json, mine: Path, value: Any) -> None:
    document["official"]["mu"] = value
    assert [one.name for one in verify(document, mine).numbers] == ["official.mu"]


def test_a_number_that_is_left_out_or_added_is_named(document: Json, mine: Path) -> None:
    del document["robust"]["sigma"]["low"]
    document["official"]["skill"] = 1.0
    found = verify(document, mine)
    assert [one.name for one in found.numbers] == ["official.skill", "robust.sigma.low"]


def test_another_map_is_told_by_its_bytes_and_its_numbers(document: Json, tmp_path: Path) -> None:
    other = write_map(tmp_path / "other.nc", error_m=0.06)
    found = verify(document, other)
    assert not found.is_the_map
    assert "official.mu" in {one.name for one in found.numbers}
    assert any("the map is not the one" in line for line in found.lines())


def test_a_map_with_the_same_numbers_but_other_bytes_is_not_known_by_a_passport_of_bytes(
    document: Json, mine: Path, tmp_path: Path
) -> None:
    with xr.open_dataset(mine) as maps:
        maps.load().assign_attrs(note="written again").to_netcdf(tmp_path / "again.nc")
    found = verify(document, tmp_path / "again.nc")
    assert found.numbers == ()
    assert not found.holds


def test_the_same_heights_in_another_file_hold_where_the_passport_knows_the_heights(
    document: Json, mine: Path, tmp_path: Path
) -> None:
    with xr.open_dataset(mine) as maps:
        maps.load().isel(lat=slice(None, None, -1)).to_netcdf(tmp_path / "turned.nc")
    document["passport"]["submission"]["canonical_sha256"] = canonical_sha256(open_map(mine).ssh)
    found = verify(document, tmp_path / "turned.nc")
    assert (found.same_bytes, found.same_values, found.holds) == (False, True, True)
    changed = map_of()
    changed["ssh"][13, 0, 0] += 1e-13  # moves no official number
    changed.to_netcdf(tmp_path / "changed.nc")
    other = verify(document, tmp_path / "changed.nc")
    assert (other.same_values, other.holds) == (False, False)


def test_a_map_in_memory_holds_for_the_passport_of_its_heights(mine: Path) -> None:
    document = passport_of(map_of())
    assert document["passport"]["submission"]["name"] is None
    assert verify(document, map_of()).holds
    assert verify(document, mine).same_values
    assert not verify(document, map_of(seed=3)).is_the_map


def test_the_settings_of_the_passport_are_used(mine: Path) -> None:
    holed = map_of()
    holed["ssh"][3, 4, 5] = np.nan
    settings = Scoring(detrend="linear", window="symmetric")
    document = passport_of(holed, holes="zero", scoring=settings)
    assert verify(document, holed).holds
    document["passport"]["scoring"] = None
    assert not verify(document, holed).holds


def test_the_height_is_the_one_that_was_scored(tmp_path: Path) -> None:
    two = map_of().assign(adt=map_of(seed=5)["ssh"])
    two.to_netcdf(tmp_path / "two.nc")
    document = passport_of(tmp_path / "two.nc", variable="adt")
    assert verify(document, tmp_path / "two.nc").holds


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda document: document.update(version="0.9"), "version of the challenge"),
        (lambda document: document["passport"]["reference"].update(sha256="0" * 64), "truth (sha256)"),
        (
            lambda document: document["passport"].update(metric_code_sha256="0" * 64),
            "code of the metrics (sha256)",
        ),
        (lambda document: document["passport"]["software"].update(numpy="1.0"), "numpy"),
        (lambda document: document["passport"]["software"].update(fortran="77"), "fortran"),
    ],
)
def test_what_numbers_rest_on_is_compared_and_does_not_make_them_wrong(
    document: Json, mine: Path, change: Callable[[Json], None], name: str
) -> None:
    change(document)
    found = verify(document, mine)
    assert found.holds
    assert [one.name for one in found.grounds] == [name]
    document["official"]["mu"] = 0.5
    words = list(verify(document, mine).lines())
    assert words[0].startswith("not verified")
    assert "may be why:" in words


def test_a_changed_passport_is_called_one_where_nothing_else_differs(document: Json, mine: Path) -> None:
    document["official"]["mu"] = 0.99
    assert list(verify(document, mine).lines())[-1].startswith(
        "nothing else differs: the passport was changed"
    )


def test_numbers_told_to_the_noise_are_compared_so(document: Json, mine: Path) -> None:
    told = rounded_to_noise(document)
    assert told["official"]["mu"] != document["official"]["mu"]
    assert verify(told, mine).holds
    other = copy.deepcopy(told)
    other["official"]["mu"] += 0.05
    assert [one.name for one in verify(other, mine).numbers] == ["official.mu"]


def test_a_part_of_a_competition_is_computed_on_its_own_days(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = """
[competition]
public = { start = 2015-06-01, end = 2015-06-07 }
private = { start = 2015-06-08, end = 2015-06-14 }
"""
    world = tmp_path / "world"
    (world / "toy" / "data").mkdir(parents=True)
    withheld = DEFINITION.replace('licence = "BSD-3-Clause"', 'licence = "none"\ntruth = "withheld"')
    (world / "toy" / "challenge.toml").write_text(withheld + days)
    waves(SIX_HOURLY).to_dataset().to_netcdf(world / "toy" / "data" / "truth.nc")
    monkeypatch.setenv("OCEANBENCH_PATH", str(world))
    document = evaluate(mine, challenge=load_challenge("toy").part("private"), track="half").to_json()
    document["passport"]["part"] = "private"
    found = verify(document, mine)
    assert found.holds
    assert found.part == "private"
    document["passport"]["part"] = "public"
    assert not verify(document, mine).holds


def test_a_score_on_a_truth_of_its_own_wants_that_truth(tmp_path: Path, mine: Path) -> None:
    truth = waves(SIX_HOURLY).sel(time=slice("2015-06-02", "2015-06-12")).to_dataset()
    truth.to_netcdf(tmp_path / "own.nc")
    document = passport_of(mine, reference=tmp_path / "own.nc")
    with pytest.raises(ValueError, match="a truth of its own; give that too, with --reference"):
        verify(document, mine)
    assert verify(document, mine, reference=[tmp_path / "own.nc"]).holds


@pytest.mark.slow
def test_filtered_swaths_are_verified_too(ripples: Path) -> None:
    from oceanbench.running import sample_passes

    challenge = load_challenge("ripples")
    sample_passes(challenge, challenge.tracks[0], Path("sample"))
    document = json.loads(json.dumps(evaluate("sample", challenge="ripples").to_json()))
    found = verify(document, "sample")
    assert (found.holds, found.same_values) == (True, None)
    document["unfiltered"]["rmse"]["ssh"]["global"] *= 2
    assert [one.name for one in verify(document, "sample").numbers] == ["unfiltered.rmse.ssh.global"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda document: document.pop("official"), "no passport: it holds challenge, coverage"),
        (lambda document: document.update(passport="none"), "does not say which map was scored"),
        (
            lambda document: document["passport"].update(part="secret"),
            "of the part 'secret'; expected public",
        ),
    ],
)
def test_what_is_no_passport_is_refused(
    document: Json, mine: Path, change: Callable[[Json], None], message: str
) -> None:
    change(document)
    with pytest.raises(ValueError, match=message):
        verify(document, mine)


@pytest.mark.parametrize("thing", [[], "words", {}])
def test_what_is_no_document_is_refused(thing: Any, mine: Path) -> None:
    with pytest.raises(ValueError, match="no passport: it holds"):
        verify(thing, mine)


# --- the command


def command(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["verify", *map(str, words)])
    return result.exit_code, result.output


def test_the_command_says_verified_and_ends_well(document: Json, mine: Path, tmp_path: Path) -> None:
    (tmp_path / "passport.json").write_text(json.dumps(document))
    code, words = command(tmp_path / "passport.json", mine)
    assert (code, words.splitlines()[0]) == (0, "verified: the scores of toy 1.0, track half")


def test_the_command_ends_with_one_where_a_number_differs(document: Json, mine: Path, tmp_path: Path) -> None:
    document["official"]["mu"] = 0.9
    (tmp_path / "passport.json").write_text(json.dumps(document))
    code, words = command(tmp_path / "passport.json", mine)
    assert code == 1
    assert "official.mu: 0.9 in the passport" in words
    code, answer = command(tmp_path / "passport.json", mine, "--json")
    told = json.loads(answer)
    assert (code, told["holds"], told["is_the_map"]) == (1, False, True)
    assert told["numbers"][0]["name"] == "official.mu"


def test_the_command_refuses_a_file_that_is_not_json(mine: Path) -> None:
    result = CliRunner().invoke(cli, ["verify", str(mine), str(mine)])
    assert isinstance(result.exception, ValueError)
    assert "mine.nc is not JSON" in str(result.exception)
    code, answer = command(mine, mine, "--json")
    assert (code, json.loads(answer)["valid"]) == (1, False)
