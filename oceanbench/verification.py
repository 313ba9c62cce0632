"""A score computed again from the map and its passport, and what differs."""

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import xarray as xr

from oceanbench.catalog import load_challenge
from oceanbench.challenge import Challenge, PartName, Scoring
from oceanbench.evaluation import evaluate
from oceanbench.passport import metric_code_digest
from oceanbench.progress import Progress
from oceanbench.rounding import rounded_to_noise
from oceanbench.score import Evaluation
from oceanbench.submission import Holes, canonical_sha256

__all__ = ["Difference", "Verification", "verify"]

type Document = Mapping[str, Any]
type Source = str | os.PathLike[str] | xr.Dataset

TOLERANCE = 1e-9  # relative
_FAMILIES = ("official", "robust", "unfiltered", "coverage")
_NEEDED = ("challenge", "version", "track", "official", "robust", "passport")
_ENDS = ("value", "low", "high")


@dataclass(frozen=True)
class Difference:
    """Something that is not here what the passport says.

    Attributes
    ----------
    name : str
        What it is: a number (``robust.mu.low``), or what numbers rest on (``numpy``).
    passport, here : object
        As the passport has it, and as it is here; None where there is none.
    """

    name: str
    passport: Any
    here: Any


@dataclass(frozen=True)
class Verification:
    """What came of computing a score again.

    Attributes
    ----------
    challenge, version, track : str
        What was scored; the version is that of the passport.
    part : str
        Block of days of a competition; empty where nothing is split.
    same_bytes : bool
        Whether the map is, byte for byte, the file that was scored.
    same_values : bool or None
        Whether its heights are; None where the passport does not tell, or swaths are filtered.
    compared : int
        Numbers that were compared.
    numbers : tuple of Difference
        Those that differ by more than 1e-9 of themselves.
    grounds : tuple of Difference
        What numbers rest on and is another here: version of the challenge, truth, metric code, packages.
    """

    challenge: str
    version: str
    track: str
    part: str
    same_bytes: bool
    same_values: bool | None
    compared: int
    numbers: tuple[Difference, ...]
    grounds: tuple[Difference, ...]

    @property
    def is_the_map(self) -> bool:
        """Whether the map holds what was scored, in the same file or in another."""
        return self.same_bytes or bool(self.same_values)

    @property
    def holds(self) -> bool:
        """Whether the passport is right: of this map, all its numbers."""
        return self.is_the_map and not self.numbers

    def to_json(self) -> dict[str, Any]:
        """Give the stable JSON form."""
        return {**asdict(self), "is_the_map": self.is_the_map, "holds": self.holds}

    def lines(self) -> Iterator[str]:
        """Say it in sentences, the verdict first."""
        what = f"{self.challenge} {self.version}, track {self.track}" + (
            f", {self.part} part" * bool(self.part)
        )
        yield f"{'verified' if self.holds else 'not verified'}: the scores of {what}"
        yield self._map_in_words()
        if not self.numbers:
            yield f"all {self.compared} numbers are the same to 1e-9 of themselves"
        else:
            yield f"{len(self.numbers)} of {self.compared} numbers differ:"
            yield from (
                f"  {one.name}: {one.passport} in the passport, {one.here} here" for one in self.numbers
            )
        if self.grounds:
            yield "may be why:" if self.numbers else "though these differ:"
            yield from (
                f"  {one.name}: {one.passport} in the passport, {one.here} here" for one in self.grounds
            )
        elif self.numbers and self.is_the_map:
            yield "nothing else differs: the passport was changed, or the machine computes otherwise"

    def _map_in_words(self) -> str:
        if self.same_bytes:
            return "the map is the file that was scored"
        if self.same_values:
            return "the map is another file with the heights that were scored"
        return "the map is not the one that was scored: another file, with other heights"


def verify(
    document: Document,
    source: Source,
    *,
    reference: Sequence[Path] = (),
    data: Path | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Compute a score again from its map, with the settings of its passport, and compare.

    Parameters
    ----------
    document : mapping
        What ``oceanbench evaluate --json`` printed, or the passport of a submission to a service.
    source : path or xr.Dataset
        The map, or the folder of filtered swaths.
    reference : sequence of pathlib.Path
        The truth, where the score is one on a truth of the user's own.
    data : pathlib.Path, optional
        Folder in which the files of the challenge are looked for first.
    progress : callable, optional
        Called with a sentence and a fraction.

    Returns
    -------
    Verification

    Raises
    ------
    ValueError
        If the document is no passport, or needs a ``reference`` that is not given.
    SubmissionError
        If the map is refused.
    MissingDataError
        If the truth is not on this machine.
    LookupError
        If the challenge is not known here.
    """
    passport = _passport_of(document, reference)
    part = _part_of(passport)
    challenge = load_challenge(str(document["challenge"]))
    scored = challenge.part(part) if part and challenge.competition else challenge
    evaluation = evaluate(
        source,
        challenge=scored,
        track=document["track"],
        reference=reference,
        variable=_known_variable(passport, source),
        holes=cast(Holes, passport.get("holes", "refuse")),
        data=data,
        scoring=_scoring_of(passport),
        segment_km=passport.get("segment_km"),
        progress=progress,
    )
    here = evaluation.to_json()
    found = rounded_to_noise(here) if document.get("rounded_to_noise") else here
    numbers, compared = _different_numbers(document, found)
    same_bytes, same_values = _same_map(passport, evaluation, source, challenge)
    return Verification(
        challenge=challenge.id,
        version=str(document["version"]),
        track=evaluation.track,
        part=part if part and challenge.competition and challenge.competition.parts else "",
        same_bytes=same_bytes,
        same_values=same_values,
        compared=compared,
        numbers=tuple(numbers),
        grounds=tuple(_different_grounds(document, passport, here)),
    )


# --- what the document says


def _passport_of(document: object, reference: Sequence[Path]) -> Document:
    if not isinstance(document, Mapping) or any(name not in document for name in _NEEDED):
        held = (
            ", ".join(sorted(map(str, document)))
            if isinstance(document, Mapping)
            else type(document).__name__
        )
        raise ValueError(
            f"no passport: it holds {held or 'nothing'}; give what 'oceanbench evaluate --json' printed, or "
            "the passport that the page of a submission offers"
        )
    passport = document["passport"]
    if not isinstance(passport, Mapping) or not isinstance(passport.get("submission"), Mapping):
        raise ValueError("no passport: it does not say which map was scored; give the whole document")
    if document.get("own_reference") and not reference:
        raise ValueError("this score is one on a truth of its own; give that too, with --reference")
    return passport


def _part_of(passport: Document) -> PartName | None:
    part = passport.get("part")
    if part not in (None, "public", "private"):
        raise ValueError(f"the passport is of the part {part!r}; expected public or private")
    return cast(PartName | None, part)


def _scoring_of(passport: Document) -> Scoring | None:
    return Scoring.model_validate(passport["scoring"]) if passport.get("scoring") else None


def _known_variable(passport: Document, source: Source) -> str | None:
    """Give the name of the heights; a map in memory was named anew on its way in."""
    variable = passport.get("variable")
    if isinstance(source, xr.Dataset) and variable not in source:
        return None
    return None if variable is None else str(variable)


# --- what differs


def _different_numbers(document: Document, here: Document) -> tuple[list[Difference], int]:
    theirs = {
        name: value for family in _FAMILIES for name, value in _numbers(document.get(family, {}), family)
    }
    ours = {name: value for family in _FAMILIES for name, value in _numbers(here.get(family, {}), family)}
    names = list(dict.fromkeys([*theirs, *ours]))
    missing = object()
    different = [
        Difference(name, theirs.get(name), ours.get(name))
        for name in names
        if not _alike(theirs.get(name, missing), ours.get(name, missing))
    ]
    return different, len(names)


def _numbers(value: object, name: str) -> Iterator[tuple[str, float | None]]:
    """Give the numbers below a name, with their whole names; units and words are none."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            if key != "units":
                yield from _numbers(below, f"{name}.{key}")
    elif value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield name, value


def _alike(one: object, other: object) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=0.0)
    return one is other


def _different_grounds(document: Document, passport: Document, here: Document) -> Iterator[Difference]:
    ours = here["passport"]
    yield from _if_other("version of the challenge", document["version"], here["version"])
    yield from _if_other(
        "truth (sha256)", passport.get("reference", {}).get("sha256"), ours["reference"]["sha256"]
    )
    yield from _if_other(
        "code of the metrics (sha256)", passport.get("metric_code_sha256"), metric_code_digest()
    )
    software = passport.get("software", {})
    for name in dict.fromkeys([*software, *ours["software"]]):
        yield from _if_other(name, software.get(name), ours["software"].get(name))


def _if_other(name: str, passport: object, here: object) -> Iterator[Difference]:
    if passport != here:
        yield Difference(name, passport, here)


def _same_map(
    passport: Document, evaluation: Evaluation, source: Source, challenge: Challenge
) -> tuple[bool, bool | None]:
    """Tell whether bytes, and whether heights, are those that were scored.

    A map in memory has the digest of its heights in place of that of its bytes. Swaths, and maps cut to a
    truth of the user's own, are known by their bytes only.
    """
    here, scored = evaluation.passport, passport["submission"]
    same_bytes = scored.get("sha256") == here["submission"]["sha256"]
    known = scored.get("canonical_sha256")
    if challenge.filters or evaluation.own_reference or (same_bytes and known is None):
        return same_bytes, None
    values = _canonical(source, challenge, evaluation.track, here["variable"], passport)
    if known is None:
        return same_bytes, True if values == scored.get("sha256") else None
    return same_bytes, values == known


def _canonical(source: Source, challenge: Challenge, track: str, variable: str, passport: Document) -> str:
    from oceanbench.evaluation._checking import open_for_track

    place = source if isinstance(source, xr.Dataset) else Path(source)
    scoring = _scoring_of(passport)
    opened, _, _ = open_for_track(place, challenge, track or None, variable, "official", scoring)
    return canonical_sha256(opened.ssh)
