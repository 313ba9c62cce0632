"""One opened service: its settings, its database, its files, its queue, its clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy.orm import Session

from oceanbench_leaderboard.settings import Settings
from oceanbench_leaderboard.store import Database, FileStore, database_now

__all__ = ["Service", "Waker", "open_service"]


class Waker(Protocol):
    """Tells the workers that a run is waiting; what it says may get lost, the database is what counts."""

    def wake(self, run_id: int) -> None:
        """Tell that the run is waiting.

        Raises
        ------
        Unavailable
            If the queue does not answer; the run waits in the database all the same.
        """

    def ping(self) -> None:
        """Ask whether the queue answers.

        Raises
        ------
        Unavailable
            If it does not.
        """

    def close(self) -> None:
        """Give back the connection."""


def utc_now() -> datetime:
    """Give the time of the server's clock, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Service:
    """What every function of the service works on; tests give their own parts.

    Attributes
    ----------
    settings : Settings
    database : Database
    files : FileStore
    queue : Waker
    now : callable
        The clock: gives an aware time.
    shared_now : callable, optional
        A clock that all machines share, asked in a session: leases are counted by it, since those of two
        machines may differ by more than a lease. Where there is but one machine, ``now`` does.
    """

    settings: Settings
    database: Database
    files: FileStore
    queue: Waker
    now: Callable[[], datetime] = field(default=utc_now)
    shared_now: Callable[[Session], datetime] | None = None

    def lease_time(self, session: Session) -> datetime:
        """Give the time by which leases are counted."""
        return self.now() if self.shared_now is None else self.shared_now(session)

    def close(self) -> None:
        """Give back the connections."""
        self.queue.close()
        self.database.close()


def open_service(settings: Settings) -> Service:
    """Open database, files and queue; bring the tables up to date, and make the place of the files.

    Raises
    ------
    Unavailable
        If one of them does not answer.
    """
    from oceanbench_leaderboard.queue import open_queue

    database = Database(settings.database_url)
    database.ping()
    database.create()
    files = FileStore(settings.store_url)
    files.prepare()
    shared_now = None if database.is_sqlite else database_now
    return Service(settings, database, files, open_queue(settings), shared_now=shared_now)
