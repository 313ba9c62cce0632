"""Settings that a published row was made with, where they differ from those of its challenge."""

from collections.abc import Iterator

from oceanbench.challenge import Challenge, GriddedProtocol, Scoring

__all__ = ["refuse_own_truth", "settings_in_words"]


def settings_in_words(scoring: Scoring | None) -> str:
    """Say which settings of a published row are used; empty where there are none."""
    if scoring is None:
        return ""
    return f"settings of a published row: {', '.join(_settings(scoring)) or 'those of the challenge'}"


def _settings(scoring: Scoring) -> Iterator[str]:
    if scoring.domain is not None:
        box = scoring.domain
        yield f"truth cut to {box.west:g}..{box.east:g} E, {box.south:g}..{box.north:g} N"
    if scoring.official_end is not None:
        yield f"scored up to {scoring.official_end:%Y-%m-%d %H:%M}"
    if scoring.detrend is not None:
        yield f"{scoring.detrend} detrending"
    if scoring.window is not None:
        yield f"{scoring.window} window"
    if scoring.truth_offset is not None or scoring.truth_stride is not None:
        yield f"truth nodes {scoring.truth_offset or 0}::{scoring.truth_stride or 1} along each axis"
    if not scoring.daily:
        yield "fields of the truth at their own times"


def refuse_own_truth(challenge: Challenge, scoring: Scoring | None, protocol: GriddedProtocol | None) -> None:
    """Refuse a truth of the user's own where settings count the nodes and the days of the challenge's.

    Raises
    ------
    ValueError
        With settings of a published row, or a protocol that takes some nodes of the truth only.
    """
    if settings := settings_in_words(scoring):
        raise ValueError(
            f"{settings}: they belong to the truth of {challenge.id}, a reference of your own has other "
            "nodes and days; leave out the reference, or the settings"
        )
    if protocol is not None and (protocol.truth_offset, protocol.truth_stride) != (0, 1):
        raise ValueError(
            f"{challenge.id} scores the nodes {protocol.truth_offset}::{protocol.truth_stride} of its own "
            "truth; a reference of your own has other nodes: leave it out, or name another challenge"
        )
