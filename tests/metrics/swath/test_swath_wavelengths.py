"""Readings of the wavelength at which noise meets signal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceanbench.metrics.swath import wavelength_of_ratio, wavelength_snr1_official
from oceanbench.metrics.swath._wavelengths import resolved_wavelengths

BINS = np.arange(9) / 100.0


def test_the_robust_wavelength_is_the_first_rise_and_the_official_one_the_longest_crossing() -> None:
    ratio = [0.1, 0.1, 0.2, 1.8, 0.2, 0.2, 3.0, 3.0, 3.0]
    half_way = np.exp(-0.5 * (np.log(0.02) + np.log(0.03)))
    assert wavelength_of_ratio(ratio, BINS) == pytest.approx(half_way)
    assert wavelength_snr1_official(ratio, BINS) == pytest.approx(half_way)
    large_scales_lost = [9.0, 9.0, 0.2, 0.2, 0.2, 1.8, 3.0, 3.0, 3.0]
    assert wavelength_of_ratio(large_scales_lost, BINS) == pytest.approx(1 / np.sqrt(0.04 * 0.05))
    assert wavelength_snr1_official(large_scales_lost, BINS) > 50


def test_the_level_may_be_any_and_a_bin_on_it_is_the_answer() -> None:
    ratio = [0.0, 0.1, 0.3, 0.5, 0.8, 1.0, 2.0, 3.0, 4.0]
    assert wavelength_of_ratio(ratio, BINS, 0.5) == pytest.approx(1 / 0.03)
    assert wavelength_of_ratio(ratio, BINS) == pytest.approx(1 / 0.05)


@pytest.mark.parametrize(
    "ratio",
    [np.full(9, 0.2), np.full(9, 2.0), np.full(9, np.nan), [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 0.5]],
)
def test_without_a_rise_there_is_no_robust_wavelength(ratio: list[float]) -> None:
    assert np.isnan(wavelength_of_ratio(ratio, BINS))


def test_a_missing_or_infinite_ratio_is_not_below() -> None:
    for beyond in (np.nan, np.inf):
        ratio = [0.1, 0.1, 0.1, beyond, 0.1, 0.1, 0.1, 0.1, 0.1]
        assert wavelength_of_ratio(ratio, BINS) == pytest.approx(1 / 0.02)


@given(st.floats(0.3, 3.0), st.floats(0.5, 4.0))
def test_a_power_law_is_crossed_where_it_equals_the_level(level: float, slope: float) -> None:
    bins = np.linspace(0.0, 0.25, 2001)
    with np.errstate(divide="ignore"):
        ratio = (bins / 0.05) ** slope
    wanted = 1 / (0.05 * level ** (1 / slope))
    if wanted > 4.1:
        assert wavelength_of_ratio(ratio, bins, level) == pytest.approx(wanted, rel=2e-3)


def test_too_few_bins_have_no_wavelength() -> None:
    assert np.isnan(wavelength_of_ratio([0.5], [0.0]))
    assert np.isnan(wavelength_of_ratio([], []))
    assert wavelength_snr1_official([], []) == 1000.0


def test_many_ratios_are_read_at_once() -> None:
    ratio = np.exp(np.random.default_rng(7).standard_normal((40, 9)) + np.linspace(-2, 2, 9))
    together = resolved_wavelengths(ratio, BINS, 1.0)
    alone = [wavelength_of_ratio(row, BINS) for row in ratio]
    np.testing.assert_array_equal(np.where(together == 0, np.nan, together), alone)
