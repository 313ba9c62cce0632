"""Health, readiness and metrics: what answers, what is away, who may know."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.service import Service
from oceanbench_web.app import create_app
from oceanbench_web.settings import WebSettings
from tests.service_parts import Clock, Recorder
from tests.web.api.calling import Actors, Api, calling, change_run
from tests.web.api.conftest import EMBEDDED

pytestmark = EMBEDDED


@dataclass
class Seen:
    at: datetime


@dataclass
class Roll(Recorder):
    """A queue that knows when a worker was last seen, and may be away."""

    seen: list[Seen] = field(default_factory=list)
    away: bool = False

    def ping(self) -> None:
        if self.away:
            raise Unavailable("redis://:word@queue/0 does not answer")

    def workers(self) -> list[Seen]:
        self.ping()
        return self.seen


def ready(service: Service, queue: Roll) -> tuple[int, dict[str, object]]:
    altered = Service(service.settings, service.database, service.files, queue, service.now)
    with calling(create_app(altered, WebSettings())) as api:
        answer = api.get("/ready")
    return answer.status_code, answer.json()


def test_the_process_answers_whatever_is_away(api: Api, service: Service) -> None:
    service.database.close()
    assert api.get("/health").json()["status"] == "ok"


def test_a_worker_seen_lately_is_told_and_one_seen_long_ago_is_silent(
    service: Service, toy_board: object, clock: Clock
) -> None:
    assert ready(service, Roll()) == (200, {**ALL_WELL, "worker": "silent"})
    lately = Roll(seen=[Seen(clock() - timedelta(seconds=59))])
    assert ready(service, lately) == (200, ALL_WELL)
    long_ago = Roll(seen=[Seen(clock() - timedelta(seconds=61))])
    assert ready(service, long_ago) == (200, {**ALL_WELL, "worker": "silent"})


ALL_WELL = {"ready": True, "database": "ok", "store": "ok", "queue": "ok", "worker": "ok"}


def test_a_run_that_is_held_tells_of_a_worker(api: Api, token: str, service: Service, clock: Clock) -> None:
    submission = api.enter(b"x", token).json()["id"]
    change_run(service, submission, state="scoring", lease_until=clock() + timedelta(seconds=5))
    assert api.get("/ready").json() == ALL_WELL


def test_a_queue_that_is_away_is_told_and_submissions_are_still_taken(
    service: Service, toy_board: object
) -> None:
    status, told = ready(service, Roll(away=True))
    assert (status, told) == (200, {**ALL_WELL, "queue": "away", "worker": "unknown"})


@pytest.mark.parametrize("part", ["database", "files"])
def test_without_database_or_store_the_service_is_not_ready(
    api: Api, service: Service, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def fail() -> None:
        raise Unavailable("/srv/secret does not answer")

    monkeypatch.setattr(getattr(service, part), "ping", fail)
    answer = api.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json()["store" if part == "files" else part] == "away"
    assert "/srv" not in answer.text


def metrics(api: Api, token: str) -> dict[tuple[str, ...], float]:
    answer = api.get("/metrics", token=token)
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_and_refusals_by_kind(api: Api, actors: Actors) -> None:
    for name in ("toy", "2020a", "nothing"):
        api.get(f"/challenges/{name}")
    api.get("/nothing/at/all")
    api.call("BREW", "/api/v1/health")
    api.upload(b"seven b", actors.owner)
    found = metrics(api, actors.admin)
    route = "/api/v1/challenges/{challenge}"
    assert found["oceanbench_requests_total", "GET", route, "200"] == 2
    assert found["oceanbench_requests_total", "GET", route, "404"] == 1
    assert found["oceanbench_requests_total", "GET", "none", "404"] == 1
    assert found["oceanbench_request_seconds_count", "GET", route] == 3
    assert found["oceanbench_refused_total", "not_found"] == 2
    assert found["oceanbench_upload_bytes_total",] == 7
    assert found["oceanbench_requests_total", "other", "/api/v1/health", "405"] == 1


def test_the_queue_is_counted_in_the_database(
    api: Api, actors: Actors, service: Service, clock: Clock
) -> None:
    first, *_ = [api.enter(data, actors.owner).json()["id"] for data in (b"x", b"y", b"z")]
    change_run(service, first, state="scoring")
    clock.advance(90)
    found = metrics(api, actors.admin)
    depth = {state: found["oceanbench_runs", state] for state in ("queued", "checking", "scoring")}
    assert depth == {"queued": 2, "checking": 0, "scoring": 1}
    assert found["oceanbench_oldest_waiting_seconds",] == 90
    assert found["oceanbench_database_up",] == 1


def test_metrics_without_a_database_say_so(
    api: Api, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise Unavailable("gone")

    monkeypatch.setattr(service.database, "transaction", fail)
    here = Api(api.app, api.portal, address="127.0.0.1")
    found = metrics(here, "")
    assert found["oceanbench_database_up",] == 0
    assert not [name for name, *_ in found if name == "oceanbench_runs"]


def test_metrics_are_for_this_machine_and_for_administrators(api: Api, actors: Actors) -> None:
    here = Api(api.app, api.portal, address="127.0.0.1")
    assert here.get("/metrics").status_code == 200
    assert here.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 401
    assert api.get("/metrics").status_code == 401
    assert api.get("/metrics", token=actors.owner).status_code == 403
    assert api.get("/metrics", token=actors.admin).status_code == 200


@pytest.mark.parametrize(("who", "here", "away"), [("admin", 401, 401), ("all", 200, 200)])
def test_metrics_can_be_closed_and_opened(
    service: Service, toy_board: object, who: str, here: int, away: int
) -> None:
    with calling(create_app(service, WebSettings.model_validate({"metrics": who}))) as api:
        assert Api(api.app, api.portal, address="127.0.0.1").get("/metrics").status_code == here
        assert api.get("/metrics").status_code == away
