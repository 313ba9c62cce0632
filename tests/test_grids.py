"""Gridded heights: official layouts written by the test, real files, box, period and chunks."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from oceanbench.challenge import Box, Period
from oceanbench.grids import crop, read_curvilinear, read_grid, read_training

START = np.datetime64("2012-10-01", "ns")
DAY = np.timedelta64(1, "D")
HOUR = np.timedelta64(1, "h")


def plane(days: int = 3, lon: Any = None, lat: Any = None, first: np.datetime64 = START) -> xr.DataArray:
    """A field that tells day, latitude and longitude from its height."""
    lons = np.arange(-65.0, -54.9, 0.5) if lon is None else np.asarray(lon)
    lats = np.arange(33.0, 43.1, 0.5) if lat is None else np.asarray(lat)
    time = first + np.arange(days) * DAY
    heights = np.arange(days)[:, None, None] + 0.01 * lats[:, None] + 0.001 * lons
    return xr.DataArray(heights, {"time": time, "lat": lats, "lon": lons}, ("time", "lat", "lon"), name="ssh")


def saved(folder: Path, dataset: xr.Dataset, name: str = "grid.nc", **encoding: Any) -> Path:
    dataset.to_netcdf(folder / name, encoding=encoding or None)
    return folder / name


# --- official layouts


def test_truth_of_2020a_is_read_lazily_one_file_after_the_other(tmp_path: Path) -> None:
    paths = []
    for day in (1, 2):
        hourly = plane(1, lon=-65 + np.arange(1, 31) / 60, lat=33 + np.arange(1, 31) / 60)
        stamps = START + day * DAY + np.arange(24) * HOUR + np.timedelta64(30, "m")
        steps = hourly.isel(time=0, drop=True).expand_dims(time=stamps).astype("f4")
        name = f"NATL60-CJM165_GULFSTREAM_y2012m10d{day:02d}.1h_SSH.nc"
        paths.append(saved(tmp_path, steps.to_dataset(name="sossheig"), name))
    truth = read_grid(paths, {"sossheig": 1.0})
    assert truth.chunks is not None
    assert truth.dims == ("time", "lat", "lon")
    assert truth.sizes["time"] == 48
    assert truth.time.values[-1] == START + 2 * DAY + 23 * HOUR + np.timedelta64(30, "m")
    np.testing.assert_array_equal(truth.lon, -65 + np.arange(1, 31) / 60)


def toy(heights: xr.DataArray, *, one_dimensional: bool) -> xr.Dataset:
    """One field of 2022b, dims (time, y, x), with 2-D positions and, on request, 1-D ones beside them."""
    lon2, lat2 = np.meshgrid(heights.lon, heights.lat)
    variables = {
        "ssh": (("time", "y", "x"), heights.values),
        "nav_lon": (("y", "x"), lon2),
        "nav_lat": (("y", "x"), lat2),
    }
    if one_dimensional:
        variables |= {"lon": ("x", heights.lon.values), "lat": ("y", heights.lat.values)}
    return xr.Dataset(variables, {"time": heights.time.values})


@pytest.mark.parametrize("one_dimensional", [True, False])
def test_fields_of_2022b_with_positions_of_two_dims_are_grids(tmp_path: Path, one_dimensional: bool) -> None:
    paths = [
        saved(tmp_path, toy(plane().isel(time=[day]), one_dimensional=one_dimensional), f"{day}.nc")
        for day in range(3)
    ]
    field = read_grid(paths, {"ssh": 1.0})
    assert field.chunks is not None
    np.testing.assert_array_equal(field, plane())
    np.testing.assert_array_equal(field.lon, plane().lon)


def test_file_of_another_region_is_not_joined_although_its_shape_fits(tmp_path: Path) -> None:
    one = saved(tmp_path, toy(plane(1), one_dimensional=True), "one.nc")
    moved = plane(1, lon=np.arange(-55.0, -44.9, 0.5), first=START + DAY)
    other = saved(tmp_path, toy(moved, one_dimensional=True), "other.nc")
    with pytest.raises(ValueError, match=r"other\.nc' or a later file has another grid than '.*one\.nc'"):
        read_grid([one, other], {"ssh": 1.0})
    indexed = [
        saved(tmp_path, field.to_dataset(), f"{number}.nc") for number, field in enumerate((plane(1), moved))
    ]
    with pytest.raises(ValueError, match=r"1\.nc' or a later file has another grid than '.*0\.nc'"):
        read_grid(indexed, {"ssh": 1.0})


def test_crop_at_the_stored_edge_drops_the_node_that_the_code_of_2023_drops(tmp_path: Path) -> None:
    """The 1/20-degree axis of 2023 stores -64 just west of it: 300 nodes from -63.95, not 301."""
    lon, lat = np.arange(-98.05, 42.05 + 0.025, 0.05), np.arange(5.95, 68.0 + 0.025, 0.05)
    assert (lon.size, lat.size) == (2803, 1242)
    ssh = xr.Dataset(
        {"ssh": (("time", "lat", "lon"), np.zeros((1, 20, lon.size)))},
        {"time": [START], "lat": lat[lat.searchsorted(29.0) :][:20], "lon": lon},
    )
    field = read_grid([saved(tmp_path, ssh)], {"ssh": 1.0})
    box = Box(lon=(-64.0, -49.0), lat=(29.0, 44.0))
    official = crop(field, box, edge_degrees=0.0)
    assert official.sizes["lon"] == 300
    assert float(official.lon[0]) == pytest.approx(-63.95)
    assert float(official.lon[-1]) == pytest.approx(-49.0)
    assert crop(field, box).sizes["lon"] == 301
    assert float(crop(field, box).lon[0]) == pytest.approx(-64.0)


def test_gridded_observations_of_the_registry_keep_their_holes_and_dates(tmp_path: Path) -> None:
    holed = plane().where(plane().lon < -60.0)
    dataset = holed.to_dataset(name="ssh_mod").assign_coords(time=("time", [0, 1, 2]))
    dataset.time.attrs["units"] = "days since 2012-10-01"
    field = read_grid([saved(tmp_path, dataset)], {"ssh_mod": 1.0})
    np.testing.assert_array_equal(field.time, START + np.arange(3) * DAY)
    np.testing.assert_array_equal(field.isnull(), holed.isnull())


def test_global_map_of_2023a_goes_from_one_turn_of_longitude_to_the_other(tmp_path: Path) -> None:
    lon, lat = np.arange(0.125, 360.0, 30.0), np.arange(-89.875, 90.0, 30.0)
    dataset = plane(1, lon=lon, lat=lat).rename(lon="longitude", lat="latitude").to_dataset(name="adt")
    field = read_grid([saved(tmp_path, dataset)], {"adt": 1.0})
    assert float(field.lon.min()) == pytest.approx(-179.875)
    assert bool((field.lon.diff("lon") > 0).all())
    east = field.sel(lon=-59.875, method="nearest")
    np.testing.assert_allclose(east.squeeze(), 0.01 * lat + 0.001 * 300.125)


def test_zarr_folder_is_a_grid_like_any_other(tmp_path: Path) -> None:
    plane().chunk(time=1).to_dataset().to_zarr(tmp_path / "grid.zarr", zarr_format=2, consolidated=False)
    field = read_grid([tmp_path / "grid.zarr"], {"ssh": 1.0})
    assert field.chunks is not None
    np.testing.assert_array_equal(field, plane())


@pytest.mark.parametrize(
    ("units", "values"),
    [
        ("seconds since 2012-10-01", np.array([0, 86400, 172800])),
        ("seconds since 2000-01-01", np.array([402364800.0, 402451200.0, 402537600.0])),
        ("days since 1950-01-01 00:00:00", np.array([22919.0, 22920.0, 22921.0], dtype="f4")),
        ("hours since 2012-10-01", np.array([0, 24, 48], dtype="i4")),
    ],
)
@pytest.mark.parametrize("calendar", ["gregorian", "standard", "proleptic_gregorian"])
def test_times_are_decoded_from_any_unit(
    tmp_path: Path, units: str, values: np.ndarray[Any, Any], calendar: str
) -> None:
    dataset = (
        plane().to_dataset().assign_coords(time=("time", values, {"units": units, "calendar": calendar}))
    )
    field = read_grid([saved(tmp_path, dataset)], {"ssh": 1.0})
    assert field.time.dtype == "datetime64[ns]"
    np.testing.assert_array_equal(field.time, START + np.arange(3) * DAY)


# --- laziness


def test_large_contiguous_file_is_cut_into_chunks_of_some_fields(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oceanbench.grids._CHUNK_BYTES", 8 * 21 * 21 * 2)
    field = read_grid([saved(tmp_path, plane(5).to_dataset())], {"ssh": 1.0})
    assert field.chunks == ((2, 2, 1), (21,), (21,))
    np.testing.assert_array_equal(field, plane(5))


def test_file_stored_in_chunks_keeps_them(tmp_path: Path) -> None:
    path = saved(tmp_path, plane(5).to_dataset(), ssh={"chunksizes": (1, 21, 21), "zlib": True})
    assert read_grid([path], {"ssh": 1.0}).chunks == ((1,) * 5, (21,), (21,))


def test_reading_a_field_does_not_read_the_others(tmp_path: Path) -> None:
    paths = [saved(tmp_path, plane(1, first=START + day * DAY).to_dataset(), f"{day}.nc") for day in range(3)]
    field = read_grid(paths, {"ssh": 1.0})
    paths[2].write_bytes(b"no longer a file of data")
    np.testing.assert_allclose(field.isel(time=1), plane(1).isel(time=0))


# --- values


def test_declared_range_makes_land_missing_and_an_undeclared_one_does_not(tmp_path: Path) -> None:
    """Maps of the SWOT simulator store land as about -2.1e5 m without a fill value."""
    land = plane().copy()
    land[:, 3, 4] = -214748.3648
    path = saved(tmp_path, land.to_dataset(), ssh={"_FillValue": None})
    assert float(read_grid([path], {"ssh": 1.0}).min()) == pytest.approx(-214748.3648)
    field = read_grid([path], {"ssh": 1.0}, valid_range=(-20.0, 20.0))
    assert int(field.isnull().sum()) == 3
    assert bool(field.isnull()[:, 3, 4].all())
    with pytest.raises(ValueError, match=r"valid_range is \(20.0, -20.0\)"):
        read_grid([path], {"ssh": 1.0}, valid_range=(20.0, -20.0))


def test_default_fill_of_the_library_is_missing_where_none_is_declared(tmp_path: Path) -> None:
    filled = plane().copy()
    filled[1, 2, 3] = 9.969209968386869e36
    field = read_grid([saved(tmp_path, filled.to_dataset(), ssh={"_FillValue": None})], {"ssh": 1.0})
    assert np.argwhere(field.isnull().values).tolist() == [[1, 2, 3]]


def test_centimetres_are_converted_once(tmp_path: Path) -> None:
    dataset = (100.0 * plane()).assign_attrs(units="cm").to_dataset(name="sla")
    dataset["mdt"] = 0.5 + 0.0 * plane().isel(time=0, drop=True)
    field = read_grid([saved(tmp_path, dataset)], {"sla": 1.0, "mdt": 2.0})
    np.testing.assert_allclose(field, plane() + 1.0)
    assert field.attrs["units"] == "m"


# --- training fields


def days(first: tuple[int, int, int], last: tuple[int, int, int]) -> Period:
    return Period(start=date(*first), end=date(*last))


@pytest.fixture
def year(tmp_path: Path) -> list[Path]:
    """Three months of daily fields at noon, a file per month, those of a truth of 2020a."""
    paths = []
    for month in (11, 12, 13):
        first = np.datetime64("2012-01", "M") + np.timedelta64(month - 1, "M")
        start = first.astype("datetime64[D]").astype("datetime64[ns]")
        count = {11: 30, 12: 31, 13: 31}[month]
        paths.append(saved(tmp_path, plane(count, first=start + 12 * HOUR).to_dataset(), f"m{month:02d}.nc"))
    return paths


def test_training_fields_are_those_of_the_training_days_in_the_box(year: Sequence[Path]) -> None:
    fields = read_training(
        year,
        {"ssh": 1.0},
        periods=[days((2013, 1, 2), (2013, 1, 5)), days((2012, 11, 3), (2012, 11, 3))],
        forbidden=[days((2012, 12, 2), (2013, 1, 1))],
        box=Box(lon=(-64.0, -62.0), lat=(34.0, 35.0)),
    )
    assert fields.chunks is not None
    found = fields.time.values.astype("datetime64[D]").astype(str).tolist()
    assert found == ["2012-11-03", "2013-01-02", "2013-01-03", "2013-01-04", "2013-01-05"]
    assert fields.lon.values.tolist() == [-64.0, -63.5, -63.0, -62.5, -62.0]
    assert fields.lat.values.tolist() == [34.0, 34.5, 35.0]
    np.testing.assert_allclose(fields.isel(time=1), 1 + 0.01 * fields.lat + 0.001 * fields.lon)


def test_period_that_meets_a_forbidden_one_is_refused(year: Sequence[Path]) -> None:
    gap = days((2012, 12, 2), (2013, 1, 1))
    with pytest.raises(
        ValueError, match="2013-01-01 to 2013-01-05 to learn from meet 2012-12-02 to 2013-01-01"
    ):
        read_training(year, {"ssh": 1.0}, periods=[days((2013, 1, 1), (2013, 1, 5))], forbidden=[gap])


def test_training_days_that_the_files_do_not_cover_are_told(year: Sequence[Path]) -> None:
    with pytest.raises(ValueError, match=r"2014-01-01\.\.2014-01-02.*cover 2012-11-01T12:00.*2013-01-31T12"):
        read_training(year, {"ssh": 1.0}, periods=[days((2014, 1, 1), (2014, 1, 2))])
    with pytest.raises(ValueError, match=r"\(none\)"):
        read_training(year, {"ssh": 1.0}, periods=[])


def test_box_without_a_node_is_told() -> None:
    with pytest.raises(ValueError, match=r"no node lies in 0.0..10.0 E, .*covers -65..-55 E, 33..43 N"):
        crop(plane(), Box(lon=(0.0, 10.0), lat=(33.0, 43.0)))


# --- errors


def test_variable_that_is_missing_from_a_later_file_is_told(tmp_path: Path) -> None:
    paths = [
        saved(tmp_path, plane(1, first=START + day * DAY).to_dataset(name=name), f"{name}.nc")
        for day, name in enumerate(("ssh", "zos"))
    ]
    with pytest.raises(ValueError, match=r"zos\.nc: no variable \['ssh'\]; it holds \['zos'\]"):
        read_grid(paths, {"ssh": 1.0})


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.nc"):
        read_grid([tmp_path / "nowhere.nc"], {"ssh": 1.0})
    with pytest.raises(ValueError, match="no file of a grid"):
        read_grid([], {"ssh": 1.0})
    with pytest.raises(ValueError, match="height names no variable"):
        read_grid([saved(tmp_path, plane().to_dataset())], {})
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match=r"folder' is a folder without zarr\.json"):
        read_grid([tmp_path / "folder"], {"ssh": 1.0})


def test_times_that_cannot_be_decoded_are_told(tmp_path: Path) -> None:
    dataset = plane().to_dataset().assign_coords(time=("time", [0, 1, 2], {"units": "months after Easter"}))
    with pytest.raises(ValueError, match=r"grid\.nc: 1 problem\n.*units 'months after Easter'"):
        read_grid([saved(tmp_path, dataset)], {"ssh": 1.0})
    wrong = plane().to_dataset().assign_coords(time=("time", [0, 1, 2], {"units": "seconds since Easter"}))
    with pytest.raises(ValueError, match=r"seconds since Easter.*correct the attribute units of the times"):
        read_grid([saved(tmp_path, wrong)], {"ssh": 1.0})


def test_several_files_without_dates_are_refused(tmp_path: Path) -> None:
    paths = [saved(tmp_path, plane().isel(time=0, drop=True).to_dataset(), name) for name in ("a.nc", "b.nc")]
    with pytest.raises(ValueError, match=r"a\.nc' has no times"):
        read_grid(paths, {"ssh": 1.0})


def test_files_with_a_time_as_label_are_joined(tmp_path: Path) -> None:
    paths = [saved(tmp_path, plane().isel(time=day).to_dataset(), f"{day}.nc") for day in range(3)]
    np.testing.assert_array_equal(read_grid(paths, {"ssh": 1.0}), plane())


def test_curved_grid_read_as_regular_one_is_refused_with_its_file(shared: Path) -> None:
    path = shared / "data/enatl60/eNATL60-BLB002_y2009m08d15.1d_SSH-med.nc"
    with pytest.raises(
        ValueError, match=r"SSH-med\.nc.*\n.*latitudes have two dims and vary by up to 0\.271"
    ):
        read_grid([path], {"sossheig": 1.0})


def test_regular_grid_read_as_curved_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no two-dimensional longitudes.*lon \('lon',\)"):
        read_curvilinear([saved(tmp_path, plane().to_dataset())], {"ssh": 1.0})


# --- real files, against the facts of their README


@pytest.mark.parametrize(
    ("name", "variable", "shape", "west", "east", "std"),
    [
        ("dt_med_allsat_phy_l4_2005T2", "adt", (91, 128, 344), -5.9375, 36.9375, 0.069),
        ("dt_global_allsat_sla_201401_gulfstream_crop", "sla", (31, 120, 180), -79.875, -35.125, 0.118),
        ("nrt_global_allsat_phy_l4_20190223_20190226", "adt", (1, 720, 1440), -179.875, 179.875, 0.748),
        ("dt_blacksea_allsat_phy_l4_20160707_20200801", "adt", (1, 56, 120), 27.0625, 41.9375, 0.073),
    ],
)
def test_real_maps_have_the_shape_and_spread_of_their_description(
    shared: Path, name: str, variable: str, shape: tuple[int, ...], west: float, east: float, std: float
) -> None:
    field = read_grid([shared / f"data/duacs_l4/{name}.nc"], {variable: 1.0})
    assert field.chunks is not None
    assert field.shape == shape
    assert (float(field.lon[0]), float(field.lon[-1])) == (west, east)
    assert float(field.std()) == pytest.approx(std, abs=0.001)


def test_real_anomalies_spread_as_described(shared: Path) -> None:
    for name, variable, std in (
        ("dt_med_allsat_phy_l4_2005T2", "adt", 0.032),
        ("dt_global_allsat_sla_201401_gulfstream_crop", "sla", 0.055),
    ):
        field = read_grid([shared / f"data/duacs_l4/{name}.nc"], {variable: 1.0})
        assert float((field - field.mean("time")).std()) == pytest.approx(std, abs=0.001)


def test_real_mean_stored_west_to_east_first_is_turned(shared: Path) -> None:
    (path,) = (shared / "data/mapmed_ose").glob("dt_med_mdt_*.nc")
    mean = read_grid([path], {"mdt": 1.0})
    assert mean.dims == ("lat", "lon")
    assert mean.shape == (384, 468)
    with xr.open_dataset(path) as raw:
        assert raw["mdt"].dims == ("lon", "lat")
        np.testing.assert_array_equal(mean.values, raw["mdt"].values.T)


@pytest.mark.parametrize(
    ("name", "shape", "std", "missing"),
    [
        ("eNATL60GULFSTREAM-BLB002_y2009m07d01_hr", (1, 385, 306), 0.42, 0),
        ("eNATL60GULFSTREAM-BLB002_y2009m07d01_lr", (1, 77, 61), 0.42, 0),
        ("eNATL60-BLB002_y2009m08d15.1d_SSH-med", (602, 346), 0.076, 54260),
    ],
)
def test_real_model_fields_are_read_on_their_curved_grid(
    shared: Path, name: str, shape: tuple[int, ...], std: float, missing: int
) -> None:
    """The file of the Mediterranean declares valid values from 0 to 0, which nobody may obey."""
    field = read_curvilinear([shared / f"data/enatl60/{name}.nc"], {"sossheig": 1.0})
    assert field.chunks is not None
    assert field.shape == shape
    assert field.dims[-2:] == ("y", "x")
    assert field.lon.dims == field.lat.dims == ("y", "x")
    assert float(field.std()) == pytest.approx(std, abs=0.005)
    assert int(field.isnull().sum()) == missing
    assert not {"valid_min", "valid_max"} & set(field.attrs)


def test_real_coarse_model_field_is_the_mean_of_the_fine_one_over_five_by_five_points(shared: Path) -> None:
    folder = shared / "data/enatl60"
    fine, coarse = (
        read_curvilinear([folder / f"eNATL60GULFSTREAM-BLB002_y2009m07d01_{grid}.nc"], {"sossheig": 1.0})
        for grid in ("hr", "lr")
    )
    means = fine.coarsen(y=5, x=5, boundary="trim").mean()
    np.testing.assert_allclose(means, coarse, atol=1e-5)
    np.testing.assert_allclose(means.lon, coarse.lon, atol=1e-4)


def test_real_model_fields_of_two_days_are_joined_in_time(shared: Path) -> None:
    folder = shared / "data/enatl60"
    paths = [folder / f"eNATL60GULFSTREAM-BLB002_{day}_hr.nc" for day in ("y2009m07d01", "y2010m02d01")]
    field = read_curvilinear(paths, {"sossheig": 1.0})
    assert field.time.values.astype("datetime64[D]").astype(str).tolist() == ["2009-07-01", "2010-02-01"]
    assert not np.array_equal(field[0], field[1])


@pytest.mark.slow
def test_one_day_of_a_large_file_does_not_fill_the_memory(tmp_path: Path) -> None:
    """Half a gigabyte of fields in one piece: a day is read within the memory of a few chunks."""
    import subprocess
    import sys

    import netCDF4

    path = tmp_path / "large.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("time", 400), ("lat", 400), ("lon", 400)):
            file.createDimension(name, size)
            file.createVariable(name, "f8", (name,))[:] = np.arange(size) * (1.0 if name == "time" else 0.05)
        file["time"].units = "days since 2012-10-01"
        heights = file.createVariable("ssh", "f8", ("time", "lat", "lon"))
        for day in range(0, 400, 50):
            heights[day : day + 50] = float(day)
    code = (
        "import resource, sys; from pathlib import Path; from oceanbench.grids import read_grid\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "field = read_grid([Path(sys.argv[1])], {'ssh': 1.0})\n"
        "assert float(field.isel(time=[60, 399]).mean()) == 200.0\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    assert path.stat().st_size > 500e6
    assert float(done.stdout) < 300.0
