"""Migrations of the database, by Alembic: from whatever version it has to the one of this program."""

from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.store.models import Base

__all__ = ["differences", "migrate", "revision_of"]

_STEPS = Path(__file__).parent / "migrations"
_LOCK = 0x0CEA_BE4C  # any number will do, if nothing else on the server takes the same


def migrate(engine: Engine, steps: Path = _STEPS, to: str = "head") -> None:
    """Bring the tables up to date; where several processes start at once, one does it and the others wait.

    Parameters
    ----------
    engine : Engine
        Of the database.
    steps : pathlib.Path
        Folder of the migrations.
    to : str
        Version at which to stop; the last one if not given.

    Raises
    ------
    ValueError
        If there is no such version, the database is of a newer program, or holds tables that no version of
        this program made.
    Unavailable
        If it cannot be written.
    """
    script = _script(steps)
    try:
        with engine.begin() as connection:
            _lock(connection)
            _upgrade(connection, script, to)
    except OperationalError as error:
        raise Unavailable(
            f"the tables cannot be brought up to date: {error.orig}; try again later"
        ) from error


def revision_of(engine: Engine) -> str | None:
    """Give the version of the tables; None where there are none."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def differences(engine: Engine) -> list[object]:
    """Give what Alembic would change to make the tables those of the models; empty if nothing."""
    from alembic.autogenerate import compare_metadata

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def _script(steps: Path) -> ScriptDirectory:
    return ScriptDirectory(str(steps), version_locations=[str(steps)])


def _lock(connection: Connection) -> None:
    # in SQLite a transaction of ours takes the lock for writing when it begins
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def _upgrade(connection: Connection, script: ScriptDirectory, to: str) -> None:
    context = MigrationContext.configure(connection)
    have = context.get_current_revision()
    if have is None and inspect(connection).has_table("submissions"):
        raise ValueError(
            "the database has tables, but does not say of which version; give an empty one, restore a backup"
        )
    try:
        missing = list(script.iterate_revisions(to, have or "base"))
    except RevisionError:
        raise ValueError(
            f"the tables are of version {have or to!r}, which this program does not know: it is older; "
            "upgrade the program"
        ) from None
    for step in reversed(missing):
        with Operations.context(context):
            step.module.upgrade()
        context.stamp(script, step.revision)
