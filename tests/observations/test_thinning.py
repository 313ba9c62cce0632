"""Block means of observations."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceanbench.observations import assemble, concat, read_nadir, select, thin

START = np.datetime64("2012-10-01", "ns")


def at(nanoseconds):
    return START + np.asarray(nanoseconds, dtype="timedelta64[ns]")


def track(seconds, *, mission="j1", **columns):
    """Give a nadir track whose height, latitude and longitude are its line number, where not given."""
    count = len(seconds)
    ramp = np.arange(count, dtype=float)
    arrays = {"lon": ramp, "lat": ramp, "ssh": ramp, **columns}
    time = at((np.asarray(seconds) * 1e9).astype(np.int64))
    return assemble(time, **arrays, missions=[mission], lines=[count])


def swath(lines, pixels, ssh=None):
    line, pixel = (index.ravel() for index in np.indices((lines, pixels)))
    height = 100.0 * line + pixel if ssh is None else ssh.ravel()
    time = at(line.astype(np.int64) * 10**9)
    return assemble(
        time, 0.1 * pixel, 0.1 * line, height,
        missions=["swot"], lines=[lines], pixels=[pixels], line=line, pixel=pixel,
    )  # fmt: skip


def test_official_blocks_drop_the_incomplete_end():
    thinned = thin(track(np.arange(12)), 5, across_passes=True)
    np.testing.assert_array_equal(thinned["ssh"], [2.0, 7.0])
    np.testing.assert_array_equal(thinned["time"], at([2 * 10**9, 7 * 10**9]))
    np.testing.assert_array_equal(thinned["line"], [0, 1])
    assert thinned.attrs == {"missions": ["j1"], "lines": [2], "pixels": [1]}


def test_official_blocks_run_across_passes_and_robust_ones_do_not():
    times = [0, 1, 2, 1000, 1001, 1002]
    official = thin(track(times), 2, across_passes=True)
    robust = thin(track(times), 2, across_passes=False)
    np.testing.assert_array_equal(official["ssh"], [0.5, 2.5, 4.5])
    np.testing.assert_array_equal(robust["ssh"], [0.5, 2.0, 3.5, 5.0])


def test_missing_samples_inside_a_pass_are_no_gap():
    full = track(np.arange(20))
    holed = full.isel(obs=[n for n in range(20) if n not in (3, 4, 5, 6, 7)])
    robust = thin(holed, 10, across_passes=False)
    np.testing.assert_array_equal(robust["ssh"], [np.mean([0, 1, 2, 8, 9]), 14.5])


def test_gap_starts_beyond_three_median_steps():
    assert thin(track([0, 1, 2, 5, 6, 7]), 6, across_passes=False).sizes == {"obs": 1}
    assert thin(track([0, 1, 2, 5.1, 6.1, 7.1]), 6, across_passes=False).sizes == {"obs": 2}


def test_selection_does_not_move_official_blocks():
    whole = track(np.arange(30))
    part = select(whole, south=10.0, north=24.0)
    expected = select(thin(whole, 5, across_passes=True), south=10.0, north=24.0)
    np.testing.assert_array_equal(thin(part, 5, across_passes=True)["ssh"], expected["ssh"])


def test_blocks_of_a_swath_are_lines_by_pixels_without_the_trimmed_ends():
    thinned = thin(swath(5, 7), 2, 3, across_passes=True)
    np.testing.assert_allclose(thinned["ssh"], [51.0, 54.0, 251.0, 254.0])
    np.testing.assert_array_equal(thinned["line"], [0, 0, 1, 1])
    np.testing.assert_array_equal(thinned["pixel"], [0, 1, 0, 1])
    assert thinned.attrs == {"missions": ["swot"], "lines": [2], "pixels": [2]}


def test_robust_blocks_of_a_swath_keep_the_ends():
    thinned = thin(swath(5, 7), 2, 3, across_passes=False)
    assert thinned.attrs == {"missions": ["swot"], "lines": [3], "pixels": [3]}
    assert thinned.sizes == {"obs": 9}
    assert float(thinned["ssh"][-1]) == 406.0


def test_missing_heights_count_for_coordinates_only_where_they_were_kept():
    ssh = np.array([1.0, np.nan, 3.0, np.nan, np.nan, np.nan])
    thinned = thin(track(np.arange(6), ssh=ssh), 3, across_passes=True)
    np.testing.assert_array_equal(thinned["ssh"], [2.0])
    np.testing.assert_array_equal(thinned["lat"], [1.0])
    without = track(np.arange(6), ssh=ssh).isel(obs=[0, 2])
    np.testing.assert_array_equal(thin(without, 3, across_passes=True)["lat"], [1.0])
    np.testing.assert_array_equal(thin(without.isel(obs=[0]), 3, across_passes=True)["lat"], [0.0])


def test_mean_time_is_exact_to_the_nanosecond():
    late = 10**18
    observations = assemble(
        at([late, late + 1, late + 4]), [0.0] * 3, [0.0] * 3, [0.0] * 3, missions=["j1"], lines=[3]
    )
    np.testing.assert_array_equal(thin(observations, 3, across_passes=True)["time"], at([late + 2]))


def test_mean_longitude_is_safe_at_the_date_line():
    thinned = thin(track(np.arange(2), lon=[179.5, -179.5 + 0.5]), 2, across_passes=True)
    np.testing.assert_allclose(thinned["lon"], [-179.75])


def test_missions_are_not_mixed_and_order_of_rows_does_not_matter():
    observations = concat([track(np.arange(4)), track(np.arange(4) + 0.5, mission="en", ssh=np.full(4, 9.0))])
    shuffled = observations.isel(obs=np.random.default_rng(1).permutation(8))
    for rule in (True, False):
        thinned = thin(shuffled, 2, across_passes=rule)
        np.testing.assert_array_equal(thinned["ssh"], [0.5, 2.5, 9.0, 9.0])
        np.testing.assert_array_equal(thinned["mission"], [0, 0, 1, 1])


def test_one_sample_no_sample_and_blocks_of_one_come_back():
    one = track([0])
    for rule in (True, False):
        assert thin(one, 1, across_passes=rule).drop_vars("samples").identical(one)
        assert thin(one.isel(obs=[]), 3, across_passes=rule).sizes == {"obs": 0}
        same = thin(track([0, 1, 9, 10]), 1, across_passes=rule)
        np.testing.assert_array_equal(same["ssh"], [0, 1, 2, 3])


@given(st.integers(1, 40), st.integers(1, 9), st.floats(-2.0, 2.0))
def test_constant_height_stays_constant(count, lines, height):
    observations = track(np.arange(count), ssh=np.full(count, height))
    for rule in (True, False):
        np.testing.assert_allclose(thin(observations, lines, across_passes=rule)["ssh"], height, rtol=1e-12)


@pytest.mark.parametrize(("lines", "pixels", "match"), [(0, 1, "at least 1"), (1, 2, "'j1' has 1")])
def test_impossible_blocks_are_refused(lines, pixels, match):
    with pytest.raises(ValueError, match=match):
        thin(track([0, 1]), lines, pixels, across_passes=True)


def test_official_observations_of_the_golden_case_come_back(golden):
    case = json.loads((golden / "expected.json").read_text())["cases"]["oi"]["expected"]
    grid = np.array([-65.0 + 0.2 * 49, 33.0 + 0.2 * 49])
    parts = [
        thin(read_nadir(golden / f"cases/oi_nadir{n}.nc", mission=f"nadir{n}"), 5, across_passes=True)
        for n in (0, 1)
    ]
    first, last = case["gtime_days"][0], case["gtime_days"][-1]
    day = 86400 * 10**9
    seen = select(
        concat(parts),
        west=-66.0, east=grid[0] + 1.0, south=32.0, north=grid[1] + 1.0,
        start=at(int(first - 14) * day), end=at(int(last + 14) * day),
    )  # fmt: skip
    assert seen.sizes["obs"] == case["n_obs_total"] == 395
    days = (seen["time"].values - START).astype(np.int64) / day
    columns = {"obs_time": days, "obs_lon": seen["lon"], "obs_lat": seen["lat"], "obs_ssh_model": seen["ssh"]}
    for name, column in columns.items():
        values, expected = np.asarray(column), case[name]
        for statistic in ("mean", "std", "min", "max"):
            assert getattr(values, statistic)() == pytest.approx(expected[statistic], rel=1e-9, abs=1e-12)
        assert np.abs(values).sum() == pytest.approx(expected["sum_abs"], rel=1e-9)
        for (index,), sample in expected["samples"]:
            assert values[index] == pytest.approx(sample, rel=1e-9)


def test_golden_file_holds_blocks_that_cross_passes(golden):
    observations = read_nadir(golden / "cases/oi_nadir0.nc", mission="nadir0")
    official = thin(observations, 5, across_passes=True)
    robust = thin(observations, 5, across_passes=False)
    time, block = observations["time"].values, observations["line"].values // 5
    spread = [np.ptp(time[block == n].astype(np.int64)) for n in official["line"].values]
    assert max(spread) > 3600 * 10**9
    assert robust.sizes["obs"] > official.sizes["obs"]
