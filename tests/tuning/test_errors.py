"""Sums over blocks of days: scores, their error, the zonal resolution."""

import numpy as np
import pytest

from oceanbench.tuning._errors import (
    Errors,
    ZonalPower,
    blocks_of_days,
    join,
    resampled,
    root_mean,
    sums_by_block,
    zonal_power,
)

DAY0 = np.datetime64("2011-05-01T12", "ns")


def test_blocks_are_six_days_long_whatever_the_step_of_the_maps() -> None:
    times = DAY0 + np.timedelta64(1, "D") * np.array([0, 2, 5, 6, 17, 30])
    assert blocks_of_days(times).tolist() == [0, 0, 0, 1, 2, 3]


def test_sums_leave_out_points_without_a_reference() -> None:
    error, reference = np.array([0.1, 0.2, np.nan, 0.3]), np.array([1.0, 2.0, np.nan, np.nan])
    sums = sums_by_block(error, reference, np.array([0, 1, 1, 1]))
    assert sums.points.tolist() == [1, 1]
    np.testing.assert_allclose(sums.squared, [0.01, 0.04])
    np.testing.assert_allclose(sums.reference, [1.0, 4.0])


def test_a_map_that_is_missing_where_it_is_scored_is_refused() -> None:
    with pytest.raises(ValueError, match="missing at 1 of 2 scored points"):
        sums_by_block(np.array([np.nan, 0.1]), np.array([1.0, 1.0]), np.array([0, 0]))


def test_joined_sums_give_the_root_mean_square_of_all_points() -> None:
    parts = [Errors(np.array([n]), np.array([n * e**2]), np.ones(1)) for n, e in ((100.0, 0.1), (300.0, 0.2))]
    both = join(parts)
    assert root_mean(both.squared, both.points) == pytest.approx(np.sqrt((0.01 + 3 * 0.04) / 4))


def test_the_standard_error_is_that_of_a_mean_of_independent_blocks() -> None:
    squared = np.random.default_rng(5).normal(1.0, 0.1, 400)
    spread = np.std(resampled(squared, np.ones(400)))
    assert spread == pytest.approx(0.5 * np.std(squared) / np.sqrt(400), rel=0.1)  # of a root: half


def test_paired_differences_feel_only_what_differs() -> None:
    squared, points = np.random.default_rng(5).uniform(0.5, 1.5, 20), np.ones(20)
    one, other = resampled(squared, points), resampled(1.21 * squared, points)
    np.testing.assert_allclose(other, 1.1 * one)


def test_fewer_than_four_blocks_have_no_standard_error() -> None:
    assert np.isnan(resampled(np.ones(3), np.ones(3))).all()


def test_the_zonal_resolution_is_where_the_error_holds_half_of_the_power() -> None:
    wavenumber = np.arange(6) * 0.1
    error, truth = np.array([0.0, 0.0, 0.25, 0.75, 1.0, 1.0]), np.ones(6)
    power = ZonalPower(wavenumber, error, truth)
    assert power.resolution == pytest.approx(1 / 0.25)


def test_a_wave_of_the_truth_has_its_power_at_its_wavenumber_and_rows_with_land_have_none() -> None:
    lon = 0.25 * np.arange(40)
    truth = np.full((2, 3, 40), np.nan)
    truth[:, 1:, 4:36] = np.cos(2 * np.pi * 0.5 * lon[4:36])  # a wave of 2 degrees over 8 degrees
    truth[:, 2, 20] = np.nan
    power, half = zonal_power(0.1 * truth, truth, lon), zonal_power(truth[:1], truth[:1], lon)
    assert power is not None
    assert half is not None
    assert power.wavenumber[power.truth.argmax()] == 0.5
    np.testing.assert_allclose(power.error, 0.01 * power.truth, atol=1e-12)
    assert power.truth.sum() == pytest.approx(2 * np.asarray(half.truth).sum())
    assert zonal_power(truth, np.where(lon == lon[20], np.nan, truth), lon) is None


def test_nothing_is_resolved_where_the_error_is_the_truth() -> None:
    assert np.isnan(ZonalPower(np.arange(6) * 0.1, np.ones(6), np.ones(6)).resolution)
