"""Heights of one filtered pass beside the noisy ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from oceanbench.submission import check_pass

LINES, PIXELS = 6, 9


@pytest.fixture
def noisy():
    heights = 0.1 + 0.01 * np.arange(LINES * PIXELS, dtype=float).reshape(LINES, PIXELS)
    heights[:, 4] = np.nan
    return heights


def with_value(heights, value, line=2, pixel=3):
    changed = heights - 0.005
    changed[line, pixel] = value
    return changed


def sentences(check):
    return [str(problem) for problem in check.problems]


def test_filtered_heights_where_the_noisy_ones_are_say_nothing(noisy):
    check = check_pass(5, noisy - 0.005, noisy)
    assert (check.notes, check.problems) == ([], [])
    assert check.points == check.covered == LINES * (PIXELS - 1)


def test_hole_is_refused_with_count_share_place_and_cure(noisy):
    check = check_pass(5, with_value(noisy, np.nan), noisy)
    assert sentences(check) == [
        "pass 5: missing heights where there is a noisy one: 1 of 48 (2.08 %), the first on line 2, pixel 3; "
        "expected a height wherever the noisy one is; "
        "fill them, with the noisy height for instance, or leave them out with --holes official"
    ]
    assert (check.points, check.covered) == (48, 47)


def test_official_rule_lets_holes_pass_with_a_note(noisy):
    check = check_pass(5, with_value(noisy, np.nan), noisy, holes="official")
    assert check.problems == []
    assert check.notes == [
        "Pass 5: missing heights where there is a noisy one: 1 of 48 (2.08 %), the first on line 2, pixel 3; "
        "they are left out, as by the official code."
    ]


@pytest.mark.parametrize("holes", ["refuse", "official"])
def test_pass_without_any_height_is_refused_whatever_the_rule(noisy, holes):
    check = check_pass(5, np.full_like(noisy, np.nan), noisy, holes=holes)
    assert sentences(check)[0].startswith("pass 5: all 48 heights are missing; expected")
    assert check.covered == 0


def test_pass_over_land_only_has_nothing_to_be_wrong():
    nothing = np.full((LINES, PIXELS), np.nan)
    check = check_pass(5, nothing, nothing)
    assert (check.notes, check.problems, check.points, check.covered) == ([], [], 0, 0)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_height_is_refused_with_its_place(noisy, value):
    (sentence,) = sentences(check_pass(5, with_value(noisy, value), noisy))
    assert sentence.startswith("pass 5: infinite heights: 1, the first on line 2, pixel 3; expected finite")


@pytest.mark.parametrize("value", [20.5, -99.0, 1e300])
def test_height_beyond_20_metres_is_refused_with_its_value(noisy, value):
    (sentence,) = sentences(check_pass(5, with_value(noisy, value), noisy))
    assert sentence.startswith(f"pass 5: heights beyond 20 m: 1, the first, {value:.6g}, on line 2, pixel 3")
    assert "a wrong unit" in sentence


@pytest.mark.parametrize(
    "value", [9.969209968386869e36, np.float32(9.96921e36), 2147483647e-4, -9999.0, -32767.0]
)
def test_fill_value_that_lost_its_mark_is_recognised(noisy, value):
    (sentence,) = sentences(check_pass(5, with_value(noisy, value), noisy))
    assert f"{float(value):.6g} looks like a fill value: set the attribute _FillValue" in sentence


@pytest.mark.parametrize("value", [0.3, np.inf, 9.97e36])
def test_whatever_stands_where_there_is_nothing_to_filter_is_noted_and_not_judged(noisy, value):
    check = check_pass(5, with_value(noisy, value, pixel=4), noisy)
    assert check.problems == []
    assert check.notes == ["Pass 5 has heights where there is nothing to filter (1); they are not looked at."]
    assert check.points == check.covered == 48


def test_noisy_heights_handed_in_as_they_are_are_noted(noisy):
    packed = np.round(noisy, 7).astype(np.float32)
    assert check_pass(5, packed, noisy).notes == ["Pass 5 is the noisy heights, unchanged."]
    assert check_pass(5, noisy + 1e-5, noisy).notes == []


def test_several_problems_are_said_together(noisy):
    spoilt = with_value(with_value(noisy, np.nan) + 0.005, np.inf, line=0)
    spoilt[1, 1] = 50.0
    first, second, third = sentences(check_pass((507, 3), spoilt, noisy))
    assert first.startswith("pass 3 of cycle 507: missing heights")
    assert second.startswith("pass 3 of cycle 507: infinite heights")
    assert third.startswith("pass 3 of cycle 507: heights beyond 20 m: 1, the first, 50, on line 1, pixel 1")


def test_rule_of_maps_and_other_shapes_are_errors_of_the_caller(noisy):
    with pytest.raises(ValueError, match="holes='zero' has no meaning for filtered swaths; allowed: refuse"):
        check_pass(5, noisy, noisy, holes="zero")
    with pytest.raises(ValueError, match=r"pass 5 has shape \(3, 9\), its noisy heights \(6, 9\)"):
        check_pass(5, noisy[:3], noisy)


HEIGHTS = arrays(np.float64, (3, 4), elements=st.floats(allow_nan=True, allow_infinity=True))


@given(HEIGHTS, HEIGHTS)
def test_pass_is_accepted_exactly_when_it_is_plausible_wherever_there_is_a_noisy_height(filtered, noisy):
    check = check_pass(1, filtered, noisy)
    wanted = np.isfinite(noisy)
    with np.errstate(invalid="ignore"):
        good = np.abs(filtered[wanted]) <= 20.0
    assert (not check.problems) == bool(good.all())
    assert check.points == wanted.sum()
    assert check.covered == np.isfinite(filtered[wanted]).sum()
