"""``oceanbench bench-methods`` on a toy ocean: methods in processes of their own, rows, page, refusals."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import xarray as xr
from click.testing import CliRunner, Result

from oceanbench_leaderboard.bench.command import bench_methods

LON, LAT = np.arange(-40.0, -34.9, 0.5), np.arange(20.0, 23.1, 0.5)
DAYS = np.arange("2015-05-31", "2015-06-16", dtype="datetime64[D]").astype("datetime64[ns]")
HEAVY_MB = 200.0

DEFINITION = """
id = "ripples"
version = "1.0"
kind = "map-osse"
title = "Ripples"
summary = "Map ripples."
citation = "None."
licence = "BSD-3-Clause"
twin_of = "2020a"

[domain]
lon = [-40.0, -35.0]
lat = [20.0, 23.0]

[periods.evaluation]
start = 2015-06-01
end = 2015-06-14

[submission]
variables = ["ssh"]
quantity = "height, metres"
step_degrees = 0.5

[gridded]
digits = 3

[[tracks]]
id = "4 nadirs"
observations = ["obs"]
reference = "truth"

[[tracks]]
id = "elsewhere"
observations = ["obs"]
reference = "absent"

[[files]]
id = "truth"
role = "reference"
path = "truth.nc"
layout = "grid"
height = { sossheig = 1.0 }

[[files]]
id = "absent"
role = "reference"
path = "absent.nc"
layout = "grid"
height = { sossheig = 1.0 }

[[files]]
id = "obs"
role = "observations"
path = "obs.nc"
layout = "nadir-2020a"
height = { ssh = 1.0 }
"""

METHODS = f"""
import os
import signal
from dataclasses import dataclass

import numpy as np
import xarray as xr

DIMS = ("time", "lat", "lon")


def dataset(grid, height, error):
    shape = tuple(grid.sizes[name] for name in DIMS)
    data = {{"ssh": (DIMS, np.full(shape, height)), "ssh_error": (DIMS, np.full(shape, error))}}
    return xr.Dataset(data, coords=grid.coords)


@dataclass(frozen=True)
class Level:
    height: float = 0.5
    progress: object = None

    def __call__(self, observations, grid):
        print("a method may print")
        self.progress("levelling", 0.5)
        return dataset(grid, self.height, 0.1)


def heavy(observations, grid):
    ballast = np.ones({int(HEAVY_MB)} * 125_000)
    return dataset(grid, 0.2 * ballast.mean(), 0.2)


def broken(observations, grid):
    return {{}}["absent"]


def killed(observations, grid):
    os.kill(os.getpid(), signal.SIGKILL)
"""


PROSE = """# Methods

Before.
<!-- bench-methods ripples: begin -->
an older table
<!-- bench-methods ripples: end -->
After.
"""


def heights() -> npt.NDArray[np.float64]:
    """Waves on a level of one metre, dims (time, lat, lon)."""
    t, y, x = np.arange(DAYS.size)[:, None, None], LAT[:, None], LON
    return 1.0 + 0.2 * np.cos(2 * np.pi * (x / 2.5 + t / 7.0)) + 0.0 * y


@pytest.fixture(scope="module")
def ripples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a challenge ``ripples``, its data and methods."""
    home = tmp_path_factory.mktemp("ripples")
    folder = home / "challenges" / "ripples"
    (folder / "data").mkdir(parents=True)
    (folder / "challenge.toml").write_text(DEFINITION)
    coords = {"time": DAYS, "lat": LAT, "lon": LON}
    truth = xr.DataArray(heights(), coords, ("time", "lat", "lon"), attrs={"units": "m"})
    truth.to_dataset(name="sossheig").to_netcdf(folder / "data" / "truth.nc")
    places = {"lat": ("time", np.full(DAYS.size, 21.5)), "lon": ("time", np.full(DAYS.size, -37.5))}
    observed = xr.Dataset({"ssh": ("time", heights()[:, 3, 5]), **places}, coords={"time": DAYS})
    observed.to_netcdf(folder / "data" / "obs.nc")
    (home / "methods.py").write_text(METHODS)
    return home


@pytest.fixture
def world(ripples: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OCEANBENCH_PATH", str(ripples / "challenges"))
    monkeypatch.setenv("OCEANBENCH_DATA", str(ripples / "data"))
    monkeypatch.chdir(ripples)
    return ripples


def bench(*words: object) -> Result:
    return CliRunner().invoke(bench_methods, ["ripples", *map(str, words)])


@pytest.fixture(scope="module")
def benched(ripples: Path) -> tuple[Result, Path]:
    """Four methods benched once: one that is level, one that is heavy, one with a bug, one that dies."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OCEANBENCH_PATH", str(ripples / "challenges"))
        patch.setenv("OCEANBENCH_DATA", str(ripples / "data"))
        patch.setenv("OCEANBENCH_SCORES", str(ripples / "book"))
        patch.chdir(ripples)
        names = ",".join(f"methods.py:{name}" for name in ("Level", "broken", "killed", "heavy"))
        options = ("--methods", names, "--set", "methods.py:Level.height=0.75", "--json")
        (ripples / "methods.md").write_text(PROSE)
        return bench(*options, "--report", "page", "--page", "methods.md", "--keep", "maps"), ripples


def rows(result: Result) -> dict[str, Any]:
    return {row["method"].removeprefix("methods.py:"): row for row in json.loads(result.stdout)["rows"]}


@pytest.mark.slow
def test_rows_hold_scores_costs_and_parameters_in_the_order_given(benched: tuple[Result, Path]) -> None:
    content = json.loads(benched[0].stdout)
    assert {row["track"] for row in content["rows"]} == {"4 nadirs"}  # the other cannot be judged here
    found = rows(benched[0])
    assert list(found) == ["Level", "broken", "killed", "heavy"]
    level = found["Level"]
    truth = heights()[1:15]
    mu = 1 - np.sqrt(np.mean((0.75 - truth) ** 2) / np.mean(truth**2))
    assert level["official"]["mu"] == pytest.approx(mu, abs=1e-12)
    assert set(level["robust"]["mu"]) == {"value", "low", "high", "unit"}
    assert level["parameters"] == {"height": 0.75, "progress": None}
    assert level["observations"] == 14
    assert 0 <= level["seconds"] < 30
    assert 0 < level["cpu_seconds"] < 100
    assert level["error"] is None
    assert (content["challenge"], content["twin_of"]) == ("ripples", "2020a")


@pytest.mark.slow
def test_failing_methods_are_rows_that_say_why_and_the_others_go_on(benched: tuple[Result, Path]) -> None:
    found = rows(benched[0])
    assert benched[0].exit_code == 1
    assert found["broken"]["error"] == "KeyError: 'absent'"
    assert "ended by SIGKILL, as it does when memory runs out" in found["killed"]["error"]
    assert (found["killed"]["official"], found["killed"]["peak_mb"]) == (None, None)
    assert found["heavy"]["error"] is None


@pytest.mark.slow
def test_peak_memory_of_a_method_that_fills_200_megabytes_is_larger_by_that(
    benched: tuple[Result, Path],
) -> None:
    found = rows(benched[0])
    assert found["heavy"]["peak_mb"] - found["Level"]["peak_mb"] == pytest.approx(HEAVY_MB, abs=15.0)


@pytest.mark.slow
def test_scores_of_a_bench_enter_no_book(benched: tuple[Result, Path]) -> None:
    assert not (benched[1] / "book").exists()


@pytest.mark.slow
def test_page_has_the_banner_of_the_twin_every_picture_and_the_reason_of_a_failure(
    benched: tuple[Result, Path],
) -> None:
    folder = benched[1] / "page"
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "Synthetic twin of 2020a: these are not scores of 2020a." in page
    assert "failed: KeyError: &#39;absent&#39;" in page
    pictures = {path.name for path in folder.glob("*.png")}
    planes = {f"4-nadirs_plane-methods-py-{name}.png" for name in ("level", "heavy")}
    assert pictures == planes | {f"4-nadirs_{name}.png" for name in PICTURES}
    assert page.count('src="data:image/png;base64,') == len(pictures)


PICTURES = ("scores", "heights", "errors", "formal", "planes", "days")


@pytest.mark.slow
def test_table_in_markdown_has_a_line_for_each_method(benched: tuple[Result, Path]) -> None:
    text = (benched[1] / "page" / "table.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in lines] == [f"methods.py:{name}" for name in rows(benched[0])]
    assert all(line.count("|") == 8 for line in lines)
    assert "- `methods.py:broken` failed: KeyError: 'absent'" in text
    assert json.loads((benched[1] / "page" / "bench.json").read_text())["rows"] == list(
        rows(benched[0]).values()
    )


@pytest.mark.slow
def test_tables_and_pictures_are_put_between_the_marks_of_a_page_and_nowhere_else(
    benched: tuple[Result, Path],
) -> None:
    text = (benched[1] / "methods.md").read_text(encoding="utf-8")
    assert text.startswith("# Methods\n\nBefore.\n<!-- bench-methods ripples: begin -->\n")
    assert text.endswith("\n<!-- bench-methods ripples: end -->\nAfter.\n")
    assert "an older table" not in text
    addresses = re.findall(r"!\[[^]]+\]\(([^)]+)\)", text)
    names = [name for name in PICTURES if name != "days"]
    assert addresses == [f"pictures/methods/ripples_4-nadirs_{name}.png" for name in names]
    assert all((benched[1] / address).stat().st_size > 1000 for address in addresses)


@pytest.mark.slow
def test_kept_maps_are_those_that_were_scored(benched: tuple[Result, Path]) -> None:
    names = {path.name for path in (benched[1] / "maps").glob("*.nc")}
    assert names == {f"4-nadirs_methods-py-{name}.nc" for name in ("level", "heavy")}
    with xr.open_dataset(benched[1] / "maps" / "4-nadirs_methods-py-level.nc") as maps:
        assert float(maps["ssh"].min()) == float(maps["ssh"].max()) == 0.75


@pytest.mark.slow
def test_table_in_the_terminal_fits_80_columns_and_tells_official_and_interval(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = bench("--methods", "methods.py:Level,methods.py:broken")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    truth = heights()[1:15]
    mu = 1 - np.sqrt(np.mean((0.5 - truth) ** 2) / np.mean(truth**2))
    place = lines.index("methods.py:Level")
    assert float(lines[place + 1].split()[0]) == pytest.approx(mu, abs=0.01)
    assert ".." in lines[place + 2]
    assert lines[lines.index("methods.py:broken") + 1] == "  failed: KeyError: 'absent'"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--set", "Lt=5"), r"--set Lt=5: write it as METHOD\.NAME=VALUE"),
        (("--methods", "oi", "--set", "oii.Lt=5"), r"method 'oii' takes no part; did you mean oi\?"),
        (("--methods", "oi", "--set", "oi.length=5"), "length"),
        (("--methods", "oi,oi"), "method 'oi' takes part twice"),
        (("--methods", "absent"), "no mapping method is called 'absent'"),
        (("--track", "5 nadirs"), "no track '5 nadirs'"),
        (("--track", "elsewhere"), r"no file absent\.nc"),
    ],
)
def test_wrong_words_are_refused_before_anything_runs(
    world: Path, words: tuple[str, ...], message: str
) -> None:
    result = bench(*words)
    assert result.exit_code == 1
    assert isinstance(result.exception, ValueError | LookupError)
    with pytest.raises(type(result.exception), match=message):
        raise result.exception


def test_page_without_marks_is_refused_before_anything_runs(world: Path) -> None:
    (world / "bare.md").write_text("# Methods\n")
    result = bench("--methods", "oi", "--page", "bare.md", "--json")
    assert result.exit_code == 1
    (problem,) = json.loads(result.stdout)["problems"]
    assert (
        "bare.md has no place for ripples; write the lines <!-- bench-methods ripples: begin -->" in problem
    )


def test_refusal_is_json_where_json_is_asked_for(world: Path) -> None:
    result = bench("--track", "5 nadirs", "--json")
    assert result.exit_code == 1
    assert "no track '5 nadirs'" in json.loads(result.stdout)["problems"][0]


def test_refusal_is_one_line_where_the_command_is_called_by_its_name(oceanbench: Any) -> None:
    answer = oceanbench("bench-methods", "2020a-twin", "--methods", "absent")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("error: no mapping method is called 'absent'")
    assert answer.err.count("\n") == 1
