"""What the scorer answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from oceanbench.challenge import PartName

__all__ = ["EQUAL_TO_THE_TRUTH", "HOLES", "NotScored", "Scored"]

EQUAL_TO_THE_TRUTH = "equal to the truth"
HOLES = "holes"


@dataclass(frozen=True)
class Scored:
    """The scores of a map.

    Attributes
    ----------
    results : mapping of str to mapping
        By part (``public``, and ``private`` where a block of days is kept back): ``evaluation``, the JSON of
        an :class:`~oceanbench.score.Evaluation`, and ``comparison``, that of
        :class:`~oceanbench.metrics.comparison.Blocks`, empty where there are none.
    flags : tuple of str
        ``equal to the truth`` where the map is no map, ``holes`` where missing heights were filled.
    report : tuple of pathlib.Path
        Files of the report, all below ``out/report``; none where the truth is withheld.
    """

    results: Mapping[PartName, Mapping[str, dict[str, Any]]]
    flags: tuple[str, ...] = ()
    report: tuple[Path, ...] = ()


@dataclass(frozen=True)
class NotScored:
    """Why there are no scores.

    Attributes
    ----------
    fault : {"submission", "service"}
        Whose fault it is: ``submission`` refuses it, ``service`` costs its team nothing.
    reason : str
        In one sentence, for the team; it says nothing of the machine.
    problems : list of dict
        What is wrong with a submission: ``what_given``, ``expected``, ``fix``.
    again : bool
        Whether another attempt may do: the fault may pass.
    log : str
        The last lines of the process, for administrators only.
    """

    fault: Literal["submission", "service"]
    reason: str
    problems: list[dict[str, str]] = field(default_factory=list)
    again: bool = False
    log: str = ""
