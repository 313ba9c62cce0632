"""Filtered swaths, joined in one file: paired by their numbers, and kept to the last bit."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import oceanbench
from oceanbench.catalog import load_challenge
from oceanbench.submission import SubmissionError
from oceanbench.swaths import joined, open_passes, open_swath, split_passes, write_pass
from oceanbench_leaderboard.intake import (
    Reader,
    Verdict,
    open_canonical,
    read_canonical,
    read_header,
    run_intake,
)
from oceanbench_leaderboard.intake.header import SwathHeader
from oceanbench_leaderboard.settings import Limits
from tests.swath_sea import NOISE_M

Passes = dict[int, xr.Dataset]
Intake = Callable[[xr.Dataset], Verdict]


@pytest.fixture
def filtered(ripples: Path) -> Passes:
    """The passes of ``ripples`` with their noise made half as large."""
    given = open_passes(ripples)
    return {
        number: swath.load()[[]].assign(
            ssh=(0.5 * (swath.ssh_karin + swath.ssh_true)).fillna(swath.ssh_karin)
        )
        for number, swath in given.items()
    }


@pytest.fixture
def intake(ripples: Path, tmp_path: Path, job: Path, warm: Reader) -> Intake:
    """Write a file of swaths, and let the intake of ``ripples`` read it."""

    def read(swaths: xr.Dataset) -> Verdict:
        swaths.to_netcdf(tmp_path / "sent.nc")
        return run_intake(
            tmp_path / "sent.nc", job, load_challenge("ripples"), "cycle 13", Limits(), reader=warm
        )

    return read


def test_swaths_are_scored_as_the_folder_of_their_passes_is(
    filtered: Passes, intake: Intake, job: Path, tmp_path: Path
) -> None:
    verdict = intake(joined(filtered).assign_attrs(method="half the noise"))
    assert verdict.accepted, verdict.reason
    folder = tmp_path / "mine"
    folder.mkdir()
    for number, swath in filtered.items():
        write_pass(swath, folder / f"ssh_karin_filt_013_{number:03d}.nc", attributes={})
    mine = oceanbench.evaluate(folder, challenge="ripples")
    theirs = oceanbench.evaluate(open_canonical(job), challenge="ripples", variable="ssh")
    assert theirs.official["rmse.ssh.global"] == pytest.approx(NOISE_M / 2, rel=0.1)
    assert dict(theirs.official) == pytest.approx(dict(mine.official), rel=1e-5, nan_ok=True)


def test_every_number_of_a_swath_is_kept_to_the_last_bit(filtered: Passes, intake: Intake, job: Path) -> None:
    assert intake(joined(filtered)).accepted
    kept = open_passes(open_canonical(job))
    assert list(kept) == list(filtered)
    for number, swath in filtered.items():
        assert np.array_equal(kept[number].ssh.values, swath.ssh.values, equal_nan=True)
        assert np.array_equal(kept[number].time.values, swath.time.values)
        assert np.array_equal(kept[number].lat.values, swath.lat.values)
        assert np.allclose(kept[number].lon.values, swath.lon.values, atol=1e-12, rtol=0.0)
    header = read_header(job)
    assert isinstance(header, SwathHeader)
    assert [(one.cycle, one.number) for one in header.passes] == [(None, number) for number in filtered]


def test_the_same_heights_in_other_order_and_type_have_one_digest(filtered: Passes, intake: Intake) -> None:
    rounded = {number: swath.astype("f4") for number, swath in filtered.items()}
    one, other = intake(joined(rounded)), intake(joined(dict(reversed(rounded.items()))).astype("f8"))
    assert one.header is not None
    assert other.header is not None
    assert one.header["canonical_sha256"] == other.header["canonical_sha256"]


Change = Callable[[Passes], xr.Dataset]


def _moved(passes: Passes) -> xr.Dataset:
    return joined({n: one.assign_coords(time=one.time + np.timedelta64(1, "s")) for n, one in passes.items()})


REFUSED: dict[str, tuple[Change, str]] = {
    "a missing pass": (
        lambda passes: joined({n: one for n, one in passes.items() if n != 18}),
        "1 of 4 passes are missing: 18",
    ),
    "a pass that was not given": (
        lambda passes: joined(passes | {7: passes[3].assign_attrs(pass_number=7)}),
        "passes that are not among the inputs: 7 of cycle 13",
    ),
    "too few lines": (
        lambda passes: joined(passes | {18: passes[18].isel(num_lines=slice(0, 50))}),
        "pass 18: it has 50 x 71 lines x pixels",
    ),
    "other times": (_moved, "its times are up to 1 s from those of the input"),
    "no height": (lambda passes: joined(passes).drop_vars("ssh_karin_filt"), "no filtered height"),
    "no numbers": (
        lambda passes: joined(passes).drop_vars(["pass_number", "cycle_number"]),
        "tells no pass number",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses(name: str, filtered: Passes, intake: Intake, job: Path) -> None:
    change, words = REFUSED[name]
    verdict = intake(change(filtered))
    assert not verdict.accepted
    assert words in verdict.reason
    assert verdict.fault == "submission"
    assert not list(job.iterdir())


def test_positions_are_compared_by_the_process_that_scores(
    filtered: Passes, intake: Intake, job: Path
) -> None:
    turned = {number: one.isel(num_pixels=slice(None, None, -1)) for number, one in filtered.items()}
    assert intake(joined(turned)).accepted
    with pytest.raises(SubmissionError, match="its pixels run from the other side"):
        oceanbench.evaluate(open_canonical(job), challenge="ripples", variable="ssh")


def test_passes_of_several_cycles_are_known_by_both_numbers(
    ripples: Path, swath_world: Path, tmp_path: Path, job: Path, warm: Reader
) -> None:
    given = split_passes(open_swath(swath_world / "unknown-sea" / "data" / "box.nc", layout="swath-l3"))
    smooth = {key: one.load()[[]].assign(ssh=0.5 * one.ssha_noisy) for key, one in given.items()}
    joined(smooth, variable="ssha_method_denoised").to_netcdf(tmp_path / "sent.nc")
    challenge = load_challenge("unknown-sea")
    verdict = run_intake(tmp_path / "sent.nc", job, challenge, "box", Limits(), reader=warm)
    assert verdict.accepted, verdict.reason
    header = read_header(job)
    assert isinstance(header, SwathHeader)
    assert [(one.cycle, one.number) for one in header.passes] == list(given)
    scored = oceanbench.evaluate(open_canonical(job), challenge="unknown-sea", variable="ssh")
    assert np.isfinite(scored.official["roberts_discontinuity_fraction"])


def test_swaths_are_not_read_as_a_map(filtered: Passes, intake: Intake, job: Path) -> None:
    assert intake(joined(filtered)).accepted
    with pytest.raises(ValueError, match="holds swaths, not a map"):
        read_canonical(job)


def test_a_service_without_the_given_passes_is_at_fault(
    ripples: Path, swath_world: Path, tmp_path: Path, job: Path
) -> None:
    alone = load_challenge("ripples").model_copy(update={"folder": tmp_path})
    verdict = run_intake(tmp_path / "sent.nc", job, alone, "cycle 13", Limits())
    assert verdict.fault == "service"
    assert "not on this machine" in verdict.reason
