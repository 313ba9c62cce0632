"""Structural similarity: 1 for the same, 0 for strangers, below 0 for opposites; local in windows."""

import numpy as np
import pytest

from oceanbench.metrics.denoising import global_similarity, windowed_similarity


def noise(seed: int, shape: tuple[int, int] = (80, 60)) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def inside(field: np.ndarray) -> tuple[slice, slice]:
    """Pixels whose windows are not cut by the corners of the field."""
    return slice(4, len(field) - 4), slice(4, field.shape[1] - 4)


def test_same_field_is_similar_but_for_the_degrees_of_freedom_of_the_covariance() -> None:
    field = noise(1)
    c3 = (0.03 * np.ptp(field)) ** 2 / 2
    expected = (field.var(ddof=1) + c3) / (field.var() + c3)
    assert global_similarity(field, field) == pytest.approx(expected, rel=1e-12)
    assert expected > 1.0


def test_global_similarity_of_a_scaled_field_has_its_closed_form() -> None:
    field, gain = noise(2) + 3.0, 0.6
    c1, c2 = (0.01 * gain * np.ptp(field)) ** 2, (0.03 * gain * np.ptp(field)) ** 2
    mean, var = field.mean(), field.var()
    luminance = (2 * gain * mean**2 + c1) / ((1 + gain**2) * mean**2 + c1)
    contrast = (2 * gain * var + c2) / ((1 + gain**2) * var + c2)
    structure = (gain * field.var(ddof=1) + c2 / 2) / (gain * var + c2 / 2)
    found = global_similarity(field, gain * field)
    assert found == pytest.approx(luminance * contrast * structure, rel=1e-12)


def test_independent_noise_is_not_similar() -> None:
    assert abs(global_similarity(noise(3), noise(4))) < 0.05
    assert abs(np.nanmean(windowed_similarity(noise(3), noise(4), 11))) < 0.05


def test_opposite_field_is_less_than_not_similar() -> None:
    assert global_similarity(noise(5), -noise(5)) < -0.9
    assert np.nanmax(windowed_similarity(noise(5), -noise(5), 11)) <= 0.0
    assert np.nanmean(windowed_similarity(noise(5) + 5.0, 5.0 - noise(5), 11)) < -0.9


def test_official_mean_loses_its_sign_and_the_windowed_one_keeps_it() -> None:
    field = noise(6)
    assert global_similarity(field + 5.0, field - 5.0) > 0.95
    assert np.nanmax(windowed_similarity(field + 5.0, field - 5.0, 11)) == 0.0


def test_exchange_changes_the_official_number_and_not_the_windowed_one() -> None:
    one, two = noise(7) + 0.4, 0.3 * noise(7) + 0.1 * noise(8)
    assert abs(global_similarity(one, two) - global_similarity(two, one)) > 1e-3
    np.testing.assert_allclose(windowed_similarity(one, two, 7), windowed_similarity(two, one, 7), rtol=1e-9)


def test_same_field_is_similar_in_every_window() -> None:
    found = windowed_similarity(noise(9) + 100.0, noise(9) + 100.0, 9)
    np.testing.assert_allclose(found[inside(found)], 1.0, atol=1e-9)


def test_windows_tell_the_part_that_lasts_from_the_part_that_does_not() -> None:
    one, two = noise(10), noise(11)
    two[:, :30] = one[:, :30]
    found = windowed_similarity(one, two, 9)
    np.testing.assert_allclose(found[inside(found)][:, :22], 1.0, atol=1e-9)
    assert abs(found[inside(found)][:, 30:].mean()) < 0.1
    assert 0.4 < global_similarity(one, two) < 0.6


def test_window_sees_only_what_both_fields_have() -> None:
    one, two = noise(12), noise(12)
    one[20:25, 30:40] = np.nan
    two[40, 10] = np.nan
    one[60, 50] = 1e6  # a wild pixel that the other field lacks
    two[60, 50] = np.nan
    found = windowed_similarity(one, two, 9)
    lost = np.isnan(one) | np.isnan(two)
    np.testing.assert_array_equal(np.isnan(found)[inside(found)], lost[inside(found)])
    np.testing.assert_allclose(found[np.isfinite(found)], 1.0, atol=1e-9)


def test_window_less_than_half_full_is_left_out() -> None:
    field = np.full((30, 30), np.nan)
    field[:, 10:13] = noise(13, (30, 3))
    field[:, 20:26] = noise(14, (30, 6))
    found = windowed_similarity(field, field, 9)
    assert np.isnan(found[:, 10:13]).all()
    assert np.isfinite(found[10:20, 22:24]).all()


def test_longer_field_is_cut_officially() -> None:
    field = noise(15)
    longer = np.vstack([field, 1e3 * noise(16, (5, 60))])
    assert (
        global_similarity(field, longer)
        == global_similarity(longer, field)
        == global_similarity(field, field)
    )


def test_fields_with_nothing_in_common_have_no_similarity() -> None:
    left, right = noise(17), noise(17)
    left[:, :30], right[:, 30:] = np.nan, np.nan
    assert np.isnan(global_similarity(left, right))
    assert np.isnan(windowed_similarity(left, right, 5)).all()


def test_flat_fields_have_no_structure_to_be_similar_in() -> None:
    flat = np.full((10, 10), 0.2)
    assert np.isnan(global_similarity(np.zeros((10, 10)), np.zeros((10, 10))))
    assert np.isnan(windowed_similarity(flat, flat, 5)).all()


def test_even_window_is_refused() -> None:
    with pytest.raises(ValueError, match="10 pixels along a side"):
        windowed_similarity(noise(1), noise(2), 10)


def test_windows_of_fields_of_two_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(80, 60\) and \(79, 60\)"):
        windowed_similarity(noise(1), noise(2)[1:], 9)
