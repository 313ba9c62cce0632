"""A backup is the service at one instant; restored, it goes on from there, on whatever engines."""

import io
import json
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, select

from oceanbench_leaderboard.accounts import authenticate, issue_token, revoke_tokens, tokens
from oceanbench_leaderboard.admin import Backup, back_up, check, restore
from oceanbench_leaderboard.errors import Conflict, Unauthorised
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.settings import Settings
from oceanbench_leaderboard.store import Database, FileStore, Run, Standing, StandingPage, Submission
from oceanbench_leaderboard.submissions import file_keys, view
from tests.leaderboard.submissions.entries import enter_bytes, finish, someone
from tests.service_parts import Clock, Recorder

pytestmark = pytest.mark.usefixtures("toy_board")

Rows = dict[str, list[dict[str, Any]]]


def rows_of(database: Database) -> Rows:
    """All that the tables hold."""
    metadata = MetaData()
    metadata.reflect(database.engine)
    with database.engine.connect() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(table.select().order_by(*table.primary_key.columns)).mappings()
            ]
            for table in metadata.sorted_tables
        }


def plain(rows: Rows) -> Rows:
    """Without the zone that one of the engines gives back."""
    return {
        name: [
            {
                column: value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value
                for column, value in row.items()
            }
            for row in table
        ]
        for name, table in rows.items()
    }


def bytes_of(files: FileStore) -> dict[str, bytes]:
    return {key: files.read(key) for key in files.sizes()}


@pytest.fixture
def busy(service: Service) -> Service:
    """A service with something in every table."""
    who = someone(service)
    for number in range(4):
        shown = enter_bytes(service, who, b"map %d" % number * 100, method=f"méthode {number}")
        if number < 3:
            finish(service, shown.id, ("scored", "refused", "scored")[number])
    with service.database.transaction() as session:
        session.get_one(Submission, shown.id).duplicate_of = min(
            one for one in session.scalars(select(Submission.id)) if one != shown.id
        )
        place = {"challenge": "toy", "version": "1.0", "track": "all"}
        session.add(Standing(**place, revision=7, made=service.now(), state="x", head={"a": 1}, fixed=[]))
        session.add(StandingPage(**place, show="best", page=0, rows=b"\x00\xff compressed"))
    return service


@pytest.fixture
def empty(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Service]]:
    """Make an empty service of either kind, without tables."""
    opened: list[Service] = []

    def make(kind: str) -> Service:
        environment: dict[str, str] = {}
        if kind == "engines":
            engines = request.getfixturevalue("engines")
            for name, value in engines.s3_environment().items():
                monkeypatch.setenv(name, value)
            environment = {
                "OCEANBENCH_DATABASE_URL": engines.postgres.new_database(),
                "OCEANBENCH_STORE": engines.new_bucket(),
            }
        settings = Settings.from_environment(tmp_path / f"other {len(opened)}", environment)
        database = Database(settings.database_url)
        opened.append(Service(settings, database, FileStore(settings.store_url), Recorder(), now=clock))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.mark.parametrize("target", ["embedded", "engines"])
def test_a_restored_service_holds_what_the_first_did(
    busy: Service, empty: Callable[[str], Service], target: str, tmp_path: Path
) -> None:
    token = issue_token(busy, "Tides").secret
    made = back_up(busy, tmp_path / "backup.tar")
    other = empty(target)
    assert restore(other.database, other.files, tmp_path / "backup.tar") == made
    assert plain(rows_of(other.database)) == plain(rows_of(busy.database))
    assert bytes_of(other.files) == bytes_of(busy.files)
    assert check(other, deep=True).problems == []
    assert authenticate(other, token).team == "Tides"


@pytest.mark.parametrize("target", ["embedded", "engines"])
def test_a_restore_may_revoke_all_tokens_or_bring_back_what_was_revoked_since(
    service: Service, empty: Callable[[str], Service], target: str, tmp_path: Path, clock: Clock
) -> None:
    token, gone = issue_token(service, "Tides"), issue_token(service, "Tides")
    revoke_tokens(service, gone.prefix)
    back_up(service, tmp_path / "backup.tar")
    revoke_tokens(service, token.prefix)
    as_it_was, closed = empty("embedded"), empty(target)
    restore(as_it_was.database, as_it_was.files, tmp_path / "backup.tar")
    assert authenticate(as_it_was, token.secret).team == "Tides"
    restore(closed.database, closed.files, tmp_path / "backup.tar", revoke_tokens=True)
    for one in (token, gone):
        with pytest.raises(Unauthorised, match=f"ob_{one.prefix}_… was revoked"):
            authenticate(closed, one.secret)
    kept = {one.prefix: one.revoked for one in tokens(closed)}
    assert kept[gone.prefix] == clock()  # when it really was
    assert authenticate(closed, issue_token(closed, "Tides").secret).team == "Tides"


@pytest.mark.parametrize("target", ["embedded", "engines"])
def test_a_restored_service_goes_on(
    busy: Service, empty: Callable[[str], Service], target: str, tmp_path: Path
) -> None:
    back_up(busy, tmp_path / "backup.tar")
    other = empty(target)
    restore(other.database, other.files, tmp_path / "backup.tar")
    who = someone(other, "Newcomers")
    shown = enter_bytes(other, who, b"a new map")
    assert view(other, who, shown.id).state == "queued"
    assert b"".join(other.files.read(key) for key in file_keys(other, who, shown.id)) == b"a new map"
    with other.database.transaction(read_only=True) as session:
        numbers = list(session.scalars(select(Run.id)))
    assert len(numbers) == len(set(numbers)) == 5


def test_a_backup_made_while_submissions_come_in_is_whole(
    service: Service, empty: Callable[[str], Service], tmp_path: Path
) -> None:
    who, stop, entered = someone(service), threading.Event(), []

    def send() -> None:
        number = 0
        while not stop.is_set() and number < 200:
            number += 1
            entered.append(enter_bytes(service, who, b"%d" % number, method=f"{number}").id)
            finish(service, entered[-1])

    sender = threading.Thread(target=send)
    sender.start()
    try:
        for number in range(3):
            back_up(service, tmp_path / f"{number}.tar")
    finally:
        stop.set()
        sender.join()
    for number in range(3):
        other = empty("embedded")
        restore(other.database, other.files, tmp_path / f"{number}.tar")
        assert check(other, deep=True).problems == []
        with other.database.transaction(read_only=True) as session:
            there = list(session.scalars(select(Submission.id)))
        assert set(there) <= set(entered)


@pytest.fixture
def backup(busy: Service, tmp_path: Path) -> Path:
    back_up(busy, tmp_path / "backup.tar")
    return tmp_path / "backup.tar"


def test_a_backup_is_for_its_owner_alone_and_replaces_nothing(busy: Service, backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    before = backup.read_bytes()
    with pytest.raises(FileExistsError, match=r"backup\.tar is there already"):
        back_up(busy, backup)
    assert backup.read_bytes() == before


def test_a_backup_that_fails_leaves_no_file(
    busy: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no more space")

    monkeypatch.setattr(tarfile.TarFile, "addfile", broken)
    with pytest.raises(OSError, match="no more space"):
        back_up(busy, tmp_path / "backup.tar")
    assert list(tmp_path.glob("*backup*")) == []


def test_a_file_deleted_while_the_backup_is_made_is_named_as_gone(
    busy: Service, empty: Callable[[str], Service], tmp_path: Path
) -> None:
    key = busy.files.keys("uploads")[0]
    made = back_up(
        busy,
        tmp_path / "b.tar",
        progress=lambda what, done: busy.files.delete(key) if what == "files" else None,
    )
    assert made.gone == [key]
    other = empty("embedded")
    restore(other.database, other.files, tmp_path / "b.tar")
    assert [problem for problem in check(other).problems if key in problem]


def test_only_an_empty_service_is_filled(
    busy: Service, backup: Path, empty: Callable[[str], Service]
) -> None:
    before = rows_of(busy.database)
    with pytest.raises(Conflict, match="is not empty; restore into an empty service"):
        restore(busy.database, busy.files, backup)
    assert rows_of(busy.database) == before
    other = empty("embedded")
    other.files.write("uploads/1/x", b"x")
    with pytest.raises(Conflict, match="the store has files, such as uploads/1/x"):
        restore(other.database, other.files, backup)


def changed(backup: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Write the backup again with its parts changed, or left out."""
    path = backup.with_name("changed.tar")
    with tarfile.open(backup) as old, tarfile.open(path, "w") as new:
        for entry in old:
            stream = old.extractfile(entry)
            data = change(entry.name, stream.read() if stream else b"")
            if data is not None:
                entry.size = len(data)
                new.addfile(entry, io.BytesIO(data))
    return path


def flip_upload(name: str, data: bytes) -> bytes:
    return data[::-1] if "/uploads/" in name else data


def flip_table(name: str, data: bytes) -> bytes:
    return data.replace(b"Tides", b"Waves") if name == "tables/teams.jsonl" else data


def drop_upload(name: str, data: bytes) -> bytes | None:
    return None if "/uploads/" in name else data


def drop_manifest(name: str, data: bytes) -> bytes | None:
    return None if name == "manifest.json" else data


def say(**words: object) -> Callable[[str, bytes], bytes]:
    def change(name: str, data: bytes) -> bytes:
        return json.dumps({**json.loads(data), **words}).encode() if name == "manifest.json" else data

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (flip_upload, "uploads/.* in the backup is not what its manifest lists"),
        (flip_table, "tables/teams.jsonl in the backup is not what its manifest lists"),
        (drop_upload, "the backup has no files/uploads/"),
        (drop_manifest, "has no manifest.json that can be read"),
        (say(format=99), "laid out in the way 99, and this program reads 1"),
        (say(revision="9999"), "version '9999', which this program does not know"),
        (say(tables=7), "has no manifest.json that can be read"),
    ],
)
def test_a_backup_that_was_changed_is_refused_and_leaves_nothing(
    backup: Path, empty: Callable[[str], Service], change: Callable[[str, bytes], bytes | None], words: str
) -> None:
    other = empty("embedded")
    with pytest.raises(ValueError, match=words):
        restore(other.database, other.files, changed(backup, change))
    assert other.files.keys() == []
    other.database.create()
    assert not any(table for name, table in rows_of(other.database).items() if name != "alembic_version")
    restore(other.database, other.files, backup)


@pytest.mark.parametrize("data", [b"", b"no tar at all" * 100])
def test_what_is_no_backup_is_refused(tmp_path: Path, empty: Callable[[str], Service], data: bytes) -> None:
    (tmp_path / "x.tar").write_bytes(data)
    other = empty("embedded")
    with pytest.raises(ValueError, match=r"x\.tar (is no backup|has no manifest)"):
        restore(other.database, other.files, tmp_path / "x.tar")


def test_a_backup_cut_short_is_refused(backup: Path, empty: Callable[[str], Service]) -> None:
    backup.write_bytes(backup.read_bytes()[:-20_000])
    other = empty("embedded")
    with pytest.raises(ValueError, match="backup"):
        restore(other.database, other.files, backup)


def test_the_manifest_counts_what_is_in_it(busy: Service, backup: Path) -> None:
    with tarfile.open(backup) as tar:
        stream = tar.extractfile("manifest.json")
        assert stream is not None
        manifest = Backup.model_validate_json(stream.read())
    assert manifest.tables["submissions"].rows == 4
    assert set(manifest.files) == set(busy.files.keys())
    assert manifest.revision == "0003"
