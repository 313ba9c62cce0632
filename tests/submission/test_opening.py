"""What a map may be stored in, and what is read of it."""

import hashlib
import pickle
from dataclasses import replace

import dask.array
import numpy as np
import pytest
import xarray as xr

from oceanbench.submission import Expected, SubmissionError, canonical_sha256, open_map

FORMATS = ["NETCDF3_CLASSIC", "NETCDF3_64BIT", "NETCDF4", "NETCDF4_CLASSIC"]


@pytest.mark.parametrize("form", FORMATS)
def test_every_netcdf_format_gives_the_same_map(tmp_path, make_map, expected, form):
    path = tmp_path / "map.nc"
    make_map().to_netcdf(path, format=form, engine="netcdf4")
    opened = open_map(path, expected=expected)
    xr.testing.assert_equal(opened.ssh.to_dataset(), make_map())
    assert opened.ssh.dims == ("time", "lat", "lon")
    assert opened.ssh.dtype == np.float64
    assert opened.ssh.attrs == {"units": "m"}
    assert opened.notes == []
    assert opened.source == repr(str(path))
    assert opened.variable == "ssh"
    assert opened.attributes == {"title": "test"}
    assert opened.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("version", [2, 3])
def test_zarr_folder_gives_the_same_map_and_a_digest_of_its_files(tmp_path, make_map, expected, version):
    path = tmp_path / "map.zarr"
    make_map().to_zarr(path, zarr_format=version, consolidated=False)
    opened = open_map(path, expected=expected)
    xr.testing.assert_equal(opened.ssh.to_dataset(), make_map())
    assert opened.sha256 == open_map(str(path)).sha256
    metadata = path / ("zarr.json" if version == 3 else ".zgroup")
    metadata.write_text(metadata.read_text() + " ")
    assert opened.sha256 != open_map(path).sha256


def test_chunks_missing_from_a_zarr_folder_are_counted(tmp_path, make_map):
    path = tmp_path / "map.zarr"
    make_map().to_zarr(path, zarr_format=3, consolidated=False, encoding={"ssh": {"chunks": (2, 21, 21)}})
    (path / "ssh/c/1/0/0").unlink()
    notes = open_map(path).notes
    assert notes[0] == "1 of 3 chunks are not stored and read as nan."
    assert notes[1].startswith("missing heights: 882 of 2646 (33.3 %)")


def test_objects_in_memory_are_opened_and_equal_maps_have_equal_digests(make_map):
    dataset = make_map()
    opened = open_map(dataset)
    array = open_map(dataset["ssh"].rename(None))
    assert opened.source == array.source == "map in memory"
    assert opened.sha256 == array.sha256 == canonical_sha256(opened.ssh)
    assert open_map(dataset.isel(lat=slice(None, None, -1))).sha256 == opened.sha256
    assert open_map(dataset.chunk(time=1)).sha256 == opened.sha256
    assert open_map(dataset + 1e-9).sha256 != opened.sha256
    assert dataset.identical(make_map())


def test_digest_does_not_see_the_sign_of_zero_nor_the_bits_of_nan():
    coords = {"time": np.array(["2012-10-22"], "M8[ns]"), "lat": [33.0], "lon": [1.0, 2.0]}
    one = xr.DataArray([[[0.0, np.nan]]], coords, ("time", "lat", "lon"))
    other = one.copy(data=[[[-0.0, -np.nan]]])
    assert canonical_sha256(one) == canonical_sha256(other)


def test_array_of_any_name_is_the_height(make_map):
    assert open_map(make_map(name="c2")["c2"]).variable == "c2"


@pytest.mark.parametrize("content", [b"", b"GRIB" + bytes(100), b"\x89HDF\r\n\x1a\n" + bytes(500)])
def test_what_is_no_netcdf_is_refused(tmp_path, problems, content):
    path = tmp_path / "map.nc"
    path.write_bytes(content)
    (sentence,) = problems(path)
    assert sentence.startswith("it cannot be read: ")
    assert "expected a whole NetCDF file or Zarr folder" in sentence


@pytest.mark.parametrize("form", FORMATS)
def test_shortened_file_is_refused(tmp_path, make_map, problems, form):
    path = tmp_path / "map.nc"
    make_map().to_netcdf(path, format=form, engine="netcdf4")
    content = path.read_bytes()
    path.write_bytes(content[: 3 * len(content) // 4])
    assert problems(path)[0].startswith("it cannot be read")


def test_damaged_values_are_refused(tmp_path, make_map, problems):
    path = tmp_path / "map.nc"
    noise = make_map()
    noise["ssh"].values[:] = np.random.default_rng(1).normal(0, 0.3, noise["ssh"].shape)
    noise.to_netcdf(path, encoding={"ssh": {"zlib": True, "fletcher32": True}})
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(content[:middle] + bytes(50) + content[middle + 50 :])
    assert problems(path)[0].startswith("it cannot be read: NetCDF: ")


@pytest.mark.parametrize("compressors", [None, "auto"])
def test_damaged_chunk_of_a_zarr_folder_is_refused(tmp_path, make_map, problems, compressors):
    path = tmp_path / "map.zarr"
    make_map().to_zarr(
        path, zarr_format=3, consolidated=False, encoding={"ssh": {"compressors": compressors}}
    )
    chunk = path / "ssh/c/0/0/0"
    chunk.write_bytes(chunk.read_bytes()[:100])
    assert problems(path)[0].startswith("it cannot be read: ")


def test_folder_without_zarr_is_refused(tmp_path, problems):
    assert "without zarr.json or .zgroup" in problems(tmp_path)[0]


def test_missing_file_and_other_objects_are_errors(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file or folder .*nowhere\.nc"):
        open_map(tmp_path / "nowhere.nc")
    with pytest.raises(FileNotFoundError, match="no file or folder 'https://"):
        open_map("https://example.org/map.nc")
    with pytest.raises(TypeError, match="cannot be opened from ndarray; give a path or an xarray object"):
        open_map(np.zeros(3))


def test_map_is_cut_to_the_box_and_period_with_one_more_on_each_side(make_map):
    wanted = Expected(
        west=-62.0, east=-60.0, south=35.1, north=36.1,
        start=np.datetime64("2012-10-24"), end=np.datetime64("2012-10-24"),
    )  # fmt: skip
    ssh = open_map(make_map(), expected=wanted).ssh
    np.testing.assert_array_equal(ssh["lon"], [-62.5, -62.0, -61.5, -61.0, -60.5, -60.0, -59.5])
    np.testing.assert_array_equal(ssh["lat"], [35.0, 35.5, 36.0, 36.5])
    days = np.array(["2012-10-23", "2012-10-24", "2012-10-25"], "M8[D]")
    np.testing.assert_array_equal(ssh["time"].values, days)
    xr.testing.assert_equal(ssh, make_map()["ssh"].sel(ssh.coords))


def guarded(dataset, allowed):
    """Give the dataset with heights that raise when a day outside ``allowed`` is read."""
    values = dataset["ssh"].values

    def read(block_info=None):
        day = block_info[None]["array-location"][0][0]
        if day not in allowed:
            raise AssertionError(f"day {day} was read")
        return values[day : day + 1]

    lazy = dask.array.map_blocks(read, chunks=((1,) * len(values), *values.shape[1:]), dtype=float)
    return dataset.assign(ssh=(("time", "lat", "lon"), lazy, {"units": "m"}))


def test_only_what_is_needed_is_read(make_map, expected):
    lazy = guarded(make_map(days=20), allowed=range(4, 9))
    start = np.datetime64("2012-10-27")
    wanted = replace(expected, start=start, end=start + np.timedelta64(2, "D"))
    assert open_map(lazy, expected=wanted).ssh.sizes["time"] == 5
    with pytest.raises(AssertionError, match="was read"):
        open_map(lazy)


def test_large_map_stays_lazy_and_gives_the_same_values(tmp_path, monkeypatch, make_map, expected):
    path = tmp_path / "map.nc"
    make_map().isel(lat=slice(None, None, -1), time=[3, 0, 1, 2, 4, 5]).to_netcdf(path)
    small = open_map(path, expected=expected)
    assert small.ssh.chunks is None
    monkeypatch.setattr("oceanbench.submission._values.LARGE_BYTES", 1000)
    large = open_map(path, expected=expected)
    assert large.ssh.chunks is not None
    xr.testing.assert_identical(large.ssh.compute(), small.ssh)
    assert large.sha256 == small.sha256


@pytest.mark.parametrize("limit", [1000, 1 << 28])
def test_box_across_the_ends_of_a_0_to_360_file_is_read_from_both_ends(tmp_path, monkeypatch, limit):
    monkeypatch.setattr("oceanbench.submission._values.LARGE_BYTES", limit)
    lon, lat = np.arange(0.25, 360.0, 0.5), np.arange(-5.0, 5.5, 0.5)
    time = np.array(["2012-10-22"], "M8[ns]")
    ssh = np.broadcast_to(np.sin(np.radians(lon)), (1, lat.size, lon.size))
    path = tmp_path / "global.nc"
    coords = {"time": time, "lat": lat, "lon": lon}
    xr.Dataset({"ssh": (("time", "lat", "lon"), ssh, {"units": "m"})}, coords).to_netcdf(path)
    wanted = Expected(west=-10.0, east=10.0, south=-4.0, north=4.0, start=time[0], end=time[0])
    opened = open_map(path, expected=wanted)
    np.testing.assert_allclose(opened.ssh["lon"], np.arange(-10.25, 10.5, 0.5), atol=1e-12)
    np.testing.assert_allclose(opened.ssh[0, 0], np.sin(np.radians(opened.ssh["lon"])), atol=1e-12)
    assert "Longitudes 0.25..359.75 were moved to -180..180." in opened.notes


def test_all_problems_are_told_at_once_one_per_line(make_map, expected):
    dataset = make_map().isel(time=[0, 1, 2, 4, 5], lon=slice(4, None)).load()
    dataset["ssh"].values[1, 3, 4] = np.nan
    dataset["ssh"].values[2, 3, 4] = np.inf
    dataset["ssh"].values[0, 0, 0] = 99.0
    with pytest.raises(SubmissionError) as caught:
        open_map(dataset, expected=expected)
    lines = str(caught.value).splitlines()
    assert lines[0] == "map in memory: 5 problems"
    starts = [
        "the map covers -63..",
        "1 of 6 days",
        "infinite heights: 1",
        "heights beyond",
        "missing heights: 1",
    ]
    for line, start in zip(lines[1:], starts, strict=True):
        assert line.startswith(f"- {start}")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.problems) == (str(caught.value), caught.value.problems)
    problem = caught.value.problems[1]
    assert problem.what_given == "1 of 6 days have no map: 2012-10-25"
    assert problem.expected.startswith("every day from 2012-10-22 to 2012-10-27")
    assert problem.fix == "add the maps of these days"


def test_problems_of_axes_units_and_values_come_together(make_map, expected, problems):
    dataset = make_map()
    dataset["lat"] = dataset["lat"].values ** 1.01
    dataset["time"] = np.arange(6.0)
    dataset["ssh"].attrs["units"] = "degC"
    dataset["ssh"].values[0, 0, 0] = np.inf
    found = problems(dataset, expected=expected)
    starts = ["heights are in 'degC'", "times are numbers", "steps of the latitudes", "infinite heights: 1"]
    assert [any(sentence.startswith(start) for sentence in found) for start in starts] == [True] * 4


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"west": -50.0}, r"box runs -50.0..-55.0 E"),
        ({"west": 295.0, "east": 305.0}, "-180..180"),
        ({"north": 33.0}, r"box runs 33.0..33.0 N"),
        ({"end": np.datetime64("2012-10-01")}, "give start before end"),
        ({"holes": "ignore"}, "holes='ignore' is not a rule; allowed: refuse, zero, official"),
        ({"height_limit_m": 0.0}, "must be greater than zero"),
    ],
)
def test_impossible_expectations_are_refused(expected, change, match):
    with pytest.raises(ValueError, match=match):
        replace(expected, **change)
