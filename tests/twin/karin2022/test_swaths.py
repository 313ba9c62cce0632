"""The twin's swaths against SWOT's geometry and the real passes of 2022a."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.physics.orbit import EARTH_RADIUS_KM, along_track_distance, unit_vector, wrap
from oceanbench.twin.karin2022 import design
from oceanbench.twin.karin2022.swaths import MEASURED, Swath, swaths

REAL_PASSES = (164, 207, 248, 276, 421, 554)


def distance_km(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray(EARTH_RADIUS_KM * 2 * np.arcsin(np.linalg.norm(one - other, axis=-1) / 2))


@pytest.fixture(scope="module")
def scored() -> list[Swath]:
    return swaths(design.SCORED)


def test_the_scored_cycle_has_a_dozen_passes_of_seven_hundred_lines_or_more(scored: list[Swath]) -> None:
    assert len(scored) == 12
    assert all(700 <= one.seconds.size <= 1500 for one in scored)
    assert {one.number % 2 for one in scored} == {0, 1}  # both directions, so that they cross


def test_lines_and_pixels_are_two_kilometres_apart(scored: list[Swath]) -> None:
    lon, lat = scored[3].position
    along = np.diff(along_track_distance(lon[:, 35], lat[:, 35]))
    np.testing.assert_allclose(along, 2.0, atol=2e-3)
    points = unit_vector(lon, lat)
    across = distance_km(points, points[:, [35]])
    np.testing.assert_allclose(across, np.broadcast_to(np.abs(design.ACROSS_KM), across.shape), atol=1e-3)


def test_karin_measures_from_ten_to_sixty_kilometres_on_each_side() -> None:
    assert np.flatnonzero(MEASURED).tolist() == [*range(5, 31), *range(40, 66)]


@pytest.mark.parametrize(("number", "western"), [(121, 0), (134, 70)])
def test_the_first_pixel_is_left_of_the_flight(number: int, western: int, scored: list[Swath]) -> None:
    lon, lat = next(one for one in scored if one.number == number).position
    assert (np.diff(lat[:, 35]) > 0).all() == (number % 2 == 1)  # odd passes ascend
    assert lon[400].argmin() == western


@pytest.mark.parametrize("number", REAL_PASSES)
def test_a_pass_lies_where_the_real_one_of_its_number_does(number: int, shared: Path) -> None:
    folder = shared / "data" / "odc2022a_karin" / "dc_inputs"
    with xr.open_dataset(folder / design.input_file(13, number)) as real:
        lon, lat = (real[name].to_numpy()[::50] for name in ("longitude", "latitude"))
        equator = float(real.attrs["equator_longitude"])
    half = design.ORBIT.cycle_seconds / design.ORBIT.passes_per_cycle
    time = np.arange((number - 1.5) * half, (number - 0.5) * half, 5.0)
    own = design.ORBIT.swath(time, design.ACROSS_KM)
    assert wrap(np.array([Swath(13, number, time).equator()[1] - equator]))[0] == pytest.approx(0, abs=1e-3)
    for pixel in (0, 35, 70):
        crossing = np.interp(lat[:, pixel], *_ascending(own[1][:, pixel], wrap(own[0][:, pixel] - equator)))
        error_km = wrap(lon[:, pixel] - equator - crossing) * 111.2 * np.cos(np.radians(lat[:, pixel]))
        assert np.abs(error_km).max() < 0.5


def _ascending(lat: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(lat)
    return lat[order], values[order]


def test_the_truth_is_seen_at_sea_but_at_nadir(scored: list[Swath]) -> None:
    coastal = next(one for one in scored if one.number == 134)
    assert not coastal.seen[:, 35].any()
    assert not coastal.seen[coastal.land].any()
    inside = design.REGION.covers(*coastal.position)
    others = np.delete(np.arange(71), 35)
    assert coastal.seen[:, others][(inside & ~coastal.land)[:, others]].all()


def test_the_cycles_share_neither_time_nor_ocean() -> None:
    assert design.SCORED.start - design.TRAINING.start > np.timedelta64(200, "D")
    assert design.SCORED.ocean != design.TRAINING.ocean
    ends = design.TRAINING.start + np.timedelta64(21, "D")
    assert ends < design.SCORED.start
