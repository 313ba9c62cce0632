"""Bytes from a connection into a part of an upload: bounded memory, bounded patience, nothing lost."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from anyio import CancelScope, CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.types import Receive

from oceanbench_leaderboard.submissions import UploadState

__all__ = ["Pace", "PartSink", "receive_part"]

_PIECE = 256 << 10  # bytes that are handed to the disk at once
_CLOSE = {"Connection": "close"}


class PartSink(Protocol):
    """Takes the bytes of a part; see :func:`oceanbench_leaderboard.submissions.open_part`."""

    def write(self, data: bytes, /) -> object:
        """Take some bytes."""

    def close(self) -> UploadState:
        """Keep what came."""

    def abandon(self) -> None:
        """Keep nothing of it."""


class Pace:
    """Watches that a client does not keep a connection for ever.

    Only the time that we wait for the client counts, not the time that our disk takes.

    Parameters
    ----------
    seconds : float
        How long it may send nothing, and the waiting over which its rate is measured.
    slowest : int
        Bytes per second of waiting that it must keep up.
    clock : callable
        Gives seconds.
    """

    def __init__(self, seconds: float, slowest: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self.slowest = slowest
        self.clock = clock
        self._waited, self._came = 0.0, 0

    def note(self, came: int, waited: float) -> None:
        """Note bytes that came, and how long they were waited for.

        Raises
        ------
        HTTPException
            408 if too few came in the last stretch of waiting.
        """
        self._came += came
        self._waited += waited
        if self._waited < self.seconds:
            return
        rate = self._came / self._waited
        self._waited, self._came = 0.0, 0
        if rate < self.slowest:
            raise HTTPException(
                408, f"{rate:.0f} bytes per second are too slow; at least {self.slowest} are needed", _CLOSE
            )


async def receive_part(
    receive: Receive,
    sink: PartSink,
    length: int,
    pace: Pace,
    workers: CapacityLimiter,
    count: Callable[[float], object] = lambda _: None,
) -> UploadState:
    """Move the body of a request into a part of an upload.

    Parameters
    ----------
    receive : callable
        Gives the messages of the request.
    sink : PartSink
        Where the bytes go; it is closed or abandoned in any case.
    length : int
        Bytes that were told.
    pace : Pace
    workers : CapacityLimiter
        Threads that write for all uploads.
    count : callable
        Told of the bytes as they are kept.

    Returns
    -------
    UploadState
        After the part was kept.

    Raises
    ------
    HTTPException
        408 if the client is too slow, 400 if the connection broke; what came is kept. Also 400 if more bytes
        come than were told: all of them are thrown away.
    """
    transfer = _Transfer(sink, length, workers, count)
    try:
        more = True
        while more:
            data, more = await _next(receive, pace)
            await transfer.take(data)
        if transfer.came < length:
            raise HTTPException(400, f"the body ended after {transfer.came} of {length} bytes", _CLOSE)
    except _TooMuch:
        await transfer.abandon()
        raise HTTPException(400, f"more than the {length} bytes that were told came", _CLOSE) from None
    except (HTTPException, asyncio.CancelledError):
        with CancelScope(shield=True):  # a server that is told to end keeps what it has
            await transfer.keep()
        raise
    except BaseException:
        await transfer.abandon()
        raise
    return await transfer.keep()


class _TooMuch(Exception):
    """More bytes than were told."""


class _Transfer:
    """Collects bytes into pieces of a good size, and hands them to a thread."""

    def __init__(
        self, sink: PartSink, length: int, workers: CapacityLimiter, count: Callable[[float], object]
    ) -> None:
        self.sink = sink
        self.length = length
        self.workers = workers
        self.count = count
        self.came = 0
        self.held = bytearray()

    async def take(self, data: bytes) -> None:
        self.came += len(data)
        if self.came > self.length:
            raise _TooMuch
        self.held += data
        if len(self.held) >= _PIECE:
            await self._write()

    async def keep(self) -> UploadState:
        try:
            await self._write()
        except BaseException:
            await self.abandon()
            raise
        return await to_thread.run_sync(self.sink.close, limiter=self.workers)

    async def abandon(self) -> None:
        await to_thread.run_sync(self.sink.abandon, limiter=self.workers)

    async def _write(self) -> None:
        if self.held:
            piece, self.held = bytes(self.held), bytearray()
            await to_thread.run_sync(self.sink.write, piece, limiter=self.workers)
            self.count(len(piece))


async def _next(receive: Receive, pace: Pace) -> tuple[bytes, bool]:
    begun = pace.clock()
    try:
        async with asyncio.timeout(pace.seconds):
            message = await receive()
    except TimeoutError:
        raise HTTPException(
            408, f"nothing came for {pace.seconds:g} s; go on from the offset", _CLOSE
        ) from None
    if message["type"] == "http.disconnect":  # nobody reads this answer, but the log does
        raise HTTPException(400, "the connection broke; go on from the offset")
    data: bytes = message.get("body", b"")
    pace.note(len(data), pace.clock() - begun)
    return data, bool(message.get("more_body", False))
