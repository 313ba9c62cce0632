"""A worker process: a few threads that take up runs, one that sweeps, until it is told to stop."""

import logging
import os
import signal
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from huey.consumer import Consumer

from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.queue.messages import MessageQueue, WorkerSeen, make_huey, score_task
from oceanbench_leaderboard.queue.steps import Steps, real_steps
from oceanbench_leaderboard.queue.sweeping import sweep, tidy
from oceanbench_leaderboard.queue.working import Workplace
from oceanbench_leaderboard.service import open_service
from oceanbench_leaderboard.settings import Settings

__all__ = ["isolation", "run_worker"]

_log = structlog.get_logger(__name__)
_SWEEP_SECONDS = 15.0
_TIDY_SECONDS = 3600.0
_POLL_SECONDS = 1.0
_HEALTH_SECONDS = 5.0
_LEAVE_SECONDS = 6.0  # twice that is less than what serve gives its worker to end
_REMEMBERED = timedelta(days=1)


class _Threads(Consumer):  # type: ignore[misc]
    """huey's consumer, whose signals are ours to handle."""

    def _set_signal_handlers(self) -> None:
        pass


def _without_trace(record: logging.LogRecord) -> bool:
    """Tell of a queue that is away in one line, which huey does with a trace every second."""
    if record.exc_info and record.exc_info[1] is not None:
        record.msg, record.args = f"{record.msg}: {record.exc_info[1]}", None
        record.exc_info = None
    return True


def isolation() -> dict[str, str]:
    """Tell by what an uploaded file is kept from the rest of this machine."""
    from oceanbench_leaderboard.intake import isolation_here

    return dict(isolation_here())


def run_worker(
    settings: Settings,
    workers: int = 1,
    stop: threading.Event | None = None,
    *,
    steps: Steps | None = None,
    isolated_by: dict[str, str] | None = None,
    sweep_seconds: float = _SWEEP_SECONDS,
) -> None:
    """Work on what waits until ``stop`` is set; what is in hand then is given back at once.

    Parameters
    ----------
    settings : Settings
    workers : int
        Runs that are worked on at once.
    stop : threading.Event, optional
        Never, if not given.
    steps : Steps, optional
        What a run goes through; the real ones, if not given.
    isolated_by : dict, optional
        What is told of the isolation of uploaded files to those who ask which workers are there.
    sweep_seconds : float
        Between two sweeps.

    Raises
    ------
    Unavailable
        If the database or the queue does not answer at the start; later it is waited for.
    """
    stop = stop or threading.Event()
    service = open_service(settings)
    try:
        place = Workplace(service, steps or real_steps(warm=True))
        huey = make_huey(settings)
        score_task(huey, lambda _: _work(place))
        threads = _Threads(huey, workers=workers, periodic=False, initial_delay=0.1, max_delay=_POLL_SECONDS)
        rounds = threading.Thread(
            target=_make_rounds, args=(place, stop, isolated_by or {}, sweep_seconds), daemon=True
        )
        logging.getLogger("huey.consumer.Worker").addFilter(_without_trace)
        threads.start()
        rounds.start()
        _log.info("worker started", worker=place.name, workers=workers)
        _watch(threads, stop)
        _leave(place, threads)
        rounds.join(_LEAVE_SECONDS)
        _log.info("worker stopped", worker=place.name)
    finally:
        service.close()


def _work(place: Workplace) -> None:
    """Take up the run whose turn it is; a message that outlived its run finds none."""
    try:
        place.work_on_next()
    except Unavailable as error:  # the run waits in the database; the sweep wakes somebody for it later
        _log.warning("nothing taken up", why=str(error))


def _watch(threads: Consumer, stop: threading.Event) -> None:
    while not stop.wait(_HEALTH_SECONDS):
        threads.check_worker_health()


def _make_rounds(
    place: Workplace, stop: threading.Event, isolated_by: dict[str, str], sweep_seconds: float
) -> None:
    """Sweep and tell that this worker is there, again and again."""
    queue, next_tidying = place.service.queue, time.monotonic()
    while not stop.is_set():
        if isinstance(queue, MessageQueue):
            with suppress(Unavailable):
                queue.tell(WorkerSeen(place.name, place.service.now(), isolated_by))
                queue.forget_workers(place.service.now() - _REMEMBERED)
        sweep(place.service, place.steps)
        if time.monotonic() >= next_tidying:
            tidy(place.service)
            next_tidying = time.monotonic() + _TIDY_SECONDS
        stop.wait(sweep_seconds)
    if isinstance(queue, MessageQueue):
        with suppress(Unavailable):
            queue.dismiss(place.name)


def _leave(place: Workplace, threads: Consumer) -> None:
    """Give back what is in hand, end the processes that worked on it, and wait for the threads."""
    threads.stop()
    at_work = place.leave()
    end = time.monotonic() + _LEAVE_SECONDS
    workers = [thread for _, thread in threads.worker_threads]
    while any(thread.is_alive() for thread in workers) and time.monotonic() < end:
        for thread in at_work:
            _kill_children(thread)
        workers[0].join(0.1)
        workers = [thread for thread in workers if thread.is_alive()] or workers[:1]


def _kill_children(thread: int) -> None:
    """Kill the processes that a thread started; they have no part in anything but its job."""
    with suppress(OSError):
        listed = Path(f"/proc/self/task/{thread}/children").read_text()
        for child in map(int, listed.split()):
            with suppress(ProcessLookupError):
                _kill(child)


def _kill(child: int) -> Any:
    leads = os.getpgid(child) == child
    return os.killpg(child, signal.SIGKILL) if leads else os.kill(child, signal.SIGKILL)
