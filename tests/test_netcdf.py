"""Opening of NetCDF files, whole and broken."""

import numpy as np
import pytest
import xarray as xr

from oceanbench.netcdf import open_netcdf

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
