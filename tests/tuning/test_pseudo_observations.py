"""Pseudo-observations: the geometry of the track, the heights of the training truth, and nothing else."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.challenge import Challenge
from oceanbench.data import read_observations_of
from oceanbench.tuning import PseudoObservations, errors_of, pseudo_observations
from oceanbench.tuning._case import evenly
from oceanbench.tuning._pseudo_observations import mean_outside, shifts_into_training
from tests.tuning.sloping_sea import DAY, LEARNED, LEARNED_DAYS, slope, training_truth

LAST = LEARNED + (LEARNED_DAYS - 1) * DAY


@pytest.fixture
def stretches(sea: Challenge) -> list[PseudoObservations]:
    return pseudo_observations(sea, sea.tracks[0], days=9)


def test_heights_are_those_of_the_training_truth_at_the_place_and_the_moved_time(
    stretches: list[PseudoObservations],
) -> None:
    for stretch in stretches:
        seen = stretch.observations
        expected = slope(seen["lon"].values, seen["lat"].values, seen["time"].values)
        np.testing.assert_allclose(seen["ssh"].values, expected, atol=1e-9)


def test_no_sample_lies_outside_the_training_truth(stretches: list[PseudoObservations]) -> None:
    for stretch in stretches:
        seen = stretch.observations
        assert seen["time"].min() >= LEARNED
        assert seen["time"].max() <= LAST
        assert seen["lon"].min() >= 0.0
        assert seen["lon"].max() <= 4.0
        assert seen["lat"].min() >= 30.0
        assert seen["lat"].max() <= 34.0


def test_places_and_times_of_day_are_those_of_the_track(
    sea: Challenge, stretches: list[PseudoObservations]
) -> None:
    flown = read_observations_of(sea, sea.tracks[0]).set_index(obs="line")
    for stretch in stretches:
        seen = stretch.observations
        same = flown.sel(obs=seen["line"].values)
        moved = seen["time"].values - same["time"].values
        assert np.unique(moved).size == 1
        assert moved[0].astype("timedelta64[D]") == moved[0]
        np.testing.assert_array_equal(seen["lon"].values, same["lon"].values)
        np.testing.assert_array_equal(seen["lat"].values, same["lat"].values)


def test_the_stretches_are_spread_over_the_whole_training_period(stretches: list[PseudoObservations]) -> None:
    first, middle, last = (stretch.observations["time"].values for stretch in stretches)
    assert first.min() - LEARNED < DAY
    assert LAST - last.max() < DAY
    assert first.max() < middle.min()
    assert middle.max() < last.min()


def test_maps_are_wanted_at_instants_of_the_truth_on_the_days_that_stand_for_the_scored_ones(
    sea: Challenge, stretches: list[PseudoObservations]
) -> None:
    assert sum(stretch.grid.sizes["time"] for stretch in stretches) == 9
    shifts = shifts_into_training(sea, training_truth()["time"].values)
    for stretch, shift in zip(stretches, [shifts[n] for n in evenly(len(shifts), 3)], strict=True):
        days = stretch.grid["time"].values
        assert (days.astype("datetime64[h]").astype(int) % 24 == 12).all()
        assert abs(days[0] - (np.datetime64("2012-01-05") + shift)) <= 2 * DAY
        assert days[-1] < np.datetime64("2012-01-15") + shift


def test_a_perfect_map_has_no_error_and_an_offset_one_that_of_the_offset(
    stretches: list[PseudoObservations],
) -> None:
    for stretch in stretches:
        time, lat, lon = (stretch.grid[name].values for name in ("time", "lat", "lon"))
        perfect = stretch.truth.copy(data=slope(lon, lat[:, None], time[:, None, None]))
        assert stretch.errors(perfect).squared.max() < 1e-18
        offset = stretch.errors(perfect + 0.1)
        np.testing.assert_allclose(offset.squared, 0.01 * offset.points)


def test_a_tenth_of_the_box_on_each_side_is_not_scored(stretches: list[PseudoObservations]) -> None:
    scored = stretches[0].truth[0].notnull()
    np.testing.assert_array_equal(
        stretches[0].truth["lon"].values[scored.any("lat")], np.arange(0.5, 3.6, 0.5)
    )
    np.testing.assert_array_equal(
        stretches[0].truth["lat"].values[scored.any("lon")], np.arange(30.5, 33.6, 0.5)
    )


def test_the_mean_knows_nothing_of_the_stretch_and_of_the_days_around_it() -> None:
    truth = training_truth()
    first, past = LEARNED + 40 * DAY, LEARNED + 54 * DAY
    near = (truth["time"] >= first - 15 * DAY) & (truth["time"] < past + 15 * DAY)
    other = truth.where(~near, 99.0)
    xr.testing.assert_identical(mean_outside(truth, first, past), mean_outside(other, first, past))


def test_the_mean_of_a_stretch_is_that_of_the_days_left(stretches: list[PseudoObservations]) -> None:
    mean = stretches[0].mean
    assert mean is not None
    past = stretches[0].observations["time"].values.max().astype("datetime64[D]") + DAY + 15 * DAY
    left = training_truth().sel(time=slice(past, None))
    np.testing.assert_allclose(mean.values, left.mean("time").values, atol=1e-12)


def test_a_stretch_that_leaves_no_days_for_a_mean_is_refused() -> None:
    truth = training_truth().isel(time=slice(0, 60))
    with pytest.raises(ValueError, match="16 days of the training truth lie more than 15 days from"):
        mean_outside(truth, LEARNED, LEARNED + 29 * DAY)


def test_heights_without_error_are_announced_as_such(stretches: list[PseudoObservations]) -> None:
    assert all(stretch.observations.attrs["error_free"] for stretch in stretches)


def test_noise_adds_the_error_that_the_files_hold_at_each_sample(sea: Challenge) -> None:
    (stretch,) = pseudo_observations(sea, sea.tracks[0], noise=True, days=1, stretches=1)
    seen = stretch.observations
    clean = slope(seen["lon"].values, seen["lat"].values, seen["time"].values)
    np.testing.assert_allclose(seen["ssh"].values - clean, 0.01 * (-1.0) ** seen["line"].values, atol=1e-9)
    assert not seen.attrs["error_free"]


def test_noise_is_refused_where_the_files_hold_none(sea: Challenge) -> None:
    files = tuple(file.model_copy(update={"noisy_height": {}}) for file in sea.files)
    quiet = sea.model_copy(update={"files": files})
    with pytest.raises(ValueError, match="nadir has no heights with and without error"):
        pseudo_observations(quiet, quiet.tracks[0], noise=True)


def test_a_challenge_without_training_truth_is_refused(sea: Challenge) -> None:
    files = tuple(file for file in sea.files if file.role != "training")
    with pytest.raises(LookupError, match="slope has no gridded truth of other days"):
        pseudo_observations(sea.model_copy(update={"files": files}), sea.tracks[0])


def test_a_training_period_shorter_than_the_observations_is_refused(sea: Challenge) -> None:
    with pytest.raises(ValueError, match="holds the 14 days of observations"):
        shifts_into_training(sea, training_truth()["time"].values[:14])


@dataclass(frozen=True)
class Recorder:
    """Keeps what it is given."""

    seen: list[tuple[xr.Dataset, xr.Dataset, xr.DataArray | None]]

    def __call__(
        self, observations: xr.Dataset, grid: xr.Dataset, *, mean: xr.DataArray | None = None
    ) -> xr.Dataset:
        self.seen.append((observations, grid, mean))
        shape = tuple(grid.sizes[name] for name in ("time", "lat", "lon"))
        return xr.Dataset({"ssh": (("time", "lat", "lon"), np.zeros(shape))}, coords=grid.coords)


def test_a_method_is_given_observations_grid_and_mean_of_training_days_only(
    stretches: list[PseudoObservations], slope_folder: Path
) -> None:
    recorder = Recorder([])
    for stretch in stretches:
        errors_of(recorder, stretch)
    for observations, grid, mean in recorder.seen:
        assert (observations["time"].values < np.datetime64("2011-06-01")).all()
        assert (grid["time"].values < np.datetime64("2011-06-01")).all()
        assert mean is not None
        assert not set(grid.data_vars)
        assert float(observations["ssh"].max()) < 2.0  # 9 m in the files of the challenge
    assert not (slope_folder / "data" / "truth.nc").exists()
    assert not (slope_folder / "data" / "mean.nc").exists()


def test_few_maps_are_not_those_at_the_ends_where_observations_lie_on_one_side(sea: Challenge) -> None:
    (stretch,) = pseudo_observations(sea, sea.tracks[0], days=2, stretches=1)
    first = np.datetime64(stretch.label[:10]) + 4 * DAY  # after the spin-up; ten days are scored
    days = (stretch.grid["time"].values - first) / DAY
    np.testing.assert_allclose(days, [2.5, 7.5])
