"""Presets come from the results of searches that ship with the package."""

import json
from pathlib import Path
from typing import Any

import pytest

from oceanbench.catalog import challenge_names
from oceanbench.methods import load_method, method_names
from oceanbench_baselines.mapping._tuned import _SHIPPED, merged, presets


def write(folder: Path, challenge: str, method: str, **changes: Any) -> None:
    asked = {"method": method, "challenge": challenge}
    content = {
        "kind": "oceanbench tune",
        "asked": asked,
        "preset": {"Lx": 1.2, "scales": [0.1, 0.2]},
        **changes,
    }
    (folder / challenge).mkdir(exist_ok=True)
    (folder / challenge / f"{method}.json").write_text(json.dumps(content))


def test_a_method_gets_the_parameters_found_for_it_by_challenge(tmp_path: Path) -> None:
    write(tmp_path, "2020a-twin", "own")
    write(tmp_path, "medsea-2021", "own", preset={"Lx": 0.9})
    write(tmp_path, "2020a-twin", "other", preset={"Lx": 7.0})
    found = presets("own", tmp_path)
    assert {challenge: dict(values) for challenge, values in found.items()} == {
        "2020a-twin": {"Lx": 1.2, "scales": (0.1, 0.2)},
        "medsea-2021": {"Lx": 0.9},
    }


def test_a_method_that_was_not_tuned_has_no_presets(tmp_path: Path) -> None:
    assert dict(presets("own", tmp_path)) == {}


def test_presets_cannot_be_changed_by_who_reads_them(tmp_path: Path) -> None:
    write(tmp_path, "2020a-twin", "own")
    with pytest.raises(TypeError):
        presets("own", tmp_path)["2020a-twin"]["Lx"] = 2.0  # type: ignore[index]


def test_what_was_found_goes_over_what_was_chosen_parameter_by_parameter() -> None:
    chosen = {"one": {"a": 1, "b": 2}, "two": {"a": 3}}
    tuned = {"one": {"b": 5, "c": 6}, "three": {"a": 7}}
    both = merged(chosen, tuned)
    assert {challenge: dict(values) for challenge, values in both.items()} == {
        "one": {"a": 1, "b": 5, "c": 6},
        "two": {"a": 3},
        "three": {"a": 7},
    }
    assert chosen == {"one": {"a": 1, "b": 2}, "two": {"a": 3}}


def test_a_result_in_the_place_of_another_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "2020a-twin", "own", asked={"method": "own", "challenge": "2020a"})
    with pytest.raises(
        ValueError, match="was found for 'own' on '2020a'; its place says 'own' on '2020a-twin'"
    ):
        presets("own", tmp_path)


@pytest.mark.parametrize("content", ["", "{}", '{"kind": "other"}', '{"kind": "oceanbench tune"}', "[]"])
def test_a_file_that_is_no_result_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "2020a-twin").mkdir()
    (tmp_path / "2020a-twin" / "own.json").write_text(content)
    with pytest.raises(ValueError, match=r"own\.json is not a result of 'oceanbench tune'"):
        presets("own", tmp_path)


def test_every_shipped_result_fits_its_method() -> None:
    for path in sorted(_SHIPPED.glob("*/*.json")):
        assert path.parent.name in challenge_names()
        assert path.stem in method_names()
        values = presets(path.stem)[path.parent.name]
        method = load_method(path.stem, challenge=path.parent.name)
        assert {name: getattr(method, name) for name in values} == dict(values)
