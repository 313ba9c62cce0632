"""Geostrophic currents of heights whose slope is known."""

import numpy as np
import pytest
import xarray as xr

from oceanbench.physics.geostrophy import geostrophic_currents


def slope(east: float, north: float, lat: tuple[float, ...] = (36.0, 37.0, 38.0)) -> xr.DataArray:
    lats, lon = np.array(lat), np.array([-60.0, -59.5, -59.0])
    heights = east * np.deg2rad(lon) + north * np.deg2rad(lats[:, None])
    return xr.DataArray(heights[None], coords={"lat": lats, "lon": lon}, dims=("time", "lat", "lon"))


def test_height_rising_northward_flows_west_and_rising_eastward_flows_north() -> None:
    f = 2 * 7.2921e-5 * np.sin(np.deg2rad(37.0))
    metre_per_radian = 9.81 / f / 6.371e6
    north = geostrophic_currents(slope(0.0, 1.0)).sel(lat=37.0)
    np.testing.assert_allclose(north["ugos"], -metre_per_radian, rtol=1e-9)
    east = geostrophic_currents(slope(1.0, 0.0)).sel(lat=37.0)
    np.testing.assert_allclose(east["vgos"], metre_per_radian / np.cos(np.deg2rad(37.0)), rtol=1e-9)
    np.testing.assert_allclose(east["ugos"], 0.0, atol=1e-12)


def test_south_of_the_equator_the_current_turns_round() -> None:
    assert geostrophic_currents(slope(0.0, 1.0))["ugos"].max() < 0
    assert geostrophic_currents(slope(0.0, 1.0, lat=(-38.0, -37.0, -36.0)))["ugos"].min() > 0


def test_there_is_no_current_at_the_equator() -> None:
    currents = geostrophic_currents(slope(1.0, 1.0, lat=(-1.0, 0.0, 1.0)))
    assert currents["ugos"].isnull().all()
    assert currents["ugos"].attrs["units"] == "m s-1"


def test_one_row_has_no_slope() -> None:
    with pytest.raises(ValueError, match="1 node along lat"):
        geostrophic_currents(slope(1.0, 1.0).isel(lat=[0]))
