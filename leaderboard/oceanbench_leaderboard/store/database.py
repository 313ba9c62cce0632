"""The database: an engine, sessions that end in one transaction, migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine, event, make_url, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoRoomInPool
from sqlalchemy.orm import Session, sessionmaker

from oceanbench_leaderboard.errors import ServiceError, Unavailable

__all__ = ["Database", "database_now"]

_BUSY_SECONDS = 30.0
_ADDRESSES = "sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
# a server that is gone is not waited for, nor a client that was stopped while it held a row
_PATIENCE = {
    "connect_timeout": 5,
    "options": "-c lock_timeout=30s -c idle_in_transaction_session_timeout=120s",
}


class Database:
    """SQLite (write-ahead log) or PostgreSQL, by its address.

    Parameters
    ----------
    url : str
        ``sqlite:///…`` or ``postgresql+psycopg://…``.
    pool_size : int
        Connections that this process keeps to a server.

    Raises
    ------
    ValueError
        If the address is none of these, or the client of PostgreSQL is not installed.

    Examples
    --------
    >>> from oceanbench_leaderboard.store import Database, Team
    >>> from datetime import UTC, datetime
    >>> database = Database("sqlite://")
    >>> database.create()
    >>> with database.transaction() as session:
    ...     session.add(Team(name="Tides", key="tides", created=datetime.now(UTC)))
    >>> database.close()
    """

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self.url = _address(url)
        self.engine = _engine(self.url, pool_size)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file, or memory, of this machine."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def transaction(self, *, read_only: bool = False) -> Iterator[Session]:
        """Give a session whose changes are all kept at the end, or none of them.

        Parameters
        ----------
        read_only : bool
            Nothing will be written: readers of SQLite then wait for nobody.

        Raises
        ------
        Unavailable
            If the database does not answer, or cannot write.
        ServiceError
            If it does not take a value that somebody gave.
        """
        try:
            with self._sessions.begin() as session:
                if read_only:
                    session.connection(execution_options={"read_only": True})
                yield session
        except NoRoomInPool as error:
            raise _silent(error) from error
        except DataError as error:  # such as a zero byte, which PostgreSQL takes in no text
            raise ServiceError(
                f"the database does not take this value: {_cause(error)}; give another"
            ) from error
        except DBAPIError as error:
            if isinstance(error, OperationalError) or error.connection_invalidated:
                raise _silent(error) from error
            raise

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Give a connection that reads everything as it is at one instant, whatever others write meanwhile.

        Raises
        ------
        Unavailable
            If the database does not answer.
        """
        options: dict[str, Any] = {"read_only": True}
        if not self.is_sqlite:  # where a reader of SQLite sees one instant anyway
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        try:
            with self.engine.connect().execution_options(**options) as connection:
                yield connection
        except OperationalError as error:
            raise _silent(error) from error

    def ping(self) -> None:
        """Ask the database for one number.

        Raises
        ------
        Unavailable
            If it does not answer.
        """
        try:
            with self.engine.connect() as connection:
                connection.execute(text("select 1"))
        except SQLAlchemyError as error:
            raise _silent(error) from error

    def create(self) -> None:
        """Bring the tables up to date, from whatever version they have; an empty database gets them all."""
        from oceanbench_leaderboard.store.migrating import migrate

        migrate(self.engine)

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def database_now(session: Session) -> datetime:
    """Give the time of the clock of a PostgreSQL server, which is one for all machines."""
    now: datetime = session.execute(text("select clock_timestamp()")).scalar_one()
    return now.astimezone(UTC)


def _address(url: str) -> URL:
    """Read an address; what it holds is not repeated in an error, for it may hold a password."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError(f"OCEANBENCH_DATABASE_URL cannot be read as an address; give {_ADDRESSES}") from None
    if address.drivername == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if address.drivername not in ("sqlite", "postgresql+psycopg"):
        raise ValueError(
            f"OCEANBENCH_DATABASE_URL begins with {address.drivername}://, which is no database of the "
            f"service; give {_ADDRESSES}"
        )
    return address


def _server(address: URL, pool_size: int) -> Engine:
    try:
        return create_engine(
            address,
            connect_args=_PATIENCE,
            pool_pre_ping=True,
            pool_size=pool_size,
            max_overflow=pool_size,
        )
    except ImportError as error:
        raise ValueError(
            "OCEANBENCH_DATABASE_URL names a PostgreSQL server, whose client is not installed: "
            "pip install 'oceanbench[postgresql]'"
        ) from error


def _engine(address: URL, pool_size: int) -> Engine:
    if address.get_backend_name() != "sqlite":
        return _server(address, pool_size)
    room: dict[str, int] = {}
    if address.database and address.database != ":memory:":
        _make_file(Path(address.database))
        room = {"pool_size": pool_size, "max_overflow": 4 * pool_size}
    engine = create_engine(address, connect_args={"timeout": _BUSY_SECONDS}, **room)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _make_file(path: Path) -> None:
    """Make a file that nobody else can read: it holds digests of tokens, and what teams do not show."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # the driver begins no transaction by itself, so that ours can take the lock for writing at once:
    # one that reads first and writes later fails when another has written in between
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=on", "busy_timeout=30000"):
        cursor.execute(f"pragma {pragma}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    read_only = connection.get_execution_options().get("read_only")
    connection.exec_driver_sql("begin" if read_only else "begin immediate")


def _silent(error: SQLAlchemyError) -> Unavailable:
    return Unavailable(f"the database does not answer: {_cause(error)}; try again later")


def _cause(error: SQLAlchemyError) -> str:
    original = getattr(error, "orig", None) or error
    return " ".join(str(original).split())
