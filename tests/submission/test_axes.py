"""Dimensions, longitudes and latitudes: what is put right, what is refused."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from oceanbench.submission import open_map
from oceanbench.submission._axes import regular_values, simplest_fraction


@pytest.mark.parametrize(
    "names",
    [
        {"time": "time", "lat": "latitude", "lon": "longitude"},
        {"time": "t", "lat": "y", "lon": "x"},
        {"time": "time_counter", "lat": "nav_lat", "lon": "nav_lon"},
        {"time": "Time", "lat": "LAT", "lon": "LON"},
    ],
)
def test_names_of_dims_are_free(make_map, names):
    xr.testing.assert_identical(open_map(make_map().rename(names)).ssh, open_map(make_map()).ssh)


def test_attributes_tell_axes_of_any_name(make_map):
    dataset = make_map().rename(time="a", lat="b", lon="c")
    dataset["b"].attrs["units"] = "degrees_north"
    dataset["c"].attrs["standard_name"] = "longitude"
    xr.testing.assert_identical(open_map(dataset).ssh, open_map(make_map()).ssh)


@pytest.mark.parametrize("order", [("lon", "lat", "time"), ("lat", "time", "lon"), ("time", "lon", "lat")])
def test_order_of_dims_is_free(make_map, order):
    xr.testing.assert_identical(open_map(make_map().transpose(*order)).ssh, open_map(make_map()).ssh)


def test_coordinates_may_be_variables_along_other_dims(make_map):
    dataset = (
        make_map().rename_dims(lat="y", lon="x").reset_index(["lat", "lon"]).reset_coords(["lat", "lon"])
    )
    dataset = dataset.assign_coords(x=np.arange(21), y=np.arange(21))
    xr.testing.assert_identical(open_map(dataset).ssh, open_map(make_map()).ssh)


def on_two_dims(dataset):
    lat, lon = np.meshgrid(dataset["lat"], dataset["lon"], indexing="ij")
    bare = dataset.drop_vars(["lat", "lon"]).rename(lat="y", lon="x")
    return bare.assign(nav_lat=(("y", "x"), lat), nav_lon=(("y", "x"), lon))


def test_separable_coordinates_of_two_dims_are_reduced(make_map):
    opened = open_map(on_two_dims(make_map()))
    xr.testing.assert_identical(opened.ssh, open_map(make_map()).ssh)
    assert "The longitudes of two dims were reduced to one." in opened.notes


def test_separable_coordinates_may_cross_greenwich_on_another_turn(make_map):
    dataset = make_map(west=-5.0)
    dataset["lon"] = dataset["lon"] % 360.0
    xr.testing.assert_identical(open_map(on_two_dims(dataset)).ssh, open_map(make_map(west=-5.0)).ssh)


def test_curvilinear_grid_is_refused(make_map, problems):
    dataset = on_two_dims(make_map())
    dataset["nav_lon"] = dataset["nav_lon"] + 0.01 * dataset["nav_lat"]
    (sentence,) = problems(dataset)
    assert sentence == (
        "longitudes have two dims and vary by up to 0.1 degree along 'y'; "
        "expected a grid of parallels and meridians; interpolate the map to a regular grid"
    )


def test_dims_of_size_one_are_dropped_and_others_refused(make_map, problems):
    deep = make_map().expand_dims(depth=[0.5], member=[1])
    opened = open_map(deep)
    xr.testing.assert_identical(opened.ssh, open_map(make_map()).ssh)
    assert opened.notes == ["Dimension depth, member of size 1 was dropped."]
    ensemble = xr.concat([make_map(), make_map()], "member")
    assert problems(ensemble)[0].startswith("there is a further dimension member of size 2")


@pytest.mark.parametrize("axis", ["time", "lat", "lon"])
def test_missing_coordinate_is_refused(make_map, problems, axis):
    (sentence,) = problems(make_map().drop_vars(axis))
    words = {"time": "times", "lat": "latitudes", "lon": "longitudes"}
    assert sentence.startswith(
        f"'ssh' has dims (time=6, lat=21, lon=21) and no {words[axis]}; expected a coord"
    )
    assert "assign_coords" in sentence


def test_samples_along_a_track_are_refused(problems):
    days = np.arange("2012-10-22", "2012-10-25", dtype="M8[D]").astype("M8[ns]")
    place = ("x", np.arange(4.0))
    track = xr.Dataset({"ssh": (("time", "x"), np.zeros((3, 4)))}, {"time": days, "lat": place, "lon": place})
    assert "lat and lon both run along dimension 'x'" in problems(track)[0]


def test_longitudes_on_another_turn_are_moved_with_a_note(make_map, expected):
    opened = open_map(make_map(west=295.0), expected=expected)
    xr.testing.assert_identical(opened.ssh, open_map(make_map(), expected=expected).ssh)
    assert opened.notes == ["Longitudes 295..305 were moved to -180..180."]


def test_latitudes_from_north_to_south_are_turned_with_a_note(make_map, expected):
    opened = open_map(make_map().isel(lat=slice(None, None, -1)), expected=expected)
    xr.testing.assert_identical(opened.ssh, open_map(make_map()).ssh)
    assert opened.notes == ["The latitudes were put in order, south to north."]


def test_global_map_with_both_ends_keeps_one_of_them(problems):
    lon = np.arange(0.0, 361.0, 10.0)
    ssh = np.cos(np.radians(lon))[None, None] * np.ones((1, 3, 1))
    coords = {"time": np.array(["2012-10-22"], "M8[ns]"), "lat": [-10.0, 0.0, 10.0], "lon": lon}
    dataset = xr.Dataset({"ssh": (("time", "lat", "lon"), ssh, {"units": "m"})}, coords)
    dataset["ssh"].values[..., -1] = dataset["ssh"].values[..., 0]
    opened = open_map(dataset)
    np.testing.assert_array_equal(opened.ssh["lon"], np.arange(-180.0, 180.0, 10.0))
    assert "Repeated longitudes with the same heights were dropped: 0 E." in opened.notes
    dataset["ssh"].values[..., -1] = 3.0
    assert "longitudes occur twice with different heights: 0 E" in problems(dataset)[0]


def test_float32_coordinates_are_moved_onto_the_regular_axis(make_map, expected):
    lon = (-65.0 + 0.1 * np.arange(101)).astype("f4")
    dataset = make_map(step=0.1).assign_coords(lon=lon)
    opened = open_map(dataset, expected=expected)
    exact = np.round(-65.0 + 0.1 * np.arange(101), 1)
    np.testing.assert_array_equal(opened.ssh["lon"], exact)
    moved = np.abs(exact - lon.astype("f8")).max()
    assert opened.notes == [
        f"The longitudes were moved by up to {moved:.2g} degree onto the regular axis -65..-55."
    ]


def test_axes_of_one_sixtieth_and_of_rounded_digits_become_exact():
    exact = np.arange(1981, 2581) / 60.0
    for given in (exact, exact.astype("f4").astype("f8"), np.round(exact, 4), exact + 1e-12):
        values, error = regular_values(given)
        np.testing.assert_array_equal(values, exact)
        assert error < 1e-4


def test_axis_of_no_simple_step_keeps_its_values():
    given = -64.94334411621094 + 0.0333416297787 * np.arange(306)
    values, error = regular_values(given)
    np.testing.assert_allclose(values, given, atol=2e-10)
    assert error < 1e-12


@pytest.mark.parametrize(
    ("value", "tolerance", "fraction"),
    [
        (-64.9, 1e-6, (-649, 10)),
        (np.float64(np.float32(-64.9)), 4e-6, (-649, 10)),
        (0.016666, 1e-6, (1, 60)),
        (33.0, 1e-9, (33, 1)),
        (1e-12, 1e-10, (0, 1)),
        (0.999, 0.01, (1, 1)),
    ],
)
def test_simplest_fraction_is_found(value, tolerance, fraction):
    found = simplest_fraction(value, tolerance)
    assert (found.numerator, found.denominator) == fraction


def test_irregular_axis_is_refused_with_its_steps(make_map, problems):
    dataset = make_map()
    lat = dataset["lat"].values.copy()
    lat[10] += 0.001
    (sentence,) = problems(dataset.assign_coords(lat=lat))
    assert sentence.startswith(
        "steps of the latitudes run from 0.499 to 0.501 degree; expected a regular axis"
    )


def test_map_across_180_is_refused_unless_the_box_is_on_one_side(make_map, expected, problems):
    dataset = make_map(west=175.0)
    (sentence,) = problems(dataset)
    assert sentence.startswith("steps of the longitudes run from 0.5 to 350 degree")
    assert sentence.endswith("cut the map at 180 E")
    one_side = replace(expected, west=176.0, east=179.0)
    np.testing.assert_array_equal(
        open_map(dataset, expected=one_side).ssh["lon"], np.arange(175.5, 180.0, 0.5)
    )


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        ({"lon": slice(2, None)}, "-64..-55 E, 33..43 N"),
        ({"lon": slice(None, -2)}, "-65..-56 E, 33..43 N"),
        ({"lat": slice(2, None), "lon": slice(2, None)}, "-64..-55 E, 34..43 N"),
    ],
)
def test_map_short_by_more_than_a_cell_is_refused_with_both_boxes(make_map, expected, problems, part, shown):
    (sentence,) = problems(make_map().isel(part), expected=expected)
    assert sentence.startswith(f"the map covers {shown}; expected -65..-55 E, 33..43 N, to within one cell")


def test_map_short_by_one_cell_is_accepted(make_map, expected):
    part = make_map().isel(lon=slice(1, -1), lat=slice(1, -1))
    assert open_map(part, expected=expected).ssh.sizes == {"time": 6, "lat": 19, "lon": 19}


def test_map_of_another_place_and_time_is_refused_for_both(make_map, expected, problems):
    elsewhere = make_map(west=10.0)
    elsewhere["time"] = elsewhere["time"] + np.timedelta64(1000, "D")
    first, second = problems(elsewhere, expected=expected)
    assert first.startswith("the map covers 10..20 E")
    assert second.startswith("6 of 6 days have no map")


@pytest.mark.parametrize(
    ("values", "start"),
    [
        (np.linspace(200.0, 300.0, 21), "latitudes run from 200 to 300; expected degrees within 90"),
        (np.r_[np.nan, np.linspace(33.5, 43.0, 20)], "1 of 21 latitudes are missing or infinite"),
        (np.array([f"{n}N" for n in range(21)]), "latitudes are of type <U3; expected degrees"),
    ],
)
def test_senseless_latitudes_are_refused(make_map, problems, values, start):
    assert problems(make_map().assign_coords(lat=values))[0].startswith(start)


def test_single_point_is_a_map(make_map):
    one = open_map(make_map().isel(time=[0], lat=[3], lon=[4]))
    assert one.ssh.shape == (1, 1, 1)
    assert float(one.ssh["lon"][0]) == -63.0
