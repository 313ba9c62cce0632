"""One problem that a method is tried on: what it is given, and how its map is scored."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.methods import Method, run_method, takes_mean
from oceanbench.running import with_mean
from oceanbench.tuning._errors import Errors

__all__ = ["Case", "errors_of", "evenly", "middles"]


@dataclass(frozen=True, eq=False)
class Case(ABC):
    """What a method is given, and what its map is held against, which it never sees.

    Attributes
    ----------
    label : str
        What it is, for the result file.
    observations : xr.Dataset, dim obs
        Canonical observations.
    grid : xr.Dataset
        Coordinates ``time``, ``lat``, ``lon`` of the map that is wanted; the times need not be even.
    mean : xr.DataArray or None
        Mean height (lat, lon) in metres for methods that take one.
    anomalies : bool
        Whether the observations are anomalies about ``mean``.
    """

    label: str
    observations: xr.Dataset
    grid: xr.Dataset
    mean: xr.DataArray | None
    anomalies: bool

    @abstractmethod
    def errors(self, ssh: xr.DataArray) -> Errors:
        """Compare a map (time, lat, lon) of absolute heights on ``grid`` with what it was not given.

        Raises
        ------
        ValueError
            Where the map is missing at a scored point.
        """


def errors_of(method: Method, case: Case) -> Errors:
    """Map a case and compare the map with what the method was not given.

    As in a run: a method that takes the mean height sees absolute heights, any other what was observed.

    Raises
    ------
    ValueError
        What the method says, or that its map breaks the contract or is missing at a scored point.
    """
    if not case.anomalies or case.mean is None:
        return case.errors(run_method(method, case.observations, case.grid, mean=case.mean)["ssh"])
    if takes_mean(method):
        absolute = with_mean(case.observations, case.mean)
        return case.errors(run_method(method, absolute, case.grid, mean=case.mean)["ssh"])
    anomalies = run_method(method, case.observations, case.grid)["ssh"]
    return case.errors(anomalies + _at_nodes(case.mean, case.grid))


def _at_nodes(mean: xr.DataArray, grid: xr.Dataset) -> NDArray[np.float64]:
    """Mean height (lat, lon) at the nodes of a grid; beyond its field the value at the edge."""
    lat, lon = (
        grid[name].clip(mean[name].min().item(), mean[name].max().item()).values for name in ("lat", "lon")
    )
    return np.asarray(mean.interp(lat=lat, lon=lon).transpose("lat", "lon").values)


def evenly(size: int, count: int) -> NDArray[np.intp]:
    """Indices of ``count`` of ``size`` items, or of all where there are fewer, from the first to the last.

    Examples
    --------
    >>> evenly(42, 3).tolist()
    [0, 20, 41]
    >>> evenly(42, 1).tolist()
    [20]
    """
    if count <= 1:
        return np.array([(size - 1) // 2][:count], dtype=np.intp)
    return np.unique(np.rint(np.linspace(0, size - 1, min(count, size)) - 1e-9).astype(np.intp))


def middles(size: int, count: int) -> NDArray[np.intp]:
    """Indices of the middles of ``count`` equal parts of ``size`` items, or of all where there are fewer.

    For days: the first and the last of a stretch are mapped with observations on one side, and are not to
    weigh more than they do among all days.

    Examples
    --------
    >>> middles(42, 3).tolist()
    [7, 21, 35]
    >>> middles(3, 9).tolist()
    [0, 1, 2]
    """
    parts = min(size, count)
    return (2 * np.arange(parts, dtype=np.intp) + 1) * size // (2 * max(parts, 1))
