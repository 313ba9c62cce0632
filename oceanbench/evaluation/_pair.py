"""Two fields on one grid, and where and when they are compared."""

from dataclasses import dataclass

import xarray as xr

from oceanbench.challenge import Box, Period

__all__ = ["GridScope", "Pair"]


@dataclass(frozen=True)
class GridScope:
    """Where and when a map is scored against a gridded truth.

    Attributes
    ----------
    box : Box or None
        The closed box; None for the whole grid of the truth.
    period : Period or None
        The days; None for all times of the truth.
    crop : Box or None
        What the official code cuts the truth to, where a published row says so. Nodes are compared with
        edges as they are stored: of two nodes on an edge, one may lie a rounding error outside.
    """

    box: Box | None
    period: Period | None
    crop: Box | None


@dataclass(frozen=True)
class Pair:
    """An estimate and a reference on one grid, dims (time, lat, lon), metres."""

    estimate: xr.DataArray
    reference: xr.DataArray
