"""The queue of messages: huey on SQLite, Redis or PostgreSQL, in JSON, by one address.

A message only wakes a worker: that a run waits, and which comes next, stands in the database. So a message
that is lost, or comes twice, or late, does no harm. It is JSON rather than huey's pickle, so that who can
write into the queue cannot make a worker run code.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from huey.api import Huey, TaskWrapper
from huey.exceptions import ConfigurationError
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import PostgresStorage, RedisStorage, SqliteStorage
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.settings import Settings

__all__ = ["MessageQueue", "WorkerSeen", "make_huey", "open_queue", "score_task"]

_NAME = "oceanbench"
_WORKER = "worker:"
_SQLITE_SECONDS = 10.0
_CONNECT_SECONDS = 3
_ANSWER_SECONDS = 5  # longer than the second for which a worker waits for a message
_SCHEMES = "sqlite:///FILE, redis://…, rediss://… or postgresql://…"


class _Json(Serializer):  # type: ignore[misc]
    """Messages as JSON lists."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(list(data) if isinstance(data, Message) else data).encode()

    def _deserialize(self, data: bytes) -> Any:
        read = json.loads(data)
        return Message(*read) if isinstance(read, list) else read


class _LazySqlite(SqliteStorage):  # type: ignore[misc]
    """SQLite whose table is made by the first who uses it, so that opening a queue cannot fail."""

    def _create_connection(self) -> Any:
        Path(self.filename).parent.mkdir(parents=True, exist_ok=True)
        connection = super()._create_connection()
        for statement in self.ddl:
            connection.execute(statement)
        return connection


class _LazyPostgres(PostgresStorage):  # type: ignore[misc]
    """PostgreSQL whose tables are made by the first who uses them, one process at a time."""

    _made = False

    def _connect(self) -> Any:
        connection = super()._connect()
        if not self._made:
            with connection.transaction():
                connection.execute("select pg_advisory_xact_lock(7230518)")
                for statement in self.ddl:
                    connection.execute(statement)
            self._made = True
        return connection

    _create_connection = _connect


def make_huey(settings: Settings) -> Huey:
    """Give the queue at the address of the settings; nothing is connected yet.

    Raises
    ------
    ValueError
        If the address is none of a queue, or the client of its server is not installed.
    """
    url = settings.queue_url
    scheme = url.partition("://")[0]
    try:
        storage, options = _storage(scheme, url)
        return Huey(_NAME, results=False, serializer=_Json(), storage_class=storage, **options)
    except ConfigurationError as error:
        extra = "redis" if scheme.startswith("redis") else "postgresql"
        raise ValueError(
            f"OCEANBENCH_QUEUE_URL begins with {scheme}://, whose client is not installed: "
            f"pip install 'oceanbench[{extra}]'"
        ) from error


def _storage(scheme: str, url: str) -> tuple[type[Any], dict[str, Any]]:
    if scheme == "sqlite":
        return _LazySqlite, {
            "filename": _sqlite_file(url),
            "timeout": _SQLITE_SECONDS,
            "create_tables": False,
        }
    if scheme in ("redis", "rediss"):
        return RedisStorage, {"connection_pool": _redis_pool(url)}
    if scheme in ("postgresql", "postgresql+psycopg"):
        return _LazyPostgres, {"connection": lambda: _connect_postgres(url), "create_tables": False}
    raise ValueError(f"OCEANBENCH_QUEUE_URL begins with {scheme}://, which is no queue; give {_SCHEMES}")


def _sqlite_file(url: str) -> str:
    try:
        name = make_url(url).database
    except ArgumentError:
        name = None
    if not name or name == ":memory:":
        raise ValueError(f"OCEANBENCH_QUEUE_URL={url} names no file; give {_SCHEMES}")
    return name


def _redis_pool(url: str) -> Any:
    try:
        from redis import ConnectionPool
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise ConfigurationError("redis is not installed") from error
    return ConnectionPool.from_url(
        url,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_CONNECT_SECONDS,
        retry=Retry(NoBackoff(), 1),  # once more for a connection that was cut while idle; else tell at once
    )


def _connect_postgres(url: str) -> Any:
    import psycopg

    return psycopg.connect(
        url.replace("postgresql+psycopg://", "postgresql://", 1),
        connect_timeout=_CONNECT_SECONDS,
        keepalives_idle=_ANSWER_SECONDS,
        tcp_user_timeout=1000 * _ANSWER_SECONDS,
    )


def score_task(huey: Huey, work: Callable[[int], None] | None = None) -> TaskWrapper:
    """Register the one task of the queue; without ``work`` it can be asked for, not done.

    Parameters
    ----------
    huey : Huey
    work : callable, optional
        Takes the id of the run that somebody was woken for.
    """

    def score(run_id: int) -> None:
        if work is None:
            raise RuntimeError("this process asks for work and does none; start oceanbench worker")
        work(run_id)

    return huey.task(name="score")(score)


@dataclass(frozen=True)
class WorkerSeen:
    """A worker that told of itself.

    Attributes
    ----------
    name : str
        Machine, process and moment of start.
    at : datetime.datetime
        When it was last seen, in UTC.
    isolation : dict
        How it keeps uploaded files apart: ``{"network": "namespace", …}``.
    """

    name: str
    at: datetime
    isolation: dict[str, str]


class MessageQueue:
    """Wakes the workers, and tells which of them are there; opened with :func:`open_queue`.

    Parameters
    ----------
    huey : Huey
    """

    def __init__(self, huey: Huey) -> None:
        self._huey = huey
        self._score = score_task(huey)

    def wake(self, run_id: int) -> None:
        """Tell that the run is waiting.

        Raises
        ------
        Unavailable
            If the queue does not answer; the run waits in the database all the same.
        """
        with _told():
            self._score(run_id)

    def ping(self) -> None:
        """Ask whether the queue answers.

        Raises
        ------
        Unavailable
            If it does not.
        """
        self.pending()

    def pending(self) -> int:
        """Count the messages that no worker took yet.

        Raises
        ------
        Unavailable
            If the queue does not answer.
        """
        with _told():
            return int(self._huey.storage.queue_size())

    def tell(self, worker: WorkerSeen) -> None:
        """Keep that a worker is there.

        Raises
        ------
        Unavailable
            If the queue does not answer.
        """
        told = {"at": worker.at.isoformat(), "isolation": worker.isolation}
        with _told():
            self._huey.storage.put_data(f"{_WORKER}{worker.name}", json.dumps(told).encode())

    def workers(self) -> list[WorkerSeen]:
        """Give the workers that told of themselves, the latest first.

        Raises
        ------
        Unavailable
            If the queue does not answer.
        """
        with _told():
            items = {_text(key): value for key, value in self._huey.storage.result_items().items()}
        seen = [_seen(key, value) for key, value in items.items() if key.startswith(_WORKER)]
        return sorted(seen, key=lambda worker: worker.at, reverse=True)

    def forget_workers(self, before: datetime) -> None:
        """Forget the workers that were last seen before that moment, and those that say goodbye.

        Raises
        ------
        Unavailable
            If the queue does not answer.
        """
        for worker in self.workers():
            if worker.at < before:
                self.dismiss(worker.name)

    def dismiss(self, name: str) -> None:
        """Forget one worker.

        Raises
        ------
        Unavailable
            If the queue does not answer.
        """
        with _told():
            self._huey.storage.delete_data(f"{_WORKER}{name}")

    def close(self) -> None:
        """Give back the connection."""
        self._huey.storage.close()


def open_queue(settings: Settings) -> MessageQueue:
    """Give what wakes the workers of a service.

    Raises
    ------
    ValueError
        If the address of the settings is none of a queue.
    """
    return MessageQueue(make_huey(settings))


def _text(key: Any) -> str:
    return key.decode() if isinstance(key, bytes) else str(key)


def _seen(key: str, value: Any) -> WorkerSeen:
    told = json.loads(bytes(value))
    return WorkerSeen(key.removeprefix(_WORKER), datetime.fromisoformat(told["at"]), told["isolation"])


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the clients of the three servers raise into one kind of error."""
    try:
        yield
    except OSError as error:
        raise _silent(error) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in ("sqlite3", "redis", "psycopg"):
            raise
        raise _silent(error) from error


def _silent(error: Exception) -> Unavailable:
    return Unavailable(f"the queue does not answer: {' '.join(str(error).split())}; try again later")
