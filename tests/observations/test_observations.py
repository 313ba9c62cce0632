"""Reading, joining and choosing observations."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.spatial import KDTree

from oceanbench.observations import (
    assemble,
    concat,
    read_l3,
    read_nadir,
    read_observations,
    read_swath,
    select,
)

START = np.datetime64("2012-10-01", "ns")


def seconds(values):
    return START + np.asarray(values, dtype="timedelta64[s]").astype("timedelta64[ns]")


def write_nadir(path: Path, ssh=(0.1, np.nan, 0.3), lon=(295.0, 0.0, 179.5), **encoding) -> Path:
    lines = len(ssh)
    dataset = xr.Dataset(
        {
            "lon": ("time", np.asarray(lon, dtype=float)),
            "lat": ("time", np.linspace(33.0, 43.0, lines)),
            "ssh_model": (("time", "cycle"), np.asarray(ssh, dtype=float)[:, None]),
        },
        coords={"time": seconds(np.arange(lines))},
    )
    dataset.to_netcdf(path, encoding={"ssh_model": encoding} if encoding else None)
    return path


def write_swath(path: Path, ssh: np.ndarray) -> Path:
    lines, pixels = ssh.shape
    lon = np.broadcast_to(359.0 + np.arange(pixels), ssh.shape)
    lat = np.broadcast_to(np.arange(lines)[:, None].astype(float), ssh.shape)
    xr.Dataset(
        {"lon": (("time", "nC"), lon), "lat": (("time", "nC"), lat), "ssh_model": (("time", "nC"), ssh)},
        coords={"time": seconds(np.arange(lines))},
    ).to_netcdf(path)
    return path


def flat(lon, *, mission="j1", lines=None, **columns):
    count = len(lon)
    arrays = {"time": seconds(np.arange(count)), "lat": np.zeros(count), "ssh": np.zeros(count), **columns}
    return assemble(lon=lon, missions=[mission], lines=[count if lines is None else lines], **arrays)


def test_nadir_file_with_a_cycle_of_one_becomes_flat_with_lines_of_the_full_file(tmp_path):
    observations = read_nadir(write_nadir(tmp_path / "j1.nc"), mission="j1")
    assert observations.sizes == {"obs": 2}
    np.testing.assert_array_equal(observations["line"], [0, 2])
    np.testing.assert_array_equal(observations["pixel"], [0, 0])
    np.testing.assert_array_equal(observations["lon"], [-65.0, 179.5])
    np.testing.assert_array_equal(observations["ssh"], [0.1, 0.3])
    np.testing.assert_array_equal(observations["time"], seconds([0, 2]))
    assert observations.attrs == {"missions": ["j1"], "lines": [3], "pixels": [1]}
    kinds = {name: str(observations[name].dtype) for name in ("mission", "line", "pixel", "lon", "ssh")}
    assert kinds == {"mission": "int8", "line": "int32", "pixel": "int16", "lon": "float64", "ssh": "float64"}


def test_missing_heights_are_kept_on_request_with_their_position(tmp_path):
    path = write_nadir(tmp_path / "j1.nc")
    observations = read_observations(
        path, layout="nadir-2020a", mission="j1", height={"ssh_model": 1.0}, keep_missing=True
    )
    np.testing.assert_array_equal(observations["ssh"], [0.1, np.nan, 0.3])
    np.testing.assert_array_equal(observations["lon"], [-65.0, 0.0, 179.5])


def test_swath_file_keeps_line_and_pixel_and_drops_the_gap_under_the_satellite(tmp_path):
    ssh = np.array([[1.0, np.nan, 3.0], [4.0, np.nan, 6.0]])
    observations = read_swath(write_swath(tmp_path / "karin.nc", ssh), mission="swot")
    np.testing.assert_array_equal(observations["ssh"], [1.0, 3.0, 4.0, 6.0])
    np.testing.assert_array_equal(observations["line"], [0, 0, 1, 1])
    np.testing.assert_array_equal(observations["pixel"], [0, 2, 0, 2])
    np.testing.assert_array_equal(observations["lon"], [-1.0, 1.0, -1.0, 1.0])
    np.testing.assert_array_equal(observations["time"], seconds([0, 0, 1, 1]))
    assert observations.attrs == {"missions": ["swot"], "lines": [2], "pixels": [3]}


def test_packed_heights_are_unpacked_and_their_fill_value_dropped(tmp_path):
    path = write_nadir(tmp_path / "packed.nc", dtype="int16", scale_factor=0.001, _FillValue=np.int16(32767))
    observations = read_nadir(path, mission="j1")
    np.testing.assert_allclose(observations["ssh"], [0.1, 0.3], atol=1e-12)
    np.testing.assert_array_equal(observations["line"], [0, 2])


@pytest.mark.parametrize(
    ("stored", "attributes"),
    [
        (np.array([0.1, 9.969209968386869e36, 0.3]), {}),
        (np.array([1000, -2147483647, 3000], dtype=np.int32), {"scale_factor": 1e-4}),
        (np.array([0.1, np.inf, 0.3]), {}),
    ],
    ids=["default fill of doubles", "default fill of packed integers", "infinite"],
)
def test_undeclared_fill_values_are_no_heights(tmp_path, stored, attributes):
    path = tmp_path / "filled.nc"
    xr.Dataset(
        {
            "longitude": ("time", [1.0, 2.0, 3.0]),
            "latitude": ("time", [1.0, 2.0, 3.0]),
            "ssh": ("time", stored, attributes),
        },
        coords={"time": seconds([0, 1, 2])},
    ).to_netcdf(path, encoding={"ssh": {"_FillValue": None}})
    observations = read_l3(path, mission="j3", height={"ssh": 1.0})
    np.testing.assert_allclose(observations["ssh"], [0.1, 0.3], atol=1e-12)


def test_height_is_the_sum_of_its_terms_in_metres(tmp_path):
    path = tmp_path / "l3.nc"
    xr.Dataset(
        {
            "sla_unfiltered": ("time", [1.0, 2.0]),
            "mdt": ("time", [50.0, 50.0], {"units": "cm"}),
            "lwe": ("time", [0.25, 0.125], {"units": "m"}),
        },
        coords={
            "time": seconds([0, 1]),
            "longitude": ("time", [295.0, 296.0]),
            "latitude": ("time", [33.0, 34.0]),
        },
    ).to_netcdf(path)
    np.testing.assert_allclose(read_l3(path, mission="c2")["ssh"], [1.5, 2.5])
    terms = {"sla_unfiltered": 1, "mdt": 1, "lwe": -1}
    np.testing.assert_allclose(read_l3(path, mission="c2", height=terms)["ssh"], [1.25, 2.375])


@pytest.mark.parametrize(
    ("layout", "height", "match"),
    [
        ("grid", {"ssh_model": 1.0}, "layout 'grid' is not one of observations"),
        ("swath-2020a", {"ssh_model": 1.0}, r"lon has dims \('time',\).*expects \(time, pixels\)"),
        ("nadir-2020a", {"ssh_obs": 1.0}, "no variable ssh_obs; it holds lat, lon, ssh_model, time"),
        ("nadir-2020a", {}, "height names no variable"),
    ],
)
def test_wrong_layout_or_variable_is_refused(tmp_path, layout, height, match):
    path = write_nadir(tmp_path / "j1.nc")
    with pytest.raises(ValueError, match=match):
        read_observations(path, layout=layout, mission="j1", height=height)


def test_swath_read_as_nadir_is_refused(tmp_path):
    path = write_swath(tmp_path / "karin.nc", np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"layout 'nadir-2020a' expects \(time,\)"):
        read_nadir(path, mission="swot")


def test_times_without_units_are_refused(tmp_path):
    path = tmp_path / "bare.nc"
    values = ("time", [0.0, 1.0])
    xr.Dataset({"lon": values, "lat": values, "ssh_model": values, "time": values}).to_netcdf(path)
    with pytest.raises(ValueError, match="is float64, not dates; give it units"):
        read_nadir(path, mission="j1")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.nc"):
        read_nadir(tmp_path / "nowhere.nc", mission="j1")


def test_joined_missions_are_renumbered_and_sorted_by_time():
    first = flat([1.0, 2.0], mission="j1", time=seconds([10, 0]))
    second = flat([3.0, 4.0], mission="en", time=seconds([5, 20]))
    joined = concat([first, second])
    np.testing.assert_array_equal(joined["lon"], [2.0, 3.0, 1.0, 4.0])
    np.testing.assert_array_equal(joined["mission"], [0, 1, 0, 1])
    np.testing.assert_array_equal(joined["line"], [1, 0, 0, 1])
    assert joined.attrs == {"missions": ["j1", "en"], "lines": [2, 2], "pixels": [1, 1]}


def test_files_of_one_mission_go_on_counting_lines():
    joined = concat([flat([1.0, 2.0], lines=7), flat([3.0], lines=4, time=seconds([9]))])
    np.testing.assert_array_equal(joined["line"], [0, 1, 7])
    assert joined.attrs == {"missions": ["j1"], "lines": [11], "pixels": [1]}


def test_files_of_one_mission_with_different_widths_are_refused():
    wide = assemble(seconds([0]), [1.0], [1.0], [1.0], missions=["j1"], lines=[1], pixels=[71])
    with pytest.raises(ValueError, match="'j1' have 1 and 71 pixels"):
        concat([flat([1.0]), wide])
    with pytest.raises(ValueError, match="no observations"):
        concat([])


def test_bounds_of_a_selection_are_included():
    observations = flat([-65.0, -60.0, -55.0, -54.9], lat=[33.0, 38.0, 43.0, 43.0], lines=9)
    inside = select(observations, west=-65.0, east=-55.0, south=33.0, north=43.0)
    np.testing.assert_array_equal(inside["lon"], [-65.0, -60.0, -55.0])
    assert inside.attrs["lines"] == [9]
    period = select(observations, start=seconds([1])[0], end=seconds([2])[0])
    np.testing.assert_array_equal(period["line"], [1, 2])
    assert select(observations, start="2012-10-02").sizes == {"obs": 0}


@pytest.mark.parametrize(
    ("west", "east", "kept"),
    [
        (-65.0, -55.0, [-65.0, -55.0]),
        (295.0, 305.0, [-65.0, -55.0]),
        (170.0, 190.0, [-180.0, 179.0, -170.0]),
        (-190.0, -170.0, [-180.0, 179.0, -170.0]),
        (170.0, 180.0, [-180.0, 179.0]),
        (0.0, 360.0, [-65.0, -55.0, -180.0, 179.0, -170.0, 0.0]),
        (-10.0, 10.0, [0.0]),
    ],
)
def test_box_may_be_given_on_any_turn_and_cross_the_date_line(west, east, kept):
    observations = flat([-65.0, -55.0, -180.0, 179.0, -170.0, 0.0])
    np.testing.assert_array_equal(select(observations, west=west, east=east)["lon"], kept)


def test_missions_are_chosen_by_name():
    joined = concat([flat([1.0], mission="j1"), flat([2.0], mission="c2")])
    np.testing.assert_array_equal(select(joined, missions=["c2"])["lon"], [2.0])
    with pytest.raises(LookupError, match="no observations of mission s3a; there are j1, c2"):
        select(joined, missions=["s3a"])


@pytest.mark.parametrize(
    ("bounds", "match"),
    [
        ({"west": 10.0, "east": 5.0}, "west 10.0 is greater than east 5.0"),
        ({"west": 10.0}, "give both or none"),
        ({"south": 10.0, "north": 5.0}, "south 10.0 lies north"),
    ],
)
def test_reversed_or_missing_bounds_are_refused(bounds, match):
    with pytest.raises(ValueError, match=match):
        select(flat([1.0]), **bounds)


def test_more_missions_than_codes_are_refused():
    names = [str(number) for number in range(128)]
    with pytest.raises(ValueError, match="128 missions; at most 127"):
        assemble(seconds([0]), [1.0], [1.0], [1.0], missions=names, lines=[1] * 128)


def test_real_swath_has_truth_on_all_pixels_but_the_nadir_one(shared):
    path = shared / "data/odc2022a_karin/dc_inputs/input_ssh_karin_013_554.nc"
    observations = read_swath(path, mission="swot", variable="ssh_true")
    assert observations.attrs == {"missions": ["swot"], "lines": [2225], "pixels": [71]}
    assert 35 not in observations["pixel"].values
    noisy = read_swath(path, mission="swot", variable="ssh_karin")
    assert set(noisy["pixel"].values) <= {*range(5, 31), *range(40, 66)}
    with xr.open_dataset(path) as raw:
        row = observations.isel(obs=1000)
        place = {"num_lines": int(row["line"]), "num_pixels": int(row["pixel"])}
        assert float(row["ssh"]) == float(raw["ssh_true"][place])
        assert float(row["lon"]) == pytest.approx(float(raw["longitude"][place]) - 360.0, abs=1e-12)
        assert row["time"].values == raw["time"].values[place["num_lines"]]


def positions(observations):
    """Give places and times in units of 10 km and 3 hours, near 38 degrees north."""
    hours = (observations["time"].values - START).astype(np.int64) / 3.6e12
    east = observations["lon"].values * np.cos(np.radians(38.0))
    return np.stack([east * 11.12, observations["lat"].values * 11.12, hours / 3.0], axis=1)


def close_differences(folder, height):
    """Give the differences of samples of two satellites within about 10 km and 3 hours."""
    tracks = []
    for mission in ("alg", "h2b", "j3", "s3a", "s3b"):
        (path,) = folder.glob(f"dt_med_{mission}_*.nc")
        tracks.append(read_observations(path, layout="l3", mission=mission, height=height))
    differences = []
    for one, two in combinations(tracks, 2):
        distance, nearest = KDTree(positions(one)).query(positions(two), distance_upper_bound=1.0)
        near = np.isfinite(distance)
        differences.append(two["ssh"].values[near] - one["ssh"].values[nearest[near]])
    return np.concatenate(differences)


def test_real_level_3_files_agree_between_satellites_best_without_lwe(shared):
    folder = shared / "data/mapmed_ose"
    plain = close_differences(folder, {"sla_unfiltered": 1.0})
    without_lwe = close_differences(folder, {"sla_unfiltered": 1.0, "lwe": -1.0})
    assert plain.size > 100
    assert np.std(plain) < 0.03
    assert np.std(plain) < 0.75 * np.std(without_lwe)


def test_real_level_3_file_keeps_all_but_its_missing_rows(shared):
    (path,) = (shared / "data/mapmed_ose").glob("dt_med_alg_*.nc")
    observations = read_l3(path, mission="alg")
    assert observations.attrs["lines"] == [16181]
    assert observations.sizes["obs"] == 16181 - 5
    with xr.open_dataset(path) as raw:
        total = (raw["sla_unfiltered"].astype("f8") + raw["mdt"].astype("f8")).values
    np.testing.assert_array_equal(observations["ssh"], total[observations["line"].values])


def test_real_gulf_stream_track_is_read_with_its_own_height(shared):
    (path,) = (shared / "data/nadir").glob("s6a_gulfstream_2023_*.nc")
    observations = read_l3(path, mission="s6a", height={"ssh": 1.0})
    assert observations.attrs["lines"] == [32041]
    assert observations.sizes["obs"] == 32041 - 130
    assert float(observations["ssh"].std()) == pytest.approx(0.45, abs=0.02)
