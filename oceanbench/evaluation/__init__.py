"""From a map to a score: read it, find what it is for, compare, say how far the numbers can be trusted."""

from oceanbench.evaluation._checking import check_map, expected_of
from oceanbench.evaluation._pending import refuse_pending
from oceanbench.evaluation._scoring import evaluate

__all__ = ["check_map", "evaluate", "expected_of", "refuse_pending"]
