"""The checks of a submission to a challenge, without scoring it."""

from pathlib import Path

import numpy as np
import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge
from oceanbench.evaluation._finding import find_challenge, find_track
from oceanbench.submission import Expected, Holes, open_map

__all__ = ["check_map", "expected_of"]


def expected_of(challenge: Challenge, holes: Holes) -> Expected:
    """Say what ``challenge`` expects of a map; ``holes`` says what a missing value in the box means."""
    box, period = challenge.domain, challenge.periods.evaluation
    return Expected(
        west=box.west,
        east=box.east,
        south=box.south,
        north=box.north,
        start=period.first_instant,
        end=period.last_day,
        max_step=np.timedelta64(round(challenge.submission.max_step_hours * 3600), "s"),
        variables=challenge.submission.variables,
        holes=holes,
    )


def check_map(
    source: Path | xr.Dataset,
    *,
    challenge: str | None = None,
    variable: str | None = None,
    holes: Holes = "refuse",
) -> tuple[Challenge, tuple[str, ...]]:
    """Check a map as a submission: all that is wrong is found at once.

    Parameters
    ----------
    source : path or xr.Dataset
        The map.
    challenge : str, optional
        Its challenge; found from the file if not given.
    variable : str, optional
        Which variable holds the heights.
    holes : {"refuse", "zero", "official"}
        What a missing value inside the box means. A map judged along tracks may be empty on land, so there
        missing values are counted only when it is scored.

    Returns
    -------
    tuple of Challenge and tuple of str
        The challenge, and what was changed on the way in.

    Raises
    ------
    SubmissionError
        With all the reasons to refuse the map.
    LookupError
        If no challenge fits, or the track that the file names does not exist.
    """
    how = ""
    if challenge is None:
        definition, how = find_challenge(open_map(source, variable=variable))
    else:
        definition = load_challenge(challenge)
    rule: Holes = holes if definition.kind == "map-osse" else "official"
    opened = open_map(source, expected=expected_of(definition, rule), variable=variable)
    _, which = find_track(definition, opened, None)
    return definition, tuple(note for note in (how, which, *opened.notes) if note)
