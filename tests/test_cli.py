"""The command: every page of help, one job from method to score, and every wrong input in one message."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
import xarray as xr

from oceanbench.catalog import challenge_names, load_challenge
from oceanbench.cli import cli, main

METHOD = '''
import numpy as np
import xarray as xr


def mean(observations, grid):
    """The mean of all observations everywhere."""
    shape = tuple(grid.sizes[name] for name in ("time", "lat", "lon"))
    heights = np.full(shape, float(observations["ssh"].mean()))
    return xr.Dataset({"ssh": (("time", "lat", "lon"), heights)}, coords=grid.coords)


def coarse(observations, grid):
    return mean(observations, grid).isel(lat=slice(None, None, 2))


def unfinished(observations, grid):
    maps = mean(observations, grid)
    maps["ssh"][0, 0, :3] = np.nan
    return maps


def broken(observations, grid):
    return undefined
'''


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str


Command = Callable[..., Answer]


@pytest.fixture(scope="session")
def data_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder of data of its own, so that no test reads or writes the user's."""
    home = tmp_path_factory.mktemp("data home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OCEANBENCH_DATA", str(home))
        yield home


@pytest.fixture
def oceanbench(
    data_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run the command in an empty folder, as a shell would; an error that is a bug comes through."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OCEANBENCH_DATA", str(data_home))
    monkeypatch.delenv("OCEANBENCH_DEBUG", raising=False)

    def run(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["oceanbench", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        captured = capsys.readouterr()
        code = stopped.value.code
        assert isinstance(code, int)
        return Answer(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def method_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("methods") / "mine.py"
    path.write_text(METHOD)
    return path


@pytest.fixture(scope="session")
def twin_map() -> xr.Dataset:
    """A well-formed map of the box and the days of 2020a that says nothing of itself."""
    days = np.arange("2012-10-22", "2012-12-03", dtype="datetime64[D]").astype("datetime64[ns]")
    lon, lat = np.arange(-65.0, -54.9, 0.5), np.arange(33.0, 43.1, 0.5)
    height = (
        0.3 + 0.5 * np.tanh(lat - 38.0)[None, :, None] + 0 * days.astype("int64")[:, None, None] + 0 * lon
    )
    dims = ("time", "lat", "lon")
    return xr.Dataset({"ssh": (dims, height, {"units": "m"})}, coords={"time": days, "lat": lat, "lon": lon})


def is_refused(answer: Answer, *parts: str) -> None:
    """Exit code 1, nothing on the output, one message that starts as such and tells its parts."""
    assert answer.code == 1
    assert answer.out == ""
    assert answer.err.startswith("error: ")
    assert "Traceback" not in answer.err
    for part in parts:
        assert part in answer.err


def is_misused(answer: Answer, part: str) -> None:
    """Exit code 2 and the usage."""
    assert answer.code == 2
    assert answer.err.startswith("Usage: oceanbench")
    assert part in answer.err


# --- help and lists


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("path", list(commands(cli)), ids=" ".join)
def test_every_command_has_help_with_an_example_of_itself(oceanbench: Command, path: tuple[str, ...]) -> None:
    answer = oceanbench(*path, "--help")
    assert answer.code == 0
    assert f"Example: oceanbench {' '.join(path)}" in " ".join(answer.out.split())


def test_help_of_the_whole_names_every_command_and_the_first_step(oceanbench: Command) -> None:
    answer = oceanbench("--help")
    assert "Start with: oceanbench quickstart" in answer.out
    for name in cli.commands:
        assert re.search(rf"^  {name} ", answer.out, re.MULTILINE)


def test_version_is_printed(oceanbench: Command) -> None:
    assert re.fullmatch(r"oceanbench, version \d+\.\d+\.\d+\n", oceanbench("--version").out)


def test_list_names_every_challenge_and_in_json_its_tracks(oceanbench: Command) -> None:
    table, content = oceanbench("list").out, json.loads(oceanbench("list", "--json").out)
    assert sorted(entry["id"] for entry in content) == challenge_names()
    assert content[0]["id"] == "2020a-twin"  # what can be tried at once comes first
    for entry in content:
        assert entry["id"] in table
        assert entry["tracks"] == [track.id for track in load_challenge(entry["id"]).tracks]
    assert {entry["id"]: entry["twin_of"] for entry in content}["2020a-twin"] == "2020a"


@pytest.mark.parametrize("name", challenge_names())
def test_show_prints_what_the_definition_says(oceanbench: Command, name: str) -> None:
    content = json.loads(oceanbench("show", name, "--json").out)
    assert content["id"] == name
    assert len(content["files"]) == len(load_challenge(name).files)


def test_show_tells_a_reader_the_rules(oceanbench: Command) -> None:
    text = oceanbench("show", "2020a").out
    assert "scored: 2012-10-22 to 2012-12-02" in text
    assert "track '4 nadirs': envisat, geosat2, topex-poseidon_interleaved, jason1; judged by truth" in text
    assert "doi:10.5281/zenodo.4045400" in text


def test_methods_names_the_baselines_and_their_parameters(oceanbench: Command) -> None:
    content = {entry["name"]: entry for entry in json.loads(oceanbench("methods", "--json").out)}
    assert {"oi", "oi-local"} <= content.keys()
    assert content["oi"]["parameters"]["Lx"] == 1.0
    assert "oi-local" in oceanbench("methods").out


def test_list_loads_nothing_heavy(data_home: Path) -> None:
    script = (
        "import sys; sys.argv = ['oceanbench', 'list', '--json']\n"
        "from oceanbench.cli import main\n"
        "try: main()\n"
        "finally: print(sorted({'jax', 'matplotlib', 'pyinterp', 'scipy', 'xarray'} & set(sys.modules)),"
        " file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


# --- from a method to a score


def test_run_validate_and_evaluate_a_method_of_ones_own(
    oceanbench: Command, method_file: Path, data_home: Path
) -> None:
    ran = oceanbench(
        "run", "2020a-twin", "--method", f"{method_file}:mean", "--track", "4 nadirs", "-o", "map.nc"
    )
    assert (ran.code, ran.err) == (0, "")
    assert re.match(r"map\.nc: 60468 observations mapped in \d+\.\d s\n", ran.out)
    assert "method mine.py:mean, parameters {}" in ran.out
    assert list(data_home.glob("2020a-twin/derived-*/dc_obs/*.nc"))

    valid = oceanbench("validate", "map.nc")
    assert valid.out.splitlines()[:2] == [
        "map.nc: a valid submission to 2020a-twin",
        "  challenge 2020a-twin, as the file says",
    ]

    scored = oceanbench("evaluate", "map.nc", "--json", "--report", "report")
    content = json.loads(scored.out)
    assert (content["challenge"], content["track"]) == ("2020a-twin", "4 nadirs")
    assert 0.0 < content["official"]["mu"] < 0.5
    assert content["official"]["lambda_x"] is None
    assert content["coverage"]["days_official"] == 41
    assert content["coverage"]["days_robust"] == 42
    assert content["passport"]["said_by_the_file"]["method"].endswith("mine.py:mean")
    assert Path("report/index.html").is_file()
    assert json.loads(Path("report/score.json").read_text())["official"] == content["official"]


@pytest.mark.slow
def test_quickstart_maps_scores_and_draws_with_nothing_but_the_package(
    oceanbench: Command, data_home: Path
) -> None:
    answer = oceanbench("quickstart", "--report", "first")
    assert answer.code == 0
    assert re.search(r"map, numbers and pictures are in first after \d+ s", answer.out)
    content = json.loads(Path("first/score.json").read_text())
    assert (content["challenge"], content["track"]) == ("2020a-twin", "4 nadirs")
    assert 0.7 < content["official"]["mu"] < 0.9
    assert 1.0 < content["official"]["lambda_x"] < 5.0
    assert Path("first/index.html").is_file()
    again = json.loads(oceanbench("evaluate", "first/map.nc", "--json").out)
    assert again["official"] == content["official"]


def test_evaluate_prints_both_families_of_numbers_side_by_side(
    oceanbench: Command, twin_map: xr.Dataset
) -> None:
    twin_map.to_netcdf("map.nc")
    answer = oceanbench("evaluate", "map.nc", "--challenge", "2020a-twin")
    assert answer.code == 0
    text = " ".join(answer.out.split())
    assert re.search(r"official board robust 95 % interval unit", text)
    assert "these are not scores of 2020a" in text
    assert "41 days enter the official numbers, 42 the robust ones" in text


@pytest.mark.parametrize("name", ["2020a-twin", "2020a", "2021a", "2022b", "medsea-2021"])
def test_sample_is_valid_with_and_without_the_mean_at_hand(oceanbench: Command, name: str) -> None:
    made = oceanbench("sample", name, "-o", "sample.nc")
    assert made.out == f"sample.nc: a valid submission to {name}; fill in your own ssh\n"
    valid = json.loads(oceanbench("validate", "sample.nc", "--json").out)
    assert (valid["valid"], valid["challenge"]) == (True, name)


def test_sample_of_the_mediterranean_is_valid_and_is_the_mean_height(
    oceanbench: Command, shared: Path
) -> None:
    data = shared / "data" / "mapmed_ose"
    assert oceanbench("sample", "medsea-2021", "--data", data, "-o", "sample.nc").code == 0
    assert oceanbench("validate", "sample.nc").code == 0
    with xr.open_dataset("sample.nc") as sample:
        assert 0.05 < float(sample["ssh"].std()) < 0.3
        assert np.isfinite(sample["ssh"]).all()


# --- wrong files


def test_missing_file_is_a_usage_error(oceanbench: Command) -> None:
    is_misused(oceanbench("evaluate", "absent.nc"), "Path 'absent.nc' does not exist")
    is_misused(oceanbench("validate", "absent.nc"), "Path 'absent.nc' does not exist")


def test_folder_that_is_no_zarr_is_refused(oceanbench: Command, tmp_path: Path) -> None:
    for command in ("evaluate", "validate"):
        is_refused(oceanbench(command, tmp_path), "is a folder without zarr.json")


def test_text_file_is_refused_with_what_it_begins_with(oceanbench: Command, method_file: Path) -> None:
    for command in ("evaluate", "validate"):
        is_refused(oceanbench(command, method_file), "is not NetCDF", "save the map with to_netcdf()")


def test_empty_file_is_refused(oceanbench: Command) -> None:
    Path("empty.nc").touch()
    is_refused(oceanbench("evaluate", "empty.nc"), "empty.nc")


def test_file_cut_off_in_its_middle_is_refused(oceanbench: Command, twin_map: xr.Dataset) -> None:
    twin_map.to_netcdf("whole.nc")
    content = Path("whole.nc").read_bytes()
    Path("cut.nc").write_bytes(content[: len(content) // 2])
    is_refused(oceanbench("evaluate", "cut.nc", "--challenge", "2020a-twin"), "cut.nc")


def other_box(maps: xr.Dataset) -> xr.Dataset:
    return maps.assign_coords(lon=maps["lon"] + 30.0)


def one_hole(maps: xr.Dataset) -> xr.Dataset:
    return maps.where((maps["lat"] > 33.0) | (maps["lon"] > -65.0) | (maps["time"] > maps["time"][0]))


def centimetres(maps: xr.Dataset) -> xr.Dataset:
    return maps.assign(ssh=(100.0 * maps["ssh"]).assign_attrs(units="m"))


def furlongs(maps: xr.Dataset) -> xr.Dataset:
    return maps.assign(ssh=maps["ssh"].assign_attrs(units="furlong"))


def without_days(maps: xr.Dataset) -> xr.Dataset:
    return maps.drop_isel(time=[5, 6, 20])


def without_times(maps: xr.Dataset) -> xr.Dataset:
    return maps.drop_vars("time")


def without_longitudes(maps: xr.Dataset) -> xr.Dataset:
    return maps.drop_vars("lon")


def single_map(maps: xr.Dataset) -> xr.Dataset:
    return maps.isel(time=0, drop=True)


def without_heights(maps: xr.Dataset) -> xr.Dataset:
    return maps.rename(ssh="temperature").assign(salinity=maps["ssh"])


WRONG = [
    (other_box, ("the map covers -35..-25 E, 33..43 N", "expected -65..-55 E", "extend its lon")),
    (one_hole, ("the first at 2012-10-22, 33", " N, -65", "--holes zero", "--holes official")),
    (centimetres, ("heights beyond 20 m", "largest 79.99", "expected metres", "a wrong unit")),
    (furlongs, ("heights are in 'furlong'", "expected m, cm or mm", "set the attribute units")),
    (without_days, ("3 of 42 days have no map: 2012-10-27, 2012-10-28, 2012-11-11", "add the maps")),
    (without_times, ("no times; expected a coordinate time", "assign_coords(time=…)")),
    (without_longitudes, ("no longitudes; expected a coordinate lon", "assign_coords(lon=…)")),
    (single_map, ("'ssh' has dims (lat=21, lon=21) and no times", "expand_dims")),
    (without_heights, ("there is temperature (time, lat, lon), salinity", "--variable")),
]


@pytest.mark.parametrize(("spoil", "parts"), WRONG, ids=[spoil.__name__ for spoil, _ in WRONG])
@pytest.mark.parametrize("command", ["validate", "evaluate"])
def test_spoilt_map_is_refused_with_what_was_given_and_what_to_do(
    oceanbench: Command,
    twin_map: xr.Dataset,
    command: str,
    spoil: Callable[[xr.Dataset], xr.Dataset],
    parts: tuple[str, ...],
) -> None:
    spoil(twin_map).to_netcdf("map.nc")
    is_refused(oceanbench(command, "map.nc", "--challenge", "2020a-twin"), *parts)


@pytest.mark.parametrize("rule", ["zero", "official"])
def test_map_with_a_hole_is_scored_where_its_meaning_is_given(
    oceanbench: Command, twin_map: xr.Dataset, rule: str
) -> None:
    one_hole(twin_map).to_netcdf("map.nc")
    options = ("--challenge", "2020a-twin", "--holes", rule)
    assert oceanbench("validate", "map.nc", *options).code == 0
    content = json.loads(oceanbench("evaluate", "map.nc", *options, "--json").out)
    assert content["coverage"]["holes"] == rule
    assert content["coverage"]["covered"] < content["coverage"]["points"]
    assert content["official"]["mu"] is not None


def test_map_of_no_challenge_is_told_their_names(oceanbench: Command, twin_map: xr.Dataset) -> None:
    other_box(twin_map).to_netcdf("map.nc")
    for command in ("validate", "evaluate"):
        is_refused(oceanbench(command, "map.nc"), "no challenge fits a map of -35.00..-25.00 E", "2020a-twin")


def test_validate_gives_all_problems_as_json_and_exit_code_one(
    oceanbench: Command, twin_map: xr.Dataset
) -> None:
    without_days(other_box(twin_map)).to_netcdf("map.nc")
    answer = oceanbench("validate", "map.nc", "--challenge", "2020a-twin", "--json")
    content = json.loads(answer.out)
    assert (answer.code, content["valid"], len(content["problems"])) == (1, False, 2)


# --- wrong words


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("show", "2020b"), ("no challenge is called '2020b'", "did you mean 2024b or 2022b or 2020a?")),
        (("sample", "medsea", "-o", "x.nc"), ("no challenge is called 'medsea'", "medsea-2021")),
        (
            ("run", "2020a-twin", "--method", "o1", "-o", "x.nc"),
            ("no mapping method is called 'o1'", "oi, oi-local"),
        ),
        (
            ("run", "2020a-twin", "--method", "oi", "--track", "4 nadir", "-o", "x.nc"),
            ("no track '4 nadir'", "did you mean 4 nadirs"),
        ),
        (("run", "2020a-twin", "--method", "absent.py:mean", "-o", "x.nc"), ("no file 'absent.py'",)),
        (
            ("run", "2020a-twin", "--method", "oi", "--set", "Lx=long", "-o", "x.nc"),
            ("parameter 'Lx' of 'oi' was given 'long': it takes a number",),
        ),
        (
            ("run", "2020a-twin", "--method", "oi", "--set", "Ly=-1", "-o", "x.nc"),
            ("Ly", "-1"),
        ),
        (
            ("run", "2020a-twin", "--method", "oi", "--set", "L=1", "-o", "x.nc"),
            ("'oi' has no parameter 'L'", "Lx=1.0"),
        ),
        (
            ("run", "2020a-twin", "--method", "oi", "-o", "absent/x.nc"),
            ("there is no folder absent to write x.nc into; make it first",),
        ),
        (("sample", "2020a-twin", "-o", "absent/x.nc"), ("there is no folder absent",)),
        (
            ("run", "2020a", "--method", "oi", "-o", "x.nc"),
            ("no file dc_obs/", "get it with: oceanbench download 2020a", "--data"),
        ),
        (("twin", "build", "2020a", "-o", "x"), ("2020a is not built by the program", "2020a-twin")),
    ],
)
def test_wrong_word_is_refused_with_the_near_ones(
    oceanbench: Command, words: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    is_refused(oceanbench(*words), *parts)
    assert not Path("x.nc").exists()


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("--challenge", "2020-twin"), ("no challenge is called '2020-twin'", "did you mean 2020a-twin")),
        (("--challenge", "2020a-twin", "--track", "5 nadirs"), ("no track '5 nadirs'", "4 nadirs")),
        (("--challenge", "2020a-twin", "--variable", "sss"), ("sss", "ssh")),
        (("--challenge", "2020a"), ("no file dc_ref/", "get it with: oceanbench download 2020a", "--data")),
    ],
)
def test_wrong_word_of_evaluate_is_refused(
    oceanbench: Command, twin_map: xr.Dataset, words: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    twin_map.to_netcdf("map.nc")
    is_refused(oceanbench("evaluate", "map.nc", *words), *parts)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("evalute", "map.nc"), "Did you mean"),
        (("run", "2020a-twin", "-o", "x.nc"), "Missing option '--method'"),
        (("run", "2020a-twin", "--method", "oi"), "Missing option '-o'"),
        (("run", "2020a-twin", "--method", "oi", "--set", "Lx", "-o", "x.nc"), "write --set NAME=VALUE"),
        (("evaluate", "map.nc", "--holes", "never"), "'never' is not one of"),
        (("evaluate", "map.nc", "--reference", "absent.nc"), "Path 'absent.nc' does not exist"),
        (("sample", "2020a", "-o", "."), "is a directory"),
    ],
)
def test_wrong_use_gives_the_usage_and_exit_code_two(
    oceanbench: Command, words: tuple[str, ...], part: str
) -> None:
    Path("map.nc").touch()
    is_misused(oceanbench(*words), part)


def test_method_that_leaves_the_grid_is_refused(oceanbench: Command, method_file: Path) -> None:
    answer = oceanbench("run", "2020a-twin", "--method", f"{method_file}:coarse", "-o", "map.nc")
    is_refused(answer, "lat")
    assert not Path("map.nc").exists()


def test_holes_that_a_method_leaves_are_told_when_its_map_is_written(
    oceanbench: Command, method_file: Path
) -> None:
    answer = oceanbench("run", "2020a-twin", "--method", f"{method_file}:unfinished", "-o", "map.nc")
    assert answer.code == 0
    assert answer.err.startswith("3 of its 109242 heights are missing: where one is to be scored")
    is_refused(oceanbench("validate", "map.nc"), "missing heights: 3 of 109242")


def test_noise_reaches_the_method_and_the_file_says_so(oceanbench: Command, method_file: Path) -> None:
    words = ("run", "2020a-twin", "--method", f"{method_file}:mean", "-o")
    assert oceanbench(*words, "exact.nc").code == oceanbench(*words, "noisy.nc", "--noise").code == 0
    with xr.open_dataset("exact.nc") as exact, xr.open_dataset("noisy.nc") as noisy:
        assert noisy.attrs["observations"] == "with error"
        assert float(noisy["ssh"][0, 0, 0]) != float(exact["ssh"][0, 0, 0])


def test_bug_in_a_method_keeps_its_trace(oceanbench: Command, method_file: Path) -> None:
    with pytest.raises(NameError, match="undefined"):
        oceanbench("run", "2020a-twin", "--method", f"{method_file}:broken", "-o", "map.nc")


def test_error_keeps_its_trace_where_that_is_asked_for(
    oceanbench: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCEANBENCH_DEBUG", "1")
    with pytest.raises(LookupError, match="no challenge is called"):
        oceanbench("show", "nowhere")


def test_error_in_a_shell_is_one_line_without_a_trace(data_home: Path) -> None:
    script = (
        "import sys; sys.argv = ['oceanbench', 'show', 'nowhere']; from oceanbench.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: no challenge is called 'nowhere'")


# --- commands of other packages


def test_command_of_another_package_is_offered_and_run(
    oceanbench: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command("greet")
    def greet() -> None:
        """Greet."""
        click.echo("hello")

    monkeypatch.setattr("oceanbench.cli._COMMANDS", _Installed({"greet": greet, "wrong": 3}))
    assert "greet" in oceanbench("greet", "--help").out
    assert oceanbench("greet").out == "hello\n"
    with pytest.raises(TypeError, match="the entry point 'wrong' is int, not a click command"):
        oceanbench("wrong")


@dataclass(frozen=True)
class _Installed:
    entries: dict[str, Any]

    def names(self) -> list[str]:
        return sorted(self.entries)

    def load(self, name: str) -> Any:
        return self.entries[name]


def test_several_references_may_follow_one_option_as_a_shell_gives_them(
    oceanbench: Command, golden: Path
) -> None:
    with xr.open_dataset(golden / "cases" / "map_c_pieces_truth.nc") as truth:
        truth.isel(time=slice(20)).to_netcdf("truth_1.nc")
        truth.isel(time=slice(20, None)).to_netcdf("truth_2.nc")
    estimate = golden / "cases" / "map_c_pieces_holed.nc"
    words = ("--challenge", "2020a", "--json")
    together = json.loads(
        oceanbench("evaluate", estimate, "--reference", "truth_1.nc", "truth_2.nc", *words).out
    )
    repeated = ("--reference", "truth_1.nc", "--reference", "truth_2.nc")
    apart = json.loads(oceanbench("evaluate", *repeated, estimate, *words).out)
    assert together["official"] == apart["official"]
    assert together["passport"]["reference"]["files"] == 2
