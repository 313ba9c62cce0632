"""Heights of swaths as arrays, with few files open at a time."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

import numpy as np
import xarray as xr
from numpy.typing import NDArray

__all__ = ["few_open_files", "height_in"]

_OPEN_FILES = 8


def height_in(swath: xr.Dataset, heights: Mapping[str, float]) -> NDArray[np.float64]:
    """Read a height that is a sum of variables with factors, shape (num_lines, num_pixels), metres.

    Raises
    ------
    ValueError
        If the swath lacks one of the variables.
    """
    lacking = [name for name in heights if name not in swath]
    if lacking:
        raise ValueError(
            f"pass {swath.attrs.get('pass_number', '?')} has no variable {', '.join(lacking)}; it holds "
            f"{', '.join(map(str, swath))}; is this the folder of the noisy passes?"
        )
    parts = [factor * np.asarray(swath[name].values, dtype=np.float64) for name, factor in heights.items()]
    return np.asarray(sum(parts[1:], start=parts[0]))


def few_open_files() -> AbstractContextManager[None]:
    """Give a context in which xarray keeps few files open: each holds megabytes of its own cache."""
    options: AbstractContextManager[None] = xr.set_options(file_cache_maxsize=_OPEN_FILES)  # type: ignore[no-untyped-call]
    return options
