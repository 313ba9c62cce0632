"""One evaluation, from a file to numbers, notes and a passport."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from oceanbench.challenge import Challenge, Scoring
from oceanbench.evaluation._judging import definition_of, judge
from oceanbench.evaluation._request import Judged, Request
from oceanbench.passport import files_digest, machine, metric_code_digest, software, verified
from oceanbench.progress import Progress, silent
from oceanbench.score import Evaluation
from oceanbench.submission import Holes

__all__ = ["evaluate"]

type Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

_MADE_BY = (
    "challenge",
    "track",
    "method",
    "method_parameters",
    "observations",
    "inputs",
    "seed",
    "software",
    "wall_seconds",
)


def evaluate(
    source: str | os.PathLike[str] | xr.Dataset | xr.DataArray,
    *,
    challenge: str | Challenge | None = None,
    track: str | None = None,
    reference: Paths = (),
    variable: str | None = None,
    reference_variable: str | None = None,
    holes: Holes = "refuse",
    data: Path | None = None,
    scoring: Scoring | None = None,
    segment_km: float | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Score a map, or filtered swaths.

    Parameters
    ----------
    source : path, xr.Dataset or xr.DataArray
        The map: NetCDF, Zarr folder, or in memory. Filtered swaths: a folder with one file for each pass, or
        one NetCDF or Zarr that joins them.
    challenge : str or Challenge, optional
        Name of the challenge, or a definition; found from the attributes of the file, or its box and dates,
        if not given.
    track : str, optional
        Track of the challenge; case and punctuation do not matter.
    reference : path or sequence of path
        A truth of your own (grid, along-track file, or folder of passes); it decides what is scored.
    variable : str, optional
        Which variable of the file holds the heights.
    reference_variable : str, optional
        The same for a gridded reference.
    holes : {"refuse", "zero", "official"}
        What it means that the map has no value where one is scored.
    data : path, optional
        Folder in which the files of the challenge are looked for first.
    scoring : Scoring, optional
        Settings of the official numbers that a published row was made with, where they differ from those of
        the challenge. Its box and its days hold for the robust numbers too, but for ``official_end``.
    segment_km : float, optional
        Of filtered swaths: length of the segments of the spectra, official and robust; each has its own
        unless given.
    progress : callable, optional
        Called with a sentence and a fraction.

    Returns
    -------
    Evaluation
        With ``scoring``, scope and passport say that the settings are those of a published row.

    Raises
    ------
    SubmissionError
        If the map is refused; the message says what was given, what is expected and what to do.
    MissingDataError
        If the truth of the challenge is not on this machine.
    LookupError
        If no challenge or track fits, or the challenge cannot be scored yet.
    ValueError
        If ``scoring`` is given together with ``reference``, whose nodes and days it does not know.
    """
    started = time.perf_counter()
    say = progress or silent
    request = Request(
        _place(source),
        challenge,
        track,
        _paths(reference),
        variable,
        reference_variable,
        holes,
        data,
        scoring,
        segment_km,
        progress,
    )
    say("reading the map", 0.0)
    definition, how = definition_of(request)
    say("reading the map", 1.0)
    say("scoring", 0.0)
    judged = judge(request, definition)
    passport = _passport(request, judged, definition)
    say("scoring", 1.0)
    return _evaluation(judged, definition, how, request, passport | {"seconds": _since(started)})


def _place(source: str | os.PathLike[str] | xr.Dataset | xr.DataArray) -> Path | xr.Dataset:
    if isinstance(source, xr.DataArray):
        return source.to_dataset(name=source.name or "ssh")
    return source if isinstance(source, xr.Dataset) else Path(source)


def _paths(reference: Paths) -> tuple[Path, ...]:
    if isinstance(reference, str | os.PathLike):
        return (Path(reference),)
    return tuple(Path(path) for path in reference)


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 3)


def _evaluation(
    judged: Judged, challenge: Challenge, how: str, request: Request, passport: dict[str, Any]
) -> Evaluation:
    # the coverage says what became of missing heights, counted where they are scored
    read = [note for note in judged.submission.notes if not note.startswith("missing heights")]
    return Evaluation(
        challenge=challenge,
        track=judged.track,
        official=judged.scores.official,
        robust=judged.scores.robust,
        official_units=judged.scores.official_units,
        robust_units=judged.scores.robust_units,
        own_reference=bool(request.reference),
        coverage=judged.scores.coverage,
        notes=tuple(
            note for note in (how, _stranger(judged, challenge, request), *read, *judged.notes) if note
        ),
        scope=judged.scope,
        passport=passport,
        details=judged.scores.details,
        unfiltered=getattr(judged.scores, "unfiltered", {}),
        comparison=judged.scores.comparisons.get(challenge.ranking),
    )


def _stranger(judged: Judged, challenge: Challenge, request: Request) -> str:
    """Tell where the file says it was made for another challenge than the one it is scored as."""
    said = judged.submission.attributes.get("challenge")
    if not isinstance(said, str) or request.reference or said in ("", challenge.id, challenge.profile_of):
        return ""
    return f"the file says it was made for {said}, and is scored as {challenge.id}, as asked"


def _passport(request: Request, judged: Judged, challenge: Challenge) -> dict[str, Any]:
    attributes = judged.submission.attributes
    place = request.place
    return {
        # the name without its folders, which say who and where
        "submission": {
            "name": None if isinstance(place, xr.Dataset) else place.name,
            "sha256": judged.submission.sha256,
        },
        "challenge": challenge.id,
        "challenge_version": challenge.version,
        "track": judged.track or None,
        "variable": judged.submission.variable,
        "reference": {
            "files": len(judged.reference),
            "sha256": files_digest(judged.reference),
            "verified": verified(judged.reference),
        },
        "holes": request.holes,
        "segment_km": request.segment_km,
        "scoring": request.scoring and request.scoring.model_dump(mode="json", exclude_defaults=True),
        "metric_code_sha256": metric_code_digest(),
        "software": dict(software()),
        "machine": dict(machine()),
        "said_by_the_file": {name: str(attributes[name]) for name in _MADE_BY if name in attributes},
    }
