"""An app on an empty service, and those who call it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI

from oceanbench_leaderboard.service import Service
from oceanbench_web.app import create_app
from oceanbench_web.settings import WebSettings
from tests.web.api.calling import Actors, Api, calling, make_actors

EMBEDDED = pytest.mark.parametrize("service_settings", ["embedded"], indirect=True)


@pytest.fixture(autouse=True)
def _plain_log() -> Iterator[None]:
    """Draw no frames around traces, which takes seconds."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()]
    )
    yield
    structlog.reset_defaults()


@pytest.fixture
def web_settings() -> WebSettings:
    """Limits that no test reaches by accident."""
    return WebSettings(poll_seconds=0.02)


@pytest.fixture
def app(service: Service, toy_board: Path, web_settings: WebSettings) -> FastAPI:
    """An app whose service knows the challenge ``toy``."""
    return create_app(service, web_settings)


@pytest.fixture
def api(app: FastAPI) -> Iterator[Api]:
    """What calls the app."""
    with calling(app) as api:
        yield api


@pytest.fixture
def actors(service: Service) -> Actors:
    """Two teams and an administrator."""
    return make_actors(service)


@pytest.fixture
def token(actors: Actors) -> str:
    """The token of the team that owns what a test makes."""
    return actors.owner
