"""What judges a map: the truth of its challenge, or one that the user gives."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import xarray as xr

from oceanbench.catalog import challenge_names, load_challenge
from oceanbench.challenge import Challenge, DataFile, GriddedProtocol, TrackProtocol
from oceanbench.data import read_track_reference, read_truth_of
from oceanbench.data_files import find_files
from oceanbench.evaluation._along_track import AlongTrackScores, TrackScope, score_along_track
from oceanbench.evaluation._checking import open_for_track
from oceanbench.evaluation._finding import definition_named, find_challenge
from oceanbench.evaluation._gridded import GridScope, MapScores, score_against_grid
from oceanbench.evaluation._judging_swaths import definition_of_swaths, judge_swaths, refuse_maps
from oceanbench.evaluation._own_reference import (
    OwnReference,
    is_along_track,
    read_own_reference,
    scope_of,
    spacing_of,
)
from oceanbench.evaluation._pending import refuse_pending
from oceanbench.evaluation._published_row import refuse_own_truth, settings_in_words
from oceanbench.evaluation._request import Judged, Request
from oceanbench.submission import Expected, Submission, open_map
from oceanbench.swaths import holds_swaths

__all__ = ["definition_of", "judge"]

type Kind = Literal["map-osse", "map-ose"]


def definition_of(request: Request) -> tuple[Challenge, str]:
    """Find the definition whose protocol applies, and say how it was found.

    Raises
    ------
    LookupError
        If none fits, or the one that is named cannot be scored yet.
    """
    swaths = isinstance(request.place, Path) and holds_swaths(request.place)
    definition, how = definition_of_swaths(request) if swaths else _definition(request)
    refuse_pending(definition)
    if swaths and isinstance(request.place, Path):
        refuse_maps(request.place, definition)
    elif definition.filters:
        raise ValueError(
            f"{request.place} holds no swaths, and {definition.id} scores filtered swaths; name another "
            "challenge, or another file"
        )
    return definition, how


def _definition(request: Request) -> tuple[Challenge, str]:
    if request.challenge is not None:
        return definition_named(request.challenge), ""
    submission = open_map(request.place, variable=request.variable)
    try:
        return find_challenge(submission, request.data, needs_data=not request.reference)
    except LookupError:
        if not request.reference:
            raise
    usual = _usual("map-ose" if is_along_track(request.reference[0]) else "map-osse")
    return usual, f"no challenge fits the map: the protocol of {usual.id} is used"


def _usual(kind: Kind) -> Challenge:
    """Give the oldest published challenge of a kind: the protocol that a truth without a challenge gets."""
    for challenge in map(load_challenge, challenge_names()):
        own = not (challenge.is_twin or challenge.profile_of or challenge.evaluation_pending)
        if own and challenge.kind == kind:
            return challenge
    raise LookupError(f"no challenge of kind {kind} is known, so no protocol is; name one with --challenge")


def judge(request: Request, challenge: Challenge) -> Judged:
    """Score the map, or the filtered swaths, against the truth that the request and the challenge say."""
    if challenge.filters:
        return judge_swaths(request, challenge)
    if request.segment_km is not None:
        raise ValueError(f"the length of segments is asked for swaths only; {challenge.id} scores maps")
    return _by_own_reference(request, challenge) if request.reference else _by_challenge(request, challenge)


# --- by the truth of the challenge


def _by_challenge(request: Request, challenge: Challenge) -> Judged:
    # Missing values are counted where they are scored, so the reader lets them through.
    submission, track, how = open_for_track(
        request.place, challenge, request.track, request.variable, "official", request.scoring
    )
    definition = challenge.on(track).model_copy(update={"tracks": (track,)})
    file = challenge.file(track.reference)
    paths = find_files(challenge, file, request.data)
    scores: MapScores | AlongTrackScores
    if challenge.kind == "map-osse":
        scores, scope = _on_grid(submission, definition, request)
    else:
        scores, scope = _along_track(submission, definition, file, paths, request)
    settings = settings_in_words(request.scoring)
    scope = f"{scope}; {settings}" if settings else scope
    return Judged(submission, track.id, scores, scope, paths, (how,))


def _on_grid(submission: Submission, challenge: Challenge, request: Request) -> tuple[MapScores, str]:
    """Score on the only track of ``challenge``, whose box and days are those of the track."""
    truth = read_truth_of(challenge, given=request.data)
    scored = challenge.scored_as(request.scoring) if request.scoring else challenge
    crop = request.scoring.domain if request.scoring else None
    scope = GridScope(scored.domain, scored.periods.evaluation, crop)
    scores = score_against_grid(
        submission.ssh, truth, scope, scored.gridded or GriddedProtocol(), request.holes
    )
    coverage = scores.coverage
    sentence = (
        f"{_words(scored)}; the official code scores {coverage.days_official} days, "
        f"the robust numbers {coverage.days_robust}"
    )
    return scores, sentence


def _words(challenge: Challenge) -> str:
    box, period = challenge.domain, challenge.periods.evaluation
    return (
        f"{box.west:g}..{box.east:g} E, {box.south:g}..{box.north:g} N, {period.start} to {period.end} "
        f"of {challenge.id} {challenge.version}"
    )


def _along_track(
    submission: Submission,
    challenge: Challenge,
    file: DataFile,
    paths: Sequence[Path],
    request: Request,
) -> tuple[AlongTrackScores, str]:
    """Score on the only track of ``challenge``, whose box and days are those of the track."""
    scored = challenge.scored_as(request.scoring) if request.scoring else challenge
    period = scored.periods.evaluation
    height = challenge.tracks[0].reference_height or file.height
    samples = read_track_reference(file.model_copy(update={"height": height}), paths)
    scope = TrackScope(scored.domain, period.first_instant, period.last_day, period.official_last_instant)
    protocol = _track_protocol(scored, file)
    scores = score_along_track(submission.ssh, samples, scope, protocol, request.holes)
    return scores, f"{_words(scored)}, judged by {file.mission}"


def _track_protocol(challenge: Challenge, file: DataFile | None = None) -> TrackProtocol:
    protocol = challenge.along_track or _usual("map-ose").along_track
    if protocol is None:
        raise ValueError(f"{challenge.id} has no settings for scores along a track; name one of kind map-ose")
    if file is None or file.spacing_km is None:
        return protocol
    return protocol.model_copy(update={"spacing_km": file.spacing_km})


# --- by a truth of the user's own


def _by_own_reference(request: Request, challenge: Challenge) -> Judged:
    named = challenge.track(request.track)
    challenge = challenge.on(named)
    refuse_own_truth(challenge, request.scoring, challenge.gridded)
    own = read_own_reference(request.reference, named, request.reference_variable)
    scores: MapScores | AlongTrackScores
    if own.grid is None:
        submission = open_map(request.place, variable=request.variable)
        scores, where = _along_own_track(submission, own, request, challenge)
        protocol = challenge.id if challenge.along_track else _usual("map-ose").id
    else:
        submission = open_map(request.place, expected=_expected_by(own.grid), variable=request.variable)
        settings = challenge.gridded or GriddedProtocol()
        scope = GridScope(None, None, None)
        scores = score_against_grid(submission.ssh, own.grid, scope, settings, request.holes)
        where = _extent(own.grid)
        protocol = challenge.id if challenge.gridded else _usual("map-osse").id
    sentence = (
        f"{where}; protocol of {protocol} on files given with --reference: not a score of {challenge.id}"
    )
    track = named.id if request.track else ""
    return Judged(submission, track, scores, sentence, request.reference, own.notes)


def _along_own_track(
    submission: Submission, own: OwnReference, request: Request, challenge: Challenge
) -> tuple[AlongTrackScores, str]:
    if own.samples is None:
        raise ValueError("the files given with --reference hold neither a grid nor samples along a track")
    scope, where = scope_of(own.samples, submission.ssh, challenge)
    usual = _track_protocol(challenge)
    spacing = spacing_of(own.samples, request.reference, challenge, usual.spacing_km)
    protocol = usual.model_copy(update={"spacing_km": spacing})
    scores = score_along_track(submission.ssh, own.samples, scope, protocol, request.holes)
    return scores, f"{where}, samples {spacing:.4g} km apart"


def _expected_by(truth: xr.DataArray) -> Expected:
    lon, lat, times = truth.lon.values, truth.lat.values, truth.time.values
    return Expected(
        west=float(lon[0]),
        east=float(lon[-1]),
        south=float(lat[0]),
        north=float(lat[-1]),
        start=times[0],
        end=times[-1],
        holes="official",
    )


def _extent(truth: xr.DataArray) -> str:
    lon, lat, times = truth.lon.values, truth.lat.values, truth.time.values
    return (
        f"{lon[0]:.2f}..{lon[-1]:.2f} E, {lat[0]:.2f}..{lat[-1]:.2f} N, "
        f"{str(times[0])[:10]} to {str(times[-1])[:10]}, as the reference has them"
    )
