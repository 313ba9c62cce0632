"""What is asked of an evaluation, and what it answers before it is worded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from oceanbench.challenge import Challenge, Scoring
from oceanbench.progress import Progress
from oceanbench.submission import Filtered, Holes, Submission

if TYPE_CHECKING:  # to ask for a check no score is imported
    from oceanbench.evaluation._along_track import AlongTrackScores
    from oceanbench.evaluation._denoising import DenoisingScores
    from oceanbench.evaluation._gridded import MapScores
    from oceanbench.evaluation._swaths import SwathScores

__all__ = ["Judged", "Request"]


@dataclass(frozen=True)
class Request:
    """What is asked for: see :func:`oceanbench.evaluation.evaluate`."""

    place: Path | xr.Dataset
    challenge: str | Challenge | None
    track: str | None
    reference: tuple[Path, ...]
    variable: str | None
    reference_variable: str | None
    holes: Holes
    data: Path | None
    scoring: Scoring | None = None
    segment_km: float | None = None
    progress: Progress | None = None


@dataclass(frozen=True)
class Judged:
    """A map, or filtered swaths, and what the truth says of them.

    Attributes
    ----------
    submission : Submission or Filtered
        The map, canonical; or the filtered passes.
    track : str
        Name of the track; ``""`` where nobody said.
    scores : the numbers
    scope : str
        Domain, period and truth, in one sentence.
    reference : sequence of pathlib.Path
        Files of the truth.
    notes : tuple of str
        What was chosen, one sentence each.
    """

    submission: Submission | Filtered[int] | Filtered[tuple[int, int]]
    track: str
    scores: "MapScores | AlongTrackScores | SwathScores | DenoisingScores"
    scope: str
    reference: Sequence[Path]
    notes: tuple[str, ...] = ()
