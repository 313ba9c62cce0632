"""Readers of pages: with cookies, as a browser has them, and without a script."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI

from oceanbench_leaderboard import ranking
from oceanbench_leaderboard.accounts import issue_token
from oceanbench_leaderboard.service import Service
from oceanbench_web.app import create_app
from oceanbench_web.settings import WebSettings
from tests.web.api.calling import Api, calling, finish


@pytest.fixture(params=["embedded"])
def service_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Settings of an embedded service: pages know nothing of the engines below."""
    from oceanbench_leaderboard.settings import Settings

    return Settings.from_environment(tmp_path / "service", {})


@pytest.fixture
def app(service: Service, toy_board: Path) -> FastAPI:
    """An app whose service knows the challenge ``toy``."""
    return create_app(service, WebSettings())


@dataclass
class Visitor:
    """Somebody with a browser that runs no script."""

    api: Api
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Open a page."""
        return self._keep(self.api.call("GET", path, headers=self._headers(), **more))

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
        """Send a form."""
        told = {**self._headers(), "Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._keep(self.api.call("POST", path, headers=told, content=urlencode(fields).encode()))

    def sign_in(self, token: str, **fields: str) -> httpx.Response:
        """Paste a token."""
        return self.post("/sign-in", token=token, **fields)

    def csrf(self, path: str = "/team") -> str:
        """Give the word that the forms of a page repeat."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        assert found is not None
        return unescape(found.group(1))

    def _headers(self) -> dict[str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Accept": "text/html", **({"Cookie": cookie} if cookie else {})}

    def _keep(self, answer: httpx.Response) -> httpx.Response:
        for text in answer.headers.get_list("set-cookie"):
            name, _, value = text.partition(";")[0].partition("=")
            if not value.strip('"') or "max-age=0" in text.lower():
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer


@pytest.fixture
def visitor(app: FastAPI) -> Iterator[Visitor]:
    """Somebody who has not signed in."""
    with calling(app) as api:
        yield Visitor(api)


@dataclass(frozen=True)
class Entered:
    """A team, and what it enters."""

    api: Api
    service: Service
    token: str

    def map(self, mu: float | None = 0.9, data: bytes = b"a map", **entry: Any) -> str:
        """Enter a map; with a score if one is given."""
        said = self.api.enter(data, self.token, **entry)
        assert said.is_success, said.text
        key = str(said.json()["id"])
        if mu is not None:
            finish(self.service, key, mu)
            ranking.refresh(self.service, "toy")
        return key


@pytest.fixture
def tides(visitor: Visitor, service: Service) -> Entered:
    """The team Tides."""
    return Entered(visitor.api, service, issue_token(service, "Tides").secret)


@pytest.fixture
def member(visitor: Visitor, tides: Entered) -> Visitor:
    """Somebody of the team Tides who has signed in."""
    assert visitor.sign_in(tides.token).status_code == 303
    return visitor
