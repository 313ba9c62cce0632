"""From a map to a score: read it, find what it is for, compare, say how far the numbers can be trusted.

The names below are loaded when they are first used: to check a map no score is imported.
"""

from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench.evaluation._checking import check_map as check_map
    from oceanbench.evaluation._checking import expected_of as expected_of
    from oceanbench.evaluation._pending import refuse_pending as refuse_pending
    from oceanbench.evaluation._scoring import evaluate as evaluate

_HOMES = {
    "check_map": "_checking",
    "evaluate": "_scoring",
    "expected_of": "_checking",
    "refuse_pending": "_pending",
}

__all__ = ["check_map", "evaluate", "expected_of", "refuse_pending"]

__getattr__ = lazy_names(__name__, _HOMES)
