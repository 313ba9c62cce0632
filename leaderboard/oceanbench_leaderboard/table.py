"""A board: published rows, those of our baselines, and those scored here, ranked on each track."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Literal

from oceanbench.challenge import Challenge
from oceanbench.registry import near_matches
from oceanbench_leaderboard.digits import CUT, as_published, board_decimals
from oceanbench_leaderboard.metrics import metric_named
from oceanbench_leaderboard.published import PublishedScore, Status, number, published_scores
from oceanbench_leaderboard.scores import Robust, Score, baseline_scores, scores_here

__all__ = [
    "Board",
    "Cell",
    "FixedRows",
    "Provenance",
    "Row",
    "TrackTable",
    "build_board",
    "find_track",
    "fixed_rows",
    "score_cells",
    "track_names",
]

Provenance = Literal["published", "baseline of ours", "scored here"]

_UNKNOWN_TRACK = "track not told"
_DECIMALS = 2  # where neither a published table nor the protocol says
_DAILY = {"mu": "mu_daily"}  # the official µ along a track is a mean of days, and so is this robust one


@dataclass(frozen=True)
class Cell:
    """One number of a row.

    Attributes
    ----------
    text : str
        As published, or as the board of the challenge would print what was scored here.
    value : float, optional
        The number; None where there is none.
    unit : str
        Its unit.
    robust : Robust, optional
        The robust number of the like quantity in the same unit, with its interval.
    misprint : bool
        Whether the text is known to be wrong; the value is then what was meant.
    note : str
        What is known of this number alone.
    counted : float, optional
        The number with as many digits as the table of the challenge prints: it is ranked by that beside
        published rows.
    """

    text: str
    value: float | None
    unit: str
    robust: Robust | None = None
    misprint: bool = False
    note: str = ""
    counted: float | None = None


@dataclass(frozen=True)
class Row:
    """One method on one track.

    Attributes
    ----------
    method : str
        Its name.
    provenance : str
        ``published``, ``baseline of ours`` or ``scored here``.
    status : str
        Of a published row, see :class:`~oceanbench_leaderboard.published.PublishedScore`; else ``current``.
    source : str
        Where it was printed, or the file of the map.
    cells : mapping of str to Cell
        Its numbers by metric.
    note : str
        What is known of the whole row.
    rank : int, optional
        Place by the ranking metric; None where that is missing, or the row is no longer current.
    tied : bool
        Whether others have the same place.
    """

    method: str
    provenance: Provenance
    status: Status
    source: str
    cells: Mapping[str, Cell]
    note: str = ""
    rank: int | None = None
    tied: bool = False


@dataclass(frozen=True)
class TrackTable:
    """The rows of one track, the best first; those without a rank come last."""

    track: str
    metrics: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Board:
    """The board of a challenge.

    Attributes
    ----------
    challenge : Challenge
        Whose board it is.
    tables : tuple of TrackTable
        One for each track that has rows.
    empty_tracks : tuple of str
        Tracks of the challenge without a row.
    left_out : mapping of str to int
        How many published rows of each track are not shown, being superseded or printed elsewhere.
    warnings : tuple of str
        Records that could not be used.
    """

    challenge: Challenge
    tables: tuple[TrackTable, ...]
    empty_tracks: tuple[str, ...]
    left_out: Mapping[str, int]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class FixedRows:
    """The rows of a board that ship with the program or with the challenge: nobody submitted them.

    Attributes
    ----------
    published, baselines : tuple of (str, Row)
        Track, and row without a rank.
    decimals : mapping of str to int
        How many the table prints of each metric, see
        :func:`~oceanbench_leaderboard.digits.board_decimals`.
    digests : frozenset of (str, str)
        Track and SHA-256 of the maps of the baselines.
    warnings : tuple of str
        Records that could not be used.
    """

    published: tuple[tuple[str, Row], ...]
    baselines: tuple[tuple[str, Row], ...]
    decimals: Mapping[str, int]
    digests: frozenset[tuple[str | None, str]]
    warnings: tuple[str, ...]

    def shown(self, track: str, everything: bool) -> list[Row]:
        """Give the published rows of a track; unless ``everything``, those that are current."""
        return [row for of, row in self.published if of == track and (everything or row.status == "current")]


def fixed_rows(challenge: Challenge) -> FixedRows:
    """Gather what is published of a challenge, and the scores of our baselines.

    Raises
    ------
    ValueError
        If the published table cannot be used.
    """
    scores = published_scores(challenge)
    places = board_decimals(challenge, scores)
    ours, problems = baseline_scores(challenge)
    return FixedRows(
        tuple(_published_rows(scores)),
        tuple(_score_row(score, "baseline of ours", places) for score in ours),
        places,
        frozenset((score.track, score.map_digest) for score in ours),
        tuple(problems),
    )


def build_board(
    challenge: Challenge, *, track: str | None = None, everything: bool = False, book: Path | None = None
) -> Board:
    """Join what is published of a challenge with what was scored here.

    Parameters
    ----------
    challenge : Challenge
        Whose board it is.
    track : str, optional
        One of its tracks, or of its published tables; case and punctuation do not matter.
    everything : bool
        Superseded rows too, and those printed elsewhere. A published table that has no others is shown
        anyway where ``track`` names it.
    book : pathlib.Path, optional
        Folder of the score book; the user's if not given.

    Raises
    ------
    LookupError
        If there is no such track.
    ValueError
        If the published table cannot be used.
    """
    fixed = fixed_rows(challenge)
    here, warnings = _book_rows(challenge, book, fixed)
    local = [*fixed.baselines, *here]
    names = track_names(challenge, (name for name, _ in [*fixed.published, *local]))
    chosen = names if track is None else [find_track(challenge.id, track, names)]
    tables, left_out = [], {}
    for name in chosen:
        printed, current = fixed.shown(name, True), fixed.shown(name, False)
        shown = printed if everything or (track is not None and not current) else current
        if len(shown) < len(printed):
            left_out[name] = len(printed) - len(shown)
        tables.append(_table(challenge, name, shown, [row for of, row in local if of == name]))
    own = {of.id for of in challenge.tracks}
    bare = [table.track for table in tables if not table.rows and table.track in own]
    full = tuple(table for table in tables if table.rows)
    return Board(challenge, full, tuple(bare), left_out, (*fixed.warnings, *warnings))


def track_names(challenge: Challenge, names: Iterable[str]) -> list[str]:
    """Give the tracks of a challenge, then those of ``names`` that only its published tables have."""
    return list(dict.fromkeys([*(track.id for track in challenge.tracks), *names]))


def find_track(challenge: str, wanted: str, names: Sequence[str]) -> str:
    """Give the name that is meant; case and punctuation do not matter.

    Raises
    ------
    LookupError
        If there is no such track.
    """
    by_key = {_key(name): name for name in names}
    if _key(wanted) not in by_key:
        raise LookupError(
            f"the board of {challenge} has no track {wanted!r}; "
            f"{near_matches(wanted, names)}tracks: {'; '.join(names)}"
        )
    return by_key[_key(wanted)]


def _key(name: str) -> str:
    return re.sub(r"\W", "", name.lower())


# --- published rows


def _published_rows(scores: Iterable[PublishedScore]) -> list[tuple[str, Row]]:
    def place(score: PublishedScore) -> tuple[str, str, str]:
        return score.track, score.method, score.source

    groups: dict[tuple[str, str, str], list[PublishedScore]] = {}
    for score in scores:
        groups.setdefault(place(score), []).append(score)
    return [(track, _published_row(group)) for (track, _, _), group in groups.items()]


def _published_row(scores: Sequence[PublishedScore]) -> Row:
    """Make a row: a note that all its numbers share is its own; a misprint takes their status."""
    first = scores[0]
    told = {score.note for score in scores if score.status != "typo"}
    shared = told.pop() if len(told) == 1 else ""
    statuses = [score.status for score in scores if score.status != "typo"] or ["current"]
    return Row(
        method=first.method,
        provenance="published",
        status=statuses[0],
        source=first.source,
        cells={score.metric: _published_cell(score, shared) for score in scores},
        note=shared,
    )


def _published_cell(score: PublishedScore, shared: str) -> Cell:
    own = "" if score.note == shared else score.note
    counted = score.value if score.status == "typo" else number(score.text)
    return Cell(score.text, score.value, score.unit, None, score.status == "typo", own, counted)


# --- rows scored on some machine


def _book_rows(
    challenge: Challenge, book: Path | None, fixed: FixedRows
) -> tuple[list[tuple[str, Row]], list[str]]:
    here, warnings = scores_here(challenge, book)
    own = [score for score in here if (score.track, score.map_digest) not in fixed.digests]
    return [_score_row(score, "scored here", fixed.decimals) for score in own], warnings


def _score_row(score: Score, provenance: Provenance, places: Mapping[str, int]) -> tuple[str, Row]:
    method = score.method or score.map_name or "a map without a name"
    source = score.map_name if provenance == "scored here" and score.method else ""
    row = Row(method, provenance, "current", source, score_cells(score, places))
    return score.track or _UNKNOWN_TRACK, row


def score_cells(score: Score, places: Mapping[str, int]) -> dict[str, Cell]:
    """Give the official numbers of a score by metric, each beside the robust number of the like quantity.

    Parameters
    ----------
    score : Score
        What was scored on some machine.
    places : mapping of str to int
        Decimals of each metric, see :func:`~oceanbench_leaderboard.digits.board_decimals`.
    """
    return {name: _score_cell(score, name, places.get(name)) for name in score.official}


def _score_cell(score: Score, name: str, places: int | None) -> Cell:
    value, unit = score.official[name], score.units.get(name, "")
    robust = score.robust.get(_DAILY.get(name, "")) or score.robust.get(name)
    like = robust if robust is not None and robust.unit == unit else None
    printed = _DECIMALS if places is None else places
    counted = number(as_published(value, printed))
    return Cell(as_published(value, _shown(name, places)), value, unit, like, counted=counted)


def _shown(name: str, places: int | None) -> int:
    """Give the decimals that are shown: those of the metric where they are more than the table prints."""
    metric = metric_named(name)
    if metric.decimals is None:
        return _DECIMALS if places is None else places
    return max(metric.decimals, CUT if places is None else places)


# --- ranks


def _table(challenge: Challenge, track: str, published: list[Row], local: list[Row]) -> TrackTable:
    order = [*challenge.metric_names, *(name for row in [*published, *local] for name in row.cells)]
    present = {name for row in [*published, *local] for name in row.cells}
    metrics = tuple(name for name in dict.fromkeys(order) if name in present)
    # Where a table is printed, a number scored here counts with the digits that are printed.
    rows = _ranked([*published, *local], challenge.ranking, _printed if published else _full)
    return TrackTable(track, metrics, tuple(rows))


def _printed(cell: Cell) -> float | None:
    return cell.counted


def _full(cell: Cell) -> float | None:
    return cell.value


def _ranked(rows: list[Row], metric: str, read: Callable[[Cell], float | None]) -> list[Row]:
    sign = {"higher": -1.0, "lower": 1.0}.get(metric_named(metric).better)

    def key(row: Row) -> float:
        value = read(row.cells[metric]) if metric in row.cells and row.status == "current" else None
        return math.inf if value is None or sign is None else sign * value

    ranked: list[Row] = []
    for place, group in groupby(sorted(rows, key=key), key):
        members = list(group)
        rank = None if place == math.inf else len(ranked) + 1
        ranked += [replace(row, rank=rank, tied=rank is not None and len(members) > 1) for row in members]
    return ranked
