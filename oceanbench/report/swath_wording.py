"""How the scores of filtered swaths against their truth are worded."""

import math
from collections.abc import Mapping

from oceanbench.report.filter_rows import Group, Member, group_rows, on_board
from oceanbench.report.score_row import NOT_DEFINED, NOT_RESOLVED, ScoreRow
from oceanbench.score import Evaluation

__all__ = ["CAUTIONS", "EXPLANATIONS", "swath_rows"]

_NO_CROSSING = "≥ 1000"
_NO_CROSSING_KM = 1000.0  # what the official code says where there is none
_WAVELENGTH_DIGITS = 1  # of the published tables

EXPLANATIONS: Mapping[str, str] = {
    _NO_CROSSING: (
        f"{_NO_CROSSING}: the official code says 1000 km where the ratio crosses 1 nowhere. The error is "
        "then the smaller one at every scale, or the larger one; the number does not tell which."
    ),
    NOT_RESOLVED: (
        "Not resolved: the ratio rises through the level nowhere, because the error is too large at every "
        "scale, or small enough at every scale, or because no stretch of a swath is as long as a segment. No "
        "rank follows from it."
    ),
    "∞": "∞: no error is left.",
    NOT_DEFINED: "Not defined: there is nothing to compute it from, such as a region without a single pixel.",
}

CAUTIONS = (
    "Read λ(SNR 1) with care: a filter that smooths too much has an error as strong as the signal that it "
    "took away, so its ratio comes near 1 from below and chance decides where it crosses. The wavelength of "
    "ratio 0.5, λ(SNR 2), and the RMSE beside it tell a sharp filter from a blunt one.",
)

_REGIMES = {
    "global": "global",
    "coastal": "coastal",
    "offshore_low": "low var.",
    "offshore_high": "high var.",
}
_QUANTITIES = {"ssh": "SSH", "speed": "speed", "vorticity": "vorticity"}

_REGIONS = (
    "Root mean square of filtered − true over all pixels; coastal: within 200 km of a coast; low and high "
    "variability: farther out, variance of the heights below and above 200 cm²."
)
_SEAMS = (
    " Official: passes end to end, so that a few lines at each seam mix two passes. Robust: pass by pass."
)
_SNR1 = (
    "Wavelength along the track at which the error is as strong as the truth, PSD(filtered − true) / "
    "PSD(true) = 1; shorter is better. Official: the longest of all crossings. Robust: the first rise "
    "through 1 from the large scales down, on segments of its own length (see the scope above). An interval "
    "that begins at 0 holds resampled passes whose error stays the smaller one at every scale."
)


def _rmse(quantity: str) -> tuple[Member, ...]:
    return tuple(
        Member(symbol, f"rmse.{quantity}.{regime}", f"rmse.{quantity}.{regime}")
        for regime, symbol in _REGIMES.items()
    )


def _wavelengths(score: str) -> tuple[Member, ...]:
    return tuple(
        Member(symbol, f"{score}.{quantity}", f"{score}.{quantity}")
        for quantity, symbol in _QUANTITIES.items()
    )


_GROUPS = (
    Group("RMSE of sea surface height (m)", _rmse("ssh"), _REGIONS),
    Group(
        "RMSE of geostrophic speed (m/s)",
        _rmse("speed"),
        f"Of the difference of the two speeds, whatever their directions.{_SEAMS}",
    ),
    Group(
        "RMSE of geostrophic velocity (m/s)",
        _rmse("velocity"),
        "Of the length of the difference of the two vectors: a current of the right speed and the wrong "
        "direction is wrong here.",
    ),
    Group("RMSE of vorticity over f", _rmse("vorticity"), f"Of the relative vorticity over f.{_SEAMS}"),
    Group("λ(SNR 1) (km)", _wavelengths("lambda_snr1"), _SNR1),
    Group(
        "λ(SNR 2) (km)",
        _wavelengths("lambda_snr2"),
        "Wavelength at which the error holds half of the power of the truth, ratio 0.5, read as the robust "
        "λ(SNR 1) is. It ranks filters more steadily.",
    ),
    Group(
        "noise reduction (dB)",
        (Member("SSH", robust="noise_reduction"),),
        "10 log₁₀ of the mean square error of the heights before the filter over that after it: 20 dB is a "
        "tenth of the RMSE.",
    ),
)


def swath_rows(evaluation: Evaluation) -> tuple[ScoreRow, ...]:
    """Give the scores by quantity and regime, then the wavelengths."""

    def published(name: str, value: float) -> str:
        if not (on_board(evaluation) and math.isfinite(value)):
            return ""
        protocol = evaluation.challenge.swath
        digits = protocol.digits if protocol and not name.startswith("lambda") else _WAVELENGTH_DIGITS
        return _words(name, value).replace(" ", "") or f"{value:.{digits}f}"

    return group_rows(evaluation, _GROUPS, published, _words)


def _words(name: str, value: float) -> str:
    return _NO_CROSSING if name.startswith("lambda") and value == _NO_CROSSING_KM else ""
