"""Gridded heights, read lazily."""

from collections.abc import Sequence
from functools import reduce
from operator import add
from pathlib import Path

import xarray as xr

from oceanbench.submission import normalise_grid
from oceanbench.units import metres_per

__all__ = ["read_grid"]


def read_grid(paths: Sequence[Path], height: dict[str, float]) -> xr.DataArray:
    """Read gridded heights lazily, several files one after the other in time.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        Files with the same grid.
    height : dict of str to float
        The height as a sum of variables times coefficients.

    Returns
    -------
    xr.DataArray, dims (time, lat, lon) or (lat, lon), in metres
        Longitudes in -180..180, all coordinates ascending.
    """
    dataset = (
        xr.open_mfdataset(
            [str(path) for path in paths],
            combine="nested",
            concat_dim="time",
            chunks={},
            data_vars="minimal",
            coords="minimal",
            compat="override",
            join="exact",
        )
        if len(paths) > 1
        else xr.open_dataset(paths[0], chunks={})
    )
    dataset = dataset.set_coords(
        [name for name in dataset.data_vars if name not in height and "time" not in dataset[name].dims]
    )
    missing = [name for name in height if name not in dataset]
    if missing:
        raise ValueError(f"{paths[0]}: no variable {missing}; it holds {sorted(map(str, dataset.data_vars))}")
    terms = [coefficient * _in_metres(dataset[name]) for name, coefficient in height.items()]
    return normalise_grid(reduce(add, terms).rename("ssh").assign_attrs(units="m"))


def _in_metres(field: xr.DataArray) -> xr.DataArray:
    factor = metres_per(str(field.attrs.get("units", "m")))
    return field if factor == 1.0 else factor * field
