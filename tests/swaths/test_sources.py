"""Where passes may lie, and files that join several of them."""

import numpy as np
import pytest
import xarray as xr

from oceanbench.swaths import joined, open_passes, pass_files, passes_in_file, passes_of, write_pass


def same_passes(found: dict[int, xr.Dataset], given: dict[int, xr.Dataset]) -> None:
    assert list(found) == sorted(given)
    for number, swath in given.items():
        assert found[number].attrs["cycle_number"] == swath.attrs["cycle_number"]
        assert found[number].attrs["pass_number"] == number
        assert found[number]["ssh_karin_filt"].chunks is not None
        np.testing.assert_array_equal(found[number]["ssh_karin_filt"], swath["ssh"])
        for name in ("time", "lat", "cross_track_km"):
            np.testing.assert_array_equal(found[number][name], swath[name])
        np.testing.assert_allclose(found[number]["lon"], swath["lon"], rtol=0, atol=1e-12)


@pytest.fixture
def given(make_pass):
    return {number: make_pass(number, lines=3 + number % 5) for number in (44, 5, 582)}


@pytest.mark.parametrize("form", ["netcdf", "zarr 2", "zarr 3"])
def test_passes_joined_in_one_file_come_back_one_by_one(tmp_path, given, form):
    whole = joined(given)
    if form == "netcdf":
        whole.to_netcdf(tmp_path / "all")
    else:
        whole.to_zarr(tmp_path / "all", zarr_format=int(form[-1]), consolidated=False)
    same_passes(open_passes(tmp_path / "all"), given)


def test_joined_lazy_passes_of_unequal_length_stay_lazy_and_go_into_a_zarr_folder(
    tmp_path, make_pass, monkeypatch
):
    monkeypatch.setattr("oceanbench.swaths._writing._JOINED_LINES", 4)
    given = {number: make_pass(number, lines=2 + number) for number in (1, 4, 6)}
    whole = joined({number: swath.chunk() for number, swath in given.items()})
    assert whole["ssh_karin_filt"].chunks == ((4, 4, 4, 4, 1), (71,))
    whole.to_zarr(tmp_path / "all.zarr", consolidated=False)
    same_passes(open_passes(tmp_path / "all.zarr"), given)


def test_joined_file_is_read_about_a_pass_at_a_time(tmp_path, given, monkeypatch):
    monkeypatch.setattr("oceanbench.swaths._opening._JOINED_LINES", 5)
    joined(given).to_netcdf(tmp_path / "all.nc")
    found = open_passes(tmp_path / "all.nc")
    same_passes(found, given)
    assert max(max(swath["ssh_karin_filt"].chunks[0]) for swath in found.values()) <= 5


def test_swath_without_pixels_is_no_bug(tmp_path, make_pass):
    make_pass().isel(num_pixels=slice(0)).to_netcdf(tmp_path / "none.nc")
    assert open_passes(tmp_path / "none.nc")[5].sizes["num_pixels"] == 0


def test_folder_may_hold_a_joined_file_single_passes_and_zarr_folders(tmp_path, given):
    joined({number: given[number] for number in (5, 44)}).to_netcdf(tmp_path / "most.nc")
    joined({582: given[582]}).to_zarr(tmp_path / "last.zarr", consolidated=False)
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / ".hidden.nc").write_text("not looked at")
    same_passes(open_passes(tmp_path), given)
    assert pass_files(tmp_path).left_aside == (".hidden.nc", "README.md")


def test_one_file_of_one_pass_is_enough(tmp_path, make_pass):
    path = write_pass(make_pass(), tmp_path / "mine.nc", attributes={})
    assert list(open_passes(path)) == [5]
    assert list(open_passes([path])) == [5]


def test_joined_file_may_keep_the_cycle_as_an_attribute_or_not_tell_it(tmp_path, given):
    bare = joined(given).drop_vars("cycle_number")
    bare.assign_attrs(cycle_number=13, pass_number=5).to_netcdf(tmp_path / "told.nc")
    bare.to_netcdf(tmp_path / "untold.nc")
    same_passes(open_passes(tmp_path / "told.nc"), given)
    assert list(open_passes(tmp_path / "untold.nc")) == [5, 44, 582]
    assert "cycle_number" not in open_passes(tmp_path / "untold.nc")[5].attrs


def test_lines_of_a_pass_that_do_not_stand_together_are_gathered_in_order(tmp_path, make_pass):
    whole = joined({1: make_pass(1), 2: make_pass(2)})
    order = [0, 4, 1, 5, 2, 6, 3, 7]
    whole.isel(num_lines=order).to_netcdf(tmp_path / "mixed.nc")
    same_passes(open_passes(tmp_path / "mixed.nc"), {1: make_pass(1), 2: make_pass(2)})


def test_swath_without_a_number_has_no_passes_to_take_apart(make_pass):
    assert passes_of(make_pass().drop_attrs(deep=False)) == []


@pytest.mark.parametrize(
    ("numbers", "match"),
    [
        ([5.0, 5.0, np.nan, 5.0], "pass_number is missing on line 2"),
        ([5.0, 5.5, 5.0, 5.0], r"pass_number is 5\.5 on line 1.*whole number"),
        ([5.0, 5.0, 5.0, 1e30], r"pass_number is 1e\+30 on line 3"),
    ],
)
def test_numbers_along_lines_that_make_no_sense_are_refused(tmp_path, make_pass, numbers, match):
    swath = joined({5: make_pass()}).assign(pass_number=("num_lines", numbers))
    swath.to_netcdf(tmp_path / "odd.nc")
    with pytest.raises(ValueError, match=match):
        passes_in_file(tmp_path / "odd.nc")


@pytest.mark.parametrize("number", ["five", 5.5, [5, 6]])
def test_number_in_the_attributes_that_is_no_whole_number_is_refused(tmp_path, make_pass, number):
    swath = make_pass().assign_attrs(pass_number=number)
    swath.to_netcdf(tmp_path / "odd.nc")
    with pytest.raises(
        ValueError, match=r"pass_number is .* in the attributes of '.*odd\.nc'; expected a whole"
    ):
        passes_in_file(tmp_path / "odd.nc")


def test_file_of_more_passes_than_there_can_be_is_refused(tmp_path, make_pass, monkeypatch):
    monkeypatch.setattr("oceanbench.swaths._passes._MOST_PASSES", 2)
    joined({number: make_pass(number) for number in (1, 2, 3)}).to_netcdf(tmp_path / "many.nc")
    with pytest.raises(ValueError, match="belong to 3 passes, more than 2"):
        open_passes(tmp_path / "many.nc")


def test_folder_without_passes_says_what_it_holds(tmp_path):
    (tmp_path / "dc_outputs").mkdir()
    with pytest.raises(FileNotFoundError, match="which holds dc_outputs; give the folder in which"):
        open_passes(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"which holds nothing"):
        open_passes(tmp_path / "dc_outputs")
    with pytest.raises(FileNotFoundError, match="empty list"):
        open_passes([])
