"""How often and how many at once, by caller, and when the shared count is away."""

import pytest
import structlog
from limits.errors import StorageError

from oceanbench_leaderboard.accounts import issue_token
from oceanbench_leaderboard.service import Service
from oceanbench_web.errors import RateLimited
from oceanbench_web.security.rates import AtOnce, Rates
from oceanbench_web.settings import WebSettings
from tests.engines import Engines
from tests.web.api.calling import Actors, Api
from tests.web.api.conftest import EMBEDDED


def test_a_caller_has_so_many_in_a_minute_and_another_its_own() -> None:
    rates = Rates()
    for _ in range(3):
        rates.hit("requests", "a", 3)
    with pytest.raises(RateLimited, match="more than 3 requests in a minute") as refused:
        rates.hit("requests", "a", 3)
    assert 1 <= refused.value.retry_after <= 60
    rates.hit("requests", "b", 3)
    rates.hit("sign-ins", "a", 3)


def test_all_web_processes_count_together_where_there_is_a_redis(engines: Engines) -> None:
    url = engines.redis_url()
    Rates(url).hit("requests", "a", 1)
    with pytest.raises(RateLimited, match="more than 1 requests"):
        Rates(url).hit("requests", "a", 1)


def test_where_the_redis_is_away_each_process_counts_for_itself() -> None:
    rates = Rates("redis://127.0.0.1:1/0")
    with structlog.testing.capture_logs() as lines:
        rates.hit("requests", "a", 1)
        with pytest.raises(RateLimited, match="more than 1 requests"):
            rates.hit("requests", "a", 1)
    assert {line["event"] for line in lines} == {"rates are counted in this process"}


def test_a_fault_of_counting_in_memory_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = Rates()

    def fail(*_: object) -> bool:
        raise StorageError(RuntimeError("broken"))

    monkeypatch.setattr(rates._limiter, "hit", fail)
    with pytest.raises(StorageError):
        rates.hit("requests", "a", 1)


def test_places_are_given_back_also_after_a_failure() -> None:
    places = AtOnce("uploads", each=1, in_all=10)
    with pytest.raises(ZeroDivisionError), places.one_of("a"):
        raise ZeroDivisionError
    assert places.count == 0
    with places.one_of("a"):
        pass


def test_a_caller_has_so_many_places_and_all_together_have_some() -> None:
    places = AtOnce("uploads", each=2, in_all=3)
    with places.one_of("a"), places.one_of("a"):
        with pytest.raises(RateLimited, match="too many uploads at once"), places.one_of("a"):
            pass
        with (
            places.one_of("b"),
            pytest.raises(RateLimited, match="too many uploads at once"),
            places.one_of("c"),
        ):
            pass
    assert places.count == 0


@EMBEDDED
@pytest.mark.parametrize("web_settings", [WebSettings(failures_per_minute=3)])
def test_an_address_that_guesses_tokens_is_stopped_and_good_tokens_are_taken(
    api: Api, actors: Actors
) -> None:
    wrong = actors.owner[:-3] + "xyz"
    statuses = [api.get("/me", token=wrong).status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert api.get("/me", token=actors.owner).status_code == 200
    assert api.get("/me", token=wrong).status_code == 429
    assert int(api.get("/me", token=wrong).headers["retry-after"]) >= 1
    assert api.get("/health").status_code == 200
    elsewhere = Api(api.app, api.portal, address="198.51.100.9")
    assert elsewhere.get("/me", token=wrong).status_code == 401


@EMBEDDED
@pytest.mark.parametrize("web_settings", [WebSettings(requests_per_minute=3)])
def test_requests_are_counted_by_token_not_by_address(api: Api, actors: Actors, service: Service) -> None:
    statuses = [api.get("/me", token=actors.owner).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert api.get("/me", token=actors.other).status_code == 200
    assert api.get("/challenges/toy/board").status_code == 200


@EMBEDDED
@pytest.mark.parametrize("web_settings", [WebSettings(requests_per_minute=3, team_requests_per_minute=5)])
def test_more_tokens_give_a_team_no_more_requests(api: Api, actors: Actors, service: Service) -> None:
    another = issue_token(service, "Tides").secret
    assert [api.get("/me", token=actors.owner).status_code for _ in range(3)] == [200] * 3
    answers = [api.get("/me", token=another) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "more than 5 requests of one team" in answers[-1].json()["error"]["message"]
    assert api.get("/me", token=actors.other).status_code == 200
