"""Sampling of gridded fields: exact on trilinear fields, the official digits on the golden case."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from oceanbench.interpolation import (
    daily_mean,
    fill_gauss_seidel,
    interpolate_along_track,
    interpolate_to_grid,
    regrid_bilinear,
    regrid_cubic,
    regrid_official,
)

HOUR = np.timedelta64(3_600_000_000_000, "ns")
START = np.datetime64("2012-10-22", "ns")


def field(n_time: int = 4, n_lat: int = 6, n_lon: int = 8) -> xr.DataArray:
    """A field that trilinear interpolation reproduces exactly."""
    lon, lat = -65 + 0.5 * np.arange(n_lon), 33 + 0.25 * np.arange(n_lat)
    days = np.arange(n_time)
    values = truth(lon, lat[:, None], days[:, None, None])
    return xr.DataArray(
        values, {"time": START + days * 24 * HOUR, "lat": lat, "lon": lon}, ("time", "lat", "lon")
    )


def truth(lon: Any, lat: Any, day: Any) -> Any:
    return 0.3 + (lon + 60) * (1 + 0.2 * (lat - 34)) * (1 - 0.1 * day)


def points(n: int = 50) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    hours = rng.integers(0, 73, n)
    return rng.uniform(-65, -61.5, n), rng.uniform(33, 34.25, n), START + hours * HOUR


def test_track_through_a_trilinear_field_is_exact_in_any_order_of_time() -> None:
    lon, lat, time = points()
    days = (time - START) / (24 * HOUR)
    assert interpolate_along_track(field(), lon, lat, time) == pytest.approx(truth(lon, lat, days), rel=1e-13)


def test_grid_of_a_trilinear_field_is_exact() -> None:
    lon, lat, time = (
        np.array([-64.3, -62.0]),
        np.array([33.1, 33.5, 34.25]),
        START + np.array([0, 5, 72]) * HOUR,
    )
    result = interpolate_to_grid(field().transpose("lon", "time", "lat"), lon, lat, time)
    assert result.dims == ("time", "lat", "lon")
    days = np.array([0, 5, 72])[:, None, None] / 24
    assert result.values == pytest.approx(truth(lon, lat[:, None], days), rel=1e-13)


def test_grid_and_track_agree() -> None:
    lon, lat, time = points(20)
    source = field() ** 2
    diagonal = interpolate_to_grid(source, lon, lat, time).values[range(20), range(20), range(20)]
    assert diagonal == pytest.approx(interpolate_along_track(source, lon, lat, time), rel=1e-15)


@pytest.mark.parametrize(
    ("lon", "lat", "hours"), [(-65.1, 33.5, 10), (-64, 34.3, 10), (-64, 33.5, -1), (-64, 33.5, 73)]
)
def test_point_outside_is_missing(lon: float, lat: float, hours: int) -> None:
    assert np.isnan(interpolate_along_track(field(), [lon], [lat], [START + hours * HOUR])).all()


def test_corners_of_the_domain_are_inside() -> None:
    source = field()
    values = interpolate_along_track(source, [-65.0, -61.5], [33.0, 34.25], [START, START + 72 * HOUR])
    assert values == pytest.approx([source.values[0, 0, 0], source.values[-1, -1, -1]])


def test_missing_corner_makes_the_point_missing_even_without_weight() -> None:
    source = field()
    source[2, 3, 3] = np.nan
    at_node = [float(source["lon"][2])], [float(source["lat"][2])], [source["time"].values[1]]
    away = [float(source["lon"][5])], [float(source["lat"][1])], [source["time"].values[1]]
    assert np.isnan(interpolate_along_track(source, *at_node)).all()
    assert np.isfinite(interpolate_along_track(source, *away)).all()


def test_globe_is_closed_between_last_and_first_longitude() -> None:
    lon = np.arange(-180.0, 180.0, 30.0)
    values = np.broadcast_to(np.cos(np.radians(lon)), (2, 3, 12))
    source = xr.DataArray(
        values, {"time": START + np.arange(2) * HOUR, "lat": [-1.0, 0, 1], "lon": lon}, ("time", "lat", "lon")
    )
    middle = interpolate_along_track(source, [165.0], [0.5], [START])
    assert middle == pytest.approx([(np.cos(np.radians(150)) - 1) / 2])


def test_faulty_sources_and_points_are_refused() -> None:
    source = field()
    with pytest.raises(ValueError, match=r"lat runs 34\.25\.\.33\.0"):
        interpolate_along_track(source[:, ::-1], *points(3))
    with pytest.raises(ValueError, match="time has 1 node"):
        interpolate_along_track(source[:1], *points(3))
    with pytest.raises(ValueError, match="the source has dims"):
        interpolate_along_track(source[0], *points(3))
    with pytest.raises(ValueError, match=r"shapes \(2,\), \(1,\), \(1,\)"):
        interpolate_along_track(source, [-64, -63], [33.5], [START])


def test_golden_regrid_gives_the_official_digits(golden: Path) -> None:
    with xr.open_dataset(golden / "cases" / "regrid_source.nc") as source:
        maps = source["gssh"].load()
    with xr.open_dataset(golden / "cases" / "regrid_target.nc") as file:
        target = file.load()
    answer = json.loads((golden / "expected.json").read_text())["cases"]["regrid"]["expected"]
    result = regrid_official(maps, target)
    assert list(result.shape) == answer["field"]["shape"]
    for index, value in answer["field"]["samples"]:
        assert result.values[tuple(index)] == pytest.approx(value, rel=1e-9, abs=1e-12)
    assert float(result.mean()) == pytest.approx(answer["field"]["mean"], rel=1e-9)
    outside = interpolate_to_grid(maps, target["lon"], target["lat"], target["time"]).isnull()
    assert outside.sum(("lat", "lon")).values.tolist() == [answer["n_outside_per_step"]] * 5
    assert float(result.where(outside).mean()) == pytest.approx(answer["outside_mean"], rel=1e-9)


def test_field_on_the_target_grid_keeps_its_values_to_the_bit() -> None:
    source = field()
    nearly = source.assign_coords(lon=source["lon"] + 1e-12)
    assert np.array_equal(regrid_official(nearly, source).values, source.values)
    assert np.array_equal(regrid_official(nearly, source)["lon"].values, source["lon"].values)


def test_missing_day_does_not_spread_on_the_target_grid() -> None:
    source = field()
    holed = source.copy(deep=True)
    holed[2, 1:3, 4] = np.nan
    result = regrid_official(holed, source)
    assert np.array_equal(result.values[[0, 1, 3]], source.values[[0, 1, 3]])
    assert np.isfinite(result.values).all()


def test_fill_keeps_what_is_known_and_nearly_solves_laplace() -> None:
    rng = np.random.default_rng(1)
    lon, lat = np.meshgrid(np.arange(12.0), np.arange(9.0))
    harmonic = 0.3 * lon - 0.2 * lat + 0.02 * lon * lat
    planes = np.stack([harmonic, rng.standard_normal(harmonic.shape)])
    source = xr.DataArray(planes, dims=("time", "lat", "lon"), coords={"time": START + np.arange(2) * HOUR})
    holed = source.copy(deep=True)
    holed[:, 2:6, 3:9] = np.nan
    filled = fill_gauss_seidel(holed)
    known = holed.notnull()
    assert np.array_equal(filled.values[known.values], source.values[known.values])
    assert filled.values[0] == pytest.approx(harmonic, abs=2e-3)


def test_single_map_is_filled_like_a_series_of_one() -> None:
    source = field()[:1].copy(deep=True)
    source[0, 1:3, 2:5] = np.nan
    alone = fill_gauss_seidel(source[0])
    assert alone.dims == ("lat", "lon")
    assert np.array_equal(alone.values, fill_gauss_seidel(source).values[0])


def test_full_field_is_not_changed_by_the_fill() -> None:
    source = field()
    xr.testing.assert_identical(fill_gauss_seidel(source), source)


def test_quirk_q2_daily_mean_is_labelled_at_midnight() -> None:
    time = START + HOUR / 2 + np.arange(48) * HOUR
    hourly = xr.DataArray(np.arange(48.0), {"time": time}, ("time",)).expand_dims(lat=[1.0], lon=[2.0])
    hourly = hourly.transpose("time", "lat", "lon")
    daily = daily_mean(hourly)
    assert daily["time"].values.tolist() == [START.astype(int), (START + 24 * HOUR).astype(int)]
    assert daily.values.ravel().tolist() == [11.5, 35.5]
    assert daily.dims == hourly.dims


def test_daily_mean_leaves_out_missing_hours_and_stays_lazy() -> None:
    time = START + np.arange(24) * HOUR
    hourly = xr.DataArray(np.arange(24.0), {"time": time}, ("time",)).where(lambda x: x > 20).chunk(time=6)
    daily = daily_mean(hourly)
    assert daily.chunks is not None
    assert daily.values.tolist() == [22.0]


def test_daily_fields_are_their_own_daily_mean() -> None:
    source = field()
    assert daily_mean(source) is source


def test_days_with_two_maps_are_averaged() -> None:
    source = field(4).assign_coords(time=START + np.array([0, 12, 24, 36]) * HOUR)
    assert daily_mean(source).sizes["time"] == 2


def test_only_two_source_times_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    isel: Callable[..., xr.DataArray] = xr.DataArray.isel

    def noted(array: xr.DataArray, *args: Any, **indexers: Any) -> xr.DataArray:
        part = isel(array, *args, **indexers)
        sizes.append(part.sizes["time"])
        return part

    source = field(10)
    with monkeypatch.context() as patch:
        patch.setattr(xr.DataArray, "isel", noted)
        interpolate_to_grid(source, source["lon"].values, source["lat"].values, source["time"].values)
    assert sizes == [2] * 9


def cubic_field(lat: np.ndarray, lon: np.ndarray) -> xr.DataArray:
    """Two days of a polynomial of third degree along each axis, which cubic splines reproduce."""
    y, x = lat[:, None] - 34.0, lon + 62.0
    plane = 0.2 + x**3 * (1 - 0.3 * y**2) - 0.1 * x * y**3
    coords = {"time": START + np.arange(2) * 24 * HOUR, "lat": lat, "lon": lon}
    return xr.DataArray(np.stack([plane, -2 * plane]), coords, ("time", "lat", "lon"))


def test_cubic_splines_are_exact_on_polynomials_of_third_degree() -> None:
    source = cubic_field(33 + 0.125 * np.arange(17), -64 + 0.125 * np.arange(25))
    target = cubic_field(33.05 + 0.05 * np.arange(39), -63.95 + 0.05 * np.arange(59))
    result = regrid_cubic(source.transpose("lon", "time", "lat"), target)
    assert result.dims == ("time", "lat", "lon")
    assert result.values == pytest.approx(target.values, abs=1e-12)


def test_cubic_splines_use_the_nodes_around_the_target_only() -> None:
    target = cubic_field(33.5 + 0.05 * np.arange(10), -63 + 0.05 * np.arange(10))
    source = cubic_field(33 + 0.125 * np.arange(17), -64 + 0.125 * np.arange(25))
    spoilt = source.where((source.lat > 33.4) & (source.lon > -63.1), 99.0)
    assert np.array_equal(regrid_cubic(spoilt, target).values, regrid_cubic(source, target).values)


def test_field_on_the_nodes_of_the_target_does_not_go_through_splines() -> None:
    source = cubic_field(33 + 0.125 * np.arange(5), -64 + 0.125 * np.arange(5))
    source[0, 2, 2] = np.nan
    nearly = source.assign_coords(lon=source["lon"] + 1e-9)
    assert np.array_equal(regrid_cubic(nearly, source).values, source.values, equal_nan=True)


def test_cubic_splines_feel_a_missing_value_all_over_its_day_and_end_with_the_source() -> None:
    source = cubic_field(33 + 0.125 * np.arange(9), -64 + 0.125 * np.arange(9))
    source[0, 2, 2] = np.nan
    target = cubic_field(33.0 + 0.1 * np.arange(11), -64 + 0.1 * np.arange(11) + 1e-12)
    result = regrid_cubic(source, target)
    assert result[0].isnull().all()
    assert result[1].isnull().values.sum() == 0
    beyond = target.assign_coords(lon=target["lon"] + 0.05)
    assert regrid_cubic(source, beyond)[1].isnull().any("lat").values.tolist() == [False] * 10 + [True]


def test_cubic_splines_need_equal_times_and_four_nodes() -> None:
    source = cubic_field(33 + 0.125 * np.arange(9), -64 + 0.125 * np.arange(9))
    target = cubic_field(33.0 + 0.05 * np.arange(11), -64 + 0.05 * np.arange(3))
    with pytest.raises(ValueError, match="lon has 2 nodes around the target"):
        regrid_cubic(source, target)
    with pytest.raises(ValueError, match="different times"):
        regrid_cubic(source[:1], target)


def test_bilinear_regridding_keeps_times_and_fills_beyond_the_source() -> None:
    source = field().isel(time=slice(0, 3))
    lon, lat = np.arange(-65.25, -61.6, 0.3), np.arange(33.0, 34.3, 0.2)
    result = regrid_bilinear(source, lon, lat)
    inside = lon >= -65.0
    days = np.arange(3)[:, None, None]
    expected = truth(lon[inside], lat[:, None], days)
    assert result.values[:, :, inside] == pytest.approx(expected, rel=1e-12)
    assert np.isfinite(result.values).all()
    assert np.array_equal(result["time"].values, source["time"].values)


def test_node_a_rounding_error_beyond_the_source_is_on_its_edge() -> None:
    source = field()
    lon = np.array([-65.0 - 1e-12, -63.2, -61.5 + 1e-12])
    result = regrid_bilinear(source, lon, [33.0, 33.6])
    expected = truth(lon, np.array([33.0, 33.6])[:, None], np.arange(4)[:, None, None])
    assert result.values == pytest.approx(expected, rel=1e-9)
    assert np.array_equal(regrid_bilinear(source, source.lon, source.lat).values, source.values)
