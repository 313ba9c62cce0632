"""Entries made straight in the database, and steps that act instead of reading and scoring maps.

An uploaded "file" is JSON that says how it wants to be treated: ``{"values": "a", "score": 0.9}``, with
``"refuse"``, ``"break"``, ``"seconds"`` and so on.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import select

from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.intake import Verdict
from oceanbench_leaderboard.queue.leases import Job
from oceanbench_leaderboard.queue.steps import Failure, Hopeless, Refusal, Scores, Steps
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Event, Result, Run, Submission, Team, Upload, UploadPart

PROBLEM = {"what_given": "ssh in cm", "expected": "metres", "fix": "divide by 100"}


@dataclass(frozen=True)
class Entered:
    """What was entered: the keys of its rows."""

    submission: str
    run: int
    team: int


def enter(
    service: Service,
    what: dict[str, Any] | bytes,
    *,
    team: str = "Tides",
    challenge: str = "toy",
    version: str = "1.0",
    track: str = "all",
    pieces: int = 2,
) -> Entered:
    """Store the bytes, and make the rows of a submission that waits."""
    data = what if isinstance(what, bytes) else json.dumps(what).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    now = service.now()
    with service.database.transaction() as session:
        owner = session.scalars(select(Team).where(Team.key == team.lower())).first()
        owner = owner or Team(name=team, key=team.lower(), created=now)
        session.add(owner)
        session.flush()
        upload = Upload(team_id=owner.id, sha256=sha256, size=len(data), created=now, completed=now)
        upload.parts = _parts(service, owner.id, sha256, data, pieces)
        session.add(upload)
        session.flush()
        submission = Submission(
            id=hashlib.sha256(f"{team}{challenge}{track}{sha256}".encode()).hexdigest()[:12],
            team_id=owner.id, upload_id=upload.id, challenge=challenge, track=track, method="mine",
            card={"method": "mine"}, file_name="map.nc", size=len(data), sha256=sha256, created=now,
        )  # fmt: skip
        run = Run(challenge_version=version, created=now)
        submission.runs = [run]
        session.add(submission)
        session.flush()
        return Entered(submission.id, run.id, owner.id)


def _parts(service: Service, team: int, sha256: str, data: bytes, pieces: int) -> list[UploadPart]:
    cuts = [len(data) * i // pieces for i in range(pieces + 1)]
    parts = []
    for start, end in pairwise(cuts):
        key = f"uploads/{team}/{sha256}/{start:012d}"
        service.files.write(key, data[start:end])
        parts.append(UploadPart(start=start, size=end - start, key=key))
    return parts


def add_run(service: Service, submission: str, *, version: str = "1.0", round: int = 2) -> int:
    """Make another run of a submission wait."""
    with service.database.transaction() as session:
        run = Run(submission_id=submission, challenge_version=version, round=round, created=service.now())
        session.add(run)
        session.flush()
        return run.id


def run_of(service: Service, run_id: int) -> Run:
    """Read a run."""
    with service.database.transaction(read_only=True) as session:
        return session.get_one(Run, run_id)


def submission_of(service: Service, key: str) -> Submission:
    """Read a submission."""
    with service.database.transaction(read_only=True) as session:
        return session.get_one(Submission, key)


def results_of(service: Service, run_id: int) -> dict[str, Result]:
    """Read the results of a run, by part."""
    with service.database.transaction(read_only=True) as session:
        found = session.scalars(select(Result).where(Result.run_id == run_id))
        return {result.part: result for result in found}


def events_of(service: Service, submission: str) -> list[str]:
    """Read what happened to a submission."""
    with service.database.transaction(read_only=True) as session:
        wanted = select(Event.what).where(Event.submission_id == submission).order_by(Event.id)
        return list(session.scalars(wanted))


def change(service: Service, table: type[Any], key: Any, **values: Any) -> None:
    """Change a row."""
    with service.database.transaction() as session:
        row = session.get_one(table, key)
        for name, value in values.items():
            setattr(row, name, value)


def _intake(upload: Path, folder: Path, challenge: Any, track: str, limits: Any) -> Verdict:
    what = json.loads(upload.read_bytes())
    _wait(what.get("intake_seconds", 0))
    if what.get("refuse"):
        return Verdict(False, [PROBLEM], "ssh is in centimetres")
    if what.get("intake_fails"):
        return Verdict(False, reason="no room", fault="service")
    (folder / "values.json").write_text(json.dumps(what))
    digest = hashlib.sha256(str(what["values"]).encode()).hexdigest()
    return Verdict(True, header={"canonical_sha256": digest})


def _scorer(canonical: Path, out: Path, job: Job, limits: Any) -> Scores:
    what = json.loads((canonical / "values.json").read_text())
    _wait(what.get("seconds", 0))
    troubles: dict[str, Callable[[], Exception]] = {
        "hole": lambda: Refusal("it has holes", [PROBLEM]),
        "crash": lambda: Failure("the scorer could not work"),
        "slow": lambda: Hopeless("scoring it took more than 3600 s"),
        "bug": lambda: KeyError("mu"),
        "away": lambda: Unavailable("the store does not answer"),
        "full": lambda: OSError(28, "No space left on device"),
    }
    if trouble := troubles.get(what.get("trouble", "")):
        raise trouble()
    out.mkdir()
    (out / "index.html").write_text(f"<p>{what['score']}</p>")
    found = {"evaluation": {"mu": what["score"]}, "comparison": {"sums": [what["score"]]}}
    parts = {part: found for part in what.get("parts", ["public"])}
    return Scores(parts, what.get("flags", []), {"index.html": out / "index.html"})


def _wait(seconds: float) -> None:
    """Wait as the real steps do: for a process of another session."""
    if seconds:
        code = f"import time; time.sleep({seconds})"
        done = subprocess.run([sys.executable, "-S", "-c", code], start_new_session=True, check=False)
        if done.returncode:
            raise Failure("its process was killed")


def nothing(service: Service, challenge: str) -> None:
    """Make no board."""


ACTED = Steps(_intake, _scorer, nothing, lambda service: [])


def until(is_so: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def main() -> None:
    """Run a worker with these steps: ``DATA WORKERS SWEEP_SECONDS``; its settings are those of $SETTINGS."""
    import signal
    import threading

    from oceanbench_leaderboard.logs import configure_logs
    from oceanbench_leaderboard.queue import run_worker
    from oceanbench_leaderboard.settings import Settings

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    configure_logs("text")
    settings = Settings.model_validate_json(os.environ["SETTINGS"])
    run_worker(settings, int(sys.argv[1]), stop, steps=ACTED, sweep_seconds=float(sys.argv[2]))


if __name__ == "__main__":
    main()
