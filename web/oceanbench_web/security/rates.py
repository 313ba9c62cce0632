"""How often: requests of a caller, refused secrets of an address; and how many at once."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from oceanbench_web.errors import RateLimited

__all__ = ["AtOnce", "Rates"]

_log = structlog.get_logger("oceanbench.web")


class Rates:
    """Counts what a caller does in a minute.

    Parameters
    ----------
    queue_url : str
        Where the queue is: all web processes count together if it is a Redis, each for itself if not.
    """

    def __init__(self, queue_url: str = "") -> None:
        shared = queue_url.startswith(("redis://", "rediss://"))
        self._limiter = FixedWindowRateLimiter(_storage(queue_url) if shared else MemoryStorage())
        self._own = FixedWindowRateLimiter(MemoryStorage()) if shared else self._limiter

    def hit(self, what: str, who: str, per_minute: int) -> None:
        """Count one deed.

        Raises
        ------
        RateLimited
            If there were ``per_minute`` of them in this minute already.
        """
        item = RateLimitItemPerMinute(per_minute)
        limiter = self._limiter
        try:
            free = limiter.hit(item, what, who)
        except Exception as error:  # whatever the client of the storage raises: see _lost
            limiter = self._lost(error)
            free = limiter.hit(item, what, who)
        if not free:
            raise _refused(limiter, item, what, who)

    def _lost(self, error: Exception) -> FixedWindowRateLimiter:
        """Count in this process while the shared storage is away; boards are shown without it too."""
        if self._own is self._limiter:
            raise error
        _log.warning("rates are counted in this process", cause=type(error).__name__)
        return self._own


class AtOnce:
    """Counts what a caller has under way in this process.

    Parameters
    ----------
    what : str
        In words, for the message.
    each, in_all : int
        How many a caller, and all together, may have.
    """

    def __init__(self, what: str, each: int, in_all: int) -> None:
        self.what = what
        self.each = each
        self.in_all = in_all
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def one_of(self, who: str) -> Iterator[None]:
        """Hold one place for the length of the block.

        Raises
        ------
        RateLimited
            If all places are taken.
        """
        with self._lock:
            if self._counts[who] >= self.each or self._counts.total() >= self.in_all:
                raise RateLimited(f"too many {self.what} at once; wait for one to end", retry_after=5.0)
            self._counts[who] += 1
        try:
            yield
        finally:
            with self._lock:
                self._counts[who] -= 1
                if not self._counts[who]:
                    del self._counts[who]

    @property
    def count(self) -> int:
        """How many places are taken."""
        return self._counts.total()


def _storage(url: str) -> Storage:
    storage = storage_from_string(url, socket_timeout=1.0, socket_connect_timeout=1.0)
    assert isinstance(storage, Storage)  # the address names none of the asynchronous ones
    return storage


def _refused(limiter: FixedWindowRateLimiter, item: RateLimitItem, what: str, who: str) -> RateLimited:
    reset = limiter.get_window_stats(item, what, who).reset_time
    wait = max(1.0, reset - time.time())
    return RateLimited(f"more than {item.amount} {what} in a minute; wait {wait:.0f} s", retry_after=wait)
