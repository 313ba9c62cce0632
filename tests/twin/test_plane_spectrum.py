"""Spectra on the periodic plane against fields whose spectrum is known."""

import numpy as np
import pytest

from oceanbench.twin.plane_spectrum import azimuthal_spectrum, spectral_slope


def test_the_density_of_a_wave_integrates_to_its_variance_at_its_wavenumber() -> None:
    x = np.arange(64) / 64
    field = np.sqrt(2) * 0.3 * np.cos(2 * np.pi * (3 * x[None, :] + 4 * x[:, None]))
    wavenumber, density = azimuthal_spectrum(field, 640.0)
    assert density.sum() * (wavenumber[1] - wavenumber[0]) == pytest.approx(0.09)
    assert wavenumber[np.argmax(density)] == pytest.approx(5 / 640)


def test_a_white_field_has_slope_one() -> None:
    fields = np.random.default_rng(1).standard_normal((20, 128, 128))
    slope = spectral_slope(*azimuthal_spectrum(fields, 1024.0), shortest_km=20, longest_km=300)
    assert slope == pytest.approx(1, abs=0.05)


def test_a_power_law_has_its_own_slope() -> None:
    wavenumber = np.arange(1, 100) / 1000
    assert spectral_slope(wavenumber, wavenumber**-4.7, shortest_km=20, longest_km=500) == pytest.approx(-4.7)


def test_a_band_with_too_few_wavenumbers_is_refused() -> None:
    with pytest.raises(ValueError, match="2 wavenumbers between 400 and 500 km"):
        spectral_slope(np.array([0.001, 0.0021, 0.0024]), np.ones(3), shortest_km=400, longest_km=500)
