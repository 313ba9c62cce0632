"""The web application of the service: its parts put together."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

from anyio import CapacityLimiter
from fastapi import FastAPI
from starlette.middleware import Middleware

from oceanbench import __version__
from oceanbench_leaderboard.service import Service
from oceanbench_web import pages
from oceanbench_web.api import ROUTERS
from oceanbench_web.api.documents import API
from oceanbench_web.api.events import is_stream, look_for_all
from oceanbench_web.api.uploads import is_about_upload, is_upload
from oceanbench_web.dependencies import Parts
from oceanbench_web.heads import Heads
from oceanbench_web.kept import KeptBytes
from oceanbench_web.monitoring.access_log import AccessLog
from oceanbench_web.monitoring.metrics import Metrics
from oceanbench_web.monitoring.readiness import Readiness
from oceanbench_web.refusals import install_error_answers
from oceanbench_web.rush import Rush
from oceanbench_web.security.authentication import Authentication
from oceanbench_web.security.bodies import BodyLimits
from oceanbench_web.security.headers import SecurityHeaders
from oceanbench_web.security.hosts import KnownHosts
from oceanbench_web.security.keys import secret_key
from oceanbench_web.security.production import check_production
from oceanbench_web.security.rates import AtOnce, Rates
from oceanbench_web.security.sessions import Sessions
from oceanbench_web.settings import WebSettings
from oceanbench_web.watching import Watch

__all__ = ["create_app"]

_WRITERS = 16  # threads that write uploads
_DESCRIPTION = (
    "Boards of mapping and filtering methods, and the way onto them: upload a file, enter it, follow it. "
    "Errors have one shape: `{'error': {'kind', 'message'}}`."
)


def create_app(service: Service, settings: WebSettings | None = None) -> FastAPI:
    """Make the application of an opened service; it closes the service when it ends.

    Parameters
    ----------
    service : Service
    settings : WebSettings, optional
        Read from the environment if not given.

    Raises
    ------
    InsecureSettings
        In production mode, if settings are not safe.
    """
    settings = settings or WebSettings.from_environment()
    check_production(service.settings, settings)
    parts = _parts(service, settings)
    app = FastAPI(
        title="oceanbench",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # their pages load scripts from other hosts
        redoc_url=None,
        lifespan=_closing(service),
        middleware=_middleware(service, settings, parts),
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.parts = parts
    install_error_answers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(pages.router)
    app.state.error_page = pages.error_page
    return app


def _parts(service: Service, settings: WebSettings) -> Parts:
    sessions = Sessions(secret_key(service.settings), settings.session_days, _by_https(service))
    rates = Rates(service.settings.queue_url)
    return Parts(
        service=service,
        settings=settings,
        sessions=sessions,
        rates=rates,
        uploads=AtOnce("uploads", settings.uploads_at_once, settings.uploads_at_once_in_all),
        upload_workers=CapacityLimiter(_WRITERS),
        listeners=AtOnce("streams of events", settings.listeners_per_address, settings.listeners),
        authentication=Authentication(service, sessions, rates, settings),
        kept=KeptBytes(settings.boards_kept_bytes),
        metrics=Metrics(service),
        readiness=Readiness(service),
        watch=Watch(partial(look_for_all, service), settings.poll_seconds, settings.recognise_seconds),
    )


def _by_https(service: Service) -> bool:
    return service.settings.base_url.startswith("https://")


def _middleware(service: Service, settings: WebSettings, parts: Parts) -> list[Middleware]:
    """Give what every request passes, the outermost first."""
    host = urlsplit(service.settings.base_url).hostname
    known = (
        {host, "localhost", "127.0.0.1", "[::1]"} if host and service.settings.mode == "production" else ()
    )
    return [
        Middleware(SecurityHeaders, https=_by_https(service)),
        Middleware(AccessLog, metrics=parts.metrics, trusted_proxies=settings.trusted_proxies),
        Middleware(KnownHosts, hosts=known),
        Middleware(Heads, exempt=lambda scope: is_about_upload(scope) or is_stream(scope)),
        Middleware(Rush, crowd=settings.rush_requests, seconds=settings.rush_seconds),
        Middleware(BodyLimits, largest=settings.body_bytes, seconds=settings.read_seconds, exempt=is_upload),
    ]


def _closing(service: Service) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    return lifespan
