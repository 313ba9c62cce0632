"""A whole search on a small sea: the optimum, the file, going on after a stop, what is refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from oceanbench.challenge import Challenge
from oceanbench.tuning import Budget, Design, Result, read_result, tune

METHOD = '''
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import ClassVar

import numpy as np
import xarray as xr


@dataclass(frozen=True)
class Sloping:
    """The slope through the observations, spoiled by how far the parameters are from 2 and 30."""

    SEARCH: ClassVar = {"scale": (0.5, 8.0), "days": (3.0, 300.0)}
    scale: float = 5.0
    days: float = 150.0
    level: float = 0.0
    calls: str = ""

    def __call__(self, observations, grid):
        if self.scale > 6.0:
            raise ValueError("the matrix is not positive definite")
        if self.calls:
            self._count()
        values = [observations[name].values for name in ("lon", "lat", "ssh")]
        day = (observations["time"].values - grid["time"].values[0]) / np.timedelta64(1, "D")
        terms = np.column_stack([np.ones(day.size), values[0], values[1], day])
        a, b, c, d = np.linalg.lstsq(terms, values[2], rcond=None)[0]
        days = (grid["time"] - grid["time"][0]) / np.timedelta64(1, "D")
        ssh = a + b * grid["lon"] + c * grid["lat"] + d * days
        wrong = 0.1 * (log(self.scale / 2.0) ** 2 + log(self.days / 30.0) ** 2) + self.level
        return xr.Dataset({"ssh": (ssh + wrong).transpose("time", "lat", "lon")}).reset_coords(drop=True)

    def _count(self):
        path = Path(self.calls)
        made = len(path.read_text()) if path.exists() else 0
        path.write_text("x" * (made + 1))
        if made == 10:
            raise KeyboardInterrupt


def plain(observations, grid):
    """No parameters."""
'''
DESIGN = Design(days=6, stretches=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("method")
    (folder / "sloping.py").write_text(METHOD)
    return folder


@pytest.fixture(scope="module")
def sloping(folder: Path) -> str:
    return f"{folder / 'sloping.py'}:Sloping"


def searched(sea: Challenge, spec: str, path: Path, trials: int = 12, **more: object) -> Result:
    given: dict[str, object] = {"budget": Budget(trials), "design": DESIGN, **more}
    return tune(sea, spec, sea.tracks[0], path, **given)  # type: ignore[arg-type]


def values(result: Result) -> list[tuple[dict[str, float], tuple[float, ...]]]:
    return [(dict(trial.parameters), trial.squared) for trial in result.trials]


def test_the_known_optimum_is_found(sea: Challenge, sloping: str, tmp_path: Path) -> None:
    result = searched(sea, sloping, tmp_path / "r.json", trials=45)
    best = result.best
    assert best is not None
    assert best.parameters["scale"] == pytest.approx(2.0, rel=0.15)
    assert best.parameters["days"] == pytest.approx(30.0, rel=0.15)
    assert result.rmse(best) < 0.01 < result.rmse(result.trials[0])


def test_the_start_is_the_first_trial_and_its_score_is_known(
    sea: Challenge, sloping: str, tmp_path: Path
) -> None:
    result = searched(sea, sloping, tmp_path / "r.json", trials=1, settings={"scale": "2", "days": "30"})
    (trial,) = result.trials
    assert trial.parameters == {"scale": 2.0, "days": 30.0}
    assert result.rmse(trial) < 1e-9
    assert result.mu(trial) == pytest.approx(1.0)


def test_the_score_is_the_root_mean_square_over_all_points(
    sea: Challenge, sloping: str, tmp_path: Path
) -> None:
    settings = {"scale": "2", "days": "30", "level": "0.25"}
    result = searched(sea, sloping, tmp_path / "r.json", trials=1, settings=settings)
    assert result.rmse(result.trials[0]) == pytest.approx(0.25)
    assert sum(result.points) == 6 * 49  # six maps of 7 x 7 nodes inside the rim


def test_the_same_search_gives_the_same_trials(sea: Challenge, sloping: str, tmp_path: Path) -> None:
    one, other = (searched(sea, sloping, tmp_path / name) for name in ("one.json", "other.json"))
    assert values(one) == values(other)


def test_a_search_goes_on_as_if_it_had_never_stopped(sea: Challenge, sloping: str, tmp_path: Path) -> None:
    at_once = searched(sea, sloping, tmp_path / "at once.json", trials=12)
    searched(sea, sloping, tmp_path / "in parts.json", trials=5)
    in_parts = searched(sea, sloping, tmp_path / "in parts.json", trials=12)
    assert values(in_parts) == values(at_once)
    assert in_parts.to_json()["best"] == at_once.to_json()["best"]


def test_an_interruption_keeps_the_trials_that_were_done(
    sea: Challenge, sloping: str, tmp_path: Path
) -> None:
    path, settings = tmp_path / "r.json", {"calls": str(tmp_path / "calls")}
    with pytest.raises(KeyboardInterrupt):
        searched(sea, sloping, path, settings=settings)
    kept = read_result(path)
    assert sum(bool(trial.squared) for trial in kept.trials) == 5  # two maps each; the eleventh was stopped
    assert not list(tmp_path.glob("*.part"))
    gone_on = searched(sea, sloping, path, settings=settings)
    assert values(gone_on)[: len(kept.trials)] == values(kept)
    assert len(gone_on.trials) == 12


def test_trials_that_cannot_be_mapped_are_listed_and_never_best(
    sea: Challenge, sloping: str, tmp_path: Path
) -> None:
    path = tmp_path / "r.json"
    result = searched(sea, sloping, path, searched={"scale": (5.0, 8.0)}, trials=4)
    failed = [trial for trial in result.trials if not trial.squared]
    assert failed
    assert {trial.trouble for trial in failed} == {"the matrix is not positive definite"}
    listed = json.loads(path.read_text())["trials"]
    assert [one["rmse"] is None for one in listed] == [not trial.squared for trial in result.trials]
    assert result.best is not None
    assert result.best.parameters["scale"] <= 6


def test_a_start_that_cannot_be_mapped_is_refused(sea: Challenge, sloping: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the start cannot be tried: the matrix is not positive definite"):
        searched(sea, sloping, tmp_path / "r.json", settings={"scale": "7"})
    assert not (tmp_path / "r.json").exists()


def test_the_file_says_what_was_searched_on_what_and_how_to_do_it_again(
    sea: Challenge, sloping: str, tmp_path: Path
) -> None:
    path = tmp_path / "r.json"
    result = searched(sea, sloping, path, settings={"level": "0.01"}, command="oceanbench tune it")
    told = json.loads(path.read_text())
    assert told["command"] == "oceanbench tune it"
    assert told["asked"]["challenge"] == "slope"
    assert told["asked"]["track"] == "one nadir"
    assert told["asked"]["searched"] == {"scale": [0.5, 8.0], "days": [3.0, 300.0]}
    assert set(told["asked"]["inputs"]) == {"nadir", "training"}
    assert told["preset"] == {"level": 0.01, **told["best"]["parameters"]}
    assert [case["maps"] for case in told["cases"]] == [3, 3]
    assert len(told["trials"]) == 12
    assert str(tmp_path) not in path.read_text().replace(str(sloping), "")
    again = read_result(path)
    assert values(again) == values(result)
    assert again.to_json() == told == result.to_json()


def test_trials_within_the_error_of_the_best_are_named(sea: Challenge, sloping: str, tmp_path: Path) -> None:
    result = searched(sea, sloping, tmp_path / "r.json", trials=4)
    near = result.indistinguishable()
    assert result.best in [result.trials[number] for number in near]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"design": Design(days=4, stretches=2)}, "its days is 6, not 4"),
        ({"design": Design(days=6, stretches=2, noise=True)}, "its noise is False, not True"),
        ({"searched": {"scale": None}}, "its searched is .*days.*, not"),
        ({"settings": {"level": "0.5"}}, "its start is"),
    ],
)
def test_a_file_of_another_search_is_not_touched(
    sea: Challenge, sloping: str, tmp_path: Path, change: dict[str, object], told: str
) -> None:
    path = tmp_path / "r.json"
    searched(sea, sloping, path, trials=1)
    before = path.read_text()
    with pytest.raises(ValueError, match=rf"r\.json holds another search: {told}.*another name with -o"):
        searched(sea, sloping, path, trials=1, **change)
    assert path.read_text() == before


@pytest.mark.parametrize("content", ["{}", "no JSON", '{"kind": "oceanbench tune", "format": 99}', "[]"])
def test_a_file_of_another_kind_is_not_touched(
    sea: Challenge, sloping: str, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "r.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"r\.json is not a file that 'oceanbench tune' wrote"):
        searched(sea, sloping, path)
    assert path.read_text() == content


def test_minutes_end_a_search_too(sea: Challenge, sloping: str, tmp_path: Path) -> None:
    result = searched(sea, sloping, tmp_path / "r.json", budget=Budget(None, minutes=1e-9))
    assert result.trials == ()


def test_progress_is_told_from_nothing_to_everything(sea: Challenge, sloping: str, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    searched(sea, sloping, tmp_path / "r.json", trials=3, progress=lambda *one: told.append(one))
    shares = [share for stage, share in told if stage == "trying parameters"]
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert shares == sorted(shares)


@pytest.fixture
def refusals(sea: Challenge, folder: Path, tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "r.json"
    assert not (tmp_path / "r.json").exists()


def test_a_method_without_parameters_is_refused(sea: Challenge, folder: Path, refusals: Path) -> None:
    with pytest.raises(ValueError, match="does not say what can be searched"):
        searched(sea, f"{folder / 'sloping.py'}:plain", refusals)


def test_an_unknown_method_is_refused(sea: Challenge, refusals: Path) -> None:
    with pytest.raises(LookupError, match="no mapping method is called 'duac'"):
        searched(sea, "duac", refusals)


def test_a_folder_that_is_not_there_is_refused(sea: Challenge, sloping: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*absent.* to write r\.json into"):
        searched(sea, sloping, tmp_path / "absent" / "r.json")


@pytest.mark.parametrize(
    ("trials", "minutes", "told"),
    [
        (0, None, "budget is 0"),
        (-3, None, "budget is -3"),
        (None, 0.0, "minutes is 0"),
        (None, None, "an end"),
    ],
)
def test_a_budget_that_means_nothing_is_refused(trials: int | None, minutes: float | None, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Budget(trials, minutes)


@pytest.mark.parametrize("name", ["days", "stretches"])
def test_a_design_that_scores_nothing_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is 0; give a whole number from 1"):
        Design(**{name: 0})
