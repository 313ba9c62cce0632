"""``oceanbench bench-methods`` on a small sea of swaths: filters side by side, and which of them wins."""

import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from click.testing import CliRunner, Result
from matplotlib.figure import Figure

from oceanbench.catalog import load_challenge
from oceanbench.evaluation import evaluate
from oceanbench.score import Evaluation, SwathDetails
from oceanbench_leaderboard.bench.command import bench_methods
from oceanbench_leaderboard.bench.paired import errors_by_pass
from oceanbench_leaderboard.bench.swath_figures import columns_figure, ratios_figure
from oceanbench_leaderboard.bench.swath_panels import errors_figure, heights_figure, vorticity_figure
from tests.swath_sea import MEASURED, NOISE_M

FILTERS = """
from dataclasses import dataclass


@dataclass(frozen=True)
class Along:
    lines: int = 3

    def __call__(self, swath):
        mean = swath.ssh.rolling(num_lines=self.lines, center=True, min_periods=1).mean()
        return mean.where(swath.ssh.notnull()).to_dataset(name="ssh")


def broken(swath):
    return {}["absent"]
"""
PICTURES = ("scores", "heights", "errors", "vorticity", "ratios", "columns")
LINES = 90 + 100 + 110 + 120  # of the four passes
ALONG = "filters.py:Along"


class Bench(NamedTuple):
    """What a command left, and where."""

    result: Result
    home: Path

    @property
    def content(self) -> Any:
        return json.loads(self.result.stdout)


@pytest.fixture(scope="module")
def home(swath_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working folder with filters of one's own; ``ripples`` is known by its name."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "filters.py").write_text(FILTERS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OCEANBENCH_PATH", str(swath_world))
        patch.setenv("OCEANBENCH_SCORES", str(folder / "book"))
        patch.setenv("COLUMNS", "80")
        patch.chdir(folder)
        yield folder


def bench(*words: object) -> Result:
    return CliRunner().invoke(bench_methods, list(map(str, words)))


@pytest.fixture(scope="module")
def benched(home: Path) -> Bench:
    """Nothing, a mean of three lines, and a filter with a bug."""
    options = ("--method", "none", "--method", f"{ALONG},filters.py:broken", "--json")
    return Bench(bench("ripples", *options, "--report", "page", "--keep", "kept"), home)


@pytest.fixture(scope="module")
def scores(benched: Bench) -> dict[str, Evaluation]:
    """The kept passes, scored once more."""
    kept = benched.home / "kept"
    names = {"none": "cycle-13_none", ALONG: "cycle-13_filters-py-along"}
    return {name: evaluate(kept / folder, challenge="ripples") for name, folder in names.items()}


@pytest.mark.slow
def test_filters_are_rows_with_nested_scores_costs_and_pixels(benched: Bench) -> None:
    rows = {row["method"]: row for row in benched.content["rows"]}
    assert list(rows) == ["none", ALONG, "filters.py:broken"]
    assert rows["none"]["official"]["rmse"]["ssh"]["global"] == pytest.approx(NOISE_M, rel=0.03)
    assert rows["none"]["observations"] == LINES * int(MEASURED.sum())
    assert rows[ALONG]["parameters"] == {"lines": 3}
    assert set(rows[ALONG]["robust"]["lambda_snr2"]["ssh"]) == {"value", "low", "high", "unit"}
    assert rows[ALONG]["seconds"] > 0
    assert rows[ALONG]["peak_mb"] > 10
    assert (rows["filters.py:broken"]["official"], benched.result.exit_code) == (None, 1)
    assert "KeyError: 'absent'" in rows["filters.py:broken"]["error"]
    assert not (benched.home / "book").exists()


@pytest.mark.slow
def test_kept_passes_are_a_folder_for_each_filter_that_scores_the_same(
    benched: Bench, scores: dict[str, Evaluation]
) -> None:
    for row in benched.content["rows"][:2]:
        assert scores[row["method"]].official["rmse.ssh.global"] == row["official"]["rmse"]["ssh"]["global"]
    assert len(list((benched.home / "kept" / "cycle-13_none").glob("*.nc"))) == 4


@pytest.mark.slow
def test_difference_to_the_best_is_that_of_the_scores_and_tells_them_apart(
    benched: Bench, scores: dict[str, Evaluation]
) -> None:
    (difference,) = benched.content["differences"]
    assert (difference["best"], difference["method"], difference["told_apart"]) == (ALONG, "none", True)
    rmse = {name: one.official["rmse.ssh.global"] for name, one in scores.items()}
    found = difference["rmse_difference"]
    assert found["value"] == pytest.approx(rmse["none"] - rmse[ALONG], rel=1e-9)
    assert 0 < found["low"] <= found["value"] <= found["high"] < NOISE_M
    assert found["unit"] == "m"


@pytest.mark.slow
def test_sums_by_pass_add_up_to_the_score_of_all(benched: Bench, scores: dict[str, Evaluation]) -> None:
    challenge = load_challenge("ripples")
    folders = {"none": benched.home / "kept" / "cycle-13_none"}
    errors = errors_by_pass(challenge, challenge.track(None), folders)
    assert errors.passes == (3, 18, 101, 222)
    assert errors.counts[:, 0].tolist() == [int(MEASURED.sum()) * lines for lines in (90, 100, 110, 120)]
    whole = math.sqrt(errors.squares.sum() / errors.counts.sum())
    assert whole == pytest.approx(scores["none"].official["rmse.ssh.global"], rel=1e-12)


@pytest.mark.slow
def test_page_and_table_say_who_wins_and_hold_every_picture(benched: Bench) -> None:
    folder = benched.home / "page"
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert {path.name for path in folder.glob("*.png")} == {f"cycle-13_{name}.png" for name in PICTURES}
    assert page.count('src="data:image/png;base64,') == len(PICTURES)
    assert f"{ALONG} beats none: −" in page
    assert "RMSE SSH (mm)" in page
    assert "not scores of" not in page
    table = (folder / "table.md").read_text(encoding="utf-8")
    assert f"- {ALONG} beats none: −" in table
    assert f"{1000 * NOISE_M:.0f}." in next(
        line for line in table.splitlines() if line.startswith("| `none`")
    )


@pytest.mark.slow
def test_passes_of_ones_own_are_filtered_and_judge_and_every_output_says_so(
    home: Path, swath_world: Path
) -> None:
    source = swath_world / "ripples" / "data" / "dc_inputs"
    result = bench("2022a", "--method", ALONG, "--method", "none", "--input", source, "--report", "own")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    said = "Passes of your own, with the protocol of 2022a: these are not scores of 2022a."
    assert said in lines
    assert said in (home / "own" / "index.html").read_text(encoding="utf-8")
    assert f"**{said}**" in (home / "own" / "table.md").read_text(encoding="utf-8")
    row = lines[next(place for place, line in enumerate(lines) if line.startswith("none "))]
    assert float(row.split()[1]) == pytest.approx(1000 * NOISE_M, rel=0.03)  # millimetres
    below = lines[lines.index(row) + 1]
    assert below.split()[1] == "s"
    assert below.split()[3] == "MB"
    assert ".." in below.split()[4]
    assert any(line.startswith(f"{ALONG} beats none: −") for line in lines)


# --- pictures


def details_of(scores: dict[str, Evaluation]) -> dict[str, SwathDetails]:
    return {name: one.details for name, one in scores.items() if isinstance(one.details, SwathDetails)}


def lines_of(figure: Figure, panel: int) -> dict[str, Any]:
    return {str(line.get_label()): line for line in figure.axes[panel].get_lines()}


@pytest.mark.slow
def test_ratios_are_those_of_the_spectra_and_what_does_nothing_lies_on_the_heights_as_given(
    scores: dict[str, Evaluation],
) -> None:
    details = details_of(scores)
    drawn = lines_of(ratios_figure(details, {name: one.robust for name, one in scores.items()}), 0)
    assert drawn["as given"].get_ydata() == pytest.approx(drawn["none"].get_ydata(), rel=1e-6)
    spectra = details[ALONG].robust_spectra.sel(quantity="ssh").isel(wavenumber=slice(1, None))
    assert drawn[ALONG].get_ydata() == pytest.approx((spectra["error"] / spectra["true"]).values)
    assert drawn[ALONG].get_xdata() == pytest.approx(1 / spectra["wavenumber"].values)


@pytest.mark.slow
def test_errors_across_the_track_are_in_millimetres_and_have_the_gap(scores: dict[str, Evaluation]) -> None:
    drawn = lines_of(columns_figure(details_of(scores)), 0)
    heights = np.asarray(drawn["none"].get_ydata(), dtype=np.float64)
    assert np.isfinite(heights).tolist() == MEASURED.tolist()
    assert np.nanmean(heights) == pytest.approx(1000 * NOISE_M, rel=0.05)


@pytest.mark.slow
def test_stretches_share_one_scale_and_a_filter_that_changes_nothing_is_not_drawn_twice(
    scores: dict[str, Evaluation],
) -> None:
    details = details_of(scores)
    for draw, first in ((heights_figure, "truth"), (errors_figure, "as given"), (vorticity_figure, "truth")):
        figure = draw(details)
        panels = [
            axes for axes in figure.axes if axes.get_visible() and axes.collections and axes.get_title("left")
        ]
        limits = {axes.collections[0].get_clim() for axes in panels}
        assert len(limits) == 1
        (low, high) = limits.pop()
        assert low == -high
        titles = [axes.get_title("left") for axes in panels]
        assert titles[0].startswith(first)
        assert sum(title.startswith(ALONG) for title in titles) == 1
        assert not any(title.startswith("none") for title in titles)


# --- wrong words


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("ripples", "--method", "absent"), "no filter of swaths is called 'absent'"),
        (("ripples", "--method", "oi"), "'oi' is a mapping method, asked for is a filter of swaths"),
        (("ripples", "--method", "none,none"), "method 'none' takes part twice"),
        (("2020a-twin", "--method", "oi", "--input", "."), "2020a-twin makes maps"),
        (("2022a", "--method", "none"), "2022a"),
    ],
)
def test_wrong_words_are_refused_before_anything_runs(
    home: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str
) -> None:
    monkeypatch.setenv("OCEANBENCH_DATA", os.fspath(home / "nothing"))
    result = bench(*words)
    assert result.exit_code == 1
    assert isinstance(result.exception, ValueError | LookupError | OSError)
    assert message in str(result.exception)
    assert result.stdout == ""
