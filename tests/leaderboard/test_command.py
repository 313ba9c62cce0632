"""``oceanbench leaderboard`` in a terminal of 80 columns, as JSON and as a table."""

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import oceanbench_leaderboard
from oceanbench.catalog import challenge_names, load_challenge, shipped_challenges
from oceanbench.metrics.bootstrap import Interval
from oceanbench.score import Evaluation
from oceanbench_leaderboard.metrics import metric_named
from oceanbench_leaderboard.published import published_scores
from oceanbench_leaderboard.scores import Score, baseline_scores, record

Make = Callable[..., Evaluation]
FILTERED = {
    "rmse.ssh.global": 0.001851,
    "rmse.ssh.coastal": 0.0021,
    "rmse.speed.global": 0.0531,
    "rmse.vorticity.global": 0.49,
    "lambda_snr1.ssh": 12.3,
}
FILTERED_INTERVAL = {"rmse.ssh.global": Interval(0.00185, 0.0018, 0.00191)}


def words(answer: Any) -> str:
    return " ".join(answer.out.split())


def test_board_shows_published_text_and_what_was_scored_here_with_its_interval(
    oceanbench: Any, make_evaluation: Make
) -> None:
    record(make_evaluation(robust={"mu": Interval(0.943, 0.931, 0.952)}))
    answer = oceanbench("leaderboard", "2020a", "--track", "4 nadirs")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert any(
        line.split() == ["1", "4DVarQG", "0.95", "0.01", "0.82", "5.84", "published"] for line in lines
    )
    mine = next(line for line in lines if "mine (my_map.nc)" in line)
    assert mine.split() == ["2=", "mine", "(my_map.nc)", "0.94", "0.01", "1.00", "9.00", "scored"]
    assert "0.931..0.952" in lines[lines.index(mine) + 1]
    assert "linear detrending: older than the change" in words(answer)


@pytest.mark.parametrize("name", ["2020a", "2022a", "2023a", "2024b"])
@pytest.mark.parametrize("options", [(), ("--all",)])
def test_every_board_fits_the_terminal_and_shows_every_number_whole(
    oceanbench: Any, name: str, options: tuple[str, ...]
) -> None:
    answer = oceanbench("leaderboard", name, *options)
    assert max(map(len, answer.out.splitlines())) <= 80
    assert "…" not in answer.out
    shown = {word.rstrip("†") for word in answer.out.split()}
    challenge = load_challenge(name)
    scores = published_scores(challenge)
    ranking = [score for score in scores if (score.metric, score.status) == (challenge.ranking, "current")]
    for score in scores if options else ranking:
        assert metric_named(score.metric).shown_text(score.text, score.unit) in shown


def test_board_of_every_challenge_can_be_printed(oceanbench: Any) -> None:
    for name in challenge_names():
        assert oceanbench("leaderboard", name).code == 0


def test_board_of_filters_has_errors_and_wavelengths_side_by_side_and_heights_in_millimetres(
    oceanbench: Any, make_evaluation: Make
) -> None:
    made = make_evaluation("2022a", "cycle 13", official=FILTERED, robust=FILTERED_INTERVAL)
    record(made)
    board = oceanbench("leaderboard", "2022a")
    assert "Errors of height are shown in mm" in words(board)
    ranked = [line.split() for line in board.out.splitlines() if re.match(r" *\d=? ", line)]
    order = ["CNN", "GOMEZ_V2", "mine", "NO", "GOMEZ", "MEDIAN"]
    assert [row[1] for row in ranked] == order * 2  # errors, then wavelengths
    assert ranked[2][0] == "1="  # of all three 0.002 is printed, or would be
    assert [word for word in ranked[2] if "." in word and word[0].isdigit()] == ["1.85", "0.0531", "0.490"]
    assert "1.80..1.91" in board.out
    assert "RMSE" in board.out
    assert "λ(SNR1)" in board.out


def test_every_number_of_filters_is_shown_by_quantity_with_its_regimes(oceanbench: Any) -> None:
    answer = oceanbench("leaderboard", "2022a", "--track", "cycle 13", "--all")
    titles = [line.strip() for line in answer.out.splitlines() if line.endswith(", all published")]
    assert titles == [
        "SSH (mm), all published",
        "geostrophic speed (m/s), all published",
        "relative vorticity over f, all published",
    ]
    assert answer.out.split().count("2.6") == 1  # 0.0026 m, GOMEZ_V2 at the coast


def test_misprint_is_marked_and_told(oceanbench: Any) -> None:
    answer = oceanbench("leaderboard", "2022a")
    assert "18.733†" in answer.out
    assert "† misprint for 18.133" in words(answer)


def test_board_of_a_twin_says_whose_it_is(oceanbench: Any, make_evaluation: Make) -> None:
    record(make_evaluation("2020a-twin", "1 nadir"))
    answer = oceanbench("leaderboard", "2020a-twin")
    assert "Synthetic twin of 2020a: these are not scores of 2020a." in words(answer)
    assert "1 nadir, synthetic twin of 2020a" in words(answer)
    assert "mine" not in oceanbench("leaderboard", "2020a").out


def test_our_baseline_stands_beside_a_score_made_here_on_a_board_of_80_columns(
    oceanbench: Any, make_evaluation: Make
) -> None:
    robust = {"mu": Interval(0.81, 0.79, 0.83), "lambda_x": Interval(2.0, 1.9, 2.2)}
    record(make_evaluation("2020a-twin", official={"mu": 0.81, "lambda_x": 2.1}, robust=robust))
    answer = oceanbench("leaderboard", "2020a-twin", "--track", "4 nadirs")
    lines = [line.split() for line in answer.out.splitlines()]
    assert ["4", "mine", "0.81", "2.10", "scored"] in lines
    assert ["5", "oi", "0.80", "0.02", "2.46", "12.93", "baseline"] in lines
    (track,) = json.loads(oceanbench("leaderboard", "2020a-twin", "--track", "4 nadirs", "--json").out)[
        "tracks"
    ]
    kinds = ["baseline of ours"] * 3 + ["scored here", "baseline of ours"]
    assert [row["provenance"] for row in track["rows"]] == kinds
    assert all(row["twin"] for row in track["rows"])


def _numbers_of(text: str, first: int) -> list[list[str]]:
    """Rows of a Markdown page whose cells from ``first`` on are four numbers."""
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in text.splitlines() if "|" in line]
    return [row for row in rows if len(row) == first + 4 and row[-1].replace(".", "").isdigit()]


def test_scores_of_our_baseline_are_those_of_the_readme() -> None:
    text = (shipped_challenges() / "2020a-twin" / "README.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:6]] for line in text.splitlines() if "|" in line]
    tracks = {track.id for track in load_challenge("2020a-twin").tracks}
    printed = {row[0]: [float(cell) for cell in row[1:]] for row in rows if row[0] in tracks}
    scores, warnings = baseline_scores(load_challenge("2020a-twin"))
    assert warnings == []
    found = {score.track: _official(score) for score in scores if score.method == "oi"}
    assert len(found) == 4
    for track, numbers in found.items():
        assert printed[str(track)] == pytest.approx(numbers, abs=0.005)


def test_scores_of_our_methods_are_those_of_the_readme() -> None:
    page = Path(__file__).parents[2] / "README.md"
    printed, track = {}, ""
    for row in _numbers_of(page.read_text(encoding="utf-8"), 2):
        track = row[0] or track
        printed[track, row[1]] = [float(cell) for cell in row[2:]]
    scores, _ = baseline_scores(load_challenge("2020a-twin"))
    found = {(score.track, score.method): _official(score) for score in scores}
    assert len(printed) == 8
    for key, numbers in printed.items():
        assert numbers == pytest.approx(found[key], abs=0.0051)


def test_scores_of_our_filters_are_those_of_the_readme() -> None:
    page = Path(__file__).parents[2] / "README.md"
    printed = {row[0]: [float(cell) for cell in row[1:]] for row in _numbers_of(page.read_text("utf-8"), 1)}
    scores, _ = baseline_scores(load_challenge("2022a-twin"))
    found = {score.method: score for score in scores}
    assert len(printed) == 5
    for name, (height, speed, vorticity, wavelength) in printed.items():
        official = found[name].official
        assert height == pytest.approx(1e3 * (official["rmse.ssh.global"] or 0.0), abs=0.0051)
        assert speed == pytest.approx(official["rmse.speed.global"], abs=0.00051)
        assert vorticity == pytest.approx(official["rmse.vorticity.global"], abs=0.0051)
        assert wavelength == pytest.approx(found[name].robust["lambda_snr2.ssh"].value, abs=0.051)


def _official(score: Score) -> list[float | None]:
    return [score.official[name] for name in ("mu", "sigma", "lambda_x", "lambda_t")]


def test_shipped_scores_of_our_filters_come_in_the_published_order_in_all_three_quantities() -> None:
    scores, warnings = baseline_scores(load_challenge("2022a-twin"))
    official = {score.method: score.official for score in scores}
    assert warnings == []
    assert {"none", "median", "gaussian", "boxcar", "lanczos", "loess", "gomez", "variational"} <= set(
        official
    )
    for quantity in ("ssh", "speed", "vorticity"):
        names = ("variational", "gomez", "median", "none")
        rmse = [official[name][f"rmse.{quantity}.global"] or 0.0 for name in names]
        assert 0.0 < rmse[0] < rmse[1] < rmse[2] < rmse[3]
    for score in scores:
        assert score.robust["rmse.ssh.global"].value == pytest.approx(
            score.official["rmse.ssh.global"], rel=1e-9
        )


def test_empty_board_is_said_in_words(oceanbench: Any) -> None:
    answer = oceanbench("leaderboard", "2022b")
    assert "No score was published that we know of, and none was made here." in words(answer)


def test_board_without_a_single_number_can_be_printed(oceanbench: Any, make_evaluation: Make) -> None:
    nan = float("nan")
    record(make_evaluation("2022b", load_challenge("2022b").tracks[0].id, official={"mu": nan}))
    assert "mine (my_map.nc) - scored" in words(oceanbench("leaderboard", "2022b"))


def test_name_in_a_file_cannot_steer_the_terminal(oceanbench: Any, make_evaluation: Make) -> None:
    record(make_evaluation(method="\x1b[31m[bold]evil\x07"))
    answer = oceanbench("leaderboard", "2020a", "--track", "4 nadirs")
    assert "\x1b" not in answer.out
    assert "\x07" not in answer.out
    assert "[bold]evil" in answer.out.replace("\n", "")


def test_json_of_a_board_has_texts_values_and_provenance(oceanbench: Any, make_evaluation: Make) -> None:
    record(make_evaluation(robust={"mu": Interval(0.943, 0.931, 0.952)}))
    board = json.loads(oceanbench("leaderboard", "2020a", "--track", "4 nadirs", "--json").out)
    (track,) = board["tracks"]
    rows = {row["method"]: row for row in track["rows"]}
    assert rows["4DVarQG"]["scores"]["mu"]["text"] == "0.95"
    assert rows["4DVarQG"]["provenance"] == "published"
    assert rows["mine"]["provenance"] == "scored here"
    assert rows["mine"]["scores"]["mu"]["value"] == 0.9449
    assert rows["mine"]["scores"]["mu"]["robust"]["high"] == 0.952
    assert board["left_out"] == {"4 nadirs": 14}


def test_csv_of_a_board_has_a_line_for_each_number(oceanbench: Any) -> None:
    lines = list(csv.DictReader(io.StringIO(oceanbench("leaderboard", "2022a", "--all", "--csv").out)))
    assert len(lines) == len(published_scores(load_challenge("2022a")))
    (misprint,) = [line for line in lines if line["status"] == "typo"]
    assert (misprint["text"], misprint["value"]) == ("18.733", "18.133")


def test_list_tells_which_challenges_have_tables(oceanbench: Any, make_evaluation: Make) -> None:
    record(make_evaluation())
    rows = {row["id"]: row for row in json.loads(oceanbench("leaderboard", "--json").out)}
    assert set(rows) == set(challenge_names())
    assert (rows["2020a"]["values"], rows["2020a"]["scored_here"]) == (132, 1)
    assert rows["2020a-twin"]["values"] == 0
    assert "2023-natl60" in oceanbench("leaderboard").out


def test_damaged_record_is_a_warning_beside_the_board(oceanbench: Any, book: Path) -> None:
    (book / "2020a").mkdir(parents=True)
    (book / "2020a" / "x.json").write_text("{")
    answer = oceanbench("leaderboard", "2020a")
    assert answer.code == 0
    assert answer.err.startswith("warning: ")
    assert "4DVarQG" in answer.out


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (("2020b",), 1, "no challenge is called '2020b'"),
        (("2020a", "--track", "9 nadirs"), 1, "has no track '9 nadirs'"),
        (("2020a", "--json", "--csv"), 2, "--json and --csv exclude each other"),
    ],
)
def test_wrong_word_is_told(oceanbench: Any, arguments: tuple[str, ...], code: int, part: str) -> None:
    answer = oceanbench("leaderboard", *arguments)
    assert answer.code == code
    assert part in answer.err


def test_refusal_is_json_where_json_is_asked_for(oceanbench: Any) -> None:
    answer = oceanbench("leaderboard", "2020a", "--track", "9 nadirs", "--json")
    assert answer.code == 1
    assert "9 nadirs" in json.loads(answer.out)["problems"][0]


def test_to_show_a_board_nothing_that_scores_is_loaded() -> None:
    """A page of text must not wait for scientific libraries."""
    script = (
        "import sys; from oceanbench_leaderboard.command import leaderboard; "
        "leaderboard(['2020a'], standalone_mode=False); "
        "print(sorted({'scipy', 'pyinterp', 'matplotlib', 'xarray'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_names_of_the_menu_can_be_had_and_others_not() -> None:
    for name in oceanbench_leaderboard.__all__:
        assert getattr(oceanbench_leaderboard, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'beauty'"):
        _ = oceanbench_leaderboard.beauty
