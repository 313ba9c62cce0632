"""How an evaluation is worded: its rows of scores, warnings, cautions and coverage."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from oceanbench.report import denoising_wording, map_wording, swath_wording
from oceanbench.report.score_row import ScoreRow, decimals_of, format_value
from oceanbench.score import (
    Coverage,
    DenoisingDetails,
    Evaluation,
    MapDetails,
    SwathCoverage,
    SwathDetails,
    TrackDetails,
)

__all__ = [
    "ScoreRow",
    "banner",
    "cautions",
    "coverage_sentences",
    "decimals_of",
    "explanations",
    "format_value",
    "meanings",
    "score_rows",
]


@dataclass(frozen=True)
class _Kind:
    """What is said of one kind of evaluation."""

    rows: Callable[[Evaluation], tuple[ScoreRow, ...]]
    explanations: Mapping[str, str]
    cautions: tuple[str, ...] = ()


_MAPS = _Kind(map_wording.map_rows, map_wording.EXPLANATIONS)
_KINDS: Mapping[type, _Kind] = {
    MapDetails: _MAPS,
    TrackDetails: _MAPS,
    SwathDetails: _Kind(swath_wording.swath_rows, swath_wording.EXPLANATIONS, swath_wording.CAUTIONS),
    DenoisingDetails: _Kind(
        denoising_wording.denoising_rows, denoising_wording.EXPLANATIONS, denoising_wording.CAUTIONS
    ),
}
_HOLES = {
    "zero": "A hole is scored as a height of zero.",
    "official": (
        "A hole is treated as the challenge's own code treats it; in the robust numbers its height is zero."
    ),
}
_HOLES_OF_SWATHS = (
    "A measured pixel without a filtered height is left out of the official errors, and counts as smooth in "
    "the official rate of discontinuities; the robust numbers take its noisy height, so that a hole improves "
    "none of them.",
)
_NO_WAVELENGTH = (
    "A map with a hole has no robust wavelength or period: what fills a hole must not improve one."
)


def score_rows(evaluation: Evaluation) -> tuple[ScoreRow, ...]:
    """Give the scores of both families line by line, in the order of the published tables."""
    return _KINDS[type(evaluation.details)].rows(evaluation)


def explanations(evaluation: Evaluation) -> tuple[str, ...]:
    """Say what the words mean that stand in for numbers in its rows, one entry for each word."""
    said = " ".join(
        f"{row.unfiltered} {row.official} {row.robust} {row.interval}" for row in score_rows(evaluation)
    )
    known = _KINDS[type(evaluation.details)].explanations
    return tuple(meaning for word, meaning in known.items() if word in said)


def cautions(evaluation: Evaluation) -> tuple[str, ...]:
    """Say what the numbers of this kind of challenge must not be taken for."""
    return _KINDS[type(evaluation.details)].cautions


def meanings(rows: Iterable[ScoreRow]) -> tuple[tuple[str, str], ...]:
    """Give each symbol, or the heading that rows share, with what it means, once."""
    said = ((row.group or row.symbol, row.meaning) for row in rows if row.meaning)
    return tuple(dict.fromkeys(said))


def banner(evaluation: Evaluation) -> str:
    """Give the warning that belongs above scores that are not those of a published challenge; else empty."""
    challenge = evaluation.challenge
    warnings = []
    if challenge.is_twin:
        original = challenge.twin_of
        warnings.append(f"Synthetic twin of {original}: these are not scores of {original}.")
    if evaluation.own_reference:
        warnings.append(
            f"Judged by a reference of your own, with the protocol of {challenge.id}: "
            f"these are not scores of {challenge.id}."
        )
    if evaluation.passport.get("segment_km") is not None:
        warnings.append(f"Segments of your own length: these are not scores of {challenge.id}.")
    return " ".join(warnings)


def coverage_sentences(coverage: Coverage | SwathCoverage) -> tuple[str, ...]:
    """Say how many points and days the numbers rest on, and what a hole means where there is one."""
    if isinstance(coverage, SwathCoverage):
        return (
            f"The filtered swaths have a value at {coverage.covered:,} of the {coverage.points:,} pixels to "
            f"be scored ({_percent(coverage)}), on {coverage.passes} passes.",
            *_HOLES_OF_SWATHS * (coverage.covered < coverage.points),
        )
    sentences = (
        f"The map has a value at {coverage.covered:,} of the {coverage.points:,} points to be scored "
        f"({_percent(coverage)}).",
        f"{coverage.days_official} days enter the official numbers, {coverage.days_robust} the robust ones.",
    )
    if coverage.covered == coverage.points:
        return sentences
    return (*sentences, _HOLES.get(coverage.holes, f"Holes: {coverage.holes}."), _NO_WAVELENGTH)


def _percent(coverage: Coverage | SwathCoverage) -> str:
    # "100 %" is kept for maps without a single hole, so the share is cut, not rounded.
    if coverage.covered == coverage.points and coverage.points:
        return "100 %"
    return f"{math.floor(coverage.fraction * 1e4) / 100:.2f} %"
