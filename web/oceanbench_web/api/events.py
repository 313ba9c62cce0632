"""Route: follow a submission by server-sent events."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Scope

from oceanbench_leaderboard import submissions
from oceanbench_leaderboard.accounts import OPERATOR, Principal
from oceanbench_leaderboard.errors import NotFound, Unauthorised, Unavailable
from oceanbench_leaderboard.service import Service
from oceanbench_web.api.documents import API
from oceanbench_web.api.submissions import SubmissionId
from oceanbench_web.dependencies import Asker, Parts, TheParts
from oceanbench_web.refusals import documented
from oceanbench_web.security.addresses import address_key, client_address
from oceanbench_web.watching import Progress

__all__ = ["is_stream", "look_for_all", "router"]

router = APIRouter(prefix=f"{API}/submissions", tags=["submissions"])

_RETRY_MILLISECONDS = 3000


def is_stream(scope: Scope) -> bool:
    """Tell whether a request asks for a stream of events."""
    path: str = scope["path"]
    return path.startswith(f"{API}/submissions/") and path.endswith("/events") and path.count("/") == 5


def look_for_all(service: Service, submission_id: str) -> Progress:
    """Give where a submission stands, to be told to those who may see it.

    Raises
    ------
    NotFound
        If there is none.
    """
    return _look_at(service, OPERATOR, submission_id)


def _look_at(service: Service, principal: Principal | None, submission_id: str) -> Progress:
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


def _may_listen(id: SubmissionId, parts: TheParts, principal: Asker) -> None:
    """Refuse before the stream begins, with a status that says why."""
    _look_at(parts.service, principal, id)


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
    request: Request,
    id: SubmissionId,
    parts: TheParts,
    _: Annotated[None, Depends(_may_listen)],
    __: Annotated[None, Depends(_place)],
) -> AsyncIterator[ServerSentEvent]:
    """Give an event ``state`` at once and at every change, until nothing more will happen.

    Its data has ``id``, ``state``, ``position`` in the queue, ``attempts`` and ``reason``. The stream ends
    with a final state, or after some minutes: then connect again. It also ends where the caller may not see
    the submission any more, for instance because the token was revoked.
    """
    async with aclosing(_progress(parts, request, id)) as news:
        async for progress in news:
            yield ServerSentEvent(data=progress, event="state", retry=_RETRY_MILLISECONDS)


async def _progress(parts: Parts, request: Request, id: str) -> AsyncGenerator[Progress]:
    """Give the news while the listener may have them."""
    deadline = asyncio.get_running_loop().time() + parts.settings.listening_seconds
    told: Progress | None = None
    async with aclosing(parts.watch.follow(id)) as news:
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    progress = await anext(news)
            except (TimeoutError, StopAsyncIteration):
                return
            if not await run_in_threadpool(_may_still, parts, request, id):
                return
            if progress != told:
                yield progress
            told = progress


def _may_still(parts: Parts, request: Request, id: str) -> bool:
    """Recognise the listener anew, and tell whether they may see the submission."""
    try:
        _look_at(parts.service, parts.authentication.recognise_again(request), id)
    except (Unauthorised, NotFound, Unavailable):  # if the database is away, they connect again
        return False
    return True
