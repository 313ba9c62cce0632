"""The heartbeat of a job: renews its lease for as long as somebody works on it."""

import threading
from types import TracebackType
from typing import Self

import structlog

from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.queue.leases import Job, LeaseLost, renew
from oceanbench_leaderboard.service import Service

__all__ = ["Pulse"]

_log = structlog.get_logger(__name__)
_BEATS_PER_LEASE = 4


class Pulse:
    """Renews the lease of a job from a thread of its own while the ``with`` block runs.

    Parameters
    ----------
    service : Service
    job : Job
    """

    def __init__(self, service: Service, job: Job) -> None:
        self._service = service
        self._job = job
        self._stopped = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"pulse-{job.run_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def check(self) -> None:
        """Stop here if the run is another's by now.

        Raises
        ------
        LeaseLost
            If the last heartbeat found that out.
        """
        if self._lost.is_set():
            raise LeaseLost(f"run {self._job.run_id} was given to another worker")

    def _beat(self) -> None:
        pause = self._service.settings.limits.lease_seconds / _BEATS_PER_LEASE
        while not self._stopped.wait(pause):
            try:
                held = renew(self._service, self._job)
            except Unavailable as error:  # the next beat may come through before the lease ends
                _log.warning("lease not renewed", run=self._job.run_id, error=str(error))
                continue
            if not held:
                self._lost.set()
                return
