"""Repeat orbits against their definition and against the published ephemerides of SWOT."""

from pathlib import Path

import numpy as np
import pytest

from oceanbench.physics import missions
from oceanbench.physics.orbit import EARTH_RADIUS_KM, RepeatOrbit, along_track_distance, unit_vector

ALL = [
    missions.JASON,
    missions.TOPEX_INTERLEAVED,
    missions.GEOSAT,
    missions.ENVISAT,
    missions.SENTINEL_3A,
    missions.SWOT_SCIENCE,
    missions.SWOT_CALVAL,
]
DRIFTING = [
    missions.CRYOSAT_2,
    missions.HY_2A_GEODETIC,
    missions.JASON_2_GEODETIC,
    missions.SARAL_DRIFTING,
]


@pytest.mark.parametrize("orbit", ALL + DRIFTING)
def test_the_track_repeats_after_one_cycle(orbit: RepeatOrbit) -> None:
    time = np.linspace(0, 2e5, 1001)
    now, later = (unit_vector(*orbit.position(t)) for t in (time, time + orbit.cycle_seconds))
    np.testing.assert_allclose(later, now, atol=1e-9)


@pytest.mark.parametrize("orbit", ALL)
def test_a_cycle_has_two_passes_per_revolution_alternately_up_and_down(orbit: RepeatOrbit) -> None:
    time = orbit.node_time + np.arange(0, orbit.cycle_seconds, 20.0)
    cycle, number = orbit.cycle_and_pass(time)
    first = np.flatnonzero(cycle == 0)
    assert np.unique(number).tolist() == list(range(1, 2 * orbit.revolutions + 1))
    assert number[first].max() == orbit.passes_per_cycle
    climbs = orbit.position(time + 0.5)[1] > orbit.position(time - 0.5)[1]
    away = np.abs(np.cos(orbit.angle(time))) > 0.01
    assert np.array_equal(climbs[away], number[away] % 2 == 1)


def test_equator_crossings_are_equidistant_in_longitude() -> None:
    orbit = missions.GEOSAT
    nodes = orbit.node_time + np.arange(orbit.revolutions) * orbit.cycle_seconds / orbit.revolutions
    lon, lat = orbit.position(nodes)
    np.testing.assert_allclose(lat, 0, atol=1e-9)
    np.testing.assert_allclose(np.diff(np.sort(lon % 360)), 360 / orbit.revolutions, atol=1e-8)


def test_swot_reaches_the_latitude_of_its_ephemerides() -> None:
    lat = missions.SWOT_SCIENCE.position(np.arange(0, 6200, 1.0))[1]
    assert lat.max() == pytest.approx(77.663, abs=2e-3)
    assert lat.min() == pytest.approx(-77.663, abs=2e-3)


@pytest.mark.parametrize(
    ("orbit", "name"),
    [
        (missions.SWOT_SCIENCE, "ephemeris_science_sept2015_ell.txt"),
        (missions.SWOT_CALVAL, "ephemeris_calval_june2015_ell.txt"),
    ],
)
def test_swot_stays_within_tens_of_metres_across_its_published_track(
    orbit: RepeatOrbit, name: str, shared: Path
) -> None:
    table = np.loadtxt(shared / "data" / "swot_simulator" / name)
    ours = unit_vector(*orbit.position(table[:, 0]))
    flight = unit_vector(*orbit.position(table[:, 0] + 0.5)) - unit_vector(*orbit.position(table[:, 0] - 0.5))
    flight /= np.linalg.norm(flight, axis=1, keepdims=True)
    error = EARTH_RADIUS_KM * (unit_vector(table[:, 1], table[:, 2]) - ours)
    along = np.sum(error * flight, axis=1)
    across = np.sum(error * np.cross(flight, ours), axis=1)
    assert np.sqrt(np.mean(across**2)) < 1.1 * 0.023
    assert np.abs(across).max() < 1.1 * 0.038
    assert np.sqrt(np.mean(along**2)) < 1.1 * 0.45
    assert np.abs(along).max() < 1.1 * 0.77


def test_swath_pixels_lie_at_their_distance_from_the_ground_point() -> None:
    orbit, across = missions.SWOT_SCIENCE, np.array([-60.0, -10.0, 10.0, 60.0])
    time = np.linspace(0, 6000, 301)
    pixels = unit_vector(*orbit.swath(time, across))
    here = unit_vector(*orbit.position(time))
    distance = EARTH_RADIUS_KM * np.arccos(np.sum(pixels * here[:, None, :], axis=-1))
    np.testing.assert_allclose(distance, np.broadcast_to(np.abs(across), distance.shape), atol=1e-3)


def test_right_of_an_ascending_pass_of_a_prograde_orbit_is_east() -> None:
    orbit = missions.SWOT_SCIENCE
    node = np.array([orbit.node_time])
    lon, _ = orbit.swath(node, np.array([-60.0, 0.0, 60.0]))
    assert (np.diff(lon[0]) > 0).all()


def test_right_of_a_descending_pass_of_a_prograde_orbit_is_west() -> None:
    orbit = missions.SWOT_SCIENCE
    half_turn = np.array([orbit.node_time + orbit.cycle_seconds / orbit.revolutions / 2])
    lon, _ = orbit.swath(half_turn, np.array([-60.0, 0.0, 60.0]))
    assert (np.diff(lon[0]) < 0).all()


def test_equidistant_times_give_equidistant_points() -> None:
    orbit = missions.SWOT_SCIENCE
    times = orbit.equidistant_times(100.0, 400.0, 2.0)
    np.testing.assert_allclose(np.diff(along_track_distance(*orbit.position(times))), 2.0, atol=2e-3)
    assert times[0] == 100.0
    assert 399.0 < times[-1] <= 400.0


def test_longitudes_stay_within_half_a_turn_of_greenwich() -> None:
    lon, _ = missions.ENVISAT.position(np.arange(0, 3e5, 7.0))
    assert lon.min() >= -180
    assert lon.max() < 180


def test_elements_with_a_common_factor_are_refused() -> None:
    with pytest.raises(ValueError, match="254 revolutions in 20 days"):
        RepeatOrbit(254, 20, 19.8, 66.0, 1336.0)


def test_a_spacing_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="spacing 0 km"):
        missions.JASON.equidistant_times(0.0, 10.0, 0)


@pytest.mark.parametrize("orbit", [o for o in ALL + DRIFTING if o not in (missions.SWOT_CALVAL,)])
def test_the_cycle_is_that_of_an_orbit_about_an_oblate_earth_at_its_height(orbit: RepeatOrbit) -> None:
    # secular rates of node and argument of latitude, J2 only (Kaula 1966, Theory of Satellite Geodesy)
    mu, j2, equator, turn = 398600.4418, 1.08262668e-3, 6378.137, 7.2921158553e-5
    cosine = np.cos(np.radians(orbit.inclination))

    def cycle_days(height_km: float) -> float:
        radius = equator + height_km
        mean_motion = np.sqrt(mu / radius**3)
        oblate = 1.5 * j2 * (equator / radius) ** 2
        rate = mean_motion * (1 + oblate * (4 * cosine**2 - 1))
        assert rate * orbit.nodal_days / (turn + oblate * mean_motion * cosine) > 0
        return float(2 * np.pi * orbit.revolutions / rate / 86400)

    # heights quoted by agencies differ by what they are measured from: up to 20 km
    low, high = cycle_days(orbit.altitude_km - 22), cycle_days(orbit.altitude_km + 22)
    assert low < orbit.cycle_days < high


def test_the_tracks_of_a_drifting_satellite_shift_by_a_tenth_of_their_spacing_in_35_days() -> None:
    orbit = missions.SARAL_DRIFTING
    nodes = orbit.node_time + np.array([0, 501]) * orbit.cycle_seconds / orbit.revolutions
    lon, _ = orbit.position(nodes)
    assert abs(lon[1] - lon[0]) == pytest.approx(360 / 5239, rel=1e-9)
    assert np.diff(nodes)[0] / 86400 == pytest.approx(35, abs=0.01)
