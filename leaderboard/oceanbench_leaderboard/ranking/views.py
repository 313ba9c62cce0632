"""What a reader of a board sees: the board, its rows, and the line of it on the front page."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from oceanbench_leaderboard.published import Status
from oceanbench_leaderboard.store.models import Part
from oceanbench_leaderboard.table import Provenance

__all__ = [
    "BoardRow",
    "BoardSummary",
    "BoardView",
    "RobustShown",
    "Show",
    "ShownScore",
    "TrackSummary",
    "Truth",
]

type Show = Literal["best", "all"]
type Truth = Literal["open", "withheld"]


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class RobustShown(_View):
    """A robust number with its 95 % interval; None where there is none."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = "1"


class ShownScore(_View):
    """One number of a row.

    Attributes
    ----------
    text : str
        As published, or as the board prints what was scored here.
    value : float, optional
        The number; None where there is none.
    unit : str
        Its unit, ``"1"`` for a pure number.
    robust : RobustShown, optional
        The robust number of the like quantity in the same unit.
    misprint : bool
        Whether the text is known to be wrong; the value is then what was meant.
    note : str
        What is known of this number alone.
    """

    text: str
    value: float | None = None
    unit: str = "1"
    robust: RobustShown | None = None
    misprint: bool = False
    note: str = ""


class BoardRow(_View):
    """One method, or one submission, on one track.

    Attributes
    ----------
    rank : int, optional
        One more than the rows of better groups; None for a row that is not ranked.
    tied : bool
        Whether others have the same rank.
    group : int, optional
        Number of the group of tied rows, counted from 1.
    provenance : str
        ``published``, ``baseline of ours`` or ``scored here``.
    twin : bool
        Whether the ocean is a synthetic twin.
    status : str
        Of a published row; else ``current``.
    attempts : int
        Submissions of the team that were scored on this track; zero for rows that nobody submitted.
    card : dict
        What the team says of its method.
    report : bool
        Whether everybody may read its report.
    scores : dict of str to ShownScore
        Its official numbers by metric.
    """

    rank: int | None = None
    tied: bool = False
    group: int | None = None
    method: str
    team: str | None = None
    submission: str | None = None
    provenance: Provenance
    twin: bool = False
    status: Status = "current"
    source: str = ""
    note: str = ""
    flags: tuple[str, ...] = ()
    created: datetime | None = None
    attempts: int = 0
    card: dict[str, Any] = Field(default_factory=dict)
    report: bool = False
    scores: dict[str, ShownScore] = Field(default_factory=dict)


class BoardView(_View):
    """A track of a board, or some rows of it.

    Attributes
    ----------
    versions : tuple of str
        Versions of the challenge that have a board, the present one first.
    twin_of : str, optional
        The challenge that a synthetic twin stands for.
    ranking : str
        The metric that ranks.
    tracks : tuple of str
        Those of this version.
    metrics : tuple of str
        Columns, in their order.
    show : str
        ``best``: one row for each team; ``all``: every submission.
    truth : str
        ``open``, or ``withheld`` where nobody but the service has it.
    part : str
        ``public`` or ``private``: the block of days that the numbers are of, where the truth is split.
    closes : datetime, optional
        End of the competition, UTC.
    revision : int
        Grows whenever a row changes; zero for a board that nothing was submitted to.
    made : datetime, optional
        When this revision was made.
    total : int
        Rows of the whole track.
    offset : int
        Rows before the first of ``rows``.
    notes : tuple of str
        The rules of this board, in words.
    """

    challenge: str
    title: str
    version: str
    versions: tuple[str, ...]
    twin_of: str | None
    ranking: str
    track: str
    tracks: tuple[str, ...]
    metrics: tuple[str, ...]
    show: Show
    truth: Truth
    part: Part
    closes: datetime | None
    revision: int
    made: datetime | None
    total: int
    offset: int
    notes: tuple[str, ...]
    rows: tuple[BoardRow, ...]


class TrackSummary(_View):
    """One track on the front page: how much is on it, and its first row."""

    track: str
    rows: int
    teams: int
    submissions: int
    best: BoardRow | None
    revision: int
    changed: datetime | None


class BoardSummary(_View):
    """One challenge on the front page.

    Attributes
    ----------
    rows, teams, submissions : int
        Over all tracks; a team counts once.
    changed : datetime, optional
        When a row last changed; None where nothing was submitted.
    """

    challenge: str
    title: str
    summary: str
    version: str
    kind: str
    twin_of: str | None
    ranking: str
    truth: Truth
    opens: datetime | None
    closes: datetime | None
    rows: int
    teams: int
    submissions: int
    changed: datetime | None
    tracks: tuple[TrackSummary, ...]
