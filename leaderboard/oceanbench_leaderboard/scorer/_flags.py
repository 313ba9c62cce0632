"""What is remarkable of an entry: that it is the truth itself, or that holes were filled."""

import math
from collections.abc import Mapping

import numpy as np

from oceanbench.challenge import PartName
from oceanbench.score import Evaluation, MapDetails, TrackDetails
from oceanbench_leaderboard.scorer.outcome import EQUAL_TO_THE_TRUTH, HOLES, of_private_part

__all__ = ["error_m", "flags_of"]

# The truth rounded to whole millimetres errs by 0.29 mm; the best altimeters err by centimetres, and what is
# mapped from them, or filtered, by more than a few millimetres.
_SAME_M = 3.5e-4


def flags_of(evaluations: Mapping[PartName, Evaluation]) -> list[str]:
    """Give the flags of an entry from the evaluations of its parts; those of the private part say so."""
    public = _of_part(evaluations["public"])
    private = _of_part(evaluations["private"]) if "private" in evaluations else []
    return public + [of_private_part(flag) for flag in private]


def _of_part(evaluation: Evaluation) -> list[str]:
    flags = []
    if error_m(evaluation) <= _SAME_M:
        flags.append(EQUAL_TO_THE_TRUTH)
    if evaluation.coverage.covered < evaluation.coverage.points:
        flags.append(HOLES)
    return flags


def error_m(evaluation: Evaluation) -> float:
    """Root-mean-square error of an entry in metres, to a few per cent; infinite where nobody knows.

    The smaller one of both families: official numbers compare some maps with daily means half a day away, so
    that the truth itself, at its own instants, is far from perfect there and perfect in the robust ones.
    """
    if not evaluation.challenge.filters:
        ratios = [evaluation.official.get("mu"), evaluation.official.get("nrmse"), _robust(evaluation, "mu")]
        known = [1.0 - ratio for ratio in ratios if ratio is not None and math.isfinite(ratio)]
        return min(known, default=math.inf) * _signal_m(evaluation)
    errors = (evaluation.official.get("rmse.ssh.global"), _robust(evaluation, "rmse.ssh.global"))
    return min((error for error in errors if error is not None and math.isfinite(error)), default=math.inf)


def _robust(evaluation: Evaluation, name: str) -> float | None:
    interval = evaluation.robust.get(name)
    return None if interval is None else interval.value


def _signal_m(evaluation: Evaluation) -> float:
    """Root mean square of what scores are ratios to: on the middle day of maps, of all samples of a track."""
    details = evaluation.details
    if isinstance(details, MapDetails):
        reference = details.truth.values
    elif isinstance(details, TrackDetails):
        reference = details.reference
    else:
        return math.inf
    return float(np.sqrt(np.nanmean(np.square(reference))))
