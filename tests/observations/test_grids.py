"""Whole fields as observations, and the layout of 2022b."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench import load_challenge, read_observations_of, read_truth_of
from oceanbench.observations import from_grid, thin


def field(days: int = 3) -> xr.DataArray:
    time = np.datetime64("2012-10-21", "ns") + np.arange(days) * np.timedelta64(5, "D")
    lat, lon = np.arange(33.0, 43.1, 0.5), np.arange(-65.0, -54.9, 0.5)
    heights = np.arange(days)[:, None, None] + 0.01 * lat[:, None] + 0.001 * lon
    return xr.DataArray(heights, {"time": time, "lat": lat, "lon": lon}, ("time", "lat", "lon"), name="ssh")


def test_every_finite_point_of_a_field_is_an_observation_where_it_lies() -> None:
    holed = field().where(field().lat < 42.0)
    rows = from_grid(holed, mission="fields")
    assert rows.sizes["obs"] == int(holed.notnull().sum())
    found = holed.sel(time=rows.time, lat=rows.lat, lon=rows.lon)
    np.testing.assert_array_equal(found, rows.ssh)


def test_thinning_a_field_averages_neighbours_of_one_day() -> None:
    thinned = thin(from_grid(field(), mission="fields"), 3, 3, across_passes=True)
    assert thinned.sizes["obs"] == 3 * 7 * 7
    assert set(np.unique(thinned.time.values)) == set(field().time.values)


def written_as_2022b(folder: Path, name: str, heights: xr.DataArray) -> None:
    """Write one file with dims (time, y, x), two-dimensional and one-dimensional positions."""
    lon2, lat2 = np.meshgrid(heights.lon, heights.lat)
    dataset = xr.Dataset(
        {
            "ssh": (("time", "y", "x"), heights.values),
            "nav_lon": (("y", "x"), lon2),
            "nav_lat": (("y", "x"), lat2),
            "lon": ("x", heights.lon.values),
            "lat": ("y", heights.lat.values),
        },
        {"time": heights.time.values},
    )
    folder.mkdir(parents=True, exist_ok=True)
    dataset.to_netcdf(folder / name)


def test_fields_in_the_layout_of_2022b_are_read_as_truth_and_as_observations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path))
    challenge = load_challenge("2022b")
    for day in range(3):
        one = field().isel(time=[day])
        stamp = f"dc_qg_eval_y2012m10d{21 + 5 * day:02d}h0000.nc"
        written_as_2022b(tmp_path / "2022b" / "dc_qg_eval", stamp, one)
        written_as_2022b(tmp_path / "2022b" / "dc_qg_obs_fullfields", stamp, one)
    truth = read_truth_of(challenge)
    np.testing.assert_array_equal(truth, field())
    rows = read_observations_of(challenge, challenge.track("A"))
    assert rows.sizes["obs"] == field().size


def test_no_block_of_thinned_fields_joins_two_of_them() -> None:
    rows = thin(from_grid(field(), mission="fields"), 15, 6, across_passes=True)
    assert set(np.unique(rows.time.values)) <= set(field().time.values)
