"""The score book: one record for each map and rule, and no damage spreads."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from oceanbench.catalog import load_challenge
from oceanbench.metrics.bootstrap import Interval
from oceanbench.registry import Registry
from oceanbench.score import Evaluation
from oceanbench_leaderboard.scores import book_folder, record, scores_here

Make = Callable[..., Evaluation]


def test_record_gives_back_what_was_scored(book: Path, make_evaluation: Make) -> None:
    robust = {"mu": Interval(0.93, 0.91, 0.95)}
    path = record(make_evaluation(robust=robust))
    assert path is not None
    assert path.parent == book / "2020a"
    (score,), warnings = scores_here(load_challenge("2020a"))
    assert warnings == []
    assert (score.track, score.method, score.map_name) == ("4 nadirs", "mine", "my_map.nc")
    assert score.official["mu"] == 0.9449
    assert score.units["lambda_t"] == "days"
    assert (score.robust["mu"].low, score.robust["mu"].high) == (0.91, 0.95)
    assert score.recorded is not None


def test_record_is_the_json_of_the_evaluation_and_its_time(book: Path, make_evaluation: Make) -> None:
    result = make_evaluation()
    path = record(result)
    assert path is not None
    content = json.loads(path.read_text())
    assert content.pop("recorded").endswith("+00:00")
    assert content == json.loads(json.dumps(result.to_json()))


def test_same_map_twice_is_one_record_and_the_last_counts(book: Path, make_evaluation: Make) -> None:
    assert record(make_evaluation(official={"mu": 0.5})) == record(make_evaluation(official={"mu": 0.6}))
    (score,), _ = scores_here(load_challenge("2020a"))
    assert score.official["mu"] == 0.6
    assert [path.suffix for path in (book / "2020a").iterdir()] == [".json"]


def test_another_map_track_or_challenge_is_another_record(book: Path, make_evaluation: Make) -> None:
    made = [
        make_evaluation(),
        make_evaluation(sha256="cd" * 32),
        make_evaluation(track="1 nadir"),
        make_evaluation("2020a-twin"),
    ]
    assert len({record(result) for result in made}) == 4
    assert len(scores_here(load_challenge("2020a"))[0]) == 3
    assert len(scores_here(load_challenge("2020a-twin"))[0]) == 1


def test_score_that_is_not_one_of_the_challenge_is_not_recorded(book: Path, make_evaluation: Make) -> None:
    assert record(make_evaluation(own_reference=True)) is None
    assert record(make_evaluation(scoring={"detrend": "linear"})) is None
    assert record(make_evaluation("2022a", "cycle 13", segment_km=512.0)) is None
    assert record(make_evaluation("2022a", "cycle 13", own_reference=True)) is None
    assert not book.exists()


def test_number_that_does_not_exist_is_kept_as_none(book: Path, make_evaluation: Make) -> None:
    record(make_evaluation(official={"mu": 0.5, "lambda_x": float("nan")}))
    (score,), warnings = scores_here(load_challenge("2020a"))
    assert warnings == []
    assert score.official == {"mu": 0.5, "lambda_x": None}


def test_nested_numbers_of_filtered_swaths_come_back_by_their_flat_names(
    book: Path, make_evaluation: Make
) -> None:
    official = {"rmse.ssh.global": 0.0018, "rmse.ssh.coastal": 0.0021, "lambda_snr1.ssh": 12.3}
    robust = {
        "rmse.ssh.global": Interval(0.0018, 0.0017, 0.0019),
        "noise_reduction": Interval(15.0, 14.0, 16.0),
    }
    path = record(make_evaluation("2022a-twin", "cycle 13", official=official, robust=robust))
    assert path is not None
    assert json.loads(path.read_text())["official"]["rmse"]["ssh"]["global"] == 0.0018
    (score,), warnings = scores_here(load_challenge("2022a-twin"))
    assert (score.official, warnings) == (official, [])
    assert score.units == {"rmse.ssh.global": "m", "rmse.ssh.coastal": "m", "lambda_snr1.ssh": "km"}
    assert {name: one.low for name, one in score.robust.items()} == {
        "rmse.ssh.global": 0.0017,
        "noise_reduction": 14.0,
    }


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"official": 3}', "\xff"])
def test_damaged_record_is_a_warning_and_the_others_are_read(
    book: Path, make_evaluation: Make, text: str
) -> None:
    record(make_evaluation())
    (book / "2020a" / "damaged.json").write_bytes(text.encode("latin-1"))
    scores, (warning,) = scores_here(load_challenge("2020a"))
    assert len(scores) == 1
    assert "damaged.json: left out, not a score" in warning
    assert warning.endswith("delete it, or score the map again")


def test_record_cut_at_any_byte_is_a_warning(book: Path, make_evaluation: Make) -> None:
    path = record(make_evaluation())
    assert path is not None
    whole = path.read_bytes()
    for end in range(0, len(whole) - 1, 37):
        path.write_bytes(whole[:end])
        scores, warnings = scores_here(load_challenge("2020a"))
        assert (len(scores), len(warnings)) == (0, 1)


def test_record_of_another_challenge_or_version_is_left_out(book: Path, make_evaluation: Make) -> None:
    path = record(make_evaluation("2020a-twin"))
    assert path is not None
    (book / "2020a").mkdir()
    path.rename(book / "2020a" / path.name)
    assert "it is a score of 2020a-twin, not of 2020a" in scores_here(load_challenge("2020a"))[1][0]
    record(make_evaluation(track="1 nadir"))
    newer = load_challenge("2020a").model_copy(update={"version": "2.0"})
    assert any("version 1.0, this is 2.0" in warning for warning in scores_here(newer)[1])


def test_book_that_cannot_be_written_is_an_error_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_evaluation: Make
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("OCEANBENCH_SCORES", str(tmp_path / "file"))
    assert book_folder() == tmp_path / "file"
    with pytest.raises(OSError, match="file"):
        record(make_evaluation())


def test_book_is_registered_as_a_listener_of_scores() -> None:
    assert Registry("oceanbench.score_listeners", "listener").load("score-book") is record
