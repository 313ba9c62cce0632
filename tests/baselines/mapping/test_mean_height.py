"""The mean height: a given field anywhere, and the smooth surface through observations."""

import numpy as np
import pytest
import xarray as xr

from oceanbench_baselines.mapping._mean_height import fitted_mean, given_mean, no_mean


def field() -> xr.DataArray:
    lat, lon = np.arange(30.0, 46.0), np.arange(-70.0, -49.0)
    heights = 0.1 * (lat[:, None] - 38.0) + 0.02 * (lon + 60.0)
    return xr.DataArray(heights, coords={"lat": lat, "lon": lon}, dims=("lat", "lon"))


def test_a_given_mean_is_interpolated_inside_and_kept_at_its_edge_outside() -> None:
    at = given_mean(field(), -60.0)
    np.testing.assert_allclose(at(np.array([-59.5, -80.0]), np.array([38.25, 38.0])), [0.035, -0.2])


def test_a_given_mean_is_found_on_the_other_turn_of_longitude() -> None:
    at = given_mean(field().assign_coords(lon=field().lon + 360.0), -60.0)
    assert float(at(np.array(-59.5), np.array(38.25))) == pytest.approx(0.035)


def test_land_in_a_given_mean_is_filled() -> None:
    gaps = field().where(np.abs(field().lat - 38) > 1.5)
    assert np.isfinite(given_mean(gaps, -60.0)(np.array(-60.0), np.array(38.0)))


def test_a_mean_without_any_value_is_refused() -> None:
    with pytest.raises(ValueError, match="no value that is a number"):
        given_mean(field() * np.nan, -60.0)


def test_a_parabola_is_fitted_exactly_and_its_edge_is_kept_beyond_the_observations() -> None:
    draw = np.random.default_rng(0)
    lon, lat = draw.uniform(-65, -55, 400), draw.uniform(33, 43, 400)
    x, y = (lon + 60) * np.cos(np.deg2rad(38)), lat - 38

    def height(x: float, y: float) -> float:
        return 0.3 + 0.05 * x - 0.04 * y + 0.01 * x * y

    at = fitted_mean(lon, lat, 0.3 + 0.05 * x - 0.04 * y + 0.01 * x * y, np.arange(400))
    assert float(at(np.array(-59.0), np.array(39.0))) == pytest.approx(
        height(np.cos(np.deg2rad(38)), 1), abs=2e-3
    )
    assert float(at(np.array(-60.0), np.array(60.0))) == float(at(np.array(-60.0), np.array(lat.max())))


def test_eddies_that_come_and_go_leave_little_in_the_fitted_mean() -> None:
    draw = np.random.default_rng(1)
    lon, lat = draw.uniform(-65, -55, 3000), draw.uniform(33, 43, 3000)
    noise = draw.normal(0.0, 0.2, 3000)
    at = fitted_mean(lon, lat, noise, np.arange(3000))
    values = at(np.linspace(-64, -56, 9)[None, :], np.linspace(34, 42, 9)[:, None])
    assert values.std() < 0.04


def test_one_observation_and_none_give_a_level_surface() -> None:
    one = fitted_mean(np.array([-60.0]), np.array([38.0]), np.array([0.5]), np.array([0]))
    assert float(one(np.array(-58.0), np.array(39.0))) == pytest.approx(0.5, abs=0.01)
    none = fitted_mean(np.empty(0), np.empty(0), np.empty(0), np.empty(0, int))
    assert none is no_mean
    assert none(np.zeros((1, 3)), np.zeros((2, 1))).shape == (2, 3)
