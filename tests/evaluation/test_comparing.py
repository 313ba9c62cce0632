"""The sums that an evaluation keeps by day or pass give its official number back, and tell maps apart."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Competition, Period
from oceanbench.evaluation import check_map, evaluate
from oceanbench.metrics.comparison import Blocks, difference
from oceanbench.score import Evaluation

Build = Callable[[], xr.Dataset]

PARTS = Competition(
    public=Period(start=date(2015, 6, 1), end=date(2015, 6, 7)),
    private=Period(start=date(2015, 6, 8), end=date(2015, 6, 14)),
)


def sums_of(result: Evaluation) -> Blocks:
    assert result.comparison is not None
    return result.comparison


def check(result: Evaluation, metric: str) -> Blocks:
    blocks = sums_of(result)
    assert metric == result.challenge.ranking
    assert blocks.value() == pytest.approx(result.official[metric], rel=1e-12, abs=1e-12)
    return blocks


def test_a_map_is_compared_by_the_days_of_its_official_score(toy: Path, blurred: Build) -> None:
    blocks = check(evaluate(blurred(), challenge="toy"), "mu")
    assert blocks.better == "higher"
    assert (blocks.labels[0], blocks.labels[-1], len(blocks.labels)) == ("2015-06-01", "2015-06-13", 13)


@pytest.mark.parametrize("holes", ["official", "zero"])
def test_holes_change_no_label(toy: Path, blurred: Build, holes: Any) -> None:
    holed = blurred().where(blurred().lat != 21.0)
    blocks = check(evaluate(holed, challenge="toy", holes=holes), "mu")
    assert blocks.labels == sums_of(evaluate(blurred(), challenge="toy")).labels


@pytest.mark.parametrize(("name", "holes"), [("a_good", "refuse"), ("b_gaps_poor", "official")])
def test_a_golden_map_gives_its_official_digits_back(golden: Path, name: str, holes: Any) -> None:
    cases, case = golden / "cases", name.rsplit("_", 1)[0]
    result = evaluate(
        cases / f"map_{name}.nc", challenge="2020a", reference=cases / f"map_{case}_truth.nc", holes=holes
    )
    check(result, "mu")


@pytest.mark.parametrize(("challenge", "metric"), [("2021a", "mu"), ("2021a-neurips", "nrmse")])
def test_a_golden_track_gives_its_official_digits_back(golden: Path, challenge: str, metric: str) -> None:
    cases = golden / "cases"
    result = evaluate(cases / "ose_short_map.nc", challenge=challenge, reference=cases / "ose_short_track.nc")
    blocks = check(result, metric)
    assert blocks.better == "higher"
    assert len(set(blocks.labels)) == len(blocks.labels)


def test_the_other_profile_of_a_map_is_compared_by_its_own_number(toy: Path, blurred: Build) -> None:
    usual = load_challenge("toy")
    other = {"gridded": load_challenge("2020a-neurips").gridded, "ranking": "nrmse"}
    check(evaluate(blurred(), challenge=usual.model_copy(update=other)), "nrmse")


def test_filtered_swaths_are_compared_by_pass(ripples: Path) -> None:
    from oceanbench.running import sample_passes

    challenge = load_challenge("ripples")
    sample_passes(challenge, challenge.tracks[0], Path("sample"))
    blocks = check(evaluate("sample", challenge="ripples"), challenge.ranking)
    assert blocks.better == "lower"
    assert len(blocks.labels) == evaluate("sample", challenge="ripples").coverage.to_json()["passes"]


def test_swaths_without_a_truth_are_compared_by_what_is_flagged_in_each_pass(
    ripples: Path, swath_world: Path
) -> None:
    from oceanbench.running import sample_passes

    challenge = load_challenge("unknown-sea")
    sample_passes(challenge, challenge.tracks[0], Path("sample"))
    blocks = check(evaluate("sample"), "roberts_discontinuity_fraction")
    assert blocks.better == "lower"
    assert all("/" in label for label in blocks.labels)


def test_a_map_that_is_better_every_day_is_told_apart(toy: Path, midnights: Build, blurred: Build) -> None:
    better, worse = (sums_of(evaluate(one, challenge="toy")) for one in (midnights(), blurred()))
    interval = difference(better, worse)
    assert interval.low > 0


# --- a definition in place of a name


def test_a_definition_may_stand_for_a_name(toy: Path, blurred: Build) -> None:
    definition = load_challenge("toy")
    named, given = (evaluate(blurred(), challenge=one) for one in ("toy", definition))
    assert given.official == named.official
    assert check_map(blurred(), challenge=definition)[0] is definition


def test_swaths_too_are_scored_by_a_definition(ripples: Path) -> None:
    assert check_map(ripples, challenge=load_challenge("ripples"), variable="ssh_karin")[0].id == "ripples"


@pytest.mark.parametrize(("part", "days"), [("public", 7), ("private", 6)])
def test_a_part_is_scored_on_its_own_days_with_the_quirk_of_the_last(
    toy: Path, blurred: Build, part: Any, days: int
) -> None:
    whole = load_challenge("toy").model_copy(update={"competition": PARTS})
    result = evaluate(blurred(), challenge=whole.part(part), track="half")
    assert len(sums_of(result).labels) == days
    assert str(whole.part(part).periods.evaluation.start) in result.scope
    assert set(result.official) == {"mu", "sigma", "lambda_x", "lambda_t"}


def test_the_sums_of_both_parts_are_those_of_the_whole(toy: Path, blurred: Build) -> None:
    whole = load_challenge("toy").model_copy(update={"competition": PARTS})
    public, private = (sums_of(evaluate(blurred(), challenge=whole.part(part))) for part in PARTS.parts)
    all_days = sums_of(evaluate(blurred(), challenge=whole))
    assert public.labels + private.labels == all_days.labels
    together = np.concatenate([public.table, private.table])
    np.testing.assert_allclose(together, all_days.table, rtol=1e-12)
