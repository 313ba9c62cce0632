"""How the scores of filtered swaths that have no truth are worded."""

import math
from collections.abc import Mapping

from oceanbench.report.filter_rows import Group, Member, group_rows, on_board
from oceanbench.report.score_row import NOT_DEFINED, ScoreRow
from oceanbench.score import Evaluation

__all__ = ["CAUTIONS", "EXPLANATIONS", "denoising_rows"]

_PUBLISHED_DIGITS = 4  # as fractions of one

EXPLANATIONS: Mapping[str, str] = {
    NOT_DEFINED: (
        "Not defined: there is nothing to compute it from, such as similarities where no pass is seen in two "
        "consecutive cycles."
    ),
}

CAUTIONS = (
    "These numbers reward smoothing: there is no truth, and a filter that wipes out the eddies with the "
    "noise has few discontinuities and days that look alike. Read what was removed beside them: noise does "
    "not come back, so whatever comes back a cycle later was ocean; and judge a filter where there is a "
    "truth (2022a).",
)

_QUANTITIES = {"ssha": "SSHA", "speed": "speed", "vorticity": "vorticity"}


def _similarities(score: str) -> tuple[Member, ...]:
    return tuple(
        Member(symbol, f"{score}.{quantity}", f"{score}.{quantity}")
        for quantity, symbol in _QUANTITIES.items()
    )


_GROUPS = (
    Group(
        "discontinuities (share of the pixels)",
        (Member("SSHA", "roberts_discontinuity_fraction", "discontinuity_fraction"),),
        "Share of the pixels where the curvature of the heights, or its jump to the neighbour, is large. "
        "Official: of all pixels, land and gaps too, across the seams of passes. Robust: of the pixels that "
        "can be judged, pass by pass, so it is another number.",
        alike=False,
    ),
    Group(
        "similarity of consecutive cycles (SSIM)",
        _similarities("ssim"),
        "1 where one pass looks the same in the next cycle. Official: one window over the whole pass, lines "
        "paired by their order. Robust: mean over windows of 20 km, lines paired by their places.",
        alike=False,
    ),
    Group(
        "similarity of what was removed (SSIM)",
        _similarities("ssim_residual"),
        "The same of noisy − denoised; 0 is best, for noise does not repeat itself.",
        alike=False,
    ),
    Group(
        "what was removed (m)",
        (
            Member("spread", robust="residual_std"),
            Member("comes back", robust="removed_signal"),
        ),
        "Standard deviation of noisy − denoised, best where it is that of the instrument; and the part of it "
        "that comes back one cycle later (root of the covariance, with its sign): best 0, it was ocean. This "
        "number alone grows when a filter smooths too much.",
    ),
)


def denoising_rows(evaluation: Evaluation) -> tuple[ScoreRow, ...]:
    """Give the scores in the order of the published tables, then those that see what was removed."""

    def published(_name: str, value: float) -> str:
        return f"{value:.{_PUBLISHED_DIGITS}f}" if on_board(evaluation) and math.isfinite(value) else ""

    return group_rows(evaluation, _GROUPS, published)
