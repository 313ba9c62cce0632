"""Maps of along-track errors on whole degrees."""

import numpy as np
import pytest

from oceanbench.metrics.binning import binned_difference


def test_samples_go_to_the_nearest_degree_round_the_globe() -> None:
    maps = binned_difference(
        np.zeros(5), np.arange(1.0, 6.0), [-180, 179.6, 10.4, 10.5, -0.2], [0, 0, 89.7, 90, -90]
    )
    assert maps["mean"].sel(lat=0, lon=-180).item() == 1.5
    assert maps["mean"].sel(lat=90, lon=10).item() == 3
    assert maps["mean"].sel(lat=90, lon=11).item() == 4
    assert maps["mean"].sel(lat=-90, lon=0).item() == 5
    assert maps["count"].sum().item() == 5
    assert maps["mean"].notnull().sum().item() == 4


def test_cell_statistics_are_those_of_its_samples_without_missing_ones() -> None:
    difference = np.array([0.1, -0.3, 0.5, np.nan])
    maps = binned_difference(np.ones(4), 1 + difference, np.full(4, -60.2), np.full(4, 38.1)).sel(
        lat=38, lon=-60
    )
    assert maps["mean"].item() == pytest.approx(np.nanmean(difference))
    assert maps["variance"].item() == pytest.approx(np.nanvar(difference))
    assert maps["rmse"].item() == pytest.approx(np.sqrt(np.nanmean(difference**2)))
    assert maps["count"].item() == 3


def test_no_sample_gives_empty_maps() -> None:
    maps = binned_difference([], [], [], [])
    assert maps["count"].sum().item() == 0
    assert maps["rmse"].isnull().all()
