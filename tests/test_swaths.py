"""Swaths as measured: layouts of 2022a, SWOT level 3 and 2020a, passes by their numbers."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from oceanbench.swaths import open_passes, open_swath, split_passes

START = np.datetime64("2010-03-08T10:42:00", "ns")
INT32 = {"dtype": "int32", "_FillValue": np.int32(2147483647), "zlib": True}
DEGREES = {**INT32, "scale_factor": 1e-6}
METRES = {**INT32, "scale_factor": 1e-4}
SECONDS = {
    "dtype": "float64",
    "units": "seconds since 2000-01-01",
    "calendar": "gregorian",
    "_FillValue": 9.969209968386869e36,
}
LINES, PIXELS = 40, 71


def times(lines: int, start: np.datetime64 = START) -> np.ndarray[Any, Any]:
    return start + np.arange(lines) * np.timedelta64(300, "ms")


def positions(lines: int, pixels: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Longitudes (0..360) and latitudes of a swath that crosses Greenwich."""
    along, across = np.arange(lines)[:, None] * 0.018, np.arange(pixels) * 0.02
    return (359.5 + across + 0.0 * along) % 360.0, 30.0 + along + 0.002 * across


def pass_2022a(lines: int = LINES, *, cycle: int = 13, number: int = 5) -> xr.Dataset:
    """One pass in the layout of the official inputs of 2022a, before packing."""
    lon, lat = positions(lines, PIXELS)
    heights = 0.001 * np.arange(lines * PIXELS).reshape(lines, PIXELS)
    heights[:, 35] = np.nan
    noisy = heights + 0.01
    noisy[:, [*range(5), *range(31, 40), *range(66, 71)]] = np.nan
    offshore, calm = np.full((2, lines, PIXELS), np.nan)
    offshore[lines // 2 :] = 1.0
    calm[:, :30] = 1.0
    dims = ("num_lines", "num_pixels")
    return xr.Dataset(
        {
            "ssh_true": (dims, heights, {"units": "m"}),
            "ssh_karin": (dims, noisy),
            "mask_coastline_200km": (dims, offshore),
            "mask_ssh_var_over200cm2": (dims, calm),
            "time": ("num_lines", times(lines)),
            "latitude": (dims, lat, {"units": "degrees_north"}),
            "longitude": (dims, lon, {"units": "degrees_east"}),
        },
        attrs={"cycle_number": np.int16(cycle), "pass_number": np.int16(number), "title": "simulated"},
    )


def written(folder: Path, dataset: xr.Dataset, name: str = "input_ssh_karin_013_005.nc") -> Path:
    """Write a pass packed as the official files are."""
    encoding: dict[str, Any] = {name: METRES for name in dataset.data_vars}
    encoding |= {name: DEGREES for name in ("longitude", "latitude") if name in dataset}
    encoding |= {"time": SECONDS}
    folder.mkdir(exist_ok=True)
    dataset.to_netcdf(folder / name, encoding={name: encoding[name] for name in dataset.variables})
    return folder / name


def test_pass_of_2022a_is_opened_lazily_in_our_names(tmp_path: Path) -> None:
    swath = open_swath(written(tmp_path, pass_2022a()))
    assert swath.sizes == {"num_lines": LINES, "num_pixels": PIXELS}
    assert set(swath.data_vars) == {"ssh_true", "ssh_karin", "offshore", "low_variability"}
    assert all(variable.chunks is not None for variable in swath.data_vars.values())
    assert swath.time.dims == ("num_lines",)
    assert swath.lon.dims == swath.lat.dims == ("num_lines", "num_pixels")
    np.testing.assert_array_equal(swath.time, times(LINES))
    lon, lat = positions(LINES, PIXELS)
    np.testing.assert_allclose(swath.lon, (lon + 180.0) % 360.0 - 180.0, atol=1e-6)
    assert float(swath.lon.min()) < 0.0 < float(swath.lon.max())
    np.testing.assert_allclose(swath.lat, lat, atol=1e-6)
    np.testing.assert_allclose(swath.ssh_true, pass_2022a()["ssh_true"], atol=5e-5)
    assert (swath.attrs["cycle_number"], swath.attrs["pass_number"]) == (13, 5)


def test_pixels_of_2022a_lie_two_kilometres_apart_around_the_track(tmp_path: Path) -> None:
    distance = open_swath(written(tmp_path, pass_2022a())).cross_track_km
    np.testing.assert_array_equal(distance, 2.0 * np.arange(71) - 70.0)


def test_masks_of_2022a_mean_what_the_files_hold_and_not_what_they_are_called(tmp_path: Path) -> None:
    """1 in mask_coastline_200km is offshore, 1 in mask_ssh_var_over200cm2 is variance BELOW 200 cm²."""
    swath = open_swath(written(tmp_path, pass_2022a()), variables=["offshore", "low_variability"])
    assert swath.offshore.dtype == swath.low_variability.dtype == bool
    assert not swath.offshore[: LINES // 2].any()
    assert swath.offshore[LINES // 2 :].all()
    assert swath.low_variability[:, :30].all()
    assert not swath.low_variability[:, 30:].any()


def test_only_what_is_asked_for_is_kept(tmp_path: Path) -> None:
    path = written(tmp_path, pass_2022a())
    assert set(open_swath(path, variables=["ssh_karin"]).data_vars) == {"ssh_karin"}
    with pytest.raises(
        ValueError, match="no variable ssh_filt; it holds low_variability, offshore, ssh_karin"
    ):
        open_swath(path, variables=["ssh_filt"])


def expert(lines: int = 30, **variables: Any) -> xr.Dataset:
    """A pass in the layout of SWOT level 3 Expert."""
    lon, lat = positions(lines, 69)
    dims = ("num_lines", "num_pixels")
    return xr.Dataset(
        {
            "ssha_filtered": (dims, 0.002 * np.arange(lines * 69).reshape(lines, 69), {"units": "m"}),
            "quality_flag": (dims, np.zeros((lines, 69), dtype="i1")),
            "i_num_line": ("num_nadir", np.arange(5, dtype="i2")),
            "time": ("num_lines", times(lines)),
            "latitude": (dims, lat),
            "longitude": (dims, lon),
            **variables,
        }
    )


def test_level_3_expert_file_is_numbered_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "SWOT_L3_LR_SSH_Expert_500_003_20230423T113142_20230423T122247_v0.2.nc"
    expert().to_netcdf(path, encoding={"time": {**SECONDS, "units": "seconds since 2000-01-01 00:00:00.0"}})
    swath = open_swath(path, layout="swath-l3")
    assert (swath.attrs["cycle_number"], swath.attrs["pass_number"]) == (500, 3)
    assert set(swath.data_vars) == {"ssha_filtered", "quality_flag"}
    np.testing.assert_array_equal(swath.cross_track_km[[0, 34, 68]], [-68.0, 0.0, 68.0])
    np.testing.assert_array_equal(swath.time, times(30))


def test_distance_from_the_track_is_taken_from_the_file_where_it_tells_it(tmp_path: Path) -> None:
    metres = 1000.0 * (np.arange(69) - 34.0) * 1.9
    dataset = expert(cross_track_distance=("num_pixels", metres, {"units": "m"}))
    dataset.to_netcdf(tmp_path / "a.nc")
    np.testing.assert_allclose(
        open_swath(tmp_path / "a.nc", layout="swath-l3").cross_track_km, metres / 1000.0
    )


def test_distance_that_is_missing_on_all_lines_of_a_pixel_stays_missing(tmp_path: Path) -> None:
    metres = np.tile(1000.0 * (np.arange(69) - 34.0), (30, 1))
    metres[:, 12] = np.nan
    metres[3:, 20] = np.nan
    dataset = expert(cross_track_distance=(("num_lines", "num_pixels"), metres, {"units": "m"}))
    dataset.to_netcdf(tmp_path / "a.nc")
    distance = open_swath(tmp_path / "a.nc", layout="swath-l3").cross_track_km
    np.testing.assert_allclose(distance, np.where(np.arange(69) == 12, np.nan, np.arange(69) - 34.0))


def test_swath_of_2020a_has_the_same_form(tmp_path: Path) -> None:
    lon, lat = positions(12, 52)
    across = np.broadcast_to(np.linspace(-60.0, 60.0, 52), (12, 52))
    dims = ("time", "nC")
    xr.Dataset(
        {
            "lon": (dims, lon),
            "lat": (dims, lat),
            "x_ac": (dims, across),
            "x_al": ("time", np.arange(12.0)),
            "ssh_model": (dims, lon),
        },
        {"time": times(12)},
    ).to_netcdf(tmp_path / "karin.nc")
    swath = open_swath(tmp_path / "karin.nc", layout="swath-2020a", variables=["ssh_model", "x_al"])
    assert swath.sizes == {"num_lines": 12, "num_pixels": 52}
    np.testing.assert_allclose(swath.cross_track_km, across[0])
    np.testing.assert_allclose(swath.ssh_model % 360.0, swath.lon % 360.0)
    assert swath.x_al.dims == ("num_lines",)
    assert "pass_number" not in swath.attrs


def test_file_stored_pixels_first_is_turned(tmp_path: Path) -> None:
    turned = pass_2022a().transpose("num_pixels", "num_lines")
    swath = open_swath(written(tmp_path, turned))
    assert swath.ssh_true.dims == swath.lon.dims == ("num_lines", "num_pixels")
    np.testing.assert_allclose(swath.ssh_true, pass_2022a()["ssh_true"], atol=5e-5)


def test_file_whose_dims_are_mistaken_for_one_another_is_refused(tmp_path: Path) -> None:
    swapped = pass_2022a().rename(num_lines="num_pixels", num_pixels="num_lines")
    with pytest.raises(ValueError, match=r"lines run along 'num_pixels'.*is the file transposed"):
        open_swath(written(tmp_path, swapped))


def test_large_swath_is_opened_in_chunks_of_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oceanbench.swaths._opening._CHUNK_SAMPLES", 71 * 16)
    path = tmp_path / "plain_013_005.nc"
    pass_2022a().to_netcdf(path, encoding={name: {"contiguous": True} for name in ("ssh_true", "ssh_karin")})
    swath = open_swath(path)
    assert swath.ssh_true.chunks == ((16, 16, 8), (71,))
    np.testing.assert_array_equal(swath.ssh_true, pass_2022a()["ssh_true"])


def test_heights_in_centimetres_come_in_metres(tmp_path: Path) -> None:
    dataset = expert(ssha=(("num_lines", "num_pixels"), np.full((30, 69), 12.0), {"units": "cm"}))
    dataset.to_netcdf(tmp_path / "a.nc")
    swath = open_swath(tmp_path / "a.nc", layout="swath-l3")
    np.testing.assert_allclose(swath.ssha, 0.12)
    assert swath.ssha.attrs["units"] == "m"


def test_undeclared_default_fill_is_missing(tmp_path: Path) -> None:
    heights = np.ones((30, 69))
    heights[3, 4] = 9.969209968386869e36
    expert(ssha=(("num_lines", "num_pixels"), heights)).to_netcdf(
        tmp_path / "a.nc", encoding={"ssha": {"_FillValue": None}}
    )
    swath = open_swath(tmp_path / "a.nc", layout="swath-l3")
    assert np.argwhere(swath.ssha.isnull().values).tolist() == [[3, 4]]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda swath: swath.drop_vars("longitude"), "has no variable lon or longitude; it holds"),
        (lambda swath: swath.isel(num_pixels=3), r"lon \('num_lines',\).*positions of lines x pixels"),
        (
            lambda swath: swath.assign(time=("num_lines", np.arange(float(LINES)))),
            "time in .* is float64, not dates",
        ),
    ],
    ids=["no longitudes", "a nadir track", "no dates"],
)
def test_what_is_no_swath_is_refused(tmp_path: Path, change: Any, match: str) -> None:
    path = tmp_path / "wrong.nc"
    change(pass_2022a()).to_netcdf(path)
    with pytest.raises(ValueError, match=match):
        open_swath(path)


def test_layout_that_is_no_swath_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match="layout 'l3' is not one of swaths; allowed: swath-2020a, swath-2022a"
    ):
        open_swath(tmp_path / "any.nc", layout="l3")


def test_numbers_that_contradict_the_name_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, pass_2022a(number=6))
    with pytest.raises(
        ValueError, match=r"pass_number is 6 in the attributes of '.*013_005\.nc' but 5 in its"
    ):
        open_swath(path)


# --- sets of passes


def test_passes_are_known_by_number_and_not_by_place(tmp_path: Path) -> None:
    for number, name in ((582, "a.nc"), (5, "z.nc"), (44, "m.nc")):
        written(tmp_path, pass_2022a(4, number=number), name)
    passes = open_passes(tmp_path)
    assert list(passes) == [5, 44, 582]
    assert all(swath.attrs["pass_number"] == number for number, swath in passes.items())


def test_pass_that_comes_twice_is_refused_unless_a_cycle_is_chosen(tmp_path: Path) -> None:
    for cycle in (500, 501):
        written(tmp_path, pass_2022a(4, cycle=cycle, number=3), f"input_{cycle}_003.nc")
    with pytest.raises(ValueError, match=r"pass 3 comes twice: .*500_003.*cycle 500.*501_003.*cycle 501"):
        open_passes(tmp_path)
    chosen = open_passes(sorted(tmp_path.glob("*.nc")), cycle=501)
    assert chosen[3].attrs["cycle_number"] == 501
    with pytest.raises(ValueError, match="no pass of cycle 502"):
        open_passes(tmp_path, cycle=502)


def test_files_without_a_number_or_a_folder_without_files_are_refused(tmp_path: Path) -> None:
    nameless = pass_2022a(4)
    del nameless.attrs["pass_number"]
    written(tmp_path / "one", nameless, "mine.nc")
    with pytest.raises(ValueError, match=r"mine\.nc' tells no pass number"):
        open_passes(tmp_path / "one")
    (tmp_path / "none").mkdir()
    with pytest.raises(FileNotFoundError, match=r"no NetCDF file of a pass in '.*none'"):
        open_passes(tmp_path / "none")
    with pytest.raises(FileNotFoundError, match=r"no file or folder '.*nowhere'"):
        open_passes(tmp_path / "nowhere")


def regional(tmp_path: Path) -> xr.Dataset:
    """A file of 2024b: lines of three passes of two cycles, one after the other."""
    numbers = np.repeat([[507, 3], [507, 16], [508, 3]], [10, 8, 12], axis=0)
    dataset = expert(
        cycle_number=("num_lines", numbers[:, 0]), pass_number=("num_lines", numbers[:, 1])
    ).assign_attrs(cycle_number=507, pass_number=3)
    dataset.to_netcdf(tmp_path / "SWOT_L3_LR_SSH_Expert_GS_v1.0.2.nc")
    return open_swath(tmp_path / "SWOT_L3_LR_SSH_Expert_GS_v1.0.2.nc", layout="swath-l3")


def test_regional_file_is_taken_apart_into_passes(tmp_path: Path) -> None:
    swath = regional(tmp_path)
    assert "pass_number" not in swath.attrs
    parts = split_passes(swath)
    assert list(parts) == [(507, 3), (507, 16), (508, 3)]
    assert [part.sizes["num_lines"] for part in parts.values()] == [10, 8, 12]
    assert parts[508, 3].attrs["pass_number"] == 3
    assert parts[508, 3].ssha_filtered.chunks is not None
    joined = xr.concat([part.ssha_filtered for part in parts.values()], "num_lines")
    np.testing.assert_array_equal(joined, swath.ssha_filtered)


def test_lines_without_a_number_belong_to_no_pass(tmp_path: Path) -> None:
    swath = regional(tmp_path)
    swath["cycle_number"] = swath["cycle_number"].astype("f4").where(np.arange(30) < 25)
    assert [part.sizes["num_lines"] for part in split_passes(swath).values()] == [10, 8, 7]


def test_file_of_one_pass_is_not_taken_apart(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no variable cycle_number along num_lines"):
        split_passes(open_swath(written(tmp_path, pass_2022a())))


def test_a_time_for_each_pixel_gives_each_line_its_first(tmp_path: Path) -> None:
    each = times(30)[:, None] + np.arange(69) * np.timedelta64(1, "ms")
    each[:, :3] = np.datetime64("NaT", "ns")
    dims = ("num_lines", "num_pixels")
    expert(time=(dims, each)).to_netcdf(tmp_path / "x_507_003.nc")
    swath = open_swath(tmp_path / "x_507_003.nc", layout="swath-l3")
    assert swath["time"].dims == ("num_lines",)
    np.testing.assert_array_equal(swath["time"], each[:, 3])


# --- real passes


def test_real_passes_are_those_of_their_names_with_heights_where_they_are_described(shared: Path) -> None:
    passes = open_passes(shared / "data/odc2022a_karin/dc_inputs")
    assert list(passes) == [164, 207, 248, 276, 421, 554]
    for swath in passes.values():
        assert swath.attrs["cycle_number"] == 13
        assert swath.sizes["num_pixels"] == 71
        truth = swath.ssh_true.notnull().values
        assert not truth[:, 35].any()
        assert truth[:, [0, 34, 36, 70]].any()
        noisy = swath.ssh_karin.notnull().any("num_lines").values
        assert set(np.flatnonzero(noisy)) == {*range(5, 31), *range(40, 66)}
        assert swath.time.values[0] >= np.datetime64("2010-03-08T10:42")
        assert swath.time.values[-1] <= np.datetime64("2010-03-30")


def test_noise_of_the_real_passes_grows_to_the_edges_of_the_swath(shared: Path) -> None:
    """Published: a standard deviation of 0.008 to 0.023 m depending on the column, largest at the edges."""
    passes = open_passes(shared / "data/odc2022a_karin/dc_inputs", variables=["ssh_true", "ssh_karin"])
    squares = sum(
        ((swath.ssh_karin - swath.ssh_true) ** 2).mean("num_lines").values for swath in passes.values()
    )
    noise = np.sqrt(np.asarray(squares) / len(passes))
    assert 0.007 < np.nanmin(noise) < np.nanmax(noise) < 0.024
    assert noise[65] > 1.2 * noise[50]
    assert noise[5] > 1.2 * noise[20]


def test_real_pixels_are_two_kilometres_apart(shared: Path) -> None:
    (swath,) = open_passes([shared / "data/odc2022a_karin/dc_inputs/input_ssh_karin_013_554.nc"]).values()
    line = swath.isel(num_lines=1000)
    lon, lat = np.radians(line.lon.values), np.radians(line.lat.values)
    east, north = (lon - lon[35]) * np.cos(lat[35]) * 6371.0, (lat - lat[35]) * 6371.0
    np.testing.assert_allclose(np.hypot(east, north), np.abs(swath.cross_track_km), atol=0.6)


@pytest.mark.slow
def test_opening_a_large_swath_reads_next_to_nothing(tmp_path: Path) -> None:
    import netCDF4

    lines = 120_000
    path = tmp_path / "large_013_005.nc"
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("num_lines", lines)
        file.createDimension("num_pixels", 71)
        file.createVariable("time", "f8", ("num_lines",))[:] = np.arange(lines) * 0.3
        file["time"].units = "seconds since 2000-01-01"
        for name in ("longitude", "latitude", "ssh_true", "ssh_karin"):
            variable = file.createVariable(name, "f8", ("num_lines", "num_pixels"))
            for first in range(0, lines, 20_000):
                variable[first : first + 20_000] = 1.0
    code = (
        "import resource, sys; from oceanbench.swaths import open_swath\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "swath = open_swath(sys.argv[1])\n"
        "assert float(swath.ssh_true[-5:].sum()) == 5 * 71\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    assert path.stat().st_size > 250e6
    assert float(done.stdout) < 120.0
