"""Fixtures and profiles shared by all tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.settings import Settings
from oceanbench_leaderboard.store import Database, FileStore
from tests.engines import Engines, missing_engines, start_engines
from tests.service_parts import Clock, Recorder

settings.register_profile("oceanbench", deadline=None, derandomize=True)
settings.load_profile("oceanbench")


def _shared_folder() -> Path:
    """Give the folder of real data and golden cases: beside the checkout, or where the variable says."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    return Path(os.environ.get("OCEANBENCH_SHARED", beside))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with real data and golden cases; the test is skipped where it is absent."""
    folder = _shared_folder()
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}; set OCEANBENCH_SHARED to the folder that holds them")
    return folder


@pytest.fixture(scope="session")
def golden(shared: Path) -> Path:
    """Folder of the outputs of the official evaluation code."""
    return shared / "golden"


@pytest.fixture(scope="session")
def swath_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the challenges ``ripples`` and ``unknown-sea``, of a few swaths, and their data."""
    from tests.swath_sea import DEFINITION, WITHOUT_TRUTH, write_box, write_inputs

    world = tmp_path_factory.mktemp("swath world")
    for name, text in (("ripples", DEFINITION), ("unknown-sea", WITHOUT_TRUTH)):
        (world / name / "data").mkdir(parents=True)
        (world / name / "challenge.toml").write_text(text)
    write_inputs(world / "ripples" / "data" / "dc_inputs")
    write_box(world / "unknown-sea" / "data" / "box.nc")
    return world


@pytest.fixture
def ripples(swath_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of passes of ``ripples``, known to the program by its name; the working folder is empty."""
    monkeypatch.setenv("OCEANBENCH_PATH", str(swath_world))
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return swath_world / "ripples" / "data" / "dc_inputs"


@pytest.fixture(scope="session")
def toy_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the challenge ``toy`` and its truth."""
    from tests.toy_sea import write_world

    return write_world(tmp_path_factory.mktemp("toy world"))


@pytest.fixture
def toy_board(toy_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The challenge ``toy`` is known, beside those that ship; gives the file of its truth."""
    monkeypatch.setenv("OCEANBENCH_PATH", str(toy_world))
    monkeypatch.setenv("OCEANBENCH_DATA", str(tmp_path / "no data"))
    return toy_world / "toy" / "data" / "truth.nc"


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """PostgreSQL, Redis and an S3 server; the test is skipped where one is not installed."""
    missing = missing_engines()
    if missing:
        pytest.skip(missing)
    with start_engines(tmp_path_factory.mktemp("engines")) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    """The clock of the service: it stands still until it is told to move."""
    return Clock()


@pytest.fixture(params=["embedded", "engines"])
def service_settings(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings of a service of its own: all in one folder, or on PostgreSQL, Redis and S3."""
    environment = {}
    if request.param == "engines":
        engines: Engines = request.getfixturevalue("engines")
        for name, value in engines.s3_environment().items():
            monkeypatch.setenv(name, value)
        tables = "service" in request.fixturenames  # which would make them anyway
        environment = {
            "OCEANBENCH_DATABASE_URL": engines.postgres.new_database(migrated=tables),
            "OCEANBENCH_QUEUE_URL": engines.redis_url(),
            "OCEANBENCH_STORE": engines.new_bucket(),
        }
    return Settings.from_environment(tmp_path / "service", environment)


@pytest.fixture
def service(service_settings: Settings, clock: Clock) -> Iterator[Service]:
    """An empty service whose queue only remembers whom it was asked to wake."""
    database = Database(service_settings.database_url)
    database.create()
    opened = Service(service_settings, database, FileStore(service_settings.store_url), Recorder(), now=clock)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _score_book(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the scores of the tests out of the user's own book."""
    monkeypatch.setenv("OCEANBENCH_SCORES", str(tmp_path_factory.getbasetemp() / "scores"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skipped a test where none may be skipped (CI installs what every test needs)."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", [])) if reporter else 0
    if skipped and os.environ.get("OCEANBENCH_FAIL_ON_SKIP") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
