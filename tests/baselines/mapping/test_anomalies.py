"""What every method that maps anomalies gets and gives, shown by the simplest of them: zero anomaly."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import xarray as xr

from oceanbench.methods import DAILY_MEAN, run_method
from oceanbench.observations import assemble
from oceanbench_baselines.mapping._anomalies import AnomalyMapping, Heights, Maps, Target

START = np.datetime64("2012-10-21T00:00:00", "ns")


@dataclass(frozen=True)
class Still(AnomalyMapping):
    """The mean height, and what it was given."""

    seen: list[Any] = field(default_factory=list, compare=False)

    def _map(self, heights: Heights, target: Target) -> Maps:
        self.seen.append((heights, target))
        error = np.full(target.shape, 0.1) if self.error else None
        return Maps(np.zeros(target.shape), error, notes={"iterations": 3})


def grid(lon: Any = (-61.0, -60.0, -59.0), lat: Any = (37.0, 38.0, 39.0)) -> xr.Dataset:
    times = START + np.arange(2) * np.timedelta64(1, "D")
    return xr.Dataset(
        coords={"time": times.astype("datetime64[ns]"), "lat": np.array(lat), "lon": np.array(lon)}
    )


def observed(lon: Any, lat: Any, ssh: Any, hours: Any = None, **attributes: Any) -> xr.Dataset:
    count = np.size(ssh)
    hours = np.arange(count) * 2.0 if hours is None else np.asarray(hours)
    times = START + (hours * 3600e9).astype("timedelta64[ns]")
    return assemble(times, lon, lat, ssh, missions=["Jason-1"], lines=[count]).assign_attrs(attributes)


def mean() -> xr.DataArray:
    lat, lon = np.arange(30.0, 46.0), np.arange(-70.0, -49.0)
    heights = np.broadcast_to(0.1 * (lat[:, None] - 38.0), (lat.size, lon.size))
    return xr.DataArray(heights, coords={"lat": lat, "lon": lon}, dims=("lat", "lon"))


def seen(method: Still, observations: xr.Dataset, where: xr.Dataset) -> tuple[Heights, xr.Dataset]:
    result = run_method(method, observations, where, mean=mean())
    return method.seen[-1][0], result


def test_observations_become_anomalies_about_the_given_mean_and_the_map_gets_it_back() -> None:
    method = Still(thin_lines=1)
    heights, result = seen(method, observed([-60.5, -59.5], [38.0, 39.0], [0.05, 0.2]), grid())
    np.testing.assert_allclose(heights.anomaly, [0.05, 0.1])
    np.testing.assert_allclose(heights.mean, [0.0, 0.1])
    np.testing.assert_allclose(result["ssh"][0, :, 0], [-0.1, 0.0, 0.1])
    assert result["ssh"].attrs["mean_height"] == "given"
    assert result["ssh"].attrs["iterations"] == 3


def test_without_a_given_mean_a_surface_is_fitted_and_the_map_says_so() -> None:
    result = run_method(Still(thin_lines=1), observed([-60.5, -59.5], [38.0, 38.5], [0.4, 0.4]), grid())
    np.testing.assert_allclose(result["ssh"], 0.4, atol=0.01)
    assert result["ssh"].attrs["mean_height"] == "fitted to the observations"


def test_mean_none_leaves_heights_as_they_are() -> None:
    heights, result = seen(Still(thin_lines=1, mean="none"), observed([-60.5], [39.0], [0.4]), grid())
    assert heights.anomaly.tolist() == [0.4]
    assert not result["ssh"].any()


def test_only_observations_within_reach_come_in_and_in_order_of_time() -> None:
    far = observed([-60.0, -60.0, -50.0, -60.0], [38.0, 38.5, 38.0, 60.0], [1.0, 2.0, 3.0, 4.0], [5, 1, 2, 3])
    heights, _ = seen(Still(thin_lines=1, mean="none"), far, grid())
    assert heights.anomaly.tolist() == [2.0, 1.0]
    np.testing.assert_allclose(heights.days, [1 / 24, 5 / 24])


def test_longitudes_follow_a_grid_that_crosses_the_date_line() -> None:
    heights, _ = seen(
        Still(thin_lines=1, mean="none"),
        observed([179.0, -179.0], [38.0, 38.0], [1.0, 2.0]),
        grid(lon=[178.0, 180.0, 182.0]),
    )
    assert heights.lon.tolist() == [179.0, 181.0]


def test_errors_are_instrument_and_representativity_and_free_observations_have_only_the_latter() -> None:
    method = Still(thin_lines=1, representativity=0.03)
    noisy, _ = seen(method, observed([-60.0], [38.0], [0.1]), grid())
    free, _ = seen(method, observed([-60.0], [38.0], [0.1], error_free=True), grid())
    np.testing.assert_allclose(noisy.variance, 0.0175**2 + 0.03**2)
    np.testing.assert_allclose(free.variance, 0.03**2)
    assert (noisy.error_free, free.error_free) == (False, True)


def test_a_map_that_stands_for_a_day_is_made_for_its_noon() -> None:
    method = Still(thin_lines=1, mean="none")
    seen(method, observed([-60.0], [38.0], [0.1], hours=[15.0]), grid().assign_attrs(each_map=DAILY_MEAN))
    heights, target = method.seen[-1]
    np.testing.assert_allclose(heights.days, 3 / 24)
    assert target.days.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("axis", ["lat", "lon", "time"])
def test_an_axis_that_does_not_ascend_is_refused(axis: str) -> None:
    turned = grid().isel({axis: slice(None, None, -1)})
    with pytest.raises(ValueError, match=f"{axis} of the target grid is not ascending"):
        Still()(observed([-60.0], [38.0], [0.1]), turned)


def test_currents_on_one_node_are_refused_before_the_work() -> None:
    method = Still(currents=True)
    with pytest.raises(ValueError, match="currents are asked for on a grid of one row"):
        method(observed([-60.0], [38.0], [0.1]), grid(lat=[38.0]))
    assert not method.seen


def test_a_map_without_observations_says_that_it_is_the_mean() -> None:
    result = Still()(observed([0.0], [38.0], [0.1]), grid(), mean=mean())
    assert result["ssh"].attrs["comment"] == "no observation is in reach: the map is the mean height"


def test_currents_and_formal_errors_come_when_asked_for() -> None:
    plain = run_method(Still(), observed([-60.0], [38.0], [0.1]), grid(), mean=mean())
    assert set(plain.data_vars) == {"ssh"}
    rich = run_method(Still(error=True, currents=True), observed([-60.0], [38.0], [0.1]), grid(), mean=mean())
    assert set(rich.data_vars) == {"ssh", "ssh_error", "ugos", "vgos"}
    slope = 0.1 / np.deg2rad(6.371e6)
    expected = -9.81 / (2 * 7.2921e-5 * np.sin(np.deg2rad(38.0))) * slope
    np.testing.assert_allclose(rich["ugos"][0, 1], expected, rtol=1e-6)
    np.testing.assert_allclose(rich["vgos"], 0.0, atol=1e-12)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"thin_lines": 0}, "thin_lines of Still is 0"),
        ({"swath_cell_km": 0.0}, "swath_cell_km of Still is 0.0"),
        ({"representativity": -1.0}, "representativity of Still is -1.0"),
        ({"instrument": -1.0}, "instrument of Still is -1.0"),
        ({"mean": "other"}, "mean of Still is 'other'"),
        ({"workers": -1}, "workers of Still is -1"),
    ],
)
def test_parameters_that_mean_nothing_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Still(**wrong)


def test_heights_that_are_no_numbers_are_refused_with_the_cure() -> None:
    with pytest.raises(ValueError, match="1 of 2 observations have no finite 'ssh'; drop them first"):
        run_method(Still(thin_lines=2), observed([-60.0, -60.1], [38.0, 38.1], [0.1, np.nan]), grid())
