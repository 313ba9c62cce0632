"""A server on this machine that plays all that servers do wrong, and what else a test of a download needs."""

import hashlib
import http.server
import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from pathlib import Path

import pytest

from oceanbench.download import Artefact, Candidate, Lock, Outcome, Patience, Standing, fetch

BLOCK = 1 << 13


def http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


@dataclass
class Page:
    """How one path is answered; what is a list is used up, one entry for each answer."""

    body: bytes = b""
    etag: str | None = None
    modified: str | None = None
    ranges: bool = True
    chunked: bool = False
    length: bool = True
    content_type: str = "application/x-netcdf"
    encoding: str | None = None
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    always: int | None = None
    cuts: list[int] = field(default_factory=list)
    stalls: list[int] = field(default_factory=list)
    seconds_per_block: float = 0.0
    shift: int = 0
    blind_to_if_range: bool = False
    mute_ranges: bool = False
    nameless_ranges: bool = False
    total: str | None = None
    redirect: str | None = None
    login: str | None = None
    head: bool = True
    more: dict[str, str] = field(default_factory=dict)
    meeting: threading.Barrier | None = None
    versions: list[tuple[bytes, str | None, str | None]] = field(default_factory=list)


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the page says."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def log_message(self, *_: object) -> None:
        """Be quiet."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_CONNECT(self) -> None:
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        page = self.server.pages.get(self.path)
        self._refuse(page.always if page and page.always else 501)

    def _answer(self, body: bool) -> None:
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            return self._refuse(404)
        if page.login and self.headers.get("Authorization") != page.login:
            return self._refuse(401)
        if page.redirect:
            return self._refuse(302, {"Location": page.redirect})
        if page.always or (page.refusals and body):
            return self._refuse(*((page.always, {}) if page.always else page.refusals.pop(0)))
        if not body and not page.head:
            return self._refuse(405)
        return self._send(page, body)

    def _refuse(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status, HTTPStatus(status).phrase)
        for name, value in {"Content-Length": "0", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()

    def _send(self, page: Page, body: bool) -> None:
        if page.versions and body:
            page.body, page.etag, page.modified = page.versions.pop(0)
        first = self._first(page)
        if first is not None and first >= len(page.body):
            return self._refuse(416, {"Content-Range": f"bytes */{len(page.body)}"})
        self.send_response(200 if first is None else 206)
        self._send_headers(page, first)
        if body and page.meeting:
            page.meeting.wait()
        if body:
            self._send_body(page, page.body[first or 0 :])
        return None

    def _first(self, page: Page) -> int | None:
        """Give the first byte asked for; None where the whole file is to be sent."""
        asked = self.headers.get("Range")
        if asked is None or not page.ranges:
            return None
        condition = self.headers.get("If-Range")
        if condition not in (None, page.etag, page.modified) and not page.blind_to_if_range:
            return None
        return int(asked.removeprefix("bytes=").partition("-")[0])

    def _send_headers(self, page: Page, first: int | None) -> None:
        size, start = len(page.body), first or 0
        headers = {"Content-Type": page.content_type, "ETag": page.etag, "Last-Modified": page.modified}
        headers["Content-Encoding"] = page.encoding
        if first is not None and page.nameless_ranges:
            headers["ETag"] = headers["Last-Modified"] = None
        if first is not None:
            headers["Content-Range"] = f"bytes {start + page.shift}-{size - 1}/{page.total or size}"
        elif page.ranges and not page.mute_ranges:
            headers["Accept-Ranges"] = "bytes"
        if page.chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif page.length:
            headers["Content-Length"] = str(size - start)
        else:
            headers["Connection"] = "close"
        for name, value in (headers | page.more).items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()

    def _send_body(self, page: Page, body: bytes) -> None:
        cut = page.cuts.pop(0) if page.cuts else None
        stall = page.stalls.pop(0) if page.stalls else None
        for start in range(0, len(body), BLOCK):
            block = body[start : start + BLOCK]
            if cut is not None and start + len(block) > cut:
                self._write(page, block[: cut - start])
                return self._hang_up()
            if stall is not None and start + len(block) > stall:
                self._write(page, block[: stall - start])
                self.server.closing.wait(5)
                return self._hang_up()
            self._write(page, block)
            if page.seconds_per_block:
                time.sleep(page.seconds_per_block)
        if page.chunked:
            self.wfile.write(b"0\r\n\r\n")
        elif not page.length:
            self._hang_up()
        return None

    def _write(self, page: Page, block: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block) if page.chunked and block else block)
        self.wfile.flush()

    def _hang_up(self) -> None:
        self.close_connection = True

    def handle(self) -> None:
        with suppress(
            ConnectionError, ssl.SSLError, threading.BrokenBarrierError
        ):  # the other side may leave when it likes
            super().handle()

    def finish(self) -> None:
        with suppress(ConnectionError, ssl.SSLError):
            super().finish()


class Server(http.server.ThreadingHTTPServer):
    """Pages by path, and what was asked for so far: method, path, headers."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, security: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.closing = threading.Event()
        self.security = security
        self.host = host
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def get_request(self) -> tuple:
        connection, address = super().get_request()
        if self.security is not None:
            connection = self.security.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def handle_error(self, *_: object) -> None:
        """Say nothing: a refused handshake is what some tests want."""

    def url(self, path: str, host: str | None = None) -> str:
        scheme = "http" if self.security is None else "https"
        return f"{scheme}://{host or self.host}:{self.server_port}{path}"

    def add(self, path: str, body: bytes = b"", **how: object) -> str:
        self.pages[path] = Page(body, **how)
        return self.url(path)

    def ranges(self) -> list[str | None]:
        """What the successive requests for a body asked for."""
        return [headers.get("Range") for method, _, headers in self.asked if method == "GET"]

    def stop(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start servers; they end with the test."""
    servers: list[Server] = []

    def start(security: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Server:
        servers.append(Server(security, host))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    """A server without encryption."""
    return serve()


@pytest.fixture(autouse=True)
def _at_home_nowhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the logins and proxies of whoever runs the tests out of them."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("NO_PROXY", "*")
    for variable in ("NETRC", "OCEANBENCH_ACCEPT_CERTIFICATES", "AWS_PROFILE", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture(scope="session")
def body() -> bytes:
    """Fifty thousand bytes that no two places of share."""
    return random.Random(4).randbytes(50_000)


@pytest.fixture
def old() -> str:
    """A time of change that was over long ago."""
    return http_date(datetime.now(UTC) - timedelta(days=30))


@pytest.fixture
def quick() -> Patience:
    """Limits of waiting for tests."""
    return Patience(connect=10, stall=10, pauses=(0.01, 0.01, 0.02), longest_pause=0.3, progress_bytes=10_000)


class Diary:
    """Keeps what a transfer tells."""

    def __init__(self) -> None:
        self.standings: list[Standing] = []
        self.sentences: list[str] = []

    def show(self, standing: Standing) -> None:
        self.standings.append(standing)

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def get(tmp_path: Path, quick: Patience, diary: Diary) -> Callable[..., Outcome]:
    """Fetch one file, ``x.nc``, from one or several addresses."""

    def run(*places: str | Candidate, name: str = "x.nc", **facts: object) -> Outcome:
        how = {
            key: facts.pop(key)
            for key in ("accept_certificates_of", "accept_changed", "patience")
            if key in facts
        }
        candidates = tuple(
            place if isinstance(place, Candidate) else Candidate(place, f"place{number}")
            for number, place in enumerate(places)
        )
        artefact = Artefact(name, tmp_path / "data" / name, candidates, **facts)
        lock = Lock(tmp_path / "data")
        return fetch([artefact], lock=lock, progress=diary, **{"patience": quick, **how})[0]

    return run


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where ``get`` puts its file."""
    return tmp_path / "data" / "x.nc"


@pytest.fixture
def promise() -> Callable[[bytes], dict[str, object]]:
    """Size and digests of a body, as a definition promises them."""

    def of(content: bytes) -> dict[str, object]:
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return {"size": len(content), "md5": md5, "sha256": hashlib.sha256(content).hexdigest()}

    return of
