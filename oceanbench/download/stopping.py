"""One switch that ends all transfers at once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from oceanbench.download.errors import Stopped

__all__ = ["Stop"]


class Stop:
    """A switch that workers look at, and that breaks what they are waiting for."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._breaks: dict[object, Callable[[], object]] = {}
        self._guard = threading.Lock()

    @property
    def pulled(self) -> bool:
        """Whether everybody is to end."""
        return self._event.is_set()

    def pull(self) -> None:
        """End everybody: no new waiting begins, and what is waited for is broken off."""
        with self._guard:
            self._event.set()
            breaks = list(self._breaks.values())
        for break_off in breaks:
            break_off()

    def check(self) -> None:
        """Raise ``Stopped`` once the switch is pulled."""
        if self.pulled:
            raise Stopped

    def pause(self, seconds: float) -> None:
        """Wait, unless the switch is pulled."""
        if self._event.wait(seconds):
            raise Stopped

    @contextmanager
    def breaking(self, break_off: Callable[[], object]) -> Iterator[None]:
        """Call ``break_off`` if the switch is pulled meanwhile."""
        key = object()
        with self._guard:
            if self.pulled:
                raise Stopped
            self._breaks[key] = break_off
        try:
            yield
        finally:
            with self._guard:
                del self._breaks[key]
