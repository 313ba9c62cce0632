"""The order in which values are tried: the start, a few spread points, then downhill."""

import math
from collections.abc import Mapping

import pytest

from oceanbench.tuning import Axis, Space
from oceanbench.tuning._search import Spent, search

SPACE = Space((Axis("a", 0.1, 10.0, 4.0), Axis("b", 1.0, 100.0, 60.0)))


class Bowl:
    """A score with its least value at a = 0.5, b = 20."""

    def __init__(self, most: int = 10_000) -> None:
        self.asked: list[Mapping[str, float]] = []
        self.most = most

    def __call__(self, values: Mapping[str, float]) -> float:
        if len(self.asked) >= self.most:
            raise Spent
        self.asked.append(dict(values))
        return 0.05 + 0.01 * math.log(values["a"] / 0.5) ** 2 + 0.01 * math.log(values["b"] / 20) ** 2


def test_the_least_value_of_a_bowl_is_found_within_40_trials() -> None:
    bowl = Bowl(most=40)
    search(SPACE, bowl, seed=0)
    best = min(bowl.asked, key=Bowl())
    assert best["a"] == pytest.approx(0.5, rel=0.1)
    assert best["b"] == pytest.approx(20, rel=0.1)


def test_the_start_comes_first_and_as_it_is() -> None:
    bowl = Bowl(most=1)
    search(SPACE, bowl, seed=0)
    assert bowl.asked == [{"a": 4.0, "b": 60.0}]


def test_every_value_lies_between_its_bounds() -> None:
    bowl = Bowl()
    search(SPACE, lambda values: -bowl(values), seed=3)  # downhill is towards a corner
    assert all(0.1 <= values["a"] <= 10 and 1 <= values["b"] <= 100 for values in bowl.asked)


def test_a_search_ends_by_itself_when_nothing_is_left_to_gain() -> None:
    bowl = Bowl()
    search(SPACE, bowl, seed=0)
    assert len(bowl.asked) < 300


def test_the_same_seed_asks_for_the_same_and_another_one_for_other_values() -> None:
    runs = []
    for seed in (1, 1, 2):
        bowl = Bowl(most=15)
        search(SPACE, bowl, seed=seed)
        runs.append(bowl.asked)
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_smaller_budget_asks_for_the_beginning_of_the_same() -> None:
    short, long = Bowl(most=7), Bowl(most=20)
    search(SPACE, short, seed=0)
    search(SPACE, long, seed=0)
    assert short.asked == long.asked[:7]


def test_values_that_cannot_be_used_do_not_stop_the_search() -> None:
    bowl = Bowl(most=60)
    search(SPACE, lambda values: math.inf if values["a"] > 2 else bowl(values), seed=0)
    best = min(bowl.asked, key=Bowl())
    assert best["a"] == pytest.approx(0.5, rel=0.1)
