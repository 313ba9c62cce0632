"""Currents of a swath: a tilted plane and a parabola have known ones, whatever the heading."""

import numpy as np
import pytest

from oceanbench.metrics.denoising import surface_currents

RADIUS_KM = 6371.00877
GRAVITY, ROTATION = 9.81, 7.2921e-5
HEADINGS = (77.0, -77.0, 103.0, 12.0)  # degrees from east, counter-clockwise

Swath = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def swath(heading: float, lat0: float = 40.0, lon0: float = 10.0) -> Swath:
    """Kilometres east and north of the middle, longitudes and latitudes, of a small swath of 2 km."""
    along = 2.0 * (np.arange(31) - 15)[:, None]
    right = 2.0 * (np.arange(21) - 10)[None, :]
    angle = np.radians(heading)
    east = along * np.cos(angle) + right * np.sin(angle)
    north = along * np.sin(angle) - right * np.cos(angle)
    lat = lat0 + np.degrees(north / RADIUS_KM)
    lon = lon0 + np.degrees(east / RADIUS_KM) / np.cos(np.radians(lat))
    return east, north, lon, lat


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("lat0", [40.0, -60.0])
def test_tilt_to_the_north_drives_a_current_along_the_parallel(heading: float, lat0: float) -> None:
    _, north, lon, lat = swath(heading, lat0)
    slope = 1e-6
    found = surface_currents(1000.0 * slope * north, lon, lat)
    expected = -GRAVITY / (2.0 * ROTATION * np.sin(np.radians(lat))) * slope
    np.testing.assert_allclose(found.eastward, expected, rtol=0.01)
    assert np.abs(found.northward).max() < 0.02 * np.abs(expected).max()
    np.testing.assert_allclose(found.speed, np.abs(expected), rtol=0.01)


@pytest.mark.parametrize("heading", HEADINGS)
def test_tilt_to_the_east_drives_a_current_to_the_north(heading: float) -> None:
    east, _, lon, lat = swath(heading)
    found = surface_currents(1e-3 * east, lon, lat)
    expected = GRAVITY / (2.0 * ROTATION * np.sin(np.radians(lat))) * 1e-6
    np.testing.assert_allclose(found.northward, expected, rtol=0.01)
    assert np.abs(found.eastward).max() < 0.02 * expected.max()


@pytest.mark.parametrize("heading", HEADINGS)
def test_bowl_turns_with_the_vorticity_of_its_curvature(heading: float) -> None:
    east, north, lon, lat = swath(heading)
    bend = 1e-11  # 1/m
    found = surface_currents(bend * 1e6 * (east**2 + north**2), lon, lat)
    coriolis = 2.0 * ROTATION * np.sin(np.radians(lat))
    inner = slice(5, -5), slice(5, -5)
    np.testing.assert_allclose(found.vorticity[inner], (4.0 * bend * GRAVITY / coriolis**2)[inner], rtol=0.02)


def test_date_line_is_no_obstacle() -> None:
    east, north, lon, lat = swath(77.0, lon0=180.0)
    ssh = 0.1 * np.sin(east / 7.0) * np.cos(north / 9.0)
    ssh[4, 5] = np.nan
    wrapped = (lon + 180.0) % 360.0 - 180.0
    assert wrapped.min() < 0.0 < wrapped.max()
    one, two = surface_currents(ssh, lon - 180.0, lat), surface_currents(ssh, wrapped, lat)
    np.testing.assert_allclose(two.speed, one.speed, rtol=1e-9)
    np.testing.assert_allclose(two.vorticity, one.vorticity, rtol=1e-6, atol=1e-9)


def test_slope_of_a_single_line_is_refused() -> None:
    _, _, lon, lat = swath(77.0)
    with pytest.raises(ValueError, match="1 lines of 21 pixels"):
        surface_currents(lon[:1], lon[:1], lat[:1])
