"""One way in for every map: the command, the notebooks and the server call :func:`open_map`."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from oceanbench.submission._axes import (
    REGULAR_DEGREES,
    Axis,
    cropped,
    latitude_axis,
    longitude_axis,
    on_regular_axis,
    without_duplicates,
)
from oceanbench.submission._expected import Expected
from oceanbench.submission._height import choose_variable, has_numbers, unit_factor
from oceanbench.submission._layout import AXES, Layout, find_layout
from oceanbench.submission._problems import Findings, SubmissionError
from oceanbench.submission._source import (
    MapSource,
    Source,
    canonical_sha256,
    note_absent_chunks,
    open_source,
    reading,
    source_name,
)
from oceanbench.submission._times import refuse_missing_days, time_axis, whole_period
from oceanbench.submission._values import LARGE_BYTES, fetch, judge, judge_holes, plausible_limit, take_census

type Found = dict[str, Axis | None]


@dataclass(frozen=True)
class Submission:
    """A map in canonical form, and what was done to it.

    Attributes
    ----------
    ssh : xr.DataArray, dims (time, lat, lon), in metres
        float64; ``lon`` in -180..180, all axes ascending, ``lat`` and ``lon`` regular. With an ``Expected``
        it is cut to the box and period, plus one cell and one time on each side. Lazy where it is large.
    notes : list of str
        What was changed on the way in, one sentence each.
    source : str
        The path as given, or words for an object in memory.
    variable : str
        Name of the height in the source.
    attributes : mapping
        Global attributes of the source.
    sha256 : str
        Of the bytes of the file; of names and bytes of all files of a Zarr folder; of the canonical array for
        an object in memory.
    """

    ssh: xr.DataArray
    notes: list[str]
    source: str
    variable: str
    attributes: Mapping[str, Any]
    sha256: str


def open_map(
    source: MapSource, *, expected: Expected | None = None, variable: str | None = None
) -> Submission:
    """Open a map of sea surface height, normalise it, and check it against what is expected.

    Parameters
    ----------
    source : path of a NetCDF file or a Zarr folder, xr.Dataset or xr.DataArray
    expected : Expected, optional
        Without it the map is normalised only: no box, no period, no check of holes.
    variable : str, optional
        Name of the height, where the file leaves a doubt.

    Raises
    ------
    FileNotFoundError
        Where there is no such path.
    SubmissionError
        Where the map is refused; it carries all problems found.
    """
    opened = open_source(source)
    findings = Findings(source_name(source))
    with ExitStack() as at_the_end, reading(findings.source):
        if opened.path is not None:
            at_the_end.callback(opened.dataset.close)
        name = _chosen(opened, expected, variable, findings)
        ssh = _canonical(opened.dataset, name, expected, findings)
        digest = opened.sha256() or canonical_sha256(ssh)
        if ssh.chunks is not None:
            at_the_end.pop_all()  # a lazy map is read from the open file
    return Submission(ssh, findings.notes, findings.source, name, dict(opened.dataset.attrs), digest)


def _chosen(opened: Source, expected: Expected | None, variable: str | None, findings: Findings) -> str:
    accepted = ("ssh",) if expected is None else expected.variables  # ssh is the absolute height here
    name = choose_variable(opened.dataset, findings, accepted, variable or opened.variable)
    if name is None:
        raise SubmissionError(findings.source, findings.problems)
    note_absent_chunks(opened, name, findings)
    return name


def normalise_grid(array: xr.DataArray) -> xr.DataArray:
    """Give a gridded reference in canonical order, without moving its points.

    Parameters
    ----------
    array : xr.DataArray
        Latitude, longitude and, if any, time, in any order and under any usual name. Stays lazy.

    Returns
    -------
    xr.DataArray, dims (time, lat, lon) or (lat, lon), in metres
        Longitudes in -180..180, all coordinates ascending, times in datetime64[ns].

    Raises
    ------
    SubmissionError
        Where an axis is missing or makes no sense.
    """
    findings = Findings(str(array.name or "grid"))
    dataset = array.to_dataset(name="height of a grid")
    layout = find_layout(dataset, "height of a grid", findings, needs_time=False)
    factor, _ = unit_factor(array, findings)
    found = _axes(layout, array.dtype.kind in "fiu", findings)
    findings.stop_if_refused()
    axes = {name: axis for name, axis in found.items() if axis is not None}
    moved = {
        name: axis.take
        for name, axis in axes.items()
        if name in layout.height.dims and not _is_whole(axis, layout.height.sizes[name])
    }
    grid = layout.height.isel(moved)
    if "time" in axes and "time" not in grid.dims:
        grid = grid.expand_dims("time")
    grid = grid.transpose(*axes).assign_coords({name: axis.values for name, axis in axes.items()})
    return (grid if factor == 1.0 else grid * factor).rename(array.name).assign_attrs(units="m")


def _is_whole(axis: Axis, size: int) -> bool:
    return bool(np.array_equal(axis.take, np.arange(size)))


def _canonical(dataset: xr.Dataset, name: str, expected: Expected | None, findings: Findings) -> xr.DataArray:
    layout = find_layout(dataset, name, findings)
    readable = has_numbers(dataset[name], findings)
    factor, has_unit = unit_factor(dataset[name], findings)
    found = _axes(layout, readable, findings)
    if expected is not None:
        _refuse_uncovered(found, expected, findings)
    found, box = _cut(found, expected)
    found = _regular(found, findings)
    axes = {axis: found[axis] or _by_index(axis, layout.height) for axis in AXES}
    # where an axis is at fault, the heights are still looked at, unless they are too many
    if readable and layout.is_complete and (all(found.values()) or 8 * layout.height.size <= LARGE_BYTES):
        ssh = fetch(layout.height, axes) * factor
        census = take_census(ssh, plausible_limit(expected), box)
        judge(census, axes, expected, has_unit, findings)
        if all(found.values()):
            judge_holes(census, axes, expected, findings)
    findings.stop_if_refused()
    if expected is not None and expected.holes == "zero":
        ssh = ssh.fillna(0.0)
    coords = {axis: axes[axis].values for axis in AXES}
    return ssh.assign_coords(coords).rename("ssh").assign_attrs(units="m")


def _axes(layout: Layout, readable: bool, findings: Findings) -> Found:
    found: Found = {
        "time": None if layout.time is None else time_axis(layout.time, findings),
        "lat": None if layout.lat is None else latitude_axis(layout.lat, findings),
        "lon": None if layout.lon is None else longitude_axis(layout.lon, findings),
    }
    if not readable:
        return found
    return {
        name: None if axis is None else without_duplicates(axis, layout.height, findings)
        for name, axis in found.items()
    }


def _by_index(name: str, height: xr.DataArray) -> Axis:
    count = np.arange(height.sizes.get(name, 1))
    return Axis(f"{name} index", count, count)


def _refuse_uncovered(found: Found, expected: Expected, findings: Findings) -> None:
    bounds = _bounds(expected)
    short = [name for name in ("lon", "lat") if _is_short(found[name], *bounds[name])]
    if short:
        findings.refuse(
            f"the map covers {_extent(found['lon'], 'E')}, {_extent(found['lat'], 'N')}",
            f"{expected.west:g}..{expected.east:g} E, {expected.south:g}..{expected.north:g} N, "
            "to within one cell of the map",
            f"extend its {' and '.join(short)}",
        )
    time = found["time"]
    if time is not None:
        refuse_missing_days(time.values, expected, findings)


def _bounds(expected: Expected) -> dict[str, tuple[Any, Any]]:
    return {
        "time": whole_period(expected),
        "lat": (expected.south - REGULAR_DEGREES, expected.north + REGULAR_DEGREES),
        "lon": (expected.west - REGULAR_DEGREES, expected.east + REGULAR_DEGREES),
    }


def _is_short(axis: Axis | None, low: float, high: float) -> bool:
    if axis is None:
        return False
    cell = axis.step + 2.0 * REGULAR_DEGREES
    return bool(axis.values[0] - low > cell or high - axis.values[-1] > cell)


def _extent(axis: Axis | None, letter: str) -> str:
    return f"?..? {letter}" if axis is None else f"{axis.values[0]:.7g}..{axis.values[-1]:.7g} {letter}"


def _cut(found: Found, expected: Expected | None) -> tuple[Found, dict[str, slice]]:
    """Cut the axes to what is expected and a margin; give also the part of each that is inside."""
    cut: Found = dict(found)
    box: dict[str, slice] = {}
    for name, axis in found.items():
        if axis is None or expected is None:
            box[name] = slice(0, None)
            continue
        part, within = cropped(axis, *_bounds(expected)[name])
        # a map elsewhere is refused by its box or its days; its values are looked at as they are
        cut[name], box[name] = (part, within) if within.stop > within.start else (axis, slice(0, None))
    return cut, box


def _regular(found: Found, findings: Findings) -> Found:
    regular: Found = dict(found)
    for name in ("lat", "lon"):
        axis = found[name]
        regular[name] = None if axis is None else on_regular_axis(axis, findings)
    return regular
