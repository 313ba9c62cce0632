"""Several places in turn, what is here already, and what the lock remembers of it."""

import errno
import hashlib
import os
import threading
import time

import pytest

from oceanbench.download import Artefact, Candidate, DownloadError, Lock, fetch
from oceanbench.download import fetching as fetching_module
from oceanbench.download.part import Part

OTHER = b"another version " * 1000


def test_the_next_place_is_tried_and_the_reason_is_kept(server, get, target, body):
    outcome = get(server.url("/gone.nc"), server.add("/x.nc", body))
    assert target.read_bytes() == body
    assert outcome.source == "place1"
    told = [(str(failure), failure.place) for failure in outcome.failures]
    assert told == [("place0: 404 Not Found, it is not there", server.url("/gone.nc"))]


def test_where_all_fail_every_place_is_listed(server, get):
    pages = [server.url("/gone.nc"), server.add("/page.nc", b"<html>"), server.add("/busy.nc", always=503)]
    with pytest.raises(DownloadError) as caught:
        get(*pages)
    lines = str(caught.value).splitlines()
    assert lines[0] == "1 of 1 files could not be had"
    assert lines[1].strip() == "x.nc"
    assert [line.split(":")[0].strip() for line in lines[2:5]] == ["place0", "place1", "place2"]
    assert lines[-1] == "Try again later; what has come so far is kept and continued."


def test_an_artefact_without_any_place_says_so(get):
    with pytest.raises(DownloadError, match="no place is known that has it"):
        get()


def test_another_place_continues_where_size_and_digest_are_known(server, get, target, body, promise):
    first = server.add("/first.nc", body, etag='"v1"', cuts=[20_000, 0, 0, 0])
    get(first, server.add("/second.nc", body, etag='"v2"'), **promise(body))
    assert target.read_bytes() == body
    assert server.ranges()[-1] == "bytes=20000-"


def test_another_place_begins_anew_where_no_digest_is_known(server, get, target, body):
    first = server.add("/first.nc", OTHER * 4, etag='"v1"', cuts=[20_000, 0, 0, 0])
    get(first, server.add("/second.nc", body, etag='"v1"'), size=None)
    assert target.read_bytes() == body
    assert server.ranges()[-1] is None


def test_a_joined_part_is_never_held_for_a_version_of_either_place(server, get, target, body, promise):
    """Bytes of two places, cut again, without the promise that pinned them: nothing of it is used."""
    first = server.add("/first.nc", OTHER * 4, etag='"v1"', cuts=[20_000, 0, 0, 0])
    second = server.add("/second.nc", body, etag='"v1"', cuts=[5_000, 0, 0, 0])
    with pytest.raises(DownloadError):
        get(first, second, size=len(body), sha256="0" * 64)  # sizes differ: the first is refused at once
    server.pages["/first.nc"].body = (OTHER * 4)[: len(body)].ljust(len(body), b".")
    server.pages["/first.nc"].cuts = [20_000, 0, 0, 0]
    server.pages["/second.nc"].cuts = [5_000, 0, 0, 0]
    target.with_name("x.nc.part").unlink(missing_ok=True)
    with pytest.raises(DownloadError):
        get(first, second, **promise(body))
    assert target.with_name("x.nc.part").stat().st_size == 25_000
    get(second)
    assert target.read_bytes() == body
    assert server.ranges()[-1] is None


def test_a_wrong_file_is_deleted_and_the_next_place_is_tried(server, get, target, body, promise):
    wrong = bytes(len(body))
    outcome = get(server.add("/wrong.nc", wrong), server.add("/x.nc", body), **promise(body))
    assert target.read_bytes() == body
    assert "it sent another file: its sha256 is" in outcome.failures[0].reason


def test_a_first_download_is_trusted_and_recorded(server, get, target, body):
    get(server.add("/x.nc", body))
    entry = Lock(target.parent).entries()["x.nc"]
    assert entry.trust == "first use"
    assert entry.sha256 == hashlib.sha256(body).hexdigest()
    assert (entry.size, entry.place, entry.source) == (len(body), server.url("/x.nc"), "place0")


def test_a_promised_download_is_recorded_as_promised(server, get, target, body, promise):
    get(server.add("/x.nc", body), **promise(body))
    entry = Lock(target.parent).entries()["x.nc"]
    assert (entry.trust, entry.md5) == ("promised", promise(body)["md5"])


def test_a_later_download_of_another_file_is_refused_with_the_cure(server, get, target, body):
    get(server.add("/x.nc", body))
    target.unlink()
    with pytest.raises(DownloadError, match=r"take it with --accept-changed x\.nc") as caught:
        get(server.add("/x.nc", OTHER))
    assert hashlib.sha256(body).hexdigest() in str(caught.value)
    assert not target.exists()


def test_another_file_can_be_accepted(server, get, target, body):
    get(server.add("/x.nc", body))
    target.unlink()
    get(server.add("/x.nc", OTHER), accept_changed=["x.nc"])
    assert target.read_bytes() == OTHER
    assert Lock(target.parent).check(target) == "ok"


def test_a_new_promise_of_the_definition_outweighs_what_is_remembered(server, get, target, body, promise):
    get(server.add("/x.nc", body))
    target.unlink()
    get(server.add("/x.nc", OTHER), **promise(OTHER))
    assert target.read_bytes() == OTHER


def test_a_file_put_there_by_hand_is_taken_and_nobody_is_asked(server, get, target, body):
    target.parent.mkdir()
    target.write_bytes(body)
    assert get(server.url("/x.nc")).how == "found here"
    assert Lock(target.parent).entries()["x.nc"].trust == "found here"
    assert server.asked == []


def test_a_file_put_there_by_hand_is_held_against_the_promise(server, get, target, body, promise):
    target.parent.mkdir()
    target.write_bytes(OTHER)
    with pytest.raises(DownloadError, match=r"not the file of the definition(.|\n)*Move .* away"):
        get(server.add("/x.nc", body), **promise(body))
    assert target.read_bytes() == OTHER


def test_a_file_that_was_changed_is_not_overwritten(server, get, target, body):
    get(server.add("/x.nc", body))
    target.write_bytes(OTHER)
    with pytest.raises(DownloadError, match=r"it was changed since(.|\n)*--accept-changed x\.nc"):
        get(server.url("/x.nc"))
    assert target.read_bytes() == OTHER


def test_a_file_that_was_changed_may_be_kept(server, get, target, body):
    get(server.add("/x.nc", body))
    target.write_bytes(OTHER)
    assert get(server.url("/x.nc"), accept_changed=["x.nc"]).how == "found here"


def test_a_file_that_was_only_touched_is_read_once_more_and_stays(server, get, target, body):
    url = server.add("/x.nc", body)
    get(url)
    os.utime(target, (1, 1))
    assert get(url).how == "already here"
    assert Lock(target.parent).entries()["x.nc"].mtime_ns == 10**9
    assert len(server.asked) == 1


def test_a_promise_that_came_later_is_checked_on_the_file_that_is_here(server, get, target, body, promise):
    get(server.add("/x.nc", body))
    assert get(server.url("/x.nc"), md5=promise(body)["md5"]).how == "already here"
    entry = Lock(target.parent).entries()["x.nc"]
    assert (entry.md5, entry.trust, entry.source) == (promise(body)["md5"], "promised", "place0")
    with pytest.raises(DownloadError, match="not the file of the definition: its md5"):
        get(server.url("/x.nc"), md5="0" * 32)


def test_files_of_one_run_arrive_together_and_one_failure_stops_no_other(server, tmp_path, quick, body):
    lock = Lock(tmp_path)
    names = [f"{number}.nc" for number in range(6)]
    for name in names[1:]:
        server.add(f"/{name}", body + name.encode(), seconds_per_block=0.01)
    artefacts = [
        Artefact(name, tmp_path / name, (Candidate(server.url(f"/{name}"), "here"),)) for name in names
    ]
    with pytest.raises(DownloadError, match=r"1 of 6 files could not be had\n  0\.nc") as caught:
        fetch(artefacts, lock=lock, jobs=3, patience=quick)
    assert [outcome.artefact.name for outcome in caught.value.outcomes] == names[1:]
    assert [(tmp_path / name).read_bytes() for name in names[1:]] == [
        body + name.encode() for name in names[1:]
    ]
    assert sorted(lock.entries()) == names[1:]


@pytest.mark.parametrize("jobs", [1, 3])
def test_as_many_files_as_jobs_are_fetched_at_the_same_time(server, tmp_path, quick, body, jobs):
    """The server sends nothing before that many ask at once; it would hang up after five seconds."""
    meeting = threading.Barrier(jobs, timeout=5)
    names = [f"{number}.nc" for number in range(jobs * 2)]
    for name in names:
        server.add(f"/{name}", body, meeting=meeting)
    artefacts = [
        Artefact(name, tmp_path / name, (Candidate(server.url(f"/{name}"), "here"),)) for name in names
    ]
    assert len(fetch(artefacts, lock=Lock(tmp_path), jobs=jobs, patience=quick)) == len(names)


def test_two_artefacts_with_one_target_are_refused(tmp_path):
    one = Artefact("a", tmp_path / "x.nc", ())
    other = Artefact("b", tmp_path / "sub" / ".." / "x.nc", ())
    with pytest.raises(ValueError, match=r"'x\.nc' is the target of 2 artefacts"):
        fetch([one, other], lock=Lock(tmp_path))


def test_a_target_outside_the_folder_of_the_lock_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is not below"):
        fetch([Artefact("a", tmp_path / "x.nc", ())], lock=Lock(tmp_path / "data"))


def test_no_jobs_are_refused(tmp_path):
    with pytest.raises(ValueError, match="jobs is 0"):
        fetch([], lock=Lock(tmp_path), jobs=0)


class Died(BaseException):
    """The process dies here."""


def _die(*_: object) -> None:
    raise Died


@pytest.mark.parametrize("place", ["_store", "append", "digests", "place"])
def test_a_process_that_dies_at_any_step_leaves_what_the_next_one_finishes(
    server, get, target, body, monkeypatch, place
):
    url = server.add("/x.nc", body, etag='"v1"')
    with monkeypatch.context() as patched:
        patched.setattr(Part, place, _die)
        with pytest.raises(Died):
            get(url)
        assert not target.exists()
    get(url)
    assert target.read_bytes() == body
    assert Lock(target.parent).check(target, deep=True) == "ok"


def test_a_process_that_dies_between_the_last_two_steps_downloads_nothing_again(
    server, get, target, body, monkeypatch
):
    url = server.add("/x.nc", body, etag='"v1"')
    with monkeypatch.context() as patched:
        patched.setattr(Part, "place", _die)
        with pytest.raises(Died):
            get(url)
    get(url)
    assert target.read_bytes() == body
    assert len(server.asked) == 1


def test_ctrl_c_ends_all_transfers_and_keeps_their_parts(server, tmp_path, quick, body, monkeypatch):
    """The main thread is interrupted while it waits: all threads end at once, and a later run goes on."""
    names = ["a.nc", "b.nc"]
    for name in names:
        server.add(f"/{name}", body, etag='"v1"', stalls=[20_000])
    artefacts = [
        Artefact(name, tmp_path / name, (Candidate(server.url(f"/{name}"), "here"),)) for name in names
    ]

    def interrupt(futures: object, meter: object) -> None:
        while sum((tmp_path / f"{name}.part").exists() for name in names) < 2:
            time.sleep(0.01)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(fetching_module, "_watch", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch(artefacts, lock=Lock(tmp_path), patience=quick)
    assert not any((tmp_path / name).exists() for name in names)
    fetch(artefacts, lock=Lock(tmp_path), patience=quick)
    assert all((tmp_path / name).read_bytes() == body for name in names)


def test_a_full_disk_before_the_transfer_is_told_with_both_figures(server, get, body, monkeypatch):
    monkeypatch.setattr("oceanbench.download.space.free_bytes", lambda folder: 2 * 10**9)
    with pytest.raises(OSError, match=r"5 TB are needed in .* and 2 GB are free"):
        get(server.url("/x.nc"), size=5 * 10**12)
    assert server.asked == []


def test_a_size_that_only_the_server_knows_is_held_against_the_disk_too(server, get, body, monkeypatch):
    monkeypatch.setattr("oceanbench.download.space.free_bytes", lambda folder: 10_000)
    monkeypatch.setattr("oceanbench.download.space.MARGIN", 0)
    with pytest.raises(OSError, match=r"50 kB are needed .* 10 kB are free"):
        get(server.add("/x.nc", body))


def test_what_is_here_of_a_file_needs_no_room_again(server, get, target, body, monkeypatch):
    url = server.add("/x.nc", body, etag='"v1"', cuts=[20_000, 0, 0, 0])
    with pytest.raises(DownloadError):
        get(url, size=len(body))
    monkeypatch.setattr("oceanbench.download.space.free_bytes", lambda folder: 30_000)
    monkeypatch.setattr("oceanbench.download.space.MARGIN", 0)
    get(url, size=len(body))
    assert target.read_bytes() == body


def test_a_disk_that_fills_up_meanwhile_ends_the_run_and_asks_no_other_place(server, get, body, monkeypatch):
    def full(part: Part, chunks: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Part, "append", full)
    with pytest.raises(OSError, match=r"is full \(No space left on device\); make room and run again"):
        get(server.add("/x.nc", body), server.add("/y.nc", body))
    assert len(server.asked) == 1
