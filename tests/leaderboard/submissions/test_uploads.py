"""Bytes that were acknowledged are safe; bytes with another digest are thrown away."""

import hashlib
import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oceanbench_leaderboard.errors import (
    Conflict,
    DigestMismatch,
    Forbidden,
    NotFound,
    QuotaExceeded,
    ServiceError,
    TooLarge,
    Unavailable,
)
from oceanbench_leaderboard.service import Service
from oceanbench_leaderboard.store import Database, FileStore, Sink
from oceanbench_leaderboard.submissions import PartWriter, UploadState, file_keys, open_part, upload_state
from tests.leaderboard.submissions.entries import EMBEDDED, enter_bytes, sha256, someone, upload
from tests.service_parts import Recorder

DATA = bytes(range(256)) * 8


def stored(service: Service) -> list[str]:
    return service.files.keys("uploads")


def test_nothing_of_an_upload_is_known_before_it_begins(service: Service) -> None:
    assert upload_state(service, someone(service), sha256(DATA)) == UploadState(sha256(DATA), None, 0, False)


def test_an_upload_in_one_piece_is_whole_and_in_the_store(service: Service) -> None:
    who = someone(service)
    digest = upload(service, who, DATA)
    assert upload_state(service, who, digest) == UploadState(digest, len(DATA), len(DATA), True)
    assert b"".join(service.files.read(key) for key in stored(service)) == DATA


def test_what_came_before_a_cut_is_kept_and_the_rest_follows(
    service: Service, tmp_path: Path, toy_board: Path
) -> None:
    who, digest = someone(service), sha256(DATA)
    for start, stop in ((0, 700), (700, 701), (701, len(DATA))):
        writer = open_part(service, who, digest, size=len(DATA), start=start)
        writer.write(DATA[start:stop])
        assert writer.offset == stop
        assert writer.close() == UploadState(digest, len(DATA), stop, stop == len(DATA))
    found = enter_bytes(service, who, DATA).id
    service.files.join(file_keys(service, who, found), tmp_path / "whole")
    assert (tmp_path / "whole").read_bytes() == DATA


def test_a_part_without_a_byte_changes_nothing(service: Service) -> None:
    who = someone(service)
    assert open_part(service, who, sha256(DATA), size=len(DATA), start=0).close().offset == 0
    assert stored(service) == []


def test_an_abandoned_part_leaves_nothing(service: Service) -> None:
    who = someone(service)
    writer = open_part(service, who, sha256(DATA), size=len(DATA), start=0)
    writer.write(DATA[:100])
    writer.abandon()
    assert stored(service) == []
    assert upload_state(service, who, sha256(DATA)).offset == 0
    with pytest.raises(ServiceError, match="was closed"):
        writer.write(b"more")


def test_a_part_that_is_not_the_next_is_refused_and_told_where_to_go_on(service: Service) -> None:
    who, digest = someone(service), sha256(DATA)
    writer = open_part(service, who, digest, size=len(DATA), start=0)
    writer.write(DATA[:100])
    writer.close()
    for start in (0, 99, 101, len(DATA)):
        with pytest.raises(
            Conflict, match=f"100 bytes are safe; go on from there, not from {start}"
        ) as refused:
            open_part(service, who, digest, size=len(DATA), start=start)
        assert refused.value.offset == 100


def test_a_whole_upload_takes_no_more(service: Service) -> None:
    who = someone(service)
    digest = upload(service, who, DATA)
    with pytest.raises(Conflict, match="here already") as refused:
        open_part(service, who, digest, size=len(DATA), start=0)
    assert refused.value.offset == len(DATA)


@pytest.mark.parametrize("cuts", [[], [1000], [1, 2, 2000]])
def test_bytes_with_another_digest_are_thrown_away_whole(service: Service, cuts: list[int]) -> None:
    who, wrong = someone(service), sha256(b"something else")
    edges = [0, *cuts, len(DATA)]
    for start, stop in pairwise(edges):
        writer = open_part(service, who, wrong, size=len(DATA), start=start)
        writer.write(DATA[start:stop])
        if stop < len(DATA):
            writer.close()
    with pytest.raises(DigestMismatch, match=f"have the SHA-256 {sha256(DATA)}, not {wrong}"):
        writer.close()
    assert stored(service) == []
    assert upload_state(service, who, wrong) == UploadState(wrong, None, 0, False)


def test_more_bytes_than_were_told_are_refused_and_those_before_are_kept(service: Service) -> None:
    who, digest = someone(service), sha256(DATA)
    writer = open_part(service, who, digest, size=len(DATA), start=0)
    writer.write(DATA[:-1])
    with pytest.raises(TooLarge, match=f"more than the {len(DATA)} bytes"):
        writer.write(DATA[:2])
    assert writer.close().offset == len(DATA) - 1


def test_another_size_begins_the_upload_anew(service: Service) -> None:
    who, digest = someone(service), sha256(DATA)
    writer = open_part(service, who, digest, size=len(DATA) + 5, start=0)
    writer.write(DATA[:100])
    writer.close()
    with pytest.raises(Conflict, match=f"to have {len(DATA) + 5} bytes, not {len(DATA)}") as refused:
        open_part(service, who, digest, size=len(DATA), start=100)
    assert refused.value.offset == 0
    assert upload(service, who, DATA) == digest
    assert len(stored(service)) == 1


@EMBEDDED
@pytest.mark.parametrize("size", [0, -1])
def test_an_upload_has_bytes(service: Service, size: int) -> None:
    with pytest.raises(ServiceError, match=f"size {size} and start 0"):
        open_part(service, someone(service), sha256(DATA), size=size, start=0)


@EMBEDDED
def test_a_file_over_the_limit_is_refused_before_a_byte_comes(service: Service) -> None:
    limit = service.settings.limits.upload_bytes
    with pytest.raises(TooLarge, match=f"{limit + 1} bytes; at most {limit}"):
        open_part(service, someone(service), sha256(DATA), size=limit + 1, start=0)


@EMBEDDED
@pytest.mark.parametrize(
    "digest", ["", "ab", "AB" * 32, "g" * 64, "../" * 21 + "x", "a" * 65, "a" * 63 + "\n"]
)
def test_what_is_no_digest_never_becomes_a_place_in_the_store(service: Service, digest: str) -> None:
    who = someone(service)
    with pytest.raises(ServiceError, match="is no SHA-256"):
        open_part(service, who, digest, size=1, start=0)
    with pytest.raises(ServiceError, match="is no SHA-256"):
        upload_state(service, who, digest)


@EMBEDDED
def test_a_token_that_only_reads_uploads_nothing(service: Service) -> None:
    with pytest.raises(Forbidden, match="scope 'submit'"):
        open_part(service, someone(service, "Tides", "read"), sha256(DATA), size=1, start=0)


def test_two_teams_that_send_the_same_bytes_know_nothing_of_each_other(service: Service) -> None:
    upload(service, someone(service, "Tides"), DATA)
    waves = someone(service, "Waves")
    assert upload_state(service, waves, sha256(DATA)).offset == 0
    assert upload(service, waves, DATA) == sha256(DATA)
    assert len(stored(service)) == 2


def test_of_requests_that_send_the_same_stretch_at_once_one_is_kept(service: Service) -> None:
    who, digest = someone(service), sha256(DATA)
    writers = [open_part(service, who, digest, size=len(DATA), start=0) for _ in range(6)]
    outcomes: list[object] = []

    def send(writer: PartWriter) -> None:
        writer.write(DATA)
        try:
            outcomes.append(writer.close())
        except Conflict as refused:
            outcomes.append(refused.offset)

    threads = [threading.Thread(target=send, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(UploadState(digest, len(DATA), len(DATA), True)) == 1
    assert outcomes.count(len(DATA)) == 5
    assert len(stored(service)) == 1


def test_a_second_web_process_goes_on_where_the_first_was_killed(service: Service) -> None:
    who, digest = someone(service), sha256(DATA)
    first = open_part(service, who, digest, size=len(DATA), start=0)
    first.write(DATA[:500])
    first.close()
    killed = open_part(service, who, digest, size=len(DATA), start=500)
    killed.write(DATA[500:600])  # and never closed
    other = Service(
        service.settings,
        Database(service.settings.database_url),
        FileStore(service.settings.store_url),
        Recorder(),
        service.now,
    )
    assert upload_state(other, who, digest).offset == 500
    rest = open_part(other, who, digest, size=len(DATA), start=500)
    rest.write(DATA[500:])
    assert rest.close().complete
    other.close()
    killed.abandon()


def test_a_store_that_fails_keeps_no_row(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    who, digest = someone(service), sha256(DATA)
    writer = open_part(service, who, digest, size=len(DATA), start=0)
    writer.write(DATA)

    def full(sink: Sink) -> None:
        sink.discard()
        raise Unavailable("no space left on device; try again later")

    with monkeypatch.context() as broken:
        broken.setattr(type(writer._sink), "commit", full)
        with pytest.raises(Unavailable, match="no space left"):
            writer.close()
    assert upload_state(service, who, digest).offset == 0
    assert upload(service, who, DATA) == digest


def test_where_the_database_falls_silent_the_bytes_stay_for_it_may_have_kept_the_row(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, digest = someone(service), sha256(DATA)
    writer = open_part(service, who, digest, size=len(DATA), start=0)
    writer.write(DATA)

    def gone(*_: object, **__: object) -> None:
        raise Unavailable("the database does not answer; try again later")

    with monkeypatch.context() as broken:
        broken.setattr(Database, "transaction", gone)
        with pytest.raises(Unavailable, match="does not answer"):
            writer.close()
    left = stored(service)
    assert [service.files.read(key) for key in left] == [DATA]
    assert upload_state(service, who, digest).offset == 0
    assert upload(service, who, DATA) == digest
    assert len(stored(service)) == 2


def test_an_answer_that_got_lost_is_found_by_asking_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, digest = someone(service), sha256(DATA)
    writer = open_part(service, who, digest, size=len(DATA), start=0)
    writer.write(DATA)
    kept = PartWriter._keep

    def lost(*words: Any) -> None:
        kept(*words)
        raise Unavailable("the database does not answer: the connection broke; try again later")

    with monkeypatch.context() as broken:
        broken.setattr(PartWriter, "_keep", lost)
        with pytest.raises(Unavailable, match="the connection broke"):
            writer.close()
    assert upload_state(service, who, digest).complete
    assert b"".join(service.files.read(key) for key in stored(service)) == DATA


def test_a_team_that_enters_nothing_cannot_fill_the_store(service: Service, toy_board: Path) -> None:
    who = someone(service)
    enter_bytes(service, who, b"entered")
    for number in range(64):
        open_part(service, who, sha256(b"%d" % number), size=1, start=0).abandon()
    with pytest.raises(QuotaExceeded, match="64 files of your team belong to no submission"):
        open_part(service, who, sha256(b"one more"), size=1, start=0)
    open_part(service, someone(service, "Waves"), sha256(b"one more"), size=1, start=0).abandon()


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=300), cuts=st.lists(st.integers(0, 300), max_size=5))
def test_however_bytes_are_cut_they_come_out_as_they_went_in(
    service: Service, tmp_path: Path, data: bytes, cuts: list[int]
) -> None:
    who, salted = someone(service), data + hashlib.sha256(repr((data, cuts)).encode()).digest()
    digest, offset = sha256(salted), 0
    for stop in [*sorted(cut for cut in cuts if cut < len(salted)), len(salted)]:
        writer = open_part(service, who, digest, size=len(salted), start=offset)
        for place in range(offset, stop, 64):
            writer.write(salted[place : min(place + 64, stop)])
        offset = writer.close().offset
    keys = service.files.keys(f"uploads/{who.team_id}/{digest}")
    assert b"".join(service.files.read(key) for key in keys) == salted
    assert upload_state(service, who, digest).complete


def test_the_bytes_of_a_submission_are_not_for_others(service: Service, toy_board: Path) -> None:
    shown = enter_bytes(service, someone(service), DATA)
    with pytest.raises(NotFound, match=shown.id):
        file_keys(service, someone(service, "Waves"), shown.id)
    with pytest.raises(NotFound, match=shown.id):
        file_keys(service, None, shown.id)
