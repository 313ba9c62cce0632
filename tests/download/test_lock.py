"""The lock file: what is recorded, checked and never lost."""

import hashlib
import json
import os
import threading
from pathlib import Path

import pytest

from oceanbench.download import Entry, Lock, Placed
from oceanbench.download.digests import digests_of
from oceanbench.download.lock import LOCK_NAME


def _entry(content: bytes, path: Path | None = None, **more: object) -> Entry:
    mtime_ns = path.stat().st_mtime_ns if path else 0
    facts = {"source": "sea", "place": "https://sea.example/x.nc", "trust": "first use", **more}
    return Entry(len(content), hashlib.sha256(content).hexdigest(), mtime_ns=mtime_ns, **facts)


@pytest.fixture
def kept(tmp_path) -> Path:
    """A file that is recorded."""
    path = tmp_path / "obs" / "x.nc"
    path.parent.mkdir()
    path.write_bytes(b"0123456789")
    Lock(tmp_path).record(path, _entry(b"0123456789", path))
    return path


def test_a_file_that_is_recorded_is_ok(tmp_path, kept):
    assert Lock(tmp_path).check(kept) == "ok"
    assert Lock(tmp_path).check(kept, deep=True) == "ok"


def test_a_file_of_another_size_is_changed(tmp_path, kept):
    kept.write_bytes(b"012345678")
    assert Lock(tmp_path).check(kept) == "changed"


def test_a_file_with_another_time_is_read_again(tmp_path, kept):
    os.utime(kept, (1, 1))
    assert Lock(tmp_path).check(kept) == "ok"
    kept.write_bytes(b"9876543210")
    assert Lock(tmp_path).check(kept) == "changed"


def test_a_change_that_hides_its_size_and_time_is_found_by_a_deep_look(tmp_path, kept):
    stamp = kept.stat().st_mtime_ns
    kept.write_bytes(b"9876543210")
    os.utime(kept, ns=(stamp, stamp))
    assert Lock(tmp_path).check(kept) == "ok"
    assert Lock(tmp_path).check(kept, deep=True) == "changed"


def test_a_file_that_is_gone_is_missing_and_one_never_recorded_is_unknown(tmp_path, kept):
    kept.unlink()
    assert Lock(tmp_path).check(kept) == "missing"
    assert Lock(tmp_path).check(tmp_path / "other.nc") == "unknown"
    assert Lock(tmp_path / "new folder").check(tmp_path / "new folder" / "x.nc") == "unknown"


def test_files_are_named_below_the_folder(tmp_path, kept):
    assert list(Lock(tmp_path).entries()) == ["obs/x.nc"]
    with pytest.raises(ValueError, match=r"elsewhere\.nc is not below"):
        Lock(tmp_path).check(tmp_path.parent / "elsewhere.nc")
    with pytest.raises(ValueError, match="is not below"):
        Lock(tmp_path).check(tmp_path / "obs" / ".." / ".." / "x.nc")


def test_a_relative_folder_works_as_well(tmp_path, kept, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Lock(Path()).check(Path("obs/x.nc")) == "ok"


def test_what_is_forgotten_is_unknown(tmp_path, kept):
    Lock(tmp_path).forget(kept)
    assert Lock(tmp_path).check(kept) == "unknown"


def test_another_reader_sees_what_was_recorded_meanwhile(tmp_path, kept):
    reader = Lock(tmp_path)
    assert reader.check(tmp_path / "y.nc") == "unknown"
    Lock(tmp_path).record(tmp_path / "y.nc", _entry(b""))
    assert reader.check(tmp_path / "y.nc") == "missing"


def test_threads_that_read_at_once_never_keep_what_is_no_longer_true(tmp_path, kept):
    """One reads the older file, is held up while the other reads the newer one, and remembers in between."""
    parsed, go_on = threading.Event(), threading.Event()

    class Held(Lock):
        def __setattr__(self, name: str, value: object) -> None:
            if threading.current_thread() is late:
                parsed.set()
                go_on.wait(5)
            super().__setattr__(name, value)
            if threading.current_thread() is not late and parsed.is_set() and not go_on.is_set():
                go_on.set()
                late.join()

    late = threading.Thread(target=lambda: lock.entries())
    lock = Held(tmp_path)
    late.start()
    assert parsed.wait(5)
    Lock(tmp_path).record(tmp_path / "y.nc", _entry(b""))
    assert len(lock.entries()) == 2
    assert len(lock.entries()) == 2


def test_records_made_at_once_are_all_kept(tmp_path):
    names = [f"{number}.nc" for number in range(24)]

    def record(some: list[str]) -> None:
        for name in some:
            Lock(tmp_path).record(tmp_path / name, _entry(name.encode()))

    threads = [threading.Thread(target=record, args=(names[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Lock(tmp_path).entries()) == sorted(names)


def test_an_entry_survives_writing_and_reading(tmp_path, kept):
    entry = _entry(b"abc", md5="0" * 32, archive="all.tar.gz")
    Lock(tmp_path).record(tmp_path / "é.nc", entry)
    assert Lock(tmp_path).entry(tmp_path / "é.nc") == entry


def test_members_of_an_archive_inherit_where_it_came_from(tmp_path):
    archive, member = tmp_path / "all.tar", tmp_path / "obs" / "x.nc"
    member.parent.mkdir()
    member.write_bytes(b"abc")
    lock = Lock(tmp_path)
    lock.record(archive, _entry(b"packed", trust="promised", md5="1" * 32))
    sha256 = hashlib.sha256(b"abc").hexdigest()
    lock.record_unpacked(archive, [Placed("a/x.nc", member, 3, sha256, member.stat().st_mtime_ns)])
    entry = lock.entry(member)
    assert (entry.archive, entry.trust, entry.md5, entry.source) == ("all.tar", "promised", None, "sea")
    assert lock.check(member, deep=True) == "ok"
    assert lock.check(archive) == "unknown"
    assert lock.archives()["all.tar"].members == ("obs/x.nc",)


def test_an_archive_that_is_gone_is_remembered_for_the_next_download(tmp_path):
    archive = tmp_path / "all.tar"
    lock = Lock(tmp_path)
    lock.record(archive, _entry(b"packed"))
    lock.record_unpacked(archive, [])
    assert lock.remembered(archive).sha256 == hashlib.sha256(b"packed").hexdigest()


def test_an_archive_that_stays_is_recorded_as_a_file_too(tmp_path):
    archive = tmp_path / "all.tar"
    archive.write_bytes(b"packed")
    lock = Lock(tmp_path)
    lock.record(archive, _entry(b"packed", archive))
    lock.record_unpacked(archive, [], keep=True)
    assert lock.check(archive) == "ok"


def test_an_archive_that_was_never_fetched_cannot_be_recorded_as_unpacked(tmp_path):
    with pytest.raises(LookupError, match=r"all\.tar is not in"):
        Lock(tmp_path).record_unpacked(tmp_path / "all.tar", [])


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 1}', '{"format": 1, "files": {"a": {}}, "archives": {}}']
)
def test_a_lock_that_cannot_be_read_says_what_to_do(tmp_path, text):
    (tmp_path / LOCK_NAME).write_text(text)
    with pytest.raises(ValueError, match=r"is not a lock file that can be read .*move it away"):
        Lock(tmp_path).check(tmp_path / "x.nc")


def test_a_lock_of_a_later_version_is_not_guessed_at(tmp_path):
    (tmp_path / LOCK_NAME).write_text(json.dumps({"format": 2}))
    with pytest.raises(ValueError, match="has format 2, this version reads 1"):
        Lock(tmp_path).check(tmp_path / "x.nc")


def test_digests_are_those_of_the_standard(tmp_path):
    """FIPS 180-4 and RFC 1321 give the digests of ``abc``."""
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert digests_of(path, md5=True) == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "900150983cd24fb0d6963f7d28e17f72",
    )
