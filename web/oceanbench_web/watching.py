"""Follow submissions: each is looked up once at a time, however many listen."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

import structlog
from oceanbench_leaderboard.accounts import Principal
from oceanbench_leaderboard.errors import NotFound, Unavailable
from oceanbench_leaderboard.store import FINISHED, State
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

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


class Watch:
    """Looks up the submissions that are followed.

    Parameters
    ----------
    look : callable
        Gives where a submission stands, for somebody who may see it; it may block.
    poll_seconds : float
        How often each is looked up, while they are few.
    """

    def __init__(self, look: Callable[[Principal | None, str], Progress], poll_seconds: float) -> None:
        self.look = look
        self.poll_seconds = poll_seconds
        self._followed: dict[str, _Followed] = {}

    async def follow(self, principal: Principal | None, submission_id: str) -> AsyncGenerator[Progress]:
        """Give where a submission stands, now and whenever it changes, until nothing more will happen.

        Whoever follows must have been let see it: what one of them sees all are told.
        """
        followed = self._join(principal, submission_id)
        seen = 0
        try:
            while True:
                async with followed.news:
                    await followed.news.wait_for(lambda: followed.told > seen or followed.gone)  # noqa: B023
                    seen, latest = followed.told, followed.latest
                if latest is not None:
                    yield latest
                if followed.gone or (latest is not None and latest.final):
                    return
        finally:
            self._leave(submission_id, followed)

    def _join(self, principal: Principal | None, submission_id: str) -> _Followed:
        followed = self._followed.get(submission_id)
        if followed is None or followed.task is None or followed.task.done():
            followed = self._followed[submission_id] = _Followed()
            followed.task = asyncio.create_task(self._poll(followed, principal, submission_id))
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

    async def _poll(self, followed: _Followed, principal: Principal | None, submission_id: str) -> None:
        while True:
            try:
                latest = await run_in_threadpool(self.look, principal, submission_id)
            except Unavailable as error:  # it comes back; the stream stays open meanwhile
                _log.error("unavailable", cause=str(error))
            except NotFound:
                await self._tell(followed, None)
                return
            else:
                await self._tell(followed, latest)
                if latest.final:
                    return
            crowd = max(1.0, len(self._followed) / _LOOKS_PER_POLL)
            await asyncio.sleep(self.poll_seconds * crowd)

    async def _tell(self, followed: _Followed, latest: Progress | None) -> None:
        if latest is not None and latest == followed.latest:
            return
        async with followed.news:
            if latest is None:
                followed.gone = True
            else:
                followed.latest = latest
                followed.told += 1
            followed.news.notify_all()
