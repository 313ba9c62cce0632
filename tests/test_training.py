"""Training as a whole: what is learned from, which files are left, what the command says and refuses."""

import json
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from oceanbench.catalog import load_challenge
from oceanbench.passport import file_digest
from oceanbench.progress import Progress, silent
from oceanbench.training import TRAINERS, Lessons, Limits, Look, lessons_of, train
from oceanbench.training.command import train as command


def levelling(lessons: Lessons, limits: Limits, *, progress: Progress = silent) -> Iterator[Look]:
    """A trainer that learns the mean height of the passes, in as many looks as steps."""
    mean = float(np.nanmean(np.concatenate([one.ravel() for one in lessons.heights])))
    steps = limits.steps or 2
    for step in range(1, steps + 1):
        progress("training", step / steps)
        if limits.seed == 99 and step == 2:
            raise KeyboardInterrupt
        yield Look(
            step, 0.5 * step, step / steps, 1 / step, 0.002 / step, 0.012, lambda path: write(path, mean)
        )


def write(path: Path, mean: float) -> None:
    """Write the weights of that trainer."""
    with path.open("wb") as file:
        np.savez(file, mean=np.asarray(mean))


def entries() -> dict[str, EntryPoint]:
    """What is registered in these tests."""
    return {"level": EntryPoint("level", f"{__name__}:levelling", "oceanbench.trainers")}


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(TRAINERS, "entries", entries)
    monkeypatch.setattr(TRAINERS, "load", lambda name: _load(name))
    monkeypatch.chdir(tmp_path)


def _load(name: str) -> object:
    if name not in entries():
        raise LookupError(f"no filter that learns is called {name!r}")
    return levelling


@pytest.fixture(scope="module")
def twin_lessons() -> Lessons:
    """Passes of the twin's training cycle."""
    return lessons_of(load_challenge("2022a-twin"))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Lessons:
    """Two small passes in place of those of the twin."""
    path = Path("input_ssh_karin_001_022.nc")
    path.write_bytes(b"a pass")
    lessons = Lessons((path.resolve(),), (np.full((4, 71), 0.25), np.full((4, 71), 0.75)))
    monkeypatch.setattr("oceanbench.training._training.lessons_of", lambda *_: lessons)
    return lessons


def run(*words: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, words)


def test_the_twin_gives_the_passes_of_its_training_cycle_and_none_that_is_scored(
    twin_lessons: Lessons,
) -> None:
    assert len(twin_lessons.paths) == len(twin_lessons.heights) == 34
    assert all("_001_" in path.name for path in twin_lessons.paths)
    assert all(one.shape[1] == 71 for one in twin_lessons.heights)
    assert 0.1 < np.nanstd(np.concatenate([one.ravel() for one in twin_lessons.heights])) < 0.5


def test_a_challenge_without_passes_to_learn_from_is_refused() -> None:
    with pytest.raises(ValueError, match="medsea-2021 has no passes with a truth to learn from"):
        lessons_of(load_challenge("medsea-2021"))


def test_maps_to_learn_from_are_no_passes() -> None:
    with pytest.raises(ValueError, match="2020a-twin has no passes"):
        lessons_of(load_challenge("2020a-twin"))


def test_weights_record_and_picture_are_written_at_every_look(few: Lessons, tmp_path: Path) -> None:
    record = train(
        load_challenge("2022a-twin"), "level", tmp_path / "w.npz", Limits(steps=3, seed=7), command="again"
    )
    with np.load(tmp_path / "w.npz") as file:
        assert file["mean"] == 0.5
    assert json.loads((tmp_path / "w.json").read_text()) == record
    assert [look["step"] for look in record["curve"]] == [1, 2, 3]
    assert record["curve"][-1]["held_out_rmse"] == pytest.approx(0.002 / 3, rel=1e-3)
    assert record["finished"] is True
    assert record["weights_sha256"] == file_digest(tmp_path / "w.npz")
    assert (record["seed"], record["steps"], record["minutes"]) == (7, 3, None)
    assert (record["challenge"], record["command"]) == ("2022a-twin", "again")
    assert record["passes"] == ["input_ssh_karin_001_022.nc"]
    assert "numpy" in record["software"]
    assert (tmp_path / "w.png").read_bytes().startswith(b"\x89PNG")
    assert not list(tmp_path.glob(".*"))


@pytest.mark.usefixtures("few")
def test_the_command_says_what_was_reached_and_how_to_run_it() -> None:
    result = run("level", "--challenge", "2022a-twin", "--steps", "2", "-o", "own.npz")
    assert result.exit_code == 0, result.output
    assert "2 steps" in result.output
    assert "1.00 mm, unfiltered 12.00 mm" in result.output
    assert "--set weights=own.npz" in result.output


@pytest.mark.usefixtures("few")
def test_the_command_names_the_file_where_none_is_given_and_prints_json() -> None:
    result = run("level", "--challenge", "2022a-twin", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert told["weights"] == "level-2022a-twin.npz"
    assert told["command"] == "oceanbench train level --challenge 2022a-twin --minutes 30 --seed 0"
    assert Path("level-2022a-twin.npz").exists()


@pytest.mark.usefixtures("few")
def test_a_training_that_is_stopped_keeps_the_weights_of_its_last_look() -> None:
    result = run("level", "--challenge", "2022a-twin", "--steps", "5", "--seed", "99", "-o", "own.npz")
    assert result.exit_code == 130
    assert "own.npz" in result.output
    record = json.loads(Path("own.json").read_text())
    assert record["finished"] is False
    assert len(record["curve"]) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("level", "--challenge", "2099z", "--steps", "1"), "2099z"),
        (("level", "--challenge", "medsea-2021", "--steps", "1"), "medsea-2021 has no passes"),
        (("lvel", "--challenge", "2022a-twin", "--steps", "1"), "lvel"),
        (("level", "--challenge", "2022a-twin", "--steps", "0"), "steps is 0"),
        (("level", "--challenge", "2022a-twin", "--minutes", "-1"), "minutes is -1"),
        (("level", "--challenge", "2022a-twin", "--steps", "1", "-o", "absent/w.npz"), "absent"),
    ],
)
def test_what_cannot_be_trained_is_refused_by_its_name(words: tuple[str, ...], message: str) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert isinstance(result.exception, ValueError | LookupError | OSError)
    assert message in str(result.exception)


def test_a_refusal_is_json_where_json_is_asked_for() -> None:
    result = run("level", "--challenge", "medsea-2021", "--json")
    assert result.exit_code == 1
    assert "medsea-2021" in json.loads(result.output)["problems"][0]


def test_a_training_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="neither steps nor minutes"):
        Limits()
    with pytest.raises(ValueError, match="seed is -1"):
        Limits(steps=1, seed=-1)
