"""From a file whose structure was looked at to the canonical form, by the validator that everybody uses."""

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import xarray as xr

from oceanbench.challenge import Challenge
from oceanbench.evaluation._checking import open_for_track
from oceanbench.submission import Holes, canonical_sha256
from oceanbench_leaderboard.intake._extent import refuse_too_many
from oceanbench_leaderboard.intake._job import Job
from oceanbench_leaderboard.intake._wording import refusing, said_of

__all__ = ["normalise"]

_SLAB_BYTES = 1 << 24


def normalise(upload: Path, job: Job, values: BinaryIO) -> dict[str, Any]:
    """Check a map, write its heights to an open file, and give the header.

    Raises
    ------
    Refused
        With all that is wrong with the map.
    OSError
        If the values cannot be written.
    """
    challenge = Challenge.model_validate(job.challenge)
    with refusing(upload, challenge, job.track):
        refuse_too_many(upload, challenge, job.track, job.bounds.file_bytes)
        submission, _, how = open_for_track(upload, challenge, job.track, None, _holes(challenge))
    ssh = submission.ssh.transpose("time", "lat", "lon")
    _write(ssh, values)
    return {
        "kind": "map",
        "shape": list(ssh.shape),
        "lon": ssh.lon.values.astype(np.float64).tolist(),
        "lat": ssh.lat.values.astype(np.float64).tolist(),
        "time_ns": ssh.time.values.astype("datetime64[ns]").astype(np.int64).tolist(),
        **said_of(
            submission.variable, [note for note in (how, *submission.notes) if note], submission.attributes
        ),
        "canonical_sha256": canonical_sha256(ssh),
    }


def _holes(challenge: Challenge) -> Holes:
    """Say what a missing value means: where it counts as zero, or lies on land, the scorer counts it."""
    strict = challenge.kind == "map-osse" and challenge.submission.holes == "refuse"
    return "refuse" if strict else "official"


def _write(ssh: xr.DataArray, stream: BinaryIO) -> None:
    """Write the heights, some time steps at once."""
    count = max(1, _SLAB_BYTES // (8 * ssh.sizes["lat"] * ssh.sizes["lon"]))
    for first in range(0, ssh.sizes["time"], count):
        piece = ssh.isel(time=slice(first, first + count)).values
        stream.write(np.ascontiguousarray(piece, dtype="<f8").data)
    stream.flush()
