"""How the scores of maps are worded, against a gridded truth and along a track."""

import math
from collections.abc import Mapping

from oceanbench.report.score_row import (
    NOT_DEFINED,
    NOT_RESOLVED,
    ScoreRow,
    decimals_of,
    format_value,
    interval_text,
)
from oceanbench.score import Evaluation, MapDetails

__all__ = ["EXPLANATIONS", "map_rows"]

_NO_CROSSING = "no crossing"
EXPLANATIONS: Mapping[str, str] = {
    _NO_CROSSING: (
        "No crossing: the score crosses 0.5 nowhere, so the official code gives no number. Nothing is "
        "resolved, or everything is, or no stretch of data is long enough; the robust number tells which."
    ),
    NOT_RESOLVED: (
        "Not resolved: at every scale the error holds more than half of the power, or no stretch of data is "
        "long enough for a spectrum, or every row meets land. It is not a wavelength of zero, and no rank "
        "follows from it."
    ),
    "∞": (
        "∞: the official number where the score crosses 0.5 nowhere, or where its reading, sorted by score, "
        "fell on the mean, which has no wavelength."
    ),
    NOT_DEFINED: "Not defined: there is nothing to compute it from.",
}

_ORDER = (
    "nrmse",
    "mu",
    "mu_daily",
    "sigma",
    "lambda_x_isotrop",
    "lambda_x_spacetime",
    "lambda_t_spacetime",
    "lambda_x_alongtrack",
    "lambda_x",
    "lambda_x_km",
    "lambda_t",
    "explained_variance",
)
# Official scores that the robust family knows by another name; they share a row.
_COUNTERPARTS = {
    "nrmse": "mu",
    "lambda_x_spacetime": "lambda_x_km",
    "lambda_t_spacetime": "lambda_t",
    "lambda_x_alongtrack": "lambda_x",
}
_SYMBOLS = {
    "nrmse": "nRMSE score",
    "lambda_x_isotrop": "λ isotropic",
    "lambda_x_spacetime": "λx in km",
    "lambda_t_spacetime": "λt",
    "lambda_x_alongtrack": "λx",
    "mu": "µ",
    "mu_daily": "µ daily",
    "sigma": "σ",
    "lambda_x": "λx",
    "lambda_x_km": "λx in km",
    "lambda_t": "λt",
    "explained_variance": "explained variance",
}
_NEURIPS_SCALE_DIGITS = 2  # of kilometres and days; `digits` of the protocol is for scores
_MEANINGLESS_SCALE = 1e6  # km: an extrapolated reading next to the mean of the segments
_UNITS = {"1": "", "degrees": "°", "degrees of longitude": "°"}

_NEURIPS_MEANINGS = {
    "nrmse": "1 − RMSE / RMS of the truth, over all points and days; 1 is perfect, whatever its name says.",
    "lambda_x_isotrop": (
        "Shortest wavelength, in any direction, at which the error holds less than half of the power of the "
        "truth. Official: the score sorted by size, then read at 0.5, by exchanged distances. Robust: first "
        "fall through 0.5, by true distances."
    ),
    "lambda_x_spacetime": (
        "Shortest zonal wavelength resolved. Official: first piece of the 0.5 contour, 111.19 km to the "
        "degree of longitude at any latitude. Robust: edge of the resolved region, true kilometres."
    ),
    "lambda_t_spacetime": "Shortest period resolved, read as λx is.",
    "lambda_x_alongtrack": (
        "Shortest wavelength along the track at which the error holds less than half of the power of the "
        "reference. Official: the score sorted by size, then read at 0.5, beyond the scores too. Robust: "
        "first fall through 0.5."
    ),
}
_GRIDDED_MEANINGS = {
    "mu": (
        "1 − RMSE / RMS of the truth, over all points and days; 1 is perfect. "
        "Robust: each point counts by the area it stands for."
    ),
    "sigma": "Standard deviation over the days of the daily score; smaller is steadier.",
    "lambda_x": (
        "Shortest zonal wavelength at which the error holds less than half of the power of the truth. "
        "Official: shortest wavelength on the first piece of the 0.5 contour, westward waves only. "
        "Robust: edge of the resolved region, waves of both directions."
    ),
    "lambda_x_km": "The robust λx in kilometres, at the mean latitude.",
    "lambda_t": "Shortest period resolved, read as λx is.",
    "explained_variance": (
        "Share of the variance of the truth about its mean in time that the map explains; "
        "unlike µ it gives no credit for the mean."
    ),
}
_TRACK_MEANINGS = {
    "mu": (
        "1 − RMSE / RMS of the reference; 1 is perfect. Official: mean of one ratio per day. "
        "Robust: one ratio over all samples."
    ),
    "mu_daily": "Mean of one ratio per day, as the official µ, with its interval.",
    "sigma": "Standard deviation over the days of the daily score; smaller is steadier.",
    "lambda_x": (
        "Shortest wavelength along the track at which the error holds less than half of the power of the "
        "reference. Official: the score sorted by size, then read at 0.5. Robust: first fall through 0.5."
    ),
    "explained_variance": "Share of the variance of the reference along the track that the map explains.",
}
_ROBUST_ONLY = {"lambda_x": "The robust λx in degrees of longitude."}


def map_rows(evaluation: Evaluation) -> tuple[ScoreRow, ...]:
    """Give the scores of both families line by line, in the order of the published tables."""
    beside = {_counterpart(evaluation, name) for name in evaluation.official}
    names = {*evaluation.official, *evaluation.robust.keys() - beside}
    known = [name for name in _ORDER if name in names]
    return tuple(_row(evaluation, name) for name in (*known, *sorted(names.difference(known))))


def _counterpart(evaluation: Evaluation, name: str) -> str:
    """Name of the robust score that stands beside an official one."""
    return name if name in evaluation.robust else _COUNTERPARTS.get(name, name)


def _row(evaluation: Evaluation, name: str) -> ScoreRow:
    official = evaluation.official.get(name)
    counterpart = _counterpart(evaluation, name)
    robust = evaluation.robust.get(counterpart)
    return ScoreRow(
        name=name,
        symbol=_SYMBOLS.get(name, name),
        official="" if official is None else _official_text(name, official),
        published="" if official is None else _as_published(evaluation, name, official),
        robust="" if robust is None else format_value(name, robust.value, decimals_of(robust)),
        interval="" if robust is None else interval_text(name, robust),
        official_unit=_unit(evaluation.official_units, name, official),
        robust_unit=_unit(evaluation.robust_units, counterpart, None if robust is None else robust.value),
        meaning=_meaning(evaluation, name),
        differs=_differs(evaluation, name),
    )


def _meaning(evaluation: Evaluation, name: str) -> str:
    if name not in evaluation.official and name in _ROBUST_ONLY:
        return _ROBUST_ONLY[name]
    usual = _GRIDDED_MEANINGS if _is_gridded(evaluation) else _TRACK_MEANINGS
    return _NEURIPS_MEANINGS.get(name) or usual.get(name, "")


def _unit(units: Mapping[str, str], name: str, value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return ""
    return _UNITS.get(units[name], f"\u00a0{units[name]}")


def _official_text(name: str, value: float) -> str:
    unresolved = math.isnan(value) and name.startswith("lambda")
    return _NO_CROSSING if unresolved else format_value(name, value)


def _differs(evaluation: Evaluation, name: str) -> bool:
    """Compare like with like: the official µ along a track is a mean of days, and so is µ daily."""
    daily = name == "mu" and "mu_daily" in evaluation.robust
    counterpart = "mu_daily" if daily else _counterpart(evaluation, name)
    official, robust = evaluation.official.get(name), evaluation.robust.get(counterpart)
    if official is None or robust is None:
        return False
    same_unit = evaluation.official_units.get(name) == evaluation.robust_units.get(counterpart)
    return same_unit and (official < robust.low or official > robust.high)


def _as_published(evaluation: Evaluation, name: str, value: float) -> str:
    challenge = evaluation.challenge
    protocol = challenge.gridded if _is_gridded(evaluation) else challenge.along_track
    unpublished = any(track.id == evaluation.track and not track.published for track in challenge.tracks)
    if evaluation.own_reference or unpublished or protocol is None or not math.isfinite(value):
        return ""  # no board has a place for it
    if not _is_gridded(evaluation) and name == "lambda_x":
        return str(math.trunc(value))  # the along-track boards cut wavelengths to an integer
    if protocol.profile == "neurips" and name.startswith("lambda"):
        return f"{value:.{_NEURIPS_SCALE_DIGITS}f}" if abs(value) < _MEANINGLESS_SCALE else ""
    return f"{round(value, protocol.digits):.{protocol.digits}f}"


def _is_gridded(evaluation: Evaluation) -> bool:
    return isinstance(evaluation.details, MapDetails)
