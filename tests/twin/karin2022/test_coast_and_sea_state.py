"""The invented coast and the invented waves."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from oceanbench.twin.karin2022.coast import distance_to_coast, is_land
from oceanbench.twin.karin2022.design import REGION
from oceanbench.twin.karin2022.sea_state import wave_height
from oceanbench.twin.plane import CENTRE_LAT, KM_PER_DEGREE

LON = np.linspace(REGION.west, REGION.east, 150)[None, :]
LAT = np.linspace(REGION.south, REGION.north, 150)[:, None]
EAST_KM = KM_PER_DEGREE * np.cos(np.radians(CENTRE_LAT))

lons, lats = st.floats(REGION.west, REGION.east), st.floats(REGION.south, REGION.north)


def test_land_is_the_northwest_and_an_island() -> None:
    land = is_land(LON, LAT)
    assert 0.08 < land.mean() < 0.2
    assert land[-1, 0]
    assert not land[0].any()
    assert not land[:, -1].any()
    island = is_land(np.array([-60 + 330 / EAST_KM]), np.array([38 - 420 / KM_PER_DEGREE]))
    assert island.all()


def test_the_distance_to_the_coast_is_that_of_the_nearest_point_of_the_other_kind() -> None:
    wide_lon = np.linspace(REGION.west - 3, REGION.east + 3, 250)[None, :]
    wide_lat = np.linspace(REGION.south - 3, REGION.north + 3, 250)[:, None]
    land = is_land(wide_lon, wide_lat)
    for lon, lat in ((-60.0, 38.0), (-56.0, 33.9), (-66.0, 43.0), (-66.0, 33.0)):
        other = land != is_land(np.array(lon), np.array(lat))
        east, north = (wide_lon - lon) * EAST_KM, (wide_lat - lat) * KM_PER_DEGREE
        nearest = np.hypot(east, north)[other].min()
        found = distance_to_coast(np.array([lon]), np.array([lat])).item()
        assert abs(found - nearest) < 10  # the spacing of these points


@given(lons, lats, st.floats(0, 2 * np.pi))
def test_ten_kilometres_change_the_distance_to_the_coast_by_no_more(
    lon: float, lat: float, direction: float
) -> None:
    far_lon = lon + 10 * np.cos(direction) / EAST_KM
    far_lat = lat + 10 * np.sin(direction) / KM_PER_DEGREE
    here, there = distance_to_coast(np.array([lon, far_lon]), np.array([lat, far_lat]))
    assert abs(here - there) < 10 + 2


@given(st.floats(0, 20 * 86400), lons, lats)
def test_waves_are_one_to_six_metres_high(seconds: float, lon: float, lat: float) -> None:
    height = wave_height(np.array([seconds]), np.array([lon]), np.array([lat]), cycle=13)
    assert 1 < height.item() < 6


def test_waves_vary_over_the_box_and_from_day_to_day_but_smoothly() -> None:
    days = np.arange(0, 20, 2.0)[:, None, None] * 86400
    heights = wave_height(days, LON[None, :, ::10], LAT[None, ::10], cycle=13)
    assert np.percentile(heights, 10) < 1.5
    assert np.percentile(heights, 90) > 3.5
    near = wave_height(days + 600, LON[None, :, ::10] + 0.05, LAT[None, ::10], cycle=13)
    assert np.abs(near - heights).max() < 0.2
    other = wave_height(days, LON[None, :, ::10], LAT[None, ::10], cycle=1)
    assert abs(np.corrcoef(heights.ravel(), other.ravel())[0, 1]) < 0.3
