"""The checks of a submission to a challenge, without scoring it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from oceanbench.challenge import Challenge, Scoring, Track
from oceanbench.evaluation._finding import definition_named, find_challenge
from oceanbench.evaluation._fitting import shares_one_scope
from oceanbench.evaluation._judging_swaths import check_swaths, definition_of_swaths, refuse_maps
from oceanbench.evaluation._pending import refuse_pending
from oceanbench.evaluation._request import Request
from oceanbench.evaluation._tracks import find_track
from oceanbench.submission import Expected, Holes, Submission, open_map
from oceanbench.swaths import holds_swaths

__all__ = ["check_map", "expected_of", "open_for_track"]


def expected_of(challenge: Challenge, holes: Holes) -> Expected:
    """Say what ``challenge`` expects of a map; ``holes`` says what a missing value in the box means.

    For one of several tracks with boxes or days of their own, give ``challenge.on(track)``.
    """
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


def open_for_track(
    source: Path | xr.Dataset,
    challenge: Challenge,
    given: str | None,
    variable: str | None,
    holes: Holes,
    scoring: Scoring | None = None,
) -> tuple[Submission, Track, str]:
    """Open a map as a submission to the track it is for.

    With the settings of a published row the map need cover no more than the box of that row.

    Returns
    -------
    tuple of Submission, Track and str
        The map, cut to the box and the days of the track; the track; how it was found.

    Raises
    ------
    SubmissionError
        With all the reasons to refuse the map.
    LookupError
        If no track fits, or the one that is named does not exist.
    """

    def cut_to(track: Track) -> Submission:
        definition = challenge.on(track)
        scored = definition.scored_as(scoring) if scoring else definition
        return open_map(source, expected=expected_of(scored, holes), variable=variable)

    if given is not None or shares_one_scope(challenge):
        submission = cut_to(challenge.track(given))
        return submission, *find_track(challenge, submission, given)
    # the track tells which box and days to cut the map to, and the whole map tells the track
    track, how = find_track(challenge, open_map(source, variable=variable), None)
    return cut_to(track), track, how


def check_map(
    source: Path | xr.Dataset,
    *,
    challenge: str | Challenge | None = None,
    track: str | None = None,
    variable: str | None = None,
    reference: Sequence[Path] = (),
    holes: Holes = "refuse",
) -> tuple[Challenge, tuple[str, ...]]:
    """Check a map, or filtered swaths, as a submission: all that is wrong is found at once.

    Parameters
    ----------
    source : path or xr.Dataset
        The map, or the folder of the swaths.
    challenge : str or Challenge, optional
        Its challenge, by name or as a definition; found from the file if not given.
    track : str, optional
        Its track; found from the file if not given.
    variable : str, optional
        Which variable holds the heights.
    reference : sequence of pathlib.Path
        Passes that were filtered, in place of those of the challenge.
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
        If no challenge or track fits, or the challenge cannot be scored yet.
    """
    how = ""
    if isinstance(source, Path) and holds_swaths(source):
        request = Request(source, challenge, track, tuple(reference), variable, None, holes, None)
        definition, how = definition_of_swaths(request)
        refuse_maps(source, definition)
        return definition, tuple(note for note in (how, *check_swaths(request, definition)) if note)
    if challenge is None:
        definition, how = find_challenge(open_map(source, variable=variable))
    else:
        definition = definition_named(challenge)
    refuse_pending(definition)
    if definition.filters:
        raise ValueError(f"{source} holds no swaths, and {definition.id} scores filtered swaths")
    rule: Holes = holes if definition.kind == "map-osse" else "official"
    opened, _, which = open_for_track(source, definition, track, variable, rule)
    return definition, tuple(note for note in (how, which, *opened.notes) if note)
