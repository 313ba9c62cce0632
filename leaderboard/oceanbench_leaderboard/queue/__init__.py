"""The queue of the service: what wakes a worker, and what a worker does.

The names below are loaded when they are first used: to wake a worker nothing that works is imported.
"""

from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench_leaderboard.queue.messages import MessageQueue as MessageQueue
    from oceanbench_leaderboard.queue.messages import WorkerSeen as WorkerSeen
    from oceanbench_leaderboard.queue.messages import make_huey as make_huey
    from oceanbench_leaderboard.queue.messages import open_queue as open_queue
    from oceanbench_leaderboard.queue.running import run_worker as run_worker
    from oceanbench_leaderboard.queue.steps import Steps as Steps
    from oceanbench_leaderboard.queue.steps import real_steps as real_steps
    from oceanbench_leaderboard.queue.sweeping import sweep as sweep
    from oceanbench_leaderboard.queue.working import Workplace as Workplace
    from oceanbench_leaderboard.queue.working import work_on as work_on

_HOMES = {
    "MessageQueue": "messages",
    "Steps": "steps",
    "WorkerSeen": "messages",
    "Workplace": "working",
    "make_huey": "messages",
    "open_queue": "messages",
    "real_steps": "steps",
    "run_worker": "running",
    "sweep": "sweeping",
    "work_on": "working",
}

__all__ = [
    "MessageQueue",
    "Steps",
    "WorkerSeen",
    "Workplace",
    "make_huey",
    "open_queue",
    "real_steps",
    "run_worker",
    "sweep",
    "work_on",
]

__getattr__ = lazy_names(__name__, _HOMES)
