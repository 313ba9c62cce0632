"""Follow submissions: each is looked up once at a time, however many listen."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

import structlog
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from oceanbench_leaderboard.errors import NotFound, Unavailable
from oceanbench_leaderboard.store import FINISHED, State

__all__ = ["Progress", "Watch"]

_log = structlog.get_logger("oceanbench.web")
_LOOKS_PER_POLL = 20  # more watched submissions are looked up less often


class Progress(BaseModel):
    """Where a submission stands.

    Attributes
    ----------
    id : str
    state : str
        ``queued``, ``checking``, ``scoring``, ``scored``, ``refused`` or ``failed``.
    position : int or None
        Place in the queue, 1 is next; None where it does not wait.
    attempts : int
        How often it was tried.
    reason : str
        Why it was refused, or failed.
    """

    id: str
    state: State
    position: int | None = None
    attempts: int = 0
    reason: str = ""

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in FINISHED


@dataclass
class _Followed:
    """One submission that somebody follows; ``told`` counts what was told of it."""

    latest: Progress | None = None
    told: int = 0
    gone: bool = False
    listeners: int = 0
    news: asyncio.Condition = field(default_factory=asyncio.Condition)
    task: asyncio.Task[None] | None = None

    async def next(self, seen: int) -> Progress | None:
        """Wait for more than ``seen`` of what is told, and give the latest; None at the end."""
        async with self.news:
            await self.news.wait_for(lambda: self.told > seen or self.gone)
            return self.latest if self.told > seen else None

    async def tell(self, latest: Progress) -> None:
        if latest == self.latest:
            return
        async with self.news:
            self.latest = latest
            self.told += 1
            self.news.notify_all()

    async def end(self) -> None:
        async with self.news:
            self.gone = True
            self.news.notify_all()


class Watch:
    """Looks up the submissions that are followed.

    Parameters
    ----------
    look : callable
        Gives where a submission stands, whoever may see that; it may block.
    poll_seconds : float
        How often each is looked up, while they are few.
    repeat_seconds : float
        After how long without news the latest is given again.
    """

    def __init__(
        self, look: Callable[[str], Progress], poll_seconds: float, repeat_seconds: float = 30.0
    ) -> None:
        self.look = look
        self.poll_seconds = poll_seconds
        self.repeat_seconds = repeat_seconds
        self._followed: dict[str, _Followed] = {}

    async def follow(self, submission_id: str) -> AsyncGenerator[Progress]:
        """Give where a submission stands, now and whenever it changes, until nothing more will happen.

        Without news the latest is given again from time to time. Whoever passes it on asks each time whether
        the listener may still have it.
        """
        followed = self._join(submission_id)
        seen = 0
        try:
            while latest := await self._next(followed, seen):
                seen = followed.told
                yield latest
                if latest.final:
                    return
        finally:
            self._leave(submission_id, followed)

    async def _next(self, followed: _Followed, seen: int) -> Progress | None:
        """Give the next news, or the latest again; None at the end."""
        while True:
            try:
                async with asyncio.timeout(self.repeat_seconds):
                    return await followed.next(seen)
            except TimeoutError:
                if followed.latest is not None:
                    return followed.latest

    def _join(self, submission_id: str) -> _Followed:
        followed = self._followed.get(submission_id)
        if followed is None or followed.task is None or followed.task.done():
            followed = self._followed[submission_id] = _Followed()
            followed.task = asyncio.create_task(self._poll(followed, submission_id))
        followed.listeners += 1
        return followed

    def _leave(self, submission_id: str, followed: _Followed) -> None:
        followed.listeners -= 1
        if followed.listeners:
            return
        if followed.task is not None:
            followed.task.cancel()
        if self._followed.get(submission_id) is followed:
            del self._followed[submission_id]

    async def _poll(self, followed: _Followed, submission_id: str) -> None:
        try:
            while not await self._look_once(followed, submission_id):
                crowd = max(1.0, len(self._followed) / _LOOKS_PER_POLL)
                await asyncio.sleep(self.poll_seconds * crowd)
        except NotFound:
            pass  # it was deleted, or hidden: its listeners are told by the end of the stream
        except Exception as error:
            _log.error("a submission cannot be followed", submission=submission_id, exc_info=error)
        await followed.end()

    async def _look_once(self, followed: _Followed, submission_id: str) -> bool:
        """Look once, and tell whether nothing more will happen."""
        try:
            latest = await run_in_threadpool(self.look, submission_id)
        except Unavailable as error:  # it comes back; the stream stays open meanwhile
            _log.error("unavailable", cause=str(error))
            return False
        await followed.tell(latest)
        return latest.final
