"""Call an app as a client would, without a socket; and make what it shows."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from oceanbench_leaderboard.accounts import create_user, issue_token
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Result, Run, Submission

CARD = {"method": "mine"}


@dataclass
class Api:
    """Calls an app; ``address`` is where the calls seem to come from."""

    app: FastAPI
    portal: BlockingPortal
    address: str = "203.0.113.7"

    def call(self, method: str, path: str, *, token: str = "", **more: Any) -> httpx.Response:
        """Send one request and read the whole answer."""
        headers = dict(more.pop("headers", {}))
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.portal.call(self._call, method, path, headers, more)

    async def _call(
        self, method: str, path: str, headers: dict[str, str], more: dict[str, Any]
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(self.address, 4000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, headers=headers, **more)

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Get a path below the API."""
        return self.call("GET", f"/api/v1{path}", **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """Post to a path below the API."""
        return self.call("POST", f"/api/v1{path}", **more)

    def upload(self, data: bytes, token: str, **headers: str) -> httpx.Response:
        """Send a file, whole."""
        return self.call("PUT", f"/api/v1/uploads/{digest(data)}", token=token, content=data, headers=headers)

    def enter(self, data: bytes, token: str, **entry: Any) -> httpx.Response:
        """Send a file and enter it on the track ``all`` of the challenge ``toy``."""
        self.upload(data, token).raise_for_status()
        whole = {"challenge": "toy", "track": "all", "sha256": digest(data), "card": CARD, **entry}
        return self.post("/submissions", token=token, json=whole)


@contextmanager
def calling(app: FastAPI) -> Iterator[Api]:
    """Give what calls an app, in one event loop."""
    with start_blocking_portal() as portal:
        yield Api(app, portal)


def digest(data: bytes) -> str:
    """Give the SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Actors:
    """Tokens of those who take part."""

    owner: str
    other: str
    admin: str

    def token(self, name: str) -> str:
        """Give the token of one of them; empty for ``nobody``."""
        return "" if name == "nobody" else str(getattr(self, name))


def make_actors(service: Service) -> Actors:
    """Make two teams and an administrator."""
    keeper = create_user(service, "Keeper", "Operators", admin=True)
    return Actors(
        owner=issue_token(service, "Tides").secret,
        other=issue_token(service, "Eddies").secret,
        admin=issue_token(service, "Operators", scopes=("submit", "read", "admin"), user_id=keeper.id).secret,
    )


def finish(service: Service, submission_id: str, mu: float = 0.9) -> None:
    """Let the last run of a submission be scored, with a report."""
    evaluation = {
        "challenge": "toy",
        "version": "1.0",
        "track": "all",
        "official": {"mu": mu, "units": {"mu": "1"}},
        "robust": {"mu": {"value": mu, "low": mu - 0.01, "high": mu + 0.01, "unit": "1"}},
        "coverage": {"points": 10, "covered": 10, "fraction": 1.0},
        "own_reference": False,
        "scope": "",
        "notes": [],
        "passport": {"submission": {"sha256": "ab" * 32}},
    }
    with service.database.transaction() as session:
        run = session.get_one(Submission, submission_id).runs[-1]
        now = service.now()
        run.state, run.attempts = "scored", 1
        run.finished = now - timedelta(minutes=2)  # a fresh score waits for its board
        session.add(Result(run_id=run.id, part="public", evaluation=evaluation, comparison={}, created=now))
        key = run.id
    service.files.write(f"runs/{key}/report/index.html", b"<!doctype html><title>report</title>")


def change_run(service: Service, submission_id: str, **values: Any) -> None:
    """Change the last run of a submission, as a worker would."""
    with service.database.transaction() as session:
        run: Run = session.get_one(Submission, submission_id).runs[-1]
        for name, value in values.items():
            setattr(run, name, value)
