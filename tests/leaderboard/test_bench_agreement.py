"""The order of our methods against the published one: closed cases of Kendall's τ, and which pairs count."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceanbench.catalog import load_challenge
from oceanbench.metrics.bootstrap import Interval
from oceanbench.score import Evaluation
from oceanbench_leaderboard.bench.agreement import (
    Pair,
    agreement_on,
    beside,
    kendall_tau,
    published_by_method,
    published_home,
)
from oceanbench_leaderboard.bench.choosing import Contestant
from oceanbench_leaderboard.bench.rows import BenchRow
from oceanbench_leaderboard.bench.words import sentences_about

Make = Callable[..., Evaluation]
TRACK = "4 nadirs"
ORDER = {"oi": 0.80, "duacs": 0.90, "dymost": 0.91, "miost": 0.92}


def pair(published: tuple[float, float], ours: tuple[float, float]) -> Pair:
    return Pair("mu", ("one", "other"), published, ours, overlap=False)


def row(method: str, evaluation: Evaluation | None, track: str = TRACK) -> BenchRow:
    return BenchRow(Contestant(method, method, {}, {}), track, evaluation, None, Path("map.nc"))


def rows(make: Make, numbers: Mapping[str, Mapping[str, float]]) -> list[BenchRow]:
    return [row(name, make("2020a-twin", TRACK, official=one)) for name, one in numbers.items()]


def test_kendall_tau_is_one_for_the_same_order_and_minus_one_for_the_reverse() -> None:
    same = [pair((1.0, 2.0), (5.0, 6.0)), pair((2.0, 3.0), (6.0, 7.0))]
    reverse = [pair((1.0, 2.0), (6.0, 5.0)), pair((2.0, 3.0), (7.0, 6.0))]
    assert (kendall_tau(same), kendall_tau(reverse)) == (1.0, -1.0)


def test_kendall_tau_of_six_pairs_with_one_turned_round_is_two_thirds() -> None:
    pairs = [pair((1.0, 2.0), (5.0, 6.0))] * 5 + [pair((1.0, 2.0), (6.0, 5.0))]
    assert kendall_tau(pairs) == pytest.approx(2 / 3)


def test_pair_that_ours_leave_equal_or_undefined_counts_in_neither_number() -> None:
    assert kendall_tau([pair((1.0, 2.0), (5.0, 5.0)), pair((1.0, 2.0), (5.0, 6.0))]) == 0.5
    assert pair((1.0, 2.0), (math.nan, 6.0)).to_json()["concordant"] is None


def test_kendall_tau_of_no_pair_is_not_a_number() -> None:
    assert math.isnan(kendall_tau([]))


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=6, unique=True))
def test_sign_of_a_pair_does_not_depend_on_which_comes_first(values: list[float]) -> None:
    one, other = values[:2]
    assert pair((0.1, 0.2), (one, other)).sign == pair((0.2, 0.1), (other, one)).sign


def test_pairs_published_within_a_hundredth_in_mu_or_three_percent_in_wavelength_are_left_out(
    make_evaluation: Make,
) -> None:
    ours = {name: {"mu": mu, "lambda_x": 2 - mu, "lambda_t": 20 - mu} for name, mu in ORDER.items()}
    found = agreement_on(load_challenge("2020a-twin"), TRACK, rows(make_evaluation, ours))
    assert found is not None
    compared = {name: {frozenset(one.methods) for one in pairs} for name, pairs in found.by_metric.items()}
    # published µ .83 .92 .91 .93, λx 2.25 1.42 1.36 1.35, λt 15.67 12.13 11.91 10.41 (2020a, 4 nadirs)
    every = {frozenset((a, b)) for a in ORDER for b in ORDER if a < b}
    assert every - compared["mu"] == {frozenset(("duacs", "dymost")), frozenset(("duacs", "miost"))}
    assert every - compared["lambda_x"] == {frozenset(("dymost", "miost"))}
    assert every - compared["lambda_t"] == {frozenset(("duacs", "dymost"))}


def test_same_order_as_published_for_the_original_of_a_twin_gives_one(make_evaluation: Make) -> None:
    ours = {name: {"mu": mu, "lambda_x": 2 - mu, "lambda_t": 20 - mu} for name, mu in ORDER.items()}
    found = agreement_on(load_challenge("2020a-twin"), TRACK, rows(make_evaluation, ours))
    assert found is not None
    assert (found.published_for, found.tau, len(found.pairs)) == ("2020a", 1.0, 14)
    content = found.to_json()
    assert content["tau"] == 1.0
    assert content["numbers"]["mu"]["tau"] == 1.0
    assert sentences_about(found)[1:] == ()


def test_method_out_of_order_is_told_with_both_numbers(make_evaluation: Make) -> None:
    ours = {"oi": {"mu": 0.91}, "duacs": {"mu": 0.90}}
    found = agreement_on(load_challenge("2020a-twin"), TRACK, rows(make_evaluation, ours))
    assert found is not None
    by_metric = found.to_json()["numbers"]
    assert by_metric["mu"]["tau"] == -1.0
    assert by_metric["mu"]["pairs"] == [
        {
            "methods": ["oi", "duacs"],
            "published": [0.83, 0.92],
            "ours": [0.91, 0.9],
            "concordant": False,
            "intervals_overlap": True,
        }
    ]
    assert by_metric["lambda_x"]["pairs"][0]["concordant"] is None  # no such number of ours
    text = " ".join(sentences_about(found))
    assert "Not so for µ of oi and duacs: published 0.83 and 0.92, ours 0.910 and 0.900" in text


def test_intervals_that_touch_overlap_and_those_apart_do_not(make_evaluation: Make) -> None:
    def overlap(low: float) -> bool:
        made = [
            row("oi", make_evaluation(official={"mu": 0.8}, robust={"mu": Interval(0.8, 0.7, 0.85)})),
            row("duacs", make_evaluation(official={"mu": 0.9}, robust={"mu": Interval(0.9, low, 0.95)})),
        ]
        found = agreement_on(load_challenge("2020a"), TRACK, made)
        assert found is not None
        return found.by_metric["mu"][0].overlap

    assert overlap(0.85)
    assert not overlap(0.86)


def test_fewer_than_two_methods_with_published_rows_cannot_be_compared(make_evaluation: Make) -> None:
    challenge = load_challenge("2020a-twin")
    ours = rows(make_evaluation, {"oi": {"mu": 0.8}, "oi-local": {"mu": 0.7}})
    assert agreement_on(challenge, TRACK, [*ours, row("duacs", None)]) is None
    assert agreement_on(challenge, "1 swot", ours) is None


def test_superseded_rows_and_those_printed_elsewhere_do_not_count() -> None:
    home = published_home(load_challenge("2020a-twin"))
    found = published_by_method(home, TRACK)
    assert found["miost"] == {"mu": 0.93, "sigma": 0.01, "lambda_x": 1.35, "lambda_t": 10.41}
    assert set(found) == set(ORDER)


def test_rows_of_filters_that_were_made_again_stand_for_those_of_the_readme() -> None:
    found = published_by_method(published_home(load_challenge("2022a-twin")), "cycle 13")
    assert set(found) == {"none", "median", "gomez", "unet"}
    coastal = {name: numbers["rmse.ssh.coastal"] for name, numbers in found.items()}
    assert coastal["median"] == 0.00492617  # 0.045 in the README, worse than no filter
    assert coastal["unet"] < coastal["gomez"] < coastal["median"] < coastal["none"]


def test_published_order_of_filters_holds_in_errors_of_all_three_quantities(make_evaluation: Make) -> None:
    challenge, track = load_challenge("2022a-twin"), "cycle 13"
    ours = {
        name: {f"rmse.{quantity}.global": 0.001 * (4 - place) for quantity in ("ssh", "speed", "vorticity")}
        for place, name in enumerate(("none", "median", "gomez", "unet"))
    }
    made = [
        row(name, make_evaluation("2022a-twin", track, official=one), track) for name, one in ours.items()
    ]
    found = agreement_on(challenge, track, made)
    assert found is not None
    errors = [pair for pair in found.pairs if pair.metric.startswith("rmse")]
    assert (len(errors), kendall_tau(errors)) == (18, 1.0)  # six pairs, all more than 3 % apart
    assert "(RMSE and λ: 3 %)" in sentences_about(found)[0]


def test_challenge_that_is_no_twin_is_compared_with_its_own_rows() -> None:
    assert published_home(load_challenge("medsea-2021")).id == "medsea-2021"


def test_robust_number_beside_an_official_one_is_of_the_same_kind(make_evaluation: Make) -> None:
    daily, whole = Interval(0.7, 0.6, 0.8), Interval(0.9, 0.8, 1.0)
    robust = {"mu": whole, "mu_daily": daily}
    assert beside(make_evaluation("2021a", "6 nadirs", robust=robust), "mu") == daily
    assert beside(make_evaluation(robust={"mu": whole}), "mu") == whole
    assert beside(make_evaluation(), "mu") is None
