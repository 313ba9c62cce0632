"""Parts of a service for tests: a clock that is told the time, a queue that only remembers."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

__all__ = ["Clock", "Recorder"]


@dataclass
class Clock:
    """A clock that stands still."""

    time: datetime = datetime(2026, 6, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Give the time."""
        return self.time

    def advance(self, seconds: float) -> None:
        """Move it on."""
        self.time += timedelta(seconds=seconds)


@dataclass
class Recorder:
    """A queue that only remembers which runs it was told of."""

    woken: list[int] = field(default_factory=list)

    def wake(self, run_id: int) -> None:
        """Remember the run."""
        self.woken.append(run_id)

    def ping(self) -> None:
        """Answer."""

    def close(self) -> None:
        """Have nothing to give back."""
