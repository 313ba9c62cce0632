"""What a method says of itself."""

from pathlib import Path

import pytest

from oceanbench.method_card import card

METHOD = '''
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Base:
    """Something.

    Parameters
    ----------
    level : float
        How high,
        in metres.
    """

    level: float = 0.5


@dataclass(frozen=True)
class Level(Base):
    """A level sea.

    Not more than that.

    Parameters
    ----------
    depth, width : float
        Of no account.

    Notes
    -----
    height : of this nothing is said
    """

    INPUTS: ClassVar[str] = "anything"
    COST: ClassVar[str] = "none"
    SEARCH: ClassVar = {"depth": (1.0, 10.0)}
    PRESETS: ClassVar = {"2020a": {"level": 1.0}}
    depth: float = 3.0
    width: float | None = None
    sides: tuple[int, ...] = (1, 2)

    def __call__(self, observations, grid):
        """Map."""


def plain(observations, grid):
    """A function.

    With more to it.
    """
'''


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cards") / "level.py"
    path.write_text(METHOD)
    return path


def test_a_card_has_the_words_of_the_class_and_of_what_it_is_made_from(file: Path) -> None:
    level = card(f"{file}:Level")
    assert (level.summary, level.inputs, level.cost) == ("A level sea.", "anything", "none")
    about = {parameter.name: parameter.about for parameter in level.parameters}
    assert about == {
        "level": "How high, in metres.",
        "depth": "Of no account.",
        "width": "Of no account.",
        "sides": "",
    }
    assert level.presets == {"2020a": {"level": 1.0}}


def test_a_card_tells_what_is_searched_and_where(file: Path) -> None:
    searched = {parameter.name: parameter.search for parameter in card(f"{file}:Level").parameters}
    assert searched == {"level": None, "depth": (1.0, 10.0), "width": None, "sides": None}


def test_a_function_has_a_card_without_parameters(file: Path) -> None:
    plain = card(f"{file}:plain")
    assert plain.summary == "A function."
    assert plain.parameters == ()


def test_every_parameter_of_the_baselines_is_explained() -> None:
    for name in ("oi", "oi-local"):
        mine = card(name)
        assert mine.inputs
        assert mine.cost
        unexplained = [parameter.name for parameter in mine.parameters if not parameter.about]
        assert not unexplained
