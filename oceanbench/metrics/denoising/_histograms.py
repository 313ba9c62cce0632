"""How often values occur, over bins that several fields share."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Histograms", "histograms"]

FloatArray = npt.NDArray[np.float64]

_TAILS = (0.2, 99.8)  # percent


@dataclass(frozen=True, eq=False)
class Histograms:
    """Probability densities of several fields.

    Attributes
    ----------
    centre : ndarray, shape (bins,)
        Middle of each bin.
    density : mapping of name to ndarray, shape (bins,)
        Per unit of the value. Values beyond the bins are counted: the integral is at most one.
    """

    centre: FloatArray
    density: Mapping[str, FloatArray]


def histograms(fields: Mapping[str, FloatArray], bins: int = 80, *, logarithmic: bool = False) -> Histograms:
    """Histograms of fields over the same bins, which leave out the outermost 0.2 % at each end.

    Parameters
    ----------
    fields : mapping of name to ndarray
        NaN where missing.
    bins : int
    logarithmic : bool
        Bins of equal ratio, for values above zero that span decades; zeros lie beyond the bins.
    """
    there = {name: field[np.isfinite(field)] for name, field in fields.items()}
    edges = _edges(list(there.values()), bins, logarithmic)
    middle = np.sqrt(edges[1:] * edges[:-1]) if logarithmic else (edges[1:] + edges[:-1]) / 2
    return Histograms(middle, {name: _density(values, edges) for name, values in there.items()})


def _edges(fields: list[FloatArray], bins: int, logarithmic: bool) -> FloatArray:
    usable = [values[values > 0.0] if logarithmic else values for values in fields]
    ends = [np.percentile(values, _TAILS) for values in usable if values.size]
    if not ends:
        return np.full(bins + 1, np.nan)
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    if logarithmic:
        return np.geomspace(low, max(high, low * (1.0 + 1e-6)), bins + 1)
    return np.linspace(low, max(high, low + 1e-9), bins + 1)


def _density(values: FloatArray, edges: FloatArray) -> FloatArray:
    if not values.size or np.isnan(edges).any():
        return np.full(edges.size - 1, np.nan)
    return np.histogram(values, edges)[0] / (values.size * np.diff(edges))
