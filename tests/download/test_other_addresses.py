"""Everything else that fsspec opens: plain paths, file, memory, ftp, s3."""

import io
import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import fsspec
import pytest

from oceanbench.download import Account, Candidate, DownloadError, probe
from oceanbench.download.part import Origin, Part

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pyftpdlib brings its own copies of modules that Python gave up
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.servers import FTPServer


@pytest.fixture
def elsewhere(tmp_path, body) -> Path:
    """A file in another folder."""
    path = tmp_path / "mirror" / "x.nc"
    path.parent.mkdir()
    path.write_bytes(body)
    return path


def test_a_plain_path_is_copied(get, target, body, elsewhere):
    outcome = get(str(elsewhere))
    assert target.read_bytes() == body
    assert outcome.place == str(elsewhere)


def test_a_file_address_is_copied(get, target, body, elsewhere):
    get(elsewhere.as_uri())
    assert target.read_bytes() == body


def test_a_file_in_memory_is_copied(get, target, body):
    with fsspec.open("memory://mirror/x.nc", "wb") as file:
        file.write(body)
    get("memory://mirror/x.nc")
    assert target.read_bytes() == body


def test_a_path_that_is_not_there_is_told(get, tmp_path):
    with pytest.raises(DownloadError, match="place0: it is not there"):
        get(str(tmp_path / "absent.nc"))


def test_a_folder_is_not_a_file(get, tmp_path, elsewhere):
    with pytest.raises(DownloadError, match="place0: it is a folder there"):
        get(str(elsewhere.parent))


def test_an_unknown_kind_of_address_is_told(get):
    with pytest.raises(DownloadError, match="gopher"):
        get("gopher://sea.example/x.nc")


def _leave_part(target: Path, place: str, of: bytes, validator: str | None, size: int) -> None:
    """Leave what an interrupted copy leaves."""
    part = Part(target)
    part.restart(Origin(place, validator, size))
    for _ in part.append(io.BytesIO(of).readinto):
        pass


def _version(path: Path) -> str:
    return f"mtime {path.stat().st_mtime}, {path.stat().st_size} bytes"


def test_a_copy_continues_where_it_stopped(get, target, body, elsewhere):
    _leave_part(target, str(elsewhere), body[:20_000], _version(elsewhere), len(body))
    assert get(str(elsewhere)).resumed_at == 20_000
    assert target.read_bytes() == body


def test_a_copy_of_a_file_that_changed_meanwhile_begins_anew(get, target, body, elsewhere):
    _leave_part(target, str(elsewhere), bytes(20_000), "mtime 0.0, 50000 bytes", len(body))
    assert get(str(elsewhere)).resumed_at == 0
    assert target.read_bytes() == body


def test_a_copy_that_is_whole_but_was_not_looked_at_again_is_not_believed(get, target, body, elsewhere):
    _leave_part(target, str(elsewhere), bytes(len(body)), "mtime 0.0, 50000 bytes", len(body))
    get(str(elsewhere))
    assert target.read_bytes() == body


def test_a_file_that_changes_while_it_is_copied_is_copied_again(get, target, body, elsewhere, monkeypatch):
    monkeypatch.setattr("oceanbench.download.digests._BUFFER", 10_000)
    appended = Part.append

    def append(self: Part, readinto: Callable[[memoryview], int]) -> Iterator[int]:
        for number, count in enumerate(appended(self, readinto)):
            if number == 2 and elsewhere.read_bytes() == body:
                elsewhere.write_bytes(body[::-1])
            yield count

    monkeypatch.setattr(Part, "append", append)
    get(str(elsewhere))
    assert target.read_bytes() == body[::-1]


class _Ftp(FTPHandler):
    """Notes where transfers began."""

    begun: list[int]

    def ftp_REST(self, line: str) -> object:
        self.begun.append(int(line))
        return super().ftp_REST(line)


@pytest.fixture
def ftp(elsewhere):
    """A server with the folder of ``elsewhere``: open to everybody, and to ann with a password."""
    logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
    authorizer = DummyAuthorizer()
    authorizer.add_anonymous(str(elsewhere.parent))
    authorizer.add_user("ann", "sesame", str(elsewhere.parent))
    handler = type("Handler", (_Ftp,), {"authorizer": authorizer, "begun": [], "auth_failed_timeout": 0})
    server = FTPServer(("127.0.0.1", 0), handler)
    end = threading.Event()

    def run() -> None:
        while not end.is_set():
            server.serve_forever(timeout=0.02, blocking=False)

    thread = threading.Thread(target=run)
    thread.start()
    server.begun = handler.begun
    server.url = f"ftp://127.0.0.1:{server.address[1]}/x.nc"
    yield server
    end.set()
    thread.join()
    server.close_all()


def test_a_file_comes_by_ftp(get, target, body, ftp):
    get(ftp.url)
    assert target.read_bytes() == body


def test_a_transfer_by_ftp_continues(get, target, body, ftp):
    version = fsspec.filesystem("ftp", host="127.0.0.1", port=ftp.address[1]).info("/x.nc")["modify"]
    _leave_part(target, ftp.url, body[:20_000], f"modify {version}, {len(body)} bytes", len(body))
    assert get(ftp.url).resumed_at == 20_000
    assert target.read_bytes() == body
    assert ftp.begun == [20_000]


def test_an_account_is_used_by_ftp(get, target, body, ftp, monkeypatch):
    monkeypatch.setenv("SEA_USER", "ann")
    monkeypatch.setenv("SEA_PASSWORD", "sesame")
    get(Candidate(ftp.url, "sea", Account("Sea", "https://sea.example", "SEA_USER", "SEA_PASSWORD")))
    assert target.read_bytes() == body


def test_a_wrong_password_is_refused_by_ftp(get, ftp):
    with pytest.raises(DownloadError, match="access refused") as caught:
        get(ftp.url.replace("://", "://ann:open@"))
    assert "open@" not in str(caught.value)


def test_a_file_that_is_absent_by_ftp_is_told(get, ftp):
    with pytest.raises(DownloadError, match="place0: it is not there"):
        get(ftp.url.replace("x.nc", "absent.nc"))


def test_probing_tells_of_any_address(ftp, elsewhere, body, tmp_path):
    places = (ftp.url, str(elsewhere), str(tmp_path / "absent.nc"))
    findings = probe([Candidate(place, "somewhere") for place in places])
    assert [(finding.available, finding.size) for finding in findings] == [
        (True, len(body)),
        (True, len(body)),
        (False, None),
    ]


@pytest.fixture
def s3(server, body, old, monkeypatch):
    """A server that answers as S3 does for one object."""
    if find_spec("s3fs") is None:
        pytest.skip("s3fs is not installed")
    monkeypatch.setitem(fsspec.config.conf, "s3", {"endpoint_url": server.url("")})
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    server.add("/bucket/x.nc", body, etag='"0123456789abcdef0123456789abcdef"', modified=old)
    return "s3://bucket/x.nc"


def test_a_file_comes_from_s3_without_an_account(server, get, target, body, s3):
    get(s3)
    assert target.read_bytes() == body
    assert not [headers for _, _, headers in server.asked if "Authorization" in headers]


def test_a_transfer_from_s3_continues(server, get, target, body, s3):
    version = f'ETag "0123456789abcdef0123456789abcdef", {len(body)} bytes'
    _leave_part(target, s3, body[:20_000], version, len(body))
    assert get(s3).resumed_at == 20_000
    assert target.read_bytes() == body
    assert not [asked for asked in server.ranges() if asked and asked.startswith("bytes=0-")]


def test_an_object_that_is_absent_from_s3_is_told(get, s3):
    with pytest.raises(DownloadError, match="place0: it is not there"):
        get("s3://bucket/absent.nc")
