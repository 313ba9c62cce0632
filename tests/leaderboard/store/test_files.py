"""A file is in the store whole, or not at all; what the store cannot do is told in one kind of error."""

import errno
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.settings import Settings
from oceanbench_leaderboard.store import FileStore
from oceanbench_leaderboard.store._streams import LocalSink
from tests.service_parts import Clock

LONG = bytes(range(256)) * (6 << 12)  # 6 MiB: more than one part of S3


@pytest.fixture
def files(service_settings: Settings) -> Iterator[FileStore]:
    """An empty store: a folder, or a bucket."""
    store = FileStore(service_settings.store_url)
    yield store
    if not store.is_local:
        assert unfinished(store) == []


def unfinished(store: FileStore) -> list[str]:
    """Parts in a bucket that were never put together."""
    bucket = store.root.partition("/")[0]
    return [upload["Key"] for upload in store.filesystem.list_multipart_uploads(bucket)]


@pytest.mark.parametrize("data", [b"", b"small", LONG])
def test_what_was_written_is_read(files: FileStore, data: bytes) -> None:
    with files.writing("a/b/c") as sink:
        for start in range(0, len(data), 1 << 20):
            sink.write(data[start : start + (1 << 20)])
    assert files.read("a/b/c") == data
    assert b"".join(files.pieces("a/b/c", 1000)) == data
    assert files.size("a/b/c") == len(data)
    assert files.sizes("a") == {"a/b/c": len(data)}


@pytest.mark.parametrize("data", [b"", b"small", LONG])
def test_a_file_is_not_there_before_it_is_whole(files: FileStore, data: bytes) -> None:
    sink = files.sink("a")
    sink.write(data)
    assert not files.exists("a")
    assert files.keys() == []
    sink.commit()
    assert files.keys() == ["a"]


@pytest.mark.parametrize("data", [b"", b"small", LONG])
def test_an_error_in_the_block_leaves_nothing_and_keeps_its_name(files: FileStore, data: bytes) -> None:
    with pytest.raises(FileNotFoundError, match="of my own"), files.writing("a") as sink:  # noqa: PT012
        sink.write(data)
        raise FileNotFoundError("of my own")
    with pytest.raises(OSError, match="mine too") as kept, files.writing("a"):
        raise OSError(errno.ENOSPC, "mine too")
    assert not isinstance(kept.value, Unavailable)
    assert files.keys() == []
    assert files.delete_leftovers(before=Clock()() + timedelta(days=36_500)) == 0


def test_the_error_of_a_reader_keeps_its_name(files: FileStore) -> None:
    files.write("a", b"data")
    with pytest.raises(OSError, match="mine") as kept, files.reading("a"):
        raise OSError("mine")
    assert not isinstance(kept.value, Unavailable)


def test_a_file_that_is_not_there_is_not_found(files: FileStore) -> None:
    for attempt in (files.read, files.size, files.changed):
        with pytest.raises(FileNotFoundError):
            attempt("nothing")
    assert not files.exists("nothing")
    files.delete("nothing")
    files.delete_below("nothing")


def test_writing_again_replaces(files: FileStore) -> None:
    files.write("a", b"one")
    files.write("a", b"two")
    assert files.read("a") == b"two"


@pytest.mark.parametrize("key", ["", "/a", "a//b", "../a", "a/..", "a/./b", "a/", "a\0b"])
def test_what_is_no_key_reaches_no_store(files: FileStore, key: str) -> None:
    for attempt in (files.read, files.exists, files.delete, files.sink):
        with pytest.raises(ValueError, match="is no key of a file"):
            attempt(key)


def test_keys_below_a_folder_are_not_those_of_its_namesakes(files: FileStore) -> None:
    for key in ("runs/1/a", "runs/1/b/c", "runs/11/a", "other"):
        files.write(key, b"x")
    assert files.keys("runs/1") == ["runs/1/a", "runs/1/b/c"]
    assert files.keys() == ["other", "runs/1/a", "runs/1/b/c", "runs/11/a"]
    files.delete_below("runs/1")
    assert files.keys("runs") == ["runs/11/a"]


def test_another_process_sees_a_file_at_once(files: FileStore) -> None:
    other = FileStore(files.url)
    assert other.keys() == []
    files.write("a", b"x")
    assert other.exists("a")
    assert other.keys() == ["a"]
    files.delete("a")
    assert not other.exists("a")


def test_files_are_joined_in_order(files: FileStore, tmp_path: Path) -> None:
    for number in range(3):
        files.write(f"part/{number}", b"%d" % number * 10)
    files.join([f"part/{number}" for number in (2, 0, 1)], tmp_path / "whole")
    assert (tmp_path / "whole").read_bytes() == b"2" * 10 + b"0" * 10 + b"1" * 10


def test_a_store_that_works_answers(files: FileStore) -> None:
    files.prepare()
    files.ping()
    assert files.keys() == []


def test_fifty_that_write_at_once_all_get_their_own_bytes(files: FileStore) -> None:
    def write(number: int) -> None:
        with files.writing(f"many/{number}") as sink:
            for _ in range(20):
                sink.write(b"%02d" % number * 500)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files.sizes("many") == {key: 20_000 for key in files.keys("many")}
    assert len(files.keys("many")) == 50
    assert files.read("many/7") == b"07" * 10_000


def test_fifty_long_files_at_once_take_little_memory(tmp_path: Path) -> None:
    code = """
import resource, sys
from oceanbench_leaderboard.store import FileStore
files = FileStore(sys.argv[1])
piece = b"x" * (1 << 20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sinks = [files.sink(f"many/{number}") for number in range(50)]
for _ in range(8):
    for sink in sinks:
        sink.write(piece)
for sink in sinks:
    sink.commit()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    grown_kb = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert grown_kb < 30_000  # of 400 MB that were written


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = FileStore(str(tmp_path / "files"))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        Unavailable, match=r"a/b cannot be stored: .*No space left on device; try again later"
    ):
        files.write("a/b", b"data")
    monkeypatch.undo()
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []
    files.write("a/b", b"data")


def test_a_write_over_the_limit_of_the_system_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    code = """
import resource, signal, sys
from pathlib import Path
from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.store import FileStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
try:
    FileStore(sys.argv[1]).write("a/b", b"x" * (2 << 20))
except Unavailable as error:
    print(error)
print([path.name for path in Path(sys.argv[1]).rglob("*") if path.is_file()])
"""
    command = [sys.executable, "-c", code, str(tmp_path / "files")]
    told, left = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert "a/b cannot be stored: [Errno 27] File too large; try again later" in told
    assert left == "[]"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file, not a folder")
    files = FileStore(str(tmp_path / "files"))
    with pytest.raises(Unavailable, match="a/b cannot be stored"):
        files.write("a/b", b"data")
    with pytest.raises(Unavailable, match="cannot be stored"):
        files.ping()


def test_a_folder_of_somebody_else_is_told(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir(mode=0o755)
    code = """
import os, sys
from oceanbench_leaderboard.errors import Unavailable
from oceanbench_leaderboard.store import FileStore
files = FileStore(sys.argv[1])  # loads all that it needs, which nobody may not be able to read
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    files.ping()
except Unavailable as error:
    print(error)
"""
    folder = tmp_path / "files"
    if os.getuid() == 0:  # nobody can reach the folder, and not write in it
        for parent in [folder, *folder.parents][:-1]:
            if parent.owner() == "root" and parent.stat().st_mode & 0o777 == 0o700:
                parent.chmod(0o711)
    else:
        folder.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    assert re.search("cannot be stored: .*Permission denied.*; try again later", done.stdout)


def test_what_a_killed_process_left_is_not_a_file_and_is_tidied_away(tmp_path: Path) -> None:
    files = FileStore(str(tmp_path))
    files.write("uploads/whole", b"x")
    killed = files.sink("uploads/half")
    killed.write(b"half")
    assert files.keys() == ["uploads/whole"]
    now = files.changed("uploads/whole")
    assert files.delete_leftovers(before=now - timedelta(hours=1)) == 0
    assert files.delete_leftovers(before=now + timedelta(hours=1)) == 1
    killed.discard()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["whole"]


def test_files_and_database_are_for_their_owner_alone(tmp_path: Path) -> None:
    from oceanbench_leaderboard.store import Database

    FileStore(str(tmp_path / "files")).write("a", b"x")
    database = Database(f"sqlite:///{tmp_path / 'data' / 'service.sqlite'}")
    database.create()
    database.close()
    made = [tmp_path / "files" / "a", tmp_path / "data", tmp_path / "data" / "service.sqlite"]
    assert [path.stat().st_mode & 0o077 for path in made] == [0, 0, 0]


@pytest.fixture
def bucket(engines, monkeypatch: pytest.MonkeyPatch) -> str:  # type: ignore[no-untyped-def]
    for name, value in engines.s3_environment().items():
        monkeypatch.setenv(name, value)
    return str(engines.new_bucket())


def test_a_missing_bucket_is_told_and_made_when_asked(bucket: str) -> None:
    files = FileStore("s3://no-such-bucket-here/prefix")
    with pytest.raises(Unavailable, match="cannot be stored in s3://no-such-bucket-here/prefix"):
        files.write("a", b"x")
    with pytest.raises(Unavailable, match="no-such-bucket-here"):
        files.ping()
    files.prepare()
    files.ping()
    files.write("a", b"x")
    assert files.keys() == ["a"]


def test_an_s3_server_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    files = FileStore("s3://gone/prefix")
    with pytest.raises(Unavailable, match="cannot be stored in s3://gone/prefix"):
        files.write("a", b"x")
    with pytest.raises(Unavailable, match="cannot be read"):
        files.exists("a")


def test_a_sink_is_discarded_once_and_again(tmp_path: Path) -> None:
    sink = LocalSink(tmp_path / "a", "a cannot be stored")
    sink.write(b"x")
    sink.discard()
    sink.discard()
    assert list(tmp_path.iterdir()) == []
