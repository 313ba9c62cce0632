"""The variables of an open file that make up observations, found and checked, not yet read."""

import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.netcdf import default_fill, open_data
from oceanbench.observations._layouts import LAYOUTS, Flags, Layout
from oceanbench.units import metres_per

type PathLike = str | os.PathLike[str]

BLOCK_SAMPLES = 1 << 18  # a block needs about 25 MB of working memory

_TIME_NAMES = ("time",)
_LON_NAMES = ("lon", "longitude")
_LAT_NAMES = ("lat", "latitude")
_LARGEST = {"longitude": 720.0, "latitude": 90.0 + 1e-3}  # degrees


@dataclass(frozen=True)
class Samples:
    """Variables of one file; all have the dims ``dims`` (time and some flags only the first).

    Attributes
    ----------
    terms : tuple of (factor, variable)
        The height in metres is the sum of factor times variable.
    good : tuple of (variable, values)
        A sample is good where each variable has one of its values.
    """

    path: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    time: xr.Variable
    lon: xr.Variable
    lat: xr.Variable
    terms: tuple[tuple[float, xr.Variable], ...]
    good: tuple[tuple[xr.Variable, tuple[int, ...]], ...]

    def blocks(self) -> Iterator[slice]:
        """Give the lines in blocks that fit in memory, and that are read without unpacking a chunk twice."""
        lines = self.shape[0]
        stored = max(_lines_of_chunk(variable, self.dims[0]) for variable in self._variables())
        count = max(BLOCK_SAMPLES // max(1, int(np.prod(self.shape[1:]))), 1)
        step = max(count // stored, 1) * stored
        return (slice(first, min(first + step, lines)) for first in range(0, lines, step))

    def _variables(self) -> Iterator[xr.Variable]:
        yield from (self.time, self.lon, self.lat)
        yield from (variable for _, variable in self.terms)
        yield from (variable for variable, _ in self.good)

    def times(self, lines: slice) -> NDArray[np.datetime64]:
        """Give the times of ``lines``, in datetime64[ns], shape (lines,)."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", xr.SerializationWarning)  # odd dates are refused below
            try:
                values = np.asarray(self.time.isel({self.dims[0]: lines}).values)
            except (ValueError, OverflowError) as error:
                raise ValueError(f"time in {self.path!r} cannot be decoded: {error}; {_UNITS}") from error
        if values.dtype.kind == "O":
            raise ValueError(_odd_dates(values, self.path))
        return values.astype("datetime64[ns]", copy=False)

    def places(self, lines: slice) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give longitudes (on the turn of the file) and latitudes, degrees, shape of the block."""
        lon, lat = self._read(self.lon, lines), self._read(self.lat, lines)
        _refuse_impossible(lon, "longitude", self.path, lines)
        _refuse_impossible(lat, "latitude", self.path, lines)
        return lon, lat

    def values(self, lines: slice) -> Iterator[NDArray[np.float64]]:
        """Give each term, NaN where it is missing, shape of the block."""
        for factor, variable in self.terms:
            values = self._read(variable, lines)
            yield values if factor == 1.0 else factor * values

    def heights(self, lines: slice) -> NDArray[np.float64]:
        """Give the sum of the terms, NaN where one is missing or infinite, shape of the block."""
        total = np.zeros((lines.stop - lines.start, *self.shape[1:]))
        for values in self.values(lines):
            total += values
        total[~np.isfinite(total)] = np.nan
        return total

    def are_good(self, lines: slice) -> NDArray[np.bool_] | None:
        """Tell which samples of ``lines`` are good; None where no flag is asked."""
        if not self.good:
            return None
        good = np.ones((lines.stop - lines.start, *self.shape[1:]), dtype=bool)
        for variable, values in self.good:
            found = np.isin(self._read(variable, lines), values)
            good &= found if found.ndim == good.ndim else found[:, None]
        return good

    def _read(self, variable: xr.Variable, lines: slice) -> NDArray[np.float64]:
        """Give values in float64, NaN where a file without a declared fill value holds the default one."""
        part = variable.isel({self.dims[0]: lines})
        values = np.asarray(
            part.transpose(*(dim for dim in self.dims if dim in part.dims)).values, dtype=np.float64
        )
        fill = default_fill(variable)
        if fill is None:
            return values
        return np.where(np.isclose(values, fill, rtol=1e-6, atol=0.0), np.nan, values)


_UNITS = "give it units such as 'seconds since 2000-01-01'"


def _odd_dates(values: NDArray[np.generic], path: str) -> str:
    first = values.reshape(-1)[0]
    calendar = getattr(first, "calendar", "unknown")
    return (
        f"times in {path!r} such as {first} (calendar {calendar!r}) are no dates of the real calendar "
        "between 1678 and 2261; convert them"
    )


def _refuse_impossible(values: NDArray[np.float64], name: str, path: str, lines: slice) -> None:
    limit = _LARGEST[name]
    with np.errstate(invalid="ignore"):
        wrong = np.abs(values) > limit
    if wrong.any():
        where = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        raise ValueError(
            f"{name} {values[where]:.7g} at line {int(where[0]) + lines.start} of {path!r}; expected degrees "
            f"within {limit:.0f} of zero; check that lon and lat are not swapped, and their fill value"
        )


def _lines_of_chunk(variable: xr.Variable, dim: str) -> int:
    chunks = variable.encoding.get("preferred_chunks") or {}
    return int(chunks.get(dim, 1))


@contextmanager
def open_samples(
    path: PathLike,
    layout: Layout,
    height: Mapping[str, float],
    good: Flags | None = None,
    unit_factor: Callable[[str], float] = metres_per,
) -> Iterator[Samples]:
    """Open a file and find in it what the layout and the height name.

    ``good`` replaces the flags of the layout; ``unit_factor`` gives the factor of a unit that a term is
    stored in (a term without one is taken to be in SI units).

    Raises
    ------
    FileNotFoundError, ValueError
        Where the file is missing or unreadable, lacks a variable, or has another layout.
    """
    with ExitStack() as at_the_end:
        file = _File(os.fspath(path), layout.group, at_the_end)
        time = _time(file)
        lon, lat = file.first(_LON_NAMES), file.first(_LAT_NAMES)
        dims = _sample_dims(lon, time, file.path, layout)
        flags = _flags(layout, height) if good is None else good
        terms = tuple(_term(file.variable(name), factor, unit_factor) for name, factor in height.items())
        checks = tuple((file.variable(name), tuple(values)) for name, values in flags.items())
        shape = tuple(lon.sizes[dim] for dim in dims)
        samples = Samples(file.path, dims, shape, time, lon, lat, terms, checks)
        _check_dims(samples, [*height], [*flags])
        yield samples


def _term(
    variable: xr.Variable, factor: float, unit_factor: Callable[[str], float]
) -> tuple[float, xr.Variable]:
    unit = str(variable.attrs.get("units") or "")
    return (factor * unit_factor(unit) if unit else float(factor)), variable


def _flags(layout: Layout, height: Mapping[str, float]) -> Flags:
    return {name: values for term in height for name, values in layout.good.get(term, {}).items()}


@dataclass
class _File:
    """An open file, and the groups of it that were asked for."""

    path: str
    group: str
    at_the_end: ExitStack
    opened: dict[str, xr.Dataset] = field(default_factory=dict)

    def _dataset(self, group: str) -> xr.Dataset:
        if group not in self.opened:
            dataset = open_data(self.path, group=group, indexes=False)
            self.opened[group] = self.at_the_end.enter_context(dataset)
        return self.opened[group]

    def first(self, names: tuple[str, ...]) -> xr.Variable:
        """Give the variable of the first of ``names`` that the group of positions holds."""
        dataset = self._dataset(self.group)
        for name in names:
            if name in dataset.variables:
                return _without_cycle(dataset.variables[name])
        raise ValueError(self._lacks(" or ".join(names), dataset))

    def variable(self, name: str) -> xr.Variable:
        """Give the variable ``name``, or ``group/name``."""
        group, _, bare = name.rpartition("/")
        dataset = self._dataset(group or self.group)
        if bare not in dataset.variables:
            raise ValueError(self._lacks(name, dataset))
        return _without_cycle(dataset.variables[bare])

    def _lacks(self, name: str, dataset: xr.Dataset) -> str:
        held = ", ".join(sorted(map(str, dataset.variables))) or "none"
        return f"{self.path!r} has no variable {name}; it holds {held}"


def _without_cycle(variable: xr.Variable) -> xr.Variable:
    return variable.isel(cycle=0) if variable.sizes.get("cycle") == 1 else variable


def _time(file: _File) -> xr.Variable:
    time = file.first(_TIME_NAMES)
    if time.ndim != 1:
        raise ValueError(f"time has dims {time.dims} in {file.path!r}; expected one dimension, the lines")
    if time.dtype.kind not in "MO":
        raise ValueError(
            f"time in {file.path!r} is {time.dtype}, not dates; give it units such as 'days since 2012-10-01'"
        )
    return time


def _sample_dims(lon: xr.Variable, time: xr.Variable, path: str, layout: Layout) -> tuple[str, ...]:
    line = str(time.dims[0])
    others = [str(dim) for dim in lon.dims if dim != line]
    dims = (line, *others)
    fits = line in lon.dims and len(others) == int(layout.swath)
    if not fits or (layout.dims and dims != layout.dims):
        expected = layout.dims or ((line, "pixels") if layout.swath else (line,))
        raise ValueError(
            f"lon has dims {lon.dims} and time {time.dims} in {path!r}; layout {layout.name!r} expects "
            f"{_listed(expected)} and ({expected[0]},); name another of {', '.join(LAYOUTS)}, or grid"
        )
    return dims


def _listed(dims: tuple[str, ...]) -> str:
    return f"({dims[0]},)" if len(dims) == 1 else f"({', '.join(dims)})"


def _check_dims(samples: Samples, heights: list[str], flags: list[str]) -> None:
    whole = {"latitude": samples.lat, **dict(zip(heights, (v for _, v in samples.terms), strict=True))}
    for name, variable in whole.items():
        if set(variable.dims) != set(samples.dims):
            raise ValueError(
                f"{name} has dims {variable.dims} in {samples.path!r}; expected {_listed(samples.dims)}"
            )
    for name, (variable, _) in zip(flags, samples.good, strict=True):
        if set(variable.dims) not in (set(samples.dims), {samples.dims[0]}):
            raise ValueError(
                f"flag {name} has dims {variable.dims} in {samples.path!r}; expected {_listed(samples.dims)}"
            )
