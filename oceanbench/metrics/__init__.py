"""Scores of maps, in two families that are never mixed: ``official``, to the digit, and ``robust``."""

from oceanbench.metrics.bootstrap import Interval
from oceanbench.metrics.gridded import MapStatistics, error_sums, map_statistics

__all__ = ["Interval", "MapStatistics", "error_sums", "map_statistics"]
