"""Readers of files of observations, of every layout, to the canonical form; block by block."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.longitudes import wrap_longitudes
from oceanbench.observations._canonical import assemble_parts
from oceanbench.observations._layouts import Flags, find_layout
from oceanbench.observations._samples import PathLike, Samples, open_samples
from oceanbench.observations._window import Box, Period, Window, window_of

type Columns = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class _Rules:
    """Which samples are kept."""

    window: Window
    keep_missing: bool
    valid_range: tuple[float, float] | None


@dataclass(frozen=True)
class _Tally:
    """How many samples were met, and why some were left out."""

    counts: Counter[str] = field(default_factory=Counter)

    def leave_out(self, keep: NDArray[np.bool_], also: NDArray[np.bool_], why: str) -> NDArray[np.bool_]:
        """Give what is left of ``keep``, and count what is not."""
        left = keep & also
        self.counts[why] += int(np.count_nonzero(keep)) - int(np.count_nonzero(left))
        return left


def read_observations(
    path: PathLike,
    *,
    layout: str,
    mission: str,
    height: Mapping[str, float],
    keep_missing: bool = False,
    box: Box | None = None,
    period: Period | None = None,
    good: Flags | None = None,
    valid_range: tuple[float, float] | None = None,
) -> xr.Dataset:
    r"""Read one file of observations into the canonical form.

    .. math:: h = \sum_v c_v\, v

    The file is read in blocks of lines of about 260 000 samples. Besides the result (39 bytes for each sample
    that is kept, and 8 more while its columns are joined), this needs about 30 MB, whatever the size of the
    file, unless its own chunks are larger. A box and a period are the way to read a part of a large file.

    Parameters
    ----------
    path : path of a NetCDF file or a Zarr folder
    layout : str
        A key of :data:`LAYOUTS`, whose values say what is laid out so.
    mission : str
        Name of the satellite.
    height : mapping of variable to coefficient
        What the height is the sum of, such as ``{"sla_unfiltered": 1, "mdt": 1, "lwe": -1}``; ``group/name``
        in a file with groups. Terms with a unit are converted to metres. Whether ``lwe`` is subtracted is the
        challenge's business: some products are consistent without.
    keep_missing : bool
        Keep samples whose height is missing (NaN), as long as they have a time and a position. The official
        thinning averages their coordinates too.
    box : west, east, south, north, optional
        Degrees, bounds included, longitudes on any turn: only what lies inside is read and kept, as
        :func:`select` would.
    period : first and last instant, optional
        Bounds included; None for no bound.
    good : mapping of flag to values, optional
        The height counts as missing where a flag variable has none of its values. Without, the flags of the
        layout; ``{}`` for none.
    valid_range : lowest and highest height, optional
        Metres; heights outside count as missing. Attributes such as ``valid_min`` are never obeyed: some
        files give the range of their data there, others 0..0.

    Returns
    -------
    xr.Dataset, dim (obs,), in the order of the file
        ``line`` and ``pixel`` are indices in the full file. Infinite heights count as missing.

    Raises
    ------
    FileNotFoundError, ValueError
        Where the file is missing or unreadable, lacks a variable, has another layout or impossible positions,
        or (without a box or a period) no usable sample.
    """
    form = find_layout(layout)
    if not height:
        raise ValueError("height names no variable; give for instance {'ssh_model': 1.0}")
    rules = _Rules(window_of(box, period), keep_missing, _checked_range(valid_range))
    tally = _Tally()
    with open_samples(path, form, height, good) as samples:
        found = [_read_block(samples, lines, rules, tally) for lines in samples.blocks()]
        parts = [part for part in found if part is not None]
        if not parts and rules.window.is_open and tally.counts:
            raise ValueError(_nothing_left(samples, tally, list(height)))
        lines, pixels = samples.shape[0], samples.shape[1] if form.swath else 1
    del found
    return assemble_parts(parts, mission=mission, lines=lines, pixels=pixels)


def _checked_range(valid_range: tuple[float, float] | None) -> tuple[float, float] | None:
    if valid_range is not None and not valid_range[0] < valid_range[1]:
        raise ValueError(f"valid_range is {valid_range}; give the lowest height first, then the highest")
    return valid_range


def _read_block(samples: Samples, lines: slice, rules: _Rules, tally: _Tally) -> Columns | None:
    """Give the columns of what is kept of ``lines``; heights are read only where something may be."""
    when = samples.times(lines)
    shape = (when.size, *samples.shape[1:])
    by_line = tally.leave_out(rules.window.holds_time(when), ~np.isnat(when), "without a time")
    if not by_line.any():
        return None
    lon, lat = samples.places(lines)
    keep = np.broadcast_to(by_line if len(shape) == 1 else by_line[:, None], shape)
    keep = tally.leave_out(keep, np.isfinite(lon) & np.isfinite(lat), "without a position")
    if rules.window.has_box:
        lon = wrap_longitudes(lon)
        keep = keep & rules.window.holds_place(lon, lat)
    if not keep.any():
        return None
    heights = _heights(samples, lines, rules, tally)
    if not rules.keep_missing:
        keep = tally.leave_out(keep, np.isfinite(heights), "without a height")
    return _columns(when, lon, lat, heights, keep, lines.start) if keep.any() else None


def _heights(samples: Samples, lines: slice, rules: _Rules, tally: _Tally) -> NDArray[np.float64]:
    heights = samples.heights(lines)
    good = samples.are_good(lines)
    if good is not None:
        heights[~tally.leave_out(np.isfinite(heights), good, "flagged")] = np.nan
    if rules.valid_range is not None:
        low, high = rules.valid_range
        valid = (heights >= low) & (heights <= high)
        heights[~tally.leave_out(np.isfinite(heights), valid, "outside the valid range")] = np.nan
    return heights


def _columns(
    when: NDArray[np.datetime64],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    heights: NDArray[np.float64],
    keep: NDArray[np.bool_],
    first_line: int,
) -> Columns:
    where = np.nonzero(keep)
    return {
        "time": when[where[0]],
        "lon": wrap_longitudes(lon[where]),
        "lat": lat[where],
        "ssh": heights[where],
        "line": (where[0] + first_line).astype(np.int32),
        "pixel": (where[1] if len(where) == 2 else np.zeros(where[0].size)).astype(np.int16),
    }


def _nothing_left(samples: Samples, tally: _Tally, height: list[str]) -> str:
    reasons = ", ".join(f"{count} {why}" for why, count in tally.counts.items() if count)
    return (
        f"no sample of {samples.path!r} can be used: of {' x '.join(map(str, samples.shape))}, {reasons}; "
        f"check the file, the flags, the valid range, and the height ({', '.join(height)})"
    )


def read_nadir(path: PathLike, *, mission: str, variable: str = "ssh_model") -> xr.Dataset:
    """Read a nadir file of the 2020a challenge; see :func:`read_observations`."""
    return read_observations(path, layout="nadir-2020a", mission=mission, height={variable: 1.0})


def read_swath(path: PathLike, *, mission: str, variable: str = "ssh_model") -> xr.Dataset:
    """Read a file of KaRIn swaths, lines x pixels (2020a, 2022a); see :func:`read_observations`."""
    return read_observations(path, layout="swath-2020a", mission=mission, height={variable: 1.0})


def read_l3(path: PathLike, *, mission: str, height: Mapping[str, float] | None = None) -> xr.Dataset:
    """Read an along-track file of level 3, by default SLA + MDT; see :func:`read_observations`."""
    terms = {"sla_unfiltered": 1.0, "mdt": 1.0} if height is None else height
    return read_observations(path, layout="l3", mission=mission, height=terms)
