"""Passes as they are written for a submission."""

import json

import netCDF4
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceanbench.swaths import joined, open_swath, pass_file_name, write_pass


def test_pass_has_the_names_dims_and_times_of_the_official_submission(tmp_path, make_pass):
    path = write_pass(make_pass(), tmp_path / "a.nc", attributes={"title": "mine", "settings": {"size": 10}})
    with netCDF4.Dataset(path) as file:
        assert {name: len(dim) for name, dim in file.dimensions.items()} == {"num_lines": 4, "num_pixels": 71}
        assert set(file.variables) == {"time", "latitude", "longitude", "ssh_karin_filt"}
        assert file["ssh_karin_filt"].dimensions == ("num_lines", "num_pixels")
        assert file["ssh_karin_filt"].units == "m"
        assert file["time"].units == "seconds since 2000-01-01"
        # 2010-03-08T10:42 plus 5 x 600 s
        since = (np.datetime64("2010-03-08T11:32") - np.datetime64("2000-01-01")) / np.timedelta64(1, "s")
        np.testing.assert_allclose(file["time"][:], since + 0.3 * np.arange(4), rtol=0, atol=1e-6)
        lon = file["longitude"][:]
        assert lon.min() >= 0.0
        assert lon.max() < 360.0
        assert (file.cycle_number, file.pass_number, file.title) == (13, 5, "mine")
        assert json.loads(file.settings) == {"size": 10}


def test_pass_comes_back_with_its_places_and_heights_to_half_a_micrometre(tmp_path, make_pass):
    swath = make_pass()
    back = open_swath(write_pass(swath, tmp_path / pass_file_name(swath), attributes={}))
    np.testing.assert_array_equal(back["time"], swath["time"])
    for name in ("lon", "lat"):
        np.testing.assert_allclose(back[name], swath[name], rtol=0, atol=1e-12)
    np.testing.assert_allclose(back["ssh_karin_filt"], swath["ssh"], rtol=0, atol=5e-7)


@given(st.floats(-15.9, 15.9))
def test_heights_below_16_metres_are_rounded_by_less_than_a_micrometre(height):
    assert abs(float(np.float32(height)) - height) < 1e-6


def test_longitude_just_west_of_greenwich_does_not_become_360(tmp_path, make_pass):
    swath = make_pass()
    swath["lon"][0, :3] = [-1e-9, 0.0, -1e-6]
    with netCDF4.Dataset(write_pass(swath, tmp_path / "a.nc", attributes={})) as file:
        np.testing.assert_allclose(file["longitude"][0, :3], [0.0, 0.0, 359.999999], rtol=0, atol=1e-9)


def test_lazy_pass_is_computed_once_and_written(tmp_path, make_pass):
    swath = make_pass()
    back = open_swath(write_pass(swath.chunk(num_lines=2), tmp_path / "a.nc", attributes={}))
    np.testing.assert_allclose(back["ssh_karin_filt"], swath["ssh"], rtol=0, atol=5e-7)


def test_file_whose_writing_fails_is_not_there_and_leaves_the_old_one(tmp_path, make_pass):
    path = write_pass(make_pass(), tmp_path / "a.nc", attributes={})
    old = path.read_bytes()

    def fail(values):
        raise ArithmeticError("the filter broke")

    broken = make_pass().chunk()
    broken["ssh"] = broken["ssh"].copy(
        data=broken["ssh"].data.map_blocks(fail, dtype=float, meta=np.empty((0, 0)))
    )
    with pytest.raises(ArithmeticError, match="the filter broke"):
        write_pass(broken, path, attributes={})
    assert [file.name for file in tmp_path.iterdir()] == ["a.nc"]
    assert path.read_bytes() == old


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda swath: swath.rename(ssh="h"), r"ssh\(num_lines, num_pixels\); this one holds \['h'\]"),
        (lambda swath: swath.drop_vars(["lat", "time"]), "no coordinate time, lat"),
        (lambda swath: swath.drop_attrs(deep=False), "no attribute pass_number"),
    ],
)
def test_what_is_no_pass_is_not_written(tmp_path, make_pass, change, match):
    with pytest.raises(ValueError, match=match):
        write_pass(change(make_pass()), tmp_path / "a.nc", attributes={})
    assert not list(tmp_path.iterdir())


def test_missing_folder_is_named(tmp_path, make_pass):
    with pytest.raises(FileNotFoundError, match=r"no folder '.*nowhere' to write 'a\.nc' into"):
        write_pass(make_pass(), tmp_path / "nowhere/a.nc", attributes={})


def test_name_of_a_file_tells_cycle_and_pass_where_they_are_known(make_pass):
    assert pass_file_name(make_pass()) == "ssh_karin_filt_013_005.nc"
    bare = make_pass()
    del bare.attrs["cycle_number"]
    assert pass_file_name(bare, "ssha") == "ssha_005.nc"


def test_passes_of_several_cycles_are_joined_by_both_numbers(make_pass):
    whole = joined({(508, 3): make_pass(3, cycle=508), (507, 16): make_pass(16, cycle=507)})
    assert whole["cycle_number"].values.tolist() == [507] * 4 + [508] * 4
    assert whole["pass_number"].values.tolist() == [16] * 4 + [3] * 4


def test_passes_without_a_common_width_or_none_at_all_are_not_joined(make_pass):
    with pytest.raises(ValueError, match="pass 2 has 69 pixels across and pass 1 has 71"):
        joined({1: make_pass(1), 2: make_pass(2).isel(num_pixels=slice(69))})
    with pytest.raises(ValueError, match="no pass to join"):
        joined({})
