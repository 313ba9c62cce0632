"""Whether the heights of one filtered pass make sense beside the noisy ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oceanbench.submission._expected import Holes
from oceanbench.submission._problems import Findings, Problem
from oceanbench.submission._swath_findings import Key, label

_PLAUSIBLE_METRES = 20.0
_SAME_METRES = 1e-6
# what a missing value reads as where its mark was lost on the way
_FILLS = (9.969209968386869e36, 2147483647.0, 214748.3647, -214748.3647, -32767.0, -9999.0, -999.0, 9999.0)


@dataclass(frozen=True)
class PassCheck:
    """What was found in the heights of one filtered pass.

    Attributes
    ----------
    notes : list of str
        What the user may want to know, one sentence each.
    problems : list of Problem
        Reasons to refuse the pass.
    points : int
        Pixels at which there is something to filter: those with a noisy height.
    covered : int
        Those of them with a finite filtered height.
    """

    notes: list[str]
    problems: list[Problem]
    points: int
    covered: int


def check_pass(
    number: Key | str,
    filtered: NDArray[np.floating],
    noisy: NDArray[np.floating],
    holes: Holes = "refuse",
    *,
    limit_m: float = _PLAUSIBLE_METRES,
) -> PassCheck:
    """Look at the heights of one filtered pass.

    Values where there is nothing to filter are not judged: whoever scores leaves them out.

    Parameters
    ----------
    number : int, pair of int, or str
        The pass in what is said: its number, the numbers of cycle and pass, or words.
    filtered, noisy : arrays (lines, pixels), metres
        NaN where missing.
    holes : {"refuse", "official"}
        Whether a missing height where there is a noisy one is a problem, or left to the official code, which
        takes the mean without it. A pass without any height is a problem in any case.
    limit_m : float
        Greatest height that is believed, in absolute value.

    Raises
    ------
    ValueError
        The shapes differ, or ``holes`` is no such rule.
    """
    name = number if isinstance(number, str) else label(number)
    if filtered.shape != noisy.shape:
        raise ValueError(f"pass {name} has shape {filtered.shape}, its noisy heights {noisy.shape}")
    if holes not in ("refuse", "official"):
        raise ValueError(f"holes={holes!r} has no meaning for filtered swaths; allowed: refuse, official")
    wanted = np.isfinite(noisy)
    found = Findings(f"pass {name}")
    finite = wanted & np.isfinite(filtered)
    points, covered = int(wanted.sum()), int(finite.sum())
    _judge_holes(found, wanted & np.isnan(filtered), points, holes)
    _judge_infinite(found, wanted & np.isinf(filtered))
    _judge_size(found, filtered, finite, limit_m)
    _note_more_than_wanted(found, ~wanted & ~np.isnan(filtered))
    if covered and np.abs(filtered[finite] - noisy[finite]).max() <= _SAME_METRES:
        found.note(f"Pass {name} is the noisy heights, unchanged.")
    return PassCheck(found.notes, found.problems, points, covered)


def _first(where: NDArray[np.bool_]) -> str:
    line, pixel = np.unravel_index(int(np.argmax(where)), where.shape)
    return f"line {line}, pixel {pixel}"


def _judge_holes(found: Findings, missing: NDArray[np.bool_], points: int, holes: Holes) -> None:
    count = int(missing.sum())
    if not count:
        return
    if count == points:
        found.refuse(
            f"{found.source}: all {points} heights are missing",
            "a height wherever the noisy one is",
            "filter this pass too",
        )
        return
    what = (
        f"{found.source}: missing heights where there is a noisy one: {count} of {points} "
        f"({100.0 * count / points:.3g} %), the first on {_first(missing)}"
    )
    if holes == "official":
        found.note(f"{what[0].upper()}{what[1:]}; they are left out, as by the official code.")
    else:
        found.refuse(
            what,
            "a height wherever the noisy one is",
            "fill them, with the noisy height for instance, or leave them out with --holes official",
        )


def _judge_infinite(found: Findings, infinite: NDArray[np.bool_]) -> None:
    if infinite.any():
        found.refuse(
            f"{found.source}: infinite heights: {int(infinite.sum())}, the first on {_first(infinite)}",
            "finite heights",
            "correct the filter",
        )


def _judge_size(
    found: Findings, filtered: NDArray[np.floating], finite: NDArray[np.bool_], limit_m: float
) -> None:
    beyond = finite & (np.abs(np.where(finite, filtered, 0.0)) > limit_m)
    if not beyond.any():
        return
    first = float(filtered[beyond][0])
    cure = "look for a wrong unit, or for a filter that is not stable"
    if any(abs(first - fill) <= 1e-6 * abs(fill) for fill in _FILLS):
        cure = f"{first:.6g} looks like a fill value: set the attribute _FillValue, or write NaN"
    found.refuse(
        f"{found.source}: heights beyond {limit_m:g} m: {int(beyond.sum())}, the first, {first:.6g}, on "
        f"{_first(beyond)}",
        f"metres within {limit_m:g}",
        cure,
    )


def _note_more_than_wanted(found: Findings, more: NDArray[np.bool_]) -> None:
    if more.any():
        found.note(
            f"{found.source.capitalize()} has heights where there is nothing to filter ({int(more.sum())}); "
            "they are not looked at."
        )
