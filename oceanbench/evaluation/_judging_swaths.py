"""What judges filtered swaths: the truth in the passes of the challenge, or in those that the user gives."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from oceanbench.catalog import challenge_names, load_challenge
from oceanbench.challenge import Challenge, DataFile, SwathProtocol, Track
from oceanbench.data_files import MissingDataError, observation_files
from oceanbench.evaluation._few import few
from oceanbench.evaluation._finding import definition_named
from oceanbench.evaluation._request import Judged, Request
from oceanbench.parallel import side_by_side
from oceanbench.submission import Filtered, PassCheck, SubmissionError, check_pass, open_filtered
from oceanbench.swaths import (
    height_in,
    numbered_lines,
    open_passes,
    open_swath,
    split_passes,
    swath_attributes,
)

if TYPE_CHECKING:  # to check swaths no score is imported
    from oceanbench.evaluation._denoising import DenoisingScores
    from oceanbench.evaluation._swaths import SwathScores

__all__ = ["check_swaths", "definition_of_swaths", "judge_swaths", "refuse_maps"]


class _Found(NamedTuple):
    submission: Filtered[int] | Filtered[tuple[int, int]]
    scores: "SwathScores | DenoisingScores"
    paths: Sequence[Path]
    notes: Sequence[str]


def definition_of_swaths(request: Request) -> tuple[Challenge, str]:
    """Find the challenge that filtered swaths are for: the files say it, or the caller has to.

    Raises
    ------
    LookupError
        If the files do not name a challenge of filters.
    """
    if request.challenge is not None:
        return definition_named(request.challenge), ""
    place = _place(request)
    named = str(swath_attributes(place).get("challenge", ""))
    known = [name for name in challenge_names() if load_challenge(name).filters]
    if named in known:
        return load_challenge(named), f"challenge {named}, as the files say"
    said = f"the files name the challenge {named!r}" if named else "the files name no challenge"
    raise LookupError(f"{place} holds swaths, and {said}; name one with --challenge ({', '.join(known)})")


def refuse_maps(place: Path, challenge: Challenge) -> None:
    """Refuse to take swaths for the maps of a challenge."""
    if not challenge.filters:
        raise ValueError(
            f"{place} holds swaths, and {challenge.id} scores maps; name another challenge, or another file"
        )


def judge_swaths(request: Request, challenge: Challenge) -> Judged:
    """Score filtered swaths as the challenge does.

    Raises
    ------
    SubmissionError
        If they are refused, with all the reasons.
    MissingDataError
        If the passes of the challenge are not on this machine.
    """
    track, how = _track(request, challenge)
    challenge = challenge.on(track)
    protocol = _protocol(challenge, track, request.segment_km)
    judged = _without_truth if challenge.kind == "filter-ose" else _by_truth
    submission, scores, paths, notes = judged(request, challenge, track, protocol)
    scope = f"{scores.coverage.passes} passes of {_where(request, challenge, track)}; {_segments(protocol)}"
    return Judged(submission, track.id, scores, scope, paths, tuple(filter(None, (how, *notes))))


def check_swaths(request: Request, challenge: Challenge) -> tuple[str, ...]:
    """Check filtered swaths as a submission, value by value, without scoring them.

    Returns
    -------
    tuple of str
        What was changed or seen on the way, one sentence each.

    Raises
    ------
    SubmissionError
        With all the reasons to refuse them.
    """
    track, how = _track(request, challenge)
    file = challenge.file(track.observations[0])
    if challenge.kind == "filter-ose":
        cycles, _ = _cycles(_region(request, challenge, track)[0])
        notes = _checked(_opened(request, challenge, cycles, file), cycles, file, request)
    else:
        passes, _ = _passes(request, challenge, track)
        notes = _checked(_opened(request, challenge, passes, file), passes, file, request)
    return (*filter(None, [how]), *notes)


def _checked[K: (int, tuple[int, int])](
    submission: Filtered[K], given: Mapping[K, xr.Dataset], file: DataFile, request: Request
) -> list[str]:
    def check(key: K) -> PassCheck:
        noisy = height_in(given[key], file.height)
        return check_pass(key, submission.heights(key), noisy, request.holes)

    found: list[PassCheck] = side_by_side(
        check, list(given), progress=request.progress, what="checking passes"
    )
    problems = [problem for one in found for problem in one.problems]
    if problems:
        raise SubmissionError(submission.source, problems)
    return [*submission.notes, *few([note for one in found for note in one.notes])]


# --- by a truth


def _by_truth(request: Request, challenge: Challenge, track: Track, protocol: SwathProtocol) -> _Found:
    from oceanbench.evaluation._swaths import score_swaths

    given, paths = _passes(request, challenge, track)
    file, truth = challenge.file(track.observations[0]), challenge.file(track.reference)
    submission = _opened(request, challenge, given, file)
    scores = score_swaths(
        submission,
        given,
        protocol,
        truth=track.reference_height or truth.height,
        noisy=file.height,
        holes=request.holes,
        progress=request.progress,
    )
    return _Found(submission, scores, paths, scores.notes)


def _passes(
    request: Request, challenge: Challenge, track: Track
) -> tuple[Mapping[int, xr.Dataset], list[Path]]:
    """Open the passes with their truth: those of the user, else all of the track."""
    truth = challenge.file(track.reference)
    if request.reference:
        source = request.reference[0] if len(request.reference) == 1 else request.reference
        return open_passes(source, layout=truth.layout), list(request.reference)
    try:
        paths = observation_files(challenge, truth, request.data, request.progress)
    except MissingDataError as error:
        raise MissingDataError(f"{error}; or score the passes you have with --reference FOLDER") from error
    passes = open_passes(paths, layout=truth.layout)
    if track.passes and len(passes) != track.passes:
        raise LookupError(
            f"{len(passes)} of the {track.passes} passes of {challenge.id}, track {track.id}, are on this "
            f"machine, in {paths[0].parent}: the score would be another one; get them with: oceanbench "
            f"download {challenge.id}; or score the passes you have with --reference {paths[0].parent}"
        )
    return passes, paths


# --- without one


def _without_truth(request: Request, challenge: Challenge, track: Track, protocol: SwathProtocol) -> _Found:
    from oceanbench.evaluation._denoising import score_denoising

    region, paths = _region(request, challenge, track)
    given, lines = _cycles(region)
    file = challenge.file(track.observations[0])
    submission = _opened(request, challenge, given, file)
    ssh = np.full([region.sizes[dim] for dim in ("num_lines", "num_pixels")], np.nan)
    problems, notes = [], []
    for key in submission.passes:
        heights = submission.heights(key)
        noisy = height_in(given[key], file.height)
        found = check_pass(key, heights, noisy, request.holes)
        problems += found.problems
        notes += found.notes
        ssh[lines[key]] = np.where(np.isnan(noisy), np.nan, heights)
    if problems:
        raise SubmissionError(submission.source, problems)
    denoised = xr.Dataset({"ssh": (("num_lines", "num_pixels"), ssh)}, coords={"time": region["time"]})
    scores = score_denoising(denoised, region, protocol, similarity_pass=track.similarity_pass or None)
    return _Found(submission, scores, paths, few(notes))


def _region(request: Request, challenge: Challenge, track: Track) -> tuple[xr.Dataset, list[Path]]:
    file = challenge.file(track.observations[0])
    paths = list(request.reference) or observation_files(challenge, file, request.data, request.progress)
    if len(paths) != 1:
        raise ValueError(
            f"{len(paths)} files were given as the passes of {challenge.id}, track {track.id}; "
            "expected the one that joins all its cycles"
        )
    return numbered_lines(open_swath(paths[0], layout=file.layout, variables=list(file.height))), paths


def _cycles(
    region: xr.Dataset,
) -> tuple[Mapping[tuple[int, int], xr.Dataset], Mapping[tuple[int, int], NDArray[np.int64]]]:
    """Take a file of several cycles apart; give the passes, and the lines that each has in the file."""
    numbered = region.assign(line=("num_lines", np.arange(region.sizes["num_lines"])))
    parts = split_passes(numbered)
    lines = {key: np.asarray(part["line"].values, dtype=np.int64) for key, part in parts.items()}
    return {key: part.drop_vars("line") for key, part in parts.items()}, lines


# --- what both share


def _track(request: Request, challenge: Challenge) -> tuple[Track, str]:
    if request.track is not None:
        return challenge.track(request.track), ""
    said = str(swath_attributes(_place(request)).get("track", ""))
    if said in {track.id for track in challenge.tracks}:
        return challenge.track(said), f"track {said}, as the files say"
    track = challenge.tracks[0]
    how = f"track {track.id}, the first of {challenge.id}; another one: --track"
    return track, how if len(challenge.tracks) > 1 else ""


def _protocol(challenge: Challenge, track: Track, segment_km: float | None) -> SwathProtocol:
    protocol = challenge.swath or SwathProtocol()
    if segment_km is not None:
        return protocol.model_copy(update={"segment_km": segment_km, "robust_segment_km": segment_km})
    return protocol.model_copy(update={"segment_km": track.segment_km or protocol.segment_km})


def _where(request: Request, challenge: Challenge, track: Track) -> str:
    if request.reference:
        return f"a reference of your own, scored as {challenge.id} {challenge.version}"
    return f"{challenge.id} {challenge.version}, track {track.id}"


def _segments(protocol: SwathProtocol) -> str:
    official, robust = protocol.segment_km, protocol.robust_segment_km
    if official == robust:
        return f"spectra of segments of {official:g} km"
    return f"official spectra of segments of {official:g} km, robust ones of {robust:g} km"


def _opened[K: (int, tuple[int, int])](
    request: Request, challenge: Challenge, given: Mapping[K, xr.Dataset], file: DataFile
) -> Filtered[K]:
    names = challenge.submission.variables
    place = _place(request)
    return open_filtered(place, given, variable=request.variable, names=names, layout=file.layout)


def _place(request: Request) -> Path:
    if isinstance(request.place, xr.Dataset):
        raise TypeError("filtered swaths are scored from a file or a folder; write them with write_pass")
    return request.place
