"""Currents on a swath: closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceanbench.metrics.swath import PassFields, SwathStatistics, pass_statistics, swath_derivatives

POSTING_M = 2000.0
G, ROTATION = 9.81, 7.2921159e-5


def coriolis(lat: float) -> float:
    return float(2 * ROTATION * np.sin(np.radians(lat)))


@given(st.floats(0.02, 0.5), st.floats(0.02, 0.5), st.floats(-60.0, -10.0))
def test_a_plane_wave_has_the_speed_and_vorticity_of_its_differences(k: float, m: float, lat: float) -> None:
    a, c = np.arange(40.0)[:, None], np.arange(12.0)
    ssh = 0.1 * np.cos(k * a + m * c)
    derived = swath_derivatives(ssh, np.full(ssh.shape, lat), POSTING_M)
    inner = np.s_[2:-2, 2:-2]
    f = coriolis(lat)
    slope = 0.1 * np.sin(k * a + m * c) / POSTING_M
    vorticity = -G / f**2 * ssh * (np.sin(k) ** 2 + np.sin(m) ** 2) / POSTING_M**2
    np.testing.assert_allclose(derived.v[inner], (-G / f * slope * np.sin(k))[inner], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(derived.u[inner], (G / f * slope * np.sin(m))[inner], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        derived.vorticity[inner], vorticity[inner], rtol=1e-7, atol=1e-9 / f**2 * 1e-10
    )
    np.testing.assert_allclose(derived.speed, np.hypot(derived.u, derived.v), rtol=1e-12)


def test_a_paraboloid_has_the_vorticity_of_its_curvature_up_to_the_edges() -> None:
    a, c = POSTING_M * np.arange(9.0)[:, None], POSTING_M * np.arange(7.0)
    ssh = 1e-10 * (3 * a**2 + c**2) + 1e-5 * a
    derived = swath_derivatives(ssh, np.full(ssh.shape, 40.0), POSTING_M)
    np.testing.assert_allclose(derived.vorticity, G / coriolis(40.0) ** 2 * 8e-10, rtol=1e-9)


def test_beside_a_missing_pixel_there_is_no_current_and_two_pixels_away_no_vorticity() -> None:
    ssh = np.zeros((9, 9))
    ssh[4, 4] = np.nan
    derived = swath_derivatives(ssh, np.full(ssh.shape, 30.0), POSTING_M)
    assert np.argwhere(np.isnan(derived.speed)).tolist() == [[3, 4], [4, 3], [4, 5], [5, 4]]
    assert np.argwhere(np.isnan(derived.vorticity)).tolist() == [[2, 4], [4, 2], [4, 4], [4, 6], [6, 4]]


def test_near_the_equator_the_coriolis_parameter_is_bounded_and_on_it_there_is_no_current() -> None:
    ssh = np.tile(0.001 * np.arange(5.0)[:, None], (1, 5))
    lat = np.repeat(np.array([0.0, 1e-9, -1e-9, 1.0, 2.0])[:, None], 5, axis=1)
    derived = swath_derivatives(ssh, lat, POSTING_M)
    assert np.isnan(derived.speed[0]).all()
    np.testing.assert_allclose(derived.v[1], G / 1e-8 * 0.001 / POSTING_M, rtol=1e-9)
    np.testing.assert_allclose(derived.v[2], -derived.v[1], rtol=1e-12)


def test_fewer_than_three_lines_have_no_derivative() -> None:
    derived = swath_derivatives(np.zeros((2, 8)), np.full((2, 8), 30.0), POSTING_M)
    assert np.isnan(derived.speed).all()
    assert np.isnan(derived.vorticity).all()


def test_many_fields_of_one_swath_are_differentiated_at_once() -> None:
    fields = np.random.default_rng(2).standard_normal((3, 8, 6))
    lat = 20.0 + 0.1 * np.arange(48.0).reshape(8, 6)
    together = swath_derivatives(fields, lat, POSTING_M)
    for index, field in enumerate(fields):
        alone = swath_derivatives(field, lat, POSTING_M)
        for got, wanted in zip(together, alone, strict=True):
            np.testing.assert_array_equal(got[index], wanted)


@pytest.mark.parametrize("lat", [30.0, 50.0])
def test_white_noise_gives_the_errors_of_speed_and_vorticity_that_theory_says(lat: float) -> None:
    sigma, shape = 0.0118, (3000, 40)
    noise = sigma * np.random.default_rng(4).standard_normal(shape)
    noise[:, [0, -1]] = np.nan  # no one-sided differences, which are noisier
    nothing, everywhere = np.zeros(shape), np.ones(shape, dtype=bool)
    place = np.full(shape, lat)
    fields = PassFields(nothing, noise, noise, place, place, everywhere, everywhere)
    robust = SwathStatistics.combine([pass_statistics(fields)]).robust()
    f = coriolis(lat)
    velocity = G * sigma / (f * POSTING_M)  # both components together
    vorticity = np.sqrt(20) / 4 * G * sigma / (f * POSTING_M) ** 2
    assert robust["rmse.velocity.global"].value == pytest.approx(velocity, rel=0.02)
    assert robust["rmse.speed.global"].value == pytest.approx(velocity, rel=0.02)
    assert robust["rmse.vorticity.global"].value == pytest.approx(vorticity, rel=0.02)


def test_an_impossible_posting_or_latitude_is_refused() -> None:
    with pytest.raises(ValueError, match=r"posting_m is 0"):
        swath_derivatives(np.zeros((4, 4)), np.zeros((4, 4)), 0.0)
    with pytest.raises(ValueError, match=r"\(4,\)"):
        swath_derivatives(np.zeros((4, 4)), np.zeros(4), 2000.0)
