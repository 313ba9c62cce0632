"""A first look at a file or a folder: does it hold swaths, and what does it say of itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oceanbench.netcdf import open_data
from oceanbench.swaths._fields import DIMS
from oceanbench.swaths._sources import pass_files

__all__ = ["holds_swaths", "swath_attributes"]


def holds_swaths(place: Path) -> bool:
    """Tell whether the first file at a place, or the place itself, has lines and pixels of a swath.

    What cannot be opened holds none: whoever opens it next says why.
    """
    try:
        dataset = open_data(pass_files(place).files[0], indexes=False, chunks={})
    except (OSError, ValueError):
        return False
    with dataset:
        return set(DIMS) <= set(dataset.dims)


def swath_attributes(place: Path) -> Mapping[str, Any]:
    """Give the global attributes of the first file at a place."""
    with open_data(pass_files(place).files[0], indexes=False, chunks={}) as dataset:
        return dict(dataset.attrs)
