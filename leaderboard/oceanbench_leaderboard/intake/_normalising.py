"""From a file whose structure was looked at to the canonical form, by the validator that everybody uses."""

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import xarray as xr

from oceanbench.challenge import Challenge
from oceanbench.evaluation._checking import open_for_track
from oceanbench.submission import Holes, Submission, SubmissionError, canonical_sha256
from oceanbench_leaderboard.intake._findings import Finding, Refused, clean_text
from oceanbench_leaderboard.intake._job import Job

__all__ = ["normalise"]

_SLAB_BYTES = 1 << 24
_MOST_NOTES, _MOST_ATTRIBUTES, _MOST_NAME = 50, 100, 200


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
    submission, notes = _opened(upload, challenge, job.track)
    ssh = submission.ssh.transpose("time", "lat", "lon")
    _write(ssh, values)
    return {
        "kind": "map",
        "shape": list(ssh.shape),
        "lon": ssh.lon.values.astype(np.float64).tolist(),
        "lat": ssh.lat.values.astype(np.float64).tolist(),
        "time_ns": ssh.time.values.astype("datetime64[ns]").astype(np.int64).tolist(),
        "variable": clean_text(submission.variable, _MOST_NAME),
        "notes": [clean_text(note) for note in notes[:_MOST_NOTES]],
        "attributes": _attributes(submission),
        "canonical_sha256": canonical_sha256(ssh),
    }


def _opened(upload: Path, challenge: Challenge, track: str) -> tuple[Submission, list[str]]:
    # a map judged along tracks may be empty on land: what is missing is counted when it is scored
    holes: Holes = "refuse" if challenge.kind == "map-osse" else "official"
    try:
        submission, _, how = open_for_track(upload, challenge, track, None, holes)
    except SubmissionError as error:
        raise Refused(
            Finding(*map(clean_text, (one.what_given, one.expected, one.fix))) for one in error.problems
        ) from error
    except (LookupError, ValueError) as error:
        finding = Finding(clean_text(error), f"a map for {challenge.id}, track {track}", "correct the file")
        raise Refused([finding]) from error
    return submission, [note for note in (how, *submission.notes) if note]


def _write(ssh: xr.DataArray, stream: BinaryIO) -> None:
    """Write the heights, some time steps at once."""
    count = max(1, _SLAB_BYTES // (8 * ssh.sizes["lat"] * ssh.sizes["lon"]))
    for first in range(0, ssh.sizes["time"], count):
        piece = ssh.isel(time=slice(first, first + count)).values
        stream.write(np.ascontiguousarray(piece, dtype="<f8").data)
    stream.flush()


def _attributes(submission: Submission) -> dict[str, str]:
    named = (
        (clean_text(name, _MOST_NAME), clean_text(value)) for name, value in submission.attributes.items()
    )
    return dict([(name, value) for name, value in named if name][:_MOST_ATTRIBUTES])
