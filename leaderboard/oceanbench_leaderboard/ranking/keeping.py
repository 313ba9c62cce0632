"""Write the ranked rows of a track to the database, on pages, and read them back."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from oceanbench_leaderboard.ranking.views import BoardRow, Show
from oceanbench_leaderboard.store import Standing, StandingPage

__all__ = ["PAGE", "Key", "Pages", "lock_standing", "pack", "read_rows", "replace_pages"]

type Pages = list[dict[str, Any]]

PAGE = 100  # rows
_LEVEL = 1  # of compression, the fastest: rows are alike, and shrink to a tenth all the same
_ROWS = TypeAdapter(tuple[BoardRow, ...])


@dataclass(frozen=True)
class Key:
    """Whose rows: a track of a version."""

    challenge: str
    version: str
    track: str

    @property
    def columns(self) -> dict[str, str]:
        """The key by the names of its columns."""
        return {"challenge": self.challenge, "version": self.version, "track": self.track}


def lock_standing(session: Session, key: Key, now: datetime) -> Standing:
    """Give a standing that nobody else can write until the transaction ends; a new one has revision 0."""
    dialect = session.get_bind().dialect.name
    into = postgresql.insert if dialect == "postgresql" else sqlite.insert
    new = {**key.columns, "revision": 0, "made": now, "state": "", "head": {}, "fixed": []}
    session.execute(into(Standing).values(new).on_conflict_do_nothing())
    query = select(Standing).filter_by(**key.columns).with_for_update()
    return session.execute(query.execution_options(populate_existing=True)).scalar_one()


def pack(key: Key, views: Mapping[Show, Sequence[BoardRow]]) -> Pages:
    """Give the rows of a track as the pages that keep them."""
    return [
        {**key.columns, "show": show, "page": page, "rows": packed}
        for show, rows in views.items()
        for page, packed in enumerate(_packed(rows))
    ]


def replace_pages(session: Session, key: Key, pages: Pages) -> None:
    """Put pages in the place of all that were kept of a track."""
    session.execute(delete(StandingPage).filter_by(**key.columns))
    if pages:
        session.execute(insert(StandingPage), pages)


def _packed(rows: Sequence[BoardRow]) -> Iterator[bytes]:
    for start in range(0, len(rows), PAGE):
        page = _ROWS.dump_json(tuple(rows[start : start + PAGE]), exclude_defaults=True)
        yield zlib.compress(page, _LEVEL)


def read_rows(
    session: Session, key: Key, show: Show, *, limit: int | None = None, offset: int = 0
) -> tuple[BoardRow, ...]:
    """Give rows of a track, reading no more pages than they lie on.

    Parameters
    ----------
    session : Session
        Of the database.
    key : Key
        Whose rows.
    show : str
        ``best`` or ``all``.
    limit : int, optional
        How many at most; all if not given.
    offset : int
        How many to pass over.
    """
    first = offset // PAGE
    query = select(StandingPage.rows).filter_by(**key.columns, show=show).where(StandingPage.page >= first)
    if limit is not None:
        query = query.where(StandingPage.page <= (offset + max(limit, 1) - 1) // PAGE)
    rows: list[Any] = []
    for packed in session.execute(query.order_by(StandingPage.page)).scalars():
        rows += _ROWS.validate_json(zlib.decompress(packed))
    start = offset - first * PAGE
    return tuple(rows[start:] if limit is None else rows[start : start + limit])
