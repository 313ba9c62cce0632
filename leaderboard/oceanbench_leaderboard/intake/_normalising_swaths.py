"""From a file that joins filtered passes to the canonical form, by the validator that everybody uses."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.challenge import Challenge
from oceanbench.submission import Filtered, open_filtered
from oceanbench.swaths import passes_in_file
from oceanbench_leaderboard.intake._job import GivenPass, Job, Key
from oceanbench_leaderboard.intake._wording import refusing, said_of

__all__ = ["normalise_swaths"]

_DIMS = ("num_lines", "num_pixels")


def normalise_swaths(upload: Path, job: Job, times: Path, values: BinaryIO) -> dict[str, Any]:
    """Pair filtered passes with those given, write them to an open file, and give the header.

    Numbers, sizes and times are compared with those of the passes that were given; positions and heights are
    left to the process that scores, which knows the noisy passes.

    Raises
    ------
    Refused
        With all that is wrong with the passes.
    OSError
        If the values cannot be written.
    """
    challenge = Challenge.model_validate(job.challenge)
    layout = challenge.file(challenge.track(job.track).observations[0]).layout
    inputs = _inputs(job.passes, times)
    with refusing(upload, challenge, job.track):
        filtered = open_filtered(upload, inputs, names=challenge.submission.variables, layout=layout)
        parts = passes_in_file(upload, layout=layout, variables=(), to_metres=False)
        sent = {_key_of(part, job.passes): part for part in parts}
        digest = hashlib.sha256()
        passes = [_write(one, filtered, sent[one.key], digest, values) for one in job.passes]
    values.flush()
    return {
        "kind": "swaths",
        "passes": passes,
        **said_of(filtered.variable, filtered.notes, filtered.attributes),
        "canonical_sha256": digest.hexdigest(),
    }


def _inputs(passes: tuple[GivenPass, ...], times: Path) -> Mapping[Any, xr.Dataset]:
    """Give passes without heights, and without positions: what is not known is not compared."""
    every = np.fromfile(times, dtype="<M8[ns]")
    ends = np.cumsum([one.lines for one in passes])
    return {
        one.key: _input(one, of_pass) for one, of_pass in zip(passes, np.split(every, ends[:-1]), strict=True)
    }


def _input(one: GivenPass, times: NDArray[np.datetime64]) -> xr.Dataset:
    unknown = np.broadcast_to(np.nan, (one.lines, one.pixels))
    numbers = {"pass_number": one.number} | ({} if one.cycle is None else {"cycle_number": one.cycle})
    coords = {"time": ("num_lines", times), "lon": (_DIMS, unknown), "lat": (_DIMS, unknown)}
    return xr.Dataset(coords=coords, attrs=numbers)


def _key_of(part: xr.Dataset, passes: tuple[GivenPass, ...]) -> Key | None:
    number, cycle = part.attrs["pass_number"], part.attrs.get("cycle_number")
    keys = [one.key for one in passes if one.number == number and cycle in (None, one.cycle or cycle)]
    return keys[0] if len(keys) == 1 else None


def _write(
    one: GivenPass, filtered: Filtered[Any], sent: xr.Dataset, digest: Any, values: BinaryIO
) -> dict[str, int | None]:
    """Write heights, times and positions of a pass, and give its entry in the header."""
    ssh = filtered.heights(one.key)
    digest.update(f"{one.key} {ssh.shape}".encode())
    digest.update(np.where(np.isnan(ssh), np.nan, ssh + 0.0).astype("<f8").tobytes())
    offset = values.tell()
    values.write(np.ascontiguousarray(ssh, dtype="<f8").data)
    values.write(sent["time"].values.astype("<M8[ns]").astype("<i8").tobytes())
    for name in ("lon", "lat"):
        values.write(np.ascontiguousarray(sent[name].transpose(*_DIMS).values, dtype="<f8").data)
    return {
        "cycle": one.cycle,
        "pass": one.number,
        "lines": one.lines,
        "pixels": one.pixels,
        "offset": offset,
    }
