"""A worker's way with one run: claim it, score it, and end or give back whatever comes of it."""

import errno
import os
import secrets
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import structlog

from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.queue.leases import (
    Job,
    LeaseLost,
    claim,
    claim_next,
    end,
    give_back,
    renew,
    resume,
)
from oceanbench_leaderboard.queue.pipeline import score_job
from oceanbench_leaderboard.queue.pulse import Pulse
from oceanbench_leaderboard.queue.steps import Failure, Hopeless, NotHere, Refusal, Steps, real_steps
from oceanbench_leaderboard.service import Service

__all__ = ["Workplace", "work_on", "worker_name"]

_log = structlog.get_logger(__name__)
_ROOM_OVER_UPLOAD, _ROOM = 6, 16 << 20
_AWAY = "the database, the store or the disk of the service was away; it is tried again"
_BROKE = "the service failed; it is tried again"

# what a disk or a network does that mends itself, or is mended by people who look after the machine
_PASSING = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENOMEM, errno.EAGAIN, errno.EMFILE),
    *(errno.ENFILE, errno.EACCES, errno.ETIMEDOUT, errno.ECONNREFUSED, errno.ECONNRESET, errno.EPIPE),
}


def worker_name() -> str:
    """Make a name for this worker: machine, process, and something that no second start has."""
    return f"{socket.gethostname()[:100]}:{os.getpid()}:{secrets.token_hex(3)}"


def work_on(service: Service, run_id: int) -> None:
    """Take up one run, if it waits, and bring it to its end.

    Parameters
    ----------
    service : Service
    run_id : int
    """
    Workplace(service).work_on(run_id)


class Workplace:
    """A worker and the jobs it has in hand.

    Parameters
    ----------
    service : Service
    steps : Steps, optional
        What a job goes through; the real ones, if not given.
    name : str, optional
    """

    def __init__(self, service: Service, steps: Steps | None = None, name: str = "") -> None:
        self.service = service
        self.steps = real_steps() if steps is None else steps
        self.name = name or worker_name()
        self._jobs: dict[str, tuple[Job, int]] = {}
        self._lock = threading.Lock()
        self._closed = False

    def work_on(self, run_id: int) -> bool:
        """Bring one run to its end; tells whether it was there to take."""
        return self._attend(None if self._closed else claim(self.service, self.name, run_id))

    def work_on_next(self) -> bool:
        """Bring the run whose turn it is to its end; tells whether there was one."""
        return self._attend(None if self._closed else claim_next(self.service, self.name))

    def leave(self) -> list[int]:
        """Give back what is in hand, and take up nothing more.

        Returns
        -------
        list of int
            The threads that were at work, as the system numbers them.
        """
        with self._lock:
            self._closed = True
            jobs = list(self._jobs.values())
        for job, _ in jobs:
            self._tell(job, partial(resume, self.service, job))
        return [thread for _, thread in jobs]

    def _attend(self, job: Job | None) -> bool:
        if job is None:
            return False
        with self._in_hand(job), structlog.contextvars.bound_contextvars(run=job.run_id):
            _log.info("taken up", submission=job.submission_id, attempt=job.attempt)
            self._score(job)
        return True

    @contextmanager
    def _in_hand(self, job: Job) -> Iterator[None]:
        with self._lock:
            self._jobs[job.lease] = (job, threading.get_native_id())
            closed = self._closed
        try:
            if closed:
                self._tell(job, partial(resume, self.service, job))
            yield
        finally:
            with self._lock:
                del self._jobs[job.lease]

    def _score(self, job: Job) -> None:
        try:
            with Pulse(self.service, job) as pulse:
                score_job(self.service, job, self.steps, pulse)
            _log.info("scored", submission=job.submission_id)
        except LeaseLost as error:
            _log.warning("left to another worker", why=str(error))
        except Refusal as error:
            reason, problems = str(error), error.problems
            _log.info("refused", submission=job.submission_id, why=reason)
            self._tell(job, partial(end, self.service, job, "refused", reason, problems))
        except Hopeless as error:
            if not self._has_room(job):
                self._hand_back(job, error)
                return
            reason = str(error)
            _log.warning("failed", submission=job.submission_id, why=reason)
            self._tell(job, partial(end, self.service, job, "failed", reason))
        except Exception as error:
            self._hand_back(job, error)

    def _hand_back(self, job: Job, error: Exception) -> None:
        if self._is_lost(job):
            # whoever holds it now, or swept up after us, may have pulled the ground from under this attempt
            _log.warning("left to another worker", why=str(error))
            return
        if isinstance(error, Unavailable) or (isinstance(error, OSError) and error.errno in _PASSING):
            _log.error("away", why=str(error))
            words, counts = _AWAY, False
        elif not self._has_room(job):  # what the two processes say of a full disk differs: look for ourselves
            _log.error("no room in scratch space", why=str(error))
            words, counts = _AWAY, False
        elif isinstance(error, NotHere):
            _log.warning("left to a worker that knows more", why=str(error))
            words, counts = f"{error}; another one is waited for", False
        elif isinstance(error, Failure):
            words, counts = f"{error}; it is tried again", True
        else:
            _log.exception("broke")
            words, counts = _BROKE, True
        self._tell(job, partial(give_back, self.service, job, words, counts=counts))

    def _has_room(self, job: Job) -> bool:
        """Tell whether a job fits the disk: its file, its values as float64, its report."""
        try:
            free = shutil.disk_usage(self.service.settings.scratch).free
        except FileNotFoundError:  # nothing was ever put there
            return True
        except OSError:
            return False
        return free > _ROOM_OVER_UPLOAD * job.size + _ROOM

    def _is_lost(self, job: Job) -> bool:
        try:
            return not renew(self.service, job)
        except Unavailable:
            return False

    def _tell(self, job: Job, write: Callable[[], None]) -> None:
        """Write how a job ended; where the database is away the lease runs out instead."""
        try:
            write()
        except LeaseLost as error:
            _log.warning("left to another worker", why=str(error))
        except Unavailable as error:
            _log.error("database away; the lease runs out instead", run=job.run_id, why=str(error))
