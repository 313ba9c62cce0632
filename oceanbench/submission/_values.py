"""Reading the heights of a map, and what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import prod

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.submission._axes import Axis
from oceanbench.submission._expected import Expected
from oceanbench.submission._layout import AXES
from oceanbench.submission._problems import Findings
from oceanbench.submission._source import slabs, values_of

LARGE_BYTES = 1 << 28
_CHUNK_BYTES = 1 << 25
_PLAUSIBLE_METRES = 20.0


def fetch(height: xr.DataArray, axes: Mapping[str, Axis]) -> xr.DataArray:
    """Read the points of ``axes`` from ``height``, lazily where they are many.

    Parameters
    ----------
    height : xr.DataArray, dims among (time, lat, lon) in any order, without coordinates
    axes : all three axes

    Returns
    -------
    xr.DataArray, dims (time, lat, lon), float64, without coordinates
    """
    runs = {str(dim): _runs(axes[str(dim)].take) for dim in height.dims}
    large = 8 * prod(axis.take.size for axis in axes.values()) > LARGE_BYTES
    block = _block(height, runs, large)
    order = {dim: _positions(axes[dim].take, parts) for dim, parts in runs.items()}
    block = block.isel(
        {dim: index for dim, index in order.items() if not _is_identity(index, block.sizes[dim])}
    )
    if "time" not in block.dims:
        block = block.expand_dims("time")
    return block.transpose(*AXES).astype(np.float64)


def _runs(take: NDArray[np.intp]) -> list[slice]:
    """Give the one or two slices of the source that hold ``take``: a box may lie on both ends of an axis."""
    needed = np.sort(take)
    breaks = np.flatnonzero(np.diff(needed) > 1)
    cuts = [-1, int(breaks[0]), needed.size - 1] if breaks.size == 1 else [-1, needed.size - 1]
    return [slice(int(needed[low + 1]), int(needed[high]) + 1) for low, high in pairwise(cuts)]


def _positions(take: NDArray[np.intp], parts: list[slice]) -> NDArray[np.intp]:
    held = np.concatenate([np.arange(part.start, part.stop) for part in parts])
    return np.asarray(np.searchsorted(held, take))


def _is_identity(index: NDArray[np.intp], size: int) -> bool:
    return index.size == size and bool(np.array_equal(index, np.arange(size)))


def _block(height: xr.DataArray, runs: dict[str, list[slice]], large: bool) -> xr.DataArray:
    for dim, parts in runs.items():
        if len(parts) == 2:
            pieces = [_block(height, {**runs, dim: [part]}, large) for part in parts]
            return xr.concat(pieces, dim)
    piece = height.isel({dim: parts[0] for dim, parts in runs.items()})
    if not large:
        return piece.copy(data=values_of(piece))
    return piece if piece.chunks is not None else piece.chunk(_chunks(piece))


def _chunks(piece: xr.DataArray) -> dict[str, int]:
    chunks = {str(dim): size for dim, size in piece.sizes.items()}
    if "time" in chunks:
        step_bytes = 8 * max(piece.size // max(chunks["time"], 1), 1)
        chunks["time"] = max(1, _CHUNK_BYTES // step_bytes)
    return chunks


def _window(times: slice, first_time: int) -> slice:
    stop = None if times.stop is None else max(times.stop - first_time, 0)
    return slice(max(times.start - first_time, 0), stop)


@dataclass
class Census:
    """What the values are, counted piece by piece; a place is the index of the first one of its kind.

    NaN are counted inside the box only, the rest everywhere.
    """

    limit: float
    points: int = 0
    missing: int = 0
    infinite: int = 0
    beyond: int = 0
    lowest: float = np.inf
    highest: float = -np.inf
    places: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def add(self, piece: NDArray[np.float64], first_time: int, box: Mapping[str, slice]) -> None:
        """Count ``piece``, which begins at ``first_time``."""
        within = np.zeros(piece.shape, dtype=bool)
        within[_window(box["time"], first_time), box["lat"], box["lon"]] = True
        self.points += int(within.sum())
        self.missing += self._count("missing", np.isnan(piece) & within, first_time)
        self.infinite += self._count("infinite", np.isinf(piece), first_time)
        finite = np.isfinite(piece)
        self.beyond += self._count("beyond", finite & (np.abs(piece) > self.limit), first_time)
        self.lowest = min(self.lowest, float(piece.min(initial=np.inf, where=finite)))
        self.highest = max(self.highest, float(piece.max(initial=-np.inf, where=finite)))

    def _count(self, kind: str, found: NDArray[np.bool_], first_time: int) -> int:
        count = int(found.sum())
        if count and kind not in self.places:
            time, lat, lon = np.unravel_index(int(np.argmax(found)), found.shape)
            self.places[kind] = (int(time) + first_time, int(lat), int(lon))
        return count


def take_census(ssh: xr.DataArray, limit: float, box: Mapping[str, slice]) -> Census:
    """Count what the values of ``ssh`` are, reading some time steps at once."""
    census = Census(limit)
    first_time = 0
    for piece in slabs(ssh):
        census.add(piece, first_time, box)
        first_time += piece.shape[0]
    return census


def judge(
    census: Census, axes: Mapping[str, Axis], expected: Expected | None, has_unit: bool, findings: Findings
) -> None:
    """Keep notes and problems about values that are constant, infinite or too great."""

    def place(kind: str) -> str:
        return ", ".join(
            axes[name].label(index) for name, index in zip(AXES, census.places[kind], strict=True)
        )

    if census.infinite and expected is not None:
        findings.refuse(
            f"infinite heights: {census.infinite}, the first at {place('infinite')}",
            "finite heights",
            "correct the method",
        )
    if census.beyond and (expected is not None or not has_unit):
        largest = max(abs(census.lowest), abs(census.highest))
        cure = "look for fill values without the attribute _FillValue, or a wrong unit"
        if not has_unit:
            cure = "no unit is given: if these are centimetres, set the attribute units = 'cm'"
        findings.refuse(
            f"heights beyond {census.limit:g} m: {census.beyond} (largest {largest:.6g}), "
            f"the first at {place('beyond')}",
            f"metres within {census.limit:g}",
            cure,
        )
    if census.lowest == census.highest:
        findings.note(f"All heights are the same: {census.lowest:g} m.")


def judge_holes(
    census: Census, axes: Mapping[str, Axis], expected: Expected | None, findings: Findings
) -> None:
    """Keep a note or a problem about missing values."""
    if not census.missing:
        return
    place = ", ".join(axes[name].label(i) for name, i in zip(AXES, census.places["missing"], strict=True))
    share = 100.0 * census.missing / census.points
    what = f"missing heights: {census.missing} of {census.points} ({share:.3g} %), the first at {place}"
    if expected is None:
        findings.note(f"{what}.")
    elif expected.holes == "refuse":
        cure = "fill them, or choose what a hole means with --holes zero or --holes official"
        findings.refuse(what, "a height at every point of the box and period", cure)
    else:
        means = "count as zero" if expected.holes == "zero" else "are left to the official code"
        findings.note(f"{what}; they {means}.")


def plausible_limit(expected: Expected | None) -> float:
    """Give the greatest height that is believed, metres."""
    return _PLAUSIBLE_METRES if expected is None else expected.height_limit_m
