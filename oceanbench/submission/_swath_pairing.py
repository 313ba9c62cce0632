"""Whether the lines and pixels of a filtered pass are those of the pass that was given."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.longitudes import wrap_longitudes
from oceanbench.submission._problems import Findings
from oceanbench.submission._source import values_of
from oceanbench.submission._swath_findings import label

_SAME_TIME = np.timedelta64(10, "ms")  # lines lie 300 ms apart
_SAME_DEGREES = 1e-3
_LINES, _PIXELS = ("num_lines", "num_pixels")


@dataclass(frozen=True)
class Inputs[K: (int, tuple[int, int])]:
    """The passes that were given, by number, or by numbers of cycle and pass."""

    passes: Mapping[K, xr.Dataset] = field(repr=False)

    @cached_property
    def lines(self) -> int:
        """How many lines they have together."""
        return sum(swath.sizes[_LINES] for swath in self.passes.values())

    @cached_property
    def pixels(self) -> int:
        """How many pixels the widest one has."""
        return max((swath.sizes[_PIXELS] for swath in self.passes.values()), default=0)

    @cached_property
    def _starts(self) -> tuple[list[K], NDArray[Any], NDArray[Any]]:
        """Passes in order of time, with their first and last time."""
        spans = {
            key: swath["time"].values[[0, -1]] for key, swath in self.passes.items() if swath.sizes[_LINES]
        }
        keys = sorted(spans, key=lambda key: spans[key].min())
        both = np.array([np.sort(spans[key]) for key in keys], dtype="datetime64[ns]").reshape(-1, 2)
        return keys, both[:, 0], both[:, 1]

    def at(self, times: NDArray[Any]) -> NDArray[np.intp]:
        """Give the place, among ``keys``, of the pass that each time belongs to; -1 for none."""
        _, first, last = self._starts
        place = np.searchsorted(first, times + _SAME_TIME, side="right") - 1
        known = (place >= 0) & (times <= last[np.maximum(place, 0)] + _SAME_TIME)
        return np.asarray(np.where(known, place, -1))

    @property
    def keys(self) -> list[K]:
        """The passes in order of time."""
        return self._starts[0]

    def key_of(self, number: int, cycle: int | None) -> K | None:
        """Give the key of the pass of these numbers; None where there is none, or several.

        Where keys are numbers of passes only, the cycle is not looked at.
        """
        keys = self._keys_by_number.get(number, [])
        matching = [key for key in keys if isinstance(key, int) or cycle is None or key[0] == cycle]
        return matching[0] if len(matching) == 1 else None

    @cached_property
    def _keys_by_number(self) -> dict[int, list[K]]:
        by_number: dict[int, list[K]] = {}
        for key in self.passes:
            by_number.setdefault(key if isinstance(key, int) else key[1], []).append(key)
        return by_number


def split_by_time[K: (int, tuple[int, int])](
    swath: xr.Dataset, inputs: Inputs[K]
) -> Iterator[tuple[K, xr.Dataset]]:
    """Take a swath that tells no pass number apart by the times of its lines.

    Raises
    ------
    ValueError
        Where a line is of no pass that was given.
    """
    times = values_of(swath["time"])
    places = inputs.at(times)
    if np.any(places < 0):
        line = int(np.argmin(places))
        raise ValueError(
            f"it tells no pass number, and line {line} at {times[line]} is of no input; set the attribute "
            "pass_number, or the variable pass_number along num_lines"
        )
    for place in np.unique(places).tolist():
        lines = np.flatnonzero(places == place)
        yield inputs.keys[place], swath.isel({_LINES: lines})


def refuse_other_samples[K: (int, tuple[int, int])](
    key: K, swath: xr.Dataset, inputs: Inputs[K], findings: Findings
) -> None:
    """Keep a problem where cycle, sizes, times or positions of a pass are not those of its input."""
    given = inputs.passes[key]
    cycle, wanted = swath.attrs.get("cycle_number"), given.attrs.get("cycle_number")
    if cycle is not None and wanted is not None and int(cycle) != int(wanted):
        findings.refuse(
            f"it is of cycle {int(cycle)}", f"cycle {int(wanted)}", "give the passes of that cycle"
        )
    sizes, expected = (f"{one.sizes[_LINES]} x {one.sizes[_PIXELS]}" for one in (swath, given))
    times = values_of(swath["time"])
    if sizes != expected:
        findings.refuse(
            f"it has {sizes} lines x pixels{_whose(key, times, inputs)}",
            f"{expected} as in the input",
            "keep all lines and pixels; in a file that joins passes give pass_number along num_lines",
        )
        return
    if _same_times(key, times, inputs, findings):
        _refuse_other_places(swath, given, findings)


def _whose[K: (int, tuple[int, int])](key: K, times: NDArray[Any], inputs: Inputs[K]) -> str:
    """Say whose times these are, where they are those of one other pass."""
    if not times.size or np.isnat(times).any():
        return ""
    places = np.unique(inputs.at(times))
    if places.size != 1 or places[0] < 0 or inputs.keys[places[0]] == key:
        return ""
    return f", and the times of pass {label(inputs.keys[places[0]])}"


def _same_times[K: (int, tuple[int, int])](
    key: K, times: NDArray[Any], inputs: Inputs[K], findings: Findings
) -> bool:
    given = inputs.passes[key]["time"].values
    missing = int(np.isnat(times).sum())
    if missing:
        findings.refuse(
            f"{missing} of its times are missing", "those of the input", "take them over from the input"
        )
    elif not _apart(times, given):
        return True
    elif not _apart(times[::-1], given):
        findings.refuse("its lines run backwards", "those of the input in their order", "call sortby('time')")
    elif whose := _whose(key, times, inputs):
        findings.refuse(
            f"its file is under the wrong number: it has{whose.removeprefix(', and')}",
            "the times of its input",
            "give each pass the number of its input",
        )
    else:
        apart = np.abs(times - given).max() / np.timedelta64(1, "s")
        findings.refuse(
            f"its times are up to {apart:.6g} s from those of the input",
            "the same times to 10 ms",
            "take them over from the input, as float64 or datetime64",
        )
    return False


def _apart(times: NDArray[Any], given: NDArray[Any]) -> bool:
    return bool(np.any(np.abs(times - given) > _SAME_TIME))


def _refuse_other_places(swath: xr.Dataset, given: xr.Dataset, findings: Findings) -> None:
    lon, lat = (values_of(swath[name]) for name in ("lon", "lat"))
    true_lon, true_lat = (np.asarray(given[name].values) for name in ("lon", "lat"))
    elsewhere = _elsewhere(lon, lat, true_lon, true_lat)
    if not elsewhere.any():
        return
    if not _elsewhere(lon[:, ::-1], lat[:, ::-1], true_lon, true_lat).any():
        findings.refuse(
            "its pixels run from the other side",
            "those of the input in their order",
            "turn it with isel(num_pixels=slice(None, None, -1))",
        )
        return
    line, pixel = np.unravel_index(int(np.argmax(elsewhere)), elsewhere.shape)
    findings.refuse(
        f"{int(elsewhere.sum())} of its positions are not those of the input, the first on line {line}, "
        f"pixel {pixel}: {lon[line, pixel]:.6g} E, {lat[line, pixel]:.6g} N",
        f"there {true_lon[line, pixel]:.6g} E, {true_lat[line, pixel]:.6g} N",
        "take longitudes and latitudes over from the input",
    )


def _elsewhere(
    lon: NDArray[Any], lat: NDArray[Any], true_lon: NDArray[Any], true_lat: NDArray[Any]
) -> NDArray[np.bool_]:
    """Tell which positions are not those that are known."""
    known = np.isfinite(true_lon) & np.isfinite(true_lat)
    with np.errstate(invalid="ignore"):
        near = np.abs(wrap_longitudes(lon - true_lon)) <= _SAME_DEGREES
        near &= np.abs(lat - true_lat) <= _SAME_DEGREES
    return np.asarray(known & ~near)
