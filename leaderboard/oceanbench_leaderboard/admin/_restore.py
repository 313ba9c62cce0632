"""Restoring a backup into an empty service, on whatever engines that one runs."""

import hashlib
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError
from sqlalchemy import Column, MetaData, Table, func, select, text, update
from sqlalchemy.engine import Connection

from oceanbench.progress import Progress, silent
from oceanbench_leaderboard.admin._backup import FORMAT, MANIFEST, Backup, Listed, manifest_of
from oceanbench_leaderboard.admin._rows import read_line
from oceanbench_leaderboard.errors import Conflict, Unavailable
from oceanbench_leaderboard.store import Database, FileStore, Token
from oceanbench_leaderboard.store.migrating import migrate, revision_of

__all__ = ["restore"]

_AT_ONCE = 500
_PIECE = 1 << 20


def restore(
    database: Database,
    files: FileStore,
    path: Path,
    progress: Progress = silent,
    *,
    revoke_tokens: bool = False,
) -> Backup:
    """Fill an empty database and an empty store from a backup, whatever engines it was made on.

    All is as it was when the backup was made: what was deleted since is back, and a token that was revoked
    since is good again, unless all of them are revoked.

    Every part of the backup is held against its digest. The files come first, the rows after them in one
    transaction: where something fails nothing of it stays, and it can be tried again.

    Parameters
    ----------
    database : Database
        Without tables, or with empty ones.
    files : FileStore
        Without uploads and reports.
    path : pathlib.Path
        Of the backup.
    progress : Progress
        Told how far it is.
    revoke_tokens : bool
        Let no token be good, nor a session that was begun with one.

    Returns
    -------
    Backup
        What was restored.

    Raises
    ------
    ValueError
        If the file is no backup, was changed, or is of a newer program.
    Conflict
        If database or store are not empty.
    Unavailable
        If one of them does not answer.
    """
    with _opened(path) as tar:
        backup = _manifest(tar, path)
        _prepare(database, files, backup)
        written: list[str] = []
        try:
            _restore_files(tar, backup, files, written, progress)
            _restore_tables(tar, backup, database, progress, revoke_tokens)
        except BaseException:
            for key in written:
                with suppress(Unavailable):  # the first failure is the one to tell
                    files.delete(key)
            raise
    migrate(database.engine)
    return backup


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except tarfile.TarError as error:
        raise ValueError(f"{path} is no backup, or is cut short ({error}); take another") from error


def _manifest(tar: tarfile.TarFile, path: Path) -> Backup:
    try:
        backup = manifest_of(tar)
    except (KeyError, ValidationError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} has no {MANIFEST} that can be read; it is no backup: take another"
        ) from error
    if backup.format != FORMAT:
        raise ValueError(
            f"{path} is laid out in the way {backup.format}, and this program reads {FORMAT}: "
            f"restore it with version {backup.program} of the program"
        )
    return backup


def _prepare(database: Database, files: FileStore, backup: Backup) -> None:
    """Make the tables as they were when the backup was made."""
    have = revision_of(database.engine)
    if have not in (None, backup.revision):
        raise Conflict(
            f"the tables are of version {have!r}, those of the backup of {backup.revision!r}; "
            "restore into a database without tables"
        )
    migrate(database.engine, to=backup.revision)
    files.prepare()
    _refuse_full(database, files)


def _refuse_full(database: Database, files: FileStore) -> None:
    with database.engine.connect() as connection:
        for table in _tables(connection):
            if connection.scalar(select(func.count()).select_from(table)):
                raise Conflict(f"the table {table.name!r} is not empty; restore into an empty service")
    for prefix in ("uploads", "runs"):
        if keys := files.keys(prefix):
            raise Conflict(f"the store has files, such as {keys[0]}; restore into an empty service")


def _tables(connection: Connection) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def _restore_files(
    tar: tarfile.TarFile, backup: Backup, files: FileStore, written: list[str], progress: Progress
) -> None:
    for number, (key, listed) in enumerate(backup.files.items()):
        progress("files", number / len(backup.files))
        with _member(tar, f"files/{key}") as stream, files.writing(key) as sink:
            for piece in _checked(stream, listed, key):
                sink.write(piece)
        written.append(key)
    progress("files", 1.0)


@contextmanager
def _member(tar: tarfile.TarFile, name: str) -> Iterator[IO[bytes]]:
    try:
        stream = tar.extractfile(name)
    except KeyError:
        stream = None
    if stream is None:
        raise ValueError(f"the backup has no {name}, which its manifest lists; take another")
    with stream:
        yield stream


def _checked(stream: IO[bytes], listed: Listed, what: str) -> Iterator[bytes]:
    """Give the bytes of a part; at their end, refuse what is not the part that is listed."""
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(_PIECE):
        digest.update(piece)
        size += len(piece)
        yield piece
    if (size, digest.hexdigest()) != (listed.size, listed.sha256):
        raise ValueError(f"{what} in the backup is not what its manifest lists; take another")


def _restore_tables(
    tar: tarfile.TarFile, backup: Backup, database: Database, progress: Progress, revoke_tokens: bool
) -> None:
    with database.transaction() as session:
        connection = session.connection()
        tables = _tables(connection)
        unknown = set(backup.tables) - {table.name for table in tables}
        if unknown:
            raise ValueError(f"the backup has a table {sorted(unknown)[0]!r} of no known kind; take another")
        for number, table in enumerate(tables):
            progress("tables", number / len(tables))
            if table.name in backup.tables:
                _restore_table(tar, connection, table, backup.tables[table.name])
        if revoke_tokens:  # before anybody can see one that is good
            session.execute(update(Token).where(Token.revoked.is_(None)).values(revoked=datetime.now(UTC)))
    progress("tables", 1.0)


def _restore_table(tar: tarfile.TarFile, connection: Connection, table: Table, listed: Listed) -> None:
    name = f"tables/{table.name}.jsonl"
    with _member(tar, name) as stream:
        for _ in _checked(stream, listed, name):  # before a line of it is believed
            pass
        stream.seek(0)
        own = _own_reference(table)
        pointing: list[dict[str, Any]] = []
        for lines in batched(stream, _AT_ONCE):
            rows = [read_line(table, line) for line in lines]
            if own is not None:
                pointing += [_taken_out(table, own, row) for row in rows if row[own.name] is not None]
            connection.execute(table.insert(), rows)
    for row in pointing:
        _point(connection, table, own, row)
    _count_on(connection, table)


def _own_reference(table: Table) -> Column[Any] | None:
    """Give the column that points at another row of the same table, if there is one."""
    return next((key.parent for key in table.foreign_keys if key.column.table is table), None)


def _taken_out(table: Table, own: Column[Any], row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what points at a row that may come later; give what is to be written once all are there."""
    key = {column.name: row[column.name] for column in table.primary_key.columns}
    pointing = {"key": key, "value": row[own.name]}
    row[own.name] = None
    return pointing


def _point(connection: Connection, table: Table, own: Column[Any] | None, row: dict[str, Any]) -> None:
    if own is not None:
        chosen = [table.columns[name] == value for name, value in row["key"].items()]
        connection.execute(update(table).where(*chosen).values({own.name: row["value"]}))


def _count_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number the next row after those that were given their numbers."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        named = {"table": table.name, "column": column.name}
        sequence = connection.scalar(text("select pg_get_serial_sequence(:table, :column)"), named)
        last = connection.scalar(select(func.max(column))) if sequence else None
        if last is not None:
            connection.execute(text("select setval(:sequence, :last)"), {"sequence": sequence, "last": last})
