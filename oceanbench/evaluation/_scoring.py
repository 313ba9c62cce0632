"""One evaluation, from a file to numbers, notes and a passport."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge, DataFile, GriddedProtocol, Track, TrackProtocol
from oceanbench.data import find_files, read_track_reference, read_truth_of
from oceanbench.evaluation import _along_track, _gridded
from oceanbench.evaluation._along_track import AlongTrackScores, TrackScope, score_along_track
from oceanbench.evaluation._checking import expected_of
from oceanbench.evaluation._finding import find_challenge, find_track
from oceanbench.evaluation._gridded import MapScores, score_against_grid
from oceanbench.evaluation._own_reference import OwnReference, read_own_reference, scope_of, spacing_of
from oceanbench.passport import files_digest, machine, metric_code_digest, software, verified
from oceanbench.progress import Progress, silent
from oceanbench.score import Evaluation
from oceanbench.submission import Expected, Holes, Submission, open_map

__all__ = ["evaluate"]

_PROTOCOL_OF = {"grid": "2020a", "track": "2021a"}  # where neither the user nor the file names a challenge
_MADE_BY = ("method", "method_parameters", "observations", "inputs", "seed", "software", "wall_seconds")


@dataclass(frozen=True)
class _Judged:
    """What one of the two kinds of truth gives."""

    scores: MapScores | AlongTrackScores
    scope: str
    reference: Sequence[Path]
    notes: tuple[str, ...] = ()


def evaluate(
    source: Path | str | xr.Dataset,
    *,
    challenge: str | None = None,
    track: str | None = None,
    reference: Sequence[Path] = (),
    variable: str | None = None,
    reference_variable: str | None = None,
    holes: Holes = "refuse",
    data: Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Score a map.

    Parameters
    ----------
    source : path or xr.Dataset
        The map: NetCDF, Zarr folder, or in memory.
    challenge : str, optional
        Name of the challenge; found from the attributes of the file, or its box and dates, if not given.
    track : str, optional
        Track of the challenge; case and punctuation do not matter.
    reference : sequence of path
        A truth of your own (grid, or along-track file); it decides grid, domain and period.
    variable : str, optional
        Which variable of the file holds the heights.
    reference_variable : str, optional
        The same for a gridded reference.
    holes : {"refuse", "zero", "official"}
        What it means that the map has no value where one is scored.
    data : path, optional
        Folder in which the files of the challenge are looked for first.
    progress : callable, optional
        Called with a sentence and a fraction.

    Returns
    -------
    Evaluation

    Raises
    ------
    SubmissionError
        If the map is refused; the message says what was given, what is expected and what to do.
    MissingDataError
        If the truth of the challenge is not on this machine.
    LookupError
        If no challenge or track fits.
    """
    started = time.perf_counter()
    say = progress or silent
    say("reading the map", 0.0)
    place = source if isinstance(source, xr.Dataset) else Path(source)
    definition, how = _definition(place, challenge, reference, variable, data)
    say("reading the map", 1.0)
    say("scoring", 0.0)
    if reference:
        submission, chosen, judged = _against_own(
            place, definition, track, list(reference), variable, reference_variable, holes
        )
    else:
        submission, chosen, judged = _against_challenge(place, definition, track, variable, holes, data)
    say("scoring", 1.0)
    # the coverage says what became of missing heights, counted where they are scored
    read = [note for note in submission.notes if not note.startswith("missing heights")]
    notes = (how, *read, *judged.notes)
    on_grid = isinstance(judged.scores, MapScores)
    units = _gridded if on_grid else _along_track
    return Evaluation(
        challenge=definition,
        track=chosen,
        official=judged.scores.official,
        robust=judged.scores.robust,
        official_units=units.OFFICIAL_UNITS,
        robust_units=units.ROBUST_UNITS,
        own_reference=bool(reference),
        coverage=judged.scores.coverage,
        notes=tuple(note for note in notes if note),
        scope=judged.scope,
        passport={
            "submission": {"name": _file_name(place), "sha256": submission.sha256},
            **_passport(submission, definition, chosen, judged, holes),
            "seconds": round(time.perf_counter() - started, 3),
        },
        details=judged.scores.details,
    )


def _definition(
    place: Path | xr.Dataset,
    challenge: str | None,
    reference: Sequence[Path],
    variable: str | None,
    data: Path | None,
) -> tuple[Challenge, str]:
    if challenge is not None:
        return load_challenge(challenge), ""
    submission = open_map(place, variable=variable)
    try:
        return find_challenge(submission, data, needs_data=not reference)
    except LookupError:
        if not reference:
            raise
    kind = (
        "track" if read_own_reference(reference, load_challenge("2021a").tracks[0]).grid is None else "grid"
    )
    return load_challenge(
        _PROTOCOL_OF[kind]
    ), f"no challenge fits the map: the protocol of {_PROTOCOL_OF[kind]} is used"


# --- against the truth of the challenge


def _against_challenge(
    place: Path | xr.Dataset,
    challenge: Challenge,
    track: str | None,
    variable: str | None,
    holes: Holes,
    data: Path | None,
) -> tuple[Submission, str, _Judged]:
    # Missing values are counted where they are scored, so the reader lets them through.
    submission = open_map(place, expected=expected_of(challenge, "official"), variable=variable)
    chosen, how = find_track(challenge, submission, track)
    file = challenge.file(chosen.reference)
    paths = find_files(challenge, file, data)
    if challenge.kind == "map-osse":
        judged = _judge_on_grid(submission, challenge, paths, holes, data)
    else:
        judged = _judge_along_track(submission, challenge, chosen, file, paths, holes)
    return submission, chosen.id, _Judged(judged.scores, judged.scope, paths, tuple(filter(None, (how,))))


def _judge_on_grid(
    submission: Submission, challenge: Challenge, paths: Sequence[Path], holes: Holes, data: Path | None
) -> _Judged:
    truth = read_truth_of(challenge, given=data)
    protocol = challenge.gridded or GriddedProtocol()
    scores = score_against_grid(submission.ssh, truth, challenge.periods.evaluation, protocol, holes)
    coverage = scores.coverage
    scope = (
        f"{_words(challenge)}; the official code scores {coverage.days_official} days, "
        f"the robust numbers {coverage.days_robust}"
    )
    return _Judged(scores, scope, paths)


def _words(challenge: Challenge) -> str:
    box, period = challenge.domain, challenge.periods.evaluation
    return (
        f"{box.west:g}..{box.east:g} E, {box.south:g}..{box.north:g} N, {period.start} to {period.end} "
        f"of {challenge.id} {challenge.version}"
    )


def _judge_along_track(
    submission: Submission,
    challenge: Challenge,
    track: Track,
    file: DataFile,
    paths: Sequence[Path],
    holes: Holes,
) -> _Judged:
    period = challenge.periods.evaluation
    height = track.reference_height or file.height
    samples = read_track_reference(file.model_copy(update={"height": height}), paths)
    scope = TrackScope(challenge.domain, period.first_instant, period.last_day, period.official_last_instant)
    scores = score_along_track(submission.ssh, samples, scope, _track_protocol(challenge, file), holes)
    return _Judged(scores, f"{_words(challenge)}, judged by {file.mission}", paths)


def _track_protocol(challenge: Challenge, file: DataFile | None = None) -> TrackProtocol:
    protocol = challenge.along_track or load_challenge(_PROTOCOL_OF["track"]).along_track
    if protocol is None:
        raise ValueError(f"{challenge.id} has no settings for scores along a track; name one of kind map-ose")
    if file is None or file.spacing_km is None:
        return protocol
    return protocol.model_copy(update={"spacing_km": file.spacing_km})


# --- against a truth of the user's own


def _against_own(
    place: Path | xr.Dataset,
    challenge: Challenge,
    track: str | None,
    reference: list[Path],
    variable: str | None,
    reference_variable: str | None,
    holes: Holes,
) -> tuple[Submission, str, _Judged]:
    own = read_own_reference(reference, challenge.track(track), reference_variable)
    protocol_of = challenge.id
    if own.grid is not None:
        protocol_of = challenge.id if challenge.gridded else _PROTOCOL_OF["grid"]
        submission = open_map(place, expected=_expected_by(own.grid), variable=variable)
        scores: MapScores | AlongTrackScores = score_against_grid(
            submission.ssh, own.grid, None, challenge.gridded or GriddedProtocol(), holes
        )
        where = _extent(own.grid)
    else:
        submission = open_map(place, variable=variable)
        scores, where = _along_own_track(submission, own, reference, challenge, holes)
    scope = (
        f"{where}; protocol of {protocol_of} on files given with --reference: not a score of {challenge.id}"
    )
    name = challenge.track(track).id if track else ""
    return submission, name, _Judged(scores, scope, reference, own.notes)


def _along_own_track(
    submission: Submission, own: OwnReference, reference: list[Path], challenge: Challenge, holes: Holes
) -> tuple[AlongTrackScores, str]:
    if own.samples is None:
        raise ValueError("the files given with --reference hold neither a grid nor samples along a track")
    scope, where = scope_of(own.samples, submission.ssh, challenge)
    usual = _track_protocol(challenge)
    spacing = spacing_of(own.samples, reference, challenge, usual.spacing_km)
    protocol = usual.model_copy(update={"spacing_km": spacing})
    scores = score_along_track(submission.ssh, own.samples, scope, protocol, holes)
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


# --- the passport


def _file_name(place: Path | xr.Dataset) -> str | None:
    """Give the name of the file without its folders, which say who and where; None for a map in memory."""
    return None if isinstance(place, xr.Dataset) else place.name


def _passport(
    submission: Submission, challenge: Challenge, track: str, judged: _Judged, holes: Holes
) -> dict[str, Any]:
    said = {name: submission.attributes[name] for name in _MADE_BY if name in submission.attributes}
    return {
        "challenge": challenge.id,
        "challenge_version": challenge.version,
        "track": track or None,
        "reference": {
            "files": len(judged.reference),
            "sha256": files_digest(judged.reference),
            "verified": verified(judged.reference),
        },
        "holes": holes,
        "metric_code_sha256": metric_code_digest(),
        "software": dict(software()),
        "machine": dict(machine()),
        "said_by_the_file": {name: str(value) for name, value in said.items()},
    }
