"""Methods are found, built, run, checked and written; what breaks the contract is refused with a reason."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pytest
import xarray as xr

from oceanbench.methods import Method, _loading, describe, load_method, method_names, run_method, write_map

SOURCE = """
from dataclasses import dataclass
from neighbour import HEIGHT
import xarray as xr


def constant(observations, grid):
    shape = tuple(grid.sizes[name] for name in ("time", "lat", "lon"))
    return xr.Dataset({"ssh": (("time", "lat", "lon"), HEIGHT * xr.Variable(("a", "b", "c"), [[[1.0]]]).data
                               + 0 * grid.lon.values + 0 * grid.lat.values[:, None]
                               + 0 * grid.time.values.astype("i8")[:, None, None])}, coords=grid.coords)


@dataclass(frozen=True)
class Scaled:
    gain: float = 1.0

    def __call__(self, observations, grid):
        return self.gain * constant(observations, grid)


class Plain:
    def __call__(self, observations, grid):
        return constant(observations, grid)


class NotCallable:
    pass


ready = Scaled(gain=3.0)
"""


@dataclass(frozen=True)
class Tunable:
    """A method with a parameter of each kind that can be given as text."""

    scale: float = 1.0
    count: int = 3
    flag: bool = False
    label: str = "a"
    rule: Literal["one", "two"] = "one"
    limit: float | None = None
    hook: Callable[[], None] | None = None

    def __call__(self, observations: xr.Dataset, grid: xr.Dataset) -> xr.Dataset:
        return flat(grid, self.scale)


def target() -> xr.Dataset:
    times = np.datetime64("2012-10-21", "ns") + np.arange(2) * np.timedelta64(12, "h")
    return xr.Dataset(coords={"time": times, "lat": [33.0, 34.0, 35.0], "lon": [-62.0, -61.0, -60.0, -59.0]})


def flat(grid: xr.Dataset, height: float = 0.5) -> xr.Dataset:
    dims = ("time", "lat", "lon")
    return xr.Dataset(
        {"ssh": (dims, np.full([grid.sizes[name] for name in dims], height))}, coords=grid.coords
    )


def returning(result: Any) -> Method:
    """A method that returns ``result``, whatever it is given."""
    return lambda observations, grid: result


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "neighbour.py").write_text("HEIGHT = 2.0\n")
    (tmp_path / "mine.py").write_text(SOURCE)
    return str(tmp_path / "mine.py")


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = SimpleNamespace(name="tunable", value=f"{__name__}:Tunable", load=lambda: Tunable)
    registry = SimpleNamespace(load=lambda name: entry.load(), entries=lambda: {entry.name: entry})
    monkeypatch.setitem(_loading.REGISTRIES, "mapping", registry)


# --- loading


def test_the_baselines_are_registered_and_loaded_by_name() -> None:
    assert {"oi", "oi-local"} <= set(method_names())
    assert describe(load_method("oi"))["name"] == "oi"


def test_settings_reach_a_registered_baseline() -> None:
    described = describe(
        load_method("oi", {"Lx": "1.5", "mean": "observations", "error": "true", "workers": "1"})
    )
    chosen = {name: described["parameters"][name] for name in ("Lx", "Ly", "mean", "error")}
    assert chosen == {"Lx": 1.5, "Ly": 1.0, "mean": "observations", "error": True}


def test_an_unknown_name_is_refused_with_near_matches_and_the_list() -> None:
    with pytest.raises(
        LookupError, match=r"'oi-locl'; did you mean oi-local\? installed: .*oi, oi-local.*file.py"
    ):
        load_method("oi-locl")


@pytest.mark.parametrize(
    ("name", "height"), [("constant", 2.0), ("Plain", 2.0), ("Scaled", 2.0), ("ready", 6.0)]
)
def test_functions_classes_dataclasses_and_objects_are_loaded_from_a_file(
    script: str, name: str, height: float
) -> None:
    result = run_method(load_method(f"{script}:{name}"), xr.Dataset(), target())
    assert (result.ssh == height).all()


@pytest.mark.parametrize("name", ["Scaled", "ready"])
def test_a_dataclass_from_a_file_takes_settings(script: str, name: str) -> None:
    method = load_method(f"{script}:{name}", {"gain": "0.25"})
    assert describe(method) == {"name": "mine.py:Scaled", "parameters": {"gain": 0.25}}


def test_a_missing_file_is_refused_by_name() -> None:
    with pytest.raises(FileNotFoundError, match=r"no file 'nowhere/mine.py'.*'constant'"):
        load_method("nowhere/mine.py:constant")


def test_a_file_without_the_name_of_a_method_is_refused(script: str) -> None:
    with pytest.raises(ValueError, match=r"names a file but no method in it; write .*mine.py:function"):
        load_method(script)


def test_a_missing_function_is_refused_with_those_that_exist(script: str) -> None:
    with pytest.raises(LookupError, match=r"'constnt'; did you mean constant\?.*Scaled, Plain, NotCallable"):
        load_method(f"{script}:constnt")


def test_what_cannot_be_called_is_refused(script: str) -> None:
    with pytest.raises(TypeError, match="is NotCallable, which cannot be called"):
        load_method(f"{script}:NotCallable")


@pytest.mark.parametrize("name", ["constant", "Plain"])
def test_settings_for_what_has_no_fields_are_refused(script: str, name: str) -> None:
    with pytest.raises(ValueError, match="has no parameters to set, gain was given"):
        load_method(f"{script}:{name}", {"gain": "1"})


@pytest.mark.usefixtures("registered")
def test_settings_are_read_as_the_type_of_their_field() -> None:
    texts = {"scale": "2", "count": "7", "flag": "Yes", "label": "b", "rule": "two", "limit": "0.5"}
    assert load_method("tunable", texts) == Tunable(2.0, 7, True, "b", "two", 0.5)
    assert load_method("tunable", {"limit": "none"}) == Tunable(limit=None)
    assert isinstance(load_method("tunable", {"scale": "2"}).scale, float)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"scal": "1"},
            r"no parameter 'scal'; did you mean scale\? it has: scale=1.0, count=3, flag=False",
        ),
        ({"scale": "wide"}, "parameter 'scale' of 'tunable' was given 'wide': it takes a number"),
        ({"count": "1.5"}, "'count' of 'tunable' was given '1.5': it takes a whole number"),
        ({"flag": "perhaps"}, "it takes true or false"),
        ({"rule": "three"}, "it takes one of one, two"),
        ({"hook": "print"}, "cannot be given as text"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_method("tunable", settings)


# --- running


def test_a_map_on_the_grid_passes_and_its_missing_values_are_counted() -> None:
    given = flat(target())
    given.ssh[0, 0, :2] = np.nan
    result = run_method(returning(given), xr.Dataset(), target())
    assert result.ssh.attrs["missing_count"] == 2
    xr.testing.assert_equal(result, given)


def test_the_method_is_given_the_observations_and_the_grid() -> None:
    seen: list[xr.Dataset] = []

    def method(observations: xr.Dataset, grid: xr.Dataset) -> xr.Dataset:
        seen.extend([observations, grid])
        return flat(grid)

    observations, grid = xr.Dataset(attrs={"missions": ["one"]}), target()
    run_method(method, observations, grid)
    assert seen[0] is observations
    assert seen[1] is grid


def test_a_lazy_map_is_loaded() -> None:
    result = run_method(returning(flat(target()).chunk({"time": 1})), xr.Dataset(), target())
    assert isinstance(result.ssh.data, np.ndarray)


def with_height(value: float) -> xr.Dataset:
    given = flat(target())
    given.ssh[1, 2, 3] = value
    return given


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "returned NoneType; expected an xarray.Dataset"),
        (flat(target()).ssh, r"returned DataArray.*call .to_dataset\(name='ssh'\)"),
        (flat(target()).rename(ssh="gssh"), "returned gssh; expected 'ssh'; call rename"),
        (flat(target()).astype(int), "returned as int64; expected floats in metres"),
        (flat(target()).transpose("time", "lon", "lat"), r"dims \(time, lon, lat\).*use transpose"),
        (flat(target()).isel(time=0), r"dims \(lat, lon\); expected \(time, lat, lon\)"),
        (flat(target()).drop_vars("lat"), "without the coordinate 'lat'; use coords=grid.coords"),
        (
            flat(target()).assign_coords(lon=np.arange(298.0, 302.0)),
            r"lon is 298.0..301.0 \(4 values\), expected -62",
        ),
        (
            flat(target()).isel(lat=[0, 1]),
            r"lat is 33.0..34.0 \(2 values\), expected 33.0..35.0 \(3 values\)",
        ),
        (flat(target()).isel(lat=[2, 1, 0]), "lat is 35.0..33.0"),
        (flat(target(), np.nan), "all 24 values of 'ssh' are NaN"),
        (with_height(np.inf), r"1 values that are infinite or beyond 20 m.*inf at .* index \(1, 2, 3\)"),
        (
            with_height(-35.0),
            r"the first -35 at .* index \(1, 2, 3\); expected metres: divide centimetres by 100",
        ),
        (
            flat(target()).assign(ssh_error=(("lat", "lon"), np.ones((3, 4)))),
            r"'ssh_error' was returned with dims \(lat, lon\)",
        ),
    ],
)
def test_what_breaks_the_contract_is_refused(given: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run_method(returning(given), xr.Dataset(), target())


def test_a_grid_without_an_axis_is_refused() -> None:
    with pytest.raises(ValueError, match="the target grid has no axis 'lat'"):
        run_method(returning(None), xr.Dataset(), target().drop_vars("lat"))


# --- describing


@dataclass(frozen=True)
class Holder:
    anything: object

    def __call__(self, observations: xr.Dataset, grid: xr.Dataset) -> xr.Dataset:
        return flat(grid)


def test_a_description_is_json_whatever_the_parameters() -> None:
    held = {
        "path": Path("a/b"),
        "array": np.arange(2),
        "number": np.float32(0.5),
        "none": None,
        "pair": (1, True),
    }
    described = describe(Holder(held))
    assert described["name"].endswith(":Holder")
    assert json.loads(json.dumps(described["parameters"])) == {
        "anything": {
            "path": str(Path("a/b")),
            "array": [0, 1],
            "number": 0.5,
            "none": None,
            "pair": [1, True],
        }
    }


def test_a_function_is_described_by_its_name_alone() -> None:
    described = describe(flat)
    assert described["name"].endswith("test_methods:flat")
    assert described["parameters"] == {}


def test_what_does_not_change_the_map_is_not_described() -> None:
    assert {"workers", "memory_gb", "progress"}.isdisjoint(describe(load_method("oi"))["parameters"])


# --- writing


def test_a_map_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    given = flat(target()).assign(ssh_error=0.1 * flat(target()).ssh)
    given.ssh[:] = np.random.default_rng(0).normal(size=given.ssh.shape)
    given.ssh[0, 0, 0] = np.nan
    path = write_map(given, tmp_path / "map.nc", attributes={})
    with xr.open_dataset(path) as read:
        xr.testing.assert_equal(read.load(), given)


def test_hourly_times_survive_the_file_to_the_nanosecond(tmp_path: Path) -> None:
    times = np.datetime64("2019-03-01", "ns") + np.arange(48) * np.timedelta64(30, "m")
    given = flat(xr.Dataset(coords={"time": times, "lat": [0.0], "lon": [0.0]}))
    with xr.open_dataset(write_map(given, tmp_path / "map.nc", attributes={})) as read:
        np.testing.assert_array_equal(read.time.values, times)


def test_the_file_follows_cf_and_is_compressed(tmp_path: Path) -> None:
    given = flat(target()).assign(ssh_error=0.1 * flat(target()).ssh)
    path = write_map(given, tmp_path / "map.nc", attributes={"title": "a map"})
    with xr.open_dataset(path, decode_cf=False) as raw:
        assert raw.attrs["Conventions"] == "CF-1.11"
        assert raw.attrs["title"] == "a map"
        assert raw.ssh.attrs["standard_name"] == "sea_surface_height_above_geoid"
        assert raw.ssh.attrs["units"] == raw.ssh_error.attrs["units"] == "m"
        assert raw.time.attrs["units"].startswith("days since 1950-01-01")
        assert [raw[name].attrs["axis"] for name in ("time", "lat", "lon")] == ["T", "Y", "X"]
        assert [raw[name].attrs["standard_name"] for name in ("lat", "lon")] == ["latitude", "longitude"]
        assert "_FillValue" not in raw.lat.attrs
        assert raw.ssh.encoding["zlib"]


def test_attributes_that_netcdf_has_no_type_for_are_written_as_json(tmp_path: Path) -> None:
    attributes = {
        "method": describe(load_method("oi")),
        "fast": True,
        "nothing": None,
        "sizes": [1, 2],
        "n": 3,
    }
    with xr.open_dataset(write_map(flat(target()), tmp_path / "map.nc", attributes=attributes)) as read:
        assert json.loads(read.attrs["method"])["parameters"]["Lt"] == 7.0
        assert (read.attrs["fast"], read.attrs["nothing"], read.attrs["n"]) == ("true", "null", 3)
        assert list(read.attrs["sizes"]) == [1, 2]


def test_notes_of_the_method_stay_on_the_variable(tmp_path: Path) -> None:
    given = flat(target())
    given.ssh.attrs["comment"] = "nothing seen"
    with xr.open_dataset(write_map(given, tmp_path / "map.nc", attributes={})) as read:
        assert read.ssh.attrs["comment"] == "nothing seen"
    assert given.ssh.attrs == {"comment": "nothing seen"}


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "map.nc"
    path.write_text("an older result")
    write_map(flat(target()), path, attributes={})
    assert [file.name for file in tmp_path.iterdir()] == ["map.nc"]
    with xr.open_dataset(path) as read:
        assert (read.ssh == 0.5).all()


def test_a_write_that_fails_leaves_the_older_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise OSError("disk full")

    path = tmp_path / "map.nc"
    path.write_text("an older result")
    monkeypatch.setattr(os, "replace", stopped)
    with pytest.raises(OSError, match="disk full"):
        write_map(flat(target()), path, attributes={})
    assert [file.name for file in tmp_path.iterdir()] == ["map.nc"]
    assert path.read_text() == "an older result"


def test_a_missing_folder_and_a_missing_map_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*absent"):
        write_map(flat(target()), tmp_path / "absent" / "map.nc", attributes={})
    with pytest.raises(ValueError, match=r"written from a Dataset with ssh\(time, lat, lon\)"):
        write_map(flat(target()).rename(ssh="gssh"), tmp_path / "map.nc", attributes={})


def test_a_method_takes_its_parameters_for_a_challenge_and_settings_go_before_them() -> None:
    plain = describe(load_method("oi"))["parameters"]
    preset = describe(load_method("oi", challenge="medsea-2021"))["parameters"]
    given = describe(load_method("oi", {"Lt": "3"}, challenge="medsea-2021"))["parameters"]
    assert (plain["signal"], preset["signal"], given["signal"]) == (1.0, 0.08, 0.08)
    assert (plain["Lt"], preset["Lt"], given["Lt"]) == (7.0, 8.0, 3.0)
    assert describe(load_method("oi", challenge="2020a"))["parameters"] == plain
