"""Spectra of runs without a gap: how runs are counted, and the power they tell."""

import numpy as np
import pytest

from oceanbench.metrics.denoising import contiguous_runs, run_spectrum, squared_gradient, unit_laplacian


def test_run_restarts_when_it_is_full_and_when_it_meets_a_gap() -> None:
    column = np.arange(14.0)
    column[5] = np.nan  # leaves 5 and 8 pixels
    runs = contiguous_runs(column[:, None], 4)
    assert runs.tolist() == [[0, 1, 2, 3], [6, 7, 8, 9], [10, 11, 12, 13]]


def test_run_goes_on_in_the_next_column() -> None:
    field = np.arange(12.0).reshape(3, 4).T  # columns 0..3, 4..7, 8..11
    assert contiguous_runs(field, 6).tolist() == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]


def test_columns_without_any_value_are_left_out_before_the_columns_are_joined() -> None:
    field = np.arange(12.0).reshape(3, 4).T
    nothing = np.full((4, 1), np.nan)
    whole = np.hstack([field[:, :1], nothing, field[:, 1:], nothing])
    np.testing.assert_array_equal(contiguous_runs(whole, 6), contiguous_runs(field, 6))


def test_column_with_a_single_value_does_break_a_run() -> None:
    field = np.full((4, 3), np.nan)
    field[:, 0], field[:, 2] = np.arange(4.0), np.arange(4.0, 8.0)
    assert len(contiguous_runs(field[:, [0, 2]], 8)) == 1
    field[2, 1] = 9.0
    assert len(contiguous_runs(field, 8)) == 0


def test_no_run_has_no_spectrum() -> None:
    spectrum = run_spectrum(np.full((10, 4), np.nan), 8, 2.0)
    assert spectrum.runs == 0
    assert np.isnan(spectrum.density).all()
    np.testing.assert_allclose(spectrum.wavenumber, [0.0, 0.0625, 0.125, 0.1875])


def test_power_of_a_sine_is_half_its_square_at_its_wavenumber() -> None:
    wave = 0.3 * np.sin(2 * np.pi * np.arange(64) / 16)[:, None] + np.full(5, 7.0)
    spectrum = run_spectrum(wave, 64, 2.0)
    assert spectrum.runs == 5
    assert spectrum.wavenumber[spectrum.density.argmax()] == pytest.approx(1 / 32)
    assert spectrum.density.sum() / 128 == pytest.approx(0.3**2 / 2, rel=1e-9)


def test_white_noise_is_flat_at_twice_its_variance_times_the_posting() -> None:
    field = 0.015 * np.random.default_rng(2).standard_normal((6400, 10))
    spectrum = run_spectrum(field, 64, 2.0)
    np.testing.assert_allclose(spectrum.density[2:], 2 * 0.015**2 * 2.0, rtol=0.2)
    assert spectrum.wavenumber[-1] < 0.25


def test_run_of_three_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="runs of 3 pixels"):
        run_spectrum(np.zeros((10, 4)), 3, 2.0)


def test_gradient_of_a_plane_is_its_slope_and_vanishes_at_the_far_edges() -> None:
    plane = 0.3 * np.arange(5.0)[:, None] + 0.4 * np.arange(4.0)
    found = squared_gradient(plane)
    np.testing.assert_allclose(found[:-1, :-1], 0.25)
    np.testing.assert_allclose([found[-1, 0], found[0, -1], found[-1, -1]], [0.16, 0.09, 0.0], atol=1e-15)


def test_laplacian_is_the_negative_adjoint_of_the_gradient() -> None:
    one, two = np.random.default_rng(3).standard_normal((2, 7, 6))
    products = [np.sum(np.diff(one, axis=k) * np.diff(two, axis=k)) for k in (0, 1)]
    assert np.sum(one * unit_laplacian(two)) == pytest.approx(-sum(products), rel=1e-12)


def test_laplacian_of_a_parabola_is_its_curvature_inside() -> None:
    bowl = 0.1 * (np.arange(7.0)[:, None] ** 2 + np.arange(6.0) ** 2)
    np.testing.assert_allclose(unit_laplacian(bowl)[1:-1, 1:-1], 0.4)


def test_missing_pixel_takes_its_neighbours_with_it() -> None:
    field = np.zeros((5, 5))
    field[2, 2] = np.nan
    assert np.isnan(squared_gradient(field)).sum() == 3
    assert np.isnan(unit_laplacian(field)).sum() == 5
