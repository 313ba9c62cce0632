"""Filtered swaths are scored as the official code does and as it should be done, or refused by name."""

import json
import math
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from oceanbench.catalog import load_challenge
from oceanbench.evaluation import check_map, evaluate
from oceanbench.score import Evaluation, SwathCoverage, SwathDetails
from oceanbench.submission import SubmissionError
from oceanbench.swaths import joined, open_passes, write_pass
from tests.swath_sea import NOISE_M

GRAVITY, ROTATION, POSTING_M = 9.81, 7.2921159e-5, 2000.0

type Change = Callable[[xr.Dataset, xr.Dataset], xr.DataArray]


def submit(ripples: Path, change: Change, folder: str = "mine") -> Path:
    """Write filtered passes made from the inputs: ``change`` gets the pass and its noisy height."""
    target = Path(folder)
    target.mkdir()
    for number, swath in open_passes(ripples).items():
        ssh = change(swath, swath["ssh_karin"])
        kept = xr.Dataset({"ssh": ssh}, coords=swath.coords, attrs=swath.attrs)
        write_pass(kept, target / f"pass_013_{number:03d}.nc", attributes={"challenge": "ripples"})
    return target


def perfect(swath: xr.Dataset, noisy: xr.Dataset) -> xr.DataArray:
    return swath["ssh_true"].where(noisy.notnull())


def damped(swath: xr.Dataset, noisy: xr.Dataset) -> xr.DataArray:
    return (0.9 * swath["ssh_true"] + 0.05 * noisy).where(noisy.notnull())


def good(swath: xr.Dataset, noisy: xr.Dataset) -> xr.DataArray:
    return 0.8 * swath["ssh_true"] + 0.2 * noisy


def the_same(_swath: xr.Dataset, noisy: xr.Dataset) -> xr.Dataset:
    return noisy


def end_to_end(passes: dict[int, xr.Dataset], name: str) -> NDArray[np.float64]:
    return np.concatenate([np.asarray(swath[name].values, dtype=np.float64) for swath in passes.values()])


def speed_and_vorticity(
    ssh: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As the official code derives them, written from its description."""
    coriolis = 2 * ROTATION * np.sin(np.deg2rad(lat))
    along, across = np.gradient(ssh, POSTING_M, edge_order=2)
    v, u = GRAVITY / coriolis * along, -GRAVITY / coriolis * across
    turning = np.gradient(v, POSTING_M, axis=0, edge_order=2) - np.gradient(
        u, POSTING_M, axis=1, edge_order=2
    )
    return np.hypot(u, v), turning / coriolis


def rms(values: NDArray[np.float64]) -> float:
    return math.sqrt(float(np.nanmean(values**2)))


def test_a_perfect_filter_has_no_error_and_unfiltered_numbers_are_of_the_noise(
    ripples: Path,
) -> None:
    score = evaluate(submit(ripples, perfect))
    assert score.official["rmse.ssh.global"] < 1e-6
    assert score.unfiltered["rmse.ssh.global"] == pytest.approx(NOISE_M, rel=0.03)
    assert score.robust["noise_reduction"].value > 80
    assert isinstance(score.coverage, SwathCoverage)
    assert score.coverage.fraction == 1.0
    assert score.coverage.passes == 4


def test_official_errors_are_of_all_passes_end_to_end_and_robust_ones_of_each(
    ripples: Path,
) -> None:
    folder = submit(ripples, damped)
    given, made = open_passes(ripples), open_passes(folder)
    fields = [end_to_end(given, "ssh_true"), end_to_end(made, "ssh_karin_filt"), end_to_end(given, "lat")]
    true, filtered = (speed_and_vorticity(ssh, fields[2]) for ssh in fields[:2])
    score = evaluate(folder)
    for position, name in enumerate(("speed", "vorticity")):
        expected = rms(filtered[position] - true[position])
        assert score.official[f"rmse.{name}.global"] == pytest.approx(expected, rel=1e-9)
    ends = np.cumsum([0, *(swath.sizes["num_lines"] for swath in given.values())])
    apart = [
        speed_and_vorticity(fields[1][lines], fields[2][lines])[0]
        - speed_and_vorticity(fields[0][lines], fields[2][lines])[0]
        for lines in (slice(*pair) for pair in pairwise(ends))
    ]
    expected = rms(np.concatenate(apart))
    assert score.robust["rmse.speed.global"].value == pytest.approx(expected, rel=1e-9)
    assert score.robust["rmse.speed.global"].value < score.official["rmse.speed.global"]


def test_regimes_follow_the_masks_that_say_the_opposite_of_their_names(ripples: Path) -> None:
    def wrong_near_the_coast(swath: xr.Dataset, noisy: xr.Dataset) -> xr.DataArray:
        return (swath["ssh_true"] + 0.1 * (~swath["offshore"])).where(noisy.notnull())

    official = evaluate(submit(ripples, wrong_near_the_coast)).official
    assert official["rmse.ssh.coastal"] == pytest.approx(0.1, rel=1e-4)
    assert official["rmse.ssh.offshore_low"] < 1e-6
    assert official["rmse.ssh.offshore_high"] < 1e-6


def test_json_has_stable_keys_for_official_unfiltered_and_robust_numbers(ripples: Path) -> None:
    content = json.loads(json.dumps(evaluate(submit(ripples, damped)).to_json()))
    regimes = {"global", "coastal", "offshore_low", "offshore_high"}
    for family in ("official", "unfiltered", "robust"):
        for quantity in ("ssh", "speed", "vorticity"):
            assert set(content[family]["rmse"][quantity]) == regimes
        assert set(content[family]["lambda_snr1"]) == {"ssh", "speed", "vorticity"}
    assert {"value", "low", "high", "unit"} == set(content["robust"]["rmse"]["velocity"]["coastal"])
    assert content["robust"]["noise_reduction"]["unit"] == "dB"
    assert content["official"]["units"]["rmse"]["speed"]["global"] == "m/s"


def test_a_folder_and_one_file_and_one_zarr_score_the_same(ripples: Path) -> None:
    folder = submit(ripples, damped)
    whole = joined({n: s.rename(ssh_karin_filt="ssh") for n, s in open_passes(folder).items()}).compute()
    whole.to_netcdf("all.nc")
    whole.to_zarr("all.zarr", zarr_format=2)
    by_folder = evaluate(folder).to_json()
    for other in ("all.nc", "all.zarr"):
        by_file = evaluate(other, challenge="ripples").to_json()
        assert by_file["official"] == by_folder["official"]
        assert by_file["robust"] == by_folder["robust"]


def test_passes_are_paired_by_number_whatever_the_files_are_called(ripples: Path) -> None:
    folder = submit(ripples, perfect)
    for path, name in zip(sorted(folder.glob("*.nc")), ("d", "c", "b", "a"), strict=True):
        path.rename(folder / f"{name}.nc")
    assert evaluate(folder).official["rmse.ssh.global"] < 1e-6


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda folder: (folder / "pass_013_018.nc").unlink(), "1 of 4 passes are missing: 18"),
        (lambda folder: shutil.copy(folder / "pass_013_018.nc", folder / "pass_013_019.nc"), "18"),
        (lambda folder: swapped(folder, 3, 18), "18"),
    ],
    ids=["missing", "twice", "shuffled"],
)
def test_a_missing_a_doubled_and_a_shuffled_pass_are_named(
    ripples: Path, harm: Callable[[Path], Any], message: str
) -> None:
    folder = submit(ripples, perfect)
    harm(folder)
    with pytest.raises((SubmissionError, ValueError), match=message):
        evaluate(folder, challenge="ripples")


def swapped(folder: Path, one: int, other: int) -> None:
    """Exchange the numbers of two passes, in their names and in their attributes."""
    datasets = {number: xr.load_dataset(folder / f"pass_013_{number:03d}.nc") for number in (one, other)}
    for number, wrong in ((one, other), (other, one)):
        datasets[number].assign_attrs(pass_number=wrong).to_netcdf(folder / f"pass_013_{wrong:03d}.nc")


def with_holes(swath: xr.Dataset, noisy: xr.Dataset) -> xr.DataArray:
    """A filter that only shows half of what it made."""
    return good(swath, noisy).where(swath.num_lines % 2 == 0)


def test_a_hole_is_refused_with_its_pass_or_left_out_as_the_official_code_does(ripples: Path) -> None:
    folder = submit(ripples, with_holes)
    with pytest.raises(SubmissionError, match="pass"):
        evaluate(folder)
    score = evaluate(folder, holes="official")
    assert score.coverage.points == 2 * score.coverage.covered
    with pytest.raises(ValueError, match="holes='zero' has no meaning for filtered swaths"):
        evaluate(folder, holes="zero")


def test_holes_improve_no_robust_number(ripples: Path) -> None:
    whole = evaluate(submit(ripples, good)).robust
    holed = evaluate(submit(ripples, with_holes, "holed"), holes="official").robust
    assert holed["noise_reduction"].value < 4 < whole["noise_reduction"].value
    for name in ("rmse.ssh.global", "rmse.velocity.global", "rmse.vorticity.coastal"):
        assert holed[name].value > 1.2 * whole[name].value
    nothing = evaluate(submit(ripples, the_same, "same")).robust["noise_reduction"]
    assert abs(nothing.value) < 1e-3


def test_one_pass_without_masks_leaves_no_numbers_of_regions(ripples: Path) -> None:
    shutil.copytree(ripples, "mixed")
    last = sorted(Path("mixed").iterdir())[-1]
    bare = xr.load_dataset(last).drop_vars(["mask_coastline_200km", "mask_ssh_var_over200cm2"])
    bare.to_netcdf(last)
    score = evaluate(submit(ripples, damped), reference="mixed")
    assert math.isnan(score.official["rmse.ssh.coastal"])


def test_heights_where_nothing_was_measured_change_no_score(ripples: Path) -> None:
    def everywhere(swath: xr.Dataset, noisy: xr.Dataset) -> xr.DataArray:
        return damped(swath, noisy).fillna(5.0)

    plain, filled = evaluate(submit(ripples, damped)), evaluate(submit(ripples, everywhere, "filled"))
    assert filled.official == plain.official
    assert filled.robust == plain.robust
    assert any("nothing to filter" in note for note in filled.notes), filled.notes


def test_without_masks_there_are_no_numbers_of_regions(ripples: Path) -> None:
    Path("bare").mkdir()
    for path in ripples.glob("*.nc"):
        with xr.open_dataset(path) as dataset:
            masks = ["mask_coastline_200km", "mask_ssh_var_over200cm2"]
            dataset.drop_vars(masks).to_netcdf(Path("bare") / path.name)
    score = evaluate(submit(ripples, damped), reference="bare")
    assert math.isnan(score.official["rmse.ssh.coastal"])
    assert score.to_json()["robust"]["rmse"]["ssh"]["coastal"]["value"] is None
    assert score.official["rmse.ssh.global"] > 0
    assert any("no masks" in note for note in score.notes)
    assert score.own_reference


def test_the_length_of_segments_moves_both_families_and_stands_in_the_passport(ripples: Path) -> None:
    folder = submit(ripples, damped)
    usual, short = evaluate(folder), evaluate(folder, segment_km=60)
    assert usual.official["lambda_snr1.ssh"] != short.official["lambda_snr1.ssh"]
    assert "segments of 60 km" in short.scope
    assert "official spectra of segments of 100 km, robust ones of 80 km" in usual.scope
    assert short.passport["segment_km"] == 60
    with pytest.raises(ValueError, match="segment"):
        evaluate(folder, segment_km=1.0)


def test_a_part_of_the_passes_is_not_a_score_of_the_challenge(
    ripples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = submit(ripples, perfect)
    (Path("data") / "dc_inputs").mkdir(parents=True)
    shutil.copy(ripples / "input_ssh_karin_013_003.nc", Path("data") / "dc_inputs")
    with pytest.raises(LookupError, match="1 of the 4 passes of ripples, track cycle 13, are on this"):
        evaluate(folder, data=Path("data"))


def test_swaths_and_maps_are_told_apart(ripples: Path) -> None:
    folder = submit(ripples, perfect)
    with pytest.raises(ValueError, match="holds swaths, and 2020a scores maps"):
        evaluate(folder, challenge="2020a")
    xr.Dataset({"ssh": ("x", [1.0])}).to_netcdf("map.nc")
    with pytest.raises(ValueError, match="holds no swaths, and ripples scores filtered swaths"):
        evaluate("map.nc", challenge="ripples")


def test_swaths_that_name_no_challenge_are_refused_with_the_names_to_choose_from(ripples: Path) -> None:
    Path("mine").mkdir()
    for number, swath in open_passes(ripples).items():
        kept = xr.Dataset({"ssh": swath["ssh_karin"]}, coords=swath.coords, attrs=swath.attrs)
        write_pass(kept, Path("mine") / f"pass_013_{number:03d}.nc", attributes={})
    with pytest.raises(LookupError, match=r"name no challenge; name one with --challenge \(.*ripples"):
        evaluate("mine")
    assert evaluate("mine", challenge="ripples").challenge.id == "ripples"


def test_validate_finds_what_evaluate_would_refuse(ripples: Path) -> None:
    folder = submit(ripples, the_same)
    challenge, notes = check_map(folder)
    assert challenge.id == "ripples"
    assert any("as the files say" in note for note in notes)
    (folder / "pass_013_003.nc").unlink()
    with pytest.raises(SubmissionError, match="1 of 4 passes are missing: 3"):
        check_map(folder)


def test_what_a_report_draws_lies_on_the_pass_and_holds_all_three_fields(ripples: Path) -> None:
    details = evaluate(submit(ripples, damped)).details
    assert isinstance(details, SwathDetails)
    shown = details.shown
    given = open_passes(ripples)[int(shown.attrs["pass_number"])]
    lines = slice(shown.attrs["first_line"], shown.attrs["first_line"] + shown.sizes["num_lines"])
    np.testing.assert_array_equal(
        shown["ssh_true"].values, given["ssh_true"].isel(num_lines=lines).values.astype(float)
    )
    assert {f"{q}_{k}" for q in ("ssh", "speed", "vorticity") for k in ("true", "noisy", "filtered")} <= set(
        shown
    )
    assert details.maps.sizes["lat"] == 180 or details.maps.sizes["lat"] == 181


def test_passes_of_several_days_without_a_truth_are_scored_by_roughness_and_likeness(ripples: Path) -> None:
    challenge = load_challenge("unknown-sea")
    assert challenge.tracks[0].similarity_pass == 20
    from oceanbench.running import sample_passes

    sample_passes(challenge, challenge.tracks[0], Path("sample"))
    score: Evaluation = evaluate("sample")
    name = "roberts_discontinuity_fraction"
    assert score.official[name] == score.unfiltered[name] > 0
    assert score.coverage.covered == score.coverage.points > 0
    assert 0 < score.official["ssim.ssha"] <= 1
    assert any("as the files say" in note for note in score.notes)


def test_without_a_truth_heights_where_nothing_was_measured_change_no_score(ripples: Path) -> None:
    from oceanbench.running import sample_passes

    challenge = load_challenge("unknown-sea")
    sample_passes(challenge, challenge.tracks[0], Path("sample"))
    plain = evaluate("sample")
    for path in Path("sample").iterdir():
        swath = xr.load_dataset(path)
        swath["ssha_method_denoised"] = swath["ssha_method_denoised"].fillna(0.5)
        swath.to_netcdf(path)
    assert evaluate("sample").official == pytest.approx(plain.official, nan_ok=True)


def test_without_a_truth_lines_of_no_cycle_are_no_holes(ripples: Path, swath_world: Path) -> None:
    from oceanbench.running import filter_challenge

    with xr.open_dataset(swath_world / "unknown-sea" / "data" / "box.nc") as box:
        cycle = box["cycle_number"].astype("float64").where(np.arange(box.sizes["num_lines"]) < 300)
        box.assign(cycle_number=cycle).to_netcdf("part.nc")
    challenge = load_challenge("unknown-sea")
    filter_challenge(challenge, "none", challenge.tracks[0], Path("same"), source=Path("part.nc"))
    score = evaluate("same", reference="part.nc")
    name = "roberts_discontinuity_fraction"
    assert score.official[name] == pytest.approx(score.unfiltered[name], rel=1e-3)
    assert score.coverage.covered == score.coverage.points


@pytest.mark.slow
def test_the_six_real_passes_have_the_wavelengths_that_were_measured_without_a_filter(
    shared: Path, ripples: Path
) -> None:
    from oceanbench.running import filter_challenge

    inputs = shared / "data" / "odc2022a_karin" / "dc_inputs"
    challenge = load_challenge("2022a")
    filter_challenge(challenge, "none", challenge.track(), Path("none"), source=inputs)
    for segment, wavelength in ((1000.0, 48.9), (512.0, 47.6)):
        score = evaluate("none", reference=inputs, segment_km=segment)
        assert score.official["lambda_snr1.ssh"] == pytest.approx(wavelength, abs=0.05)
    assert score.official["rmse.ssh.global"] == pytest.approx(0.01178, abs=5e-6)
