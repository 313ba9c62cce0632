"""The tables are made and changed by migrations, which say the same as the models."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from oceanbench_leaderboard.errors import ServiceError, Unavailable
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.settings import Settings
from oceanbench_leaderboard.store import Base, Database, Run, Submission, Team
from oceanbench_leaderboard.store import migrations as shipped
from oceanbench_leaderboard.store.migrating import differences, migrate, revision_of

LATER = '''
"""A step of a later version."""
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("teams", sa.Column("motto", sa.String(80), nullable=False, server_default="onward"))
'''


@pytest.fixture
def empty(service_settings: Settings) -> Iterator[Database]:
    """A database of either kind without a table."""
    database = Database(service_settings.database_url)
    yield database
    database.close()


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The migrations of a later version of the program."""
    folder = tmp_path / "migrations"
    shutil.copytree(Path(shipped.__file__).parent, folder)
    (folder / "later.py").write_text(LATER)
    return folder


def test_an_empty_database_gets_the_tables_of_the_models_and_nothing_is_left_to_change(
    empty: Database,
) -> None:
    assert revision_of(empty.engine) is None
    empty.create()
    assert differences(empty.engine) == []
    assert set(inspect(empty.engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_a_column_that_no_migration_makes_shows_as_a_difference(empty: Database) -> None:
    empty.create()
    with empty.engine.begin() as connection:
        connection.execute(text("alter table teams add column motto varchar(80)"))
    assert len(differences(empty.engine)) == 1


def test_migrating_twice_changes_nothing(empty: Database) -> None:
    empty.create()
    before = revision_of(empty.engine)
    empty.create()
    assert revision_of(empty.engine) == before is not None


def test_what_the_tables_hold_survives_the_step_to_a_later_version(empty: Database, later: Path) -> None:
    empty.create()
    with empty.transaction() as session:
        session.add(Team(name="Tides", key="tides", created=datetime(2026, 6, 1, tzinfo=UTC)))
    migrate(empty.engine, later)
    assert revision_of(empty.engine) == "9999"
    with empty.engine.connect() as connection:
        assert list(connection.execute(text("select name, motto from teams"))) == [("Tides", "onward")]


def test_tokens_of_the_first_version_are_kept(empty: Database) -> None:
    migrate(empty.engine, to="0001")
    now = "2026-06-01 00:00:00"
    with empty.engine.begin() as connection:
        team = "insert into teams (id, name, key, created, active) values (1, 'Tides', 'tides', :now, true)"
        token = (
            "insert into tokens (id, team_id, label, prefix, sha256, scopes, created) "
            "values (1, 1, '', 'abc', 'def', 'read', :now)"
        )
        for statement in (team, token):
            connection.execute(text(statement), {"now": now})
    migrate(empty.engine)
    assert differences(empty.engine) == []
    with empty.engine.connect() as connection:
        assert list(connection.execute(text("select prefix, made_by from tokens"))) == [("abc", None)]


def test_what_was_scored_by_the_first_version_keeps_the_place_of_its_report(empty: Database) -> None:
    migrate(empty.engine, to="0002")
    now = "2026-06-01 00:00:00"
    rows = (
        "insert into teams (id, name, key, created, active) values (1, 'Tides', 'tides', :now, true)",
        "insert into submissions (id, team_id, challenge, track, method, card, file_name, size, sha256, "
        "canonical_sha256, created, selected, hidden) "
        "values ('abc', 1, 'toy', 'all', 'mine', '{}', '', 1, 'ab', '', :now, false, false)",
        "insert into runs (id, submission_id, challenge_version, round, state, reason, problems, flags, "
        "attempts, worker, created) "
        "values (7, 'abc', '1.0', 1, 'scored', '', '[]', '[]', 1, '', :now)",
    )
    with empty.engine.begin() as connection:
        for statement in rows:
            connection.execute(text(statement), {"now": now})
    migrate(empty.engine)
    with empty.transaction(read_only=True) as session:
        assert session.get_one(Run, 7).folder == "runs/7"


def test_an_empty_database_takes_all_steps_at_once(empty: Database, later: Path) -> None:
    migrate(empty.engine, later)
    assert revision_of(empty.engine) == "9999"


def test_a_database_of_a_newer_program_is_refused_and_left_alone(empty: Database, later: Path) -> None:
    migrate(empty.engine, later)
    with pytest.raises(ValueError, match="version '9999', which this program does not know"):
        empty.create()
    assert revision_of(empty.engine) == "9999"


def test_tables_of_unknown_origin_are_refused(empty: Database) -> None:
    Base.metadata.create_all(empty.engine)
    with pytest.raises(ValueError, match="does not say of which version"):
        empty.create()


def test_a_step_that_fails_leaves_the_tables_as_they_were(empty: Database, later: Path) -> None:
    empty.create()
    (later / "later.py").write_text(LATER + '    op.add_column("nowhere", sa.Column("x", sa.Integer()))\n')
    with pytest.raises(Exception, match="nowhere"):
        migrate(empty.engine, later)
    assert revision_of(empty.engine) == "0003"
    assert differences(empty.engine) == []


def test_processes_that_start_at_once_make_the_tables_once(service_settings: Settings) -> None:
    code = (
        "import sys; from oceanbench_leaderboard.store import Database;"
        "database = Database(sys.argv[1]); database.create(); database.close()"
    )
    command = [sys.executable, "-c", code, service_settings.database_url]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    told = [process.communicate(timeout=120)[1] for process in started]
    assert [(process.returncode, words) for process, words in zip(started, told, strict=True)] == [
        (0, "")
    ] * 4
    database = Database(service_settings.database_url)
    assert differences(database.engine) == []
    database.close()


def test_a_database_that_cannot_be_opened_is_told_in_words(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}")  # a folder
    with pytest.raises(Unavailable, match="unable to open database file"):
        database.create()
    database.close()


def test_the_tables_of_a_service_are_those_of_its_models(service: Service) -> None:
    assert differences(service.database.engine) == []


def test_a_value_that_the_database_does_not_take_is_told_and_no_bug(service: Service) -> None:
    if service.database.is_sqlite:  # which takes everything
        with service.database.transaction() as session:
            assert session.get(Submission, "\0") is None
        return
    with (
        pytest.raises(ServiceError, match=r"does not take this value: .*NUL"),
        service.database.transaction() as session,
    ):
        session.get(Submission, "\0")
