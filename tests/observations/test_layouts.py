"""Every official layout, on files written with its dims, types, packing and attributes, and on real files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import xarray as xr

from oceanbench.observations import LAYOUTS, read_observations

START = np.datetime64("2012-10-01T03:20:37.2", "ns")
N = 60
LON = 294.0 + 0.05 * np.arange(N)  # 0..360
LAT = 33.0 + 0.02 * np.arange(N)
SSH = 0.3 + 0.01 * np.arange(N)

type Array = np.ndarray[Any, Any]


def times(count: int = N, step_ms: int = 943) -> Array:
    return START + np.arange(count) * np.timedelta64(step_ms, "ms")


def nadir_2020a(path: Path) -> dict[str, float]:
    """Jason-1 of 2020a: a dimension cycle of 1 beside time; fill values are NaN."""
    xr.Dataset(
        {
            "lon": ("time", LON),
            "lat": ("time", LAT),
            "x_al": ("time", np.arange(N, dtype="f4")),
            "ncycle": ("cycle", [0.0]),
            "model_index": ("time", np.arange(N, dtype="f4")),
            "ssh_model": (("time", "cycle"), SSH[:, None]),
            "ssh_obs": (("time", "cycle"), SSH[:, None] + 0.02),
            "nadir_err": (("time", "cycle"), np.full((N, 1), 0.02)),
        },
        {"time": times()},
    ).to_netcdf(path, encoding={"time": {"units": "seconds since 2012-10-01", "dtype": "f8"}})
    return {"ssh_model": 1.0}


def track_2022b(path: Path) -> dict[str, float]:
    xr.Dataset(
        {"lon": ("time", LON - 360.0), "lat": ("time", LAT), "ssh": ("time", SSH)}, {"time": times()}
    ).to_netcdf(path)
    return {"ssh": 1.0}


def l3_2021a(path: Path) -> dict[str, float]:
    """CMEMS level 3 as the raw product stores it: int16 at 0.001 m, positions int32 at 1e-6 degree."""
    packed = {"dtype": "int16", "scale_factor": 0.001, "_FillValue": np.int16(32767)}
    degrees = {"dtype": "int32", "scale_factor": 1e-6, "_FillValue": np.int32(2147483647)}
    heights = {"sla_unfiltered": SSH, "sla_filtered": SSH, "mdt": 0.5 + 0 * SSH, "lwe": 0.1 + 0 * SSH}
    others = {"dac": 0 * SSH, "ocean_tide": 0 * SSH}
    xr.Dataset(
        {name: ("time", values, {"units": "m"}) for name, values in {**heights, **others}.items()}
        | {"cycle": ("time", np.ones(N, "i2")), "track": ("time", np.full(N, 7, "i2"))},
        {"time": times(), "longitude": ("time", LON), "latitude": ("time", LAT)},
    ).to_netcdf(
        path,
        encoding={name: packed for name in (*heights, *others)}
        | {"longitude": degrees, "latitude": degrees}
        | {"time": {"units": "days since 1950-01-01", "dtype": "f8", "calendar": "gregorian"}},
    )
    return {"sla_unfiltered": 1.0, "mdt": 1.0, "lwe": -1.0}


def l3_2023a(path: Path) -> dict[str, float]:
    """Global SARAL/AltiKa of 2023a: float32 in metres, positions float64 in 0..360."""
    names = ("sla_unfiltered", "sla_filtered", "dac", "ocean_tide", "internal_tide", "lwe", "mdt")
    values = {"sla_unfiltered": SSH + 0.25, "lwe": 0.25 + 0 * SSH}
    xr.Dataset(
        {
            name: ("time", values.get(name, 0 * SSH).astype("f4"), {"units": "m"})
            for name in (*names, "tpa_correction")
        },
        {"time": times(), "longitude": ("time", LON), "latitude": ("time", LAT)},
    ).to_netcdf(path)
    return {"sla_unfiltered": 1.0, "lwe": -1.0}


def alongtrack_2023(path: Path) -> dict[str, float]:
    """Daily file of a simulated mission of 2023, with the normalised anomaly that methods learn from."""
    xr.Dataset(
        {
            "ssh": ("time", SSH),
            "sla": ("time", SSH - 0.2),
            "mdt": ("time", 0.2 + 0 * SSH),
            "ssh_norm": ("time", (SSH - 0.2) / 0.3),
        },
        {"time": times(), "longitude": ("time", LON), "latitude": ("time", LAT)},
    ).to_netcdf(path)
    return {"sla": 1.0, "mdt": 1.0}


def l2_nadir(path: Path) -> dict[str, float]:
    """Grouped level 2 of Sentinel-6A: positions in data_01, heights of each band in a group below."""
    with netCDF4.Dataset(path, "w") as file:
        positions = file.createGroup("data_01")
        positions.createDimension("time", N)
        time = positions.createVariable("time", "f8", ("time",))
        time.units, time.calendar = "seconds since 2000-01-01 00:00:00.0", "Gregorian"
        time[:] = (times() - np.datetime64("2000-01-01")) / np.timedelta64(1, "s")
        for name, values in (("longitude", LON), ("latitude", LAT)):
            variable = positions.createVariable(name, "i4", ("time",), fill_value=2147483647)
            variable.scale_factor = 1e-6
            variable[:] = values
        for band, offset in (("ku", 0.0), ("c", 0.5)):
            ssha = positions.createGroup(band).createVariable("ssha", "i4", ("time",), fill_value=2147483647)
            ssha.scale_factor, ssha.units = 1e-4, "m"
            ssha[:] = SSH + offset
    return {"data_01/ku/ssha": 1.0}


def nadir_gsfc(path: Path) -> dict[str, float]:
    """Daily NASA/GSFC file: heights before editing, with a flag that is 0 where they are good."""
    spoilt = np.append(SSH, 13.2)
    xr.Dataset(
        {
            "ssh": ("time", spoilt, {"units": "m", "valid_min": -6.9, "valid_max": 13.3}),
            "ssh_smoothed": ("time", spoilt, {"units": "m"}),
            "nasa_flag": ("time", np.append(np.zeros(N, "i1"), 1).astype("i1")),
            "latitude": ("time", np.append(LAT, 34.0).astype("f4")),
            "longitude": ("time", np.append(LON, 297.0).astype("f4")),
        },
        {"time": times(N + 1)},
    ).to_netcdf(
        path,
        encoding={
            "ssh": {"_FillValue": 1.7976931348623157e308},
            "nasa_flag": {"_FillValue": np.int8(127)},
            "time": {"units": "seconds since 1990-01-01", "dtype": "f8"},
        },
    )
    return {"ssh": 1.0}


TRACKS: dict[str, tuple[str, Callable[[Path], dict[str, float]]]] = {
    "2020a": ("nadir-2020a", nadir_2020a),
    "2022b": ("nadir-2020a", track_2022b),
    "2021a": ("l3", l3_2021a),
    "2023a": ("l3", l3_2023a),
    "2023": ("alongtrack-2023", alongtrack_2023),
    "Sentinel-6 level 2": ("l2-nadir", l2_nadir),
    "NASA/GSFC": ("nadir-gsfc", nadir_gsfc),
}


@pytest.mark.parametrize("challenge", TRACKS)
def test_track_in_an_official_layout_becomes_observations(tmp_path: Path, challenge: str) -> None:
    layout, write = TRACKS[challenge]
    height = write(tmp_path / "track.nc")
    rows = read_observations(tmp_path / "track.nc", layout=layout, mission="m", height=height)
    assert rows.sizes == {"obs": N}
    packed = 0.5e-3 if challenge == "2021a" else 1e-4
    expected = SSH + 0.4 if challenge == "2021a" else SSH
    np.testing.assert_allclose(rows.ssh, expected, atol=3 * packed)
    np.testing.assert_allclose(rows.lon, LON - 360.0, atol=2e-5)
    np.testing.assert_allclose(rows.lat, LAT, atol=5e-6)
    assert np.abs(rows.time.values - times()).max() < np.timedelta64(2, "ms")
    np.testing.assert_array_equal(rows.line, np.arange(N))
    assert set(rows.pixel.values) == {0}


LINES, PIXELS = 12, 9
SWATH = np.where(np.arange(PIXELS) == 4, np.nan, 0.01 * np.arange(LINES * PIXELS).reshape(LINES, PIXELS))
SWATH_LON = 359.9 + 0.02 * np.arange(PIXELS) + 0.001 * np.arange(LINES)[:, None]
SWATH_LAT = 34.0 + 0.018 * np.arange(LINES)[:, None] + 0.001 * np.arange(PIXELS)


def swath_2020a(path: Path) -> dict[str, float]:
    dims = ("time", "nC")
    fields = {"ssh_model": SWATH, "ssh_obs": SWATH + 0.01, "karin_err": 0 * SWATH, "roll_err": 0 * SWATH}
    xr.Dataset(
        {"lon": (dims, SWATH_LON), "lat": (dims, SWATH_LAT)}
        | {name: (dims, values) for name, values in fields.items()}
        | {"x_ac": ("nC", np.linspace(-60, 60, PIXELS)), "x_al": ("time", np.arange(LINES, dtype="f8"))},
        {"time": times(LINES, 300)},
    ).to_netcdf(path)
    return {"ssh_model": 1.0}


def swath_2022a(path: Path) -> dict[str, float]:
    """Scaled int32 with fill 2147483647, time in seconds since 2000, no coordinates declared."""
    dims = ("num_lines", "num_pixels")
    int32 = {"dtype": "int32", "_FillValue": np.int32(2147483647)}
    xr.Dataset(
        {
            "latitude": (dims, SWATH_LAT),
            "longitude": (dims, SWATH_LON % 360.0),
            "time": ("num_lines", times(LINES, 300)),
            "ssh_true": (dims, SWATH, {"units": "m"}),
            "ssh_karin": (dims, SWATH),
        }
    ).to_netcdf(
        path,
        encoding={name: {**int32, "scale_factor": 1e-6} for name in ("latitude", "longitude")}
        | {name: {**int32, "scale_factor": 1e-4} for name in ("ssh_true", "ssh_karin")}
        | {"time": {"units": "seconds since 2000-01-01", "calendar": "gregorian", "dtype": "f8"}},
    )
    return {"ssh_karin": 1.0}


def swath_l3(path: Path) -> dict[str, float]:
    """SWOT level 3 Expert: as 2022a, with other dimensions and flags beside."""
    dims = ("num_lines", "num_pixels")
    xr.Dataset(
        {
            "latitude": (dims, SWATH_LAT),
            "longitude": (dims, SWATH_LON % 360.0),
            "time": ("num_lines", times(LINES, 300)),
            "ssha_filtered": (dims, SWATH, {"units": "m"}),
            "mdt": (dims, np.full(SWATH.shape, 0.5), {"units": "m"}),
            "quality_flag": (
                dims,
                np.where(np.arange(PIXELS) == 0, 5, 0).astype("i1") + 0 * SWATH_LON.astype("i1"),
            ),
            "i_num_line": ("num_nadir", np.arange(3, dtype="i2")),
        }
    ).to_netcdf(path, encoding={"time": {"units": "seconds since 2000-01-01", "dtype": "f8"}})
    return {"ssha_filtered": 1.0}


SWATHS = {"swath-2020a": swath_2020a, "swath-2022a": swath_2022a, "swath-l3": swath_l3}


@pytest.mark.parametrize("layout", SWATHS)
def test_swath_in_an_official_layout_becomes_observations(tmp_path: Path, layout: str) -> None:
    height = SWATHS[layout](tmp_path / "swath.nc")
    rows = read_observations(tmp_path / "swath.nc", layout=layout, mission="swot", height=height)
    line, pixel = np.nonzero(np.isfinite(SWATH))
    np.testing.assert_array_equal(rows.line, line)
    np.testing.assert_array_equal(rows.pixel, pixel)
    np.testing.assert_allclose(rows.ssh, SWATH[line, pixel], atol=5e-5)
    np.testing.assert_allclose(rows.lon, (SWATH_LON[line, pixel] + 180.0) % 360.0 - 180.0, atol=1e-6)
    np.testing.assert_allclose(rows.lat, SWATH_LAT[line, pixel], atol=1e-6)
    np.testing.assert_array_equal(rows.time, times(LINES, 300)[line])
    assert rows.attrs == {"missions": ["swot"], "lines": [LINES], "pixels": [PIXELS]}


def test_every_layout_is_tested_here() -> None:
    assert {layout for layout, _ in TRACKS.values()} | set(SWATHS) == set(LAYOUTS)


def test_observations_are_read_from_zarr_as_from_netcdf(tmp_path: Path) -> None:
    height = swath_2020a(tmp_path / "swath.nc")
    with xr.open_dataset(tmp_path / "swath.nc") as dataset:
        dataset.drop_encoding().chunk(time=5).to_zarr(
            tmp_path / "swath.zarr", zarr_format=2, consolidated=False
        )
    one, other = (
        read_observations(tmp_path / name, layout="swath-2020a", mission="swot", height=height)
        for name in ("swath.nc", "swath.zarr")
    )
    assert one.identical(other)


def test_flag_that_is_asked_for_makes_heights_missing(tmp_path: Path) -> None:
    height = swath_l3(tmp_path / "a.nc")
    given: dict[str, Any] = {"layout": "swath-l3", "mission": "swot", "height": height}
    rows = read_observations(tmp_path / "a.nc", **given, good={"quality_flag": (0,)})
    assert set(rows.pixel.values) == {1, 2, 3, 5, 6, 7, 8}
    kept = read_observations(tmp_path / "a.nc", **given, good={"quality_flag": (0,)}, keep_missing=True)
    assert kept.sizes["obs"] == LINES * PIXELS
    assert np.isnan(kept.ssh.values[kept.pixel.values == 0]).all()
    both = read_observations(tmp_path / "a.nc", **given, good={"quality_flag": (0, 5)})
    assert 0 in both.pixel.values


def test_flag_of_a_layout_is_for_its_height_only_and_can_be_lifted(tmp_path: Path) -> None:
    """The flag of GSFC belongs to ssh; its description forbids using it for ssh_smoothed."""
    nadir_gsfc(tmp_path / "a.nc")

    def count(**given: Any) -> int:
        rows = read_observations(tmp_path / "a.nc", layout="nadir-gsfc", mission="m", **given)
        return rows.sizes["obs"]

    assert count(height={"ssh": 1.0}) == N
    assert count(height={"ssh": 1.0}, good={}) == N + 1
    assert count(height={"ssh_smoothed": 1.0}) == N + 1
    with pytest.raises(ValueError, match="has no variable no_flag; it holds"):
        count(height={"ssh": 1.0}, good={"no_flag": (0,)})


def test_heights_outside_the_valid_range_are_missing_and_attributes_are_not_obeyed(tmp_path: Path) -> None:
    nadir_gsfc(tmp_path / "a.nc")
    given: dict[str, Any] = {"layout": "nadir-gsfc", "mission": "m", "height": {"ssh": 1.0}, "good": {}}
    rows = read_observations(tmp_path / "a.nc", **given, valid_range=(-2.0, 2.0))
    assert rows.sizes["obs"] == N
    with pytest.raises(ValueError, match=r"valid_range is \(2.0, -2.0\)"):
        read_observations(tmp_path / "a.nc", **given, valid_range=(2.0, -2.0))


@pytest.mark.parametrize(
    ("units", "values"),
    [
        ("seconds since 2000-01-01", np.array([402364800, 402364801, 402364802], dtype="i8")),
        ("seconds since 2012-10-01", np.array([0.0, 1.0, 2.0])),
        ("days since 2012-10-01", np.array([0.0, 1.0, 2.0]) / 86400.0),
        ("milliseconds since 2012-10-01 00:00:00", np.array([0, 1000, 2000], dtype="i4")),
        ("nanoseconds since 2012-10-01", np.array([0, 1, 2], dtype="i8") * 10**9),
    ],
)
@pytest.mark.parametrize("calendar", ["gregorian", "Gregorian", "standard", "proleptic_gregorian"])
def test_times_of_any_unit_become_dates(tmp_path: Path, units: str, values: Array, calendar: str) -> None:
    position = ("time", [1.0, 2.0, 3.0])
    xr.Dataset(
        {"lon": position, "lat": position, "ssh": position},
        {"time": ("time", values, {"units": units, "calendar": calendar})},
    ).to_netcdf(tmp_path / "a.nc")
    rows = read_observations(tmp_path / "a.nc", layout="l3", mission="m", height={"ssh": 1.0})
    expected = np.datetime64("2012-10-01", "ns") + np.arange(3) * np.timedelta64(1, "s")
    assert np.abs(rows.time.values - expected).max() < np.timedelta64(10, "us")


def test_line_without_a_time_is_left_out(tmp_path: Path) -> None:
    position = ("time", [1.0, 2.0, 3.0])
    attributes = {"units": "seconds since 2012-10-01"}
    xr.Dataset(
        {"lon": position, "lat": position, "ssh": position},
        {"time": ("time", [0.0, np.nan, 2.0], attributes)},
    ).to_netcdf(tmp_path / "a.nc")
    rows = read_observations(tmp_path / "a.nc", layout="l3", mission="m", height={"ssh": 1.0})
    np.testing.assert_array_equal(rows.line, [0, 2])


# --- bad input


def three(path: Path, **changes: Any) -> Path:
    """Write three samples, with some variables changed."""
    variables = {
        "lon": ("time", [1.0, 2.0, 3.0]),
        "lat": ("time", [1.0, 2.0, 3.0]),
        "ssh": ("time", [0.1, 0.2, 0.3]),
        "time": ("time", [0.0, 1.0, 2.0], {"units": "seconds since 2012-10-01"}),
        **changes,
    }
    xr.Dataset({name: value for name, value in variables.items() if value is not None}).to_netcdf(path)
    return path


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"lat": ("time", [1.0, 295.0, 3.0])}, r"latitude 295 at line 1 of '.*a\.nc'.*not swapped"),
        ({"lon": ("time", [1.0, 2.0, -2147.48])}, r"longitude -2147.48 at line 2 of"),
        ({"ssh": None}, r"a\.nc' has no variable ssh; it holds lat, lon, time"),
        ({"lat": None}, "has no variable lat or latitude; it holds lon, ssh, time"),
        ({"time": None}, "has no variable time; it holds lat, lon, ssh"),
        ({"time": ("time", [0.0, 1.0, 2.0])}, "is float64, not dates; give it units"),
        (
            {"time": ("time", [0.0, 1.0, 2.0], {"units": "seconds since Easter"})},
            "seconds since Easter.*correct the attribute units of the times",
        ),
        (
            {"time": ("time", [0.0, 1.0, 2.0], {"units": "days since 2012-10-01", "calendar": "360_day"})},
            r"such as 2012-10-01 00:00:00 \(calendar '360_day'\) are no dates of the real calendar",
        ),
        (
            {"time": ("time", [0.0, 1.0, 2.0], {"units": "days since 0850-10-01"})},
            "such as 0850-10-0.*no dates of the real calendar",
        ),
        (
            {"ssh": ("time", [np.nan, np.nan, np.inf])},
            r"no sample of '.*a\.nc' can be used: of 3, 3 without a height; check .*\(ssh\)",
        ),
        ({"lon": ("time", [np.nan] * 3)}, "of 3, 3 without a position"),
        ({"ssh": ("other", [0.1, 0.2, 0.3, 0.4])}, r"ssh has dims \('other',\) in"),
        ({"lat": ("other", [0.1, 0.2])}, r"latitude has dims \('other',\) in"),
        (
            {"lon": ("other", [0.1, 0.2])},
            r"lon has dims \('other',\) and time \('time',\).*layout 'l3' expects \(time,\)",
        ),
        ({"time": (("time", "two"), np.zeros((3, 2)))}, r"time has dims \('time', 'two'\).*expected one"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, changes: dict[str, Any], match: str) -> None:
    path = three(tmp_path / "a.nc", **changes)
    with pytest.raises(ValueError, match=match):
        read_observations(path, layout="l3", mission="m", height={"ssh": 1.0})


def test_flags_of_other_dims_are_refused(tmp_path: Path) -> None:
    path = three(tmp_path / "a.nc", flag=("other", np.zeros(5, "i1")))
    with pytest.raises(ValueError, match=r"flag flag has dims \('other',\)"):
        read_observations(path, layout="l3", mission="m", height={"ssh": 1.0}, good={"flag": (0,)})


def test_transposed_swath_of_fixed_dims_is_refused_and_one_stored_pixels_first_is_read(
    tmp_path: Path,
) -> None:
    swath_2022a(tmp_path / "a.nc")
    given: dict[str, Any] = {"mission": "swot", "height": {"ssh_true": 1.0}}
    with xr.open_dataset(tmp_path / "a.nc") as dataset:
        loaded = dataset.load().drop_encoding()
    loaded.rename(num_lines="num_pixels", num_pixels="num_lines").to_netcdf(tmp_path / "swapped.nc")
    with pytest.raises(ValueError, match=r"time \('num_pixels',\).*expects \(num_lines, num_pixels\)"):
        read_observations(tmp_path / "swapped.nc", layout="swath-2022a", **given)
    loaded.transpose("num_pixels", "num_lines").to_netcdf(tmp_path / "turned.nc")
    turned = read_observations(tmp_path / "turned.nc", layout="swath-2022a", **given)
    assert turned.identical(read_observations(tmp_path / "a.nc", layout="swath-2022a", **given))


def test_missing_group_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    l2_nadir(tmp_path / "a.nc")
    given: dict[str, Any] = {"layout": "l2-nadir", "mission": "s6a"}
    with pytest.raises(ValueError, match=r"a\.nc' has no group 'data_01/k'; it holds c, ku"):
        read_observations(tmp_path / "a.nc", **given, height={"data_01/k/ssha": 1.0})
    with pytest.raises(ValueError, match="has no variable data_01/ku/ssh; it holds ssha"):
        read_observations(tmp_path / "a.nc", **given, height={"data_01/ku/ssh": 1.0})
    with pytest.raises(ValueError, match="has no group 'data_01'; it holds no group"):
        read_observations(three(tmp_path / "b.nc"), **given, height={"ssh": 1.0})


def test_file_without_lines_gives_no_observations(tmp_path: Path) -> None:
    nadir_2020a(tmp_path / "a.nc")
    with xr.open_dataset(tmp_path / "a.nc") as dataset:
        dataset.isel(time=slice(0)).drop_encoding().to_netcdf(
            tmp_path / "b.nc", encoding={"time": {"units": "seconds since 2012-10-01"}}
        )
    rows = read_observations(tmp_path / "b.nc", layout="nadir-2020a", mission="m", height={"ssh_model": 1.0})
    assert rows.sizes == {"obs": 0}
    assert rows.attrs["lines"] == [0]
    assert rows.time.dtype == "datetime64[ns]"


# --- real files, against the facts of their README


def test_real_gsfc_day_loses_its_outliers_by_its_flag(shared: Path) -> None:
    path = shared / "data/nadir/GSFC-alt_ssh20220101.nc"
    raw = read_observations(path, layout="nadir-gsfc", mission="s6a", height={"ssh": 1.0}, good={})
    assert raw.attrs["lines"] == [60090]
    assert raw.sizes["obs"] == 55466
    assert float(raw.ssh.max()) == pytest.approx(13.21, abs=0.01)
    edited = read_observations(path, layout="nadir-gsfc", mission="s6a", height={"ssh": 1.0})
    assert edited.sizes["obs"] == 55074
    assert float(np.abs(edited.ssh).max()) < 1.0
    assert float(edited.ssh.std()) == pytest.approx(0.1002, abs=1e-4)
    smooth = read_observations(path, layout="nadir-gsfc", mission="s6a", height={"ssh_smoothed": 1.0})
    assert smooth.sizes["obs"] == 56001
    assert set(edited.time.values.astype("datetime64[D]").astype(str)) == {"2022-01-01"}
    assert -180.0 <= float(edited.lon.min()) < float(edited.lon.max()) < 180.0


def test_real_sentinel_6_pass_is_read_from_its_groups(shared: Path) -> None:
    (path,) = (shared / "data/nadir").glob("S6A_P4_2__LR_RED__*.nc")
    rows = read_observations(path, layout="l2-nadir", mission="s6a", height={"data_01/ku/ssha": 1.0})
    assert rows.attrs["lines"] == [3373]
    assert rows.sizes["obs"] == 2864
    assert str(rows.time.values[0].astype("datetime64[s]")) >= "2023-12-17T21:42:55"
    assert str(rows.time.values[-1].astype("datetime64[s]")) <= "2023-12-17T22:39:09"
    assert float(rows.lat.min()) == pytest.approx(-66.147, abs=0.01)
    with netCDF4.Dataset(path) as file:
        stored = file["data_01/ku/ssha"][:]
        np.testing.assert_allclose(rows.ssh, stored.compressed())
    good = {"data_01/ku/range_ocean_qual": (0,), "data_01/surface_classification_flag": (0,)}
    same = read_observations(
        path, layout="l2-nadir", mission="s6a", height={"data_01/ku/ssha": 1.0}, good=good
    )
    assert same.identical(rows)
    calm = read_observations(
        path, layout="l2-nadir", mission="s6a", height={"data_01/ku/ssha": 1.0}, valid_range=(-1.0, 1.0)
    )
    assert calm.sizes["obs"] < rows.sizes["obs"]
    assert float(calm.ssh.std()) < 0.15


@pytest.mark.parametrize("mission", ["alg", "h2b", "j3", "s3a", "s3b"])
def test_real_level_3_tracks_spread_as_described(shared: Path, mission: str) -> None:
    (path,) = (shared / "data/mapmed_ose").glob(f"dt_med_{mission}_*.nc")
    rows = read_observations(path, layout="l3", mission=mission, height={"sla_unfiltered": 1.0})
    assert 14_600 < rows.attrs["lines"][0] < 17_600
    assert rows.attrs["lines"][0] - rows.sizes["obs"] < 20
    assert float(rows.ssh.std()) == pytest.approx(0.08, abs=0.015)
    assert 0.0 <= float(rows.lon.min()) < float(rows.lon.max()) <= 20.0
    assert 30.0 <= float(rows.lat.min()) < float(rows.lat.max()) <= 45.0
    days = rows.time.values.astype("datetime64[D]")
    assert str(days.min()) in ("2021-01-01", "2021-01-02")
    assert str(days.max()) == "2021-03-31"


@pytest.mark.parametrize("number", [164, 207, 248, 276, 421, 554])
def test_real_pass_of_2022a_is_flattened_whole(shared: Path, number: int) -> None:
    path = shared / f"data/odc2022a_karin/dc_inputs/input_ssh_karin_013_{number}.nc"
    rows = read_observations(path, layout="swath-2022a", mission="swot", height={"ssh_karin": 1.0})
    with netCDF4.Dataset(path) as file:
        assert rows.sizes["obs"] == file["ssh_karin"][:].count()
        np.testing.assert_allclose(rows.ssh, file["ssh_karin"][:].compressed())
    assert set(rows.pixel.values) <= {*range(5, 31), *range(40, 66)}


def test_real_gulf_stream_track_lies_in_its_box(shared: Path) -> None:
    (path,) = (shared / "data/nadir").glob("s6a_gulfstream_2023_*.nc")
    rows = read_observations(
        path, layout="l3", mission="s6a", height={"ssh": 1.0}, box=(-60.0, -55.0, 33.0, 40.0)
    )
    whole = read_observations(path, layout="l3", mission="s6a", height={"ssh": 1.0})
    assert 0 < rows.sizes["obs"] < whole.sizes["obs"]
    assert float(whole.ssh.std()) == pytest.approx(0.45, abs=0.01)
    assert -66.0 <= float(whole.lon.min()) < float(whole.lon.max()) <= -54.0
