"""What the process that scores says of a canonical map."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.evaluation import evaluate
from oceanbench.metrics.comparison import Blocks
from oceanbench.passport import file_digest
from oceanbench.verification import verify
from oceanbench_leaderboard.scorer._scoring import score
from oceanbench_leaderboard.scorer.outcome import flags_told
from oceanbench_leaderboard.settings import Limits
from tests.leaderboard.scorer.jobs import JOB, Canonical
from tests.toy_sea import MIDNIGHTS, SIX_HOURLY, map_of, waves


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder for what the scorer makes."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def scored(canonical: Path, out: Path, **changes: Any) -> dict[str, Any]:
    answer = score(canonical, out, JOB.model_copy(update=changes))
    json.dumps(answer, allow_nan=False)
    return answer


@pytest.mark.usefixtures("toy_board")
def test_a_map_gets_the_scores_that_it_gets_at_home(canonical: Canonical, out: Path) -> None:
    maps = map_of().assign_attrs(method="waves")
    at_home = evaluate(maps, challenge="toy", track="half")
    answer = scored(canonical(maps), out)
    assert answer["flags"] == []
    assert list(answer["scored"]) == ["public"]
    found, home = answer["scored"]["public"]["evaluation"], at_home.to_json()
    assert all(found[key] == home[key] for key in ("official", "robust", "coverage", "scope", "track"))
    assert at_home.comparison is not None
    assert answer["scored"]["public"]["comparison"] == at_home.comparison.to_json()
    assert Blocks.from_json(answer["scored"]["public"]["comparison"]).value() == pytest.approx(
        found["official"]["mu"], abs=1e-12
    )


@pytest.mark.usefixtures("toy_board")
def test_the_passport_names_bytes_and_values_and_not_the_file(canonical: Canonical, out: Path) -> None:
    place = canonical(map_of(), notes=("longitudes were turned",))
    document = scored(place, out)["scored"]["public"]["evaluation"]
    values = json.loads((place / "header.json").read_text())["canonical_sha256"]
    passport = document["passport"]
    assert passport["submission"] == {"name": None, "sha256": "ab" * 32, "canonical_sha256": values}
    assert (passport["part"], passport["method"]) == ("public", "waves")
    assert passport["reference"]["sha256"]
    assert "longitudes were turned" in document["notes"]


@pytest.mark.usefixtures("toy_board")
def test_the_report_is_written_whole(canonical: Canonical, out: Path) -> None:
    scored(canonical(map_of()), out)
    page = (out / "report" / "index.html").read_text()
    assert "<html" in page
    assert "toy" in page
    kept = json.loads((out / "report" / "score.json").read_text())
    assert kept["passport"]["submission"]["sha256"] == "ab" * 32


@pytest.mark.slow
def test_swaths_joined_in_one_file_get_the_scores_that_they_get_at_home(
    ripples: Path, out: Path, tmp_path: Path
) -> None:
    from oceanbench.swaths import joined, open_passes
    from oceanbench_leaderboard.intake import run_intake

    challenge = load_challenge("ripples")
    given = open_passes(ripples).items()
    passes = {number: swath[["ssh_karin"]].rename(ssh_karin="ssh").load() for number, swath in given}
    joined(passes).to_netcdf("sent.nc")
    track = challenge.tracks[0].id
    verdict = run_intake(Path("sent.nc"), tmp_path / "canonical", challenge, track, Limits())
    assert verdict.accepted, verdict.reason
    sent = {"challenge": "ripples", "track": track, "sha256": file_digest(Path("sent.nc"))}
    job = JOB.model_copy(update=sent)
    answer = score(tmp_path / "canonical", out, job)
    at_home = evaluate("sent.nc", challenge="ripples").to_json()
    found = answer["scored"]["public"]["evaluation"]
    assert all(found[key] == at_home[key] for key in ("official", "robust", "unfiltered", "coverage"))
    assert len(answer["scored"]["public"]["comparison"]["labels"]) == found["coverage"]["passes"]
    assert verify(json.loads(json.dumps(found)), "sent.nc").holds


# --- a truth that is withheld


@pytest.mark.usefixtures("withheld")
def test_a_withheld_truth_gives_two_parts_and_no_report(canonical: Canonical, out: Path) -> None:
    answer = scored(canonical(map_of()), out)
    assert list(out.iterdir()) == []
    challenge = load_challenge("toy")
    for part in ("public", "private"):
        expected = evaluate(map_of(), challenge=challenge.part(part), track="half").to_json()
        found = answer["scored"][part]["evaluation"]
        assert found["official"] == expected["official"]
        assert found["robust"] == expected["robust"]
        assert found["passport"]["part"] == part
    days = [answer["scored"][part]["comparison"]["labels"] for part in ("public", "private")]
    assert (days[0][0], days[0][-1], days[1][0]) == ("2015-06-01", "2015-06-07", "2015-06-08")


@pytest.mark.usefixtures("withheld")
def test_a_map_that_is_the_truth_on_the_private_days_only_is_flagged(canonical: Canonical, out: Path) -> None:
    truth = waves(SIX_HOURLY).interp(time=MIDNIGHTS).rename("ssh").to_dataset()
    mixed = truth.where(truth.time >= np.datetime64("2015-06-08"), map_of())
    flags = scored(canonical(mixed), out)["flags"]
    assert flags == ["equal to the truth in the private part"]
    assert flags_told(flags, private=False) == []
    assert flags_told(["holes", *flags], private=True) == ["holes", *flags]


def test_a_truth_that_is_not_here_is_the_fault_of_the_service(
    withheld: Path, canonical: Canonical, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    withheld.unlink()
    answer = scored(canonical(map_of()), out)
    why = (
        "the truth of toy is not on the machine that scores: its operator must put it there, "
        "then `oceanbench admin rescore`"
    )
    assert answer == {"not_scored": {"fault": "service", "reason": why, "again": False}}
    told = capsys.readouterr().err
    assert "MissingDataError" in told
    assert "submit it to the service" not in told


def test_a_truth_that_nobody_downloaded_is_told_with_the_command_that_gets_it(
    define: Callable[..., Path], canonical: Canonical, out: Path
) -> None:
    define()
    made = canonical(map_of())
    failed = score(made, out, JOB)["not_scored"]
    assert failed["again"] is False
    assert "`oceanbench download toy --only reference`, then `oceanbench admin rescore`" in failed["reason"]


# --- flags


def packed(truth: xr.Dataset, step_m: float) -> xr.Dataset:
    return (truth / step_m).round() * step_m


@pytest.mark.parametrize(
    "disguise",
    [
        lambda truth: truth,
        lambda truth: truth.astype(np.float32).astype(np.float64),
        lambda truth: packed(truth, 1e-4),
        lambda truth: packed(truth, 1e-3),
    ],
    ids=["as it is", "float32", "tenths of millimetres", "millimetres"],
)
@pytest.mark.parametrize("times", [SIX_HOURLY, MIDNIGHTS], ids=["its own times", "midnights"])
@pytest.mark.usefixtures("toy_board")
def test_the_truth_is_flagged_in_every_disguise(
    canonical: Canonical, out: Path, times: Any, disguise: Callable[[xr.Dataset], xr.Dataset]
) -> None:
    truth = waves(SIX_HOURLY).interp(time=times).rename("ssh").to_dataset()
    assert scored(canonical(disguise(truth)), out)["flags"] == ["equal to the truth"]


@pytest.mark.parametrize("error_m", [0.001, 0.003, 0.02])
@pytest.mark.usefixtures("toy_board")
def test_a_map_that_errs_by_a_millimetre_or_more_is_honest(
    canonical: Canonical, out: Path, error_m: float
) -> None:
    assert scored(canonical(map_of(error_m)), out)["flags"] == []


def test_filled_holes_are_flagged(define: Callable[..., Path], canonical: Canonical, out: Path) -> None:
    folder = define(('quantity = "height, metres"', 'quantity = "height, metres"\nholes = "zero"'))
    waves(SIX_HOURLY).to_dataset().to_netcdf(folder / "truth.nc")
    holed = map_of().where(map_of().lat > 20.3)
    answer = scored(canonical(holed), out)
    assert answer["flags"] == ["holes"]
    assert answer["scored"]["public"]["evaluation"]["robust"]["lambda_x"]["value"] is None


# --- no score


@pytest.mark.usefixtures("toy_board")
def test_a_hole_where_a_height_is_scored_refuses_the_submission(canonical: Canonical, out: Path) -> None:
    maps = map_of()
    maps["ssh"][3, 4, 5] = np.nan
    refused = scored(canonical(maps), out)["not_scored"]
    assert refused["fault"] == "submission"
    assert "no value at 1 of the" in refused["reason"]
    assert set(refused["problems"][0]) == {"what_given", "expected", "fix"}


@pytest.mark.usefixtures("toy_board")
def test_another_version_than_the_one_asked_for_is_not_scored(
    canonical: Canonical, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = scored(canonical(map_of()), out, version="0.9")
    assert answer["not_scored"] == {"fault": "service", "reason": "the scorer failed", "again": False}
    assert "toy is of version 1.0 here, and 0.9 is to be scored" in capsys.readouterr().err
