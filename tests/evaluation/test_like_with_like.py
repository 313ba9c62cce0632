"""A perfect map scores 1 whatever its time steps; files given as a reference judge as the challenge would."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.evaluation import evaluate
from oceanbench.evaluation._own_reference import spacing_of
from oceanbench.evaluation._tracks import find_track
from oceanbench.observations import assemble
from oceanbench.submission import open_map

Build = Callable[[], xr.Dataset]


@pytest.mark.parametrize("hours", [6, 12, 24, 20])
@pytest.mark.parametrize("shift", [0, 3, 5])
def test_a_perfect_map_scores_one_at_any_time_step(toy: Path, hours: int, shift: int) -> None:
    with xr.open_dataset(toy) as truth:
        first = np.datetime64("2015-05-31T00", "ns") + np.timedelta64(shift, "h")
        times = np.arange(first, np.datetime64("2015-06-16T00", "ns"), np.timedelta64(hours, "h"))
        perfect = truth.sossheig.interp(time=times).rename("ssh").to_dataset()
    result = evaluate(perfect, challenge="toy")
    assert result.robust["mu"].value == pytest.approx(1.0, abs=1e-9)
    assert result.coverage.days_robust == 14


def test_a_reference_with_steps_shorter_than_a_day_judges_a_daily_map(
    toy: Path, midnights: Build, tmp_path: Path
) -> None:
    with xr.open_dataset(toy) as truth:
        truth.sel(time=slice("2015-06-01", "2015-06-14")).to_netcdf(tmp_path / "own.nc")
    result = evaluate(midnights(), challenge="toy", reference=[tmp_path / "own.nc"])
    assert result.robust["mu"].value == pytest.approx(1.0, abs=1e-9)
    assert (result.coverage.days_official, result.coverage.days_robust) == (14, 13)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda field: field * np.nan, "no value at all"),
        (lambda field: field * 1000.0, r"reaches [\d.]+ m; expected heights within 20 m"),
    ],
)
def test_a_reference_that_holds_no_heights_is_refused(
    midnights: Build, tmp_path: Path, change: Callable[[xr.Dataset], xr.Dataset], message: str
) -> None:
    wrong = change(midnights())
    wrong.ssh.attrs["units"] = "m"
    wrong.to_netcdf(tmp_path / "wrong.nc")
    with pytest.raises(ValueError, match=message):
        evaluate(midnights(), challenge="2020a", reference=[tmp_path / "wrong.nc"])


def test_a_reference_that_is_no_netcdf_is_refused_by_name(midnights: Build, tmp_path: Path) -> None:
    (tmp_path / "notes.nc").write_text("not a truth")
    with pytest.raises(ValueError, match=r"notes.nc.* is not NetCDF"):
        evaluate(midnights(), challenge="2020a", reference=[tmp_path / "notes.nc"])


def test_a_zarr_folder_judges_as_its_netcdf_twin_does(
    midnights: Build, blurred: Build, tmp_path: Path
) -> None:
    midnights().to_netcdf(tmp_path / "truth.nc")
    midnights().to_zarr(tmp_path / "truth.zarr", consolidated=True, zarr_format=2)
    scores = [
        evaluate(blurred(), challenge="2020a", reference=tmp_path / name)
        for name in ("truth.nc", "truth.zarr")
    ]
    assert scores[0].official == scores[1].official
    assert scores[0].passport["reference"]["sha256"] != scores[1].passport["reference"]["sha256"]


def track_of(step_km: float) -> xr.Dataset:
    lat = 33.0 + np.arange(100) * step_km / 111.195
    time = np.datetime64("2021-02-01", "ns") + np.arange(100) * np.timedelta64(1, "s")
    return assemble(time, np.full(100, 10.0), lat, np.zeros(100), missions=["x"], lines=[100])


@pytest.mark.parametrize(
    ("step_km", "name", "expected"),
    [
        (6.40, "any.nc", 6.386818),
        (7.50, "any.nc", 7.50),
        (6.40, "dt_med_s3b_phy_l3_20210101-20210331_0-20_30-45.nc", 6.70),
    ],
)
def test_the_spacing_of_a_reference_is_that_of_its_file_or_the_usual_or_measured(
    step_km: float, name: str, expected: float
) -> None:
    challenge = load_challenge("medsea-2021")
    assert spacing_of(track_of(step_km), [Path(name)], challenge, 6.386818) == pytest.approx(expected)


def labelled(midnights: Build, challenge: str, track: str) -> xr.Dataset:
    return midnights().assign_attrs(challenge=challenge, track=track)


def test_a_map_is_not_judged_by_an_altimeter_that_it_used(midnights: Build) -> None:
    challenge = load_challenge("medsea-2021")
    submission = open_map(labelled(midnights, "medsea-2021", "without Sentinel-3B"))
    with pytest.raises(
        ValueError, match="which uses alg: the very altimeter that judges 'without SARAL/AltiKa'"
    ):
        find_track(challenge, submission, "without SARAL/AltiKa")


def test_a_map_scored_on_another_track_than_its_own_is_told_so(midnights: Build) -> None:
    submission = open_map(labelled(midnights, "2020a", "4 nadirs"))
    track, note = find_track(load_challenge("2020a"), submission, "1 nadir")
    assert track.id == "1 nadir"
    assert note == "the file says it was made for track '4 nadirs', and is scored as '1 nadir', as asked"


def test_a_hole_leaves_no_robust_wavelength(toy: Path, midnights: Build) -> None:
    holed = midnights()
    holed["ssh"][3, 2, 2] = np.nan
    result = evaluate(holed, challenge="toy", holes="zero")
    assert np.isnan([result.robust[name].value for name in ("lambda_x", "lambda_x_km", "lambda_t")]).all()
    assert np.isfinite(result.robust["mu"].value)
    assert result.to_json()["robust"]["lambda_x"]["value"] is None


def test_an_altered_truth_is_refused(toy: Path, midnights: Build) -> None:
    sums = toy.with_name("SHA256SUMS")
    try:
        sums.write_text(f"{'0' * 64}  truth.nc\n")
        with pytest.raises(ValueError, match=r"truth.nc is not the file that SHA256SUMS lists"):
            evaluate(midnights(), challenge="toy")
    finally:
        sums.unlink()
