"""How much memory a process that reads a file may have on this machine."""

import os

from oceanbench_leaderboard.settings import Limits

__all__ = ["memory_for"]

_LEAST = 2 << 30  # less does not load the libraries


def memory_for(limits: Limits) -> int:
    """Give the bytes of address space: what the limits allow, but at most half of the memory there is."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(limits.intake_memory, max(machine // 2, _LEAST))
