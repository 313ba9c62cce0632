"""Missions left out in turn, on the real altimeters of the Western Mediterranean in 2021."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.data import read_mean, read_observations_of
from oceanbench.running import with_mean
from oceanbench.tuning import LeftOut, errors_of, left_out
from oceanbench.tuning._left_out import missions_that_judge_nothing

MEDSEA = load_challenge("medsea-2021")
TRACK = MEDSEA.track("without Sentinel-3B")


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data" / "mapmed_ose"


@pytest.fixture(scope="module")
def cases(folder: Path) -> list[LeftOut]:
    return left_out(MEDSEA, TRACK, given=folder, days=12)


def test_each_mission_that_judges_nothing_is_left_out_once(cases: list[LeftOut]) -> None:
    assert [case.label for case in cases] == ["h2b left out", "j3 left out", "s3a left out"]
    given = [case.observations.attrs["missions"] for case in cases]
    assert given == [["Jason-3", "Sentinel-3A"], ["HY-2B", "Sentinel-3A"], ["HY-2B", "Jason-3"]]


def test_a_judge_is_neither_given_nor_scored(cases: list[LeftOut]) -> None:
    for case in cases:
        for seen in (case.observations, case.reference):
            assert not {"Sentinel-3B", "SARAL/AltiKa", "CryoSat-2"} & set(seen.attrs["missions"])


def test_what_is_scored_is_not_given(cases: list[LeftOut]) -> None:
    for case in cases:
        assert not set(case.reference.attrs["missions"]) & set(case.observations.attrs["missions"])


def test_every_sample_of_a_scored_day_lies_between_two_maps_a_day_apart(cases: list[LeftOut]) -> None:
    for case in cases:
        days = np.unique(case.reference["time"].values.astype("datetime64[D]"))
        maps = case.grid["time"].values.astype("datetime64[D]")
        assert np.isin(days, maps).all()
        assert np.isin(days + np.timedelta64(1, "D"), maps).all()
        assert 3 <= days.size <= 4  # a mission may miss the box for a day
        assert days.min() >= np.datetime64("2021-01-15")
        assert days.max() <= np.datetime64("2021-03-15")


def test_the_rim_of_the_box_is_not_scored(cases: list[LeftOut]) -> None:
    for case in cases:
        assert float(case.reference["lon"].min()) >= 2.25
        assert float(case.reference["lat"].max()) <= 43.75


def test_heights_that_are_scored_are_absolute(cases: list[LeftOut], folder: Path) -> None:
    alone = TRACK.model_copy(update={"observations": ("h2b",)})
    anomalies = read_observations_of(MEDSEA, alone, given=folder)
    mean = cases[0].mean
    assert mean is not None
    there = with_mean(anomalies, mean).set_index(obs="line").sel(obs=cases[0].reference["line"].values)
    np.testing.assert_allclose(cases[0].reference["ssh"].values, there["ssh"].values)
    middle = {"lon": 5.0, "lat": 40.0}
    given = read_mean(MEDSEA, folder)
    assert given is not None
    assert float(mean.interp(middle)) == pytest.approx(float(given.interp(middle)))


def test_a_method_is_scored_alike_whether_it_maps_anomalies_or_absolute_heights(cases: list[LeftOut]) -> None:
    def flat(observations: xr.Dataset, grid: xr.Dataset) -> xr.Dataset:
        shape = tuple(grid.sizes[name] for name in ("time", "lat", "lon"))
        return xr.Dataset({"ssh": (("time", "lat", "lon"), np.full(shape, 0.01))}, coords=grid.coords)

    def about_mean(
        observations: xr.Dataset, grid: xr.Dataset, *, mean: xr.DataArray | None = None
    ) -> xr.Dataset:
        assert mean is not None
        there = mean.interp(lat=grid["lat"], lon=grid["lon"])
        return flat(observations, grid) + there.transpose("lat", "lon").drop_vars(["lat", "lon"])

    one, other = errors_of(flat, cases[2]), errors_of(about_mean, cases[2])
    np.testing.assert_allclose(one.squared, other.squared, rtol=1e-6)
    assert 0.02 < np.sqrt(one.squared.sum() / one.points.sum()) < 0.2  # anomalies of some centimetres


def test_the_second_track_is_tuned_without_its_judge_and_that_of_the_first() -> None:
    assert missions_that_judge_nothing(MEDSEA, MEDSEA.track("without SARAL/AltiKa")) == ["h2b", "j3", "s3a"]


def test_a_track_with_less_than_two_other_missions_is_refused() -> None:
    few = TRACK.model_copy(update={"observations": ("alg", "j3")})
    with pytest.raises(LookupError, match=r"of alg, j3, 1 judge no track \(alg, c2n, s3b do\)"):
        missions_that_judge_nothing(MEDSEA, few)


def test_noise_is_refused_where_there_is_one_height_only(folder: Path) -> None:
    with pytest.raises(ValueError, match="medsea-2021 has no heights with and without error"):
        left_out(MEDSEA, TRACK, given=folder, noise=True)
