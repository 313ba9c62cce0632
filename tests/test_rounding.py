"""Scores are rounded to what their intervals tell."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceanbench.rounding import rounded_to_noise


def evaluation(**robust: Any) -> dict[str, Any]:
    return {
        "challenge": "toy",
        "official": {"mu": 0.912345, "lambda_x": 1.2345, "lambda_t": None, "units": {"mu": "1"}},
        "robust": {"mu": {"value": 0.90456, "low": 0.8912, "high": 0.9171, "unit": "1"}, **robust},
    }


def test_the_last_digit_that_stays_is_that_of_half_the_interval() -> None:
    told = rounded_to_noise(evaluation())
    assert told["official"]["mu"] == 0.91
    assert told["robust"]["mu"] == {"value": 0.90, "low": 0.89, "high": 0.92, "unit": "1"}


def test_a_number_without_an_interval_keeps_two_digits_and_none_stays_none() -> None:
    told = rounded_to_noise(evaluation(lambda_x={"value": 1.3, "low": None, "high": None, "unit": "km"}))
    assert told["official"]["lambda_x"] == 1.2
    assert told["official"]["lambda_t"] is None
    assert told["robust"]["lambda_x"] == {"value": 1.3, "low": None, "high": None, "unit": "km"}


def test_the_rest_of_the_evaluation_stays_and_the_given_one_is_not_changed() -> None:
    given_ = evaluation()
    before = json.dumps(given_)
    told = rounded_to_noise(given_)
    assert (told["challenge"], told["official"]["units"]) == ("toy", {"mu": "1"})
    assert told["rounded_to_noise"] is True
    assert json.dumps(given_) == before


def test_numbers_within_names_are_rounded_by_the_intervals_of_their_names() -> None:
    interval = {"value": 0.0123, "low": 0.0113, "high": 0.0133, "unit": "m"}
    swaths = {
        "official": {"rmse": {"ssh": {"global": 0.012345}}},
        "unfiltered": {"rmse": {"ssh": {"global": 0.0256789}}},
        "robust": {"rmse": {"ssh": {"global": interval}}},
    }
    told = rounded_to_noise(swaths)
    assert told["official"]["rmse"]["ssh"]["global"] == 0.012
    assert told["unfiltered"]["rmse"]["ssh"]["global"] == 0.026
    assert told["robust"]["rmse"]["ssh"]["global"]["value"] == 0.012


def test_wide_intervals_round_before_the_point() -> None:
    wide = {"value": 123.4, "low": 80.0, "high": 190.0, "unit": "km"}
    told = rounded_to_noise({"official": {"lambda_x": 127.9}, "robust": {"lambda_x": wide}})
    assert told["official"]["lambda_x"] == 130.0


@given(value=st.floats(-1e3, 1e3), half=st.floats(1e-9, 1e2))
def test_what_is_told_stays_within_the_interval(value: float, half: float) -> None:
    interval = {"value": value, "low": value - half, "high": value + half, "unit": "1"}
    told = rounded_to_noise({"official": {"mu": value}, "robust": {"mu": interval}})
    assert abs(told["official"]["mu"] - value) <= half * (1 + 1e-6)


@given(shift=st.floats(-0.004, 0.004))
def test_maps_that_differ_by_less_than_the_noise_are_mostly_told_the_same(shift: float) -> None:
    interval = {"value": 0.9, "low": 0.85, "high": 0.95, "unit": "1"}
    one, other = (
        rounded_to_noise({"official": {"mu": mu}, "robust": {"mu": interval}})["official"]["mu"]
        for mu in (0.9, 0.9 + shift)
    )
    assert one == pytest.approx(other)
