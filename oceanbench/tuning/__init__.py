"""Search a method's parameters honestly: on days and missions that no score of the challenge ever looks at.

Guide: docs/tuning.md. From the command line: ``oceanbench tune``. The names below are loaded when they are
first used.
"""

from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench.tuning._case import Case as Case
    from oceanbench.tuning._case import errors_of as errors_of
    from oceanbench.tuning._left_out import LeftOut as LeftOut
    from oceanbench.tuning._left_out import left_out as left_out
    from oceanbench.tuning._pseudo_observations import PseudoObservations as PseudoObservations
    from oceanbench.tuning._pseudo_observations import pseudo_observations as pseudo_observations
    from oceanbench.tuning._result import Result as Result
    from oceanbench.tuning._result import Trial as Trial
    from oceanbench.tuning._result import read_result as read_result
    from oceanbench.tuning._space import Axis as Axis
    from oceanbench.tuning._space import Space as Space
    from oceanbench.tuning._space import space_of as space_of
    from oceanbench.tuning._tuning import Budget as Budget
    from oceanbench.tuning._tuning import Design as Design
    from oceanbench.tuning._tuning import tune as tune

_HOMES = {
    "Axis": "_space",
    "Budget": "_tuning",
    "Case": "_case",
    "Design": "_tuning",
    "LeftOut": "_left_out",
    "PseudoObservations": "_pseudo_observations",
    "Result": "_result",
    "Space": "_space",
    "Trial": "_result",
    "errors_of": "_case",
    "left_out": "_left_out",
    "pseudo_observations": "_pseudo_observations",
    "read_result": "_result",
    "space_of": "_space",
    "tune": "_tuning",
}

__all__ = [
    "Axis",
    "Budget",
    "Case",
    "Design",
    "LeftOut",
    "PseudoObservations",
    "Result",
    "Space",
    "Trial",
    "errors_of",
    "left_out",
    "pseudo_observations",
    "read_result",
    "space_of",
    "tune",
]


__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
