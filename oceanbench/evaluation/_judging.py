"""What judges a map: the truth of its challenge, or one that the user gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge, DataFile, GriddedProtocol, Track, TrackProtocol
from oceanbench.data import find_files, read_track_reference, read_truth_of
from oceanbench.evaluation._along_track import AlongTrackScores, TrackScope, score_along_track
from oceanbench.evaluation._checking import expected_of
from oceanbench.evaluation._finding import find_challenge, find_track
from oceanbench.evaluation._gridded import MapScores, score_against_grid
from oceanbench.evaluation._own_reference import OwnReference, read_own_reference, scope_of, spacing_of
from oceanbench.submission import Expected, Holes, Submission, open_map

__all__ = ["Judged", "Request", "definition_of", "judge"]

_PROTOCOL_OF = {"grid": "2020a", "track": "2021a"}  # where neither the user nor the file names a challenge


@dataclass(frozen=True)
class Request:
    """What is asked for: see :func:`oceanbench.evaluation.evaluate`."""

    place: Path | xr.Dataset
    challenge: str | None
    track: str | None
    reference: tuple[Path, ...]
    variable: str | None
    reference_variable: str | None
    holes: Holes
    data: Path | None


@dataclass(frozen=True)
class Judged:
    """A map and what its truth says of it.

    Attributes
    ----------
    submission : Submission
        The map, canonical.
    track : str
        Name of the track; ``""`` where nobody said.
    scores : MapScores or AlongTrackScores
    scope : str
        Domain, period and truth, in one sentence.
    reference : sequence of pathlib.Path
        Files of the truth.
    notes : tuple of str
        What was chosen, one sentence each.
    """

    submission: Submission
    track: str
    scores: MapScores | AlongTrackScores
    scope: str
    reference: Sequence[Path]
    notes: tuple[str, ...] = ()


def definition_of(request: Request) -> tuple[Challenge, str]:
    """Find the definition whose protocol applies, and say how it was found."""
    if request.challenge is not None:
        return load_challenge(request.challenge), ""
    submission = open_map(request.place, variable=request.variable)
    try:
        return find_challenge(submission, request.data, needs_data=not request.reference)
    except LookupError:
        if not request.reference:
            raise
    own = read_own_reference(request.reference, load_challenge(_PROTOCOL_OF["track"]).tracks[0])
    name = _PROTOCOL_OF["track" if own.grid is None else "grid"]
    return load_challenge(name), f"no challenge fits the map: the protocol of {name} is used"


def judge(request: Request, challenge: Challenge) -> Judged:
    """Score the map against the truth that the request and the challenge say."""
    return _by_own_reference(request, challenge) if request.reference else _by_challenge(request, challenge)


# --- by the truth of the challenge


def _by_challenge(request: Request, challenge: Challenge) -> Judged:
    # Missing values are counted where they are scored, so the reader lets them through.
    expected = expected_of(challenge, "official")
    submission = open_map(request.place, expected=expected, variable=request.variable)
    track, how = find_track(challenge, submission, request.track)
    file = challenge.file(track.reference)
    paths = find_files(challenge, file, request.data)
    scores: MapScores | AlongTrackScores
    if challenge.kind == "map-osse":
        scores, scope = _on_grid(submission, challenge, request)
    else:
        scores, scope = _along_track(submission, challenge, track, file, paths, request.holes)
    return Judged(submission, track.id, scores, scope, paths, (how,))


def _on_grid(submission: Submission, challenge: Challenge, request: Request) -> tuple[MapScores, str]:
    truth = read_truth_of(challenge, given=request.data)
    protocol = challenge.gridded or GriddedProtocol()
    scores = score_against_grid(submission.ssh, truth, challenge.periods.evaluation, protocol, request.holes)
    coverage = scores.coverage
    scope = (
        f"{_words(challenge)}; the official code scores {coverage.days_official} days, "
        f"the robust numbers {coverage.days_robust}"
    )
    return scores, scope


def _words(challenge: Challenge) -> str:
    box, period = challenge.domain, challenge.periods.evaluation
    return (
        f"{box.west:g}..{box.east:g} E, {box.south:g}..{box.north:g} N, {period.start} to {period.end} "
        f"of {challenge.id} {challenge.version}"
    )


def _along_track(
    submission: Submission,
    challenge: Challenge,
    track: Track,
    file: DataFile,
    paths: Sequence[Path],
    holes: Holes,
) -> tuple[AlongTrackScores, str]:
    period = challenge.periods.evaluation
    height = track.reference_height or file.height
    samples = read_track_reference(file.model_copy(update={"height": height}), paths)
    scope = TrackScope(challenge.domain, period.first_instant, period.last_day, period.official_last_instant)
    scores = score_along_track(submission.ssh, samples, scope, _track_protocol(challenge, file), holes)
    return scores, f"{_words(challenge)}, judged by {file.mission}"


def _track_protocol(challenge: Challenge, file: DataFile | None = None) -> TrackProtocol:
    protocol = challenge.along_track or load_challenge(_PROTOCOL_OF["track"]).along_track
    if protocol is None:
        raise ValueError(f"{challenge.id} has no settings for scores along a track; name one of kind map-ose")
    if file is None or file.spacing_km is None:
        return protocol
    return protocol.model_copy(update={"spacing_km": file.spacing_km})


# --- by a truth of the user's own


def _by_own_reference(request: Request, challenge: Challenge) -> Judged:
    named = challenge.track(request.track)
    own = read_own_reference(request.reference, named, request.reference_variable)
    scores: MapScores | AlongTrackScores
    if own.grid is None:
        submission = open_map(request.place, variable=request.variable)
        scores, where = _along_own_track(submission, own, request, challenge)
        protocol = challenge.id if challenge.along_track else _PROTOCOL_OF["track"]
    else:
        submission = open_map(request.place, expected=_expected_by(own.grid), variable=request.variable)
        settings = challenge.gridded or GriddedProtocol()
        scores = score_against_grid(submission.ssh, own.grid, None, settings, request.holes)
        where = _extent(own.grid)
        protocol = challenge.id if challenge.gridded else _PROTOCOL_OF["grid"]
    scope = f"{where}; protocol of {protocol} on files given with --reference: not a score of {challenge.id}"
    track = named.id if request.track else ""
    return Judged(submission, track, scores, scope, request.reference, own.notes)


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
