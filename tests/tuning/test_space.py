"""What is searched: parameters between bounds, on a logarithmic scale."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceanbench.tuning import Axis, Space, space_of


@dataclass(frozen=True)
class Own:
    SEARCH: ClassVar = {"scale_km": (10.0, 1000.0), "count": (1, 20)}
    scale_km: float = 100.0
    count: int = 4
    noise: float = 0.0
    fine: bool = True
    name: str = "x"
    workers: int = field(default=0, metadata={"runtime": True})


@given(st.floats(0, 1), st.floats(1e-3, 10.0), st.floats(1.5, 1e3))
def test_a_value_lies_between_its_bounds_and_has_three_digits(share: float, low: float, ratio: float) -> None:
    axis = Axis("a", low, low * ratio, low)
    value = axis.value(share)
    assert axis.low <= value <= axis.high
    assert axis.share(value) == pytest.approx(share, abs=0.006 / np.log(ratio) + 1e-9)


def test_the_middle_of_a_range_is_its_geometric_mean() -> None:
    assert Axis("a", 1.0, 100.0, 1.0).value(0.5) == 10.0


def test_whole_numbers_stay_whole() -> None:
    values = [Axis("n", 1, 20, 4, whole=True).value(share) for share in (0.0, 0.3, 1.0)]
    assert values == [1, 2, 20]
    assert all(isinstance(value, int) for value in values)


def test_the_space_of_a_method_is_what_its_class_names() -> None:
    space = space_of(Own())
    assert [(axis.name, axis.low, axis.high, axis.start, axis.whole) for axis in space.axes] == [
        ("scale_km", 10.0, 1000.0, 100.0, False),
        ("count", 1.0, 20.0, 4, True),
    ]


def test_a_point_and_its_values_belong_together() -> None:
    space = Space((Axis("a", 1.0, 100.0, 10.0), Axis("b", 2.0, 8.0, 4.0)))
    assert space.values(space.point({"a": 10.0, "b": 4.0})) == {"a": 10.0, "b": 4.0}


def test_given_bounds_take_the_place_of_those_of_the_class() -> None:
    (axis,) = space_of(Own(scale_km=60.0), {"scale_km": (50.0, 70.0)}).axes
    assert (axis.low, axis.high) == (50.0, 70.0)


@pytest.mark.parametrize(
    ("wanted", "error", "told"),
    [
        ({"scale": None}, LookupError, "no parameter 'scale' to search; .*numbers.*scale_km, count, noise"),
        ({"fine": None}, LookupError, "no parameter 'fine'"),
        ({"workers": None}, LookupError, "no parameter 'workers'"),
        ({"noise": None}, ValueError, "'noise' has no bounds .*--search noise=LOW:HIGH"),
        ({"scale_km": (70.0, 50.0)}, ValueError, "searched from 70 to 50; .*smaller one first"),
        ({"scale_km": (0.0, 50.0)}, ValueError, "searched from 0 to 50; give two numbers above 0"),
        ({"scale_km": (1.0, 50.0)}, ValueError, "but starts at 100; start it inside"),
    ],
)
def test_what_cannot_be_searched_is_refused(
    wanted: dict[str, tuple[float, float] | None], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        space_of(Own(), wanted)


def test_a_method_that_names_nothing_to_search_is_refused() -> None:
    @dataclass(frozen=True)
    class Plain:
        scale_km: float = 1.0

    with pytest.raises(ValueError, match="Plain does not say what can be searched"):
        space_of(Plain())
