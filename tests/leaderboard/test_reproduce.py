"""Published maps on a server of this machine: fetched, scored as their rows were, compared row by row."""

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Scoring
from oceanbench.evaluation import evaluate
from oceanbench_leaderboard.reproduce import wanted_maps

LON, LAT = np.arange(-40.0, -34.9, 0.25), np.arange(20.0, 23.1, 0.25)
DAYS = np.arange("2015-06-01", "2015-06-15", dtype="datetime64[D]").astype("datetime64[ns]")
CROP = {"lon": (-39.3, -36.2), "lat": (20.6, 22.9)}

DEFINITION = """
id = "waves"
version = "1.0"
kind = "map-osse"
title = "Travelling waves"
summary = "Map travelling waves."
citation = "None."
licence = "BSD-3-Clause"

[domain]
lon = [-40.0, -35.0]
lat = [20.0, 23.0]

[periods.evaluation]
start = 2015-06-01
end = 2015-06-14

[submission]
variables = ["ssh"]
quantity = "height, metres"
step_degrees = 0.25

[gridded]
digits = 3

[[tracks]]
id = "all"
observations = ["obs"]
reference = "truth"

[[files]]
id = "truth"
role = "reference"
path = "truth.nc"
layout = "grid"
height = {{ sossheig = 1.0 }}
urls = ["{server}/truth.nc"]

[[files]]
id = "obs"
role = "observations"
path = "obs.nc"
layout = "nadir-2020a"
height = {{ ssh = 1.0 }}

[[files]]
id = "mean"
role = "auxiliary"
path = "mean.nc"
layout = "grid"
height = {{ mdt = 1.0 }}
urls = ["{server}/mean.nc"]
"""
MAP = """
[[files]]
id = "{file}"
role = "map"
path = "maps/{file}.nc"
layout = "grid"
height = {{ ssh = 1.0 }}
urls = ["{server}/{file}.nc"]

[[maps]]
file = "{file}"
method = "{method}"
track = "all"
{settings}
"""


def waves(seen: bool) -> npt.NDArray[np.float64]:
    """Waves on a slope, in metres, dims (time, lat, lon); ``seen`` by a map, the short ones are damped."""
    t, y, x = np.arange(DAYS.size)[:, None, None], LAT[:, None] - 20.0, LON + 40.0
    height = 0.3 + 0.2 * x + 0.03 * t + 0.0 * y
    for k in range(1, 9):
        for q in range(1, 8):
            phase = 2.3 * k + 1.7 * q + 0.9 * k * q + 0.4 * k * y
            damping = 1.0 + (k / 3) ** 4 + (q / 3) ** 4 if seen else 1.0
            amplitude = 0.3 / (k**1.5 * q * damping)
            height = height + amplitude * np.cos(2 * np.pi * (k * x / 5.0 + q * t / 14.0) + phase)
    return height


def heights() -> npt.NDArray[np.float64]:
    """The truth, the same through a day."""
    return waves(seen=False)


def estimate() -> npt.NDArray[np.float64]:
    """A map that misses short waves, and more of everything to the east."""
    return waves(seen=True) * (1.0 - 0.05 * (LON + 40.0))


def mu(truth: npt.NDArray[np.float64], guess: npt.NDArray[np.float64]) -> float:
    """1 - RMSE / RMS, written out."""
    return float(1.0 - np.sqrt(np.mean((guess - truth) ** 2) / np.mean(truth**2)))


def dataset(name: str, values: npt.NDArray[np.float64]) -> xr.Dataset:
    coords = {"time": DAYS, "lat": LAT, "lon": LON}
    field = xr.DataArray(values, coords, ("time", "lat", "lon"), attrs={"units": "m"})
    return field.to_dataset(name=name)


MEAN = 0.2 + 0.1 * LAT[:, None] / 20.0 + 0.01 * LON


@dataclass(frozen=True)
class World:
    """A server with truth and maps, and a challenge that names them."""

    files: Path
    folder: Path
    home: Path


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    served, folder, home = tmp_path / "served", tmp_path / "challenges" / "waves", tmp_path / "home"
    served.mkdir()
    folder.mkdir(parents=True)
    monkeypatch.setenv("OCEANBENCH_PATH", str(folder.parent))
    monkeypatch.setenv("OCEANBENCH_DATA", str(home))
    monkeypatch.setenv("OCEANBENCH_SCORES", str(tmp_path / "book"))
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("plain", "cropped", "strided", "linear", "wrong"):
        dataset("ssh", estimate()).to_netcdf(served / f"{name}.nc")
    dataset("anomaly", estimate() - MEAN).to_netcdf(served / "added.nc")
    mean = xr.DataArray(MEAN, {"lat": LAT, "lon": LON}, ("lat", "lon"), attrs={"units": "m"})
    mean.to_dataset(name="mdt").to_netcdf(served / "mean.nc")
    dataset("sossheig", heights()).to_netcdf(served / "truth.nc")
    handler = functools.partial(_Quiet, directory=str(served))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    _write_challenge(folder, f"http://127.0.0.1:{server.server_port}")
    yield World(served, folder, home)
    server.shutdown()
    server.server_close()
    thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        """Say nothing."""


def _write_challenge(folder: Path, server: str) -> None:
    lon, lat = (list(CROP[name]) for name in ("lon", "lat"))
    maps = {
        "plain": "",
        "cropped": f"[maps.scoring]\ndomain = {{ lon = {lon}, lat = {lat} }}",
        "strided": "[maps.scoring]\ntruth_offset = 1\ntruth_stride = 2",
        "linear": '[maps.scoring]\ndetrend = "linear"\nnote = "older than 2021"',
        "wrong": "",
        "lost": "",
        "added": 'variable = "anomaly"\nplus = "mean"',
    }
    text = DEFINITION.format(server=server) + "".join(
        MAP.format(server=server, file=name, method=name.upper(), settings=settings)
        for name, settings in maps.items()
    )
    (folder / "challenge.toml").write_text(text)
    (folder / "published.csv").write_text("track,method,metric,value,unit\n")


def inside(low: float, high: float, axis: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    return (axis >= low) & (axis <= high)


def published_mu() -> dict[str, float]:
    """What each row says of µ, from the formula and the nodes that its settings leave."""
    truth, guess = heights(), estimate()
    rows, columns = inside(*CROP["lat"], LAT), inside(*CROP["lon"], LON)
    part = (slice(None), slice(1, None, 2), slice(1, None, 2))
    return {
        "PLAIN": mu(truth, guess),
        "CROPPED": mu(truth[:, rows][:, :, columns], guess[:, rows][:, :, columns]),
        "STRIDED": mu(truth[part], guess[part]),
        "LINEAR": mu(truth, guess),
        "WRONG": mu(truth, guess) + 0.05,
        "LOST": 0.9,
        "ADDED": mu(truth, guess),
        "NOWHERE": 0.95,
    }


def wavelengths(world: World, scoring: Scoring) -> dict[str, float]:
    """The wavelength and the period with these settings, asked for directly."""
    data = world.files
    found = evaluate(data / "plain.nc", challenge="waves", holes="official", data=data, scoring=scoring)
    return {name: found.official[name] for name in ("lambda_x", "lambda_t")}


def publish(world: World) -> None:
    """Write the table; the rows of wavelengths hold what other settings would not give."""
    usual, linear = wavelengths(world, Scoring()), wavelengths(world, Scoring(detrend="linear"))
    assert round(usual["lambda_t"], 3) != round(linear["lambda_t"], 3)
    lines = ["track,method,metric,value,unit,source,status,meant,note"]
    for method, value in published_mu().items():
        lines.append(f"all,{method},mu,{value:.3f},1,paper,current,,")
    for method, values in (("PLAIN", usual), ("LINEAR", linear)):
        lines += [f"all,{method},{name},{value:.3f},km,paper,current,," for name, value in values.items()]
    lines.append("all,PLAIN,sigma,0.9,1,blog,superseded,,")
    lines.append(f"all,PLAIN,rmse,{0.01},m,paper,current,,")
    (world.folder / "published.csv").write_text("\n".join(lines) + "\n")


def by_method(answer: Any) -> dict[str, dict[str, Any]]:
    return {one["method"]: one for one in json.loads(answer.out)["maps"]}


def verdicts(result: dict[str, Any]) -> dict[str, str]:
    return {score["metric"]: score["verdict"] for score in result["scores"]}


def test_every_row_is_scored_with_its_own_settings_and_compared(oceanbench: Any, world: World) -> None:
    publish(world)
    answer = oceanbench("reproduce", "waves", "--json")
    assert answer.code == 0, answer.err
    results = by_method(answer)
    assert verdicts(results["PLAIN"]) == {
        "mu": "agrees",
        "lambda_x": "agrees",
        "lambda_t": "agrees",
        "rmse": "nothing to compare",
    }
    assert verdicts(results["LINEAR"]) == {"mu": "agrees", "lambda_x": "agrees", "lambda_t": "agrees"}
    for method in ("CROPPED", "STRIDED", "ADDED"):
        assert verdicts(results[method]) == {"mu": "agrees"}
    assert "linear detrending" in results["LINEAR"]["scope"]
    assert results["STRIDED"]["settings"] == {"truth_offset": 1, "truth_stride": 2}


def test_row_that_differs_shows_its_difference_and_a_lost_map_its_reason(
    oceanbench: Any, world: World
) -> None:
    publish(world)
    results = by_method(oceanbench("reproduce", "waves", "--json"))
    (score,) = results["WRONG"]["scores"]
    assert score["verdict"] == "differs"
    assert score["difference"] == pytest.approx(-0.05, abs=0.0006)
    assert "404" in results["LOST"]["reason"]
    assert results["LOST"]["scores"] == []


def test_settings_of_a_row_matter(oceanbench: Any, world: World) -> None:
    """Without them the rows that carry them would differ."""
    publish(world)
    text = (world.folder / "challenge.toml").read_text()
    lines = [line for line in text.splitlines() if not line.startswith(("truth_", "detrend", "domain = {"))]
    (world.folder / "challenge.toml").write_text("\n".join(lines))
    results = by_method(oceanbench("reproduce", "waves", "--json"))
    assert verdicts(results["CROPPED"]) == {"mu": "differs"}
    assert verdicts(results["STRIDED"]) == {"mu": "differs"}
    assert verdicts(results["LINEAR"])["lambda_t"] == "differs"


def test_page_tells_settings_differences_reasons_and_what_has_no_map(oceanbench: Any, world: World) -> None:
    publish(world)
    answer = oceanbench("reproduce", "waves")
    assert answer.code == 0
    words = " ".join(answer.out.split())
    assert "LINEAR, all" in words
    assert "linear detrending" in words
    assert "older than 2021" in words
    assert "not scored: " in words
    assert "the height of the file 'mean' is added" in words
    assert "Maps scored: 6 of 7." in words
    assert "Same to the digits printed: 9 of 10 published numbers." in words
    assert "Without a counterpart here: 1." in words
    assert "No map is known of: NOWHERE (all)" in words
    assert max(map(len, answer.out.splitlines())) <= 80


def test_nothing_that_is_reproduced_enters_the_book(oceanbench: Any, world: World, tmp_path: Path) -> None:
    publish(world)
    oceanbench("reproduce", "waves", "--method", "linear")
    assert not (tmp_path / "book").exists()


def test_one_method_is_scored_alone(oceanbench: Any, world: World) -> None:
    publish(world)
    assert list(by_method(oceanbench("reproduce", "waves", "--method", "plain", "--json"))) == ["PLAIN"]
    assert not (world.home / "waves" / "maps" / "linear.nc").exists()


def test_files_in_the_folder_given_are_not_fetched(oceanbench: Any, world: World) -> None:
    publish(world)
    answer = oceanbench("reproduce", "waves", "--method", "PLAIN", "--data", world.files, "--json")
    assert verdicts(by_method(answer)["PLAIN"])["mu"] == "agrees"
    assert not world.home.exists()


def test_nothing_scored_is_exit_code_one_and_tells_why(oceanbench: Any, world: World) -> None:
    publish(world)
    (world.files / "truth.nc").unlink()
    answer = oceanbench("reproduce", "waves", "--json")
    assert answer.code == 1
    reasons = {one["reason"] for one in json.loads(answer.out)["maps"] if one["method"] != "LOST"}
    assert len(reasons) == 1
    assert "truth.nc" in reasons.pop()


def test_map_that_is_refused_is_a_reason_and_the_others_go_on(oceanbench: Any, world: World) -> None:
    publish(world)
    dataset("ssh", estimate()).isel(time=slice(3)).to_netcdf(world.files / "wrong.nc")
    results = by_method(oceanbench("reproduce", "waves", "--json"))
    assert "11 of 14 days" in results["WRONG"]["reason"]
    assert verdicts(results["PLAIN"])["mu"] == "agrees"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("waves", "--method", "PLANE"), "no published map of 'PLANE'; did you mean plain"),
        (("waves", "--track", "some"), "waves has no track 'some'"),
        (("2022b",), "2022b: no published map is known"),
        (("2022a",), "2022a: no published map is known"),
    ],
)
def test_wrong_word_is_one_line(oceanbench: Any, world: World, words: tuple[str, ...], part: str) -> None:
    answer = oceanbench("reproduce", *words)
    assert answer.code == 1
    assert answer.err.startswith("error: ")
    assert part in answer.err


def test_maps_of_one_track_are_those_that_name_it(world: World) -> None:
    assert len(wanted_maps(load_challenge("waves"), track="ALL")) == 7
    natl60 = load_challenge("2023-natl60")
    chosen = wanted_maps(natl60, track="whole year / gf")
    assert {one.track for one in chosen} == {"Whole year / GF"}
    assert len(chosen) == 5
