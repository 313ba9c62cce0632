"""A backup of a service that goes on working meanwhile: one file with all tables and all files."""

import hashlib
import io
import json
import os
import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from alembic.runtime.migration import MigrationContext
from pydantic import BaseModel, ConfigDict
from sqlalchemy import MetaData, Table, select
from sqlalchemy.engine import Connection

import oceanbench
from oceanbench.progress import Progress, silent
from oceanbench_leaderboard.admin._rows import rows_of, write_line
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Database, FileStore, Run, UploadPart

__all__ = ["FORMAT", "MANIFEST", "Backup", "Listed", "back_up"]

FORMAT = 1
MANIFEST = "manifest.json"
_VERSION_TABLE = "alembic_version"
_PIECE = 1 << 20
_IN_MEMORY = 16 << 20


class Listed(BaseModel):
    """A part of a backup."""

    model_config = ConfigDict(frozen=True)

    size: int
    sha256: str
    rows: int = 0


class Backup(BaseModel):
    """What a backup holds: its manifest.

    Attributes
    ----------
    format : int
        How it is laid out.
    program : str
        Version of the program that made it.
    revision : str
        Version of the tables.
    made : str
        When, UTC.
    tables, files : dict of str to Listed
        By the name of the table, and by the key in the store.
    gone : list of str
        Files that were deleted while the backup was made.
    """

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    program: str
    revision: str
    made: str
    tables: dict[str, Listed]
    files: dict[str, Listed]
    gone: list[str] = []


@dataclass
class _Pack:
    """The file that is being written."""

    tar: tarfile.TarFile
    tables: dict[str, Listed] = field(default_factory=dict)
    files: dict[str, Listed] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)

    def add(self, name: str, size: int, stream: IO[bytes]) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = size, 0o600, int(time.time())
        self.tar.addfile(entry, stream)


def back_up(service: Service, path: Path, progress: Progress = silent) -> Backup:
    """Write all that a service keeps into one file, as it is at one instant, while it goes on working.

    Rows are read in one transaction. Files are read after it: each of them was in the store before a row
    named it, and stays as it is until it is deleted.

    Parameters
    ----------
    path : pathlib.Path
        A new file. It holds what teams sent and digests of tokens: only its owner can read it.
    progress : Progress
        Told how far it is.

    Returns
    -------
    Backup
        What is in it.

    Raises
    ------
    FileExistsError
        If there is such a file already.
    Unavailable
        If database or store do not answer.
    """
    if path.exists():
        raise FileExistsError(f"{path} is there already; give the name of a new file")
    with _new_file(path) as stream, tarfile.open(fileobj=stream, mode="w") as tar:
        pack = _Pack(tar)
        revision, keys = _pack_tables(service.database, pack, progress)
        _pack_files(service.files, keys, pack, progress)
        made = Backup(
            program=oceanbench.__version__,
            revision=revision,
            made=service.now().isoformat(),
            tables=pack.tables,
            files=pack.files,
            gone=pack.gone,
        )
        data = made.model_dump_json(indent=1).encode()
        pack.add(MANIFEST, len(data), io.BytesIO(data))
    return made


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    part = path.with_name(f".{path.name}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _pack_tables(database: Database, pack: _Pack, progress: Progress) -> tuple[str, list[str]]:
    """Write all tables as they are at one instant; give their version, and the keys of their files."""
    with database.snapshot() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        metadata = MetaData()
        metadata.reflect(connection)
        tables = [table for table in metadata.sorted_tables if table.name != _VERSION_TABLE]
        for number, table in enumerate(tables):
            progress("tables", number / len(tables))
            _pack_table(connection, table, pack)
        progress("tables", 1.0)
        return str(revision), list(connection.scalars(select(UploadPart.key))) + _report_folders(connection)


def _report_folders(connection: Connection) -> list[str]:
    scored = select(Run.id, Run.scored_under).where(Run.state == "scored").order_by(Run.id)
    return [f"{Run(id=run.id, scored_under=run.scored_under).folder}/" for run in connection.execute(scored)]


def _pack_table(connection: Connection, table: Table, pack: _Pack) -> None:
    digest, rows = hashlib.sha256(), 0
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        for row in rows_of(connection, table):
            line = write_line(table, row)
            spool.write(line)
            digest.update(line)
            rows += 1
        size = spool.tell()
        spool.seek(0)
        pack.add(f"tables/{table.name}.jsonl", size, spool)
    pack.tables[table.name] = Listed(size=size, sha256=digest.hexdigest(), rows=rows)


def _pack_files(files: FileStore, named: Iterable[str], pack: _Pack, progress: Progress) -> None:
    """Write the files with these keys; a name that ends in a slash stands for all below it."""
    keys = [key for name in named for key in (files.keys(name[:-1]) if name.endswith("/") else [name])]
    for number, key in enumerate(keys):
        progress("files", number / len(keys))
        try:
            _pack_file(files, key, pack)
        except FileNotFoundError:
            pack.gone.append(key)
    progress("files", 1.0)


def _pack_file(files: FileStore, key: str, pack: _Pack) -> None:
    size = files.size(key)
    with files.reading(key) as source:
        reader = _Counting(source)
        pack.add(f"files/{key}", size, reader)  # type: ignore[arg-type]  # all that tarfile asks for is read
    pack.files[key] = Listed(size=size, sha256=reader.digest.hexdigest())


class _Counting:
    """Reads on, and computes the digest by the way."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.source.read(size)
        self.digest.update(data)
        return data


def manifest_of(tar: tarfile.TarFile) -> Backup:
    """Read the manifest of a backup."""
    stream = tar.extractfile(MANIFEST)
    if stream is None:
        raise KeyError(MANIFEST)
    return Backup.model_validate(json.load(stream))
