"""A file arrives whole, whatever is cut on the way, and nothing is sent twice."""

from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oceanbench_web.client import Patience, Refused, Unreachable, sha256_of, upload
from tests.web.client.conftest import Pretender

BYTES = bytes(range(256)) * 40  # 10 240


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "map.nc"
    file.write_bytes(BYTES)
    return file


def test_the_digest_is_that_of_the_bytes(path: Path) -> None:
    assert sha256_of(path) == sha256(BYTES).hexdigest()


def test_a_file_is_sent_in_pieces(pretender: Pretender, path: Path) -> None:
    done: list[float] = []
    with pretender.connect() as connection:
        upload(connection, path, sha256_of(path), lambda _, fraction: done.append(fraction), piece=4000)
    assert bytes(pretender.kept) == BYTES
    assert pretender.ranges == ["bytes 0-3999/10240", "bytes 4000-7999/10240", "bytes 8000-10239/10240"]
    assert done == sorted(done)
    assert done[-1] == 1.0


def test_what_the_service_has_is_not_sent_again(pretender: Pretender, path: Path) -> None:
    pretender.size, pretender.kept = len(BYTES), bytearray(BYTES)
    with pretender.connect() as connection:
        upload(connection, path, sha256_of(path))
    assert pretender.asked("PUT") == 0


def test_a_second_client_goes_on_where_the_first_was_cut(pretender: Pretender, path: Path) -> None:
    pretender.size, pretender.kept = len(BYTES), bytearray(BYTES[:1234])
    with pretender.connect() as connection:
        upload(connection, path, sha256_of(path))
    assert pretender.ranges == ["bytes 1234-10239/10240"]
    assert bytes(pretender.kept) == BYTES


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 3000), max_size=6), piece=st.integers(1500, 12000))
def test_wherever_the_connection_is_cut_the_file_arrives_whole(
    pretender: Pretender, path: Path, cuts: list[int], piece: int
) -> None:
    pretender.kept.clear()
    pretender.cuts, pretender.size = list(cuts), None
    with pretender.connect(patience=Patience(seconds=60.0)) as connection:
        upload(connection, path, sha256_of(path), piece=piece)
    assert bytes(pretender.kept) == BYTES


def test_an_offset_that_another_client_moved_is_honoured(pretender: Pretender, path: Path) -> None:
    digest = sha256_of(path)
    stale = {"sha256": digest, "size": len(BYTES), "offset": 0, "complete": False}
    pretender.will("GET", f"/uploads/{digest}", 200, stale)
    pretender.size, pretender.kept = len(BYTES), bytearray(BYTES[:5000])
    with pretender.connect() as connection:
        upload(connection, path, digest)
    assert pretender.ranges == ["bytes 0-10239/10240", "bytes 5000-10239/10240"]
    assert bytes(pretender.kept) == BYTES


def test_a_service_that_takes_no_byte_is_given_up(pretender: Pretender, path: Path) -> None:
    pretender.cuts = [0] * 100
    with pretender.connect() as connection, pytest.raises(Unreachable, match="nobody answers"):
        upload(connection, path, sha256_of(path))
    assert 3 <= pretender.asked("PUT") <= 6


def test_bytes_that_changed_on_the_way_are_told(pretender: Pretender, path: Path) -> None:
    with pretender.connect() as connection, pytest.raises(Refused, match="others than was told"):
        upload(connection, path, "0" * 64)


def test_an_empty_file_is_refused_before_anybody_is_asked(pretender: Pretender, tmp_path: Path) -> None:
    (tmp_path / "empty.nc").touch()
    with pretender.connect() as connection, pytest.raises(ValueError, match=r"empty.nc is empty"):
        upload(connection, tmp_path / "empty.nc", "0" * 64)
    assert pretender.requests == []


def test_a_file_that_grows_meanwhile_is_refused(pretender: Pretender, path: Path) -> None:
    def grow(stage: str, done: float) -> None:
        if done == 0.0:
            path.write_bytes(BYTES + b"more")

    with pretender.connect() as connection, pytest.raises(ValueError, match="had 10240 bytes and has 10244"):
        upload(connection, path, sha256(BYTES).hexdigest(), grow, piece=4000)
