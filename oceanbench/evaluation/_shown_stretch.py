"""Which stretch of which pass a report shows: one with a coast and an eddy, where there is one."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.challenge import SwathProtocol
from oceanbench.metrics.swath import PassFields, swath_derivatives

__all__ = ["Candidate", "best_stretch", "most_telling", "shown_stretch"]

_LENGTH, _STEP = 260, 65  # lines
_DIMS = ("num_lines", "num_pixels")
_LEAST_MEASURED = 0.5  # of the pixels that any line of the pass has
_COAST = (0.02, 0.25)  # share of pixels lost to land that makes a good picture
_COAST_COUNTS = 1.5


class Candidate(NamedTuple):
    """A stretch of lines and how telling it is: metres of height that are not a slope."""

    number: int
    first: int
    interest: float


def best_stretch(number: int, fields: PassFields) -> Candidate:
    """Give the most telling stretch of one pass: strong eddies, a coast in view, mostly sea."""
    lines = len(fields.truth)
    columns = np.isfinite(fields.noisy).any(axis=0)
    starts = range(0, max(lines - _LENGTH, 0) + 1, _STEP)
    found = [
        Candidate(number, first, _interest(fields.noisy[first : first + _LENGTH, columns]))
        for first in starts
    ]
    return most_telling(found)


def most_telling(candidates: Sequence[Candidate]) -> Candidate:
    """Give the most telling of all; the first of equals."""
    return max(candidates, key=lambda candidate: (candidate.interest, -candidate.number, -candidate.first))


def _interest(heights: NDArray[np.float64]) -> float:
    measured = np.isfinite(heights)
    share = float(measured.mean()) if heights.size else 0.0
    if share < _LEAST_MEASURED:
        return 0.0
    lines, columns = np.nonzero(measured)
    plane = np.column_stack([np.ones(lines.size), lines, columns])
    values = heights[measured]
    rest = values - plane @ np.linalg.lstsq(plane, values, rcond=None)[0]
    coast = _COAST[0] < 1.0 - share < _COAST[1]
    return float(rest.std()) * (_COAST_COUNTS if coast else 1.0)


def shown_stretch(
    given: xr.Dataset, fields: PassFields, stretch: Candidate, protocol: SwathProtocol
) -> xr.Dataset:
    """Give the fields of a stretch as ``SwathDetails.shown`` wants them, derived on the whole pass."""
    variables: dict[str, tuple[tuple[str, str], NDArray[np.float64]]] = {}
    for kind in ("true", "noisy", "filtered"):
        ssh = getattr(fields, "truth" if kind == "true" else kind)
        derived = swath_derivatives(ssh, fields.lat, protocol.posting_km * 1000.0)
        variables |= {
            f"ssh_{kind}": (_DIMS, ssh),
            f"speed_{kind}": (_DIMS, derived.speed),
            f"vorticity_{kind}": (_DIMS, derived.vorticity),
        }
    lines = slice(stretch.first, stretch.first + _LENGTH)
    coords = {name: given[name] for name in ("lon", "lat", "cross_track_km") if name in given.coords}
    attrs = {
        "pass_number": stretch.number,
        "first_line": stretch.first,
        "posting_km": protocol.posting_km,
    }
    return xr.Dataset(variables, coords, attrs).isel(num_lines=lines).compute()
