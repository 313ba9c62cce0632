"""The table in the terminal."""

import io
import math
from dataclasses import replace

import pytest
from rich.console import Console

from oceanbench.catalog import load_challenge
from oceanbench.metrics.bootstrap import Interval
from oceanbench.report import print_evaluation
from oceanbench.score import Evaluation


def printed(evaluation: Evaluation, width: int = 80) -> str:
    stream = io.StringIO()
    print_evaluation(evaluation, Console(file=stream, width=width, no_color=True, highlight=False))
    return stream.getvalue()


def test_the_table_holds_both_families_whole_within_80_columns(map_evaluation: Evaluation) -> None:
    text = printed(map_evaluation)
    for number in ("0.876543", "0.88", "0.871", "[0.861, 0.882]", "1.41679", "[1.50, 1.60]  *", "4.10123"):
        assert number in text
    assert "°" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_the_table_along_a_track_names_kilometres(track_evaluation: Evaluation) -> None:
    line = next(line for line in printed(track_evaluation).splitlines() if line.strip().startswith("λx"))
    assert line.split() == ["λx", "152.930", "152", "100", "[92,", "111]", "*", "km"]


def test_scope_coverage_and_notes_are_printed(map_evaluation: Evaluation) -> None:
    text = printed(map_evaluation, width=200)
    assert map_evaluation.scope in text
    assert "18,081 of the 18,081 points" in text
    assert map_evaluation.notes[0] in text


def test_without_a_terminal_no_control_sequence_is_printed(map_evaluation: Evaluation) -> None:
    twin = replace(map_evaluation, challenge=load_challenge("2020a-twin"))
    text = printed(twin)
    assert "these are not scores of 2020a" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("hostile", "shown"), [("\x1b[2Jgone", "�[2Jgone"), ("[red]x[/red]", "[red]x[/red]")]
)
def test_text_from_a_file_cannot_steer_the_terminal(
    map_evaluation: Evaluation, hostile: str, shown: str
) -> None:
    assert shown in printed(replace(map_evaluation, notes=(hostile,)))


def test_an_unresolved_scale_is_named_and_explained(map_evaluation: Evaluation) -> None:
    nothing = Interval(math.nan, math.nan, math.nan)
    half = Interval(4.2, 3.9, math.nan)
    unresolved = replace(
        map_evaluation,
        official={**map_evaluation.official, "lambda_x": math.nan},
        robust={**map_evaluation.robust, "lambda_x": nothing, "lambda_t": half},
    )
    assert max(len(line) for line in printed(unresolved).splitlines()) <= 80
    text = " ".join(printed(unresolved).split())
    assert text.count("not resolved") == 2
    assert text.count("no crossing") == 1
    assert "…" not in text
    assert "Not resolved: at every scale" in text
    assert "nan" not in text
    assert "Not resolved" not in printed(map_evaluation)


def test_scores_against_an_own_reference_have_no_board(map_evaluation: Evaluation) -> None:
    text = printed(replace(map_evaluation, own_reference=True))
    assert "board" not in text
    assert "these are not scores of 2020a" in " ".join(text.split())
