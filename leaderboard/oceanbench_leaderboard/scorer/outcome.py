"""What the scorer answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from oceanbench.challenge import PartName

__all__ = ["EQUAL_TO_THE_TRUTH", "HOLES", "NotScored", "Scored", "flags_told", "of_private_part"]

EQUAL_TO_THE_TRUTH = "equal to the truth"
HOLES = "holes"
_PRIVATE = " in the private part"


def of_private_part(flag: str) -> str:
    """Give a flag as it is kept where it is true of the private part of a competition."""
    return flag + _PRIVATE


def flags_told(flags: Iterable[str], *, private: bool) -> list[str]:
    """Give the flags of a run that may be told.

    Parameters
    ----------
    flags : iterable of str
        All that are kept of it.
    private : bool
        Whether the private part is shown, because the competition has ended; until then nothing that is true
        of it alone is told.
    """
    return [flag for flag in map(str, flags) if private or not flag.endswith(_PRIVATE)]


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
        ``equal to the truth`` where the map is no map, ``holes`` where missing heights were filled; what is
        true of the private part says so, see :func:`flags_told`.
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
