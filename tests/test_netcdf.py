"""Opening of NetCDF files, whole and broken."""

import netCDF4
import numpy as np
import pytest
import xarray as xr

from oceanbench.netcdf import default_fill, open_data, open_netcdf

FORMATS = ["NETCDF3_CLASSIC", "NETCDF3_64BIT", "NETCDF3_64BIT_DATA", "NETCDF4", "NETCDF4_CLASSIC"]
CLASSIC = FORMATS[:3]


def write(path, form, *, unlimited=False):
    dataset = xr.Dataset(
        {
            "ssh": (("time", "lat"), np.arange(15.0, dtype="f4").reshape(5, 3), {"units": "m"}),
            "flag": (("time",), np.arange(5, dtype="i1")),
        },
        coords={"time": ("time", np.arange(5.0), {"units": "days since 2012-10-01"}), "lat": [1.0, 2.0, 3.0]},
        attrs={"title": "odd"},
    )
    dataset.to_netcdf(path, format=form, engine="netcdf4", unlimited_dims=["time"] if unlimited else None)
    return path


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("unlimited", [False, True])
def test_every_format_is_read(tmp_path, form, unlimited):
    with open_netcdf(write(tmp_path / "map.nc", form, unlimited=unlimited)) as dataset:
        np.testing.assert_array_equal(dataset["ssh"].values.ravel(), np.arange(15.0))
        assert dataset["time"].values[0] == np.datetime64("2012-10-01")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("unlimited", [False, True])
@pytest.mark.parametrize("kept", [0.05, 0.3, 0.6, 0.97])
def test_shortened_file_is_refused(tmp_path, form, unlimited, kept):
    path = write(tmp_path / "map.nc", form, unlimited=unlimited)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(ValueError, match=r"map\.nc' (is cut short|cannot be opened)"):
        open_netcdf(path)


@pytest.mark.parametrize("form", CLASSIC)
@pytest.mark.parametrize("unlimited", [False, True])
def test_last_value_of_a_classic_file_may_not_be_missing(tmp_path, form, unlimited):
    """A single record variable, whose records are not padded: the declared end is exact."""
    path = tmp_path / "map.nc"
    dataset = xr.Dataset({"ssh": ("time", np.arange(5.0))})
    dataset.to_netcdf(path, format=form, engine="netcdf4", unlimited_dims=["time"] if unlimited else None)
    open_netcdf(path).close()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="is cut short"):
        open_netcdf(path)


def test_classic_file_without_variables_is_read(tmp_path):
    path = tmp_path / "empty.nc"
    xr.Dataset(attrs={"title": "nothing"}).to_netcdf(path, format="NETCDF3_CLASSIC", engine="netcdf4")
    with open_netcdf(path) as dataset:
        assert dataset.attrs == {"title": "nothing"}


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", r"is empty \(0 bytes\)"),
        (b"GRIB0002 and more", r"is not NetCDF: it begins with b'GRIB0002'"),
        (b"CDF\x01", "is cut short or damaged: the file ends inside its header"),
        (b"CDF\x01" + b"\xff" * 60, "is cut short or damaged"),
        (b"\x89HDF\r\n\x1a\n" + b"\x00" * 200, "cannot be opened as NetCDF"),
    ],
    ids=["empty", "another format", "magic only", "nonsense header", "nonsense HDF5"],
)
def test_what_is_no_netcdf_is_refused(tmp_path, content, match):
    path = tmp_path / "map.nc"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=match):
        open_netcdf(path)


def test_missing_file_folder_and_address_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere\.nc"):
        open_netcdf(tmp_path / "nowhere.nc")
    with pytest.raises(FileNotFoundError, match="no file"):
        open_netcdf("https://example.org/map.nc")
    with pytest.raises(ValueError, match="is a folder"):
        open_netcdf(tmp_path)


def grouped(path):
    """Write a file with groups one below the other."""
    with netCDF4.Dataset(path, "w") as file:
        inner = file.createGroup("data_01/ku")
        inner.createDimension("time", 3)
        inner.createVariable("ssha", "f8", ("time",))[:] = [1.0, 2.0, 3.0]
    return path


def test_group_of_a_file_is_opened_by_its_path(tmp_path):
    path = grouped(tmp_path / "groups.nc")
    for group in ("data_01/ku", "/data_01/ku/"):
        with open_netcdf(path, group=group) as dataset:
            np.testing.assert_array_equal(dataset["ssha"], [1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("group", "held"), [("data_20", "data_01"), ("data_01/c", "ku"), ("data_01/ku/x", "no group")]
)
def test_group_that_is_not_there_is_told_with_those_that_are(tmp_path, group, held):
    path = grouped(tmp_path / "groups.nc")
    with pytest.raises(ValueError, match=rf"groups\.nc' has no group '{group}'; it holds {held}"):
        open_netcdf(path, group=group)


def test_dask_chunks_are_made_on_request(tmp_path):
    path = write(tmp_path / "map.nc", "NETCDF4")
    with open_netcdf(path) as plain, open_netcdf(path, chunks={"time": 2}) as cut:
        assert plain["ssh"].chunks is None
        assert cut["ssh"].chunks == ((2, 2, 1), (3,))


def test_coordinates_are_indexes_unless_they_shall_not_be_read(tmp_path):
    path = write(tmp_path / "map.nc", "NETCDF4")
    with open_netcdf(path) as indexed, open_netcdf(path, indexes=False) as bare:
        assert set(indexed.indexes) == {"time", "lat"}
        assert not bare.indexes
        np.testing.assert_array_equal(bare["time"], indexed["time"])


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_folder_is_opened_as_zarr(tmp_path, zarr_format):
    with open_netcdf(write(tmp_path / "map.nc", "NETCDF4")) as dataset:
        dataset.drop_encoding().to_zarr(
            tmp_path / "map.zarr", group="inner", zarr_format=zarr_format, consolidated=False
        )
        with open_data(tmp_path / "map.zarr", group="inner") as stored:
            xr.testing.assert_equal(stored, dataset)
            assert stored["ssh"].chunks is None
        with open_data(tmp_path / "map.nc") as same:
            xr.testing.assert_identical(same, dataset)


def test_folder_that_is_no_zarr_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"is a folder without zarr\.json or \.zgroup; give a NetCDF file"):
        open_data(tmp_path)
    with pytest.raises(FileNotFoundError, match="no file"):
        open_data(tmp_path / "nowhere.zarr")


def test_times_that_cannot_be_decoded_are_told_with_their_cure(tmp_path):
    path = tmp_path / "map.nc"
    xr.Dataset({"time": ("time", [0.0, 1.0], {"units": "seconds since Easter"})}).to_netcdf(path)
    with pytest.raises(ValueError, match=r"map\.nc' cannot be opened .*Easter.*correct the attribute units"):
        open_netcdf(path)
    with open_netcdf(path, decode_times=False) as dataset:
        np.testing.assert_array_equal(dataset["time"], [0.0, 1.0])


@pytest.mark.parametrize(
    ("dtype", "attributes", "fill"),
    [
        ("f8", {}, 9.969209968386869e36),
        ("f4", {}, 9.969209968386869e36),
        ("i2", {"scale_factor": 0.001, "add_offset": 1.0}, -31.767),
        ("i4", {"scale_factor": 1e-4}, -214748.3647),
        ("f8", {"_FillValue": -99.0}, None),
        ("i8", {}, None),
    ],
)
def test_default_fill_is_what_is_read_where_nothing_was_written(tmp_path, dtype, attributes, fill):
    path = tmp_path / "map.nc"
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("time", 4)
        variable = file.createVariable("ssh", dtype, ("time",), fill_value=attributes.pop("_FillValue", None))
        variable.setncatts(attributes)
        variable[:2] = 0 if dtype.startswith("i") else 0.0
    with open_netcdf(path) as dataset:
        found = default_fill(dataset["ssh"].variable)
        assert found == (None if fill is None else pytest.approx(fill, rel=1e-6))
        if fill is not None:
            np.testing.assert_allclose(dataset["ssh"][2:], fill, rtol=1e-6)
