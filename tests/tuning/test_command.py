"""The command ``oceanbench tune``: what it prints, keeps and refuses."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from oceanbench.challenge import Challenge
from oceanbench.tuning.command import tune

METHOD = """
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import xarray as xr


@dataclass(frozen=True)
class Level:
    SEARCH: ClassVar = {"level": (0.01, 10.0)}
    level: float = 5.0
    stop: bool = False

    def __call__(self, observations, grid):
        if self.stop and self.level != 5.0:
            raise KeyboardInterrupt
        shape = tuple(grid.sizes[name] for name in ("time", "lat", "lon"))
        return xr.Dataset({"ssh": (("time", "lat", "lon"), np.full(shape, self.level))}, coords=grid.coords)
"""


@pytest.fixture
def spec(tmp_path: Path, sea: Challenge, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(METHOD)
    return "own.py:Level"


def run(*words: object) -> Result:
    return CliRunner().invoke(tune, [*map(str, words), "--challenge", "slope", "--days", 4, "--stretches", 2])


def invoke(*words: object) -> Result:
    found = run(*words)
    assert found.exit_code == 0, found.output
    return found


def test_a_search_prints_its_best_and_names_its_file(spec: str) -> None:
    found = invoke(spec, "--budget", 8)
    told = json.loads(Path("tune-slope-one-nadir-Level.json").read_text())
    assert len(told["trials"]) == 8
    assert "8 trials" in found.output
    assert f"--set level={told['best']['parameters']['level']}" in found.output
    assert "5.00 cm at the start" not in found.output
    assert told["command"].startswith("oceanbench tune own.py:Level --challenge slope --track 'one nadir'")


def test_json_is_what_the_file_holds(spec: str) -> None:
    found = invoke(spec, "--budget", 3, "--json", "-o", "r.json")
    assert json.loads(found.stdout) == json.loads(Path("r.json").read_text())


def test_a_value_at_its_bound_is_pointed_out(spec: str) -> None:
    found = invoke(spec, "--search", "level=4:6", "--budget", 30, "-o", "r.json")
    assert "at its bound: try wider ones" in found.output


def test_a_stopped_search_says_where_it_stands_and_goes_on(spec: str) -> None:
    found = run(spec, "--set", "stop=true", "--budget", 4, "-o", "r.json")
    assert found.exit_code == 130
    assert "what was tried is in r.json" in found.output
    assert len(json.loads(Path("r.json").read_text())["trials"]) == 1


def test_a_search_stopped_before_its_first_trial_says_so(spec: str) -> None:
    found = run(spec, "--set", "stop=true", "--set", "level=4", "-o", "r.json")
    assert found.exit_code == 130
    assert "stopped before the first trial was done" in found.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--budget", "0"), "budget is 0; give a number above 0"),
        (("--minutes", "0"), "minutes is 0; give a number above 0"),
        (("--search", "level=6:4"), "searched from 6 to 4; give two numbers above 0, the smaller one first"),
        (("--search", "height"), "no parameter 'height' to search"),
        (("--set", "height=1"), "has no parameter 'height'"),
        (("--track", "two nadirs"), "slope has no track 'two nadirs'"),
        (("-o", "absent/r.json"), "there is no folder absent to write r.json into"),
    ],
)
def test_a_wrong_question_is_answered_in_one_sentence(spec: str, words: tuple[str, ...], told: str) -> None:
    found = run(spec, *words)
    assert isinstance(found.exception, ValueError | LookupError | OSError)
    assert told in str(found.exception)


def test_with_json_a_refusal_is_json_too(spec: str) -> None:
    found = run(spec, "--budget", "0", "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout) == {"valid": False, "problems": ["budget is 0; give a number above 0"]}


@pytest.mark.parametrize(
    ("words", "told"),
    [(("--search", "level=4"), "gives no two bounds"), (("--set", "level"), "has no '='")],
)
def test_what_cannot_be_read_is_a_usage_error(spec: str, words: tuple[str, ...], told: str) -> None:
    found = run(spec, *words)
    assert found.exit_code == 2
    assert told in found.output
