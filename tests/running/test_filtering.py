"""Filters run pass by pass: what they see, what they leave, and what breaks the contract."""

import json
import os
import platform
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.running import FilterRun, filter_challenge, sample_passes
from oceanbench.swaths import open_passes

FILTERS = '''
import threading
from dataclasses import dataclass

import numpy as np
import xarray as xr

seen = []


@dataclass(frozen=True)
class Shift:
    """Moves every height."""

    by: float = 0.0

    def __call__(self, swath):
        seen.append((set(swath.variables), dict(swath.attrs), swath.ssh.values.dtype))
        return xr.Dataset({"ssh": swath.ssh + self.by})


def stops_at_pass_101(swath):
    if swath.attrs["pass_number"] == 101:
        raise RuntimeError("no more")
    return swath[["ssh"]]


def holes(swath):
    return swath[["ssh"]].where(swath.num_lines > 3)


def wild(swath):
    return swath[["ssh"]] + 100.0


def an_array(swath):
    return swath["ssh"]


def transposed(swath):
    return swath[["ssh"]].transpose()


def nameless(swath):
    return swath[["ssh"]].rename(ssh="height")


def writes_into_it(swath):
    swath.ssh.values[:] = 1000.0
    return swath[["ssh"]]


def makes_holes_in_it(swath):
    swath.ssh.values[:5] = float("nan")
    return swath[["ssh"]]


def everywhere(swath):
    return xr.Dataset({"ssh": swath.ssh.fillna(7.0)})
'''


@pytest.fixture
def filters(ripples: Path) -> str:
    path = Path("mine.py").absolute()
    path.write_text(FILTERS)
    return str(path)


def run(spec: str, output: str = "out", **more: object) -> FilterRun:
    challenge = load_challenge("ripples")
    return filter_challenge(challenge, spec, challenge.track(), Path(output), **more)  # type: ignore[arg-type]


def test_one_file_for_each_pass_says_who_made_it_and_holds_a_height_wherever_there_was_one(
    filters: str, ripples: Path
) -> None:
    done = run(f"{filters}:Shift", settings={"by": "0.25"})
    given, made = open_passes(ripples), open_passes("out")
    assert list(made) == list(given) == [3, 18, 101, 222]
    for number, swath in made.items():
        shifted = given[number]["ssh_karin"].values + 0.25
        np.testing.assert_allclose(swath["ssh_karin_filt"].values, shifted, atol=1e-6)
        for place in ("lon", "lat"):
            np.testing.assert_allclose(swath[place].values, given[number][place].values, atol=1e-9)
        assert (swath["time"].values == given[number]["time"].values).all()
        assert swath.attrs["challenge"] == "ripples"
        assert json.loads(swath.attrs["method_parameters"]) == {"by": 0.25}
    assert (done.passes, done.pixels) == (4, sum(int(g["ssh_karin"].notnull().sum()) for g in given.values()))


def test_a_filter_sees_the_noisy_height_and_its_place_but_neither_truth_nor_masks(
    filters: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    run(f"{filters}:Shift")
    seen = sys.modules["oceanbench_method_file.mine"].seen
    assert len(seen) == 4
    for variables, attributes, dtype in seen:
        assert variables == {"ssh", "time", "lon", "lat", "cross_track_km"}
        assert set(attributes) == {"cycle_number", "pass_number"}
        assert dtype == np.float64


def test_what_a_filter_gives_where_there_was_no_height_is_left_out(filters: str, ripples: Path) -> None:
    run(f"{filters}:everywhere")
    for number, swath in open_passes("out").items():
        noisy = open_passes(ripples)[number]["ssh_karin"]
        assert (swath["ssh_karin_filt"].notnull() == noisy.notnull()).all()


def test_a_run_that_fails_leaves_nothing_behind(filters: str) -> None:
    before = set(Path().iterdir())
    with pytest.raises(ValueError, match=r"pass 101: the filter raised RuntimeError: no more \(mine.py"):
        run(f"{filters}:stops_at_pass_101")
    assert set(Path().iterdir()) == before


def test_what_a_killed_run_left_is_cleared_and_what_another_one_is_making_is_not(filters: str) -> None:
    here = platform.node()
    kept = {f".out.{here}.{os.getppid()}.making", ".out.elsewhere.999999999.making"}
    for name in (f".out.{here}.999999999.making", *kept):
        Path(name).mkdir()
    run(f"{filters}:Shift")
    assert {path.name for path in Path().glob(".out.*")} == kept


def test_a_second_run_replaces_the_same_passes_and_a_failing_one_keeps_them(filters: str) -> None:
    run(f"{filters}:Shift")
    with pytest.raises(ValueError, match="no more"):
        run(f"{filters}:stops_at_pass_101")
    assert len(open_passes("out")) == 4
    assert run(f"{filters}:Shift", settings={"by": "1"}).replaced == 4
    assert float(open_passes("out")[3]["ssh_karin_filt"].mean()) > 0.9


def test_a_folder_with_the_passes_of_others_is_refused_by_name(filters: str, ripples: Path) -> None:
    Path("out").mkdir()
    Path("out/ssh_karin_filt_013_007.nc").touch()
    with pytest.raises(FileExistsError, match=r"holds 1 files that this run does not make.*013_007"):
        run(f"{filters}:Shift")
    with pytest.raises(FileExistsError, match="input_ssh_karin_013_003"):
        run(f"{filters}:Shift", output=str(ripples))
    Path("file").touch()
    with pytest.raises(FileExistsError, match="file is a file; -o names the folder"):
        run(f"{filters}:Shift", output="file")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("holes", r"pass \d+: the filter gave no height at 208 of the \d+ measured pixels.*\(0, 5\)"),
        ("wild", r"pass \d+: the filter moved \d+ heights by 20 m or more, the first at \(line, pixel\)"),
        ("writes_into_it", r"pass \d+: the filter moved \d+ heights by 20 m or more"),
        ("makes_holes_in_it", r"pass \d+: the filter gave no height at 260 of the"),
        ("an_array", r"pass \d+: the filter returned DataArray; expected a Dataset; call .to_dataset"),
        ("transposed", r"pass \d+: 'ssh' was returned as float64 with dims"),
        ("nameless", r"pass \d+: the filter returned height; expected 'ssh'"),
    ],
)
def test_a_broken_contract_is_refused_with_the_pass(filters: str, name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run(f"{filters}:{name}")


def test_passes_of_a_folder_are_filtered_in_place_of_those_of_the_challenge(
    filters: str, ripples: Path
) -> None:
    Path("mine").mkdir()
    (Path("mine") / "input_ssh_karin_013_018.nc").write_bytes(
        (ripples / "input_ssh_karin_013_018.nc").read_bytes()
    )
    assert run(f"{filters}:Shift", source=Path("mine")).passes == 1
    assert list(open_passes("out")) == [18]


def test_filtered_passes_as_input_are_refused_for_want_of_the_noisy_height(filters: str) -> None:
    run(f"{filters}:Shift")
    with pytest.raises(ValueError, match="has no variable ssh_karin; it holds ssh_karin_filt"):
        run(f"{filters}:Shift", output="again", source=Path("out"))


def test_a_mapping_method_is_told_from_a_filter(ripples: Path) -> None:
    with pytest.raises(
        LookupError, match="'oi' is a mapping method, asked for is a filter of swaths: boxcar,"
    ):
        run("oi")


def test_a_sample_holds_the_heights_as_they_were_given(ripples: Path) -> None:
    challenge = load_challenge("ripples")
    sample_passes(challenge, challenge.track(), Path("sample"))
    for number, swath in open_passes("sample").items():
        given = open_passes(ripples)[number]["ssh_karin"].values
        np.testing.assert_allclose(swath["ssh_karin_filt"].values, given, atol=1e-6)


def test_passes_of_several_cycles_get_a_file_each(filters: str) -> None:
    challenge = load_challenge("unknown-sea")
    done = filter_challenge(challenge, f"{filters}:Shift", challenge.track(), Path("out"))
    assert done.passes == 6
    names = sorted(path.name for path in Path("out").iterdir())
    assert names[0] == "ssha_method_denoised_507_006.nc"
    with xr.open_dataset(Path("out") / names[-1]) as last:
        assert (last.attrs["cycle_number"], last.attrs["pass_number"]) == (509, 20)


def test_lines_of_no_cycle_are_left_out(filters: str, swath_world: Path) -> None:
    with xr.open_dataset(swath_world / "unknown-sea" / "data" / "box.nc") as box:
        cycle = box["cycle_number"].astype("float64").where(np.arange(box.sizes["num_lines"]) < 300)
        box.assign(cycle_number=cycle).to_netcdf("holed.nc")
    challenge = load_challenge("unknown-sea")
    done = filter_challenge(
        challenge, f"{filters}:Shift", challenge.track(), Path("out"), source=Path("holed.nc")
    )
    assert done.passes == 5
