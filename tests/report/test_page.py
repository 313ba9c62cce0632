"""The page of an evaluation and the files beside it."""

import base64
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from oceanbench.catalog import load_challenge
from oceanbench.metrics.bootstrap import Interval
from oceanbench.report import write_report
from oceanbench.report.wording import score_rows
from oceanbench.score import Evaluation

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """Collects elements and text, and checks that what is opened is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def all(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.elements if name == tag)


def read(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture(params=["map_evaluation", "track_evaluation", "neurips_evaluation"])
def evaluation(request: pytest.FixtureRequest) -> Evaluation:
    chosen: Evaluation = request.getfixturevalue(request.param)
    return chosen


def pictures_of(evaluation: Evaluation) -> int:
    return 4 if "lambda_x_isotrop" in evaluation.official else 3


def test_the_page_says_scope_numbers_meanings_coverage_and_passport(
    map_evaluation: Evaluation, tmp_path: Path
) -> None:
    text = read(write_report(map_evaluation, tmp_path)).text
    for part in (
        map_evaluation.challenge.title,
        map_evaluation.scope,
        "0.876543 board 0.88",
        "0.871 [0.861 … 0.882]",
        "1.41679° board 1.42°",
        "1.55° [1.50 … 1.60] differs",
        "136 km",
        "4.10123 days",
        "1 − RMSE / RMS of the truth",
        "18,081 of the 18,081 points to be scored (100 %)",
        "41 days enter the official numbers, 42 the robust ones",
        "Longitudes 295..305 were brought",
        "0" * 64,
    ):
        assert part in text


def test_every_score_is_explained(evaluation: Evaluation, tmp_path: Path) -> None:
    page = read(write_report(evaluation, tmp_path))
    rows = score_rows(evaluation)
    assert len(list(page.all("dt"))) == len(rows) == len(list(page.all("dd")))


def test_the_page_needs_no_other_file_and_no_script(evaluation: Evaluation, tmp_path: Path) -> None:
    page = read(write_report(evaluation, tmp_path))
    assert not {"script", "link", "iframe"} & {tag for tag, _ in page.elements}
    sources = [attributes["src"] or "" for attributes in page.all("img")]
    assert len(sources) == pictures_of(evaluation)
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)


def test_pictures_on_the_page_are_the_files_beside_it(evaluation: Evaluation, tmp_path: Path) -> None:
    page = read(write_report(evaluation, tmp_path))
    inlined = {base64.b64decode((image["src"] or "").partition(",")[2]) for image in page.all("img")}
    assert inlined == {path.read_bytes() for path in tmp_path.glob("*.png")}
    assert all(len(image["alt"] or "") > 10 for image in page.all("img"))


def test_pictures_are_png_with_something_on_them(evaluation: Evaluation, tmp_path: Path) -> None:
    write_report(evaluation, tmp_path)
    files = sorted(tmp_path.glob("*.png"))
    assert len(files) == pictures_of(evaluation)
    for file in files:
        assert file.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        pixels = imread(file)
        assert min(pixels.shape[:2]) > 300
        assert len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0)) > 50


def test_score_json_is_the_evaluation(evaluation: Evaluation, tmp_path: Path) -> None:
    write_report(evaluation, tmp_path)
    assert json.loads((tmp_path / "score.json").read_text(encoding="utf-8")) == evaluation.to_json()


def test_a_twin_has_a_banner_and_the_original_has_none(map_evaluation: Evaluation, tmp_path: Path) -> None:
    twin = replace(map_evaluation, challenge=load_challenge("2020a-twin"))
    warning = "Synthetic twin of 2020a: these are not scores of 2020a."
    assert warning in read(write_report(twin, tmp_path / "twin")).text
    assert warning not in read(write_report(map_evaluation, tmp_path / "original")).text


def test_scores_against_an_own_reference_have_a_banner_and_no_board(
    map_evaluation: Evaluation, tmp_path: Path
) -> None:
    text = read(write_report(replace(map_evaluation, own_reference=True), tmp_path)).text
    assert "Judged by a reference of your own" in text
    assert "board 0.88" not in text


def test_hostile_text_is_shown_and_not_obeyed(map_evaluation: Evaluation, tmp_path: Path) -> None:
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    hostile = replace(
        map_evaluation,
        challenge=map_evaluation.challenge.model_copy(
            update={"title": attack, "twin_of": attack, "citation": attack, "licence": attack}
        ),
        track=attack,
        scope=attack,
        notes=(attack, "</li></ul>"),
        passport={attack: [attack, "</pre></details>"]},
        official={**map_evaluation.official, attack: 1.0},
        official_units={**map_evaluation.official_units, attack: attack},
    )
    page = read(write_report(hostile, tmp_path))
    assert "script" not in {tag for tag, _ in page.elements}
    assert len(list(page.all("img"))) == 3
    assert page.text.count("<script>alert(1)</script>") >= 9


def test_unresolved_scales_are_named_and_explained(evaluation: Evaluation, tmp_path: Path) -> None:
    nothing = Interval(math.nan, math.nan, math.nan)
    unresolved = replace(
        evaluation,
        official=dict.fromkeys(evaluation.official, math.nan),
        robust=dict.fromkeys(evaluation.robust, nothing),
    )
    text = read(write_report(unresolved, tmp_path)).text
    assert "Not resolved: at every scale the error holds more than half of the power" in text
    assert "No crossing: the score crosses 0.5 nowhere" in text
    assert "not defined" in text
    assert "nan" not in text.lower().split()


def test_a_new_report_replaces_the_old_one_and_leaves_other_files(
    map_evaluation: Evaluation, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    write_report(map_evaluation, tmp_path)
    write_report(replace(map_evaluation, scope="another scope"), tmp_path)
    assert "another scope" in read(tmp_path / "index.html").text
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"mine.txt", "index.html", "score.json", "maps.png", "plane.png", "daily.png"}


def test_a_report_that_fails_leaves_the_old_one_untouched(
    map_evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(map_evaluation, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def disk_full(path: Path, content: bytes) -> int:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_bytes", disk_full)
    with pytest.raises(OSError, match="no space"):
        write_report(replace(map_evaluation, scope="another scope"), tmp_path)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_passport_that_json_cannot_say_is_refused(map_evaluation: Evaluation, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_report(replace(map_evaluation, passport={"noise": math.nan}), tmp_path)


def test_the_same_evaluation_gives_the_same_bytes(map_evaluation: Evaluation, tmp_path: Path) -> None:
    first, second = (write_report(map_evaluation, tmp_path / name) for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


def test_matplotlib_is_not_loaded_before_a_picture_is_drawn() -> None:
    code = "import sys, oceanbench.report; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
