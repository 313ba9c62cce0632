"""Swaths as they were measured, lines x pixels, read lazily: passes of KaRIn, one by one or paired."""

from oceanbench.swaths._opening import open_swath
from oceanbench.swaths._passes import open_passes, pair_passes, split_passes

__all__ = ["open_passes", "open_swath", "pair_passes", "split_passes"]
