"""Sets of passes, known by their numbers."""

import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.swaths._fields import LINES
from oceanbench.swaths._opening import NUMBERS, open_swath
from oceanbench.swaths._sources import PathLike, pass_files

_MOST_PASSES = 50_000
_GREATEST_NUMBER = 1_000_000

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
    source : path or sequence of paths
        A folder of NetCDF files or Zarr folders, one NetCDF file, one Zarr folder, or a list of files. A file
        holds one pass, or several whose numbers stand along the lines (see :func:`joined`).
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
    for path in pass_files(source).files:
        for swath in passes_in_file(path, layout=layout, variables=variables):
            if cycle is not None and swath.attrs.get("cycle_number") != cycle:
                swath.close()
                continue
            number = int(swath.attrs["pass_number"])
            if number in passes:
                raise ValueError(_twice(number, *passes[number], path, swath))
            passes[number] = path, swath
    if not passes:
        raise ValueError(f"no pass of cycle {cycle} among the files")
    return {number: passes[number][1] for number in sorted(passes)}


def _twice(number: int, path: Path, swath: xr.Dataset, other_path: Path, other: xr.Dataset) -> str:
    return (
        f"pass {number} comes twice: {str(path)!r} (cycle {swath.attrs.get('cycle_number')}) and "
        f"{str(other_path)!r} (cycle {other.attrs.get('cycle_number')}); choose one cycle, or remove one"
    )


def passes_in_file(
    path: PathLike,
    *,
    layout: str = "swath-2022a",
    variables: Collection[str] | None = None,
    to_metres: bool = True,
) -> list[xr.Dataset]:
    """Open the passes of one file, in the order in which they stand in it.

    Parameters
    ----------
    path, layout, variables, to_metres :
        As in :func:`open_swath`.

    Returns
    -------
    list of xr.Dataset
        One, or several where ``pass_number`` runs along the lines; each with its ``pass_number`` and, where
        it is told, its ``cycle_number`` as attributes.

    Raises
    ------
    FileNotFoundError, ValueError
        As :func:`open_swath`, and where the file tells no pass number.
    """
    swath = open_swath(path, layout=layout, variables=variables, to_metres=to_metres)
    parts = passes_of(swath)
    if not parts:
        raise ValueError(
            f"{os.fspath(path)!r} tells no pass number; set the attribute pass_number, or call the file "
            "..._013_554.nc (cycle, pass); a file of several passes has pass_number along num_lines"
        )
    return parts


def passes_of(swath: xr.Dataset) -> list[xr.Dataset]:
    """Take a swath of one or several passes apart by the numbers it tells.

    Parameters
    ----------
    swath : xr.Dataset
        As :func:`open_swath` gives it.

    Returns
    -------
    list of xr.Dataset
        As :func:`passes_in_file` gives them; none where the swath tells no pass number.

    Raises
    ------
    ValueError
        Where the number of a line is missing or not whole.
    """
    if any(name in swath for name in NUMBERS):
        return list(_parts(swath))
    return [swath] if "pass_number" in swath.attrs else []


def split_passes(swath: xr.Dataset) -> dict[tuple[int, int], xr.Dataset]:
    """Take a file that joins several passes apart, such as the regional files of 2024b.

    Parameters
    ----------
    swath : xr.Dataset
        As :func:`open_swath` gives it, with ``cycle_number`` and ``pass_number`` along ``num_lines``.

    Returns
    -------
    dict of (cycle number, pass number) to xr.Dataset, in the order of the file
        Each with its numbers as attributes. Lines whose numbers are missing are in none of them.

    Raises
    ------
    ValueError
        Where the file tells no numbers of cycle and pass, or some that are not whole.
    """
    parts = list(_parts(numbered_lines(swath)))
    return {(part.attrs["cycle_number"], part.attrs["pass_number"]): part for part in parts}


def numbered_lines(swath: xr.Dataset) -> xr.Dataset:
    """Give the lines of a file of several passes that belong to one: those whose numbers are not missing.

    Raises
    ------
    ValueError
        Where the file tells no numbers of cycle and pass.
    """
    told = np.ones(swath.sizes[LINES], dtype=bool)
    for name in NUMBERS:
        _check_numbered(swath, name)
        told &= np.isfinite(np.asarray(swath[name].values, dtype=np.float64))
    return swath if told.all() else swath.isel({LINES: np.flatnonzero(told)})


def _parts(swath: xr.Dataset) -> Iterator[xr.Dataset]:
    """Give the passes of a file in which their numbers stand along the lines; that of the cycle need not."""
    _check_numbered(swath, "pass_number")
    names = [name for name in NUMBERS if name in swath]
    numbers = np.stack([_numbers_of_lines(swath, name) for name in names], axis=1)
    bare = swath.drop_vars(names)
    for key, lines in _lines_of(numbers).items():
        yield bare.isel({LINES: lines}).assign_attrs(dict(zip(names, key, strict=True)))


def _lines_of(numbers: NDArray[np.int64]) -> dict[tuple[int, ...], slice | NDArray[np.intp]]:
    """Give the lines of each pass: a slice where they stand together, which keeps a lazy swath lazy."""
    breaks = np.flatnonzero(np.any(np.diff(numbers, axis=0) != 0, axis=1)) + 1
    first = np.concatenate([[0], breaks]).astype(np.intp)[: numbers.shape[0]]
    past = np.append(first[1:], numbers.shape[0])
    runs: dict[tuple[int, ...], list[slice]] = {}
    for key, start, stop in zip(numbers[first].tolist(), first.tolist(), past.tolist(), strict=True):
        runs.setdefault(tuple(key), []).append(slice(start, stop))
    if len(runs) > _MOST_PASSES:
        raise ValueError(
            f"the lines of the swath belong to {len(runs)} passes, more than {_MOST_PASSES}; are pass_number "
            "and cycle_number those of the lines?"
        )
    return {key: parts[0] if len(parts) == 1 else np.r_[tuple(parts)] for key, parts in runs.items()}


def _check_numbered(swath: xr.Dataset, name: str) -> None:
    if name not in swath:
        raise ValueError(
            f"the swath has no variable {name} along {LINES}; it holds {sorted(map(str, swath))}"
        )


def _numbers_of_lines(swath: xr.Dataset, name: str) -> NDArray[np.int64]:
    values = np.asarray(swath[name].values, dtype=np.float64)
    if not np.isfinite(values).all():
        line = int(np.argmin(np.isfinite(values)))
        raise ValueError(f"{name} is missing on line {line} of the swath; remove lines of no pass")
    odd = (values != np.rint(values)) | (np.abs(values) > _GREATEST_NUMBER)
    if odd.any():
        line = int(np.argmax(odd))
        raise ValueError(f"{name} is {values[line]:g} on line {line} of the swath; expected a whole number")
    return values.astype(np.int64)
