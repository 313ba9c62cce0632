"""Trilinear sampling of a truth."""

import numpy as np
import pytest
import xarray as xr

from oceanbench.twin.plane import axis
from oceanbench.twin.sampling import Truth

EPOCH = np.datetime64("2012-10-01", "ms")


def linear_truth() -> Truth:
    """A truth that is linear in time, latitude and longitude."""
    lat, lon = axis(31.5, 44.5), axis(-66.5, -53.5)
    time = np.arange(4) * np.timedelta64(6, "h") + np.datetime64("2012-10-01T03", "ns")
    hours = np.arange(3, 27, 6.0)[:, None, None]
    ssh = 0.01 * hours + 0.1 * lat[None, :, None] - 0.2 * lon[None, None, :]
    return Truth(xr.DataArray(ssh, {"time": time, "lat": lat, "lon": lon}), EPOCH)


def test_sampling_is_exact_for_a_truth_linear_in_time_and_space() -> None:
    rng = np.random.default_rng(2)
    hours, lat, lon = rng.uniform(3, 21, 500), rng.uniform(31.5, 44.5, 500), rng.uniform(-66.5, -53.5, 500)
    sampled = linear_truth().sample(hours * 3600, lon, lat)
    np.testing.assert_allclose(sampled, 0.01 * hours + 0.1 * lat - 0.2 * lon, atol=1e-10)


def test_nothing_is_sampled_outside_the_truth() -> None:
    lon, lat = np.array([-60.0, -66.6, -60.0]), np.array([38.0, 38.0, 44.6])
    assert np.isnan(linear_truth().sample(np.full(3, 3e4), lon, lat)).tolist() == [False, True, True]


def test_a_truth_with_a_gap_is_refused() -> None:
    time = np.array(["2012-10-01", "2012-10-02", "2012-10-04"], "datetime64[ns]")
    heights = xr.DataArray(np.zeros((3, 2, 2)), {"time": time, "lat": [31.5, 31.6], "lon": [-66.5, -66.4]})
    with pytest.raises(ValueError, match="not equidistant"):
        Truth(heights, EPOCH)
