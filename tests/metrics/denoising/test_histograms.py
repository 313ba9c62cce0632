"""Histograms of several fields over shared bins."""

import numpy as np
import pytest

from oceanbench.metrics.denoising import histograms


def test_density_of_a_normal_field_is_normal() -> None:
    field = 0.02 * np.random.default_rng(1).standard_normal(200_000)
    found = histograms({"noisy": field}, bins=40)
    expected = np.exp(-((found.centre / 0.02) ** 2) / 2) / (0.02 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(found.density["noisy"], expected, rtol=0.15)
    assert found.density["noisy"].sum() * np.diff(found.centre)[0] == pytest.approx(0.996, abs=1e-4)


def test_missing_values_do_not_count() -> None:
    field = np.random.default_rng(2).standard_normal(1000)
    with_gaps = np.concatenate([field, np.full(500, np.nan)])
    one, two = histograms({"a": field}), histograms({"a": with_gaps})
    np.testing.assert_array_equal(one.density["a"], two.density["a"])


def test_bins_of_equal_ratio_leave_out_zeros() -> None:
    values = np.concatenate([np.zeros(1000), np.geomspace(1e-6, 1e-2, 1000)])
    found = histograms({"a": values}, bins=20, logarithmic=True)
    np.testing.assert_allclose(np.diff(np.log(found.centre)), np.log(found.centre[1] / found.centre[0]))
    np.testing.assert_allclose(
        found.density["a"] * found.centre, found.density["a"][0] * found.centre[0], rtol=0.05
    )


def test_narrow_field_keeps_its_place_among_the_bins_of_a_wide_one() -> None:
    rng = np.random.default_rng(3)
    found = histograms(
        {"wide": rng.standard_normal(5000), "narrow": 0.1 * rng.standard_normal(5000)}, bins=41
    )
    assert found.density["narrow"].max() > 5 * found.density["wide"].max()


def test_fields_without_a_value_have_no_histogram() -> None:
    found = histograms({"a": np.full(5, np.nan)}, bins=4)
    assert np.isnan(found.density["a"]).all()
    assert found.centre.shape == (4,)
