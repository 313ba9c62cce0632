"""Maps of the twin's ocean, served, fetched and scored: against its README, and against plain formulas."""

import functools
import http.server
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import xarray as xr

from oceanbench.catalog import load_challenge, shipped_challenges
from oceanbench.methods import write_map
from oceanbench.running import run_challenge, sample_submission

TWIN = shipped_challenges() / "2020a-twin"
METRICS = {"mu": "1", "sigma": "1", "lambda_x": "degrees of longitude", "lambda_t": "days"}
TOLERANCE = 1e-9  # the same sums in another order

# As the crop of the published DUACS row of 2020a in steps of its grid, 1/60 degree; the twin's are 0.1.
CROP = {"lon": (-64.85, -55.042), "lat": (33.15, 42.95)}
CROPPED = f"domain = {{ lon = {list(CROP['lon'])}, lat = {list(CROP['lat'])} }}"
# As the published 4DVarNet row of 2020a.
STRIDED = "official_end = 2012-12-03T00:00:00, truth_offset = 2, truth_stride = 3"

MAP_FILE = """
[[files]]
id = "{name}"
role = "map"
path = "dc_mapping/{name}.nc"
layout = "grid"
height = {{ ssh = 1.0 }}
urls = ["{server}/{name}.nc"]
"""
MAP_ROW = """
[[maps]]
file = "{file}"
method = "{method}"
track = "1 nadir"
scoring = {{ {settings} }}
"""

Field = npt.NDArray[np.float64]


# --- the formulas, in nothing but numpy


def nodes(low: int, high: int) -> Field:
    """Nodes of the twin's grid of 0.1 degree, the edges included."""
    return np.arange(10 * low, 10 * high + 1) / 10


def inside(bounds: tuple[float, float], axis: Field) -> Field:
    return axis[(axis > bounds[0]) & (axis < bounds[1])]


def weights(targets: Field, axis: npt.NDArray[Any]) -> Field:
    """Hat functions of an even axis at the targets: a bilinear interpolation is two such matrices."""
    distance = np.abs(targets[:, None] - axis[None, :].astype(np.float64)) / (axis[1] - axis[0])
    return np.asarray(np.maximum(1.0 - distance, 0.0))


def truth_of_day(day: np.datetime64, lat: Field, lon: Field) -> Field:
    """Mean of the four fields in the file of one day."""
    name = "{}m{}d{}".format(*str(day).split("-"))
    with xr.open_dataset(TWIN / "data" / "dc_ref" / f"2020a-twin_y{name}.6h_SSH.nc") as dataset:
        rows, columns = (np.round(dataset[axis].values, 1) for axis in ("lat", "lon"))
        mean = dataset["sossheig"].values.mean(axis=0)
    return np.asarray(mean[np.ix_(np.isin(rows, lat), np.isin(columns, lon))])


def mu_and_sigma(path: Path, end: str, lat: Field, lon: Field) -> dict[str, float]:
    """1 - RMSE / RMS of all days before the end, and the spread in time of that of each day."""
    with xr.open_dataset(path) as dataset:
        axes = {name: dataset[name].values for name in ("time", "lat", "lon")}
        heights = dataset["ssh"].transpose("time", "lat", "lon").values.astype(np.float64)
    days = np.arange("2012-10-22", end, dtype="datetime64[D]")
    south_north, west_east = weights(lat, axes["lat"]), weights(lon, axes["lon"])
    errors, signals = [], []
    for day in days:
        (index,) = np.flatnonzero(axes["time"] == day)
        truth = truth_of_day(day, lat, lon)
        errors.append(np.mean((south_north @ heights[index] @ west_east.T - truth) ** 2))
        signals.append(np.mean(truth**2))
    daily = 1.0 - np.sqrt(errors) / np.sqrt(signals)
    return {"mu": float(1.0 - np.sqrt(np.mean(errors) / np.mean(signals))), "sigma": float(np.std(daily))}


def usual(path: Path) -> dict[str, float]:
    """The whole box, 41 days."""
    return mu_and_sigma(path, "2012-12-02", nodes(33, 43), nodes(-65, -55))


def cropped(path: Path) -> dict[str, float]:
    """Nodes within the crop, 41 days."""
    lat, lon = inside(CROP["lat"], nodes(33, 43)), inside(CROP["lon"], nodes(-65, -55))
    return mu_and_sigma(path, "2012-12-02", lat, lon)


def strided(path: Path) -> dict[str, float]:
    """Every third node from the third of the box on, 42 days."""
    return mu_and_sigma(path, "2012-12-03", nodes(33, 43)[2::3], nodes(-65, -55)[2::3])


# --- a challenge on the twin's ocean, whose maps lie on a server


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and remembers what was fetched."""

    def __init__(self, *words: Any, fetched: list[str], directory: str) -> None:
        self.fetched = fetched
        super().__init__(*words, directory=directory)  # answers at once

    def do_GET(self) -> None:
        self.fetched.append(self.path)
        super().do_GET()

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@dataclass
class World:
    """Maps on a server, a challenge whose table says what they scored, and where downloads go."""

    served: Path
    folder: Path
    home: Path
    server: str
    fetched: list[str]
    rows: list[str] = field(default_factory=list)

    def add_map(self, name: str) -> None:
        self._define(MAP_FILE.format(name=name, server=self.server))

    def publish(self, method: str, file: str, printed: dict[str, str], settings: str = "") -> None:
        """Add a row to the table, and the map that it belongs to."""
        self._define(MAP_ROW.format(file=file, method=method, settings=settings))
        self.rows += [f"1 nadir,{method},{name},{text},{METRICS[name]}" for name, text in printed.items()]
        table = "\n".join(["track,method,metric,value,unit", *self.rows])
        (self.folder / "published.csv").write_text(f"{table}\n")

    def _define(self, part: str) -> None:
        with (self.folder / "challenge.toml").open("a") as definition:
            definition.write(part)


@pytest.fixture
def world(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The rules and the truth of the twin under another name, with a table of its own."""
    served, folder = tmp_path / "served", tmp_path / "challenges" / "served-twin"
    served.mkdir()
    folder.mkdir(parents=True)
    monkeypatch.setenv("OCEANBENCH_PATH", str(folder.parent))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("OCEANBENCH_MIRROR", raising=False)
    text = (TWIN / "challenge.toml").read_text()
    (folder / "challenge.toml").write_text(text.replace('id = "2020a-twin"', 'id = "served-twin"', 1))
    (folder / "data").symlink_to(TWIN / "data", target_is_directory=True)
    fetched: list[str] = []
    handler = functools.partial(Handler, fetched=fetched, directory=str(served))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    yield World(served, folder, tmp_path / "data" / "served-twin", address, fetched)
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def sample_map(world: World) -> Path:
    """The sample submission of the twin: its mean height on every day."""
    made = sample_submission(load_challenge("2020a-twin"))
    world.add_map("sample")
    return write_map(made.maps, world.served / "sample.nc", attributes=made.attributes)


@pytest.fixture(scope="module")
def interpolated(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Optimal interpolation of the twin's Jason-1, as a file."""
    folder, twin = tmp_path_factory.mktemp("oi"), load_challenge("2020a-twin")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OCEANBENCH_DATA", str(folder))
        made = run_challenge(twin, "oi", twin.track("1 nadir"))
    return write_map(made.maps, folder / "oi.nc", attributes=made.attributes).read_bytes()


@pytest.fixture
def oi_map(world: World, interpolated: bytes) -> Path:
    world.add_map("oi")
    (world.served / "oi.nc").write_bytes(interpolated)
    return world.served / "oi.nc"


def told_by_the_readme() -> dict[str, str]:
    """The scores of optimal interpolation on one nadir, as the page of the twin prints them."""
    line = re.search(r"^\| 1 nadir \|(.*)\|$", (TWIN / "README.md").read_text(), re.MULTILINE)
    assert line is not None
    return dict(zip(METRICS, (cell.strip() for cell in line[1].split("|")), strict=False))


def printed(values: dict[str, float]) -> dict[str, str]:
    return {name: f"{value:.5f}" for name, value in values.items()}


def one_more(text: str) -> str:
    """A number whose last digit is one higher."""
    places = len(text.partition(".")[2])
    return f"{float(text) + 10.0**-places:.{places}f}"


def by_method(answer: Any) -> dict[str, dict[str, Any]]:
    return {one["method"]: one for one in json.loads(answer.out)["maps"]}


def column(result: dict[str, Any], name: str) -> dict[str, Any]:
    return {score["metric"]: score[name] for score in result["scores"]}


ROWS: dict[str, tuple[str, Callable[[Path], dict[str, float]]]] = {
    "whole": ("", usual),
    "cropped": (CROPPED, cropped),
    "strided": (STRIDED, strided),
}


def publish_formulas(world: World, name: str, path: Path) -> dict[str, dict[str, float]]:
    """Publish a map three times, under the settings of three rows, with what the formulas give."""
    expected = {}
    for how, (settings, formula) in ROWS.items():
        expected[f"{name} {how}"] = formula(path)
        world.publish(f"{name} {how}", name, printed(expected[f"{name} {how}"]), settings)
    return expected


def agree_with_formulas(results: dict[str, dict[str, Any]], expected: dict[str, dict[str, float]]) -> None:
    for method, values in expected.items():
        assert results[method]["reason"] is None
        assert column(results[method], "scored") == pytest.approx(values, abs=TOLERANCE)
        assert set(column(results[method], "verdict").values()) == {"agrees"}


# --- tests


@pytest.mark.slow
def test_mean_height_of_the_twin_scores_what_plain_formulas_give_under_the_settings_of_each_row(
    oceanbench: Any, world: World, sample_map: Path
) -> None:
    expected = publish_formulas(world, "sample", sample_map)
    assert len({round(values["mu"], 4) for values in expected.values()}) == 3  # settings matter
    answer = oceanbench("reproduce", "served-twin", "--json")
    assert answer.code == 0, answer.err
    agree_with_formulas(by_method(answer), expected)
    assert world.fetched == ["/sample.nc"]
    assert (world.home / "dc_mapping" / "sample.nc").read_bytes() == sample_map.read_bytes()


def test_map_that_resolves_nothing_has_no_wavelength_to_compare(
    oceanbench: Any, world: World, sample_map: Path
) -> None:
    told = printed(usual(sample_map))
    world.publish("sample", "sample", {**told, "lambda_x": "NaN", "lambda_t": "20.25"})
    result = by_method(oceanbench("reproduce", "served-twin", "--json"))["sample"]
    assert column(result, "verdict") == {
        "mu": "agrees",
        "sigma": "agrees",
        "lambda_x": "nothing to compare",
        "lambda_t": "nothing to compare",
    }
    assert result["scores"][-1]["scored"] is None


@pytest.mark.slow
def test_optimal_interpolation_of_one_nadir_is_reproduced_row_by_row_and_to_the_digit(
    oceanbench: Any, world: World, oi_map: Path
) -> None:
    readme = told_by_the_readme()
    world.publish("readme", "oi", readme)
    world.publish("misprinted", "oi", {name: one_more(text) for name, text in readme.items()})
    expected = publish_formulas(world, "oi", oi_map)
    answer = oceanbench("reproduce", "served-twin", "--json")
    assert answer.code == 0, answer.err
    results = by_method(answer)
    agree_with_formulas(results, expected)
    assert column(results["readme"], "published") == readme
    assert set(column(results["readme"], "verdict").values()) == {"agrees"}
    assert set(column(results["misprinted"], "verdict").values()) == {"differs"}
    for name, text in readme.items():
        digit = 10.0 ** -len(text.partition(".")[2])
        difference = column(results["misprinted"], "difference")[name]
        assert -1.5 * digit <= difference <= -0.5 * digit
    assert world.fetched == ["/oi.nc"]  # five rows, one map


@pytest.mark.slow
def test_one_digit_that_differs_is_seen_on_the_printed_page(
    oceanbench: Any, world: World, oi_map: Path
) -> None:
    readme = told_by_the_readme()
    world.publish("optimal", "oi", readme | {"mu": one_more(readme["mu"])})
    answer = oceanbench("reproduce", "served-twin")
    assert answer.code == 0, answer.err
    lines = {words[0]: words[1:] for words in map(str.split, answer.out.splitlines()) if words}
    assert lines["µ"] == [one_more(readme["mu"]), "0.65694", "-0.00106", "no"]
    assert lines["λt"] == [readme["lambda_t"], "16.8588", "-0.0012", "days", "yes"]
    assert "Same to the digits printed: 3 of 4 published numbers." in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80
