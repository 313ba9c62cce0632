"""Rows of scores of filtered swaths: groups that share a heading with the unit, noisy beside filtered."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from oceanbench.metrics.bootstrap import Interval
from oceanbench.report.score_row import ScoreRow, decimals_of, format_value, interval_text
from oceanbench.score import Evaluation

__all__ = ["Group", "Member", "group_rows", "on_board"]

_UNFILTERED_DIGITS = 4
_NOTHING = Interval(math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Member:
    """One line of a group.

    Attributes
    ----------
    symbol : str
        What stands at its beginning.
    official, robust : str
        Names of the scores; empty where there is none.
    """

    symbol: str
    official: str = ""
    robust: str = ""


@dataclass(frozen=True)
class Group:
    """Scores that share a heading, a unit and a meaning.

    Attributes
    ----------
    heading : str
        With the unit.
    members : tuple of Member
        Those that an evaluation lacks are left out.
    meaning : str
        One or two sentences.
    alike : bool
        Whether official and robust number are the same quantity, and may be said to differ.
    """

    heading: str
    members: tuple[Member, ...]
    meaning: str
    alike: bool = True


def group_rows(
    evaluation: Evaluation,
    groups: Iterable[Group],
    published: Callable[[str, float], str],
    words: Callable[[str, float], str] = lambda _name, _value: "",
) -> tuple[ScoreRow, ...]:
    """Give the rows of the groups, then one for each score that belongs to none.

    Parameters
    ----------
    evaluation : Evaluation
    groups : iterable of Group
    published : callable
        Name and value of an official score as the digits of the board; empty where there is none.
    words : callable
        What to say instead of an official number; empty where the number stands.
    """
    groups = tuple(groups)
    known = {name for group in groups for one in group.members for name in (one.official, one.robust)}
    others = sorted({*evaluation.official, *evaluation.robust} - known)
    rest = tuple(
        Group(f"{name} ({_unit(evaluation, name)})", (Member(name, name, name),), "") for name in others
    )
    return tuple(
        _row(evaluation, group, member, published, words)
        for group in (*groups, *rest)
        for member in group.members
        if member.official in evaluation.official or member.robust in evaluation.robust
    )


def on_board(evaluation: Evaluation) -> bool:
    """Tell whether the published table has a place for these scores."""
    unpublished = any(one.id == evaluation.track and not one.published for one in evaluation.challenge.tracks)
    return not (evaluation.own_reference or evaluation.own_settings or unpublished)


def _row(
    evaluation: Evaluation,
    group: Group,
    member: Member,
    published: Callable[[str, float], str],
    words: Callable[[str, float], str],
) -> ScoreRow:
    def text(scores: Mapping[str, float], digits: int) -> str:
        value = scores.get(member.official)
        return (
            "" if value is None else words(member.official, value) or _number(member.official, value, digits)
        )

    official, robust = evaluation.official.get(member.official), evaluation.robust.get(member.robust)
    return ScoreRow(
        name=member.official or member.robust,
        symbol=member.symbol,
        official=text(evaluation.official, 6),
        published="" if official is None else published(member.official, official),
        robust="" if robust is None else format_value(member.robust, robust.value, decimals_of(robust)),
        interval=interval_text(member.robust, robust or _NOTHING),
        official_unit="",
        robust_unit="",
        meaning=group.meaning,
        differs=group.alike and official is not None and robust is not None and _outside(official, robust),
        group=group.heading,
        unfiltered=text(evaluation.unfiltered, _UNFILTERED_DIGITS),
    )


def _number(name: str, value: float, digits: int) -> str:
    return f"{value:#.{digits}g}".rstrip(".") if math.isfinite(value) else format_value(name, value)


def _outside(official: float, robust: Interval) -> bool:
    return official < robust.low or official > robust.high


def _unit(evaluation: Evaluation, name: str) -> str:
    return evaluation.official_units.get(name) or evaluation.robust_units[name]
