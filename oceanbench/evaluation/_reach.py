"""How far beyond its last node a map is still believed: less than one cell of its own."""

import numpy as np
import numpy.typing as npt

__all__ = ["times_within_reach", "within_reach"]


def within_reach(wanted: npt.NDArray[np.float64], nodes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Move what lies less than one cell beyond the nodes onto the last node; leave the rest outside.

    Examples
    --------
    >>> within_reach(np.array([-0.5, 0.5, 2.9, 3.1]), np.array([0.0, 1.0, 2.0])).tolist()
    [0.0, 0.5, 2.0, 3.1]
    """
    if nodes.size < 2:
        return wanted
    low, high = 2 * nodes[0] - nodes[1], 2 * nodes[-1] - nodes[-2]
    reachable = (wanted > low) & (wanted < high)
    return np.where(reachable, np.clip(wanted, nodes[0], nodes[-1]), wanted)


def times_within_reach(
    wanted: npt.NDArray[np.datetime64], nodes: npt.NDArray[np.datetime64]
) -> npt.NDArray[np.datetime64]:
    """Do the same as :func:`within_reach` for times."""
    if nodes.size < 2:
        return wanted
    low, high = nodes[0] - (nodes[1] - nodes[0]), nodes[-1] + (nodes[-1] - nodes[-2])
    reachable = (wanted > low) & (wanted < high)
    return np.where(reachable, np.clip(wanted, nodes[0], nodes[-1]), wanted)
