"""How far a transfer is: bytes that are here, the rate of those that come in, the time that is left."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Meter", "SilentTransfer", "Standing", "TransferProgress"]

_WINDOW = 8.0  # seconds that the rate is a mean over
_REDRAW = 0.1  # seconds between two pictures


@dataclass(frozen=True)
class Standing:
    """Where all files together stand.

    Parameters
    ----------
    done : int
        Bytes that are here, those of earlier runs included.
    total : int or None
        Bytes of all files; None while the size of one of them is unknown.
    rate : float or None
        Bytes per second that came over the wire in the last seconds; None before the first ones.
    files_done, files : int
        Files in their place, and files asked for.
    """

    done: int
    total: int | None
    rate: float | None
    files_done: int
    files: int

    @property
    def seconds_left(self) -> float | None:
        """Time until all is here at the present rate; None where that is unknown."""
        if self.total is None or not self.rate:
            return None
        return max(self.total - self.done, 0) / self.rate


class TransferProgress(Protocol):
    """Draws a transfer. Calls never overlap, but come from several threads."""

    def show(self, standing: Standing) -> None:
        """Draw where all files together stand; at most ten times a second."""

    def say(self, sentence: str) -> None:
        """Tell what happened: a file is in place, a place failed, another process is waited for."""


class SilentTransfer:
    """Draws nothing."""

    def show(self, standing: Standing) -> None:
        """Do nothing."""

    def say(self, sentence: str) -> None:
        """Do nothing."""


@dataclass
class _File:
    done: int = 0
    total: int | None = None
    finished: bool = False


class Meter:
    """Adds up what the files report; safe to use from several threads.

    Parameters
    ----------
    progress : TransferProgress
        What draws.
    sizes : iterable of (name, bytes or None)
        All files, and how large they are as far as known.
    clock : callable, optional
        Seconds, rising.
    """

    def __init__(
        self,
        progress: TransferProgress,
        sizes: Iterable[tuple[str, int | None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._progress = progress
        self._clock = clock
        self._files = {name: _File(total=size) for name, size in sizes}
        self._guard = threading.Lock()
        self._told: set[str] = set()
        self._received = 0
        self._marks: deque[tuple[float, int]] = deque()
        self._shown = float("-inf")

    def stand(self, name: str, done: int, total: int | None) -> None:
        """Say how much of a file is here, without any of it having come just now."""
        with self._guard:
            file = self._files[name]
            file.done = done
            file.total = file.total if total is None else total
            self._draw()

    def receive(self, name: str, count: int) -> None:
        """Add bytes that came over the wire."""
        with self._guard:
            if not self._marks:
                self._marks.append((self._clock(), self._received))
            self._files[name].done += count
            self._received += count
            self._draw()

    def finish(self, name: str, size: int, sentence: str) -> None:
        """Count a file as being in its place."""
        with self._guard:
            self._files[name] = _File(size, size, True)
            self._draw(now=True)
            self._progress.say(sentence)

    def say(self, sentence: str) -> None:
        """Pass a sentence on."""
        with self._guard:
            self._progress.say(sentence)

    def say_once(self, name: str, reason: str) -> None:
        """Tell a reason with the first file it concerns: a server that is down is so for every file."""
        with self._guard:
            if reason not in self._told:
                self._told.add(reason)
                self._progress.say(f"{name}: {reason}")

    def refresh(self) -> None:
        """Draw anew though nothing came: the rate falls while a transfer stands still."""
        with self._guard:
            self._draw()

    def _standing(self, now: float) -> Standing:
        files = self._files.values()
        totals = [file.total for file in files]
        known = [total for total in totals if total is not None]
        total = sum(known) if len(known) == len(totals) else None
        finished = sum(file.finished for file in files)
        return Standing(sum(file.done for file in files), total, self._rate(now), finished, len(totals))

    def _rate(self, now: float) -> float | None:
        while len(self._marks) > 1 and now - self._marks[1][0] >= _WINDOW:
            self._marks.popleft()
        if not self._marks or now <= self._marks[0][0]:
            return None
        return (self._received - self._marks[0][1]) / (now - self._marks[0][0])

    def _draw(self, now: bool = False) -> None:
        time_now = self._clock()
        if not now and time_now - self._shown < _REDRAW:
            return
        self._shown = time_now
        if self._marks:
            self._marks.append((time_now, self._received))
        self._progress.show(self._standing(time_now))
