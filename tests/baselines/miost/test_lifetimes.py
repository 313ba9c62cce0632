"""Lifetimes of bands: recovered from fields that were drawn with known ones."""

import dataclasses

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from numpy.typing import NDArray

from oceanbench_baselines.mapping._plane import Plane
from oceanbench_baselines.miost import Miost, fit_lifetimes
from oceanbench_baselines.miost._lifetimes import power_law
from oceanbench_baselines.miost._method import _CHOSEN
from oceanbench_baselines.miost._wave_packets import Axis, Packets, directions
from oceanbench_baselines.miost.fit import fit_prior, main

type Floats = NDArray[np.float64]

LENGTHS = np.array([100.0, 200.0, 400.0])
VARIANCES = (0.0004, 0.003, 0.02)
TRUE = np.array([2.0, 5.0, 11.0])


def drawn(count: int = 160, lifetimes: Floats = TRUE, step: float = 1.0) -> xr.DataArray:
    """Fields ``step`` days apart, drawn from bands of these lifetimes."""
    lat, lon = 38.0 + 0.2 * np.arange(46), -60.0 + 0.25 * np.arange(46)
    plane = Plane(float(lon.mean()), float(lat.mean()))
    x, y, days = plane.x(lon), plane.y(lat), step * np.arange(count)
    random, fields = np.random.default_rng(0), np.zeros((count, 46, 46))
    for length, variance, lifetime in zip(LENGTHS, VARIANCES, lifetimes, strict=True):
        half, k, theta = 1.75 * length, 2 * np.pi / length, directions(3.5)
        space = [Axis.covering(at[0], at[-1], half, 2.0) for at in (x, y)]
        axes = (space[0], space[1], Axis.covering(days[0], days[-1], lifetime, 2.0))
        packets = Packets.with_variance(axes, (k * np.cos(theta), k * np.sin(theta)), variance)
        fields += packets.maps(random.standard_normal(packets.size), x, y, days)
    time = np.datetime64("2011-01-01T12", "ns") + (days * 86_400e9).astype("timedelta64[ns]")
    return xr.DataArray(fields, dims=("time", "lat", "lon"), coords={"time": time, "lat": lat, "lon": lon})


@pytest.fixture(scope="module")
def fields() -> xr.DataArray:
    return drawn()


def test_lifetimes_of_drawn_fields_are_recovered(fields: xr.DataArray) -> None:
    found = fit_lifetimes(fields, LENGTHS, mean=xr.zeros_like(fields[0]))
    assert found.by_band == pytest.approx(TRUE, rel=0.15)


def test_long_lifetimes_of_short_waves_are_not_taken_for_those_of_their_neighbours() -> None:
    turned = drawn(lifetimes=TRUE[::-1])
    found = fit_lifetimes(turned, LENGTHS, mean=xr.zeros_like(turned[0]))
    assert found.by_band == pytest.approx(TRUE[::-1], rel=0.2)
    assert found.lifetime_exponent < -0.8


def test_lifetimes_are_days_whatever_the_spacing_of_the_fields() -> None:
    slower = drawn(lifetimes=2.0 * TRUE, step=2.0)
    once = fit_lifetimes(drawn(), LENGTHS)
    twice = fit_lifetimes(slower, LENGTHS, longest_lag_days=20.0)
    assert twice.by_band == pytest.approx(2.0 * np.array(once.by_band), rel=1e-3)


def test_lifetimes_do_not_depend_on_the_size_of_the_heights(fields: xr.DataArray) -> None:
    assert fit_lifetimes(3.0 * fields, LENGTHS).by_band == pytest.approx(
        fit_lifetimes(fields, LENGTHS).by_band, rel=1e-4
    )


def test_a_law_between_bounds_is_found_from_its_own_values() -> None:
    law = Miost(lifetime_days=7.0, lifetime_exponent=1.2, shortest_lifetime=2.5, longest_lifetime=14.0)
    found = power_law(law.wavelengths_km(), law.lifetimes_days())
    assert found.lifetime_days == pytest.approx(7.0, rel=1e-6)
    assert found.lifetime_exponent == pytest.approx(1.2, rel=1e-6)
    assert (found.shortest_lifetime, found.longest_lifetime) == pytest.approx((2.5, 14.0))


def test_one_band_has_a_law_without_slope() -> None:
    found = power_law(np.array([120.0]), np.array([6.0]))
    assert (found.lifetime_days, found.lifetime_exponent) == pytest.approx((6.0, 0.0))


def test_a_band_without_variance_is_left_out_of_the_law() -> None:
    lengths = np.array([100.0, 200.0, 400.0])
    assert power_law(lengths, np.array([2.0, np.nan, 8.0])).lifetime_exponent == pytest.approx(1.0)


def test_bands_that_have_no_variance_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="none of the 2 bands has a variance"):
        power_law(np.array([100.0, 200.0]), np.full(2, np.nan))


def test_times_that_are_not_equally_spaced_are_refused(fields: xr.DataArray) -> None:
    with pytest.raises(ValueError, match="the times of the 159 training fields are not equally spaced"):
        fit_lifetimes(fields.drop_isel(time=5), LENGTHS)


@pytest.mark.parametrize("longest", [0.5, 30.0])
def test_lags_that_the_fields_do_not_tell_of_are_refused(fields: xr.DataArray, longest: float) -> None:
    with pytest.raises(ValueError, match=f"longest_lag_days is {longest:g}; 40 fields 1 days apart"):
        fit_lifetimes(fields[:40], LENGTHS, longest_lag_days=longest)


# --- the prior that ships


def test_the_prior_of_a_challenge_is_that_of_its_bands(fields: xr.DataArray) -> None:
    method = Miost(shortest_km=100.0, longest_km=400.0, facpsp=3.5, variances=VARIANCES)
    assert method.wavelengths_km() == pytest.approx(LENGTHS)
    found = fit_prior(fields, method)
    assert found["variances"] == pytest.approx(VARIANCES, rel=0.3)
    lifetimes = dataclasses.replace(method, **found).lifetimes_days()
    assert lifetimes == pytest.approx(TRUE, rel=0.3)


def test_the_prior_that_ships_for_the_twin_is_what_the_command_prints() -> None:
    told = CliRunner().invoke(main, ["2020a-twin"])
    assert told.exit_code == 0, told.output
    printed = dict(line.removeprefix("--set ").split("=") for line in told.output.splitlines())
    assert printed.keys() == _CHOSEN["2020a-twin"].keys()
    for name, value in _CHOSEN["2020a-twin"].items():
        numbers = [float(each) for each in printed[name].split(",")]
        assert numbers == pytest.approx(list(np.atleast_1d(value)), rel=0.07)  # one in the second digit


@pytest.mark.parametrize(
    ("challenge", "said"), [("nope", "no challenge is called 'nope'"), ("medsea-2021", "no file 'training'")]
)
def test_a_challenge_without_training_fields_is_refused_in_one_line(challenge: str, said: str) -> None:
    told = CliRunner().invoke(main, [challenge])
    assert told.exit_code == 1
    assert said in told.output
    assert len(told.output.splitlines()) == 1
