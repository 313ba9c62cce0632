"""Routes: whether the service lives, whether it can work, and what it counts."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from oceanbench import __version__
from oceanbench_leaderboard.accounts import Principal, may, require
from oceanbench_leaderboard.errors import Unauthorised
from oceanbench_web.api.documents import API
from oceanbench_web.dependencies import Asker, Parts, TheParts
from oceanbench_web.monitoring.readiness import ReadinessDocument
from oceanbench_web.refusals import documented
from oceanbench_web.security.addresses import is_loopback

__all__ = ["router"]

router = APIRouter(prefix=API, tags=["operations"])


class Health(BaseModel):
    """That the process answers."""

    status: str
    version: str


@router.get("/health", summary="Whether the process lives")
async def show_health() -> Health:
    """Answer, without asking any other part."""
    return Health(status="ok", version=__version__)


@router.get(
    "/ready",
    summary="Whether the service can work now",
    response_model=ReadinessDocument,
    responses={503: {"model": ReadinessDocument, "description": "Database or store do not answer."}},
)
def show_readiness(parts: TheParts) -> Response:
    """Say which parts answer."""
    document = parts.readiness.now()
    return JSONResponse(document.model_dump(), status_code=200 if document.ready else 503)


@router.get(
    "/metrics",
    summary="What the service counts, for Prometheus",
    response_class=Response,
    responses={
        **documented(),
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Text format."},
    },
)
def show_metrics(request: Request, parts: TheParts, principal: Asker) -> Response:
    """Give the counters of this process, and the queue; for administrators and callers of this machine."""
    _check_metrics(request, parts, principal)
    return Response(parts.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _check_metrics(request: Request, parts: Parts, principal: Principal | None) -> None:
    who = parts.settings.metrics
    here = who == "loopback" and is_loopback(request.scope, parts.settings.trusted_proxies)
    if who == "all" or here or may(principal, "administer"):
        return
    if principal is None:
        raise Unauthorised("the metrics are for administrators; send a token with the scope 'admin'")
    require(principal, "administer", "the metrics")
