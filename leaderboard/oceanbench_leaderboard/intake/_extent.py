"""How much of a map would be read, told by its coordinates before any height is."""

from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from oceanbench.challenge import Challenge
from oceanbench.evaluation._checking import expected_of
from oceanbench.netcdf import open_netcdf
from oceanbench.submission import Expected
from oceanbench.submission._axes import Axis, cropped, latitude_axis, longitude_axis
from oceanbench.submission._height import choose_variable
from oceanbench.submission._layout import find_layout
from oceanbench.submission._problems import Findings
from oceanbench.submission._source import OPEN_ERRORS
from oceanbench.submission._times import time_axis, whole_period
from oceanbench_leaderboard.intake._findings import Finding, Refused
from oceanbench_leaderboard.intake._needs import most_read

__all__ = ["refuse_too_many"]

_COARSER = "submit it on a coarser grid, or at fewer times"
_REPEATED = 16  # times that may be there twice, however large the map


@dataclass(frozen=True)
class _Extent:
    """Sizes of what is cut from a map, and how many of its heights are compared with those beside them."""

    sizes: tuple[int, ...]
    repeated: int
    compared: int


def refuse_too_many(upload: Path, challenge: Challenge, track: str, file_bytes: int) -> None:
    """Refuse a map of which more would be read than the track can need, or than may be written.

    Without this, a small file of fill values, as large as the globe may be but inside the box, is read for
    minutes.

    Raises
    ------
    Refused
        With the sizes.
    """
    scored = challenge.on(challenge.track(track))
    found = _extent(upload, expected_of(scored, "official"))
    if found is None:
        return
    most, count = most_read(challenge, track), prod(found.sizes)
    what = f"{' x '.join(map(str, found.sizes))} = {count} heights at or in the box and the days of the track"
    if count > most:
        raise Refused([Finding(what, f"at most {most}: those at 1/60 degree in each hour", _COARSER)])
    if 8 * count > file_bytes:
        what = f"its values are larger than {file_bytes} bytes in float64"
        raise Refused([Finding(what, "values of that size at most", _COARSER)])
    if found.repeated > _REPEATED and found.compared > most:
        what = f"{found.repeated} times, latitudes or longitudes are repeated"
        raise Refused([Finding(what, "each once", "keep one of them")])


def _extent(upload: Path, expected: Expected) -> _Extent | None:
    """Give None where the coordinates make no sense: the validator tells that, and reads little."""
    findings = Findings(upload.name)
    try:
        with open_netcdf(upload, decode_times=False) as dataset:
            name = choose_variable(dataset, findings, expected.variables)
            layout = None if name is None else find_layout(dataset, name, findings)
            if layout is None or layout.time is None or layout.lat is None or layout.lon is None:
                return None
            axes = (
                time_axis(layout.time, findings),
                latitude_axis(layout.lat, findings),
                longitude_axis(layout.lon, findings),
            )
            return _of_axes(axes, layout.height.size, expected)
    except OPEN_ERRORS:
        return None


def _of_axes(axes: tuple[Axis | None, ...], size: int, expected: Expected) -> _Extent | None:
    bounds = (
        whole_period(expected),
        (expected.south, expected.north),
        (expected.west, expected.east),
    )
    sizes: list[int] = []
    repeated = compared = 0
    for axis, (low, high) in zip(axes, bounds, strict=True):
        if axis is None:
            return None
        cut, inside = cropped(axis, low, high)
        # a map elsewhere is refused, but looked at as it is
        sizes.append(cut.values.size if inside.stop > inside.start else axis.values.size)
        twice = int(np.sum(np.diff(axis.values).astype(np.float64) <= 0.0))
        repeated, compared = repeated + twice, compared + 2 * twice * (size // axis.values.size)
    return _Extent(tuple(sizes), repeated, compared)
