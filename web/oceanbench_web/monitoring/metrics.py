"""What is counted, for Prometheus."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import FINISHED, Run

__all__ = ["Metrics", "Waiting", "queue_now"]

_log = structlog.get_logger("oceanbench.web")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0)
_OPEN: tuple[str, ...] = ("queued", "checking", "scoring")


class Waiting:
    """What waits and what is worked on.

    Attributes
    ----------
    counts : dict of str to int
        Runs by state.
    oldest : datetime or None
        When the run was made that has waited longest.
    leased : int
        Runs that a worker holds now.
    """

    def __init__(self, counts: dict[str, int], oldest: datetime | None, leased: int) -> None:
        self.counts = counts
        self.oldest = oldest
        self.leased = leased


def queue_now(service: Service) -> Waiting:
    """Count the runs that are not finished, in one look.

    Raises
    ------
    Unavailable
        If the database does not answer.
    """
    held_now = func.count().filter(Run.lease_until > service.now())
    query = (
        select(Run.state, func.count(), func.min(Run.created), held_now)
        .where(Run.state.not_in(FINISHED))
        .group_by(Run.state)
    )
    counts = dict.fromkeys(_OPEN, 0)
    oldest, leased = None, 0
    with service.database.transaction(read_only=True) as session:
        for state, number, first, held in session.execute(query):
            counts[state] = number
            leased += held
            if state == "queued":
                oldest = first
    return Waiting(counts, oldest, leased)


class Metrics:
    """Counters of this process, and the queue as the database has it.

    Parameters
    ----------
    service : Service
    """

    def __init__(self, service: Service) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "oceanbench_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "oceanbench_request_seconds",
            "Time until an answer was sent.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.refused = Counter(
            "oceanbench_refused", "Requests refused, by kind.", ("kind",), registry=self.registry
        )
        self.uploaded = Counter("oceanbench_upload_bytes", "Bytes uploaded.", registry=self.registry)
        self.uploads = Gauge("oceanbench_uploads", "Uploads under way.", registry=self.registry)
        self.listeners = Gauge("oceanbench_listeners", "Streams of events open.", registry=self.registry)
        self.registry.register(_Queue(service))

    def text(self) -> bytes:
        """Give all of them as Prometheus reads them."""
        return generate_latest(self.registry)


class _Queue(Collector):
    """The queue, looked up when asked."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand: the database may be away when the registry asks."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Look at the database."""
        answers = GaugeMetricFamily("oceanbench_database_up", "Whether the database answers.")
        try:
            waiting = queue_now(self.service)
        except Unavailable as error:
            _log.error("no metrics of the queue", cause=str(error))
            answers.add_metric([], 0)
            yield answers
            return
        answers.add_metric([], 1)
        yield answers
        depth = GaugeMetricFamily("oceanbench_runs", "Runs not finished, by state.", labels=["state"])
        for state, number in waiting.counts.items():
            depth.add_metric([state], number)
        yield depth
        age = (self.service.now() - waiting.oldest).total_seconds() if waiting.oldest else 0.0
        yield GaugeMetricFamily("oceanbench_oldest_waiting_seconds", "Age of the oldest run waiting.", age)
