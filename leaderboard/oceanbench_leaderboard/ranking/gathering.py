"""Read the scored submissions of a track from the database."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from oceanbench.rounding import rounded_to_noise
from oceanbench_leaderboard.digits import as_published
from oceanbench_leaderboard.published import number
from oceanbench_leaderboard.ranking.candidates import Candidate, comparable
from oceanbench_leaderboard.ranking.choosing import Entry
from oceanbench_leaderboard.ranking.fixed import shown_scores
from oceanbench_leaderboard.ranking.rules import Rules
from oceanbench_leaderboard.ranking.views import BoardRow
from oceanbench_leaderboard.scorer.outcome import EQUAL_TO_THE_TRUTH, flags_told, of_private_part
from oceanbench_leaderboard.scores import Score
from oceanbench_leaderboard.store import Part, Result, Run, Submission, Team
from oceanbench_leaderboard.table import score_cells

if TYPE_CHECKING:
    from oceanbench.metrics.comparison import Blocks

__all__ = ["gather", "signatures"]

_DECIMALS = 2  # where neither a table nor a protocol says
_AT_ONCE = 500  # records read at once: what their JSON says beyond the numbers is not held


def signatures(session: Session, challenge: str) -> dict[tuple[str, str], str]:
    """Give a word for each version and track that something was scored on: it changes when a row may.

    It is a digest of the numbers of all scored runs, each with whether it is shown and whether selected.
    """
    query = (
        select(Run.challenge_version, Submission.track, Run.id, _is_visible(), Submission.selected)
        .join(Run.submission)
        .join(Submission.team)
        .where(Submission.challenge == challenge, Run.state == "scored")
        .order_by(Run.id)
    )
    digests: dict[tuple[str, str], Any] = {}
    for version, track, run, shown, selected in session.execute(query):
        digest = digests.setdefault((version, track), hashlib.sha256())
        digest.update(b"%d %d %d\n" % (run, shown, selected))
    return {place: digest.hexdigest() for place, digest in digests.items()}


def _is_visible() -> ColumnElement[bool]:
    return Team.active & ~Submission.hidden & Submission.deleted.is_(None) & Submission.duplicate_of.is_(None)


def gather(session: Session, rules: Rules, track: str, part: Part, *, printed: bool) -> list[Entry]:
    """Read the scored submissions of one track, hidden and deleted ones too, each by its latest scoring.

    Where the truth is withheld those are among them that are the same as another: a submission that was
    scored keeps its turn also when its bytes are entered again as a copy.

    Parameters
    ----------
    session : Session
        Of the database.
    rules : Rules
        Of the version.
    track : str
        Its name.
    part : str
        The part that is shown.
    printed : bool
        Whether numbers count with the digits that a table prints.
    """
    reading = _Reading(rules, _attempts(session, rules.challenge, track), printed, part == "private")
    shown = _entries(session, reading, track, part)
    if part == "public":
        return list(shown.values())
    public = _entries(session, replace(reading, private=False), track, "public")
    return [replace(one, public=public[name].public) for name, one in shown.items() if name in public]


def _attempts(session: Session, challenge: str, track: str) -> dict[int, int]:
    """Count the submissions of each team that were ever scored on a track; deleting one gives none back."""
    query = (
        select(Submission.team_id, func.count(Submission.id.distinct()))
        .join(Submission.runs)
        .where(
            Submission.challenge == challenge,
            Submission.track == track,
            Submission.duplicate_of.is_(None),
            Run.state == "scored",
        )
        .group_by(Submission.team_id)
    )
    return {team: count for team, count in session.execute(query)}


def _entries(session: Session, reading: "_Reading", track: str, part: Part) -> dict[str, Entry]:
    rows = session.execute(_query(reading.rules, track, part), execution_options={"yield_per": _AT_ONCE})
    found: dict[str, Entry] = {}
    for row in rows:  # in the order of rounds: the last one stays, with the turn of the first
        entry, before = reading.entry(row), found.get(row.id)
        found[row.id] = replace(entry, turn=min(entry.turn, before.turn)) if before else entry
    tested = comparable([entry.candidate for entry in found.values()])
    return {
        name: replace(entry, candidate=one, public=one)
        for (name, entry), one in zip(found.items(), tested, strict=True)
    }


def _query(rules: Rules, track: str, part: Part) -> Select[Any]:
    query = (
        select(
            Submission.id,
            Submission.team_id,
            Team.name.label("team"),
            Submission.method,
            Submission.card,
            Submission.created,
            Submission.canonical_sha256,
            Submission.selected,
            _is_visible().label("visible"),
            Run.id.label("run"),
            func.coalesce(Run.finished, Run.created).label("scored"),
            Run.flags,
            Result.evaluation,
            Result.comparison,
        )
        .join(Submission.team)
        .join(Submission.runs)
        .join(Run.results)
        .where(
            Submission.challenge == rules.challenge,
            Submission.track == track,
            Run.challenge_version == rules.version,
            Run.state == "scored",
            Result.part == part,
        )
        .order_by(Submission.id, Run.round)
    )
    return query if rules.withheld else query.where(Submission.duplicate_of.is_(None))


@dataclass(frozen=True)
class _Reading:
    """Makes rows of records; ``private``: also by what is known of the private part alone."""

    rules: Rules
    attempts: Mapping[int, int]
    printed: bool
    private: bool

    def entry(self, record: Row[Any]) -> Entry:
        candidate = self._candidate(record)
        return Entry(
            candidate=candidate,
            public=candidate,
            team_id=record.team_id,
            turn=(record.scored, record.run),
            values=record.canonical_sha256,
            selected=record.selected,
            visible=bool(record.visible),
        )

    def _candidate(self, record: Row[Any]) -> Candidate:
        score = _score(record.evaluation)
        told = _score(rounded_to_noise(record.evaluation)) if self.rules.withheld else score
        row = self._row(record, told)
        value, sign = score.official.get(self.rules.ranking), self.rules.sign
        if value is None or not math.isfinite(value) or sign is None or _is_the_truth(row):
            return Candidate(row)
        counted = self._counted(told.official.get(self.rules.ranking), value)
        blocks = _blocks(record.comparison)
        return Candidate(row, sign * value, sign * counted, blocks, rounded=self.rules.withheld)

    def _row(self, record: Row[Any], told: Score) -> BoardRow:
        is_public = record.card.get("report", "public") == "public"
        return BoardRow(
            method=record.method,
            team=record.team,
            submission=record.id,
            provenance="scored here",
            twin=bool(self.rules.twin_of),
            flags=tuple(flags_told(record.flags, private=self.private)),
            created=record.created,
            attempts=self.attempts.get(record.team_id, 0),
            card=record.card,
            report=is_public and not self.rules.withheld,
            scores=shown_scores(score_cells(told, self.rules.decimals).items()),
        )

    def _counted(self, told: float | None, value: float) -> float:
        if self.rules.withheld:
            return value if told is None else told
        if not self.printed:
            return value
        places = self.rules.decimals.get(self.rules.ranking, _DECIMALS)
        printed = number(as_published(value, places))
        return value if printed is None else printed


def _is_the_truth(row: BoardRow) -> bool:
    return not {EQUAL_TO_THE_TRUTH, of_private_part(EQUAL_TO_THE_TRUTH)}.isdisjoint(row.flags)


def _score(evaluation: Mapping[str, Any]) -> Score:
    """Read the numbers of an evaluation, and leave what it says of how they were made."""
    wanted = ("challenge", "version", "track", "official", "units", "robust", "own_reference")
    return Score.model_validate({name: evaluation[name] for name in wanted if name in evaluation})


def _blocks(comparison: Mapping[str, Any] | None) -> "Blocks | None":
    from oceanbench.metrics.comparison import Blocks  # loads SciPy

    return Blocks.from_json(comparison) if comparison else None
