"""Sets of passes, known by their numbers."""

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.swaths._fields import DIMS, LINES, PIXELS
from oceanbench.swaths._opening import NUMBERS, PathLike, open_swath

_SAME_TIME = np.timedelta64(1, "ms")

type Passes = dict[int, xr.Dataset]


def open_passes(
    source: PathLike | Sequence[PathLike],
    *,
    layout: str = "swath-2022a",
    variables: Collection[str] | None = None,
    cycle: int | None = None,
) -> Passes:
    """Open the passes of one cycle, each known by its number and not by its place among the files.

    Parameters
    ----------
    source : path of a folder with NetCDF files, or sequence of paths
    layout, variables :
        As in :func:`open_swath`.
    cycle : int, optional
        Which cycle to take, where the files hold several.

    Returns
    -------
    dict of pass number to xr.Dataset, in order of number

    Raises
    ------
    FileNotFoundError, ValueError
        Where there is no file, a file tells no number, or a pass comes twice.
    """
    passes: dict[int, tuple[Path, xr.Dataset]] = {}
    for path in _files(source):
        swath = open_swath(path, layout=layout, variables=variables)
        if cycle is not None and swath.attrs.get("cycle_number") != cycle:
            swath.close()
            continue
        number = _pass_number(swath, path)
        if number in passes:
            first, known = passes[number]
            raise ValueError(
                f"pass {number} comes twice: {str(first)!r} (cycle {known.attrs.get('cycle_number')}) and "
                f"{str(path)!r} (cycle {swath.attrs.get('cycle_number')}); choose one cycle, or remove one"
            )
        passes[number] = path, swath
    if not passes:
        raise ValueError(f"no pass of cycle {cycle} among the files")
    return {number: passes[number][1] for number in sorted(passes)}


def pair_passes(
    one: Mapping[int, xr.Dataset], other: Mapping[int, xr.Dataset]
) -> dict[int, tuple[xr.Dataset, xr.Dataset]]:
    """Pair the passes of two sets, such as what was given and what a filter made of it, by their numbers.

    Parameters
    ----------
    one, other : mapping of pass number to xr.Dataset
        As :func:`open_passes` gives them.

    Returns
    -------
    dict of pass number to pair, in order of number

    Raises
    ------
    ValueError
        Where a pass is in one set only, or its lines, pixels or times differ.
    """
    for given, lacking, where in ((one, other, "second"), (other, one, "first")):
        missing = sorted(set(given) - set(lacking))
        if missing:
            some = ", ".join(map(str, missing[:10])) + (" and more" if len(missing) > 10 else "")
            raise ValueError(f"passes missing from the {where} set: {some}; give both sets the same passes")
    for number in sorted(one):
        _check_same_lines(number, one[number], other[number])
    return {number: (one[number], other[number]) for number in sorted(one)}


def split_passes(swath: xr.Dataset) -> dict[tuple[int, int], xr.Dataset]:
    """Take a file that joins several passes apart, such as the regional files of 2024b.

    Parameters
    ----------
    swath : xr.Dataset
        As :func:`open_swath` gives it, with ``cycle_number`` and ``pass_number`` along ``num_lines``.

    Returns
    -------
    dict of (cycle number, pass number) to xr.Dataset, in the order of the file
        Each with its numbers as attributes.

    Raises
    ------
    ValueError
        Where lines tell no number of cycle and pass.
    """
    cycles, passes = (_numbers_of_lines(swath, name) for name in NUMBERS)
    both = np.stack([cycles, passes], axis=1)
    unique, first = np.unique(both, axis=0, return_index=True)
    parts = {}
    for cycle, number in unique[np.argsort(first)].tolist():
        lines = np.flatnonzero((cycles == cycle) & (passes == number))
        part = swath.drop_vars(NUMBERS).isel({LINES: lines})
        parts[cycle, number] = part.assign_attrs(cycle_number=cycle, pass_number=number)
    return parts


def _files(source: PathLike | Sequence[PathLike]) -> list[Path]:
    if not isinstance(source, str | os.PathLike):
        files = [Path(path) for path in source]
    elif Path(source).is_dir():
        files = sorted(Path(source).glob("*.nc"))
    else:
        raise FileNotFoundError(f"there is no folder {os.fspath(source)!r}; give a folder or a list of files")
    if not files:
        where = os.fspath(source) if isinstance(source, str | os.PathLike) else "an empty list"
        raise FileNotFoundError(f"no NetCDF file of a pass in {where!r}; check the folder")
    return files


def _pass_number(swath: xr.Dataset, path: Path) -> int:
    if "pass_number" not in swath.attrs:
        raise ValueError(
            f"{str(path)!r} tells no pass number; set the attribute pass_number, or call the file "
            "..._013_554.nc (cycle, pass)"
        )
    return int(swath.attrs["pass_number"])


def _check_same_lines(number: int, one: xr.Dataset, other: xr.Dataset) -> None:
    sizes = [{dim: swath.sizes[dim] for dim in DIMS} for swath in (one, other)]
    if sizes[0] != sizes[1]:
        raise ValueError(
            f"pass {number} has {sizes[0][LINES]} x {sizes[0][PIXELS]} samples in the first set and "
            f"{sizes[1][LINES]} x {sizes[1][PIXELS]} in the second; give the same lines and pixels"
        )
    apart = np.abs(one["time"].values - other["time"].values)
    if np.any(apart > _SAME_TIME):
        raise ValueError(
            f"pass {number} has times up to {apart.max().astype('timedelta64[ms]')} apart in the two sets; "
            "are these the same lines?"
        )


def _numbers_of_lines(swath: xr.Dataset, name: str) -> NDArray[np.int64]:
    if name not in swath:
        raise ValueError(
            f"the swath has no variable {name} along {LINES}; it holds {sorted(map(str, swath))}"
        )
    values = np.asarray(swath[name].values, dtype=np.float64)
    if not np.isfinite(values).all():
        line = int(np.argmin(np.isfinite(values)))
        raise ValueError(f"{name} is missing on line {line} of the swath; remove lines of no pass")
    return values.astype(np.int64)
