"""However one map is written, it comes back the same."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from oceanbench.submission import open_map


@st.composite
def grids(draw):
    """Give west, south, step and sizes of a regular grid that does not cross 180."""
    step = draw(st.sampled_from([0.05, 0.1, 1 / 12, 1 / 60, 0.25, 0.2]))
    lons, lats, days = (draw(st.integers(1, most)) for most in (9, 7, 5))
    west = step * draw(st.integers(round(-180 / step), round(180 / step) - 10))
    south = step * draw(st.integers(round(-60 / step), round(60 / step)))
    return west, south, step, lons, lats, days


def map_on(grid, seed):
    west, south, step, lons, lats, days = grid
    heights = np.random.default_rng(seed).normal(0, 0.3, (days, lats, lons))
    return xr.Dataset(
        {"ssh": (("time", "lat", "lon"), heights, {"units": "m"})},
        coords={
            "time": np.datetime64("2012-10-22", "ns") + np.arange(days) * np.timedelta64(1, "D"),
            "lat": south + step * np.arange(lats),
            "lon": west + step * np.arange(lons),
        },
    )


@given(grids(), st.integers(0, 99), st.data())
def test_turn_of_longitudes_and_order_along_axes_do_not_matter(grid, seed, data):
    dataset = map_on(grid, seed)
    plain = open_map(dataset)
    turn = data.draw(st.sampled_from(["as is", "0..360", "another turn"]))
    lon = dataset["lon"].values
    turned = {"as is": lon, "0..360": lon % 360.0, "another turn": lon - 360.0}[turn]
    other = dataset.assign_coords(lon=turned)
    order = {str(dim): data.draw(st.permutations(range(size))) for dim, size in dataset.sizes.items()}
    dims = data.draw(st.permutations(["time", "lat", "lon"]))
    opened = open_map(other.isel(order).transpose(*dims))
    xr.testing.assert_identical(opened.ssh, plain.ssh)
    assert opened.sha256 == plain.sha256


@given(grids(), st.integers(0, 99))
def test_latitudes_either_way_and_centimetres_give_the_same_map(grid, seed):
    dataset = map_on(grid, seed)
    other = dataset.isel(lat=slice(None, None, -1))
    other["ssh"] = (100.0 * other["ssh"]).assign_attrs(units="cm")
    xr.testing.assert_allclose(open_map(other).ssh, open_map(dataset).ssh, rtol=1e-14)


@given(grids(), st.integers(0, 99))
def test_float32_coordinates_are_the_same_place(grid, seed):
    dataset = map_on(grid, seed)
    narrow = dataset.assign_coords(lat=dataset["lat"].astype("f4"), lon=dataset["lon"].astype("f4"))
    opened, plain = open_map(narrow).ssh, open_map(dataset).ssh
    np.testing.assert_array_equal(opened.values, plain.values)
    for name in ("lat", "lon"):
        np.testing.assert_allclose(opened[name], plain[name], atol=1e-4, rtol=0.0)


@given(grids(), st.integers(0, 99))
def test_canonical_map_is_its_own_canonical_map(grid, seed):
    once = open_map(map_on(grid, seed)).ssh
    xr.testing.assert_identical(open_map(once).ssh, once)


@pytest.mark.parametrize("west", [-180.0, 0.0, 0.125])
def test_global_map_is_the_same_from_any_first_meridian(west):
    lon = west + 0.5 * np.arange(720)
    coords = {"time": np.array(["2012-10-22"], "M8[ns]"), "lat": [0.0, 0.5], "lon": lon}
    ssh = np.cos(np.radians(lon)) * np.ones((1, 2, 1))
    opened = open_map(xr.Dataset({"ssh": (("time", "lat", "lon"), ssh, {"units": "m"})}, coords)).ssh
    np.testing.assert_allclose(opened[0, 0], np.cos(np.radians(opened["lon"])), atol=1e-12)
    assert -180.0 <= float(opened["lon"][0]) < float(opened["lon"][-1]) < 180.0
