"""Route: follow a submission by server-sent events."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.requests import Request

from oceanbench_leaderboard import submissions
from oceanbench_leaderboard.accounts import Principal
from oceanbench_leaderboard.service import Service
from oceanbench_web.api.documents import API
from oceanbench_web.api.submissions import SubmissionId
from oceanbench_web.dependencies import Asker, Parts, TheParts
from oceanbench_web.refusals import documented
from oceanbench_web.security.addresses import address_key, client_address
from oceanbench_web.watching import Progress

__all__ = ["look_at", "router"]

router = APIRouter(prefix=f"{API}/submissions", tags=["submissions"])

_RETRY_MILLISECONDS = 3000


def look_at(service: Service, principal: Principal | None, submission_id: str) -> Progress:
    """Give where a submission stands.

    Raises
    ------
    NotFound
        If there is none that the asker may see.
    """
    view = submissions.view(service, principal, submission_id)
    return Progress(
        id=view.id, state=view.state, position=view.position, attempts=view.attempts, reason=view.reason
    )


def _may_listen(id: SubmissionId, parts: TheParts, principal: Asker) -> Principal | None:
    """Refuse before the stream begins, with a status that says why."""
    look_at(parts.service, principal, id)
    return principal


async def _place(request: Request, parts: TheParts) -> AsyncIterator[None]:
    """Hold one of the places for listeners."""
    address = address_key(client_address(request.scope, parts.settings.trusted_proxies))
    with parts.listeners.one_of(address), parts.metrics.listeners.track_inprogress():
        yield


@router.get(
    "/{id}/events",
    summary="Follow it",
    response_class=EventSourceResponse,
    responses=documented(404, 422, by_name=True),
)
async def follow_submission(
    id: SubmissionId,
    parts: TheParts,
    principal: Annotated[Principal | None, Depends(_may_listen)],
    _: Annotated[None, Depends(_place)],
) -> AsyncIterator[ServerSentEvent]:
    """Give an event ``state`` at once and at every change, until nothing more will happen.

    Its data has ``id``, ``state``, ``position`` in the queue, ``attempts`` and ``reason``. The stream ends
    with a final state, or after some minutes: then connect again.
    """
    async with aclosing(_progress(parts, principal, id)) as news:
        async for progress in news:
            yield ServerSentEvent(data=progress, event="state", retry=_RETRY_MILLISECONDS)


async def _progress(parts: Parts, principal: Principal | None, id: str) -> AsyncGenerator[Progress]:
    deadline = asyncio.get_running_loop().time() + parts.settings.listening_seconds
    async with aclosing(parts.watch.follow(principal, id)) as news:
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    progress = await anext(news)
            except (TimeoutError, StopAsyncIteration):
                return
            yield progress
