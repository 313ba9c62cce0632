"""Seconds to rank a track with many submissions, and to read its first page.

    python benchmarks/ranking.py [--submissions 10000] [--teams 200] [--days 42] [--database URL]

The submissions are made up and put straight into the database: daily squared errors of methods that are alike
on hard days, as those of real maps are. One board is made of nothing, then once more after one submission
came in; then the first page is read, and the whole board as a sheet.
"""

import argparse
import json
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import insert

from oceanbench.metrics.comparison import Blocks
from oceanbench_leaderboard import ranking
from oceanbench_leaderboard.service import Service, utc_now
from oceanbench_leaderboard.settings import Settings
from oceanbench_leaderboard.store import Database, FileStore, Result, Run, Submission, Team

CHALLENGE, TRACK, VERSION = "2020a-twin", "4 nadirs", "1.0"


class Silent:
    """A queue that nobody listens to."""

    def wake(self, run_id: int) -> None:
        """Do nothing."""

    def ping(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def open_bare(folder: Path, url: str | None) -> Service:
    """Open a service without workers."""
    given = {"OCEANBENCH_DATABASE_URL": url} if url else {}
    settings = Settings.from_environment(folder, given)
    database = Database(settings.database_url)
    database.create()
    return Service(settings, database, FileStore(settings.store_url), Silent())


def fill(service: Service, *, submissions: int, teams: int, days: int = 42, seed: int = 0) -> None:
    """Put made-up submissions on one track."""
    rng = np.random.default_rng(seed)
    hard = np.exp(rng.normal(0.0, 0.3, days))  # some days are hard for everybody
    skills = rng.uniform(0.05, 0.35, submissions)
    now = utc_now() - timedelta(days=1)
    rows: list[list[dict[str, Any]]] = [[], [], []]
    for number, skill in enumerate(skills):
        squares = (skill * hard * np.exp(rng.normal(0.0, 0.15, days))) ** 2
        made = _made_up(number, number % teams + 1, squares, now + timedelta(seconds=number))
        for table, row in zip(rows, made, strict=True):
            table.append(row)
    with service.database.transaction() as session:
        names = [{"name": f"Team {n}", "key": f"team {n}", "created": now} for n in range(1, teams + 1)]
        session.execute(insert(Team), names)
        for model, table in zip((Submission, Run, Result), rows, strict=True):
            session.execute(insert(model), table)


def _made_up(number: int, team: int, squares: npt.NDArray[np.float64], when: Any) -> list[dict[str, Any]]:
    ones = np.ones_like(squares)
    labels = tuple(f"day {day:03d}" for day in range(squares.size))
    blocks = Blocks("one_minus_root_ratio", "higher", labels, np.column_stack([squares, ones, ones, ones]))
    submission = {
        "id": f"{number:032x}",
        "team_id": team,
        "challenge": CHALLENGE,
        "track": TRACK,
        "method": f"method {number}",
        "card": {"method": f"method {number}", "summary": "made up", "inputs": ["nadir"], "report": "public"},
        "file_name": "map.nc",
        "size": 1,
        "sha256": f"{number:064x}",
        "created": when,
    }
    run = {
        "id": number + 1,
        "submission_id": submission["id"],
        "challenge_version": VERSION,
        "state": "scored",
        "problems": [],
        "flags": [],
        "created": when,
    }
    result = {
        "run_id": number + 1,
        "part": "public",
        "evaluation": _evaluation(blocks.value()),
        "comparison": blocks.to_json(),
        "created": when,
    }
    return [submission, run, result]


def _evaluation(mu: float) -> dict[str, Any]:
    interval = {"value": mu, "low": mu - 0.01, "high": mu + 0.01, "unit": "1"}
    units = {"mu": "1", "sigma": "1", "lambda_x": "degrees of longitude", "lambda_t": "days"}
    return {
        "challenge": CHALLENGE,
        "version": VERSION,
        "track": TRACK,
        "official": {"mu": mu, "sigma": 0.02, "lambda_x": 1.5, "lambda_t": 9.0, "units": units},
        "robust": {name: {**interval, "unit": unit} for name, unit in units.items()},
        "coverage": {"points": 428442, "covered": 428442, "fraction": 1.0},
        "own_reference": False,
        "scope": "-65..-55 E, 33..43 N, 2012-10-22 to 2012-12-02",
        "notes": ["made up"],
        "passport": {"submission": {"sha256": "ab" * 32}, "software": {"python": "3", "numpy": "2"}},
    }


def enter_one(service: Service, number: int, days: int) -> None:
    """Put one more submission on the track."""
    squares = np.full(days, 0.04)
    rows = _made_up(number, 1, squares, utc_now())
    with service.database.transaction() as session:
        for model, row in zip((Submission, Run, Result), rows, strict=True):
            session.execute(insert(model), [row])


@contextmanager
def timed(name: str, figures: dict[str, float]) -> Iterator[None]:
    """Note the seconds that the block took, by the clock and of the processor."""
    started, worked = time.perf_counter(), time.process_time()
    yield
    figures[f"{name}_s"] = time.perf_counter() - started
    figures[f"{name}_cpu_s"] = time.process_time() - worked


def often(what: Callable[[], object], times: int = 50) -> float:
    """Give the median milliseconds of the processor for doing something."""
    taken = []
    for _ in range(times):
        started = time.process_time()
        what()
        taken.append(time.process_time() - started)
    return 1000.0 * median(taken)


def main() -> None:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=10_000)
    parser.add_argument("--teams", type=int, default=200)
    parser.add_argument("--days", type=int, default=42)
    parser.add_argument(
        "--database", help="Address of an empty database; SQLite in a new folder if not given."
    )
    given = parser.parse_args()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        service = open_bare(Path(folder), given.database)
        fill(service, submissions=given.submissions, teams=given.teams, days=given.days)
        with timed("first_board", figures):
            ranking.refresh(service, CHALLENGE)
        enter_one(service, given.submissions, given.days)
        with timed("after_one_more", figures):
            ranking.refresh(service, CHALLENGE)
        with timed("nothing_changed", figures):
            ranking.refresh(service, CHALLENGE)
        shows: tuple[ranking.Show, ...] = ("best", "all")
        for show in shows:
            page = partial(ranking.board, service, CHALLENGE, track=TRACK, show=show, limit=100)
            figures[f"first_page_{show}_cpu_ms"] = often(page)
        figures["revision_cpu_ms"] = often(lambda: ranking.board_revision(service, CHALLENGE, None, TRACK))
        with timed("whole_board", figures):
            board = ranking.board(service, CHALLENGE, track=TRACK, show="all")
        with timed("sheet", figures):
            figures["sheet_bytes"] = sum(len(line) for line in ranking.to_csv(board))
        figures["rows"] = board.total
        figures["groups"] = max(row.group or 0 for row in board.rows)
        service.close()
    figures["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(
        json.dumps(
            {"machine": machine, **{name: round(value, 4) for name, value in figures.items()}}, indent=1
        )
    )


if __name__ == "__main__":
    main()
