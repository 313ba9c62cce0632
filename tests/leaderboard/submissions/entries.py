"""Teams, uploads and submissions for tests, made by the functions that the service uses itself."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from oceanbench_leaderboard.accounts import Principal, authenticate, issue_token
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Result, Run
from oceanbench_leaderboard.submissions import Card, Entry, SubmissionView, enter, open_part, upload_state

__all__ = ["EMBEDDED", "enter_bytes", "entry", "evaluation", "finish", "sha256", "someone", "upload"]


# for rules that no engine can change: they are held on one kind of service
EMBEDDED = pytest.mark.parametrize("service_settings", ["embedded"], indirect=True)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def someone(service: Service, team: str = "Tides", *scopes: str) -> Principal:
    """Somebody of a team, who came with a token."""
    return authenticate(service, issue_token(service, team, scopes=scopes or ("submit", "read")).secret)


def upload(service: Service, who: Principal, data: bytes) -> str:
    """Send bytes in one piece, if they are not here yet."""
    if upload_state(service, who, sha256(data)).complete:
        return sha256(data)
    writer = open_part(service, who, sha256(data), size=len(data), start=0)
    writer.write(data)
    assert writer.close().complete
    return sha256(data)


def entry(digest: str, challenge: str = "toy", track: str | None = "all", **card: Any) -> Entry:
    said = {"method": "mine", **card}
    return Entry(challenge=challenge, track=track, sha256=digest, file_name="map.nc", card=Card(**said))


def enter_bytes(
    service: Service, who: Principal, data: bytes, challenge: str = "toy", track: str = "all", **card: Any
) -> SubmissionView:
    """Send bytes, and enter them."""
    return enter(service, who, entry(upload(service, who, data), challenge, track, **card))[0]


def evaluation(mu: float = 0.9, track: str = "all") -> dict[str, Any]:
    """What a scorer would say."""
    return {
        "challenge": "toy",
        "version": "1.0",
        "track": track,
        "official": {"mu": mu, "sigma": 0.0123456, "units": {"mu": "1", "sigma": "1"}},
        "robust": {"mu": {"value": mu, "low": mu - 0.02, "high": mu + 0.02, "unit": "1"}},
        "coverage": {"points": 10, "covered": 10, "fraction": 1.0},
        "own_reference": False,
        "scope": "all",
        "notes": [],
        "passport": {"submission": {"sha256": "ab" * 32}},
    }


def finish(
    service: Service,
    submission: str,
    state: str = "scored",
    *,
    mu: float = 0.9,
    report: bool = True,
    **said: Any,
) -> int:
    """Finish the last run of a submission as a worker would, without one; gives its number."""
    with service.database.transaction() as session:
        run = session.scalars(
            select(Run).where(Run.submission_id == submission).order_by(Run.id.desc())
        ).first()
        assert run is not None
        # some time ago: a fresh score waits for its board
        run.state, run.finished = state, service.now() - timedelta(minutes=2)  # type: ignore[assignment]
        for name, value in said.items():
            setattr(run, name, value)
        if state == "scored":
            session.add(
                Result(
                    run_id=run.id,
                    part="public",
                    evaluation=evaluation(mu),
                    comparison={},
                    created=service.now(),
                )
            )
        run_id = run.id
    if state == "scored" and report:
        service.files.write(f"runs/{run_id}/report/index.html", b"<p>report</p>")
    return run_id
