"""Heights that are missing, infinite, too great, all the same."""

from dataclasses import replace

import numpy as np
import pytest

from oceanbench.submission import open_map


def with_value(dataset, value, *, time=2, lat=3, lon=4):
    changed = dataset.copy(deep=True)
    changed["ssh"].values[time, lat, lon] = value
    return changed


def test_hole_in_the_box_is_refused_with_count_share_and_place(make_map, expected, problems):
    (sentence,) = problems(with_value(make_map(), np.nan), expected=expected)
    assert sentence == (
        "missing heights: 1 of 2646 (0.0378 %), the first at 2012-10-24, 34.5 N, -63 E; "
        "expected a height at every point of the box and period; "
        "fill them, or choose what a hole means with --holes zero or --holes official"
    )


def test_hole_becomes_zero_or_stays_as_the_rule_says(make_map, expected):
    dataset = with_value(make_map(), np.nan)
    zero = open_map(dataset, expected=replace(expected, holes="zero"))
    official = open_map(dataset, expected=replace(expected, holes="official"))
    assert float(zero.ssh[2, 3, 4]) == 0.0
    assert np.isnan(official.ssh[2, 3, 4])
    assert zero.notes[0].endswith("they count as zero.")
    assert official.notes[0].endswith("they are left to the official code.")


def test_hole_outside_the_box_or_the_period_is_no_hole(make_map, expected):
    inner = replace(expected, west=-62.0, start=np.datetime64("2012-10-23"))
    for place in ({"lon": 0}, {"lon": 5}, {"time": 0}):
        assert open_map(with_value(make_map(), np.nan, **place), expected=inner).notes == []


def test_hole_on_the_edge_of_the_box_is_a_hole(make_map, expected, problems):
    inner = replace(expected, west=-62.0)
    assert problems(with_value(make_map(), np.nan, lon=6), expected=inner)[0].startswith(
        "missing heights: 1 of"
    )


def test_map_without_any_height_is_refused(make_map, expected, problems):
    assert "2646 of 2646 (100 %)" in problems(make_map() * np.nan, expected=expected)[0]


def test_infinite_height_is_refused_with_its_place(make_map, expected, problems):
    (sentence,) = problems(with_value(make_map(), -np.inf), expected=expected)
    assert sentence.startswith("infinite heights: 1, the first at 2012-10-24, 34.5 N, -63 E; expected finite")


@pytest.mark.parametrize("value", [20.5, -99.0, 1e300, 9.969209968386869e36])
def test_height_beyond_the_limit_is_refused_with_its_place(make_map, expected, problems, value):
    dataset = with_value(make_map(), value)
    dataset["ssh"].attrs["units"] = "m"
    (sentence,) = problems(dataset, expected=expected)
    assert sentence.startswith(f"heights beyond 20 m: 1 (largest {abs(value):.6g}), the first at 2012-10-24")
    assert "_FillValue" in sentence
    open_map(dataset)


def test_limit_is_the_challenge_s(make_map, expected, problems):
    strict = replace(expected, height_limit_m=0.5)
    assert "heights beyond 0.5 m: 1322" in problems(make_map(), expected=strict)[0]


@pytest.mark.parametrize("value", [0.0, 0.25])
def test_constant_map_is_accepted_with_a_note(make_map, expected, value):
    constant = make_map()
    constant["ssh"].values[:] = value
    assert open_map(constant, expected=expected).notes == [f"All heights are the same: {value:g} m."]


def test_census_is_the_same_piece_by_piece(monkeypatch, make_map, expected, problems):
    dataset = with_value(with_value(make_map(), np.nan, time=4), np.nan, time=5)
    whole = problems(dataset, expected=expected)
    monkeypatch.setattr("oceanbench.submission._source._PIECE_BYTES", 1)
    assert problems(dataset, expected=expected) == whole
