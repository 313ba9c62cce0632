"""Read boards as they were last made; nothing is ranked or scored here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.errors import NotFound
from oceanbench_leaderboard.ranking.keeping import Key, read_rows
from oceanbench_leaderboard.ranking.making import Head, Made, make
from oceanbench_leaderboard.ranking.plans import definition_of, plans_of, readable_challenges
from oceanbench_leaderboard.ranking.views import BoardRow, BoardSummary, BoardView, Show, TrackSummary
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Standing
from oceanbench_leaderboard.table import find_track

__all__ = ["BoardState", "board", "board_revision", "board_state", "boards", "score_is_shown"]


@dataclass(frozen=True)
class BoardState:
    """What a board was made from.

    Attributes
    ----------
    challenge, present : str
        The challenge, and its present version.
    version, track : str
        Which of its boards.
    revision : int
        Grows whenever a row of it changes; zero before it was made.
    over : bool
        Whether the competition has ended, which the clock alone brings about.
    """

    challenge: str
    present: str
    version: str
    track: str
    revision: int
    over: bool


def board(
    service: Service,
    challenge_id: str,
    *,
    track: str | None = None,
    version: str | None = None,
    show: Show = "best",
    limit: int | None = None,
    offset: int = 0,
) -> BoardView:
    """Give a track of a board, or some rows of it.

    Parameters
    ----------
    service : Service
        Whose board.
    challenge_id : str
        The challenge.
    track : str, optional
        One of its tracks; case and punctuation do not matter. The first if not given.
    version : str, optional
        The present one if not given; boards of older ones stay.
    show : str
        ``best``: one row for each team; ``all``: every submission, and superseded published rows.
    limit : int, optional
        How many rows at most; all if not given.
    offset : int
        How many rows to pass over.

    Raises
    ------
    NotFound
        If there is no such challenge, version or track.
    ValueError
        If ``show``, ``limit`` or ``offset`` is not allowed.
    Unavailable
        If the database does not answer.
    """
    _check_wish(show, limit, offset)
    with service.database.transaction(read_only=True) as session:
        challenge, names = _names(session, challenge_id)
        wanted, name = _choose(challenge, names, version, track)
        found = _track(session, service, challenge, Key(challenge.id, wanted, name))
        rows = found.rows(session, show, limit, offset)
    rules = found.head.rules
    return BoardView(
        challenge=challenge.id,
        title=rules.title,
        version=wanted,
        versions=tuple(names),
        twin_of=rules.twin_of or None,
        ranking=rules.ranking,
        track=name,
        tracks=names[wanted],
        metrics=found.head.metrics,
        show=show,
        truth=rules.truth,
        part=found.head.part,
        closes=rules.closes,
        revision=found.revision,
        made=found.made,
        total=found.head.totals[show],
        offset=offset,
        notes=tuple(rules.in_words(over=found.head.over)),
        rows=rows,
    )


def board_revision(service: Service, challenge_id: str, version: str | None, track: str | None) -> int:
    """Give the number that grows whenever a row of this track changes; zero before the first time.

    Raises
    ------
    NotFound
        If there is no such challenge, version or track.
    Unavailable
        If the database does not answer.
    """
    return board_state(service, challenge_id, version=version, track=track).revision


def board_state(
    service: Service, challenge_id: str, *, version: str | None = None, track: str | None = None
) -> BoardState:
    """Name the state of a board: what is made from it is the same as long as this is.

    Raises
    ------
    NotFound
        If there is no such challenge, version or track.
    Unavailable
        If the database does not answer.
    """
    with service.database.transaction(read_only=True) as session:
        challenge, names = _names(session, challenge_id)
        wanted, name = _choose(challenge, names, version, track)
        query = select(Standing.revision).filter_by(**Key(challenge.id, wanted, name).columns)
        revision = session.execute(query).scalar_one_or_none() or 0
    over = challenge.competition is not None and challenge.competition.is_over(service.now())
    return BoardState(challenge.id, challenge.version, wanted, name, revision, over)


def score_is_shown(service: Service, challenge_id: str, version: str, track: str, submission: str) -> bool:
    """Tell whether the scores of a submission may be told, to its own team too.

    Where the truth is open they always may. Where it is withheld, those may that stand on the board (see
    :mod:`~oceanbench_leaderboard.ranking.ladder`); before the board was made with it, a score is not told.

    Raises
    ------
    NotFound
        If there is no such challenge.
    Unavailable
        If the database does not answer.
    """
    with service.database.transaction(read_only=True) as session:
        kept = next(_kept(session, Key(challenge_id, version, track)), None)
    if kept is not None and kept.head.rules.withheld:
        return submission in (kept.head.shown or ())
    return kept is not None or not definition_of(challenge_id).withholds_truth


def boards(service: Service) -> list[BoardSummary]:
    """Give a line for each challenge, for the front page; one whose definition cannot be read is left out.

    Raises
    ------
    Unavailable
        If the database does not answer.
    """
    with service.database.transaction(read_only=True) as session:
        kept = {track.key: track for track in _kept(session)}
    return [_summary(service, challenge, kept) for challenge in readable_challenges()]


def _check_wish(show: str, limit: int | None, offset: int) -> None:
    if show not in ("best", "all"):
        raise ValueError(f"show is {show!r}; allowed: best, all")
    if limit is not None and limit < 1:
        raise ValueError(f"limit is {limit}; ask for one row or more")
    if offset < 0:
        raise ValueError(f"offset is {offset}; give 0 or more")


# --- which track


def _names(session: Session, challenge_id: str) -> tuple[Challenge, dict[str, tuple[str, ...]]]:
    """Give the challenge, and the tracks of each version, the present version first and then the newest."""
    challenge = definition_of(challenge_id)
    present = tuple(plan.track for plan in plans_of(challenge))
    query = select(Standing.version, Standing.track).where(
        Standing.challenge == challenge_id, Standing.revision > 0
    )
    kept: dict[str, set[str]] = {}
    for version, track in session.execute(query):
        kept.setdefault(version, set()).add(track)
    names = {challenge.version: present}
    for version in sorted(kept.keys() - names.keys(), key=_number, reverse=True):
        still = tuple(track for track in present if track in kept[version])
        names[version] = (*still, *sorted(kept[version].difference(still)))
    return challenge, names


def _number(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _choose(
    challenge: Challenge, names: dict[str, tuple[str, ...]], version: str | None, track: str | None
) -> tuple[str, str]:
    wanted = challenge.version if version is None else version
    if wanted not in names:
        raise NotFound(f"{challenge.id} has no board of version {wanted!r}; versions: {', '.join(names)}")
    if track is None:
        return wanted, names[wanted][0]
    try:
        return wanted, find_track(challenge.id, track, names[wanted])
    except LookupError as error:
        raise NotFound(str(error.args[0])) from None


# --- what is kept of it


@dataclass(frozen=True)
class _Track:
    """A track whose rows are kept, or one that was never made: nothing was submitted to it."""

    key: Key
    head: Head
    revision: int = 0
    made: datetime | None = None
    bare: Made | None = None

    def rows(self, session: Session, show: Show, limit: int | None, offset: int) -> tuple[BoardRow, ...]:
        if self.bare is None:
            return read_rows(session, self.key, show, limit=limit, offset=offset)
        rows = self.bare.views[show]
        return tuple(rows[offset:] if limit is None else rows[offset : offset + limit])

    def summary(self) -> TrackSummary:
        return TrackSummary(
            track=self.key.track,
            rows=self.head.totals["best"],
            teams=len(self.head.teams),
            submissions=self.head.submissions,
            best=self.head.best,
            revision=self.revision,
            changed=self.made,
        )


def _track(session: Session, service: Service, challenge: Challenge, key: Key) -> _Track:
    return next(_kept(session, key), None) or _bare(service, challenge, key)


def _kept(session: Session, key: Key | None = None) -> Iterator[_Track]:
    """Give the tracks that were made: that one, or all."""
    columns = (Standing.challenge, Standing.version, Standing.track)
    query = select(*columns, Standing.head, Standing.revision, Standing.made).where(Standing.revision > 0)
    for *names, head, revision, made in session.execute(query.filter_by(**key.columns) if key else query):
        yield _Track(Key(*names), Head.model_validate(head), revision, made)


def _bare(service: Service, challenge: Challenge, key: Key) -> _Track:
    plan = next(plan for plan in plans_of(challenge) if plan.track == key.track)
    made = make(plan.rules, plan.fixed, (), over=plan.rules.is_over(service.now()))
    return _Track(key, made.head, bare=made)


def _summary(service: Service, challenge: Challenge, kept: Mapping[Key, _Track]) -> BoardSummary:
    keys = [plan.key for plan in plans_of(challenge)]
    tracks = [kept.get(key) or _bare(service, challenge, key) for key in keys]
    competition = challenge.competition
    return BoardSummary(
        challenge=challenge.id,
        title=challenge.title,
        summary=challenge.summary,
        version=challenge.version,
        kind=challenge.kind,
        twin_of=challenge.twin_of or None,
        ranking=challenge.ranking,
        truth="withheld" if challenge.withholds_truth else "open",
        opens=competition.opens if competition else None,
        closes=competition.closes if competition else None,
        rows=sum(track.head.totals["best"] for track in tracks),
        teams=len({team for track in tracks for team in track.head.teams}),
        submissions=sum(track.head.submissions for track in tracks),
        changed=max((track.made for track in tracks if track.made), default=None),
        tracks=tuple(track.summary() for track in tracks),
    )
