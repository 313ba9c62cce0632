"""The API keeps what its OpenAPI document says, whatever is sent to it."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from oceanbench_leaderboard import ranking
from oceanbench_leaderboard.service import Service
from oceanbench_web.app import create_app
from oceanbench_web.settings import WebSettings
from tests.web.api.calling import Actors, calling, digest, finish
from tests.web.api.conftest import EMBEDDED

DATA = b"a map, one would think"
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
EXAMPLES = 12


@pytest.fixture
def real(service: Service, toy_board: Path, actors: Actors) -> tuple[Any, dict[str, str]]:
    """Give the document of an app where something is on the board, and names of what is there."""
    web = WebSettings(requests_per_minute=10**6, failures_per_minute=10**6, poll_seconds=0.02)
    app = create_app(service, web)
    with calling(app) as api:
        submission = api.enter(DATA, actors.owner).json()["id"]
    finish(service, submission)
    ranking.refresh(service, "toy")
    names = {"id": submission, "challenge": "toy", "sha256": digest(DATA), "path": "index.html"}
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app), names


def try_out(operation: Any, mode: GenerationMode, names: dict[str, str], token: str) -> int:
    """Send what is generated for one operation; give the number of requests."""
    sent = 0
    checks = [*CHECKS, *([negative_data_rejection] if mode is GenerationMode.NEGATIVE else [])]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def send(case: Case) -> None:
        nonlocal sent
        if mode is GenerationMode.POSITIVE and sent % 2 and case.path_parameters:
            case.path_parameters.update({name: names[name] for name in case.path_parameters if name in names})
        sent += 1
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        case.call_and_validate(checks=checks, headers=headers, timeout=30)

    send()
    return sent


@EMBEDDED
@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("who", ["admin", "nobody"])
def test_no_request_breaks_the_service_or_its_word(
    real: tuple[Any, dict[str, str]], actors: Actors, mode: GenerationMode, who: str
) -> None:
    schema, names = real
    tried = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.POSITIVE or operation.body or operation.query or operation.path_parameters:
            assert try_out(operation, mode, names, actors.token(who)) > 0
            tried.append(operation.label)
    assert len(tried) >= 20
