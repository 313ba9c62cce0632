"""Real maps, and the order of a gridded reference."""

import numpy as np
import pytest
import xarray as xr

from oceanbench.submission import Expected, SubmissionError, normalise_grid, open_map


def one_file(folder, pattern):
    (path,) = folder.glob(pattern)
    return path


def test_duacs_maps_of_the_mediterranean_have_land_whose_holes_are_left_to_the_official_rule(shared):
    path = one_file(shared / "data/duacs_l4", "dt_med_*.nc")
    wanted = Expected(
        west=2.0, east=19.0, south=31.0, north=44.0,
        start=np.datetime64("2005-04-01"), end=np.datetime64("2005-06-30"), holes="official",
    )  # fmt: skip
    opened = open_map(path, expected=wanted)
    assert opened.variable == "adt"
    assert opened.ssh.sizes == {"time": 91, "lat": 106, "lon": 138}
    assert opened.notes[-1].startswith("missing heights:")


def test_global_duacs_map_is_rolled(shared):
    path = one_file(shared / "data/duacs_l4", "nrt_global_*.nc")
    day = np.datetime64("2019-02-23")
    wanted = Expected(west=-65.0, east=-55.0, south=33.0, north=43.0, start=day, end=day)
    ssh = open_map(path, expected=wanted).ssh
    with xr.open_dataset(path) as raw:
        part = raw["adt"].sel(longitude=slice(294.75, 305.25), latitude=slice(32.75, 43.25))
        np.testing.assert_array_equal(ssh.values, part.values)
        np.testing.assert_array_equal(ssh["lon"].values, part["longitude"].values - 360.0)


def test_file_with_two_heights_is_refused_and_cured(shared, problems):
    path = one_file(shared / "data/duacs_l4", "dt_blacksea_*.nc")
    assert "several variables may be the height: adt (time, latitude, longitude), sla" in problems(path)[0]
    assert open_map(path, variable="adt").ssh.sizes == {"time": 1, "lat": 56, "lon": 120}


def test_curvilinear_snapshot_is_refused_for_both_axes(shared, problems):
    path = one_file(shared / "data/enatl60", "*2009m07d01_lr.nc")
    found = problems(path)
    assert any(text.startswith("longitudes have two dims and vary by up to") for text in found)
    assert any(text.startswith("latitudes have two dims") for text in found)


def test_reference_is_put_in_order_without_moving_its_points(golden):
    with xr.open_dataset(golden / "cases/map_a_truth.nc") as dataset:
        (name,) = dataset.data_vars
        array = dataset[name]
        turned = array.assign_coords(lon=array["lon"] % 360.0).isel(lat=slice(None, None, -1))
        grid = normalise_grid(turned.transpose("lon", "time", "lat").chunk())
        assert grid.chunks is not None
        assert grid.dims == ("time", "lat", "lon")
        np.testing.assert_array_equal(grid.values, array.values)
        np.testing.assert_array_equal(grid["lat"], array["lat"])
        np.testing.assert_allclose(grid["lon"], array["lon"], rtol=1e-14)
        np.testing.assert_array_equal(normalise_grid(array)["lon"], array["lon"])


def test_mean_without_time_keeps_two_dims(shared):
    path = one_file(shared / "data/mapmed_ose", "dt_med_mdt_*.nc")
    with xr.open_dataset(path, chunks={}) as dataset:
        grid = normalise_grid(dataset["mdt"])
        assert grid.dims == ("lat", "lon")
        assert grid.name == "mdt"
        np.testing.assert_array_equal(grid.values, dataset["mdt"].values.T)


def test_reference_in_centimetres_is_converted_and_without_latitudes_refused(make_map):
    heights = make_map()["ssh"]
    grid = normalise_grid((100.0 * heights).assign_attrs(units="cm"))
    np.testing.assert_allclose(grid, heights, rtol=1e-14)
    assert grid.attrs == {"units": "m"}
    with pytest.raises(SubmissionError, match="no latitudes"):
        normalise_grid(heights.drop_vars("lat"))
