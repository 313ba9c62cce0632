"""Where points of the map lie on the model's plane."""

import numpy as np
import pytest

from oceanbench.twin.plane import TILT, MapGrid, Region


def test_the_map_shows_the_jet_tilted_north_of_east() -> None:
    grid = MapGrid(64, 2.048e6)
    across = (np.arange(64)[:, None] - 32) * 32.0 + np.zeros(64)
    on_map = grid.interpolate(np.sin(2 * np.pi * across / 2048.0))
    row, column = np.searchsorted(grid.lat, 38.0), np.searchsorted(grid.lon, -60.0)
    assert on_map[row, column] == pytest.approx(0, abs=1e-6)
    east = 3.0 * 111.2 * np.cos(np.radians(38))
    north = east * np.tan(np.radians(TILT))
    along_jet = np.interp(38 + north / 111.2, grid.lat, on_map[:, column + 30])
    assert along_jet == pytest.approx(0, abs=1e-3)


def test_a_region_covers_its_edges_and_nearly_covers_what_is_within_reach() -> None:
    region = Region(-66.5, -53.5, 31.5, 44.5)
    lon, lat = np.array([-66.5, -66.6, -60.0, -60.0]), np.array([31.5, 38.0, 44.5, 46.0])
    assert region.covers(lon, lat).tolist() == [True, False, True, False]
    near = region.nearly_covers(lon, lat, reach_lon=0.2, reach_lat=1.0)
    assert near.tolist() == [True, True, True, False]
