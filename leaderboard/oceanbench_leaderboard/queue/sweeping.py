"""The sweep: finds what was forgotten, by whichever worker comes by; any number may sweep at once."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import select

from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.queue.cleaning import clean_leftovers, clean_scratch, clean_uploads
from oceanbench_leaderboard.queue.leases import count_ready, take_from_the_dead
from oceanbench_leaderboard.queue.messages import MessageQueue
from oceanbench_leaderboard.queue.rescoring import queue_orphaned_duplicates, queue_rescoring
from oceanbench_leaderboard.queue.steps import Steps, real_steps
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Run
from oceanbench_leaderboard.submissions import drop_refused

__all__ = ["sweep", "tidy", "wake_forgotten"]

_log = structlog.get_logger(__name__)
_AT_ONCE = 200


def sweep(service: Service, steps: Steps | None = None) -> None:
    """Do what is left undone.

    Runs of silent workers wait again; submissions of an old version of their challenge, and copies of what
    was deleted, get a new run; waiting runs that no message speaks of get one; boards that do not show what
    was scored are made anew; scratch of dead workers, uploads that nobody entered and files that were
    refused some time ago are removed. What cannot be done now, for instance because the store is away, is
    left to the next sweep.

    Parameters
    ----------
    service : Service
    steps : Steps, optional
        Where the boards are made; the real ones, if not given.
    """
    steps = steps or real_steps()
    _try("runs of silent workers", take_from_the_dead, service)
    _try("runs of new versions", queue_rescoring, service)
    _try("copies of deleted submissions", queue_orphaned_duplicates, service)
    _try("forgotten runs", wake_forgotten, service)
    _try("stale boards", partial(_refresh_outdated, steps), service)
    _try("stale scratch", clean_scratch, service)
    _try("unused uploads", clean_uploads, service)
    _try("files of refused submissions", _drop_refused, service)


def tidy(service: Service) -> None:
    """Do what looks at every file of the store, and need not be done often."""
    _try("half-written files", clean_leftovers, service)


def wake_forgotten(service: Service) -> int:
    """Wake workers for as many runs as wait beyond the messages that are under way; gives how many.

    A message wakes for whichever run is next, so only their number matters.
    """
    with service.database.transaction(read_only=True) as session:
        ready = count_ready(service, session)
        if not ready:
            return 0
        waiting = session.scalars(
            select(Run.id).where(Run.state == "queued").order_by(Run.id).limit(_AT_ONCE)
        ).all()
    queue = service.queue
    missing = ready - (queue.pending() if isinstance(queue, MessageQueue) else 0)
    woken = waiting[: max(missing, 0)]
    for run_id in woken:
        queue.wake(run_id)
    return len(woken)


def _refresh_outdated(steps: Steps, service: Service) -> int:
    """Make the boards anew that do not show what was scored; one that breaks does not keep back others."""
    outdated = steps.outdated(service)
    for challenge in outdated:
        try:
            steps.refresh(service, challenge)
        except Exception:
            _log.exception("board not made anew", challenge=challenge)
    return len(outdated)


def _drop_refused(service: Service) -> int:
    kept = timedelta(days=service.settings.limits.keep_refused_days)
    return drop_refused(service, service.now() - kept)


def _try(what: str, deed: Callable[[Service], int], service: Service) -> None:
    try:
        done = deed(service)
    except Unavailable as error:
        _log.warning("sweep waits", what=what, why=str(error))
    except Exception:
        _log.exception("sweep broke", what=what)
    else:
        if done:
            _log.info("swept", what=what, count=done)
