"""The statistics of fields in closed form."""

import numpy as np
import pytest

from oceanbench.twin import height_statistics as stats


def slope_of_one(lat: np.ndarray, lon: np.ndarray, *, u: float, v: float) -> np.ndarray:
    """Heights whose geostrophic flow is u, v (m/s) on the parallel of 38 N."""
    f = 2 * stats.EARTH_ROTATION * np.sin(np.radians(38))
    metre = np.radians(1) * stats.EARTH_RADIUS
    north, east = (lat - 38) * metre, lon * metre * np.cos(np.radians(38))
    return np.asarray(f / stats.GRAVITY * (v * east[None, :] - u * north[:, None]))


def test_geostrophic_flow_has_its_speed_and_sign() -> None:
    lat, lon = 38 + np.arange(-2, 3) * 0.1, np.arange(5) * 0.1
    u, v = stats.geostrophic_velocity(slope_of_one(lat, lon, u=0.5, v=-0.2), lat, lon)
    np.testing.assert_allclose(u[2], 0.5)
    np.testing.assert_allclose(v[2], -0.2)


def test_kinetic_energy_is_half_the_squared_speed() -> None:
    lat, lon = 38 + np.arange(-2, 3) * 1e-3, np.arange(5) * 1e-3
    energy = stats.kinetic_energy(slope_of_one(lat, lon, u=0.3, v=0.4), lat, lon)
    assert energy == pytest.approx(0.5 * 0.25 * 1e4, rel=1e-3)


def test_rossby_number_of_a_parabolic_eddy_is_its_vorticity_over_f() -> None:
    lat, lon = 38 + np.arange(-40, 41) * 0.01, np.arange(-40, 41) * 0.01
    metre = np.radians(1) * stats.EARTH_RADIUS
    square = ((lat - 38)[:, None] * metre) ** 2 + (lon[None, :] * metre * np.cos(np.radians(38))) ** 2
    curvature = 2e-10  # height = curvature r^2, so vorticity = 4 g curvature / f
    f = 2 * stats.EARTH_ROTATION * np.sin(np.radians(38))
    heights = curvature * square
    inner = stats.rossby_number(heights, lat, lon)
    assert inner == pytest.approx(4 * stats.GRAVITY * curvature / f**2, rel=0.06)


def test_autocorrelation_of_a_slow_wave_is_its_cosine() -> None:
    time = np.arange(4 * 400) / 4
    anomaly = np.cos(2 * np.pi * (time[:, None, None] / 40 + np.arange(8)[None, None, :] / 8))
    expected = [np.cos(2 * np.pi * lag / 40) for lag in (1, 3, 20)]
    np.testing.assert_allclose(stats.autocorrelation(anomaly, [4, 12, 80]), expected, atol=1e-9)


@pytest.mark.parametrize("axis", [1, 2])
def test_spectra_of_the_box_integrate_to_the_variance_of_a_wave(axis: int) -> None:
    lat, lon = 38 + np.arange(-60, 60) * 0.1, np.arange(120) * 0.1
    phase = 2 * np.pi * 12 * np.arange(120) / 120
    rows = 0.2 * np.sqrt(2) * np.cos(phase)
    heights = np.broadcast_to(rows[:, None] if axis == 1 else rows, (3, 120, 120))
    wavenumber, density = stats.box_spectrum(heights, lat, lon, axis=axis)
    assert np.sum(density) * wavenumber[0] == pytest.approx(0.04, rel=1e-6)
    assert np.argmax(density) == 11
