"""Whether the service can do its work now, part by part."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol, runtime_checkable

import structlog
from pydantic import BaseModel, Field

from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.service import Service
from oceanbench_web.monitoring.metrics import queue_now

__all__ = ["Readiness", "ReadinessDocument"]

_log = structlog.get_logger("oceanbench.web")
_KEPT_SECONDS = 2.0  # so that asking often costs nothing
_SILENT_SECONDS = 60.0

type _Part = Literal["ok", "away"]
type _Worker = Literal["ok", "silent", "unknown"]


class _Seen(Protocol):
    at: datetime


@runtime_checkable
class _Roll(Protocol):
    """A queue that knows which workers told of themselves."""

    def workers(self) -> Sequence[_Seen]:
        """Give them."""


class ReadinessDocument(BaseModel):
    """Which parts answer.

    Without database or store nothing can be taken or shown, and ``ready`` is false. Without queue or worker
    submissions are taken and wait.
    """

    ready: bool
    database: _Part
    store: _Part
    queue: _Part
    worker: _Worker = Field(
        description="ok: one told of itself in the last minute, or holds a run; silent: none did; "
        "unknown: database or queue are away."
    )


class Readiness:
    """Asks the parts of the service, at most every two seconds.

    Parameters
    ----------
    service : Service
    """

    def __init__(self, service: Service) -> None:
        self.service = service
        self._lock = threading.Lock()
        self._last: tuple[float, ReadinessDocument] | None = None

    def now(self) -> ReadinessDocument:
        """Give the answers of all parts."""
        with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > _KEPT_SECONDS:
                self._last = (time.monotonic(), self._ask())
            return self._last[1]

    def _ask(self) -> ReadinessDocument:
        database = _answers("database", self.service.database.ping)
        store = _answers("store", self.service.files.ping)
        return ReadinessDocument(
            ready=database == store == "ok",
            database=database,
            store=store,
            queue=_answers("queue", self.service.queue.ping),
            worker=self._worker() if database == "ok" else "unknown",
        )

    def _worker(self) -> _Worker:
        since = self.service.now() - timedelta(seconds=_SILENT_SECONDS)
        queue = self.service.queue
        try:
            held = queue_now(self.service).leased
            seen = isinstance(queue, _Roll) and any(worker.at > since for worker in queue.workers())
        except Unavailable:
            return "unknown"
        return "ok" if held or seen else "silent"


def _answers(part: str, ping: Callable[[], None]) -> _Part:
    try:
        ping()
    except Unavailable as error:
        _log.error("a part does not answer", part=part, cause=str(error))
        return "away"
    return "ok"
